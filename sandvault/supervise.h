#ifndef SANDVAULT_SANDVAULT_SUPERVISE_H
#define SANDVAULT_SANDVAULT_SUPERVISE_H

/*
 * Running the two daemons as one: both start at once, both must become ready, and whichever ends takes the other along.
 */

#include "common/plain/clock.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

enum { SUPERVISE_DAEMONS = 2 };

struct supervise_plan {
	const char *names[SUPERVISE_DAEMONS]; /* "vaultd", "identityd" */
	const char *const *args[SUPERVISE_DAEMONS];
	const struct clock *clock;
	/* Both are ready. lines are what they said, in the order of names; pids likewise. A fault stops everything. */
	enum fault (*on_ready)(void *arg, const struct span *lines, const long *pids, struct err *err);
	void *arg;
};

/* Returns when both have ended: FAULT_NONE when SIGTERM, SIGINT or SIGHUP asked for it, else with the sentence why. */
enum fault supervise(const struct supervise_plan *plan, struct err *err) MUST_USE;

#endif
