/*
 * chain/verify_btree.c
 *		How a btree arranges its tuples.
 *
 * First every page is looked at by itself, so that nothing the server's own
 * search code follows can lead outside of a page. Then the leaf level is walked
 * from left to right: tuples ascend, and a search from the root for the first and
 * the last tuple of a page finds them. Between
 * two pages no lock is held, so pages may split meanwhile; a split moves tuples
 * to the right only, where the walk has not been or will not look for them.
 */
#include "chain/verify_index.h"

#include "access/nbtree.h"
#include "chain/tuple_check.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/rel.h"

/* ---- pages --------------------------------------------------------------- */

static const char *
check_item(Relation index, Page page, BTPageOpaque opaque, OffsetNumber offset)
{
	ItemId		item = PageGetItemId(page, offset);
	uint32		at = ItemIdGetOffset(item);
	uint32		len = ItemIdGetLength(item);
	IndexTuple	tuple;
	const char *problem;
	int			natts;

	if (ItemIdIsRedirected(item) || !ItemIdIsUsed(item) || !ItemIdHasStorage(item))
		return "a line pointer is not one of an index";
	if (at < ((PageHeader) page)->pd_upper || at != MAXALIGN(at) ||
		at + len > ((PageHeader) page)->pd_special || len < sizeof(IndexTupleData))
		return "a line pointer leads outside of the tuples";
	tuple = (IndexTuple) PageGetItem(page, item);

	if (BTreeTupleIsPosting(tuple))
	{
		uint32		posting = BTreeTupleGetPostingOffset(tuple);
		uint32		n = BTreeTupleGetNPosting(tuple);

		if (!P_ISLEAF(opaque) || n < 2 || posting != MAXALIGN(posting) || posting < sizeof(IndexTupleData) ||
			posting > len || n * sizeof(ItemPointerData) > len - posting)
			return "a posting list runs over its tuple";
		natts = IndexRelationGetNumberOfAttributes(index);
		problem = ledger_check_index_tuple(tuple, len, RelationGetDescr(index), natts);
	}
	else
	{
		natts = BTreeTupleGetNAtts(tuple, index);
		if (natts > IndexRelationGetNumberOfAttributes(index))
			return "a tuple has more columns than the index";
		problem = ledger_check_index_tuple(tuple, len, RelationGetDescr(index), natts);
		if (problem == NULL && BTreeTupleIsPivot(tuple) && BTreeTupleGetHeapTID(tuple) != NULL &&
			IndexTupleSize(tuple) < sizeof(IndexTupleData) + sizeof(ItemPointerData))
			problem = "a pivot tuple has no room for its row address";
	}
	return problem;
}

static const char *
check_page(Relation index, Page page, BlockNumber nblocks)
{
	PageHeader	header = (PageHeader) page;
	BTPageOpaque opaque;
	OffsetNumber last;

	if (PageIsNew(page))
		return NULL;
	if (PageGetSpecialSize(page) != MAXALIGN(sizeof(BTPageOpaqueData)) ||
		header->pd_special != BLCKSZ - MAXALIGN(sizeof(BTPageOpaqueData)) ||
		header->pd_lower < SizeOfPageHeaderData || header->pd_lower > header->pd_upper ||
		header->pd_upper > header->pd_special)
		return "the page header is damaged";
	opaque = BTPageGetOpaque(page);
	if (P_ISMETA(opaque))
		return NULL;			/* the server checks it when it reads it */
	if (P_ISDELETED(opaque))
		return NULL;			/* nothing leads there any more */
	if ((!P_RIGHTMOST(opaque) && opaque->btpo_next >= nblocks) ||
		(!P_LEFTMOST(opaque) && opaque->btpo_prev >= nblocks))
		return "a sibling link leads outside of the index";
	last = PageGetMaxOffsetNumber(page);
	for (OffsetNumber offset = FirstOffsetNumber; offset <= last; offset++)
	{
		const char *problem;

		/* The first downlink of an inner page has no key and may have no bytes for one. */
		problem = check_item(index, page, opaque, offset);
		if (problem != NULL)
			return psprintf("item %u: %s", offset, problem);
		if (!P_ISLEAF(opaque) && offset >= P_FIRSTDATAKEY(opaque))
		{
			IndexTuple	tuple = (IndexTuple) PageGetItem(page, PageGetItemId(page, offset));

			if (BTreeTupleGetDownLink(tuple) >= nblocks)
				return psprintf("item %u leads outside of the index", offset);
		}
	}
	return NULL;
}

