#ifndef SANDVAULT_MODEL_WORLD_CLOCK_H
#define SANDVAULT_MODEL_WORLD_CLOCK_H

/*
 * The sandbox's one clock: the machine's wall time moved by an offset, or standing still. It lives in the store, so
 * both daemons see it move with one commit. Everything a client sees follows it, but for TLS certificates.
 */

#include "common/model/world.h"
#include "common/plain/clock.h"
#include "common/plain/duration.h"

/* All zero: the machine's time. */
struct world_clock {
	int64_t offset_ms;
	bool is_frozen;
	int64_t frozen_ms; /* where it stands, when frozen */
};

enum fault world_clock_get(struct txn *t, struct world_clock *ret) MUST_USE;
enum fault world_clock_put(struct txn *t, const struct world_clock *c) MUST_USE;

/* What time it says when the machine says machine_ms. */
int64_t world_clock_ms(const struct world_clock *c, int64_t machine_ms);

/* Moves; FAULT_INVALID with a sentence for one into the past or beyond the year 9999. Only a reset goes back. */
enum fault world_clock_advance(struct world_clock *c, int64_t machine_ms, const struct duration *by,
			       struct err *err) MUST_USE;
enum fault world_clock_set(struct world_clock *c, int64_t machine_ms, int64_t to_ms, struct err *err) MUST_USE;
/* Stops it, or lets it go on from where it stands. */
void world_clock_freeze(struct world_clock *c, int64_t machine_ms, bool is_frozen);

/* The sandbox's time in the state of the world that t sees. */
enum fault world_now_ms(struct txn *t, const struct clock *machine, int64_t *ret) MUST_USE;
/* The same in a read transaction of its own. */
enum fault world_now_read(const struct world *w, const struct clock *machine, int64_t *ret, struct err *err) MUST_USE;
/* For lines of a log, which have a time in any case: the machine's when the store cannot tell. */
int64_t world_now_or_wall_ms(const struct world *w, const struct clock *machine);

#endif
