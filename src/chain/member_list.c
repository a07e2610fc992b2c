/*
 * chain/member_list.c
 *		The member list of the chain, its hash, and ledger.member.
 *
 * ledger.member keeps one row for each change, from the height of the block whose
 * entries made it; the newest row of a member counts. A member that was removed
 * has a row with an empty name, which no member can have.
 */
#include "chain/member_list.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "chain/catalogue.h"
#include "core/body.h"
#include "core/entry.h"
#include "crypto/sign.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

static ledger_slice
copy_slice(MemoryContext context, const void *data, size_t len)
{
	ledger_slice slice = {NULL, len};

	if (len > 0)
	{
		uint8	   *copy = MemoryContextAlloc(context, len);

		memcpy(copy, data, len);
		slice.data = copy;
	}
	return slice;
}

static int
position(const LedgerMembers *members, uint16 index)
{
	int			i = 0;

	while (i < members->n && members->member[i].index < index)
		i++;
	return i;
}

/* A member that was removed since the last block stands there without a name. */
static bool
present(const LedgerMembers *members, int i, uint16 index)
{
	return i < members->n && members->member[i].index == index && members->member[i].name.len > 0;
}

/* Make room for a member at its place and give it. */
static ledger_member *
add_member(LedgerMembers *members, uint16 index)
{
	int			i = position(members, index);

	if (i < members->n && members->member[i].index == index)
		return &members->member[i];
	if (members->n == members->room)
	{
		members->room *= 2;
		members->member = repalloc(members->member, members->room * sizeof(ledger_member));
		members->changed = repalloc(members->changed, members->room * sizeof(bool));
	}
	memmove(&members->member[i + 1], &members->member[i], (members->n - i) * sizeof(ledger_member));
	memmove(&members->changed[i + 1], &members->changed[i], (members->n - i) * sizeof(bool));
	members->n++;
	memset(&members->member[i], 0, sizeof(ledger_member));
	members->member[i].index = index;
	members->changed[i] = false;
	return &members->member[i];
}

const ledger_member *
ledger_members_find(const LedgerMembers *members, uint16 index)
{
	int			i = position(members, index);

	return present(members, i, index) ? &members->member[i] : NULL;
}

static ledger_slice
spi_slice(MemoryContext context, HeapTuple tuple, TupleDesc desc, int column)
{
	bool		isnull;
	Datum		datum = SPI_getbinval(tuple, desc, column, &isnull);
	struct varlena *v;

	if (isnull)
		return (ledger_slice){NULL, 0};
	v = PG_DETOAST_DATUM_PACKED(datum);
	return copy_slice(context, VARDATA_ANY(v), VARSIZE_ANY_EXHDR(v));
}

