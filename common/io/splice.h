#ifndef SANDVAULT_IO_SPLICE_H
#define SANDVAULT_IO_SPLICE_H

/*
 * Two connections joined: what comes by one goes out by the other, both ways, until both have ended. The end of one way
 * is passed on while the other goes on (half-close). A side that takes nothing stops the reading of the other side, so
 * that little is held. Private to common/io.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"

struct bufferevent;
struct event_base;
struct splice;

struct splice_hooks {
	/* Once, when both ways have ended or nothing moved for idle_ms. The splice is to be freed there. */
	void (*on_end)(void *arg);
	void *arg;
	int idle_ms;
};

/* Takes both connections over, with what they have read already, also when it fails (FAULT_MEMORY). */
enum fault splice_new(struct event_base *base, struct bufferevent *take_a, struct bufferevent *take_b,
		      const struct splice_hooks *hooks, struct splice **ret) MUST_USE;
/* Closes both connections. NULL is fine. */
void splice_free(struct splice *s);

#endif
