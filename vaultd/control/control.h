#ifndef SANDVAULT_VAULTD_CONTROL_H
#define SANDVAULT_VAULTD_CONTROL_H

/*
 * The control API: what a test steers and looks at. Served on <data-dir>/control.sock for the owner of the directory,
 * and on TCP only when told to, where every call shows the token in <data-dir>/control.token. Never on the imitated
 * surface.
 */

#include "vaultd/vaultd.h"

struct event_base;
struct control;

/* Listens on the socket, and at address (ADDR:PORT, [ADDR]:PORT; port 0 chooses one) unless that is NULL. */
enum fault control_new(struct vaultd *d, struct event_base *base, const char *address, struct control **ret,
		       struct err *err) MUST_USE;
/* Ends what is open and removes the socket. */
void control_free(struct control *c);
/* Where it is to be had, for endpoints.json: the URL when there is one, else the socket's path. */
const char *control_place(const struct control *c);
/* Stops accepting, ends followers. */
void control_stop(struct control *c);
bool control_is_idle(const struct control *c);

#endif
