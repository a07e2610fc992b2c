/*
 * chain/row_encode.c
 *		Datum to canonical bytes.
 *
 * Scalars are written straight from their in-memory form. Where a type's only
 * public form is text (jsonb), that text does not depend on any setting.
 */
#include "chain/row_encode.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "catalog/dependency.h"
#include "commands/extension.h"
#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/cash.h"
#include "utils/date.h"
#include "utils/fmgroids.h"
#include "utils/inet.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/multirangetypes.h"
#include "utils/numeric.h"
#include "utils/pg_lsn.h"
#include "utils/rangetypes.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
#include "utils/uuid.h"
#include "utils/varbit.h"

#include <math.h>
#include <sys/socket.h>

struct LedgerType
{
	Oid			typid;			/* base type */
	uint8		tag;
	int16		typlen;
	bool		typbyval;
	char		typalign;
	LedgerType *element;		/* of an array, range or multirange */
	TypeCacheEntry *typcache;	/* of a range; of a multirange's range */
	TupleDesc	desc;			/* of a composite */
	LedgerType **fields;		/* of a composite, NULL where dropped */
};

/* ---- which types have an encoding ---------------------------------------- */

static uint8
builtin_tag(Oid typid)
{
	switch (typid)
	{
		case BOOLOID:
			return LEDGER_TAG_BOOL;
		case INT2OID:
			return LEDGER_TAG_INT2;
		case INT4OID:
			return LEDGER_TAG_INT4;
		case INT8OID:
			return LEDGER_TAG_INT8;
		case FLOAT4OID:
			return LEDGER_TAG_FLOAT4;
		case FLOAT8OID:
			return LEDGER_TAG_FLOAT8;
		case NUMERICOID:
			return LEDGER_TAG_NUMERIC;
		case TEXTOID:
			return LEDGER_TAG_TEXT;
		case VARCHAROID:
			return LEDGER_TAG_VARCHAR;
		case BPCHAROID:
			return LEDGER_TAG_BPCHAR;
		case NAMEOID:
			return LEDGER_TAG_NAME;
		case BYTEAOID:
			return LEDGER_TAG_BYTEA;
		case BITOID:
			return LEDGER_TAG_BIT;
		case VARBITOID:
			return LEDGER_TAG_VARBIT;
		case UUIDOID:
			return LEDGER_TAG_UUID;
		case MONEYOID:
			return LEDGER_TAG_MONEY;
		case MACADDROID:
			return LEDGER_TAG_MACADDR;
		case MACADDR8OID:
			return LEDGER_TAG_MACADDR8;
		case PG_LSNOID:
			return LEDGER_TAG_PG_LSN;
		case DATEOID:
			return LEDGER_TAG_DATE;
		case TIMEOID:
			return LEDGER_TAG_TIME;
		case TIMETZOID:
			return LEDGER_TAG_TIMETZ;
		case TIMESTAMPOID:
			return LEDGER_TAG_TIMESTAMP;
		case TIMESTAMPTZOID:
			return LEDGER_TAG_TIMESTAMPTZ;
		case INTERVALOID:
			return LEDGER_TAG_INTERVAL;
		case INETOID:
			return LEDGER_TAG_INET;
		case CIDROID:
			return LEDGER_TAG_CIDR;
		case JSONOID:
			return LEDGER_TAG_JSON;
		case JSONBOID:
			return LEDGER_TAG_JSONB;
		case XMLOID:
			return LEDGER_TAG_XML;
		default:
			return LEDGER_TAG_NULL;
	}
}

/* Types of extensions have no fixed Oid: they are known by their name and the extension that owns them. */
static uint8
extension_tag(Oid typid, const char *name)
{
	static const struct
	{
		const char *name;
		const char *extension;
		uint8		tag;
	}			known[] = {
		{"citext", "citext", LEDGER_TAG_CITEXT},
		{"commitment", "ledger", LEDGER_TAG_COMMITMENT},
		{"proof", "ledger", LEDGER_TAG_PROOF}};

	for (size_t i = 0; i < lengthof(known); i++)
	{
		Oid			extension;
		char	   *extname;

		if (strcmp(name, known[i].name) != 0)
			continue;
		extension = getExtensionOfObject(TypeRelationId, typid);
		extname = OidIsValid(extension) ? get_extension_name(extension) : NULL;
		if (extname != NULL && strcmp(extname, known[i].extension) == 0)
			return known[i].tag;
	}
	return LEDGER_TAG_NULL;
}

