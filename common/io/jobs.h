#ifndef SANDVAULT_IO_JOBS_H
#define SANDVAULT_IO_JOBS_H

/*
 * Worker threads for arithmetic alone. A job is a pure function of what its argument holds; its completion runs on the
 * loop thread. Workers run at a lower priority than the loop, so that the loop gets a core when it needs one.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"

struct event_base;
struct jobs;

typedef void job_fn(void *arg);

/* niceness 0 … 19 is added for the workers; 19 also means "only when nothing else runs". */
enum fault jobs_new(struct event_base *base, unsigned n_threads, int niceness, struct jobs **ret) MUST_USE;
/* work runs on a worker, then done on the loop thread. First come, first served. */
enum fault jobs_submit(struct jobs *j, job_fn *work, job_fn *done, void *arg) MUST_USE;
/* Waits for running work, drops waiting work without running it, and calls done for every job that was submitted. A job
 * that may be long should look at jobs_is_stopping from its random source. */
void jobs_free(struct jobs *j);
/* Any thread: jobs_stop or jobs_free was called. */
bool jobs_is_stopping(const struct jobs *j);
/* Makes jobs_is_stopping true without waiting. */
void jobs_stop(struct jobs *j);

#endif
