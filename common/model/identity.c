#include "common/model/identity.h"

#include <stdio.h>

#include "common/model/federated_credential.h"
#include "common/model/flat.h"
#include "common/model/place.h"
#include "common/model/role_scope.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

static const struct flat_field rows[] = {
	FLAT_STR_ROW(1, struct identity, subscription_id),
	FLAT_STR_ROW(2, struct identity, group),
	FLAT_STR_ROW(3, struct identity, name),
	FLAT_STR_ROW(4, struct identity, location),
	FLAT_STR_ROW(5, struct identity, tags),
	FLAT_STR_ROW(6, struct identity, principal_id),
	FLAT_STR_ROW(7, struct identity, client_id),
};
static const struct flat_kind kind = { rows, ARRAY_LEN(rows), 1, sizeof(struct identity), TABLE_IDENTITY };

static struct place identity_place(struct span subscription, struct span group, struct span name)
{
	struct place p;

	place_init(&p);
	place_add(&p, subscription);
	place_add(&p, group);
	place_add(&p, name);
	return p;
}

enum fault identity_get(struct txn *t, struct span subscription, struct span group, struct span name,
			struct identity *ret)
{
	struct place at = identity_place(subscription, group, name);

	return flat_get(t, &kind, place_span(&at), ret);
}

/* Takes "/word" off the front of *rest. */
static bool skip_word(struct span *rest, const char *word)
{
	size_t len = strlen(word);

	if (rest->len <= len || rest->p[0] != '/' || !span_eq_nocase(span_of(rest->p + 1, len), span_cstr(word)))
		return false;
	*rest = span_from(*rest, 1 + len);
	return rest->len == 0 || rest->p[0] == '/';
}

/* Takes "/name" off the front of *rest. */
static bool take_name(struct span *rest, struct span *ret)
{
	size_t end = 1;

	if (rest->len < 2 || rest->p[0] != '/')
		return false;
	while (end < rest->len && rest->p[end] != '/')
		end++;
	*ret = span_of(rest->p + 1, end - 1);
	*rest = span_from(*rest, end);
	return true;
}

enum fault identity_by_resource_id(struct txn *t, struct span resource_id, struct identity *ret)
{
	struct span rest = resource_id, subscription, group, name;

	if (!skip_word(&rest, "subscriptions") || !take_name(&rest, &subscription) ||
	    !skip_word(&rest, "resourceGroups") || !take_name(&rest, &group) || !skip_word(&rest, "providers") ||
	    !skip_word(&rest, "Microsoft.ManagedIdentity") || !skip_word(&rest, "userAssignedIdentities") ||
	    !take_name(&rest, &name) || rest.len > 0)
		return FAULT_NOT_FOUND;
	return identity_get(t, subscription, group, name, ret);
}

static enum fault draw_ids(struct world *w, struct identity *i)
{
	enum fault f = uuid_new(&w->rng, i->principal_id);

	return f != FAULT_NONE ? f : uuid_new(&w->rng, i->client_id);
}

static enum fault put_principal(struct txn *t, const struct identity *i)
{
	struct principal p = { .kind = PRINCIPAL_USER_ASSIGNED };

	memcpy(p.object_id, i->principal_id, sizeof(p.object_id));
	memcpy(p.app_id, i->client_id, sizeof(p.app_id));
	snprintf(p.display_name, sizeof(p.display_name), "%s", i->name);
	identity_resource_id(p.resource_id, i);
	return principal_put(t, &p);
}

enum fault identity_put(struct world *w, struct txn *t, struct identity *i)
{
	struct place at = identity_place(span_cstr(i->subscription_id), span_cstr(i->group), span_cstr(i->name));
	enum fault f = i->principal_id[0] == '\0' ? draw_ids(w, i) : FAULT_NONE;

	if (f == FAULT_NONE)
		f = put_principal(t, i);
	return f != FAULT_NONE ? f : flat_put(t, &kind, place_span(&at), i);
}

enum fault identity_del(struct txn *t, const struct identity *i)
{
	struct place at = identity_place(span_cstr(i->subscription_id), span_cstr(i->group), span_cstr(i->name));
	char id[RESOURCE_ID_SIZE];
	struct principal p;
	enum fault f = txn_del(t, TABLE_IDENTITY, place_span(&at));

	identity_resource_id(id, i);
	if (f == FAULT_NONE)
		f = role_scope_drop(t, id);
	if (f == FAULT_NONE)
		f = federated_credential_drop(t, span_cstr(i->principal_id));
	if (f != FAULT_NONE)
		return f;
	f = principal_by_object_id(t, span_cstr(i->principal_id), &p);
	if (f == FAULT_NONE)
		f = principal_del(t, &p);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

struct visit {
	enum fault (*each)(const struct identity *i, void *arg);
	void *arg;
};

static enum fault visit_one(const void *one, void *arg)
{
	const struct visit *v = arg;

	return v->each(one, v->arg);
}

enum fault identity_each(struct txn *t, struct span subscription, struct span group,
			 enum fault (*each)(const struct identity *i, void *arg), void *arg)
{
	struct visit v = { each, arg };
	struct identity scratch;
	struct place at;

	place_init(&at);
	place_add(&at, subscription);
	if (group.len > 0)
		place_add(&at, group);
	place_below(&at);
	if (place_span(&at).len == 0)
		return FAULT_NONE;
	return flat_walk(t, &kind, place_span(&at), &scratch, visit_one, &v);
}

void identity_resource_id(char out[RESOURCE_ID_SIZE], const struct identity *i)
{
	snprintf(out, RESOURCE_ID_SIZE,
		 "/subscriptions/%s/resourcegroups/%s/providers/Microsoft.ManagedIdentity/userAssignedIdentities/%s",
		 i->subscription_id, i->group, i->name);
}
