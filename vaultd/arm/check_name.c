#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/registry_lookup.h"
#include "vaultd/arm/registry_reply.h"
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

/* {"nameAvailable":…[,"reason","message"]}; faults that say nothing about the name are returned. */
static enum fault write_answer(struct arm_op *op, enum fault f, const char *invalid, const struct err *why)
{
	if (f != FAULT_NONE && f != FAULT_INVALID && f != FAULT_CONFLICT)
		return f;
	json_out_object(&op->out, NULL);
	json_out_bool(&op->out, "nameAvailable", f == FAULT_NONE);
	if (f != FAULT_NONE) {
		json_out_cstr(&op->out, "reason", f == FAULT_CONFLICT ? "AlreadyExists" : invalid);
		json_out_cstr(&op->out, "message", why->message);
	}
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

/* The body of either: {"name","type"}. */
static enum fault read_question(struct arm_op *op, const char *wanted_type, struct span *ret, struct err *err)
{
	const struct json *name = NULL, *type = NULL;
	enum fault f = arm_member(op->body, "name", JSON_STRING, &name, err);

	if (f == FAULT_NONE)
		f = arm_member(op->body, "type", JSON_STRING, &type, err);
	if (f != FAULT_NONE)
		return f;
	if (name == NULL || !span_eq_nocase(json_string(type), span_cstr(wanted_type)))
		return err_say(err, FAULT_INVALID, "BadRequest", "The body must have a 'name', and the 'type' '%s'.",
			       wanted_type);
	*ret = json_string(name);
	return FAULT_NONE;
}

/* POST …/Microsoft.KeyVault/checkNameAvailability */
enum fault check_vault_name(struct arm_op *op, struct err *err)
{
	struct err why = ERR_INIT;
	struct span name;
	enum fault f = read_question(op, VAULT_TYPE, &name, err);

	if (f != FAULT_NONE)
		return f;
	f = vault_check_name(name, &why);
	if (f == FAULT_NONE)
		f = look_up(op, name, &why);
	return write_answer(op, f, "AccountNameInvalid", &why);
}

/* POST …/Microsoft.ContainerRegistry/checkNameAvailability */
enum fault check_registry_name(struct arm_op *op, struct err *err)
{
	struct registry *r = registry_alloc(op);
	struct err why = ERR_INIT;
	struct span name;
	enum fault f = r == NULL ? FAULT_MEMORY : read_question(op, REGISTRY_TYPE, &name, err);

	registry_reply_headers(op);
	if (f != FAULT_NONE)
		return f;
	f = registry_check_name(name, &why);
	if (f == FAULT_NONE)
		f = registry_get(op->txn, name, r);
	else
		return write_answer(op, f, "Invalid", &why);
	if (f == FAULT_NONE)
		f = err_say(&why, FAULT_CONFLICT, "", "The registry %.*s is already in use.", SPAN_ARG(name));
	return write_answer(op, f == FAULT_NOT_FOUND ? FAULT_NONE : f, "Invalid", &why);
}

/*
 * POST …/checkMhsmNameAvailability {"name"}: no managed HSM has a name here, so only the name itself counts. The az of
 * today asks this one, whatever kind of resource its user has in mind.
 */
enum fault check_managed_hsm_name(struct arm_op *op, struct err *err)
{
	const struct json *name = NULL;
	struct err why = ERR_INIT;
	enum fault f = arm_member(op->body, "name", JSON_STRING, &name, err);

	if (f != FAULT_NONE)
		return f;
	if (name == NULL)
		return err_say(err, FAULT_INVALID, "BadRequest", "The body must have a 'name'.");
	f = vault_check_name(json_string(name), &why);
	return write_answer(op, f, "AccountNameInvalid", &why);
}
