#ifndef SANDVAULT_IO_STORE_H
#define SANDVAULT_IO_STORE_H

/*
 * The store: one LMDB environment shared by both daemons, their only channel. A table is a named database; which tables
 * there are is told at open and known to common/model alone. All transactions of a process run on its loop thread.
 *
 * A write is on disk when txn_commit returns FAULT_NONE, unless the store was opened ephemeral. The map grows by
 * itself: every write transaction begins with at least STORE_HEADROOM free. A full disk is FAULT_NO_SPACE and loses
 * nothing. Values handed out live inside the transaction, in a write transaction only until its next put or del: copy
 * what must outlive that. A transaction remembers its first failure (other than "not found"): everything after it fails
 * alike, and txn_commit then aborts. A single transaction that needs more than the headroom is FAULT_NO_SPACE; the next
 * one finds twice the headroom.
 */

#include "common/plain/buf.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

enum { STORE_KEY_MAX = 511, STORE_HEADROOM = 32 << 20 };

struct store;
struct txn;

struct store_options {
	const char *dir;	   /* made with mode 0700 when missing; files in it 0600 */
	const char *const *tables; /* names, index = table number */
	unsigned n_tables;
	bool is_ephemeral;  /* no syncs */
	size_t initial_map; /* bytes; 0: the default of 64 MiB. Tests use little. */
};

/* Clears dead readers. FAULT_IO or FAULT_STORE with one sentence that says what to do. */
enum fault store_open(const struct store_options *opt, struct store **ret, struct err *err) MUST_USE;
void store_close(struct store *s);

enum txn_mode { TXN_READ, TXN_WRITE };
/* FAULT_NO_SPACE, FAULT_STORE, FAULT_UNAVAILABLE (the other process enlarged the map while a read of ours is open).
 * Read transactions are cheap: a spare one is kept and renewed. At most one write transaction at a time. */
enum fault txn_begin(struct store *s, enum txn_mode mode, struct txn **ret, struct err *err) MUST_USE;
/* Frees the transaction, also when it fails. */
enum fault txn_commit(struct txn *take_t, struct err *err) MUST_USE;
/* NULL is fine. */
void txn_abort(struct txn *take_t);

/* Which state of the store this transaction sees; it grows by one with each commit of any process. What was decoded
 * from one snapshot still holds in another transaction that sees the same one. A write transaction sees the last
 * commit's until its first put or del; then, and after each further one, it has a number of its own that never comes
 * again in this process. */
uint64_t txn_snapshot(const struct txn *t);

/* FAULT_NOT_FOUND, and FAULT_STORE: never confused. A key that is empty or longer than STORE_KEY_MAX is not found by
 * txn_get and txn_del, and FAULT_INVALID for txn_put. */
enum fault txn_get(struct txn *t, unsigned table, struct span key, struct span *ret) MUST_USE;
enum fault txn_put(struct txn *t, unsigned table, struct span key, struct span value) MUST_USE;
/* FAULT_NOT_FOUND when there was none. */
enum fault txn_del(struct txn *t, unsigned table, struct span key) MUST_USE;
/* Deletes every key that begins with prefix. */
enum fault txn_drop(struct txn *t, unsigned table, struct span prefix) MUST_USE;

/*
 * A walk over the keys that begin with prefix, ascending by bytes, starting at the first key ≥ from (empty: at the
 * prefix). walk_next gives FAULT_NOT_FOUND at the end. The walk must be done before the transaction ends, and the
 * table must not be written meanwhile. prefix and from are borrowed until then.
 */
struct walk {
	void *cursor;
	struct span prefix;
	bool is_started;
	struct span from;
};
enum fault walk_begin(struct txn *t, unsigned table, struct span prefix, struct span from, struct walk *ret) MUST_USE;
enum fault walk_next(struct walk *w, struct span *ret_key, struct span *ret_value) MUST_USE;
void walk_done(struct walk *w);

/* For status pages and tests. */
struct store_stats {
	size_t map_bytes, used_bytes;
	unsigned readers; /* snapshots being read, by all processes */
};
void store_stats(struct store *s, struct store_stats *ret);

#endif
