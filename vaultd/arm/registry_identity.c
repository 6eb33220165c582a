#include "vaultd/arm/registry_identity.h"

#include "common/model/identity.h"
#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_body.h"

/* What "type" asks for. */
struct wanted {
	bool is_said, has_none, has_system, has_user;
};

static bool note_word(struct span word, struct wanted *w)
{
	if (span_eq_nocase(word, SPAN_LIT("SystemAssigned")))
		w->has_system = true;
	else if (span_eq_nocase(word, SPAN_LIT("UserAssigned")))
		w->has_user = true;
	else if (span_eq_nocase(word, SPAN_LIT("None")))
		w->has_none = true;
	else
		return false;
	return true;
}

/* "SystemAssigned, UserAssigned" in any casing, with any blanks. */
static enum fault read_type(const struct json *identity, struct wanted *ret, struct err *err)
{
	const struct json *v = NULL;
	struct span rest, word;
	bool is_good = true;
	enum fault f = arm_member(identity, "type", JSON_STRING, &v, err);

	*ret = (struct wanted){ .is_said = v != NULL };
	if (f != FAULT_NONE || v == NULL)
		return f;
	for (rest = json_string(v); is_good && rest.p != NULL;) {
		rest = span_cut(rest, ',', &word);
		is_good = note_word(span_trim(word), ret);
	}
	if (is_good && !(ret->has_none && (ret->has_system || ret->has_user)))
		return FAULT_NONE;
	return err_say(err, FAULT_INVALID, "InvalidParameter",
		       "The value '%.*s' of parameter identity.type is invalid.",
		       SPAN_ARG(span_first(json_string(v), 256)));
}

static size_t find(const struct registry *r, struct span id)
{
	size_t i = 0;

	while (i < r->n_identities && !span_eq_nocase(span_cstr(r->identities[i]), id))
		i++;
	return i;
}

static void take_away(struct registry *r, struct span id)
{
	size_t i = find(r, id);

	if (i == r->n_identities)
		return;
	r->n_identities--;
	memmove(r->identities[i], r->identities[i + 1], (r->n_identities - i) * sizeof(r->identities[0]));
}

struct reading {
	struct arm_op *op;
	struct registry *r;
	const struct registry *former; /* its list: what is there already needs no right */
	struct err *err;
	enum fault fault;
};

static enum fault say_not_found(const struct reading *g, struct span id)
{
	char resource[RESOURCE_ID_SIZE];

	registry_resource_id(resource, g->r);
	return err_say(g->err, FAULT_INVALID, "FailedIdentityOperation",
		       "Identity operation for resource '%s' failed with error 'Failed to perform resource identity "
		       "operation. Status: 'BadRequest'. Response: '{\"error\":{\"code\":\"BadRequest\",\"message\":"
		       "\"Resource '%.*s' was not found.\"}}'.'.",
		       resource, SPAN_ARG(span_first(id, RESOURCE_ID_SIZE)));
}

/* Assigning an identity is an act on the identity too: who may not assign it cannot lend it to a registry. */
static enum fault add(struct reading *g, struct span sent)
{
	struct registry *r = g->r;
	char id[RESOURCE_ID_SIZE];
	struct identity i;
	enum fault f = identity_by_resource_id(g->op->txn, sent, &i);

	if (f != FAULT_NONE)
		return f == FAULT_NOT_FOUND ? say_not_found(g, sent) : f;
	identity_resource_id(id, &i);
	if (find(r, span_cstr(id)) < r->n_identities)
		return FAULT_NONE;
	if (find(g->former, span_cstr(id)) == g->former->n_identities)
		f = arm_must(g->op, "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", id, g->err);
	if (f != FAULT_NONE)
		return f;
	if (r->n_identities == REGISTRY_IDENTITIES_MAX)
		return err_say(g->err, FAULT_INVALID, "InvalidParameter",
			       "A registry of the sandbox has at most %d user-assigned identities.",
			       REGISTRY_IDENTITIES_MAX);
	memcpy(r->identities[r->n_identities++], id, sizeof(id));
	return FAULT_NONE;
}

/* What a value says inside (principalId, clientId) is what the client was told before: passed over. */
static bool read_one(struct span id, const struct json *value, void *arg)
{
	struct reading *g = arg;

	if (json_type(value) == JSON_NULL)
		take_away(g->r, id);
	else
		g->fault = add(g, id);
	return g->fault == FAULT_NONE;
}

static enum fault read_map(struct reading *g, const struct json *identity, bool is_put)
{
	const struct json *map = NULL;
	enum fault f = arm_member(identity, "userAssignedIdentities", JSON_OBJECT, &map, g->err);

	if (f != FAULT_NONE || map == NULL)
		return f;
	if (is_put)
		g->r->n_identities = 0;
	json_object_each(map, read_one, g);
	return g->fault;
}

enum fault registry_identity_read(struct arm_op *op, const struct json *identity, bool is_put, struct registry *r,
				  bool *ret_wants_system, struct err *err)
{
	struct registry *former = pool_alloc(http_exchange_pool(op->x), sizeof(*former));
	struct reading g = { op, r, former, err, FAULT_NONE };
	struct wanted wanted;
	enum fault f = former == NULL ? FAULT_MEMORY : read_type(identity, &wanted, err);

	if (f != FAULT_NONE)
		return f;
	*former = *r;
	*ret_wants_system = wanted.is_said ? wanted.has_system : r->system_object_id[0] != '\0';
	if (wanted.is_said && !wanted.has_user) {
		r->n_identities = 0;
		return FAULT_NONE;
	}
	f = read_map(&g, identity, is_put);
	if (f == FAULT_NONE && wanted.has_user && r->n_identities == 0)
		return err_say(err, FAULT_INVALID, "MissingIdentityIds",
			       "The identity ids must not be null or empty for '%s' identity type.",
			       wanted.has_system ? "SystemAssigned,UserAssigned" : "UserAssigned");
	return f;
}

enum fault registry_has_identity(struct txn *t, const struct registry *r, const char *key_identity, bool *ret)
{
	*ret = false;
	if (strcmp(key_identity, REGISTRY_SYSTEM_IDENTITY) == 0) {
		*ret = r->system_object_id[0] != '\0';
		return FAULT_NONE;
	}
	for (size_t i = 0; !*ret && i < r->n_identities; i++) {
		struct identity one;
		enum fault f = identity_by_resource_id(t, span_cstr(r->identities[i]), &one);

		if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
			return f;
		*ret = f == FAULT_NONE && span_eq_nocase(span_cstr(one.client_id), span_cstr(key_identity));
	}
	return FAULT_NONE;
}
