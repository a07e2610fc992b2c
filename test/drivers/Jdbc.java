/*
 * Jdbc.java: a program of the JDBC driver against a ledger table.
 *
 * Prints one line "ok - ..." or "not ok - ..." for each property. Argument: JDBC URL.
 */
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;

public class Jdbc
{
	static final String[] TABLE = {"TABLE"};
	static boolean failed = false;

	static void check(String what, Object got, Object expected)
	{
		boolean good = Objects.deepEquals(got, expected);

		System.out.println((good ? "ok - " : "not ok - ") + what);
		if (!good)
		{
			failed = true;
			System.out.println("#   got      " + show(got));
			System.out.println("#   expected " + show(expected));
		}
	}

	static String show(Object o)
	{
		return o instanceof Object[] ? Arrays.deepToString((Object[]) o) :
			o instanceof byte[] ? Arrays.toString((byte[]) o) : String.valueOf(o);
	}

	static List<String> column(ResultSet rs, String name) throws SQLException
	{
		List<String> values = new ArrayList<>();

		while (rs.next())
			values.add(rs.getString(name));
		return values;
	}

	static String one(Connection c, String sql) throws SQLException
	{
		try (Statement s = c.createStatement(); ResultSet rs = s.executeQuery(sql))
		{
			rs.next();
			return rs.getString(1);
		}
	}

	interface Action
	{
		void run() throws Exception;
	}

	static String state(Action action) throws Exception
	{
		try
		{
			action.run();
			return "no error";
		}
		catch (BatchUpdateException e)
		{
			return e.getNextException() == null ? e.getSQLState() : e.getNextException().getSQLState();
		}
		catch (SQLException e)
		{
			return e.getSQLState();
		}
	}

	static void catalog(Connection c) throws SQLException
	{
		var meta = c.getMetaData();

		try (ResultSet rs = meta.getTables(null, "public", "payment", TABLE))
		{
			check("getTables lists it as a table", rs.next(), true);
			check("getTables gives its comment", rs.getString("REMARKS"), "payments, one row each");
			check("getTables lists it once", rs.next(), false);
		}
		try (ResultSet rs = meta.getColumns(null, "public", "payment", "%"))
		{
			List<String> names = new ArrayList<>();
			List<Integer> types = new ArrayList<>();
			String auto = null;

			while (rs.next())
			{
				names.add(rs.getString("COLUMN_NAME"));
				types.add(rs.getInt("DATA_TYPE"));
				if (rs.getString("COLUMN_NAME").equals("id"))
					auto = rs.getString("IS_AUTOINCREMENT");
			}
			check("getColumns lists the user's columns, then the ledger's", names,
				List.of("id", "account", "amount", "made_at", "note", "ledger_tx", "ledger_seq"));
			check("getColumns gives the types", types,
				List.of(Types.BIGINT, Types.INTEGER, Types.NUMERIC, Types.TIMESTAMP, Types.VARCHAR,
						Types.BIGINT, Types.INTEGER));
			check("getColumns sees the identity", auto, "YES");
		}
		try (ResultSet rs = meta.getPrimaryKeys(null, "public", "payment"))
		{
			check("getPrimaryKeys", column(rs, "COLUMN_NAME"), List.of("id"));
		}
		try (ResultSet rs = meta.getIndexInfo(null, "public", "payment", true, false))
		{
			check("getIndexInfo", new HashSet<>(column(rs, "INDEX_NAME")).containsAll(
				List.of("payment_pkey", "payment_account_note_key")), true);
		}
	}

