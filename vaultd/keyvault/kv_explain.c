#include "vaultd/keyvault/kv_explain.h"

#include <stdio.h>

#include "common/model/rbac_world.h"
#include "common/plain/text.h"

enum { CONSIDERED_MAX = 4 << 20 };

/* An explanation as it grows: the first refusal is the verdict, else the grant. */
struct answer {
	const struct kv_question *q;
	struct txn *t;
	const struct cached_vault *vault;
	struct json_out out; /* of what was considered */
	bool is_decided;     /* refused */
	const char *verdict, *reason;
	char rule[KV_RULE_SIZE];
};

static void put(struct answer *a, const char *kind, const char *rule, const char *outcome, const char *because)
{
	json_out_object(&a->out, NULL);
	json_out_cstr(&a->out, "kind", kind);
	json_out_cstr(&a->out, "rule", rule);
	json_out_cstr(&a->out, "outcome", outcome);
	json_out_cstr(&a->out, "because", because);
	json_out_object_end(&a->out);
}

static void decide(struct answer *a, const char *verdict, const char *reason, const char *rule)
{
	if (a->is_decided)
		return;
	a->is_decided = strcmp(verdict, "allow") != 0;
	a->verdict = verdict;
	a->reason = reason;
	snprintf(a->rule, sizeof(a->rule), "%s", rule);
}

/* Whether the vault's network lets the address in. It goes first; its yes grants nothing. */
static enum fault consider_network(struct answer *a)
{
	struct addr from = a->q->address;
	char rule[KV_RULE_SIZE];
	struct verdict v;
	enum fault f;

	/* Whoever does not say otherwise asks from this machine. */
	f = a->q->has_address ? FAULT_NONE : addr_parse(SPAN_LIT("127.0.0.1"), &from);
	if (f == FAULT_NONE)
		f = kv_firewall_decide(a->t, &a->vault->firewall, &a->q->caller, &from, &v);
	if (f != FAULT_NONE)
		return f;
	kv_rule_text(&v, rule, sizeof(rule));
	put(a, "network", rule, kv_verdict_word(&v), reason_name(v.reason));
	if (v.kind != VERDICT_ALLOW)
		decide(a, kv_verdict_word(&v), reason_name(v.reason), rule);
	return FAULT_NONE;
}

static struct access_policy_query policy_query(const struct kv_question *q)
{
	return (struct access_policy_query){ .tenant_id = span_cstr(q->caller.tenant_id),
					     .object_id = span_cstr(q->caller.object_id),
					     .app_id = span_cstr(q->caller.app_id),
					     .action = q->row->action };
}