static LedgerType *
type_lookup(Oid typid, char **problem, int depth)
{
	LedgerType *type;
	HeapTuple	tuple;
	Form_pg_type form;
	Oid			base = getBaseType(typid);
	Oid			nested = InvalidOid;
	char		typtype;

	if (depth > LEDGER_CELL_DEPTH)
	{
		*problem =
			psprintf("Type %s is nested more than %d levels deep.", format_type_be(typid), LEDGER_CELL_DEPTH);
		return NULL;
	}

	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(base));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", base);
	form = (Form_pg_type) GETSTRUCT(tuple);
	type = palloc0(sizeof(LedgerType));
	type->typid = base;
	type->typlen = form->typlen;
	type->typbyval = form->typbyval;
	type->typalign = form->typalign;
	type->tag = builtin_tag(base);
	typtype = form->typtype;
	if (type->tag == LEDGER_TAG_NULL)
	{
		if (typtype == TYPTYPE_ENUM)
			type->tag = LEDGER_TAG_ENUM;
		else if (typtype == TYPTYPE_RANGE)
			type->tag = LEDGER_TAG_RANGE;
		else if (typtype == TYPTYPE_MULTIRANGE)
			type->tag = LEDGER_TAG_MULTIRANGE;
		else if (typtype == TYPTYPE_COMPOSITE)
			type->tag = LEDGER_TAG_COMPOSITE;
		else if (IsTrueArrayType(form))
		{
			type->tag = LEDGER_TAG_ARRAY;
			nested = form->typelem;
		}
		else if (typtype == TYPTYPE_BASE)
			type->tag = extension_tag(base, NameStr(form->typname));
	}
	ReleaseSysCache(tuple);

	switch (type->tag)
	{
		case LEDGER_TAG_NULL:
			*problem = psprintf("Type %s has no canonical encoding.", format_type_be(base));
			return NULL;

		case LEDGER_TAG_RANGE:
			type->typcache = lookup_type_cache(base, TYPECACHE_RANGE_INFO);
			nested = type->typcache->rngelemtype->type_id;
			break;

		case LEDGER_TAG_MULTIRANGE:
			type->typcache = lookup_type_cache(base, TYPECACHE_MULTIRANGE_INFO)->rngtype;
			nested = type->typcache->rngelemtype->type_id;
			break;

		case LEDGER_TAG_COMPOSITE:
			type->desc = lookup_rowtype_tupdesc_copy(base, -1);
			type->fields = palloc0(sizeof(LedgerType *) * Max(type->desc->natts, 1));
			for (int i = 0; i < type->desc->natts; i++)
			{
				Form_pg_attribute att = TupleDescAttr(type->desc, i);

				if (att->attisdropped)
					continue;
				type->fields[i] = type_lookup(att->atttypid, problem, depth + 1);
				if (type->fields[i] == NULL)
					return NULL;
			}
			break;

		default:
			break;
	}
	if (OidIsValid(nested))
	{
		type->element = type_lookup(nested, problem, depth + 1);
		if (type->element == NULL)
			return NULL;
	}
	return type;
}

LedgerType *
ledger_type_lookup(Oid typid, char **problem)
{
	return type_lookup(typid, problem, 0);
}

uint8
ledger_type_tag(const LedgerType *type)
{
	return type->tag;
}

/* ---- writing ------------------------------------------------------------- */

/*
 * The buffer is grown once for a piece and then written without further checks:
 * on the way of every row, calls per field are what costs.
 */
static inline char *
room(StringInfo out, int n)
{
	char	   *at;

	if (unlikely(out->maxlen - out->len <= n))
		enlargeStringInfo(out, n);
	at = out->data + out->len;
	out->len += n;
	return at;
}

static inline void
poke_u16(char *at, uint16 v)
{
	v = pg_hton16(v);
	memcpy(at, &v, 2);
}

static inline void
poke_u32(char *at, uint32 v)
{
	v = pg_hton32(v);
	memcpy(at, &v, 4);
}

