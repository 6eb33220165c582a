#ifndef SANDVAULT_IO_STORE_LMDB_H
#define SANDVAULT_IO_STORE_LMDB_H

/* What the store's own files share. Nobody else includes this. int results are LMDB's codes, which include errno's. */

#include "common/io/store.h"

#include <lmdb.h>

struct store {
	MDB_env *env;
	char *dir;
	size_t page_bytes;
	size_t headroom;    /* free bytes a write transaction begins with */
	MDB_txn *spare;	    /* a reset read transaction, or NULL */
	unsigned n_reading; /* read transactions handed out; the map may move only when there are none */
	struct txn *writer; /* the one write transaction, or NULL */
	uint64_t n_changes; /* puts and dels of this process, for numbers that no snapshot has */
	bool is_broken;	    /* the map is gone; nothing may touch it */
	unsigned n_tables;
	MDB_dbi tables[];
};

struct txn {
	struct store *store;
	MDB_txn *mdb;
	enum txn_mode mode;
	uint64_t own_state; /* after a put or del: what txn_snapshot says; else 0 */
	int rc;		    /* the first failure other than "not found"; 0 for none */
	enum fault fault;   /* the same as a fault */
};

/* store_fault.c: LMDB's codes as faults and sentences. */
enum fault store_fault(int rc);
enum fault store_say(const char *dir, int rc, struct err *err);

/* store_map.c: where the map stands, and moving it. */
size_t store_used_bytes(const struct store *s);
size_t store_map_bytes(const struct store *s);
bool store_has_headroom(const struct store *s);
/* Enlarges the map to the wanted headroom. EBUSY when this process is reading. */
int store_grow(struct store *s);
/* Begins a transaction, following a map that another process has resized. */
int store_begin(struct store *s, enum txn_mode mode, MDB_txn **ret);

/* store_check.c: looks at the files beneath LMDB. */
/* LMDB reports a write cut short as EIO; this gives ENOSPC instead when space is what was missing. */
int store_explain(const struct store *s, int rc);
/* MDB_CORRUPTED when pages in use lie beyond the end of the file, where a touch would kill the process. At open. */
int store_check_length(struct store *s);

#endif
