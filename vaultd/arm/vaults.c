#include <stdio.h>

#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/vault_apply.h"
#include "vaultd/arm/vault_lookup.h"
#include "vaultd/arm/vault_reply.h"

static enum fault save(struct arm_op *op, struct vault *v)
{
	enum fault f;

	vault_stamp(op, v);
	f = vault_put(op->txn, v);
	if (f == FAULT_NONE)
		vault_write(op, v);
	return f;
}

static enum fault say_taken(struct span name, struct err *err)
{
	return err_say(
		err, FAULT_CONFLICT, "VaultAlreadyExists",
		"The vault name '%.*s' is already in use. Vault names are globally unique so it is possible that the "
		"name is already taken. If you are sure that the vault name was not taken then it is possible that a "
		"vault with the same name was recently deleted but not purged after being placed in a recoverable "
		"state. Follow this link for more information https://go.microsoft.com/fwlink/?linkid=2147740",
		SPAN_ARG(name));
}

/* Who decides which rules count decides who gets in: that takes the right to assign roles. */
static enum fault check_model(struct arm_op *op, const struct vault *v, const struct vault_in *in, struct err *err)
{
	static const char action[] = "Microsoft.Authorization/roleAssignments/write";
	char id[VAULT_ID_SIZE];
	enum fault f;

	if (in->rbac == TRI_UNSET || (in->rbac == TRI_TRUE) == (v->rbac == TRI_TRUE))
		return FAULT_NONE;
	vault_print_id(id, v);
	f = arm_must(op, action, id, err);
	if (f != FAULT_DENIED)
		return f;
	return err_say(
		err, FAULT_INVALID, "InsufficientPermissions",
		"Caller is not allowed to change permission model. For more information on how to change the "
		"permissions model follow this link: https://go.microsoft.com/fwlink/?linkid=2155160. Details: "
		"oid=%s; action=%s; resource=/subscriptions/%s/resourcegroups/%s/providers/Microsoft.KeyVault/vaults"
		"/%s; decision=NotAllowed; ",
		op->caller->object_id, action, v->subscription_id, v->group, v->name);
}

/* PUT of a vault that is there; asking to recover it changes nothing. */
static enum fault replace(struct arm_op *op, struct vault *v, struct vault_in *in, struct err *err)
{
	enum fault f;

	if (!vault_is_in_path(op, v))
		return say_taken(arm_capture(op, "vault"), err);
	f = arm_check_location(v->name, v->group, span_cstr(v->location), in->location, err);
	if (f != FAULT_NONE)
		return f;
	if (in->is_recover) {
		vault_write(op, v);
		return FAULT_NONE;
	}
	f = check_model(op, v, in, err);
	if (f == FAULT_NONE)
		f = vault_apply_replace(v, in, err);
	return f == FAULT_NONE ? save(op, v) : f;
}

/* Back as it was: what else the body says is passed over. */
static enum fault recover(struct arm_op *op, struct vault *v, const struct vault_in *in, struct err *err)
{
	enum fault f;

	if (!vault_is_in_path(op, v))
		return err_say(err, FAULT_CONFLICT, "ConflictError",
			       "The deleted vault '%s' can only be recovered in its own resource group '%s'.", v->name,
			       v->group);
	f = arm_check_location(v->name, v->group, span_cstr(v->location), in->location, err);
	if (f == FAULT_NONE)
		f = vault_recover(op->txn, v);
	return f == FAULT_NONE ? save(op, v) : f;
}

static enum fault create(struct arm_op *op, const struct group *g, struct vault_in *in, struct err *err)
{
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_init(&v);
	f = vault_apply_create(&v, in, op->api_version, err);
	if (f == FAULT_NONE)
		f = rng_fill(&op->d->world.rng, v.uid, sizeof(v.uid));
	if (f != FAULT_NONE)
		return f;
	memcpy(v.subscription_id, g->subscription_id, sizeof(v.subscription_id));
	memcpy(v.group, g->name, sizeof(v.group));
	snprintf(v.name, sizeof(v.name), "%.*s", SPAN_ARG(arm_capture(op, "vault")));
	snprintf(v.location, sizeof(v.location), "%.*s", SPAN_ARG(in->location));
	vault_stamp(op, &v);
	memcpy(v.created_by, v.modified_by, sizeof(v.created_by));
	memcpy(v.created_by_type, v.modified_by_type, sizeof(v.created_by_type));
	v.created_ms = v.modified_ms;
	return save(op, &v);
}

/* A deleted vault whose purge date has passed still has its keys: they go before the name is used anew. */
static enum fault sweep_expired(struct arm_op *op, struct span name)
{
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_init(&v);
	f = vault_get_deleted(op->txn, name, INT64_MIN, &v);
	if (f == FAULT_NONE)
		f = vault_purge(op->txn, &v);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

/* The name is not among the living. */
static enum fault create_or_recover(struct arm_op *op, const struct group *g, struct vault_in *in, struct err *err)
{
	SCOPED_DONE(vault) struct vault deleted;
	struct span name = arm_capture(op, "vault");
	enum fault f;

