#ifndef SANDVAULT_VAULTD_DUE_H
#define SANDVAULT_VAULTD_DUE_H

/*
 * What falls due by itself when the sandbox's clock reaches a date: one row per kind of work in due.c. It is done when
 * the clock is moved, before the mover gets its answer; at the start; and once a minute while the clock runs.
 *
 * A row does its work in small steps. A step that left more to do says due_again, and is called in a later turn of the
 * loop. One that waits for the pool takes due_hold for each job and gives it back with due_release; a run ends when
 * nothing is held.
 */

#include "common/plain/fault.h"
#include "vaultd/vaultd.h"

struct event_base;
struct due;
struct due_run;

/* now_s: the sandbox's time, the same for a whole run. A fault ends the row's work in this run, not the other rows'. */
typedef enum fault due_step(struct vaultd *d, struct due_run *run, int64_t now_s, struct err *err);
void due_again(struct due_run *run);
void due_hold(struct due_run *run);
void due_release(struct due_run *run, enum fault f, const struct err *err);
/* Memory of the row's for this run, all zero at its first step: where a search goes on, say. */
enum { DUE_STATE_SIZE = 1024 };
void *due_state(struct due_run *run);

enum fault due_new(struct vaultd *d, struct event_base *base, struct due **ret) MUST_USE;
/* After the pools: their completions release what they held. */
void due_free(struct due *due);
/* Does what is due; done is called in a later turn, when all of it is done, with the first fault. While a run is under
 * way, one more begins after it for everybody who asked meanwhile. done NULL: nobody waits. A fault here: it will not
 * be. */
enum fault due_start(struct due *due, void (*done)(void *arg, enum fault f, const struct err *err), void *arg) MUST_USE;
/* No run begins from now on; who waits is told FAULT_UNAVAILABLE at the end. */
void due_stop(struct due *due);

#endif
