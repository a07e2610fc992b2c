/*
 * chain/tuple_check.c
 *		Bounds checks of stored tuples and values.
 *
 * The layouts followed here are those of the server's own readers: tuples as in
 * access/common/heaptuple.c, arrays, ranges, multiranges and jsonb as in
 * utils/adt. Only what decides where the next byte is read is checked.
 */
#include "chain/tuple_check.h"

#include <sys/socket.h>

#include "access/detoast.h"
#include "access/htup_details.h"
#include "access/toast_internals.h"
#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/inet.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/multirangetypes.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"
#include "utils/varbit.h"

#define MAX_DEPTH 64

typedef enum CheckKind
{
	CHECK_BOOL,
	CHECK_NAME,
	CHECK_NUMERIC,
	CHECK_BITS,
	CHECK_INET,
	CHECK_JSONB,
	CHECK_ARRAY,
	CHECK_RANGE,
	CHECK_MULTIRANGE,
	CHECK_COMPOSITE
} CheckKind;

struct LedgerDatumCheck
{
	CheckKind	kind;
	Oid			typid;			/* what the value must say that it is */
	/* elements of an array, range or multirange */
	int16		typlen;
	bool		typbyval;
	char		typalign;
	LedgerDatumCheck *element;
	/* a composite */
	TupleDesc	desc;
	LedgerDatumCheck **fields;
};

static const char *check_value(const LedgerDatumCheck *check, Datum value, int depth);

/* ---- walking ------------------------------------------------------------- */

/*
 * One value of the given type at *off of a buffer of len bytes: moves *off
 * behind it and *at to where it starts. Pointers to TOAST are allowed when
 * external is given.
 */
static inline const char *
walk_value(const char *base, size_t len, size_t *off, int16 typlen, char typalign, bool external, size_t *at)
{
	size_t		pos = *off;
	size_t		size;

	if (typlen > 0)
	{
		pos = att_align_nominal(pos, typalign);
		size = typlen;
	}
	else
	{
		/* att_align_pointer looks at the byte to tell padding from a short header */
		if (pos >= len)
			return "a value starts behind the end";
		pos = att_align_pointer(pos, typalign, typlen, base + pos);
		if (pos >= len)
			return "a value starts behind the end";
		if (typlen == -2)
		{
			size = strnlen(base + pos, len - pos) + 1;
		}
		else if (VARATT_IS_EXTERNAL(base + pos))
		{
			if (!external)
				return "a value inside another one points to TOAST";
			if (len - pos < VARHDRSZ_EXTERNAL || VARTAG_EXTERNAL(base + pos) != VARTAG_ONDISK)
				return "a TOAST pointer has an unknown form";
			size = VARSIZE_EXTERNAL(base + pos);
		}
		else if (VARATT_IS_1B(base + pos))
		{
			size = VARSIZE_1B(base + pos);
		}
		else
		{
			if (len - pos < VARHDRSZ)
				return "a value's length runs over the end";
			size = VARSIZE_4B(base + pos);
			if (size < VARHDRSZ || (VARATT_IS_COMPRESSED(base + pos) && size < VARHDRSZ_COMPRESSED))
				return "a value is shorter than its own header";
		}
	}
	if (pos > len || size > len - pos)
		return "a value runs over the end";
	*at = pos;
	*off = pos + size;
	return NULL;
}

static const char *
check_toast_pointer(const char *attr, Oid toastrelid)
{
	struct varatt_external pointer;

	VARATT_EXTERNAL_GET_POINTER(pointer, attr);
	if (pointer.va_toastrelid != toastrelid || !OidIsValid(toastrelid))
		return psprintf("a TOAST pointer names relation %u instead of %u", pointer.va_toastrelid, toastrelid);
	if (pointer.va_rawsize < VARHDRSZ ||
		VARATT_EXTERNAL_GET_EXTSIZE(pointer) > (uint32) pointer.va_rawsize - VARHDRSZ)
		return "a TOAST pointer has impossible sizes";
	return NULL;
}

