#ifndef SANDVAULT_VAULTD_TEMPLATE_EVAL_H
#define SANDVAULT_VAULTD_TEMPLATE_EVAL_H

/*
 * Values of a template with everything in them evaluated: expressions, names of members, and the loops of properties
 * ("copy": [{name, count, input}] becomes a member with that name).
 */

#include "vaultd/template/template_plan.h"

enum eval_stage {
	EVAL_FIXED, /* reference() is not allowed */
	EVAL_CHECK, /* reference() cannot be answered yet: what needs it becomes null */
	EVAL_RUN,   /* reference() looks the resource up */
};

struct template_eval {
	struct plan *plan;
	enum eval_stage stage;
	bool is_default_value;
	const struct loop *loop;
	bool is_pending; /* EVAL_CHECK: something had to wait */
	/* EVAL_CHECK: called with the first argument of each reference() that had to wait. */
	enum fault (*each)(void *arg, struct span what);
	void *arg;
};

/* at is where v stands. A fault knows its place; its sentence has no frame unless it is another's. */
enum fault eval_value(struct template_eval *e, const struct tv *v, const struct path *at, const struct tv **ret,
		      struct err *err) MUST_USE;
/* The count of a copy object, 0 when it must wait. */
enum fault eval_count(struct template_eval *e, const struct tv *copy, const struct path *at, size_t *ret,
		      struct err *err) MUST_USE;
/* All turns of a copy object as an array. */
enum fault eval_copy(struct template_eval *e, const struct tv *copy, struct span name, bool is_property,
		     const struct path *at, const struct tv **ret, struct err *err) MUST_USE;

#endif
