#include <stdio.h>

#include "common/plain/text.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/compute_lookup.h"
#include "vaultd/arm/compute_network.h"
#include "vaultd/arm/compute_reply.h"

/* GET …/virtualMachines/{vm} */
enum fault virtual_machines_get(struct arm_op *op, struct err *err)
{
	struct host h;
	enum fault f = host_of_path(op, "vm", &h, err);

	return f == FAULT_NONE ? virtual_machine_write(op, &h) : f;
}

/* What an identity block's "type" asks for. */
struct wanted {
	bool has_system, has_user;
};

static const struct {
	const char *word;
	struct wanted wanted;
} types[] = {
	{ "None", { false, false } },
	{ "SystemAssigned", { true, false } },
	{ "UserAssigned", { false, true } },
	{ "SystemAssigned, UserAssigned", { true, true } },
	{ "SystemAssigned,UserAssigned", { true, true } },
};

static enum fault read_type(const struct json *identity, struct wanted *ret, struct err *err)
{
	struct span word = json_string(json_get_nocase(identity, "type"));

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (span_eq_nocase(word, span_cstr(types[i].word))) {
			*ret = types[i].wanted;
			return FAULT_NONE;
		}
	return err_say(err, FAULT_INVALID, "InvalidParameter",
		       "The value '%.*s' of parameter identity.type is invalid.", SPAN_ARG(word));
}

static void detach(struct host *h, struct span id)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n_attached; i++) {
		if (span_eq_nocase(span_cstr(h->attached[i]), id))
			continue;
		if (kept != i)
			memcpy(h->attached[kept], h->attached[i], RESOURCE_ID_SIZE);
		kept++;
	}
	h->n_attached = kept;
}

static enum fault attach(struct host *h, const struct identity *i, struct err *err)
{
	char id[RESOURCE_ID_SIZE];

	identity_resource_id(id, i);
	if (host_has_attached(h, span_cstr(id)))
		return FAULT_NONE;
	if (h->n_attached == HOST_ATTACHED_MAX)
		return err_say(err, FAULT_INVALID, "InvalidParameter",
			       "A virtual machine has at most %d user-assigned identities.", HOST_ATTACHED_MAX);
	memcpy(h->attached[h->n_attached++], id, sizeof(id));
	return FAULT_NONE;
}

struct attaching {
	struct arm_op *op;
	struct host *host;
	struct err *err;
	enum fault fault;
};

#define WRITE "Microsoft.Compute/virtualMachines/write"

/* Attaching an identity is an act on the identity too: who may not assign it cannot borrow it. */
static enum fault may_assign(struct arm_op *op, const struct identity *i, struct err *err)
{
	char id[RESOURCE_ID_SIZE];

	identity_resource_id(id, i);
	return arm_must_linked(op, WRITE, "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", id, err);
}

/* So is putting a machine into a subnet. */
static enum fault may_join(struct arm_op *op, const struct host *h, struct err *err)
{
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < h->n_subnets; i++)
		f = arm_must_linked(op, WRITE, "Microsoft.Network/virtualNetworks/subnets/join/action", h->subnets[i],
				    err);
	return f;
}

/* {} attaches, null detaches. */
static bool change_one(struct span id, const struct json *value, void *arg)
{
	struct attaching *a = arg;
	struct identity i;

	if (json_type(value) == JSON_NULL) {
		detach(a->host, id);
		return true;
	}
	a->fault = identity_by_resource_id(a->op->txn, id, &i);
	if (a->fault == FAULT_NONE)
		a->fault = may_assign(a->op, &i, a->err);
	if (a->fault == FAULT_NONE)
		a->fault = attach(a->host, &i, a->err);
	else if (a->fault == FAULT_NOT_FOUND)
		a->fault = err_say(a->err, FAULT_INVALID, "FailedIdentityOperation",
				   "Identity operation for resource '%s' failed: the identity '%.*s' was not found.",
				   a->host->resource_id, SPAN_ARG(id));
	return a->fault == FAULT_NONE;
}

static bool note_null(struct span id UNUSED, const struct json *value, void *arg)
{
	bool *has_null = arg;

	*has_null = *has_null || json_type(value) == JSON_NULL;
	return true;
}