	vault_init(&deleted);
	f = vault_get_deleted(op->txn, name, op->now_s, &deleted);
	if (f == FAULT_NONE && in->is_recover)
		return recover(op, &deleted, in, err);
	if (f == FAULT_NONE) {
		op->verdict = (struct verdict){ VERDICT_DENY, REASON_VAULT_DELETED, VERDICT_NO_RULE };
		op->rule[0] = '\0';
		return err_say(
			err, FAULT_CONFLICT, "ConflictError",
			"A vault with the same name already exists in deleted state. You need to either recover or "
			"purge existing key vault. Follow this link "
			"https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.");
	}
	if (f != FAULT_NOT_FOUND)
		return f;
	if (in->is_recover)
		return err_say(err, f, "DeletedVaultNotFound", "The specified deleted vault '%.*s' does not exist.",
			       SPAN_ARG(name));
	f = sweep_expired(op, name);
	return f == FAULT_NONE ? create(op, g, in, err) : f;
}

/* PUT …/vaults/{vault} → 200 with the vault, new or replaced. */
enum fault vaults_put(struct arm_op *op, struct err *err)
{
	SCOPED_DONE(vault_in) struct vault_in in;
	SCOPED_DONE(vault) struct vault v;
	struct span name = arm_capture(op, "vault");
	struct group g;
	enum fault f;

	vault_in_init(&in);
	vault_init(&v);
	f = arm_group(op, &g, err);
	if (f == FAULT_NONE)
		f = vault_check_name(name, err);
	if (f == FAULT_NONE)
		f = vault_read(op->body, false, &in, err);
	if (f != FAULT_NONE)
		return f;
	f = vault_get(op->txn, name, &v);
	if (f == FAULT_NONE)
		return replace(op, &v, &in, err);
	return f == FAULT_NOT_FOUND ? create_or_recover(op, &g, &in, err) : f;
}

/* PATCH …/vaults/{vault} → 200 with the vault; what is not sent stays. */
enum fault vaults_patch(struct arm_op *op, struct err *err)
{
	SCOPED_DONE(vault_in) struct vault_in in;
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_in_init(&in);
	vault_init(&v);
	f = vault_of_path(op, &v, err);
	if (f == FAULT_NONE)
		f = vault_read(op->body, true, &in, err);
	if (f == FAULT_NONE && in.location.len > 0)
		f = arm_check_location(v.name, v.group, span_cstr(v.location), in.location, err);
	if (f == FAULT_NONE)
		f = check_model(op, &v, &in, err);
	if (f == FAULT_NONE)
		f = vault_apply_merge(&v, &in, err);
	return f == FAULT_NONE ? save(op, &v) : f;
}

/* GET …/vaults/{vault} */
enum fault vaults_get(struct arm_op *op, struct err *err)
{
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_init(&v);
	f = vault_of_path(op, &v, err);
	if (f == FAULT_NONE)
		vault_write(op, &v);
	return f;
}

/* DELETE …/vaults/{vault} → 200 empty; 204 when there is none. */
enum fault vaults_delete(struct arm_op *op, struct err *err)
{
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_init(&v);
	f = vault_of_path(op, &v, err);
	if (f == FAULT_NOT_FOUND && strcmp(err->code, "ResourceNotFound") == 0) {
		op->status = 204;
		return FAULT_NONE;
	}
	return f == FAULT_NONE ? vault_soft_delete(op->txn, &v, op->now_s) : f;
}

struct vault_list {
	struct arm_page page;
	struct span group; /* empty: all */
};

static enum fault list_one(const struct vault *v, void *arg)
{
	struct vault_list *l = arg;

	char id[VAULT_ID_SIZE];
	bool may = false;
	enum fault f;

	if (l->group.len > 0 && !span_eq_nocase(span_cstr(v->group), l->group))
		return FAULT_NONE;
	vault_print_id(id, v);
	f = arm_may(l->page.op, "Microsoft.KeyVault/vaults/read", id, &may);
	if (f != FAULT_NONE || !may)
		return f;
	if (arm_page_wants(&l->page))
		vault_write(l->page.op, v);
	return FAULT_NONE;
}

/* GET …/vaults, of a group or of the subscription. */
enum fault vaults_list(struct arm_op *op, struct err *err)
{
	struct vault_list l;
	enum fault f = arm_list_group(op, &l.group, err);

	if (f == FAULT_NONE)
		f = arm_page_begin(op, &l.page, err);
	if (f == FAULT_NONE)
		f = vault_each(op->txn, list_one, &l);
	if (f != FAULT_NONE)
		return f;
	arm_page_end(&l.page);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
