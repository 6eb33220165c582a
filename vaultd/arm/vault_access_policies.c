#include "vaultd/arm/access_policies.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/vault_lookup.h"

static const struct {
	const char *word;
	enum access_policy_change change;
} changes[] = {
	{ "add", ACCESS_POLICY_ADD },
	{ "replace", ACCESS_POLICY_REPLACE },
	{ "remove", ACCESS_POLICY_REMOVE },
};

static enum fault read_change(const struct arm_op *op, enum access_policy_change *ret, struct err *err)
{
	struct span word = arm_capture(op, "operation");

	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		if (span_eq_nocase(word, span_cstr(changes[i].word))) {
			*ret = changes[i].change;
			return FAULT_NONE;
		}
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "The access policy operation '%.*s' is invalid. It must be 'add', 'replace' or 'remove'.",
		       SPAN_ARG(word));
}

static enum fault read_list(const struct arm_op *op, struct access_policy_list *ret, struct err *err)
{
	const struct json *properties = NULL, *list = NULL;
	enum fault f = arm_member(op->body, "properties", JSON_OBJECT, &properties, err);

	if (f == FAULT_NONE)
		f = arm_member(properties, "accessPolicies", JSON_ARRAY, &list, err);
	if (f != FAULT_NONE)
		return f;
	if (list == NULL)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "The parameter accessPolicies is not specified or has an invalid value.");
	return access_policies_read(list, ret, err);
}

static void write_result(struct arm_op *op, const struct vault *v)
{
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_fmt(o, "id",
		     "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.KeyVault/vaults/%s/accessPolicies/",
		     v->subscription_id, v->group, v->name);
	json_out_cstr(o, "type", "Microsoft.KeyVault/vaults/accessPolicies");
	json_out_cstr(o, "location", v->location);
	json_out_object(o, "properties");
	access_policies_write(o, "accessPolicies", v->policies, v->n_policies);
	json_out_object_end(o);
	json_out_object_end(o);
}

/* The vault's list is lent out for the change and comes back whatever happens. */
static enum fault change_vault(struct vault *v, const struct access_policy_list *given,
			       enum access_policy_change change, struct err *err)
{
	struct access_policy_list has = { v->policies, v->n_policies };
	enum fault f = access_policies_check_tenant(given, v->tenant_id, err);

	if (f == FAULT_NONE)
		f = access_policies_change(&has, given, change, err);
	v->policies = has.entries;
	v->n_policies = has.n;
	return f;
}

/* PUT …/vaults/{vault}/accessPolicies/{operation} → 200 with the whole list that results. */
enum fault vault_access_policies_put(struct arm_op *op, struct err *err)
{
	SCOPED_DONE(access_policy_list) struct access_policy_list given = { NULL, 0 };
	SCOPED_DONE(vault) struct vault v;
	enum access_policy_change change = ACCESS_POLICY_ADD;
	enum fault f;

	vault_init(&v);
	f = vault_of_path(op, &v, err);
	if (f == FAULT_NONE)
		f = read_change(op, &change, err);
	if (f == FAULT_NONE)
		f = read_list(op, &given, err);
	if (f == FAULT_NONE)
		f = change_vault(&v, &given, change, err);
	if (f != FAULT_NONE)
		return f;
	vault_stamp(op, &v);
	f = vault_put(op->txn, &v);
	if (f == FAULT_NONE)
		write_result(op, &v);
	return f;
}
