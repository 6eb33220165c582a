#ifndef SANDVAULT_VAULTD_TEMPLATE_EXPR_H
#define SANDVAULT_VAULTD_TEMPLATE_EXPR_H

/*
 * The expression language of deployment templates: "[concat(parameters('a'), '-x').b[0]]". Names of functions compare
 * without case. Pure but for what the environment is asked.
 */

#include "common/plain/rng.h"
#include "vaultd/template/value.h"

/* What a deployment is, for subscription(), resourceGroup(), deployment(), tenant(), environment(), utcNow(). */
struct expr_facts {
	struct span tenant_id, subscription_id, subscription_name;
	struct span group, group_location; /* group empty: a deployment at the subscription */
	const struct tv *group_tags;	   /* NULL: none */
	const struct tv *deployment;  /* what deployment() gives: name, properties {template, parameters, mode, …} */
	const struct tv *environment; /* what environment() gives */
	int64_t now_ms;
	const struct rng *rng; /* newGuid() */
};

/* Each asks of the deployment; FAULT_INVALID with Azure's sentence (without the frame about resource and line). */
struct expr_env {
	struct pool *pool; /* results live there */
	const struct expr_facts *facts;
	bool is_default_value;	    /* of a parameter: only there newGuid() and utcNow() are allowed */
	uint64_t *work;		    /* steps so far, of all expressions together; NULL: each has its own count */
	const struct tv *functions; /* of the template's own: its section of that name; NULL: none */
	unsigned n_calls;	    /* of those, one within the other */
	void *arg;
	enum fault (*parameter)(void *arg, struct span name, const struct tv **ret, struct err *err);
	enum fault (*variable)(void *arg, struct span name, const struct tv **ret, struct err *err);
	/* name empty: the innermost loop. */
	enum fault (*copy_index)(void *arg, struct span name, int64_t *ret, struct err *err);
	/* what: a resource id, a resource's name or a symbolic name; version empty when none was given. The whole
	 * resource; the function itself takes its properties unless 'Full' was asked. NULL: reference() is not allowed
	 * here. */
	enum fault (*reference)(void *arg, struct span what, struct span version, const struct tv **ret,
				struct err *err);
};

/* "[…]" is an expression, "[[…" a literal that begins with one bracket. */
bool expr_is(struct span text);

/* Evaluates every expression in v, names of members among them, however deep; other values come back as they are. The
 * place of the value at fault goes to *ret_at (may be NULL). Faults: FAULT_INVALID with a sentence; what env says. */
enum fault expr_eval(const struct expr_env *env, const struct tv *v, const struct tv **ret, const struct tv **ret_at,
		     struct err *err) MUST_USE;

/* Whether every expression in v can be read and calls functions that there are, with as many arguments as they take.
 * functions: the template's own; a template within v has its own ones. */
enum fault expr_check(struct pool *pool, const struct tv *v, const struct tv *functions, const struct tv **ret_at,
		      struct err *err) MUST_USE;

/*
 * Calls each for every reference() in the expressions of v, with its first argument evaluated; those whose argument
 * cannot be evaluated yet are left out, those in a branch that if() does not take too when that can be told. Until each
 * returns a fault.
 */
enum fault expr_references(const struct expr_env *env, const struct tv *v,
			   enum fault (*each)(void *arg, struct span what), void *arg, struct err *err) MUST_USE;

#endif
