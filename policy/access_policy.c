#include "policy/access_policy.h"

#include "common/plain/base.h"

static bool names_caller(const struct access_policy_rule *r, const struct access_policy_query *q)
{
	if (!span_eq(r->object_id, q->object_id) || !span_eq(r->tenant_id, q->tenant_id))
		return false;
	return r->application_id.len == 0 || (q->is_on_behalf_of && span_eq(r->application_id, q->app_id));
}

struct verdict access_policy_decide(const struct access_policy_rule *rules, size_t n_rules,
				    const struct access_policy_query *q)
{
	struct verdict v = { VERDICT_DENY, REASON_ACCESS_POLICY_NO_ENTRY, VERDICT_NO_RULE };

	if (q->object_id.len == 0 || q->tenant_id.len == 0)
		return (struct verdict){ VERDICT_DENY, REASON_NO_CALLER, VERDICT_NO_RULE };
	for (size_t i = 0; i < n_rules; i++) {
		if (!names_caller(&rules[i], q))
			continue;
		if ((rules[i].keys & ACTION_BIT(q->action)) != 0)
			return (struct verdict){ VERDICT_ALLOW, REASON_ACCESS_POLICY, i };
		v.reason = REASON_ACCESS_POLICY_NO_PERMISSION;
		v.rule = i;
	}
	return v;
}