bool
ledger_verify_btree_pages(VerifyIndex *v, Relation index)
{
	BufferAccessStrategy strategy = GetAccessStrategy(BAS_BULKREAD);
	BlockNumber nblocks = RelationGetNumberOfBlocks(index);
	PGAlignedBlock copy;
	bool		ok = true;

	for (BlockNumber block = 0; block < nblocks; block++)
	{
		Buffer		buffer = ReadBufferExtended(index, MAIN_FORKNUM, block, RBM_NORMAL, strategy);
		const char *problem;

		CHECK_FOR_INTERRUPTS();
		LockBuffer(buffer, BUFFER_LOCK_SHARE);
		memcpy(copy.data, BufferGetPage(buffer), BLCKSZ);
		UnlockReleaseBuffer(buffer);
		/* The index may have grown since its length was asked for. */
		problem = check_page(index, copy.data, RelationGetNumberOfBlocks(index));
		if (problem != NULL)
		{
			ledger_verify_index_problem(v, NULL, "page %u of the index is damaged: %s", block, problem);
			ok = false;
		}
	}
	FreeAccessStrategy(strategy);
	return ok;
}

/* ---- searching ----------------------------------------------------------- */

static BTScanInsert
search_key(Relation index, IndexTuple tuple)
{
	BTScanInsert key = _bt_mkscankey(index, tuple);

	key->pivotsearch = BTreeTupleIsPivot(tuple);
	if (key->heapkeyspace)
		key->scantid = BTreeTupleGetHeapTID(tuple);
	return key;
}

/* Does a search from the root lead to this tuple? */
static bool
is_found(Relation index, IndexTuple tuple)
{
	BTScanInsert key = search_key(index, tuple);
	BTStack		stack;
	Buffer		buffer;
	bool		found = false;

	if (!key->heapkeyspace)
		return true;			/* of before PostgreSQL 12: equal tuples have no order */
	stack = _bt_search(index, key, &buffer, BT_READ, NULL);
	if (BufferIsValid(buffer))
	{
		BTInsertStateData state;
		OffsetNumber offset;
		Page		page = BufferGetPage(buffer);

		state.itup = tuple;
		state.itemsz = MAXALIGN(IndexTupleSize(tuple));
		state.itup_key = key;
		state.postingoff = 0;
		state.bounds_valid = false;
		state.buf = buffer;
		offset = _bt_binsrch_insert(index, &state);
		found = offset >= P_FIRSTDATAKEY(BTPageGetOpaque(page)) && offset <= PageGetMaxOffsetNumber(page) &&
			state.postingoff <= 0 && _bt_compare(index, key, page, offset) == 0;
		_bt_relbuf(index, buffer);
	}
	_bt_freestack(stack);
	pfree(key);
	return found;
}

/* ---- the leaf level ------------------------------------------------------ */

static const ItemPointerData *
first_tid(IndexTuple tuple)
{
	return BTreeTupleGetHeapTID(tuple);
}

