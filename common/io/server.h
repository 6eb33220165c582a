#ifndef SANDVAULT_IO_SERVER_H
#define SANDVAULT_IO_SERVER_H

/*
 * The life of a daemon: its loop, listening sockets, readiness, signals, draining.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

struct event_base;

/* A loop with SIGPIPE ignored and the descriptor limit raised to what is allowed. NULL: no memory. */
struct event_base *loop_new(void);
/* NULL is fine. Once, when everything that lived on it is gone: releases what libevent keeps for itself as well. */
void loop_free(struct event_base *base);

enum { LISTEN_MAX = 8 };
struct listen_set {
	int fd[LISTEN_MAX];
	size_t n;
	uint16_t port; /* the same for all */
};
/* Listens on port at every address of addrs (NULL-terminated; text form). port 0 chooses one that is free at all of
 * them. An IPv6 loopback that the machine does not have is passed over. One clear sentence when a port is taken. */
enum fault listen_tcp(const char *const *addrs, uint16_t port, struct listen_set *ret, struct err *err) MUST_USE;
void listen_close(struct listen_set *l);
/* A Unix socket for its owner alone (mode 0600), in place of whatever stood there: the caller has made sure that nobody
 * uses that. Whoever made it removes it. */
enum fault listen_unix(const char *path, int *ret_fd, struct err *err) MUST_USE;

/* Writes text and a newline to the readiness descriptor and closes it; -1 does nothing. */
enum fault ready_say(int fd, struct span text) MUST_USE;

/* Runs until SIGTERM or SIGINT (or the parent's death with die_with_parent), then calls on_stop once (stop accepting)
 * and goes on until is_idle says so or drain_s have passed. A second signal ends at once. */
struct loop_hooks {
	void (*on_stop)(void *arg);
	bool (*is_idle)(void *arg);
	void *arg;
	int drain_s;
};
void loop_run(struct event_base *base, const struct loop_hooks *hooks);
/* This process gets SIGTERM when its parent ends; ends at once if that has happened already. */
void die_with_parent(void);

/* path with content, replaced atomically, mode 0600. */
enum fault file_replace(const char *path, struct span content, struct err *err) MUST_USE;
struct buf;
/* Appends a whole file; FAULT_NOT_FOUND, FAULT_IO. */
enum fault file_read(const char *path, struct buf *out, struct err *err) MUST_USE;
/* Directory and its parents, mode 0700. */
enum fault dir_make(const char *path, struct err *err) MUST_USE;
/* Takes a lock file for the life of the process; FAULT_CONFLICT when another process holds it. The descriptor is kept.
 */
enum fault lock_take(const char *path, int *ret_fd, struct err *err) MUST_USE;

#endif
