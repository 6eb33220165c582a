#include "vaultd/control/due.h"

#include <stdlib.h>

#include "common/io/log.h"
#include "common/io/timer.h"
#include "common/model/world_clock.h"
#include "vaultd/cmk/registry_key.h"
#include "vaultd/control/due_purge.h"
#include "vaultd/keyvault/rotation_due.h"

enum { PERIOD_MS = 60 * 1000 };

/* In this order: what is gone is not looked at again. */
static const struct {
	const char *name;
	due_step *step;
} rows[] = {
	{ "purge deleted keys", due_purge_keys },
	{ "purge deleted vaults", due_purge_vaults },
	{ "rotate keys", rotation_due_keys },
	{ "tell near expiries", rotation_due_notices },
	{ "look at the keys of registries", registry_due_checks },
};

struct waiter {
	void (*done)(void *arg, enum fault f, const struct err *err);
	void *arg;
	struct waiter *next;
};

struct due_run {
	struct due *due;
	int64_t now_s;
	size_t row;
	bool wants_again;
	unsigned held;
	enum fault fault; /* the first */
	struct err err;
	struct waiter *waiters;
	union {
		char bytes[DUE_STATE_SIZE];
		max_align_t aligned;
	} state;
};

struct due {
	struct vaultd *d;
	struct timer *turn, *period;
	bool is_running, is_wanted, is_stopped;
	struct due_run run;
	struct waiter *waiting; /* for the next run */
};

void due_again(struct due_run *run)
{
	run->wants_again = true;
}

void *due_state(struct due_run *run)
{
	return run->state.bytes;
}

void due_hold(struct due_run *run)
{
	run->held++;
}

static void note_fault(struct due_run *run, enum fault f, const struct err *err)
{
	if (f == FAULT_NONE || run->fault != FAULT_NONE)
		return;
	run->fault = f;
	if (err != NULL)
		run->err = *err;
}

void due_release(struct due_run *run, enum fault f, const struct err *err)
{
	note_fault(run, f, err);
	if (--run->held == 0)
		timer_set(run->due->turn, 0);
}

static void tell(struct waiter *w, enum fault f, const struct err *err)
{
	while (w != NULL) {
		struct waiter *next = w->next;

		w->done(w->arg, f, err);
		free(w);
		w = next;
	}
}

static void begin(struct due *due)
{
	struct due_run *run = &due->run;
	int64_t now_ms = 0;

	*run = (struct due_run){ .due = due, .waiters = TAKE(due->waiting) };
	due->is_running = true;
	due->is_wanted = false;
	run->fault = world_now_read(&due->d->world, &due->d->clock, &now_ms, &run->err);
	run->now_s = now_ms / 1000;
	if (run->fault != FAULT_NONE)
		run->row = ARRAY_LEN(rows);
	timer_set(due->turn, 0);
}

static void finish(struct due *due)
{
	struct waiter *waiters = TAKE(due->run.waiters);
	enum fault f = due->is_stopped && due->run.fault == FAULT_NONE ? FAULT_UNAVAILABLE : due->run.fault;
	struct err err = due->run.err;

	if (due->run.fault != FAULT_NONE)
		log_warn("work that fell due could not all be done: %s %s", fault_name(f), err.message);
	due->is_running = false;
	tell(waiters, f, &err);
	if (!due->is_running && due->is_wanted && !due->is_stopped)
		begin(due);
}

static void on_turn(void *arg)
{
	struct due *due = arg;
	struct due_run *run = &due->run;
	struct err err = ERR_INIT;
	enum fault f;

	if (!due->is_running || run->held > 0)
		return;
	if (run->row == ARRAY_LEN(rows) || due->is_stopped) {
		finish(due);
		return;
	}
	run->wants_again = false;
	f = rows[run->row].step(due->d, run, run->now_s, &err);
	note_fault(run, f, &err);
	if (f != FAULT_NONE || !run->wants_again) {
		run->row++;
		memset(&run->state, 0, sizeof(run->state));
	}
	if (run->held == 0)
		timer_set(due->turn, 0);
}

enum fault due_start(struct due *due, void (*done)(void *arg, enum fault f, const struct err *err), void *arg)
{
	struct waiter *w = done == NULL ? NULL : calloc(1, sizeof(*w));

	if (due->is_stopped || (done != NULL && w == NULL)) {
		free(w);
		return due->is_stopped ? FAULT_UNAVAILABLE : FAULT_MEMORY;
	}
	if (w != NULL) {
		*w = (struct waiter){ done, arg, due->waiting };
		due->waiting = w;
	}
	due->is_wanted = true;
	if (!due->is_running)
		begin(due);
	return FAULT_NONE;
}

/* A clock that stands still makes nothing due. */
static void on_period(void *arg)
{
	struct due *due = arg;
	struct world_clock c = { .is_frozen = false };
	struct txn *t;

	timer_set(due->period, PERIOD_MS);
	if (due->is_running || txn_begin(due->d->world.store, TXN_READ, &t, NULL) != FAULT_NONE)
		return;
	if (world_clock_get(t, &c) != FAULT_NONE)
		c.is_frozen = true;
	txn_abort(t);
	if (!c.is_frozen && due_start(due, NULL, NULL) != FAULT_NONE)
		return;
}

enum fault due_new(struct vaultd *d, struct event_base *base, struct due **ret)
{
	struct due *due = calloc(1, sizeof(*due));
	enum fault f;

	if (due == NULL)
		return FAULT_MEMORY;
	due->d = d;
	f = timer_new(base, on_turn, due, &due->turn);
	if (f == FAULT_NONE)
		f = timer_new(base, on_period, due, &due->period);
	if (f != FAULT_NONE) {
		due_free(due);
		return f;
	}
	timer_set(due->period, 0);
	*ret = due;
	return FAULT_NONE;
}

void due_free(struct due *due)
{
	struct err err = ERR_INIT;

	if (due == NULL)
		return;
	due->is_stopped = true;
	tell(TAKE(due->run.waiters), FAULT_UNAVAILABLE, &err);
	tell(TAKE(due->waiting), FAULT_UNAVAILABLE, &err);
	timer_free(due->turn);
	timer_free(due->period);
	free(due);
}

void due_stop(struct due *due)
{
	due->is_stopped = true;
	if (due->is_running)
		timer_set(due->turn, 0);
}
