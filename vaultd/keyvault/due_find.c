#include "vaultd/keyvault/due_find.h"

#include <stdio.h>

struct search {
	struct txn *t;
	struct due_place *place;
	int64_t now_s;
	due_test *is_due;
	struct due_found *found;
	unsigned n_looked;
	enum fault fault;
};

static enum fault look_at(struct search *s, const uint8_t *uid, const struct key_head *h)
{
	struct due_key *k = &s->found->keys[s->found->n];
	struct rotation_policy policy;
	enum rotation_problem problem;
	struct key_version newest;
	enum fault f = key_rotation_policy(&h->rotation, &policy, &problem);

	if (f == FAULT_NONE)
		f = key_version_get(s->t, uid, span_cstr(h->name), span_cstr(h->current), &newest);
	/* One key that cannot be read does not keep the others from their due. */
	if (f == FAULT_INVALID || f == FAULT_NOT_FOUND)
		return FAULT_NONE;
	if (f != FAULT_NONE)
		return f;
	if (!s->is_due(h, &newest, &policy, s->now_s))
		return FAULT_NONE;
	*k = (struct due_key){ .vault = "" };
	memcpy(k->uid, uid, sizeof(k->uid));
	memcpy(k->name, h->name, sizeof(k->name));
	s->found->n++;
	return FAULT_NONE;
}

static bool look(struct span place, const struct key_head *h, void *arg)
{
	struct search *s = arg;

	if (s->n_looked++ == DUE_LOOK_MAX || s->found->n == DUE_FOUND_MAX) {
		s->found->has_more = true;
		return false;
	}
	memcpy(s->place->after, place.p, place.len);
	s->place->len = place.len;
	s->fault = look_at(s, (const uint8_t *)place.p, h);
	return s->fault == FAULT_NONE;
}

static enum fault name_vault(const struct vault *v, void *arg)
{
	struct due_found *found = arg;

	for (size_t i = 0; i < found->n; i++) {
		struct due_key *k = &found->keys[i];

		if (memcmp(k->uid, v->uid, sizeof(k->uid)) != 0)
			continue;
		memcpy(k->vault, v->name, sizeof(k->vault));
		snprintf(k->resource_id, sizeof(k->resource_id),
			 "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.KeyVault/vaults/%s",
			 v->subscription_id, v->group, v->name);
	}
	return FAULT_NONE;
}

static void drop_nameless(struct due_found *found)
{
	size_t n = 0;

	for (size_t i = 0; i < found->n; i++)
		if (found->keys[i].vault[0] != '\0')
			found->keys[n++] = found->keys[i];
	found->n = n;
}

enum fault due_find(struct txn *t, struct due_place *place, int64_t now_s, due_test *is_due, struct due_found *ret)
{
	struct due_place before = *place;
	struct search s = { .t = t, .place = place, .now_s = now_s, .is_due = is_due, .found = ret };
	enum fault f;

	ret->n = 0;
	ret->has_more = false;
	f = key_each_everywhere(t, span_of(before.after, before.len), look, &s);
	if (f == FAULT_NONE)
		f = s.fault;
	if (f == FAULT_NONE && ret->n > 0)
		f = vault_each(t, name_vault, ret);
	drop_nameless(ret);
	return f;
}
