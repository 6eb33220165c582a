#include "vaultd/explain.h"

#include <stdio.h>

#include "common/model/rbac_world.h"

enum { CONSIDERED_MAX = 4 << 20 };

void explanation_begin(struct explanation *e)
{
	*e = (struct explanation){ .considered = BUF_INIT(CONSIDERED_MAX),
				   .verdict = "deny",
				   .reason = reason_name(REASON_NONE) };
	json_out_init(&e->out, &e->considered);
	json_out_array(&e->out, NULL);
}

void explanation_done(struct explanation *e)
{
	buf_done(&e->considered);
}

enum fault explanation_write(struct explanation *e, struct json_out *out)
{
	json_out_array_end(&e->out);
	json_out_object(out, NULL);
	json_out_cstr(out, "verdict", e->verdict);
	json_out_cstr(out, "reason", e->reason);
	json_out_cstr(out, "rule", e->rule);
	json_out_raw(out, "considered", buf_span(&e->considered));
	json_out_object_end(out);
	return buf_fault(&e->considered);
}

void explanation_add(struct explanation *e, const char *kind, const char *rule, const char *outcome,
		     const char *because)
{
	json_out_object(&e->out, NULL);
	json_out_cstr(&e->out, "kind", kind);
	json_out_cstr(&e->out, "rule", rule);
	json_out_cstr(&e->out, "outcome", outcome);
	json_out_cstr(&e->out, "because", because);
	json_out_object_end(&e->out);
}

void explanation_decide(struct explanation *e, const struct verdict *v, const char *rule)
{
	if (e->is_refused)
		return;
	e->is_refused = v->kind != VERDICT_ALLOW;
	e->verdict = verdict_word(v);
	e->reason = reason_name(v->reason);
	snprintf(e->rule, sizeof(e->rule), "%s", rule);
}

void explanation_check(struct explanation *e, const char *kind, const struct verdict *v, const char *rule)
{
	explanation_add(e, kind, rule, verdict_word(v), reason_name(v->reason));
	if (v->kind != VERDICT_ALLOW)
		explanation_decide(e, v, rule);
}

static const char *bearing_word(enum rbac_bearing b)
{
	switch (b) {
	case RBAC_ELSEWHERE:
		return "no-match";
	case RBAC_LACKS_ACTION:
		return "no-permission";
	case RBAC_NOT_YET:
		return "not-yet-effective";
	case RBAC_CONDITIONAL:
		return "conditional";
	case RBAC_GRANTS:
		return "allow";
	}
	return "no-match";
}

static void add_roles(struct explanation *e, const struct rbac_world *w, const struct rbac_query *q)
{
	char rule[RBAC_RULE_SIZE];

	for (size_t i = 0; i < w->rules.n_denies; i++) {
		struct verdict v = { VERDICT_DENY, REASON_RBAC_DENY_ASSIGNMENT, i };

		rbac_rule_text(w, &v, rule);
		if (rbac_deny_covers(&w->rules.denies[i], q))
			explanation_add(e, "deny-assignment", rule, "deny", reason_name(v.reason));
	}
	for (size_t i = 0; i < w->rules.n_assignments; i++) {
		struct verdict v = { VERDICT_ALLOW, REASON_RBAC_ASSIGNMENT, i };
		enum rbac_bearing bearing = rbac_weigh(&w->rules.assignments[i], q);

		rbac_rule_text(w, &v, rule);
		if (bearing != RBAC_ELSEWHERE)
			explanation_add(e, "role-assignment", rule, bearing == RBAC_GRANTS ? "allow" : "deny",
					bearing_word(bearing));
	}
}

enum fault explanation_roles(struct explanation *e, struct vaultd *d, struct txn *t, const struct rbac_query *q)
{
	const struct rbac_world *w;
	char rule[RBAC_RULE_SIZE];
	struct verdict v;
	enum fault f = rbac_cache_get(d->roles, t, &w);

	if (f != FAULT_NONE)
		return f;
	add_roles(e, w, q);
	v = rbac_decide(w, q);
	rbac_rule_text(w, &v, rule);
	explanation_decide(e, &v, rule);
	return FAULT_NONE;
}