/* The tuples of one leaf page, a copy. last_key is that of the page before, and becomes that of this one. */
static void
check_leaf(VerifyIndex *v, Relation index, Page page, BlockNumber block, BTScanInsert *last_key,
		   IndexTuple *last_tuple)
{
	BTPageOpaque opaque = BTPageGetOpaque(page);
	OffsetNumber first = P_FIRSTDATAKEY(opaque);
	OffsetNumber last = PageGetMaxOffsetNumber(page);

	for (OffsetNumber offset = first; offset <= last; offset++)
	{
		IndexTuple	tuple = (IndexTuple) PageGetItem(page, PageGetItemId(page, offset));

		if (*last_key != NULL)
		{
			if (_bt_compare(index, *last_key, page, offset) >= 0)
				ledger_verify_index_problem(v, first_tid(tuple),
											"item %u on page %u of the index is out of order", offset, block);
			pfree(*last_key);
			*last_key = NULL;
			if (*last_tuple != NULL)
				pfree(*last_tuple);
			*last_tuple = NULL;
		}
		if ((offset == first || offset == last) && !is_found(index, tuple))
			ledger_verify_index_problem(v, first_tid(tuple), "a search of the index does not find the row");
		if (offset == last)
		{
			/* The key points into its tuple, and the page is going away. */
			*last_tuple = CopyIndexTuple(tuple);
			tuple = *last_tuple;
		}
		*last_key = search_key(index, tuple);
		if ((*last_key)->heapkeyspace && BTreeTupleIsPosting(tuple))
			(*last_key)->scantid = BTreeTupleGetMaxHeapTID(tuple);
	}
	if (last >= first && !P_RIGHTMOST(opaque) && *last_key != NULL &&
		_bt_compare(index, *last_key, page, P_HIKEY) > 0)
		ledger_verify_index_problem(v, NULL, "high key of page %u of the index is too low", block);
}

static void
take_leaf(VerifyIndex *v, Page page, VerifyIndexEntry entry)
{
	BTPageOpaque opaque = BTPageGetOpaque(page);

	for (OffsetNumber offset = P_FIRSTDATAKEY(opaque); offset <= PageGetMaxOffsetNumber(page); offset++)
	{
		ItemId		item = PageGetItemId(page, offset);
		IndexTuple	tuple = (IndexTuple) PageGetItem(page, item);
		uint64		hash;

		/* Scans pass over a dead item: to them its rows are not in the index. */
		if (ItemIdIsDead(item))
			continue;
		hash = ledger_verify_hash_index_tuple(v, tuple);
		if (BTreeTupleIsPosting(tuple))
		{
			for (int i = 0; i < BTreeTupleGetNPosting(tuple); i++)
				entry(v, BTreeTupleGetPostingN(tuple, i), hash);
		}
		else
			entry(v, &tuple->t_tid, hash);
	}
}

void
ledger_verify_btree_walk(VerifyIndex *v, Relation index, bool structure, VerifyIndexEntry entry)
{
	PGAlignedBlock copy;
	Page		page = copy.data;
	Buffer		buffer;
	BlockNumber block;
	uint64		visited = 0;
	BTScanInsert last_key = NULL;
	IndexTuple	last_tuple = NULL;

	buffer = _bt_get_endpoint(index, 0, false, NULL);
	if (!BufferIsValid(buffer))
		return;					/* an empty index has no root */
	block = BufferGetBlockNumber(buffer);
	memcpy(page, BufferGetPage(buffer), BLCKSZ);
	_bt_relbuf(index, buffer);
	for (;;)
	{
		BTPageOpaque opaque = BTPageGetOpaque(page);

		CHECK_FOR_INTERRUPTS();
		if (++visited > (uint64) RelationGetNumberOfBlocks(index) + 1)
		{
			ledger_verify_index_problem(v, NULL, "pages of the index are linked in a circle");
			break;
		}
		if (!P_ISLEAF(opaque) && !P_IGNORE(opaque))
		{
			ledger_verify_index_problem(v, NULL,
										"page %u of the index is not a leaf, as its left sibling says",
										block);
			break;
		}
		if (!P_IGNORE(opaque))
		{
			if (structure)
				check_leaf(v, index, page, block, &last_key, &last_tuple);
			take_leaf(v, page, entry);
		}
		if (P_RIGHTMOST(opaque))
			break;
		block = opaque->btpo_next;
		buffer = _bt_getbuf(index, block, BT_READ);
		memcpy(page, BufferGetPage(buffer), BLCKSZ);
		_bt_relbuf(index, buffer);
	}
}
