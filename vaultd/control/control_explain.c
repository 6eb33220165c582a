#include "vaultd/control/control_op.h"

#include <stdio.h>

#include "common/model/identity.h"
#include "common/model/world_clock.h"
#include "common/plain/text.h"
#include "policy/scope.h"
#include "vaultd/explain.h"
#include "vaultd/keyvault/kv_explain.h"

/*
 * POST /explain → see explain.h. caller is an object id, a client id, the resource id of an identity or of a resource
 * that has one, "system" or "admin".
 *
 * { caller, vault, operation, key?, version?, address? } is about a vault's keys: operation is named as in REST, in the
 * audit, or in an access policy; key may also be "NAME/VERSION".
 * { caller, action, scope } is about the control plane: "Microsoft.KeyVault/vaults/write" at "/subscriptions/…".
 */

static const char *const names[] = { "caller",	"vault",  "key",   "version", "operation",
				     "address", "action", "scope", NULL };

struct texts {
	struct span caller, vault, key, version, operation, address, action, scope;
};

static enum fault read_texts(const struct json *body, struct texts *ret, struct err *err)
{
	struct span *into[] = { &ret->caller,	 &ret->vault,	&ret->key,    &ret->version,
				&ret->operation, &ret->address, &ret->action, &ret->scope };
	bool is_of_vault, is_of_arm;
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && names[i] != NULL; i++)
		f = control_text(body, names[i], into[i], err);
	if (f != FAULT_NONE)
		return f;
	is_of_arm = ret->action.len > 0 && ret->scope.len > 0 && ret->vault.p == NULL && ret->key.p == NULL &&
		    ret->version.p == NULL && ret->operation.p == NULL && ret->address.p == NULL;
	is_of_vault = ret->vault.len > 0 && ret->operation.len > 0 && ret->action.p == NULL && ret->scope.p == NULL;
	if (ret->caller.len == 0 || !(is_of_arm || is_of_vault))
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "Ask either with \"caller\", \"vault\" and \"operation\" (and \"key\", \"version\", "
			       "\"address\"), or with \"caller\", \"action\" and \"scope\".");
	return FAULT_NONE;
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

/* "NAME/VERSION", or the two apart. */
static enum fault read_key(const struct texts *in, struct kv_question *q, struct err *err)
{
	struct span rest = in->key.p == NULL ? SPAN_EMPTY : span_cut(in->key, '/', &q->key);

	q->version = rest.p == NULL ? SPAN_EMPTY : rest;
	if (in->version.len > 0 && q->version.len == 0)
		q->version = in->version;
	if (in->key.p == NULL)
		q->key = SPAN_EMPTY;
	if (q->version.len == 0)
		return FAULT_NONE;
	if (q->key.len == 0 || (in->version.len > 0 && !span_eq(q->version, in->version)))
		return err_say(err, FAULT_INVALID, "BadRequest", "\"version\" is one version of the \"key\".");
	if (!kv_row_takes_version(q->row))
		return err_say(err, FAULT_INVALID, "BadRequest", "%s is about a whole key: it takes no version.",
			       q->row->name);
	return FAULT_NONE;
}

static enum fault read_question(const struct control_op *op, struct txn *t, const struct texts *in,
				struct kv_question *ret, struct err *err)
{
	int64_t now_ms = 0;
	enum fault f;

	*ret = (struct kv_question){ .vault = in->vault };
	ret->row = kv_row_named(in->operation);
	if (ret->row == NULL)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "\"%.*s\" is no operation on keys; vaultd --print-operations lists them.",
			       SPAN_ARG(span_first(in->operation, 64)));
	ret->has_address = in->address.p != NULL;
	if (ret->has_address && addr_parse(in->address, &ret->address) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "BadRequest", "\"address\" must be an IP address.");
	f = read_key(in, ret, err);
	if (f == FAULT_NONE)
		f = world_now_ms(t, &op->d->clock, &now_ms);
	ret->now_s = now_ms / 1000;
	return f == FAULT_NONE ? find_caller(op, t, in->caller, &ret->caller, err) : f;
}

static enum fault explain_vault(struct control_op *op, struct txn *t, const struct texts *in, struct err *err)
{
	struct kv_question q;
	enum fault f = read_question(op, t, in, &q, err);

	return f == FAULT_NONE ? kv_explain(op->d, t, &q, &op->out, err) : f;
}

/* An action on keys is a vault's to answer: its own rules count, too. */
static enum fault check_action(struct span action, struct err *err)
{
	for (int a = 0; a < ACTION_COUNT; a++)
		if (span_eq_nocase(action, span_cstr(action_rbac_string((enum action)a))))
			return err_say(err, FAULT_INVALID, "BadRequest",
				       "\"%s\" is done with keys: ask with \"vault\" and \"operation\".",
				       action_rbac_string((enum action)a));
	if (memchr(action.p, '/', action.len) == NULL || memchr(action.p, '*', action.len) != NULL)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "\"action\" must be one such as \"Microsoft.KeyVault/vaults/write\".");
	return FAULT_NONE;
}

static enum fault decide_action(struct control_op *op, struct txn *t, const struct rbac_query *q)
{
	struct explanation e;
	enum fault f;

	explanation_begin(&e);
	f = explanation_roles(&e, op->d, t, q);
	if (f == FAULT_NONE)
		f = explanation_write(&e, &op->out);
	explanation_done(&e);
	return f;
}

/* As the control plane decides: by roles alone. */
static enum fault explain_action(struct control_op *op, struct txn *t, const struct texts *in, struct err *err)
{
	char *folded = pool_alloc(http_exchange_pool(op->x), in->scope.len + 1);
	struct rbac_query q = { .action = in->action };
	struct caller caller;
	int64_t now_ms = 0;
	enum fault f = folded == NULL ? FAULT_MEMORY : check_action(in->action, err);

	if (f != FAULT_NONE)
		return f;
	if (scope_fold(in->scope, folded, in->scope.len + 1, &q.scope) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "\"scope\" must be the id of a subscription, group or resource: "
			       "\"/subscriptions/...\".");
	f = find_caller(op, t, in->caller, &caller, err);
	if (f == FAULT_NONE)
		f = world_now_ms(t, &op->d->clock, &now_ms);
	if (f != FAULT_NONE)
		return f;
	q.now_s = now_ms / 1000;
	q.principal_id = span_cstr(caller.object_id);
	return decide_action(op, t, &q);
}

enum fault control_explain(struct control_op *op, struct err *err)
{
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
	f = in.action.len > 0 ? explain_action(op, t, &in, err) : explain_vault(op, t, &in, err);
	txn_abort(t);
	return f;
}
