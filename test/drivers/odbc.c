/*
 * odbc.c
 *		A program of psqlODBC against a ledger table.
 *
 * Prints one line "ok - ..." or "not ok - ..." for each property. Argument:
 * connection string.
 */
#include <sql.h>
#include <sqlext.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 200
#define NOTE_LEN 40

static SQLHENV env;
static SQLHDBC dbc;
static bool failed = false;

static void
check(bool good, const char *what, const char *got, const char *expected)
{
	printf("%s - %s\n", good ? "ok" : "not ok", what);
	if (!good)
	{
		failed = true;
		printf("#   got      %s\n#   expected %s\n", got, expected);
	}
}

static void
check_text(const char *what, const char *got, const char *expected)
{
	check(strcmp(got, expected) == 0, what, got, expected);
}

static void
check_number(const char *what, long got, long expected)
{
	char		a[32];
	char		b[32];

	snprintf(a, sizeof(a), "%ld", got);
	snprintf(b, sizeof(b), "%ld", expected);
	check(got == expected, what, a, b);
}

static void
give_up(SQLSMALLINT type, SQLHANDLE handle, const char *what)
{
	SQLCHAR		state[6] = "";
	SQLCHAR		message[512] = "";

	SQLGetDiagRec(type, handle, 1, state, NULL, message, sizeof(message), NULL);
	printf("not ok - %s\n#   %s: %s\n", what, state, message);
	exit(1);
}

static SQLHSTMT
new_statement(void)
{
	SQLHSTMT	stmt;

	if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt)))
		give_up(SQL_HANDLE_DBC, dbc, "SQLAllocHandle");
	return stmt;
}

static SQLHSTMT
run(const char *sql)
{
	SQLHSTMT	stmt = new_statement();

	if (!SQL_SUCCEEDED(SQLExecDirect(stmt, (SQLCHAR *) sql, SQL_NTS)))
		give_up(SQL_HANDLE_STMT, stmt, sql);
	return stmt;
}

static void
done(SQLHSTMT stmt)
{
	SQLFreeHandle(SQL_HANDLE_STMT, stmt);
}

/* The named columns of the result, "a b c" for each row, rows separated by "; ". */
static void
rows_text(SQLHSTMT stmt, const int *columns, int ncolumns, char *out, size_t size)
{
	out[0] = '\0';
	while (SQL_SUCCEEDED(SQLFetch(stmt)))
	{
		if (out[0])
			strncat(out, "; ", size - strlen(out) - 1);
		for (int i = 0; i < ncolumns; i++)
		{
			SQLCHAR		value[256] = "";
			SQLLEN		len;

			SQLGetData(stmt, columns[i], SQL_C_CHAR, value, sizeof(value), &len);
			if (i > 0)
				strncat(out, " ", size - strlen(out) - 1);
			strncat(out, len == SQL_NULL_DATA ? "NULL" : (char *) value, size - strlen(out) - 1);
		}
	}
}

static void
catalog(void)
{
	SQLHSTMT	stmt = new_statement();
	char		text[2048];

	SQLTables(stmt, NULL, 0, (SQLCHAR *) "public", SQL_NTS, (SQLCHAR *) "payment", SQL_NTS,
			  (SQLCHAR *) "TABLE", SQL_NTS);
	rows_text(stmt, (const int[]){3, 4}, 2, text, sizeof(text));
	check_text("SQLTables lists it as a table", text, "payment TABLE");
	done(stmt);

	/* name and type; 12 SQL_VARCHAR, -5 SQL_BIGINT, 4 SQL_INTEGER, 2 SQL_NUMERIC, 93 SQL_TYPE_TIMESTAMP */
	stmt = new_statement();
	SQLColumns(stmt, NULL, 0, (SQLCHAR *) "public", SQL_NTS, (SQLCHAR *) "payment", SQL_NTS, (SQLCHAR *) "%",
			   SQL_NTS);
	rows_text(stmt, (const int[]){4, 5}, 2, text, sizeof(text));
	check(strncmp(text, "id -5; account 4; amount 2; made_at 93; note ", 45) == 0 &&
			  strstr(text, "; ledger_tx -5; ledger_seq 4") != NULL,
		  "SQLColumns lists the columns, the ledger's last", text, "id ... ledger_tx, ledger_seq");
	done(stmt);

	stmt = new_statement();
	SQLPrimaryKeys(stmt, NULL, 0, (SQLCHAR *) "public", SQL_NTS, (SQLCHAR *) "payment", SQL_NTS);
	rows_text(stmt, (const int[]){4}, 1, text, sizeof(text));
	check_text("SQLPrimaryKeys", text, "id");
	done(stmt);

	stmt = new_statement();
	SQLStatistics(stmt, NULL, 0, (SQLCHAR *) "public", SQL_NTS, (SQLCHAR *) "payment", SQL_NTS,
				  SQL_INDEX_UNIQUE, SQL_QUICK);
	rows_text(stmt, (const int[]){6}, 1, text, sizeof(text));
	check(strstr(text, "payment_account_note_key") != NULL, "SQLStatistics lists the unique index", text,
		  "payment_account_note_key");
	done(stmt);
}