	/* Twice: the driver reads text first, and binary from a prepared statement. */
	static void read(Connection c, String format) throws SQLException
	{
		try (PreparedStatement s = c.prepareStatement("SELECT * FROM every_type ORDER BY id LIMIT 1");
			 ResultSet rs = s.executeQuery())
		{
			ResultSetMetaData meta = rs.getMetaData();
			PGInterval interval;

			rs.next();
			check(format + ": columns", meta.getColumnCount() >= 40, true);
			check(format + ": bool", rs.getBoolean("c_bool"), true);
			check(format + ": int2", rs.getShort("c_int2"), Short.MIN_VALUE);
			check(format + ": int4", rs.getInt("c_int4"), Integer.MAX_VALUE);
			check(format + ": int8", rs.getLong("c_int8"), Long.MIN_VALUE);
			check(format + ": float4", rs.getFloat("c_float4"), 1.5f);
			check(format + ": float8", rs.getDouble("c_float8"), -2.25e-10);
			check(format + ": numeric", rs.getBigDecimal("c_numeric"),
				new BigDecimal("12345678901234.567890"));
			check(format + ": text", rs.getString("c_text"), "Z\u00fcrich \u6f22\u5b57");
			check(format + ": varchar", rs.getString("c_varchar"), "na\u00efve");
			check(format + ": bpchar", rs.getString("c_bpchar"), "ab      ");
			check(format + ": name", rs.getString("c_name"), "a_name");
			check(format + ": citext", rs.getString("c_citext"), "MixedCase");
			check(format + ": bytea", rs.getBytes("c_bytea"), new byte[]{0, (byte) 0xff, 16});
			check(format + ": bit", rs.getString("c_bit"), "101010101");
			check(format + ": varbit", rs.getString("c_varbit"), "1101");
			check(format + ": uuid", rs.getObject("c_uuid"),
				UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8"));
			check(format + ": money", rs.getString("c_money"), "$1,234.56");
			check(format + ": macaddr", rs.getString("c_macaddr"), "08:00:2b:01:02:03");
			check(format + ": macaddr8", rs.getString("c_macaddr8"), "08:00:2b:01:02:03:04:05");
			check(format + ": pg_lsn", rs.getString("c_pg_lsn"), "16/B374D848");
			check(format + ": date", rs.getObject("c_date", LocalDate.class),
				LocalDate.of(2024, 2, 29));
			check(format + ": time", rs.getObject("c_time", LocalTime.class),
				LocalTime.parse("23:59:59.123456"));
			check(format + ": timetz", rs.getObject("c_timetz", OffsetTime.class),
				OffsetTime.parse("12:34:56.5+05:30"));
			check(format + ": timestamp", rs.getObject("c_timestamp", LocalDateTime.class),
				LocalDateTime.parse("2024-02-29T23:59:59.123456"));
			check(format + ": timestamptz",
				rs.getObject("c_timestamptz", OffsetDateTime.class).toInstant(),
				OffsetDateTime.parse("2024-02-29T23:59:59.123456Z").toInstant());
			interval = (PGInterval) rs.getObject("c_interval");
			check(format + ": interval",
				List.of(interval.getYears(), interval.getMonths(), interval.getDays(),
						interval.getHours(), interval.getMinutes(), interval.getSeconds()),
				List.of(1, 2, 3, 4, 5, 6.5));
			check(format + ": inet", rs.getString("c_inet"), "192.168.1.5/24");
			check(format + ": cidr", rs.getString("c_cidr"), "10.0.0.0/8");
			check(format + ": json", rs.getString("c_json"), "{\"b\": 1, \"a\": [1, 2]}");
			check(format + ": jsonb", rs.getString("c_jsonb"), "{\"a\": [1, 2.50], \"b\": 1}");
			check(format + ": xml", rs.getSQLXML("c_xml").getString(), "<note to=\"x\">hi</note>");
			check(format + ": enum", rs.getString("c_enum"), "settled");
			check(format + ": int array", (Object[]) rs.getArray("c_ints").getArray(),
				new Integer[]{1, null, 3});
			check(format + ": text array", (Object[]) rs.getArray("c_texts").getArray(),
				new String[]{"a,b", "c\"d", ""});
			check(format + ": range", rs.getString("c_range"), "[1,5)");
			check(format + ": multirange", rs.getString("c_multirange"), "{[1,2),[3.5,4]}");
			check(format + ": composite", rs.getString("c_composite"), "(1.50,\"a note\")");
			check(format + ": domain", rs.getInt("c_domain"), 7);
			check(format + ": generated column", rs.getLong("c_generated"), 4294967294L);
		}
	}

	static PGobject typed(String type, String value) throws SQLException
	{
		PGobject o = new PGobject();

		o.setType(type);
		o.setValue(value);
		return o;
	}

	/* The same row as psql's, from the driver's own types. */
	static void write(Connection c) throws SQLException
	{
		Object[] values = {
			true, Short.MIN_VALUE, Integer.MAX_VALUE, Long.MIN_VALUE, 1.5f, -2.25e-10,
			new BigDecimal("12345678901234.567890"), "Z\u00fcrich \u6f22\u5b57", "na\u00efve", "ab",
			"a_name", typed("citext", "MixedCase"), new byte[]{0, (byte) 0xff, 16},
			typed("bit", "101010101"), typed("varbit", "1101"),
			UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), typed("money", "1234.56"),
			typed("macaddr", "08:00:2b:01:02:03"), typed("macaddr8", "08:00:2b:01:02:03:04:05"),
			typed("pg_lsn", "16/B374D848"), LocalDate.of(2024, 2, 29),
			LocalTime.parse("23:59:59.123456"), OffsetTime.parse("12:34:56.5+05:30"),
			LocalDateTime.parse("2024-02-29T23:59:59.123456"),
			OffsetDateTime.parse("2024-03-01T00:59:59.123456+01:00"),
			new PGInterval(1, 2, 3, 4, 5, 6.5), typed("inet", "192.168.1.5/24"),
			typed("cidr", "10.0.0.0/8"), typed("json", "{\"b\": 1, \"a\": [1, 2]}"),
			typed("jsonb", "{\"a\": [1, 2.50], \"b\": 1}"), null, typed("state", "settled"),
			null, null, typed("int4range", "[1,4]"), typed("nummultirange", "{[1,2),[3.5,4]}"),
			typed("pair", "(1.50,\"a note\")"), 7};
		StringBuilder marks = new StringBuilder("DEFAULT");
		SQLXML xml = c.createSQLXML();
		Array ints = c.createArrayOf("int4", new Integer[]{1, null, 3});
		Array texts = c.createArrayOf("text", new String[]{"a,b", "c\"d", ""});

		xml.setString("<note to=\"x\">hi</note>");
		for (int i = 0; i < values.length; i++)
			marks.append(", ?");
		try (PreparedStatement s = c.prepareStatement("INSERT INTO every_type VALUES (" + marks + ")",
			new String[]{"id"}))
		{
			for (int i = 0; i < values.length; i++)
				if (values[i] != null)
					s.setObject(i + 1, values[i]);
			s.setSQLXML(31, xml);
			s.setArray(33, ints);
			s.setArray(34, texts);
			check("a row of every type is inserted", s.executeUpdate(), 1);
		}
	}

