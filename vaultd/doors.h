#ifndef SANDVAULT_VAULTD_DOORS_H
#define SANDVAULT_VAULTD_DOORS_H

/* Which of vaultd's services a request is for, and what happens to those that are nobody's. Callbacks of
 * common/io/http.h; arg is the struct vaultd. */

#include "common/io/http.h"

void doors_handle(struct http_exchange *x, void *arg);
const char *doors_write_refusal(int status, struct span tls_name, struct buf *body, void *arg);
void doors_on_refused(int status, const struct addr *peer, bool is_tls, void *arg);
size_t doors_body_max(struct span tls_name, void *arg);

#endif