static void
read_types(void)
{
	static const struct
	{
		const char *column;
		const char *value;
	}			expected[] = {
		{"c_bool", "1"}, {"c_int2", "-32768"}, {"c_int4", "2147483647"},
		{"c_int8", "-9223372036854775808"}, {"c_float4", "1.5"}, {"c_float8", "-2.25e-10"},
		{"c_numeric", "12345678901234.567890"}, {"c_text", "Zürich 漢字"}, {"c_varchar", "naïve"},
		{"c_bpchar", "ab      "}, {"c_name", "a_name"}, {"c_citext", "MixedCase"},
		{"c_bytea", "00ff10"}, {"c_bit", "101010101"}, {"c_varbit", "1101"},
		{"c_uuid", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8"}, {"c_money", "$1,234.56"},
		{"c_macaddr", "08:00:2b:01:02:03"}, {"c_macaddr8", "08:00:2b:01:02:03:04:05"},
		{"c_pg_lsn", "16/B374D848"}, {"c_date", "2024-02-29"}, {"c_time", "23:59:59.123456"},
		{"c_timetz", "12:34:56.5+05:30"}, {"c_timestamp", "2024-02-29 23:59:59.123456"},
		{"c_timestamptz", "2024-02-29 23:59:59.123456"},
		{"c_interval", "1 year 2 mons 3 days 04:05:06.5"}, {"c_inet", "192.168.1.5/24"},
		{"c_cidr", "10.0.0.0/8"}, {"c_json", "{\"b\": 1, \"a\": [1, 2]}"},
		{"c_jsonb", "{\"a\": [1, 2.50], \"b\": 1}"}, {"c_xml", "<note to=\"x\">hi</note>"},
		{"c_enum", "settled"}, {"c_ints", "{1,NULL,3}"}, {"c_texts", "{\"a,b\",\"c\\\"d\",\"\"}"},
		{"c_range", "[1,5)"}, {"c_multirange", "{[1,2),[3.5,4]}"},
		{"c_composite", "(1.50,\"a note\")"}, {"c_domain", "7"}, {"c_generated", "4294967294"}};
	int			n = sizeof(expected) / sizeof(expected[0]);

	for (int i = 0; i < n; i++)
	{
		char		sql[200];
		char		value[256] = "";
		SQLHSTMT	stmt;

		snprintf(sql, sizeof(sql), "SELECT %s FROM every_type ORDER BY id LIMIT 1", expected[i].column);
		stmt = run(sql);
		SQLFetch(stmt);
		SQLGetData(stmt, 1, SQL_C_CHAR, value, sizeof(value), NULL);
		check_text(expected[i].column, value, expected[i].value);
		done(stmt);
	}
}

/* The same row as psql's, from C variables for the commonest types and text for the others. */
static void
write_row(void)
{
	static const char *const text_columns[][2] = {
		{"c_numeric", "12345678901234.567890"}, {"c_text", "Zürich 漢字"}, {"c_varchar", "naïve"},
		{"c_bpchar", "ab"}, {"c_name", "a_name"}, {"c_citext", "MixedCase"}, {"c_bit", "101010101"},
		{"c_varbit", "1101"}, {"c_uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
		{"c_money", "1234.56"}, {"c_macaddr", "08:00:2b:01:02:03"},
		{"c_macaddr8", "08:00:2b:01:02:03:04:05"}, {"c_pg_lsn", "16/B374D848"},
		{"c_time", "23:59:59.123456"}, {"c_timetz", "12:34:56.5+05:30"},
		{"c_timestamptz", "2024-02-29 23:59:59.123456+00"},
		{"c_interval", "1 year 2 mons 3 days 04:05:06.5"}, {"c_inet", "192.168.1.5/24"},
		{"c_cidr", "10.0.0.0/8"}, {"c_json", "{\"b\": 1, \"a\": [1, 2]}"},
		{"c_jsonb", "{\"a\": [1, 2.50], \"b\": 1}"}, {"c_xml", "<note to=\"x\">hi</note>"},
		{"c_enum", "settled"}, {"c_ints", "{1,NULL,3}"}, {"c_texts", "{\"a,b\",\"c\\\"d\",\"\"}"},
		{"c_range", "[1,4]"}, {"c_multirange", "{[1,2),[3.5,4]}"},
		{"c_composite", "(1.50,\"a note\")"}};
	int			ntext = sizeof(text_columns) / sizeof(text_columns[0]);
	char		sql[2048] = "INSERT INTO every_type (c_bool, c_int2, c_int4, c_int8, c_float4,"
					 " c_float8, c_bytea, c_date, c_timestamp, c_domain";
	unsigned char truth = 1;
	SQLSMALLINT int2 = -32768;
	SQLINTEGER	int4 = 2147483647;
	SQLBIGINT	int8 = INT64_MIN;
	SQLREAL		float4 = 1.5f;
	SQLDOUBLE	float8 = -2.25e-10;
	unsigned char bytes[3] = {0, 0xff, 0x10};
	SQLLEN		bytes_len = sizeof(bytes);
	SQL_DATE_STRUCT date = {2024, 2, 29};
	SQL_TIMESTAMP_STRUCT timestamp = {2024, 2, 29, 23, 59, 59, 123456000};
	SQLINTEGER	domain = 7;
	SQLHSTMT	stmt = new_statement();
	SQLUSMALLINT n = 0;
	SQLRETURN	result;

	for (int i = 0; i < ntext; i++)
	{
		strcat(sql, ", ");
		strcat(sql, text_columns[i][0]);
	}
	strcat(sql, ") VALUES (?");
	for (int i = 1; i < 10; i++)
		strcat(sql, ", ?");
	for (int i = 0; i < ntext; i++)
	{
		strcat(sql,
			   strcmp(text_columns[i][0], "c_bit") == 0			 ? ", ?::bit(9)"
				   : strcmp(text_columns[i][0], "c_varbit") == 0 ? ", ?::varbit"
																 : ", ?");
	}
	strcat(sql, ")");

	SQLPrepare(stmt, (SQLCHAR *) sql, SQL_NTS);
	SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_BIT, SQL_BIT, 0, 0, &truth, 0, NULL);
	SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_SSHORT, SQL_SMALLINT, 0, 0, &int2, 0, NULL);
	SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &int4, 0, NULL);
	SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0, &int8, 0, NULL);
	SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_FLOAT, SQL_REAL, 0, 0, &float4, 0, NULL);
	SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, &float8, 0, NULL);
	SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_VARBINARY, 3, 0, bytes, 3, &bytes_len);
	SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_TYPE_DATE, SQL_TYPE_DATE, 0, 0, &date, 0, NULL);
	SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, 26, 6, &timestamp,
					 0, NULL);
	SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &domain, 0, NULL);
	for (int i = 0; i < ntext; i++)
		SQLBindParameter(stmt, ++n, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 200, 0,
						 (SQLPOINTER) text_columns[i][1], 0, NULL);
	result = SQLExecute(stmt);
	if (!SQL_SUCCEEDED(result))
		give_up(SQL_HANDLE_STMT, stmt, "a row of every type is inserted");
	check(true, "a row of every type is inserted", "", "");
	done(stmt);
}