	static void batches(Connection c, String name, int base) throws Exception
	{
		List<Long> ids = new ArrayList<>();
		List<Long> txs = new ArrayList<>();
		List<Integer> seqs = new ArrayList<>();
		HashSet<Long> distinct;

		c.setAutoCommit(false);
		try (PreparedStatement s = c.prepareStatement(
			"INSERT INTO payment (account, amount, note) VALUES (?, ?, ?)",
			new String[]{"id", "ledger_tx", "ledger_seq"}))
		{
			for (int i = 0; i < 300; i++)
			{
				s.setInt(1, base);
				s.setBigDecimal(2, new BigDecimal(i + 1));
				s.setString(3, name + " " + i);
				s.addBatch();
			}
			check(name + ": executeBatch", s.executeBatch().length, 300);
			try (ResultSet rs = s.getGeneratedKeys())
			{
				while (rs.next())
				{
					ids.add(rs.getLong("id"));
					txs.add(rs.getLong("ledger_tx"));
					seqs.add(rs.getInt("ledger_seq"));
				}
			}
		}
		c.commit();
		c.setAutoCommit(true);
		distinct = new HashSet<>(ids);
		check(name + ": a generated key for each row", distinct.size(), 300);
		check(name + ": one transaction", new HashSet<>(txs).size(), 1);
		check(name + ": numbered from 0", List.of(seqs.get(0), seqs.get(299)), List.of(0, 299));
	}

