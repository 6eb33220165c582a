#ifndef SANDVAULT_IO_AUDIT_READ_H
#define SANDVAULT_IO_AUDIT_READ_H

/*
 * Reading an audit log while both daemons write it: from a sequence number on, oldest first, in bounded steps.
 */

#include "common/io/audit.h"

/* Empty spans let everything through; all compare without case. */
struct audit_filter {
	struct span operation; /* operationName */
	struct span caller;    /* any of the identity's ids */
	struct span vault;     /* its name */
	struct span result;    /* resultType, resultSignature, status, verdict or reason */
};
bool audit_matches(const struct audit_filter *f, struct span line);

struct audit_reader;
enum fault audit_reader_new(const struct audit_options *opt, struct audit_reader **ret, struct err *err) MUST_USE;
void audit_reader_free(struct audit_reader *r);

/* The next line will be the first at or after seq; lines that are gone are passed over, and what was never reached is
 * the end. */
void audit_reader_seek(struct audit_reader *r, int64_t seq);
void audit_reader_seek_end(struct audit_reader *r);
/* Where it stands: what to seek to later. */
int64_t audit_reader_at(const struct audit_reader *r);

/* What one step may do at most. */
struct audit_limits {
	unsigned lines;	  /* handed out */
	size_t bytes;	  /* of these */
	size_t looked_at; /* bytes of the log */
};
/* Calls each for the lines that match: line without its newline, valid during the call. *ret_is_end: all there is was
 * read; else a limit was reached. */
enum fault audit_read(struct audit_reader *r, const struct audit_filter *f, const struct audit_limits *limits,
		      void (*each)(int64_t seq, struct span line, void *arg), void *arg, bool *ret_is_end) MUST_USE;

/* Calls on_change whenever something was written. FAULT_UNAVAILABLE when the system gives no more such watches. */
struct event_base;
struct audit_watch;
enum fault audit_watch_new(struct event_base *base, const struct audit_options *opt, void (*on_change)(void *arg),
			   void *arg, struct audit_watch **ret, struct err *err) MUST_USE;
void audit_watch_free(struct audit_watch *w);

#endif