/* Arrays of parameters: one call, many rows. */
static void
arrays(void)
{
	static SQLINTEGER account[ROWS];
	static char amount[ROWS][16];
	static char note[ROWS][NOTE_LEN];
	static SQLLEN account_ind[ROWS];
	static SQLLEN amount_ind[ROWS];
	static SQLLEN note_ind[ROWS];
	static SQLUSMALLINT status[ROWS];
	SQLULEN		processed = 0;
	SQLHSTMT	stmt = new_statement();
	char		text[200];
	int			good = 0;

	for (int i = 0; i < ROWS; i++)
	{
		account[i] = 31;
		snprintf(amount[i], sizeof(amount[i]), "%d.25", i + 1);
		snprintf(note[i], sizeof(note[i]), "array %d", i);
		amount_ind[i] = note_ind[i] = SQL_NTS;
		if (i % 10 == 9)
			note_ind[i] = SQL_NULL_DATA;
	}
	SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER) SQL_AUTOCOMMIT_OFF, 0);
	SQLSetStmtAttr(stmt, SQL_ATTR_PARAMSET_SIZE, (SQLPOINTER) ROWS, 0);
	SQLSetStmtAttr(stmt, SQL_ATTR_PARAM_STATUS_PTR, status, 0);
	SQLSetStmtAttr(stmt, SQL_ATTR_PARAMS_PROCESSED_PTR, &processed, 0);
	SQLPrepare(stmt, (SQLCHAR *) "INSERT INTO payment (account, amount, note) VALUES (?, ?, ?)", SQL_NTS);
	SQLBindParameter(stmt, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, account, 0, account_ind);
	SQLBindParameter(stmt, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_NUMERIC, 12, 2, amount, sizeof(amount[0]),
					 amount_ind);
	SQLBindParameter(stmt, 3, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, NOTE_LEN, 0, note, sizeof(note[0]),
					 note_ind);
	if (!SQL_SUCCEEDED(SQLExecute(stmt)))
		give_up(SQL_HANDLE_STMT, stmt, "array of parameters");
	for (int i = 0; i < ROWS; i++)
	{
		if (status[i] == SQL_PARAM_SUCCESS)
			good++;
	}
	check_number("an array of parameters is processed", (long) processed, ROWS);
	check_number("each of its rows is inserted", good, ROWS);
	SQLEndTran(SQL_HANDLE_DBC, dbc, SQL_COMMIT);
	SQLSetConnectAttr(dbc, SQL_ATTR_AUTOCOMMIT, (SQLPOINTER) SQL_AUTOCOMMIT_ON, 0);
	done(stmt);

	stmt = run("SELECT count(DISTINCT ledger_tx), max(ledger_seq), sum(amount) FROM payment"
			   " WHERE account = 31");
	rows_text(stmt, (const int[]){1, 2, 3}, 3, text, sizeof(text));
	check_text("they are one transaction, numbered from 0", text, "1 199 20150.00");
	done(stmt);

	stmt = run("INSERT INTO payment (account, amount) VALUES (32, 1) RETURNING id > 0, ledger_seq");
	rows_text(stmt, (const int[]){1, 2}, 2, text, sizeof(text));
	check_text("RETURNING gives the generated key", text, "1 0");
	done(stmt);
}