static inline void
poke_u64(char *at, uint64 v)
{
	v = pg_hton64(v);
	memcpy(at, &v, 8);
}

static inline void
put_u8(StringInfo out, uint8 v)
{
	*room(out, 1) = (char) v;
}

static inline void
put_u16(StringInfo out, uint16 v)
{
	poke_u16(room(out, 2), v);
}

static inline void
put_u32(StringInfo out, uint32 v)
{
	poke_u32(room(out, 4), v);
}

/* A cell of known length; returns where its content goes. */
static inline char *
cell_room(StringInfo out, uint8 tag, uint32 len)
{
	char	   *at = room(out, 5 + len);

	at[0] = (char) tag;
	poke_u32(at + 1, len);
	return at + 5;
}

static inline void
put_cell(StringInfo out, uint8 tag, const void *data, uint32 len)
{
	memcpy(cell_room(out, tag, len), data, len);
}

static inline void
put_cell_u32(StringInfo out, uint8 tag, uint32 v)
{
	poke_u32(cell_room(out, tag, 4), v);
}

static inline void
put_cell_u64(StringInfo out, uint8 tag, uint64 v)
{
	poke_u64(cell_room(out, tag, 8), v);
}

/* Text in the server's encoding, as UTF-8. */
static void
put_text(StringInfo out, uint8 tag, const char *s, int len)
{
	if (GetDatabaseEncoding() == PG_UTF8 || len == 0)
		put_cell(out, tag, s, len);
	else
	{
		char	   *utf8 = pg_server_to_any(s, len, PG_UTF8);

		put_cell(out, tag, utf8, utf8 == s ? len : (int) strlen(utf8));
	}
}

/* A cell whose length is known only afterwards: patch the length word. */
static inline int
open_cell(StringInfo out, uint8 tag)
{
	(void) cell_room(out, tag, 0);
	return out->len;
}

static inline void
close_length(StringInfo out, int start)
{
	poke_u32(out->data + start - 4, (uint32) (out->len - start));
}

/*
 * The stored form of numeric: a header word that holds either sign, scale and
 * weight (short) or sign and scale with the weight after it (long), or a special
 * value; then base-10000 digits, already without leading and trailing zeros.
 * The layout is private to numeric.c; test/sql/types_encoding.sql compares this
 * with numeric_send.
 */
#define NUM_KIND_MASK 0xC000
#define NUM_NEG 0x4000
#define NUM_SHORT 0x8000
#define NUM_SPECIAL 0xC000
#define NUM_EXT_MASK 0xF000
#define NUM_NAN 0xC000
#define NUM_PINF 0xD000
#define NUM_SHORT_NEG 0x2000
#define NUM_SHORT_DSCALE(h) (((h) & 0x1F80) >> 7)
#define NUM_SHORT_WEIGHT(h) ((int16) (((h) & 0x0040 ? ~0x003F : 0) | ((h) & 0x003F)))
#define NUM_DSCALE(h) ((h) & 0x3FFF)

static void
put_numeric(StringInfo out, Datum value)
{
	struct varlena *num = PG_DETOAST_DATUM_PACKED(value);
	const char *data = VARDATA_ANY(num);
	int			len = VARSIZE_ANY_EXHDR(num);
	uint16		header;
	uint8		sign = 0;
	int16		weight = 0;
	uint16		dscale = 0;
	int			ndigits = 0;
	char	   *at;

	memcpy(&header, data, 2);
	if ((header & NUM_KIND_MASK) == NUM_SPECIAL)
	{
		uint16		ext = header & NUM_EXT_MASK;

		sign = ext == NUM_NAN ? 2 : ext == NUM_PINF ? 3 : 4;
	}
	else if (header & NUM_SHORT)
	{
		sign = header & NUM_SHORT_NEG ? 1 : 0;
		dscale = NUM_SHORT_DSCALE(header);
		weight = NUM_SHORT_WEIGHT(header);
		data += 2;
		ndigits = (len - 2) / 2;
	}
	else
	{
		sign = header & NUM_NEG ? 1 : 0;
		dscale = NUM_DSCALE(header);
		memcpy(&weight, data + 2, 2);
		data += 4;
		ndigits = (len - 4) / 2;
	}
	if (ndigits == 0)
	{
		weight = 0;
		if (sign == 1)
			sign = 0;
	}

	at = cell_room(out, LEDGER_TAG_NUMERIC, 7 + 2 * ndigits);
	at[0] = (char) sign;
	poke_u16(at + 1, (uint16) weight);
	poke_u16(at + 3, dscale);
	poke_u16(at + 5, (uint16) ndigits);
	for (int i = 0; i < ndigits; i++)
	{
		uint16		digit;

		memcpy(&digit, data + 2 * i, 2);
		poke_u16(at + 7 + 2 * i, digit);
	}
}

