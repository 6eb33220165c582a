#ifndef SANDVAULT_SANDVAULT_SPAWN_H
#define SANDVAULT_SANDVAULT_SPAWN_H

/*
 * Finding and starting the daemons. A daemon is looked for beside this program, then where a build tree has it, then on
 * PATH. It gets a process group of its own, so that a terminal's Ctrl-C reaches this program alone, and SIGTERM when
 * this program ends, however it ends.
 */

#include <sys/types.h>

#include "common/plain/base.h"
#include "common/plain/fault.h"

/* args: NULL-terminated, without the program; "--ready-fd=N" is added. *ret_ready_fd is the end to read, non-blocking.
 * A program that cannot be run shows as a child that ends. */
enum fault spawn_daemon(const char *name, const char *const *args, pid_t *ret_pid, int *ret_ready_fd,
			struct err *err) MUST_USE;

#endif
