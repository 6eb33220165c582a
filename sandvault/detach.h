#ifndef SANDVAULT_SANDVAULT_DETACH_H
#define SANDVAULT_SANDVAULT_DETACH_H

/* Leaving the terminal: a child goes on in a session of its own, its words go to <data-dir>/sandvault.log. */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

enum detached {
	DETACHED_CHILD,	 /* this is the child: it goes on */
	DETACHED_CALLER, /* this is the caller, and it has heard of the child: exit with the status */
	DETACHED_FAILED, /* there is no child; the reason has been said */
};

/*
 * Returns twice. The child holds the lock (its process number is in there now) and says on *ret_report_fd that it is
 * ready. The caller returns after that: it has then said where the sandbox is, or why there is none.
 */
enum detached detach(const char *data_dir, int lock_fd, bool wants_json, int *ret_report_fd, int *ret_status) MUST_USE;
/* The child's one message. Closes the descriptor and sets it to -1. */
enum fault detach_report(int *fd, struct span json) MUST_USE;

#endif