const char *
ledger_check_tuple(HeapTupleHeader header, uint32 len, TupleDesc desc, Oid toastrelid)
{
	const char *data;
	const bits8 *nulls;
	bool		hasnulls;
	int			natts;
	size_t		off = 0;
	size_t		hoff;

	if (len < SizeofHeapTupleHeader)
		return "the tuple is shorter than a tuple header";
	hasnulls = (header->t_infomask & HEAP_HASNULL) != 0;
	natts = HeapTupleHeaderGetNatts(header);
	if (natts > desc->natts)
		return psprintf("the tuple has %d columns where the table has %d", natts, desc->natts);
	hoff = MAXALIGN(SizeofHeapTupleHeader + (hasnulls ? BITMAPLEN(natts) : 0));
	if (header->t_hoff != hoff || hoff > len)
		return psprintf("the tuple's data starts at %u instead of %zu", header->t_hoff, hoff);

	data = (const char *) header + hoff;
	nulls = header->t_bits;
	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		const char *problem;
		size_t		at;

		if (hasnulls && att_isnull(i, nulls))
			continue;
		problem = walk_value(data, len - hoff, &off, att->attlen, att->attalign, true, &at);
		if (problem == NULL && att->attlen == -1 && VARATT_IS_EXTERNAL(data + at))
			problem = check_toast_pointer(data + at, toastrelid);
		if (problem != NULL)
			return psprintf("column \"%s\": %s", NameStr(att->attname), problem);
	}
	return NULL;
}

const char *
ledger_check_index_tuple(IndexTuple tuple, uint32 room, TupleDesc desc, int natts)
{
	size_t		size;
	size_t		hoff;
	size_t		off = 0;
	bool		hasnulls;

	if (room < sizeof(IndexTupleData))
		return "an index tuple is shorter than its header";
	size = IndexTupleSize(tuple);
	hasnulls = IndexTupleHasNulls(tuple);
	hoff = IndexInfoFindDataOffset(tuple->t_info);
	if (size > room || size < hoff)
		return "an index tuple has an impossible size";
	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		const char *problem;
		size_t		at;

		if (hasnulls && att_isnull(i, (bits8 *) ((char *) tuple + sizeof(IndexTupleData))))
			continue;
		problem =
			walk_value((char *) tuple + hoff, size - hoff, &off, att->attlen, att->attalign, false, &at);
		if (problem != NULL)
			return problem;
	}
	return NULL;
}

/* ---- which types have an inside ------------------------------------------ */

static LedgerDatumCheck *
lookup(Oid typid, int depth)
{
	LedgerDatumCheck *check;
	Oid			base = getBaseType(typid);
	Oid			nested = InvalidOid;
	CheckKind	kind;

	if (depth > MAX_DEPTH)
		return NULL;
	switch (base)
	{
		case BOOLOID:
			kind = CHECK_BOOL;
			break;
		case NAMEOID:
			kind = CHECK_NAME;
			break;
		case NUMERICOID:
			kind = CHECK_NUMERIC;
			break;
		case BITOID:
		case VARBITOID:
			kind = CHECK_BITS;
			break;
		case INETOID:
		case CIDROID:
			kind = CHECK_INET;
			break;
		case JSONBOID:
			kind = CHECK_JSONB;
			break;
		default:
			switch (get_typtype(base))
			{
				case TYPTYPE_RANGE:
					kind = CHECK_RANGE;
					nested = get_range_subtype(base);
					break;
				case TYPTYPE_MULTIRANGE:
					kind = CHECK_MULTIRANGE;
					nested = get_range_subtype(get_multirange_range(base));
					break;
				case TYPTYPE_COMPOSITE:
					kind = CHECK_COMPOSITE;
					break;
				default:
					nested = get_element_type(base);
					if (!OidIsValid(nested))
						return NULL;
					kind = CHECK_ARRAY;
			}
	}

	check = palloc0(sizeof(LedgerDatumCheck));
	check->kind = kind;
	check->typid = base;
	if (kind == CHECK_COMPOSITE)
	{
		check->desc = lookup_rowtype_tupdesc_copy(base, -1);
		check->fields = palloc0(sizeof(LedgerDatumCheck *) * Max(check->desc->natts, 1));
		for (int i = 0; i < check->desc->natts; i++)
		{
			Form_pg_attribute att = TupleDescAttr(check->desc, i);

			if (!att->attisdropped)
				check->fields[i] = lookup(att->atttypid, depth + 1);
		}
	}
	if (OidIsValid(nested))
	{
		get_typlenbyvalalign(nested, &check->typlen, &check->typbyval, &check->typalign);
		check->element = lookup(nested, depth + 1);
		check->typid = kind == CHECK_ARRAY ? nested : base;
	}
	return check;
}

