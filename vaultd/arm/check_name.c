#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/vault_read.h"

#define VAULT_TYPE "Microsoft.KeyVault/vaults"

/* FAULT_CONFLICT when a vault, living or deleted, has the name. */
static enum fault look_up(struct arm_op *op, struct span name, struct err *err)
{
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_init(&v);
	f = vault_get(op->txn, name, &v);
	if (f == FAULT_NOT_FOUND)
		f = vault_get_deleted(op->txn, name, op->now_s, &v);
	if (f == FAULT_NONE)
		return err_say(err, FAULT_CONFLICT, "", "The vault name '%.*s' is already in use.", SPAN_ARG(name));
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

/* POST …/checkNameAvailability {"name","type"} → {"nameAvailable":…[,"reason","message"]} */
enum fault check_vault_name(struct arm_op *op, struct err *err)
{
	const struct json *name = NULL, *type = NULL;
	struct err why = ERR_INIT;
	enum fault f = arm_member(op->body, "name", JSON_STRING, &name, err);

	if (f == FAULT_NONE)
		f = arm_member(op->body, "type", JSON_STRING, &type, err);
	if (f != FAULT_NONE)
		return f;
	if (name == NULL || !span_eq_nocase(json_string(type), SPAN_LIT(VAULT_TYPE)))
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "The body must have a 'name', and the 'type' '" VAULT_TYPE "'.");
	f = vault_check_name(json_string(name), &why);
	if (f == FAULT_NONE)
		f = look_up(op, json_string(name), &why);
	if (f != FAULT_NONE && f != FAULT_INVALID && f != FAULT_CONFLICT)
		return f;
	json_out_object(&op->out, NULL);
	json_out_bool(&op->out, "nameAvailable", f == FAULT_NONE);
	if (f != FAULT_NONE) {
		json_out_cstr(&op->out, "reason", f == FAULT_CONFLICT ? "AlreadyExists" : "AccountNameInvalid");
		json_out_cstr(&op->out, "message", why.message);
	}
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
