/*
 * chain/member_list.h
 *		The members of the chain as the MEMBER and KEY entries make them.
 */
#ifndef LEDGER_MEMBER_LIST_H
#define LEDGER_MEMBER_LIST_H

#include "compat.h"

#include "chain/entry_store.h"
#include "chain/registry.h"
#include "core/block.h"

/* Members by index; everything is palloc'd in context. */
typedef struct LedgerMembers
{
	MemoryContext context;
	int			n;
	int			room;
	ledger_member *member;
	bool	   *changed;		/* since ledger_members_store() */
} LedgerMembers;

/* The list after the newest block, from ledger.member. */
extern LedgerMembers *ledger_members_load(const LedgerChain *chain, MemoryContext context);

/* NULL when there is no such member. */
extern const ledger_member *ledger_members_find(const LedgerMembers *members, uint16 index);

/*
 * Apply an entry that is about to be sealed; entries of other types change
 * nothing. False with *problem when it is not one that changes a list: the entry
 * is sealed, and the list stays.
 */
extern bool ledger_members_apply(LedgerMembers *members, const LedgerChain *chain, const LedgerEntryRow *row,
								 const char **problem);

/* H over the list, as in format.md section 5. Ereports when the hash fails. */
extern void ledger_members_digest(const LedgerMembers *members, ledger_hasher *hasher, uint8 hash[32]);

/* Write the members that changed to ledger.member, from this height on. */
extern void ledger_members_store(LedgerMembers *members, const LedgerChain *chain, uint64 height);

#endif							/* LEDGER_MEMBER_LIST_H */