static void consider_access_policies(struct answer *a)
{
	struct access_policy_query query = policy_query(a->q);
	char rule[KV_RULE_SIZE];
	struct verdict all = access_policy_decide(a->vault->rules, a->vault->vault.n_policies, &query);

	for (size_t i = 0; i < a->vault->vault.n_policies; i++) {
		struct verdict one = access_policy_decide(&a->vault->rules[i], 1, &query);
		bool is_about_caller = one.reason != REASON_ACCESS_POLICY_NO_ENTRY;

		snprintf(rule, sizeof(rule), "accessPolicies/%zu", i);
		put(a, "access-policy", rule, is_about_caller ? kv_verdict_word(&one) : "no-match",
		    reason_name(one.reason));
	}
	kv_rule_text(&all, rule, sizeof(rule));
	decide(a, kv_verdict_word(&all), reason_name(all.reason), rule);
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

/* Every deny assignment that covers the question, and every assignment that is about the caller at or above the scope.
 */
static void put_roles(struct answer *a, const struct rbac_world *w, const struct rbac_query *q)
{
	char rule[RBAC_RULE_SIZE];

	for (size_t i = 0; i < w->rules.n_denies; i++) {
		struct verdict v = { VERDICT_DENY, REASON_RBAC_DENY_ASSIGNMENT, i };

		rbac_rule_text(w, &v, rule);
		if (rbac_deny_covers(&w->rules.denies[i], q))
			put(a, "deny-assignment", rule, "deny", reason_name(v.reason));
	}
	for (size_t i = 0; i < w->rules.n_assignments; i++) {
		struct verdict v = { VERDICT_ALLOW, REASON_RBAC_ASSIGNMENT, i };
		enum rbac_bearing bearing = rbac_weigh(&w->rules.assignments[i], q);

		rbac_rule_text(w, &v, rule);
		if (bearing != RBAC_ELSEWHERE)
			put(a, "role-assignment", rule, bearing == RBAC_GRANTS ? "allow" : "deny",
			    bearing_word(bearing));
	}
}

static enum fault consider_roles(struct answer *a, struct vaultd *d)
{
	const struct vault *v = &a->vault->vault;
	char scope[KV_RESOURCE_SIZE], rule[RBAC_RULE_SIZE];
	const struct rbac_world *w;
	struct rbac_query q;
	struct verdict verdict;
	enum fault f = rbac_cache_get(d->roles, a->t, &w);

	if (f != FAULT_NONE)
		return f;
	snprintf(scope, sizeof(scope),
		 "/subscriptions/%s/resourcegroups/%s/providers/microsoft.keyvault/vaults/%s%s%.*s", v->subscription_id,
		 v->group, v->name, a->q->key.len == 0 ? "" : "/keys/", SPAN_ARG(a->q->key));
	ascii_lower_str(scope);
	q = (struct rbac_query){ span_cstr(a->q->caller.object_id), span_cstr(scope),
				 span_cstr(action_rbac_string(a->q->row->action)), true, a->q->now_s };
	put_roles(a, w, &q);
	verdict = rbac_decide(w, &q);
	rbac_rule_text(w, &verdict, rule);
	decide(a, kv_verdict_word(&verdict), reason_name(verdict.reason), rule);
	return FAULT_NONE;
}

static void put_key_verdict(struct answer *a, const struct verdict *v, const char *rule)
{
	put(a, "key", rule, kv_verdict_word(v), reason_name(v->reason));
	if (v->kind != VERDICT_ALLOW)
		decide(a, kv_verdict_word(v), reason_name(v->reason), rule);
}

/* Where the operation looks for its key: among the living, among the deleted, or nowhere. */
enum key_place { KEY_ANYWHERE, KEY_LIVING, KEY_DELETED_ONE, KEY_NAME_FREE };

static enum key_place place_of(const struct kv_row *row)
{
	struct span pattern = span_cstr(row->pattern);

	if (span_starts_nocase(pattern, SPAN_LIT("/deletedkeys/")))
		return KEY_DELETED_ONE;
	if (row->action == ACTION_KEYS_CREATE || row->action == ACTION_KEYS_IMPORT)
		return KEY_NAME_FREE;
	/* Versions of an unknown key are an empty list. */
	if (row->action == ACTION_KEYS_LIST || !span_starts_nocase(pattern, SPAN_LIT("/keys/{")))
		return KEY_ANYWHERE;
	return KEY_LIVING;
}

/* Whether the key is where the operation looks for it. */
static enum fault consider_presence(struct answer *a, const char *rule, struct key_head *ret_head)
{
	const uint8_t *uid = a->vault->vault.uid;
	struct verdict v = { VERDICT_DENY, REASON_KEY_NOT_FOUND, VERDICT_NO_RULE };
	enum key_place place = place_of(a->q->row);
	enum fault f;

	if (place == KEY_ANYWHERE)
		return FAULT_NONE;
	if (place == KEY_LIVING)
		f = key_get(a->t, uid, a->q->key, ret_head);
	else
		f = key_get_deleted(a->t, uid, a->q->key, a->q->now_s, ret_head);
	if (place == KEY_NAME_FREE && f == FAULT_NONE)
		v.reason = REASON_KEY_DELETED;
	if (f == (place == KEY_NAME_FREE ? FAULT_NONE : FAULT_NOT_FOUND))
		put_key_verdict(a, &v, rule);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

/* The newest version: its attributes, for the operations that use it. */
static enum fault consider_key(struct answer *a)
{
	struct key_head head = { .current = "" };
	struct key_version v;
	struct key_state state;
	struct verdict verdict;
	char rule[KV_RULE_SIZE];
	enum fault f;

	if (a->q->key.len == 0)
		return FAULT_NONE;
	snprintf(rule, sizeof(rule), "keys/%.*s", SPAN_ARG(a->q->key));
	f = consider_presence(a, rule, &head);
	if (f != FAULT_NONE || a->q->row->operation < 0 || head.current[0] == '\0')
		return f;
	f = key_version_get(a->t, a->vault->vault.uid, a->q->key, span_cstr(head.current), &v);
	if (f != FAULT_NONE)
		return f;
	snprintf(rule, sizeof(rule), "keys/%s/%s", head.name, v.version);
	state = key_version_state(&v);
	verdict = key_use_decide(&state, (enum key_operation)a->q->row->operation, a->q->now_s);
	put_key_verdict(a, &verdict, rule);
	return FAULT_NONE;
}

static void consider_purge(struct answer *a)
{
	struct verdict v = purge_decide(a->vault->vault.is_purge_protected);

	if (a->q->row->action == ACTION_KEYS_PURGE)
		put_key_verdict(a, &v, "enablePurgeProtection");
}

static enum fault consider(struct answer *a, struct vaultd *d)
{
	enum fault f = consider_network(a);

	if (f != FAULT_NONE)
		return f;
	if (a->vault->vault.rbac == TRI_TRUE)
		f = consider_roles(a, d);
	else
		consider_access_policies(a);
	if (f == FAULT_NONE)
		f = consider_key(a);
	if (f == FAULT_NONE)
		consider_purge(a);
	return f;
}

enum fault kv_explain(struct vaultd *d, struct txn *t, const struct kv_question *q, struct json_out *out,
		      struct err *err)
{
	SCOPED_DONE(buf) struct buf considered = BUF_INIT(CONSIDERED_MAX);
	struct answer a = { .q = q, .t = t, .verdict = "deny", .reason = reason_name(REASON_NONE) };
	enum fault f = vault_cache_get(d->vaults, t, q->vault, &a.vault);

	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "VaultNotFound", "There is no vault '%.*s' in this sandbox.",
			       SPAN_ARG(q->vault));
	if (f != FAULT_NONE)
		return f;
	json_out_init(&a.out, &considered);
	json_out_array(&a.out, NULL);
	f = consider(&a, d);
	if (f != FAULT_NONE)
		return f;
	json_out_array_end(&a.out);
	json_out_object(out, NULL);
	json_out_cstr(out, "verdict", a.verdict);
	json_out_cstr(out, "reason", a.reason);
	json_out_cstr(out, "rule", a.rule);
	json_out_raw(out, "considered", buf_span(&considered));
	json_out_object_end(out);
	return buf_fault(&considered);
}
