/* Expressions that no part of the plan needed: whether they could be evaluated at all. */

#include "vaultd/template/template_plan.h"

enum fault functions_check(struct plan *p, struct err *err)
{
	static const char *const sections[] = { "functions", "variables", "resources", "outputs" };
	const struct tv *own = tv_get(p->in.template, "functions");
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(sections); i++) {
		const struct tv *fault_at = NULL;

		f = expr_check(p->pool, tv_get(p->in.template, sections[i]), own, &fault_at, err);
		if (f != FAULT_NONE)
			plan_place_found(p, fault_at);
	}
	return plan_frame_bare(p, f, err);
}