	static void transactions(Connection c) throws Exception
	{
		c.setAutoCommit(false);
		try (Statement s = c.createStatement())
		{
			Savepoint savepoint;

			s.executeUpdate("INSERT INTO payment (account, amount, note) VALUES (3, 1, 'kept')");
			savepoint = c.setSavepoint("half");
			s.executeUpdate("INSERT INTO payment (account, amount, note) VALUES (3, 2, 'undone')");
			check("a constraint refuses inside the transaction", state(() ->
				s.executeUpdate("INSERT INTO payment (account, amount) VALUES (3, 0)")), "23514");
			c.rollback(savepoint);
			s.executeUpdate("INSERT INTO payment (account, amount, note) VALUES (3, 3, 'after')");
		}
		c.commit();
		c.setAutoCommit(true);
		check("rows around a rolled back savepoint", one(c,
			"SELECT string_agg(note || ledger_seq, ' ' ORDER BY id) FROM payment WHERE account = 3"),
			"kept0 after1");
	}

	static void copy(Connection c) throws Exception
	{
		CopyManager copy = c.unwrap(PGConnection.class).getCopyAPI();
		StringBuilder rows = new StringBuilder();
		StringWriter out = new StringWriter();

		for (int i = 0; i < 500; i++)
			rows.append("4," + (i + 1) + ".50,copied " + i + "\n");
		check("CopyManager.copyIn", copy.copyIn(
			"COPY payment (account, amount, note) FROM STDIN (FORMAT csv)",
			new StringReader(rows.toString())), 500L);
		copy.copyOut("COPY (SELECT account, amount, note FROM payment WHERE account = 4 ORDER BY id) "
			+ "TO STDOUT (FORMAT csv)", out);
		check("CopyManager.copyOut", out.toString(), rows.toString());
	}

	static void resultSet(Connection c) throws Exception
	{
		try (Statement s = c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE,
			ResultSet.CONCUR_UPDATABLE);
			 ResultSet rs = s.executeQuery("SELECT id, account, amount, note FROM payment "
				+ "WHERE account = 3 ORDER BY id"))
		{
			rs.next();
			check("updateRow is refused", state(() -> {
				rs.updateString("note", "forged");
				rs.updateRow();
			}), "0A000");
			check("deleteRow is refused", state(rs::deleteRow), "0A000");
		}
	}

	static void refusals(Connection c) throws Exception
	{
		String[][] refused = {
			{"UPDATE payment SET amount = 1", "0A000"},
			{"DELETE FROM payment", "0A000"},
			{"TRUNCATE payment", "0A000"},
			{"INSERT INTO payment (account, amount, ledger_tx) VALUES (1, 1, 1)", "428C9"},
		};

		for (String[] r : refused)
		{
			try (Statement s = c.createStatement())
			{
				check("refused: " + r[0], state(() -> s.executeUpdate(r[0])), r[1]);
			}
		}
		try (PreparedStatement s = c.prepareStatement("UPDATE payment SET amount = ? WHERE id = ?"))
		{
			s.setInt(1, 5);
			s.setLong(2, 1);
			s.addBatch();
			check("refused in a batch", state(s::executeBatch), "0A000");
		}
	}

	public static void main(String[] args) throws Exception
	{
		String rewriting = args[0] + (args[0].contains("?") ? "&" : "?")
			+ PGProperty.REWRITE_BATCHED_INSERTS.getName() + "=true";

		try (Connection c = DriverManager.getConnection(args[0]))
		{
			read(c, "text");
		}
		try (Connection c = DriverManager.getConnection(args[0] + (args[0].contains("?") ? "&" : "?")
			+ "prepareThreshold=-1"))
		{
			read(c, "binary");
			write(c);
		}
		try (Connection c = DriverManager.getConnection(args[0]))
		{
			catalog(c);
			batches(c, "batch", 1);
			transactions(c);
			copy(c);
			resultSet(c);
			refusals(c);
		}
		try (Connection c = DriverManager.getConnection(rewriting))
		{
			batches(c, "rewritten batch", 2);
		}
		System.exit(failed ? 1 : 0);
	}
}
