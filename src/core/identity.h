/*
 * core/identity.h
 *		Parts of ledger_tx (docs/format.md section 3): 0 | member 12 | incarnation 15 | counter 36.
 */
#ifndef LEDGER_CORE_IDENTITY_H
#define LEDGER_CORE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#define LEDGER_ID_LEN 16		/* table_id, chain_id */

#define LEDGER_TX_COUNTER_BITS 36
#define LEDGER_TX_INCARNATION_BITS 15
#define LEDGER_TX_MEMBER_BITS 12
#define LEDGER_TX_COUNTER_MAX (((uint64_t) 1 << LEDGER_TX_COUNTER_BITS) - 1)
#define LEDGER_SEQ_MAX 0x7fffffffu

static inline uint64_t
ledger_tx_make(unsigned member, unsigned incarnation, uint64_t counter)
{
	return (uint64_t) member << (LEDGER_TX_INCARNATION_BITS + LEDGER_TX_COUNTER_BITS) |
		(uint64_t) incarnation << LEDGER_TX_COUNTER_BITS | counter;
}

static inline unsigned
ledger_tx_member(uint64_t tx)
{
	return (unsigned) (tx >> (LEDGER_TX_INCARNATION_BITS + LEDGER_TX_COUNTER_BITS));
}

static inline unsigned
ledger_tx_incarnation(uint64_t tx)
{
	return (unsigned) (tx >> LEDGER_TX_COUNTER_BITS) & ((1u << LEDGER_TX_INCARNATION_BITS) - 1);
}

static inline uint64_t
ledger_tx_counter(uint64_t tx)
{
	return tx & LEDGER_TX_COUNTER_MAX;
}

/* The top bit is clear and the counter, which starts at 1, is not 0. */
static inline bool
ledger_tx_valid(uint64_t tx)
{
	return (tx >> 63) == 0 && ledger_tx_counter(tx) != 0;
}

#endif							/* LEDGER_CORE_IDENTITY_H */
