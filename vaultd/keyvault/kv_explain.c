#include "vaultd/keyvault/kv_explain.h"

#include <stdio.h>

#include "common/plain/text.h"
#include "vaultd/explain.h"

struct asked {
	const struct kv_question *q;
	struct vaultd *d;
	struct txn *t;
	const struct cached_vault *vault;
	struct explanation e;
};

/* Whether the vault's network lets the address in. It goes first; its yes grants nothing. */
static enum fault consider_network(struct asked *a)
{
	struct addr from = a->q->address;
	char rule[KV_RULE_SIZE];
	struct verdict v;
	enum fault f;

	/* Whoever does not say otherwise asks from this machine. */
	f = a->q->has_address ? FAULT_NONE : addr_parse(SPAN_LIT("127.0.0.1"), &from);
	if (f == FAULT_NONE)
		f = kv_firewall_decide(&a->d->trusted.services, a->t, &a->vault->firewall, &a->q->caller, &from, &v);
	if (f != FAULT_NONE)
		return f;
	kv_rule_text(&v, rule, sizeof(rule));
	explanation_check(&a->e, "network", &v, rule);
	return FAULT_NONE;
}

static struct access_policy_query policy_query(const struct kv_question *q)
{
	return (struct access_policy_query){ .tenant_id = span_cstr(q->caller.tenant_id),
					     .object_id = span_cstr(q->caller.object_id),
					     .app_id = span_cstr(q->caller.app_id),
					     .action = q->row->action };
}

static void consider_access_policies(struct asked *a)
{
	struct access_policy_query query = policy_query(a->q);
	char rule[KV_RULE_SIZE];
	struct verdict all = access_policy_decide(a->vault->rules, a->vault->vault.n_policies, &query);

	for (size_t i = 0; i < a->vault->vault.n_policies; i++) {
		struct verdict one = access_policy_decide(&a->vault->rules[i], 1, &query);
		bool is_about_caller = one.reason != REASON_ACCESS_POLICY_NO_ENTRY;

		snprintf(rule, sizeof(rule), "accessPolicies/%zu", i);
		explanation_add(&a->e, "access-policy", rule, is_about_caller ? verdict_word(&one) : "no-match",
				reason_name(one.reason));
	}
	kv_rule_text(&all, rule, sizeof(rule));
	explanation_decide(&a->e, &all, rule);
}

/* Operations whose path names no key act on the vault, also where they end up with a key. */
static bool is_at_key(const struct asked *a)
{
	return a->q->key.len > 0 && strstr(a->q->row->pattern, "{key-name}") != NULL;
}

static enum fault consider_roles(struct asked *a)
{
	const struct vault *v = &a->vault->vault;
	char scope[KV_RESOURCE_SIZE];
	struct rbac_query q;

	snprintf(scope, sizeof(scope),
		 "/subscriptions/%s/resourcegroups/%s/providers/microsoft.keyvault/vaults/%s%s%.*s", v->subscription_id,
		 v->group, v->name, is_at_key(a) ? "/keys/" : "", SPAN_ARG(is_at_key(a) ? a->q->key : SPAN_EMPTY));
	ascii_lower_str(scope);
	q = (struct rbac_query){ span_cstr(a->q->caller.object_id), span_cstr(scope),
				 span_cstr(action_rbac_string(a->q->row->action)), true, a->q->now_s };
	return explanation_roles(&a->e, a->d, a->t, &q);
}

bool kv_row_takes_version(const struct kv_row *row)
{
	return strstr(row->pattern, "{key-version?}") != NULL;
}

/* Where the operation looks for its key: among the living, among the deleted, or nowhere: the name has to be free, or
 * may be a living key's that gets a version more. */
enum key_place { KEY_ANYWHERE, KEY_LIVING, KEY_DELETED_ONE, KEY_NOT_DELETED, KEY_NAME_FREE };

static enum key_place place_of(const struct kv_row *row)
{
	struct span pattern = span_cstr(row->pattern);

	if (span_starts_nocase(pattern, SPAN_LIT("/deletedkeys/")))
		return KEY_DELETED_ONE;
	if (row->action == ACTION_KEYS_CREATE || row->action == ACTION_KEYS_IMPORT)
		return KEY_NOT_DELETED;
	if (row->action == ACTION_KEYS_RESTORE)
		return KEY_NAME_FREE;
	/* Versions of an unknown key are an empty list. */
	if (row->action == ACTION_KEYS_LIST || !span_starts_nocase(pattern, SPAN_LIT("/keys/{")))
		return KEY_ANYWHERE;
	return KEY_LIVING;
}

/* Both kinds of head, as the request would meet them. */
struct presence {
	bool is_living, is_deleted;
	bool is_changing; /* being deleted or recovered */
	struct key_head head;
};

static enum fault look(struct asked *a, struct presence *ret)
{
	const uint8_t *uid = a->vault->vault.uid;
	enum fault f = key_get(a->t, uid, a->q->key, &ret->head);

