#ifndef SANDVAULT_IO_ROUTE_H
#define SANDVAULT_IO_ROUTE_H

/*
 * Path patterns: "/keys/{key-name}/{key-version?}/wrapkey".
 *
 * Literal segments compare without case. {x} takes one non-empty segment; {x?} takes one segment, an empty one, or
 * none. {x*} takes any number of segments, none included: all that follows when it is the last element, else as few as
 * let the rest of the pattern fit. Captures are percent-decoded. Empty segments that no {x?} wants are passed over, so
 * "//keys/n/" and "/keys//restore" are understood as the service does.
 */

#include "common/io/http.h"

enum { ROUTE_SEGMENTS_MAX = 48, ROUTE_CAPTURES_MAX = 12 };

struct route_path {
	struct span seg[ROUTE_SEGMENTS_MAX]; /* raw */
	size_t n;
};
/* FAULT_INVALID when there are too many segments. */
enum fault route_split(struct span raw_path, struct route_path *ret) MUST_USE;

struct route_match {
	struct {
		struct span name; /* in the pattern */
		struct span value;
	} capture[ROUTE_CAPTURES_MAX];
	size_t n;
};
/* pool owns decoded captures; *ret is written on success only. */
bool route_match(const char *pattern, const struct route_path *path, struct pool *pool, struct route_match *ret);
/* A capture by name; p is NULL when the pattern has none of it. */
struct span route_capture(const struct route_match *m, const char *name);

#endif