static void
put_float4(StringInfo out, float4 v)
{
	uint32		bits;

	memcpy(&bits, &v, 4);
	put_cell_u32(out, LEDGER_TAG_FLOAT4, isnan(v) ? 0x7fc00000 : bits);
}

static void
put_float8(StringInfo out, float8 v)
{
	uint64		bits;

	memcpy(&bits, &v, 8);
	put_cell_u64(out, LEDGER_TAG_FLOAT8, isnan(v) ? UINT64CONST(0x7ff8000000000000) : bits);
}

static void
put_enum(StringInfo out, Oid label)
{
	HeapTuple	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(label));
	char	   *name;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid internal value for enum: %u", label)));
	name = NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel);
	put_text(out, LEDGER_TAG_ENUM, name, strlen(name));
	ReleaseSysCache(tuple);
}

static void
put_array(StringInfo out, LedgerType *type, Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	LedgerType *element = type->element;
	int			ndim = ARR_NDIM(array);
	Datum	   *values;
	bool	   *nulls;
	int			n;
	int			start = open_cell(out, LEDGER_TAG_ARRAY);
	int16		typlen;
	bool		typbyval;
	char		typalign;

	put_u8(out, ndim);
	for (int i = 0; i < ndim; i++)
	{
		put_u32(out, ARR_DIMS(array)[i]);
		put_u32(out, (uint32) ARR_LBOUND(array)[i]);
	}
	get_typlenbyvalalign(ARR_ELEMTYPE(array), &typlen, &typbyval, &typalign);
	deconstruct_array(array, ARR_ELEMTYPE(array), typlen, typbyval, typalign, &values, &nulls, &n);
	for (int i = 0; i < n; i++)
		ledger_encode_cell(out, element, values[i], nulls[i]);
	close_length(out, start);
}

#define RANGE_FLAG_EMPTY 1
#define RANGE_FLAG_LOWER_INC 2
#define RANGE_FLAG_UPPER_INC 4
#define RANGE_FLAG_LOWER_INF 8
#define RANGE_FLAG_UPPER_INF 16

static void
put_range_content(StringInfo out, LedgerType *type, const RangeType *range)
{
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	range_deserialize(type->typcache, range, &lower, &upper, &empty);
	if (empty)
	{
		put_u8(out, RANGE_FLAG_EMPTY);
		return;
	}
	put_u8(out,
		   (lower.inclusive ? RANGE_FLAG_LOWER_INC : 0) | (upper.inclusive ? RANGE_FLAG_UPPER_INC : 0) |
			   (lower.infinite ? RANGE_FLAG_LOWER_INF : 0) | (upper.infinite ? RANGE_FLAG_UPPER_INF : 0));
	if (!lower.infinite)
		ledger_encode_cell(out, type->element, lower.val, false);
	if (!upper.infinite)
		ledger_encode_cell(out, type->element, upper.val, false);
}

static void
put_multirange(StringInfo out, LedgerType *type, Datum value)
{
	int32		n;
	RangeType **ranges;
	int			start = open_cell(out, LEDGER_TAG_MULTIRANGE);

	multirange_deserialize(type->typcache, DatumGetMultirangeTypeP(value), &n, &ranges);
	put_u32(out, n);
	for (int i = 0; i < n; i++)
	{
		int			inner;

		put_u32(out, 0);
		inner = out->len;
		put_range_content(out, type, ranges[i]);
		close_length(out, inner);
	}
	close_length(out, start);
}