static void
refusals(void)
{
	static const char *const refused[][2] = {
		{"UPDATE payment SET amount = 1", "0A000"},
		{"DELETE FROM payment", "0A000"},
		{"TRUNCATE payment", "0A000"},
		{"INSERT INTO payment (account, amount, ledger_tx) VALUES (1, 1, 1)", "428C9"},
		{"INSERT INTO payment (account, amount) VALUES (1, 0)", "23514"}};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
	{
		SQLHSTMT	stmt = new_statement();
		SQLCHAR		state[6] = "";
		char		what[200];

		snprintf(what, sizeof(what), "refused: %s", refused[i][0]);
		if (SQL_SUCCEEDED(SQLExecDirect(stmt, (SQLCHAR *) refused[i][0], SQL_NTS)))
			check_text(what, "no error", refused[i][1]);
		else
		{
			SQLGetDiagRec(SQL_HANDLE_STMT, stmt, 1, state, NULL, NULL, 0, NULL);
			check_text(what, (char *) state, refused[i][1]);
		}
		done(stmt);
	}
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env);
	SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER) SQL_OV_ODBC3, 0);
	SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc);
	if (!SQL_SUCCEEDED(
			SQLDriverConnect(dbc, NULL, (SQLCHAR *) argv[1], SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT)))
		give_up(SQL_HANDLE_DBC, dbc, "SQLDriverConnect");

	read_types();
	write_row();
	catalog();
	arrays();
	refusals();
	SQLDisconnect(dbc);
	return failed ? 1 : 0;
}
