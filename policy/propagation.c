#include "policy/propagation.h"

#include <stddef.h>

int64_t propagation_due(int64_t now_s, int64_t delay_s)
{
	return delay_s == 0 ? 0 : now_s + delay_s;
}

struct propagation propagation_of(bool has_condition, const struct propagation *former, int64_t now_s, int64_t delay_s)
{
	struct propagation p = { has_condition, 0, propagation_due(now_s, delay_s) };
	bool is_condition_felt;

	if (former == NULL)
		return p;
	is_condition_felt = former->has_condition && now_s >= former->condition_from_s;
	if (is_condition_felt && !has_condition)
		return p;
	p.effective_from_s = former->effective_from_s;
	if (has_condition)
		p.condition_from_s = former->has_condition ? former->condition_from_s : propagation_due(now_s, delay_s);
	return p;
}
