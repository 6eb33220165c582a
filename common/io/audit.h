#ifndef SANDVAULT_IO_AUDIT_H
#define SANDVAULT_IO_AUDIT_H

/*
 * What happened: one JSON line for each finished request of either daemon, in the field names of Azure's diagnostic log
 * and with the decision's reason. Never a token, a secret or key material.
 * Source: fixtures/sources.md#audit
 *
 * The log is a directory of segments, "NUMBER.jsonl". Both daemons append to the newest with single O_APPEND writes and
 * nothing is synced. A line counts when it begins below the segment's limit; a writer whose line came to lie beyond it
 * writes it again into the next segment. So no lock is needed, no line is lost or seen twice, and a line's sequence
 * number (segment times AUDIT_SPAN, plus its place in there) only grows. The oldest segments are dropped.
 */

#include "common/plain/addr.h"
#include "common/plain/buf.h"
#include "common/plain/fault.h"

/* Sequence numbers stay below 2^53, so that every JSON reader has them exactly. */
#define AUDIT_SPAN (INT64_C(1) << 26)
enum { AUDIT_SEGMENT_MAX = 4 << 20, AUDIT_SEGMENTS = 8, AUDIT_LINE_MAX = 128 << 10, AUDIT_DIR_MAX = 4096 };

/* Spans that are empty, and texts that are "", are left out or written as "". Long ones are cut. */
struct audit_record {
	int64_t at_ms;		 /* the sandbox's time */
	struct span resource_id; /* of the vault; written in upper case, as Azure does */
	struct span operation;	 /* "KeyUnwrap" */
	struct span api_version;
	int status;
	const char *description; /* what was wrong; "" for success */
	int64_t duration_ms;
	const struct addr *caller_ip; /* NULL: not by a network */
	const char *correlation_id;
	const char *object_id, *app_id, *mirid, *az_rid; /* of the caller; "" when unknown */
	struct span id;					 /* what was acted on: a kid, a resource id */
	struct span client_info;			 /* User-Agent */
	struct span host, path, query;			 /* of the request, as sent; secrets in the query are hidden */
	bool is_tls;
	const char *verdict, *reason; /* stable words; "" when nothing was decided */
	const char *rule;	      /* the deciding rule, "" for none */
};

struct event_base;
struct audit_options {
	const char *data_dir;	 /* the log is <data-dir>/audit */
	size_t segment_max;	 /* 0: AUDIT_SEGMENT_MAX. Every program on a directory must use the same: for tests. */
	unsigned n_segments;	 /* 0: AUDIT_SEGMENTS */
	struct event_base *base; /* lines of one turn of this loop are written together; NULL: each at once */
};

struct audit_log;
/* Makes the directory. */
enum fault audit_open(const struct audit_options *opt, struct audit_log **ret, struct err *err) MUST_USE;
void audit_free(struct audit_log *a);
/* a NULL: nothing is kept. Never fails the caller: a line that cannot be written is lost, and the first of a row of
 * losses is logged. */
void audit_write(struct audit_log *a, const struct audit_record *r);
/* The line of what was no request: refused before anybody could read what it asks for. */
void audit_write_refused(struct audit_log *a, int64_t at_ms, int status, const struct addr *peer, bool is_tls);
/* Writes what waits for the end of the turn: before the log is read. */
void audit_flush(struct audit_log *a);

/* The line alone, with its newline. */
void audit_format(struct buf *out, const struct audit_record *r);
/* "Forbidden" for 403: Azure's resultSignature. */
const char *audit_signature(int status);

#endif
