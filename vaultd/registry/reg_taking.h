#ifndef SANDVAULT_VAULTD_REG_TAKING_H
#define SANDVAULT_VAULTD_REG_TAKING_H

/*
 * A request's body on its way into an upload: piece by piece it is hashed and sealed in the pool and then written, each
 * piece in a transaction of its own with what the upload has by then. So the loop is free in between, a large body is
 * in memory only once, and a crash loses at most the rest.
 */

#include "vaultd/registry/reg.h"

struct reg_taking {
	struct upload upload; /* as it stands in the store */
	struct sha256_state hash;
	char *plain; /* of a piece */
	size_t plain_len;
	struct buf sealed, sealed_hash;
	enum txn_mode mode;
	reg_handler *finish;
};

/* Inside a handler's transaction, which then ends. finish runs in one of mode when all of the body is in. */
enum fault reg_take_body(struct reg_op *op, const struct upload *u, enum txn_mode mode, reg_handler *finish,
			 struct err *err) MUST_USE;
/* For finish. */
struct reg_taking *reg_taking_of(const struct reg_op *op);
/* The upload is still what was written last; FAULT_CONFLICT, FAULT_NOT_FOUND. */
enum fault reg_taking_check(struct reg_op *op, struct upload *ret, struct err *err) MUST_USE;

#endif
