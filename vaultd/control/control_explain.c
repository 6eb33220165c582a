#include "vaultd/control/control_op.h"

#include <stdio.h>

#include "common/model/identity.h"
#include "common/model/world_clock.h"
#include "common/plain/text.h"
#include "vaultd/keyvault/kv_explain.h"

/*
 * POST /explain { caller, vault, key?, operation, address? } → see kv_explain.h. caller is an object id, a client id,
 * the resource id of an identity or of a resource that has one, "system" or "admin"; operation is named as in REST, in
 * the audit, or in an access policy.
 */

static const char *const names[] = { "caller", "vault", "key", "operation", "address", NULL };

struct texts {
	struct span caller, vault, key, operation, address;
};

static enum fault read_texts(const struct json *body, struct texts *ret, struct err *err)
{
	struct span *into[] = { &ret->caller, &ret->vault, &ret->key, &ret->operation, &ret->address };
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && names[i] != NULL; i++)
		f = control_text(body, names[i], into[i], err);
	if (f == FAULT_NONE && (ret->caller.len == 0 || ret->vault.len == 0 || ret->operation.len == 0))
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "\"caller\", \"vault\" and \"operation\" must be there.");
	return f;
}

static enum fault by_resource_id(struct txn *t, struct span id, struct principal *ret)
{
	struct identity i;
	struct host h;
	enum fault f = identity_by_resource_id(t, id, &i);

	if (f == FAULT_NONE)
		return principal_by_object_id(t, span_cstr(i.principal_id), ret);
	if (f == FAULT_NOT_FOUND)
		f = host_by_resource_id(t, id, &h);
	return f == FAULT_NONE ? principal_by_object_id(t, span_cstr(h.system_object_id), ret) : f;
}

static enum fault by_name(const struct control_op *op, struct txn *t, struct span name, struct principal *ret)
{
	struct host h;
	enum fault f;

	if (span_eq_cstr(name, "admin"))
		return principal_by_object_id(t, span_cstr(op->d->world.admin_object_id), ret);
	if (span_eq_cstr(name, "system")) {
		f = host_get(t, SPAN_LIT(HOST_DEFAULT_ID), &h);
		return f == FAULT_NONE ? principal_by_object_id(t, span_cstr(h.system_object_id), ret) : f;
	}
	if (name.p[0] == '/')
		return by_resource_id(t, name, ret);
	f = principal_by_object_id(t, name, ret);
	return f == FAULT_NOT_FOUND ? principal_by_app_id(t, name, ret) : f;
}

/* The caller as its token would say. A user-assigned identity is asked for on the sandbox's virtual machine. */
static enum fault find_caller(const struct control_op *op, struct txn *t, struct span name, struct caller *ret,
			      struct err *err)
{
	struct principal p;
	struct host h;
	enum fault f = by_name(op, t, name, &p);

	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "CallerNotFound", "Nobody here is '%.*s'.", SPAN_ARG(span_first(name, 256)));
	if (f != FAULT_NONE)
		return f;
	*ret = (struct caller){ .tenant_id = "" };
	snprintf(ret->tenant_id, sizeof(ret->tenant_id), "%s", op->d->world.tenant_id);
	snprintf(ret->object_id, sizeof(ret->object_id), "%s", p.object_id);
	snprintf(ret->app_id, sizeof(ret->app_id), "%s", p.app_id);
	if (p.kind != PRINCIPAL_APPLICATION)
		snprintf(ret->xms_mirid, sizeof(ret->xms_mirid), "%s", p.resource_id);
	if (p.kind == PRINCIPAL_USER_ASSIGNED && host_get(t, SPAN_LIT(HOST_DEFAULT_ID), &h) == FAULT_NONE)
		snprintf(ret->xms_az_rid, sizeof(ret->xms_az_rid), "%s", h.resource_id);
	return FAULT_NONE;
}

static enum fault read_question(const struct control_op *op, struct txn *t, const struct texts *in,
				struct kv_question *ret, struct err *err)
{
	int64_t now_ms = 0;
	enum fault f;

	*ret = (struct kv_question){ .vault = in->vault, .key = in->key.p == NULL ? SPAN_EMPTY : in->key };
	ret->row = kv_row_named(in->operation);
	if (ret->row == NULL)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "\"%.*s\" is no operation on keys; vaultd --print-operations lists them.",
			       SPAN_ARG(span_first(in->operation, 64)));
	ret->has_address = in->address.p != NULL;
	if (ret->has_address && addr_parse(in->address, &ret->address) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "BadRequest", "\"address\" must be an IP address.");
	f = world_now_ms(t, &op->d->clock, &now_ms);
	ret->now_s = now_ms / 1000;
	return f == FAULT_NONE ? find_caller(op, t, in->caller, &ret->caller, err) : f;
}

enum fault control_explain(struct control_op *op, struct err *err)
{
	struct kv_question q;
	const struct json *body;
	struct texts in;
	struct txn *t;
	enum fault f = control_body(op, names, &body, err);

	if (f == FAULT_NONE)
		f = read_texts(body, &in, err);
	if (f == FAULT_NONE)
		f = txn_begin(op->d->world.store, TXN_READ, &t, err);
	if (f != FAULT_NONE)
		return f;
	f = read_question(op, t, &in, &q, err);
	if (f == FAULT_NONE)
		f = kv_explain(op->d, t, &q, &op->out, err);
	txn_abort(t);
	return f;
}