LedgerDatumCheck *
ledger_datum_check(Oid typid)
{
	return lookup(typid, 0);
}

/* ---- containers ---------------------------------------------------------- */

/* A value of the container's element type; recurses into it. */
static const char *
check_element(const LedgerDatumCheck *check, const char *base, size_t len, size_t *off, int depth)
{
	size_t		at;
	const char *problem;

	problem = walk_value(base, len, off, check->typlen, check->typalign, false, &at);
	if (problem == NULL && check->element != NULL)
		problem =
			check_value(check->element, fetch_att(base + at, check->typbyval, check->typlen), depth + 1);
	return problem;
}

static const char *
check_array(const LedgerDatumCheck *check, const ArrayType *array, int depth)
{
	size_t		size = VARSIZE(array);
	size_t		off;
	int64		nitems = 1;
	int			ndim;
	const bits8 *bitmap;

	if (size < sizeof(ArrayType))
		return "an array is shorter than its header";
	ndim = ARR_NDIM(array);
	if (ndim < 0 || ndim > MAXDIM)
		return "an array has an impossible number of dimensions";
	if (ARR_ELEMTYPE(array) != check->typid)
		return psprintf("an array says that its elements are of type %u instead of %u", ARR_ELEMTYPE(array),
						check->typid);
	if (ndim == 0)
		return NULL;
	if (size < (size_t) ARR_OVERHEAD_NONULLS(ndim))
		return "an array is shorter than its dimensions";
	for (int i = 0; i < ndim; i++)
	{
		nitems *= ARR_DIMS(array)[i];
		if (ARR_DIMS(array)[i] <= 0 || nitems > (int64) MaxArraySize)
			return "an array has impossible dimensions";
	}
	bitmap = ARR_NULLBITMAP(array);
	if (ARR_HASNULL(array) &&
		(array->dataoffset < (int32) ARR_OVERHEAD_WITHNULLS(ndim, nitems) ||
		 (size_t) array->dataoffset > size))
		return "an array's elements start outside of it";

	off = ARR_HASNULL(array) ? (size_t) array->dataoffset : (size_t) ARR_OVERHEAD_NONULLS(ndim);
	for (int64 i = 0; i < nitems; i++)
	{
		const char *problem;

		if (bitmap != NULL && att_isnull(i, bitmap))
			continue;
		problem = check_element(check, (const char *) array, size, &off, depth);
		if (problem != NULL)
			return problem;
	}
	return NULL;
}

#define HAS_LOWER(flags) (((flags) & (RANGE_EMPTY | RANGE_LB_NULL | RANGE_LB_INF)) == 0)
#define HAS_UPPER(flags) (((flags) & (RANGE_EMPTY | RANGE_UB_NULL | RANGE_UB_INF)) == 0)

static const char *
check_range(const LedgerDatumCheck *check, const RangeType *range, int depth)
{
	size_t		size = VARSIZE(range);
	size_t		off = sizeof(RangeType);
	const char *base = (const char *) range;
	const char *problem = NULL;
	char		flags;

	if (size < sizeof(RangeType) + 1)
		return "a range is shorter than its header";
	if (RangeTypeGetOid(range) != check->typid)
		return psprintf("a range says that it is of type %u instead of %u", RangeTypeGetOid(range),
						check->typid);
	flags = base[size - 1];
	if (HAS_LOWER(flags))
		problem = check_element(check, base, size - 1, &off, depth);
	if (problem == NULL && HAS_UPPER(flags))
		problem = check_element(check, base, size - 1, &off, depth);
	return problem;
}

/* Item of the offset table: relative to the start before, or absolute with the high bit. */
#define MULTIRANGE_ABSOLUTE 0x80000000
#define MULTIRANGE_OFFSET 0x7FFFFFFF