static void
put_composite(StringInfo out, LedgerType *type, Datum value)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(value);
	HeapTupleData tuple = {0};
	int			natts = type->desc->natts;
	Datum	   *values = palloc(sizeof(Datum) * Max(natts, 1));
	bool	   *nulls = palloc(sizeof(bool) * Max(natts, 1));
	int			nlive = 0;
	int			start = open_cell(out, LEDGER_TAG_COMPOSITE);

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	heap_deform_tuple(&tuple, type->desc, values, nulls);
	for (int i = 0; i < natts; i++)
		nlive += type->fields[i] != NULL;
	put_u16(out, nlive);
	for (int i = 0; i < natts; i++)
	{
		if (type->fields[i] != NULL)
			ledger_encode_cell(out, type->fields[i], values[i], nulls[i]);
	}
	close_length(out, start);
}

void
ledger_encode_cell(StringInfo out, LedgerType *type, Datum value, bool isnull)
{
	if (isnull)
	{
		put_u8(out, LEDGER_TAG_NULL);
		return;
	}

	switch (type->tag)
	{
		case LEDGER_TAG_BOOL:
		{
			uint8		v = DatumGetBool(value) ? 1 : 0;

			put_cell(out, type->tag, &v, 1);
			break;
		}
		case LEDGER_TAG_INT2:
		{
			uint16		v = pg_hton16((uint16) DatumGetInt16(value));

			put_cell(out, type->tag, &v, 2);
			break;
		}
		case LEDGER_TAG_INT4:
		case LEDGER_TAG_DATE:
			put_cell_u32(out, type->tag, (uint32) DatumGetInt32(value));
			break;
		case LEDGER_TAG_INT8:
		case LEDGER_TAG_MONEY:
		case LEDGER_TAG_PG_LSN:
		case LEDGER_TAG_TIME:
		case LEDGER_TAG_TIMESTAMP:
		case LEDGER_TAG_TIMESTAMPTZ:
			put_cell_u64(out, type->tag, (uint64) DatumGetInt64(value));
			break;
		case LEDGER_TAG_FLOAT4:
			put_float4(out, DatumGetFloat4(value));
			break;
		case LEDGER_TAG_FLOAT8:
			put_float8(out, DatumGetFloat8(value));
			break;
		case LEDGER_TAG_NUMERIC:
			put_numeric(out, value);
			break;
		case LEDGER_TAG_TEXT:
		case LEDGER_TAG_VARCHAR:
		case LEDGER_TAG_BPCHAR:
		case LEDGER_TAG_CITEXT:
		case LEDGER_TAG_JSON:
		case LEDGER_TAG_XML:
		{
			struct varlena *v = PG_DETOAST_DATUM_PACKED(value);

			put_text(out, type->tag, VARDATA_ANY(v), VARSIZE_ANY_EXHDR(v));
			break;
		}
		case LEDGER_TAG_JSONB:
		{
			Jsonb	   *jb = DatumGetJsonbP(value);
			char	   *s = JsonbToCString(NULL, &jb->root, VARSIZE(jb));

			put_text(out, type->tag, s, strlen(s));
			break;
		}
		case LEDGER_TAG_NAME:
			put_text(out, type->tag, NameStr(*DatumGetName(value)), strlen(NameStr(*DatumGetName(value))));
			break;
		case LEDGER_TAG_BYTEA:
		case LEDGER_TAG_PROOF:
		{
			struct varlena *v = PG_DETOAST_DATUM_PACKED(value);

			put_cell(out, type->tag, VARDATA_ANY(v), VARSIZE_ANY_EXHDR(v));
			break;
		}
		case LEDGER_TAG_BIT:
		case LEDGER_TAG_VARBIT:
		{
			VarBit	   *v = DatumGetVarBitP(value);

			char	   *at = cell_room(out, type->tag, 4 + VARBITBYTES(v));

			poke_u32(at, VARBITLEN(v));
			memcpy(at + 4, VARBITS(v), VARBITBYTES(v));
			break;
		}
		case LEDGER_TAG_UUID:
			put_cell(out, type->tag, DatumGetUUIDP(value)->data, UUID_LEN);
			break;
		case LEDGER_TAG_COMMITMENT:
			put_cell(out, type->tag, DatumGetPointer(value), type->typlen);
			break;
		case LEDGER_TAG_MACADDR:
			put_cell(out, type->tag, DatumGetPointer(value), 6);
			break;
		case LEDGER_TAG_MACADDR8:
			put_cell(out, type->tag, DatumGetPointer(value), 8);
			break;
		case LEDGER_TAG_TIMETZ:
		{
			TimeTzADT  *v = DatumGetTimeTzADTP(value);

			char	   *at = cell_room(out, type->tag, 12);

			poke_u64(at, (uint64) v->time);
			poke_u32(at + 8, (uint32) v->zone);
			break;
		}
		case LEDGER_TAG_INTERVAL:
		{
			Interval   *v = DatumGetIntervalP(value);

			char	   *at = cell_room(out, type->tag, 16);

			poke_u64(at, (uint64) v->time);
			poke_u32(at + 8, (uint32) v->day);
			poke_u32(at + 12, (uint32) v->month);
			break;
		}
		case LEDGER_TAG_INET:
		case LEDGER_TAG_CIDR:
		{
			inet	   *v = DatumGetInetPP(value);

			char	   *at = cell_room(out, type->tag, 2 + ip_addrsize(v));

			at[0] = ip_family(v) == PGSQL_AF_INET ? 4 : 6;
			at[1] = (char) ip_bits(v);
			memcpy(at + 2, ip_addr(v), ip_addrsize(v));
			break;
		}
		case LEDGER_TAG_ENUM:
			put_enum(out, DatumGetObjectId(value));
			break;
		case LEDGER_TAG_ARRAY:
			put_array(out, type, value);
			break;
		case LEDGER_TAG_RANGE:
		{
			int			start = open_cell(out, LEDGER_TAG_RANGE);

			put_range_content(out, type, DatumGetRangeTypeP(value));
			close_length(out, start);
			break;
		}
		case LEDGER_TAG_MULTIRANGE:
			put_multirange(out, type, value);
			break;
		case LEDGER_TAG_COMPOSITE:
			put_composite(out, type, value);
			break;
		default:
			elog(ERROR, "unexpected type tag 0x%02x", type->tag);
	}
}

