#ifndef SANDVAULT_IDENTITYD_ISSUE_H
#define SANDVAULT_IDENTITYD_ISSUE_H

/*
 * From claims to a signed token: an order is prepared inside the handler's transaction, signed by the pool unless the
 * same token is at hand, and read by the row's finish.
 */

#include "identityd/entra/claims.h"
#include "identityd/operation.h"

struct token_order {
	struct claims claims;
	bool is_cached;	      /* may be answered from the cache, and kept there */
	struct span token;    /* for finish; inside the order */
	int64_t expires_in_s; /* for finish: what is left of its life */
	bool is_v2_shaped;    /* the token endpoint's two forms of reply */
	/* The rest is issue.c's. */
	void (*done)(struct op *op, enum fault f, struct err *err);
	struct op *op;
	struct signer *signer;
	struct buf header, payload, text;
	bool was_run;
	enum fault fault;
};

/* Fills op->order. claims without times. */
enum fault order_new(struct op *op, const struct claims *claims, bool is_cached, struct err *err) MUST_USE;
/* done is called on the loop thread, at once when the token is at hand. */
void order_run(struct op *op, void (*done)(struct op *op, enum fault f, struct err *err));
/* NULL is fine. */
void order_free(struct token_order *o);

#endif