static const char *
check_multirange(const LedgerDatumCheck *check, const MultirangeType *multirange, int depth)
{
	size_t		size = VARSIZE(multirange);
	const char *base = (const char *) multirange;
	const char *flags;
	const uint32 *items = (const uint32 *) (base + sizeof(MultirangeType));
	uint64		n;
	size_t		bounds;
	size_t		start = 0;

	if (size < sizeof(MultirangeType))
		return "a multirange is shorter than its header";
	if (MultirangeTypeGetOid(multirange) != check->typid)
		return psprintf("a multirange says that it is of type %u instead of %u",
						MultirangeTypeGetOid(multirange), check->typid);
	n = multirange->rangeCount;
	if (n == 0)
		return NULL;
	bounds = sizeof(MultirangeType) + (n - 1) * sizeof(uint32) + n;
	bounds = att_align_nominal(bounds, check->typalign);
	if (n > size || bounds > size)
		return "a multirange is shorter than its list of ranges";
	flags = base + sizeof(MultirangeType) + (n - 1) * sizeof(uint32);
	for (uint64 i = 0; i < n; i++)
	{
		const char *problem = NULL;
		size_t		off;

		if (i > 0)
			start = (items[i - 1] & MULTIRANGE_OFFSET) + (items[i - 1] & MULTIRANGE_ABSOLUTE ? 0 : start);
		if (start > size - bounds)
			return "a range starts outside of its multirange";
		off = bounds + start;
		if (HAS_LOWER(flags[i]))
			problem = check_element(check, base, size, &off, depth);
		if (problem == NULL && HAS_UPPER(flags[i]))
			problem = check_element(check, base, size, &off, depth);
		if (problem != NULL)
			return problem;
	}
	return NULL;
}

static const char *
check_composite(const LedgerDatumCheck *check, HeapTupleHeader header, int depth)
{
	uint32		len = VARSIZE(header);
	Datum	   *values;
	bool	   *nulls;
	HeapTupleData tuple = {0};
	const char *problem;

	if (len < SizeofHeapTupleHeader)
		return "a composite value is shorter than its header";
	if (HeapTupleHeaderGetTypeId(header) != check->desc->tdtypeid)
		return psprintf("a composite value says that it is of type %u instead of %u",
						HeapTupleHeaderGetTypeId(header), check->desc->tdtypeid);
	problem = ledger_check_tuple(header, len, check->desc, InvalidOid);
	if (problem != NULL)
		return problem;

	values = palloc(sizeof(Datum) * Max(check->desc->natts, 1));
	nulls = palloc(sizeof(bool) * Max(check->desc->natts, 1));
	tuple.t_len = len;
	tuple.t_data = header;
	heap_deform_tuple(&tuple, check->desc, values, nulls);
	for (int i = 0; i < check->desc->natts && problem == NULL; i++)
	{
		if (!nulls[i] && check->fields[i] != NULL)
			problem = check_value(check->fields[i], values[i], depth + 1);
	}
	return problem;
}

static const char *check_numeric(const struct varlena *num);

static const char *
check_jsonb(const JsonbContainer *container, size_t size, int depth)
{
	uint64		n = container->header & JB_CMASK;
	const char *base;
	size_t		room;
	size_t		off = 0;

	if (depth > MAX_DEPTH)
		check_stack_depth();
	if ((container->header & (JB_FARRAY | JB_FOBJECT)) == 0)
		return "a jsonb container is neither array nor object";
	if (container->header & JB_FOBJECT)
		n *= 2;
	if ((container->header & JB_FSCALAR) && n != 1)
		return "a jsonb scalar does not hold one value";
	if (size < sizeof(uint32) || n > (size - sizeof(uint32)) / sizeof(JEntry))
		return "a jsonb container is shorter than its list of entries";
	base = (const char *) &container->children[n];
	room = size - sizeof(uint32) - n * sizeof(JEntry);
	for (uint64 i = 0; i < n; i++)
	{
		JEntry		entry = container->children[i];
		size_t		end = JBE_OFFLENFLD(entry) + (JBE_HAS_OFF(entry) ? 0 : off);
		size_t		start = INTALIGN(off);
		const char *problem = NULL;

		if (end < off || end > room)
			return "a jsonb entry lies outside of its container";
		if (JBE_ISNUMERIC(entry))
		{
			const char *num = base + start;

			if (start + VARHDRSZ > end || VARATT_IS_1B(num) || VARSIZE_4B(num) < VARHDRSZ ||
				VARSIZE_4B(num) > end - start)
				return "a number in jsonb runs over its entry";
			problem = check_numeric((const struct varlena *) num);
		}
		else if (JBE_ISCONTAINER(entry))
		{
			if (start + sizeof(uint32) > end)
				return "a jsonb container runs over its entry";
			problem = check_jsonb((const JsonbContainer *) (base + start), end - start, depth + 1);
		}
		else if (!JBE_ISSTRING(entry) && !JBE_ISBOOL(entry) && !JBE_ISNULL(entry))
			return "a jsonb entry has an unknown type";
		if (problem != NULL)
			return problem;
		off = end;
	}
	return NULL;
}

