/*
 * chain/verify_members.c
 *		Members and keys: replayed from the entries, compared with the blocks' hashes
 *		and with every row of ledger.member.
 */
#include "chain/verify_internal.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "chain/catalogue.h"
#include "chain/member_list.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

enum
{
	Anum_member_chain_id = 1,
	Anum_member_member,
	Anum_member_name,
	Anum_member_weight,
	Anum_member_sign_key,
	Anum_member_encrypt_key,
	Anum_member_tls_key,
	Anum_member_from_height,
	Natts_member = Anum_member_from_height
};

typedef struct Events
{
	VerifyEvent **event;
	int			n;
} Events;

/* A row that ledger.member must have. */
typedef struct Expected
{
	uint64		from_height;
	ledger_member member;
	bool		seen;
} Expected;

/* ---- replay -------------------------------------------------------------- */

static LedgerMembers *
no_members(MemoryContext context)
{
	LedgerMembers *members = MemoryContextAllocZero(context, sizeof(LedgerMembers));

	members->context = context;
	members->room = 4;
	members->member = MemoryContextAllocZero(context, members->room * sizeof(ledger_member));
	members->changed = MemoryContextAllocZero(context, members->room * sizeof(bool));
	return members;
}

/* The rows that the sealer wrote for this block; a removed member has its last one now. */
static List *
expect_rows(LedgerMembers *members, uint64 height, List *expected)
{
	int			kept = 0;

	for (int i = 0; i < members->n; i++)
	{
		if (members->changed[i])
		{
			Expected   *row = palloc0(sizeof(Expected));

			row->from_height = height;
			row->member = members->member[i];
			expected = lappend(expected, row);
		}
		if (members->member[i].name.len > 0)
			members->member[kept++] = members->member[i];
	}
	memset(members->changed, 0, members->room * sizeof(bool));
	members->n = kept;
	return expected;
}

static List *
replay(VerifyRun *run, const Events *events)
{
	LedgerMembers *members = no_members(CurrentMemoryContext);
	List	   *expected = NIL;
	uint8		hash[32];

	for (int i = 0; i < events->n; i++)
	{
		const VerifyEvent *event = events->event[i];
		LedgerEntryRow row = {0};
		const char *problem = NULL;

		if (event->type == 0)
		{
			ledger_members_digest(members, run->hasher, hash);
			if (memcmp(hash, event->after, 32) != 0)
				ledger_verify_report(run, LEDGER_ERROR, InvalidOid, false, 0, -1, NULL,
									 "members after block " UINT64_FORMAT
									 " are not those that its entries make",
									 event->height);
			expected = expect_rows(members, event->height, expected);
			continue;
		}
		if (event->type != LEDGER_ENTRY_MEMBER && event->type != LEDGER_ENTRY_KEY)
			continue;
		row.type = event->type;
		row.extra = event->extra;
		row.extra_len = event->extra_len;
		if (!ledger_members_apply(members, run->chain, &row, &problem))
			ledger_verify_report(run, LEDGER_WARNING, InvalidOid, true, event->ledger_tx, -1, NULL,
								 "entry at leaf " UINT64_FORMAT " changes no member: %s", event->leaf,
								 problem);
	}
	return expected;
}

/* ---- ledger.member ------------------------------------------------------- */

static bool
same_bytes(Datum stored, ledger_slice slice)
{
	struct varlena *v = PG_DETOAST_DATUM_PACKED(stored);

	return VARSIZE_ANY_EXHDR(v) == slice.len &&
		(slice.len == 0 || memcmp(VARDATA_ANY(v), slice.data, slice.len) == 0);
}

static bool
is_same(const Expected *row, const Datum *values)
{
	const ledger_member *m = &row->member;

	return (uint64) DatumGetInt64(values[Anum_member_from_height - 1]) == row->from_height &&
		(uint16) DatumGetInt16(values[Anum_member_member - 1]) == m->index &&
		DatumGetInt64(values[Anum_member_weight - 1]) == m->weight &&
		same_bytes(values[Anum_member_name - 1], m->name) &&
		same_bytes(values[Anum_member_sign_key - 1], m->sign_key) &&
		same_bytes(values[Anum_member_encrypt_key - 1], m->encrypt_key) &&
		same_bytes(values[Anum_member_tls_key - 1], m->tls_key);
}

static void
look_at_row(VerifyRun *run, Relation rel, HeapTuple tuple, List *expected)
{
	TupleDesc	desc = RelationGetDescr(rel);
	const char *problem =
		ledger_check_tuple(tuple->t_data, tuple->t_len, desc, rel->rd_rel->reltoastrelid);
	Datum		values[Natts_member];
	bool		nulls[Natts_member];
	ListCell   *lc;

	if (problem == NULL)
	{
		ledger_catalogue_deform(tuple, desc, Natts_member, values, nulls);
		for (int i = 0; i < Natts_member; i++)
		{
			if (nulls[i])
				problem = "a column is null";
		}
	}
	if (problem != NULL)
	{
		ledger_verify_report(run, LEDGER_ERROR, RelationGetRelid(rel), false, 0, -1, &tuple->t_self,
							 "row is damaged: %s", problem);
		return;
	}
	if (memcmp(DatumGetUUIDP(values[Anum_member_chain_id - 1])->data, run->chain->chain_id, 16) != 0 ||
		(uint64) DatumGetInt64(values[Anum_member_from_height - 1]) >= run->shared->height)
		return;					/* of another chain, or of a newer block */
	foreach(lc, expected)
	{
		Expected   *row = lfirst(lc);

		if (!row->seen && is_same(row, values))
		{
			row->seen = true;
			return;
		}
	}
	ledger_verify_report(run, LEDGER_ERROR, RelationGetRelid(rel), false, 0, -1, &tuple->t_self,
						 "member %d from height " INT64_FORMAT " is not what the log makes of it",
						 DatumGetInt16(values[Anum_member_member - 1]),
						 DatumGetInt64(values[Anum_member_from_height - 1]));
}

static void
check_members(VerifyRun *run, void *arg)
{
	List	   *expected = replay(run, arg);
	Relation	rel = relation_open(run->shared->catalog[CATALOG_MEMBER], AccessShareLock);
	BlockNumber nblocks = RelationGetNumberOfBlocks(rel);
	ListCell   *lc;

	for (BlockNumber block = 0; block < nblocks; block++)
	{
		HeapTupleData tuples[MaxHeapTuplesPerPage];
		Buffer		buffer;
		int			n = ledger_page_tuples(rel, block, NULL, run->snapshot, &buffer, tuples);

		for (int i = 0; i < n; i++)
			look_at_row(run, rel, &tuples[i], expected);
		ReleaseBuffer(buffer);
	}
	foreach(lc, expected)
	{
		Expected   *row = lfirst(lc);

		if (!row->seen)
			ledger_verify_report(run, LEDGER_ERROR, RelationGetRelid(rel), false, 0, -1, NULL,
								 "member %d from height " UINT64_FORMAT " is missing", row->member.index,
								 row->from_height);
	}
	relation_close(rel, AccessShareLock);
}

void
ledger_verify_members(VerifyRun *run, VerifyEvent **events, int n)
{
	Events		all = {events, n};
	char	   *message;

	if (!ledger_verify_attempt(run, check_members, &all, &message))
		ledger_verify_report(run, LEDGER_ERROR, run->shared->catalog[CATALOG_MEMBER], false, 0, -1, NULL,
							 "the members cannot be checked: %s", message);
}