LedgerMembers *
ledger_members_load(const LedgerChain *chain, MemoryContext context)
{
	LedgerMembers *members = MemoryContextAllocZero(context, sizeof(LedgerMembers));
	Oid			types[] = {UUIDOID};
	Datum		values[1];

	members->context = context;
	members->room = 4;
	members->member = MemoryContextAllocZero(context, members->room * sizeof(ledger_member));
	members->changed = MemoryContextAllocZero(context, members->room * sizeof(bool));

	SPI_connect();
	values[0] = ledger_uuid_datum(chain->chain_id);
	if (SPI_execute_with_args(
			"SELECT DISTINCT ON (member) member, name, weight, sign_key, encrypt_key, tls_key"
			" FROM ledger.member WHERE chain_id OPERATOR(pg_catalog.=) $1"
			" ORDER BY member, from_height DESC",
			1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read ledger.member");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		ledger_slice name = spi_slice(context, tuple, desc, 2);
		ledger_member *member;
		bool		isnull;

		if (name.len == 0)
			continue;
		member = add_member(members, (uint16) DatumGetInt16(SPI_getbinval(tuple, desc, 1, &isnull)));
		member->name = name;
		member->weight = (uint32) DatumGetInt64(SPI_getbinval(tuple, desc, 3, &isnull));
		member->sign_key = spi_slice(context, tuple, desc, 4);
		member->encrypt_key = spi_slice(context, tuple, desc, 5);
		member->tls_key = spi_slice(context, tuple, desc, 6);
	}
	SPI_finish();
	return members;
}

static bool
apply_member(LedgerMembers *members, const ledger_member_body *body, const char **problem)
{
	int			i = position(members, body->member);
	ledger_member *member;

	if (body->action == LEDGER_MEMBER_ADD)
	{
		if (present(members, i, body->member))
		{
			*problem = "a MEMBER entry adds a member that exists";
			return false;
		}
		(void) add_member(members, body->member);
	}
	else if (!present(members, i, body->member))
	{
		*problem = "a MEMBER entry is about a member that does not exist";
		return false;
	}
	member = &members->member[i];
	members->changed[i] = true;
	if (body->action == LEDGER_MEMBER_REMOVE)
	{
		uint16		index = member->index;

		memset(member, 0, sizeof(*member));
		member->index = index;
		return true;
	}
	member->name = copy_slice(members->context, body->name.data, body->name.len);
	member->weight = body->weight;
	return true;
}

static bool
apply_key(LedgerMembers *members, const LedgerChain *chain, const ledger_key_body *body, const char **problem)
{
	int			i = position(members, body->member);
	ledger_slice *key;

	if (!present(members, i, body->member))
	{
		*problem = "a KEY entry is about a member that does not exist";
		return false;
	}
	switch (body->usage)
	{
		case LEDGER_KEY_SIGN:
			key = &members->member[i].sign_key;
			break;
		case LEDGER_KEY_ENCRYPT:
			key = &members->member[i].encrypt_key;
			break;
		default:
			key = &members->member[i].tls_key;
			break;
	}
	if (ledger_spki_check(chain->suite, body->spki.data, body->spki.len) != LEDGER_KEY_OK)
	{
		*problem = "the key of a KEY entry is not one of this suite";
		return false;
	}
	if (key->len > 0)
	{
		size_t		room = body->spki.len + 64;
		uint8	   *message = palloc(room);
		ledger_writer w;
		bool		approved;

		ledger_writer_init(&w, message, room);
		approved = ledger_key_approval_message(&w, chain->chain_id, body) == LEDGER_OK &&
			ledger_signature_verify(chain->suite, key->data, key->len, message, w.len, body->approval.data,
									body->approval.len) == LEDGER_KEY_OK;
		pfree(message);
		if (!approved)
		{
			*problem = "the key of a KEY entry is not approved by the key that it replaces";
			return false;
		}
	}
	*key = copy_slice(members->context, body->spki.data, body->spki.len);
	members->changed[i] = true;
	return true;
}

bool
ledger_members_apply(LedgerMembers *members, const LedgerChain *chain, const LedgerEntryRow *row,
					 const char **problem)
{
	if (row->type != LEDGER_ENTRY_MEMBER && row->type != LEDGER_ENTRY_KEY)
		return true;
	if (row->extra_len < 1 || row->extra[0] != LEDGER_EXTRA_OPEN)
	{
		*problem = "a MEMBER or KEY entry is not open";
		return false;
	}
	if (row->type == LEDGER_ENTRY_MEMBER)
	{
		ledger_member_body body;

		if (ledger_member_body_parse(row->extra + 1, row->extra_len - 1, &body) == LEDGER_OK)
			return apply_member(members, &body, problem);
	}
	else
	{
		ledger_key_body body;

		if (ledger_key_body_parse(row->extra + 1, row->extra_len - 1, &body) == LEDGER_OK)
			return apply_key(members, chain, &body, problem);
	}
	*problem = "the body of a MEMBER or KEY entry cannot be read";
	return false;
}

void
ledger_members_digest(const LedgerMembers *members, ledger_hasher *hasher, uint8 hash[32])
{
	ledger_member *list = palloc(Max(members->n, 1) * sizeof(ledger_member));
	uint16		n = 0;

	for (int i = 0; i < members->n; i++)
	{
		if (members->member[i].name.len > 0)
			list[n++] = members->member[i];
	}
	if (ledger_members_hash(hasher, list, n, hash) != LEDGER_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the hash of the member list")));
	pfree(list);
}

void
ledger_members_store(LedgerMembers *members, const LedgerChain *chain, uint64 height)
{
	Oid			types[] = {UUIDOID, INT2OID, TEXTOID, INT8OID, BYTEAOID, BYTEAOID, BYTEAOID, INT8OID};
	int			kept = 0;

	SPI_connect();
	for (int i = 0; i < members->n; i++)
	{
		ledger_member *member = &members->member[i];

		if (members->changed[i])
		{
			Datum		values[] = {
				ledger_uuid_datum(chain->chain_id),
				Int16GetDatum((int16) member->index),
				PointerGetDatum(cstring_to_text_with_len((const char *) member->name.data,
														 (int) member->name.len)),
				Int64GetDatum((int64) member->weight),
				ledger_bytes_datum(member->sign_key.data, member->sign_key.len),
				ledger_bytes_datum(member->encrypt_key.data, member->encrypt_key.len),
				ledger_bytes_datum(member->tls_key.data, member->tls_key.len),
				Int64GetDatum((int64) height)
			};

			if (SPI_execute_with_args("INSERT INTO ledger.member (chain_id, member, name, weight,"
									  " sign_key, encrypt_key, tls_key, from_height)"
									  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
									  lengthof(types), types, values, NULL, false, 0) != SPI_OK_INSERT)
				elog(ERROR, "could not insert into ledger.member");
			members->changed[i] = false;
		}
		/* a removed member has its row now */
		if (member->name.len > 0)
			members->member[kept++] = *member;
	}
	memset(members->changed, 0, members->room * sizeof(bool));
	members->n = kept;
	SPI_finish();
}