/* ---- rows ---------------------------------------------------------------- */

/* 'R' 01, table_id, schema_version, ledger_tx, ledger_seq, op, prev_tx, prev_seq, ncols */
#define ROW_HEAD_LEN 49

void
ledger_encode_row_as(StringInfo out, const uint8 table_id[16], uint32 schema_version, int ncolumns,
					 const LedgerColumn *columns, uint64 ledger_tx, uint32 ledger_seq, uint8 op,
					 uint64 prev_tx, uint32 prev_seq, const Datum *values, const bool *isnull)
{
	/*
	 * Detoasting and text conversion leave garbage; it goes with each row, so
	 * that a transaction of any size needs no more memory than its widest row.
	 */
	static MemoryContext scratch = NULL;
	MemoryContext old;
	char	   *head;

	if (scratch == NULL)
		scratch = AllocSetContextCreate(TopMemoryContext, "ledger row encoding", ALLOCSET_DEFAULT_SIZES);

	head = room(out, ROW_HEAD_LEN);
	head[0] = 'R';
	head[1] = 1;
	memcpy(head + 2, table_id, 16);
	poke_u32(head + 18, schema_version);
	poke_u64(head + 22, ledger_tx);
	poke_u32(head + 30, ledger_seq);
	head[34] = (char) op;
	poke_u64(head + 35, prev_tx);
	poke_u32(head + 43, prev_seq);
	poke_u16(head + 47, values == NULL ? 0 : ncolumns);
	if (values == NULL)
		return;

	old = MemoryContextSwitchTo(scratch);
	for (int i = 0; i < ncolumns; i++)
	{
		int			at = columns[i].attnum - 1;

		put_u16(out, columns[i].attnum);
		ledger_encode_cell(out, columns[i].type, values[at], isnull[at]);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(scratch);
}

void
ledger_encode_row(StringInfo out, const LedgerTable *table, uint64 ledger_tx, uint32 ledger_seq, uint8 op,
				  uint64 prev_tx, uint32 prev_seq, const Datum *values, const bool *isnull)
{
	ledger_encode_row_as(out, table->table_id, table->schema_version, table->ncolumns, table->columns,
						 ledger_tx, ledger_seq, op, prev_tx, prev_seq, values, isnull);
}
