#ifndef SANDVAULT_PLAIN_DURATION_H
#define SANDVAULT_PLAIN_DURATION_H

/*
 * ISO 8601 durations as values, and wall times moved by them. Years and months are the calendar's: a month from 31
 * January is the last day of February.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

/* None negative. */
struct duration {
	int64_t years, months, days, seconds;
};

/* The first second of 1970 and the last of 9999: moved times stop there. */
#define DURATION_TIME_MIN_S INT64_C(0)
#define DURATION_TIME_MAX_S INT64_C(253402300799)

/* "P90D", "P1Y6M", "P1DT2H30M", "P2W": whole numbers of at most nine digits, upper case, at least one of them. */
enum fault duration_parse(struct span text, struct duration *ret) MUST_USE;
/* Years and months first, then days and seconds. */
int64_t duration_after(int64_t wall_s, const struct duration *d);
int64_t duration_before(int64_t wall_s, const struct duration *d);

#endif
