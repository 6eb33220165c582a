#ifndef SANDVAULT_VAULTD_REG_SENDING_H
#define SANDVAULT_VAULTD_REG_SENDING_H

/*
 * A blob on its way to the client: piece by piece it is read, opened in the pool and sent; a client that reads slowly
 * is waited for. What fits into one piece is one reply.
 */

#include "vaultd/registry/reg.h"

/* Inside a handler's transaction, which then ends: n bytes of the blob from that one on. Status and headers are set. */
enum fault reg_send_blob(struct reg_op *op, const struct blob_content *c, int64_t from, int64_t n) MUST_USE;

#endif