static enum fault attach_each(const struct identity *i, void *arg)
{
	struct attaching *a = arg;

	return attach(a->host, i, a->err);
}

/* A host that had everything attached gets a list of its own: what is named, or, when something is taken away, all but
 * that. */
static enum fault begin_list(struct attaching *a, const struct json *map)
{
	bool has_null = false;

	if (!a->host->attaches_all)
		return FAULT_NONE;
	a->host->attaches_all = false;
	a->host->n_attached = 0;
	json_object_each(map, note_null, &has_null);
	if (!has_null)
		return FAULT_NONE;
	return identity_each(a->op->txn, span_cstr(a->op->d->world.subscription_id), SPAN_EMPTY, attach_each, a);
}

static enum fault set_user_assigned(struct arm_op *op, struct host *h, bool is_wanted, const struct json *map,
				    struct err *err)
{
	struct attaching a = { op, h, err, FAULT_NONE };
	enum fault f;

	if (!is_wanted) {
		h->attaches_all = false;
		h->n_attached = 0;
		return FAULT_NONE;
	}
	f = begin_list(&a, map);
	if (f != FAULT_NONE)
		return f;
	json_object_each(map, change_one, &a);
	return a.fault;
}

static enum fault make_system_identity(struct arm_op *op, struct host *h)
{
	struct principal p = { .kind = PRINCIPAL_SYSTEM_ASSIGNED };
	enum fault f = uuid_new(&op->d->world.rng, p.object_id);

	if (f == FAULT_NONE)
		f = uuid_new(&op->d->world.rng, p.app_id);
	if (f != FAULT_NONE)
		return f;
	snprintf(p.display_name, sizeof(p.display_name), "%s", h->name);
	memcpy(p.resource_id, h->resource_id, sizeof(p.resource_id));
	memcpy(h->system_object_id, p.object_id, sizeof(h->system_object_id));
	return principal_put(op->txn, &p);
}

static enum fault drop_system_identity(struct arm_op *op, struct host *h)
{
	struct principal p;
	enum fault f = principal_by_object_id(op->txn, span_cstr(h->system_object_id), &p);

	h->system_object_id[0] = '\0';
	if (f == FAULT_NONE)
		f = principal_del(op->txn, &p);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

/* Off and on again is another principal. */
static enum fault set_system_assigned(struct arm_op *op, struct host *h, bool is_wanted)
{
	bool has = h->system_object_id[0] != '\0';

	if (has == is_wanted)
		return FAULT_NONE;
	return is_wanted ? make_system_identity(op, h) : drop_system_identity(op, h);
}

static enum fault set_identity(struct arm_op *op, struct host *h, const struct json *identity, struct err *err)
{
	struct wanted wanted = { false, false };
	const struct json *map = NULL;
	enum fault f = read_type(identity, &wanted, err);

	if (f == FAULT_NONE)
		f = arm_member(identity, "userAssignedIdentities", JSON_OBJECT, &map, err);
	if (f == FAULT_NONE)
		f = set_user_assigned(op, h, wanted.has_user, map, err);
	return f == FAULT_NONE ? set_system_assigned(op, h, wanted.has_system) : f;
}

/* PATCH …/virtualMachines/{vm}: the identity block and the subnets; nothing else of a machine is imitated. */
enum fault virtual_machines_patch(struct arm_op *op, struct err *err)
{
	const struct json *identity = NULL, *properties = NULL;
	struct host h;
	enum fault f = host_of_path(op, "vm", &h, err);

	if (f == FAULT_NONE)
		f = arm_member(op->body, "identity", JSON_OBJECT, &identity, err);
	if (f == FAULT_NONE)
		f = arm_member(op->body, "properties", JSON_OBJECT, &properties, err);
	if (f == FAULT_NONE && properties != NULL)
		f = compute_network_read(properties, &h, err);
	if (f == FAULT_NONE && json_get_nocase(properties, "networkProfile") != NULL)
		f = may_join(op, &h, err);
	if (f == FAULT_NONE && identity != NULL)
		f = set_identity(op, &h, identity, err);
	if (f == FAULT_NONE && (identity != NULL || properties != NULL))
		f = host_put(op->txn, &h);
	return f == FAULT_NONE ? virtual_machine_write(op, &h) : f;
}