	ret->is_living = f == FAULT_NONE;
	if (f == FAULT_NOT_FOUND)
		f = key_get_deleted(a->t, uid, a->q->key, a->q->now_s, &ret->head);
	ret->is_deleted = f == FAULT_NONE && !ret->is_living;
	ret->is_changing = f == FAULT_NONE && kv_phase_at(a->d, &ret->head, a->q->now_s) != KEY_SETTLED;
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

/* Why the operation does not find things as it needs them; REASON_NONE when it does. */
static enum reason what_hinders(enum key_place place, const struct presence *p)
{
	if (p->is_changing && place != KEY_ANYWHERE && !(place == KEY_NAME_FREE && p->is_living))
		return REASON_KEY_CHANGING;
	switch (place) {
	case KEY_LIVING:
		return p->is_living ? REASON_NONE : p->is_deleted ? REASON_KEY_DELETED : REASON_KEY_NOT_FOUND;
	case KEY_DELETED_ONE:
		return p->is_deleted ? REASON_NONE : REASON_KEY_NOT_FOUND;
	case KEY_NOT_DELETED:
		return p->is_deleted ? REASON_KEY_DELETED : REASON_NONE;
	case KEY_NAME_FREE:
		return p->is_living ? REASON_KEY_EXISTS : p->is_deleted ? REASON_KEY_DELETED : REASON_NONE;
	case KEY_ANYWHERE:
		break;
	}
	return REASON_NONE;
}

static void refuse(struct asked *a, enum reason why, const char *rule)
{
	struct verdict v = { VERDICT_DENY, why, VERDICT_NO_RULE };

	explanation_check(&a->e, "key", &v, rule);
}

/* The version asked for, else the newest: whether it is there, and its attributes for the operations that use it. */
static enum fault consider_version(struct asked *a, const struct key_head *head)
{
	struct span version = a->q->version.len > 0 ? a->q->version : span_cstr(head->current);
	char rule[KV_RULE_SIZE];
	struct key_version v;
	struct key_state state;
	struct verdict verdict;
	enum fault f;

	snprintf(rule, sizeof(rule), "keys/%s/%.*s", head->name, SPAN_ARG(version));
	f = key_version_get(a->t, a->vault->vault.uid, a->q->key, version, &v);
	if (f == FAULT_NOT_FOUND) {
		refuse(a, REASON_KEY_NOT_FOUND, rule);
		return FAULT_NONE;
	}
	if (f != FAULT_NONE || a->q->row->operation < 0)
		return f;
	state = key_version_state(&v);
	verdict = key_use_decide(&state, (enum key_operation)a->q->row->operation, a->q->now_s);
	explanation_check(&a->e, "key", &verdict, rule);
	return FAULT_NONE;
}

static enum fault consider_key(struct asked *a)
{
	struct presence p = { .is_living = false };
	enum reason why;
	char rule[KV_RULE_SIZE];
	enum fault f;

	if (a->q->key.len == 0)
		return FAULT_NONE;
	f = look(a, &p);
	if (f != FAULT_NONE)
		return f;
	snprintf(rule, sizeof(rule), "keys/%.*s", SPAN_ARG(a->q->key));
	why = what_hinders(place_of(a->q->row), &p);
	if (why != REASON_NONE) {
		refuse(a, why, rule);
		return FAULT_NONE;
	}
	return kv_row_takes_version(a->q->row) ? consider_version(a, &p.head) : FAULT_NONE;
}

static void consider_purge(struct asked *a)
{
	struct verdict v = purge_decide(a->vault->vault.is_purge_protected);

	if (a->q->row->action == ACTION_KEYS_PURGE)
		explanation_check(&a->e, "key", &v, "enablePurgeProtection");
}

static enum fault consider(struct asked *a)
{
	enum fault f = consider_network(a);

	if (f != FAULT_NONE)
		return f;
	if (a->vault->vault.rbac == TRI_TRUE)
		f = consider_roles(a);
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
	const struct verdict gone = { VERDICT_DENY, REASON_VAULT_DELETED, VERDICT_NO_RULE };
	struct asked a = { .q = q, .d = d, .t = t };
	enum fault f = vault_cache_get(d->vaults, t, q->vault, &a.vault);
	bool is_deleted = false;

	if (f == FAULT_NOT_FOUND)
		f = kv_vault_is_deleted(t, q->vault, q->now_s, &is_deleted);
	if (f != FAULT_NONE)
		return f;
	if (a.vault == NULL && !is_deleted)
		return err_say(err, FAULT_NOT_FOUND, "VaultNotFound", "There is no vault '%.*s' in this sandbox.",
			       SPAN_ARG(q->vault));
	explanation_begin(&a.e);
	if (a.vault == NULL)
		explanation_check(&a.e, "vault", &gone, "");
	else
		f = consider(&a);
	if (f == FAULT_NONE)
		f = explanation_write(&a.e, out);
	explanation_done(&a.e);
	return f;
}
