/*
 * compat.h
 *		Every difference between server versions, in one place.
 *
 * Built and tested on PostgreSQL 15 only.  Names follow the newest server; the
 * shims translate for the older one.
 */
#ifndef LEDGER_COMPAT_H
#define LEDGER_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "ledger needs PostgreSQL 15 or newer"
#endif

#include "fmgr.h"

#if PG_VERSION_NUM < 160000
/*
 * 15 leaves PGDLLEXPORT empty and does not put it on SQL-callable functions;
 * with -fvisibility=hidden the server would then find no entry point.
 */
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#undef PG_FUNCTION_INFO_V1
#define PG_FUNCTION_INFO_V1(funcname) \
extern PGDLLEXPORT Datum funcname(PG_FUNCTION_ARGS); \
extern PGDLLEXPORT const Pg_finfo_record *CppConcat(pg_finfo_, funcname)(void); \
const Pg_finfo_record * \
CppConcat(pg_finfo_, funcname)(void) \
{ \
	static const Pg_finfo_record info = {1}; \
\
	return &info; \
} \
extern int	no_such_variable
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#include "storage/relfilelocator.h"
#define ledger_update_indexes TU_UpdateIndexes
#define LEDGER_BULK_INSERT_STATE {.next_free = InvalidBlockNumber, .last_free = InvalidBlockNumber}
#else
#include "storage/relfilenode.h"
#define RelFileLocator RelFileNode
#define relation_set_new_filelocator relation_set_new_filenode
#define rd_locator rd_node
#define ledger_update_indexes bool
#define LEDGER_BULK_INSERT_STATE {.current_buf = InvalidBuffer}
#endif

#if PG_VERSION_NUM >= 170000
#include "storage/procnumber.h"
#define LEDGER_BACKEND_INDEX MyProcNumber
#else
#include "storage/backendid.h"
#include "miscadmin.h"
					  /* 0-based, below LEDGER_MAX_BACKENDS of chain/shmem.c */
#define LEDGER_BACKEND_INDEX (MyBackendId - 1)
#endif

#endif							/* LEDGER_COMPAT_H */
