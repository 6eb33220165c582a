#ifndef SANDVAULT_TESTS_SUPPORT_TEMPLATE_ENV_H
#define SANDVAULT_TESTS_SUPPORT_TEMPLATE_ENV_H

/*
 * A deployment for expressions to ask: tenant, subscription and group with known names, parameters and variables from a
 * JSON text, a loop at index 3, and one resource "kv" to refer to.
 */

#include "vaultd/template/expr.h"

#define ENV_TENANT "11111111-1111-1111-1111-111111111111"
#define ENV_SUBSCRIPTION "22222222-2222-2222-2222-222222222222"

struct template_env {
	struct pool pool;
	struct rng rng;
	struct expr_facts facts;
	struct expr_env env;
	const struct tv *values; /* what parameters() and variables() know */
};

void template_env_init(struct template_env *t, size_t pool_max);
void template_env_done(struct template_env *t);
/* Evaluates the text of one value: the result as JSON into out. */
enum fault template_env_eval(struct template_env *t, const char *text, struct buf *out, struct err *err) MUST_USE;

#endif