/* ---- values -------------------------------------------------------------- */

/* Header of numeric, see put_numeric() in chain/row_encode.c. */
static const char *
check_numeric(const struct varlena *num)
{
	size_t		len = VARSIZE_ANY_EXHDR(num);
	uint16		header;

	if (len < sizeof(uint16) || len % sizeof(uint16) != 0)
		return "a number has an impossible length";
	memcpy(&header, VARDATA_ANY(num), sizeof(uint16));
	if ((header & 0x8000) == 0 && len < 2 * sizeof(uint16))
		return "a number is shorter than its header";
	if ((header & 0xC000) == 0xC000 && len != sizeof(uint16))
		return "a special number has digits";
	return NULL;
}

static const char *
check_value(const LedgerDatumCheck *check, Datum value, int depth)
{
	struct varlena *data;

	if (check->kind == CHECK_BOOL)
		return (unsigned char) value > 1 ? "a boolean is neither true nor false" : NULL;
	if (check->kind == CHECK_NAME)
		return memchr(DatumGetPointer(value), '\0', NAMEDATALEN) == NULL ? "a name has no end" : NULL;

	check_stack_depth();
	data = (struct varlena *) DatumGetPointer(value);
	if (check->kind == CHECK_NUMERIC || check->kind == CHECK_INET)
		data = pg_detoast_datum_packed(data);
	else
		data = pg_detoast_datum(data);
	switch (check->kind)
	{
		case CHECK_NUMERIC:
			return check_numeric(data);

		case CHECK_BITS:
		{
			const VarBit *bits = (const VarBit *) data;

			if (VARSIZE(bits) < VARHDRSZ + VARBITHDRSZ || VARBITLEN(bits) < 0 ||
				(int64) VARBITBYTES(bits) != ((int64) VARBITLEN(bits) + 7) / 8)
				return "a bit string has an impossible length";
			return NULL;
		}
		case CHECK_INET:
		{
			const inet *address = (const inet *) data;
			size_t		len = VARSIZE_ANY_EXHDR(data);

			if (len < 2 || (ip_family(address) != PGSQL_AF_INET && ip_family(address) != PGSQL_AF_INET6) ||
				len < 2 + (size_t) ip_addrsize(address) || ip_bits(address) > ip_maxbits(address))
				return "a network address has an impossible form";
			return NULL;
		}
		case CHECK_JSONB:
			if (VARSIZE(data) < VARHDRSZ + sizeof(uint32))
				return "a jsonb value is shorter than its header";
			return check_jsonb(&((Jsonb *) data)->root, VARSIZE(data) - VARHDRSZ, depth);

		case CHECK_ARRAY:
			return check_array(check, (const ArrayType *) data, depth);

		case CHECK_RANGE:
			return check_range(check, (const RangeType *) data, depth);

		case CHECK_MULTIRANGE:
			return check_multirange(check, (const MultirangeType *) data, depth);

		case CHECK_COMPOSITE:
			return check_composite(check, (HeapTupleHeader) data, depth);

		default:
			return NULL;
	}
}

const char *
ledger_check_datum(const LedgerDatumCheck *check, int16 typlen, Datum *value)
{
	if (typlen == -1)
		*value = PointerGetDatum(pg_detoast_datum_packed((struct varlena *) DatumGetPointer(*value)));
	return check == NULL ? NULL : check_value(check, *value, 0);
}
