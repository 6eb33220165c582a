#include <stdio.h>

#include "common/model/identity.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/federated_credential_read.h"

/* Source: fixtures/sources.md#federated-credentials */

#define IDENTITY_TYPE "Microsoft.ManagedIdentity/userAssignedIdentities"
#define CREDENTIAL_TYPE IDENTITY_TYPE "/federatedIdentityCredentials"

enum { CREDENTIAL_ID_SIZE = RESOURCE_ID_SIZE + FEDERATED_NAME_SIZE + 32 };

/* The identity whose credentials the path is about. */
static enum fault parent_of_path(const struct arm_op *op, struct identity *ret, struct err *err)
{
	struct span name = arm_capture(op, "identity");
	struct group g;
	enum fault f = arm_group(op, &g, err);

	if (f != FAULT_NONE)
		return f;
	f = identity_get(op->txn, span_cstr(g.subscription_id), span_cstr(g.name), name, ret);
	if (f != FAULT_NOT_FOUND)
		return f;
	return err_say(err, f, "ParentResourceNotFound",
		       "Can not perform requested operation on nested resource. Parent resource '%.*s' not found.",
		       SPAN_ARG(name));
}

static enum fault credential_of_path(const struct arm_op *op, const struct identity *parent,
				     struct federated_credential *ret, struct err *err)
{
	struct span name = arm_capture(op, "credential");
	enum fault f = federated_credential_get(op->txn, span_cstr(parent->principal_id), name, ret);

	if (f != FAULT_NOT_FOUND)
		return f;
	return err_say(err, f, "ResourceNotFound",
		       "The Resource '" IDENTITY_TYPE
		       "/%s/federatedIdentityCredentials/%.*s' under resource group '%s' was "
		       "not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
		       parent->name, SPAN_ARG(name), parent->group);
}

static void credential_id(char out[CREDENTIAL_ID_SIZE], const struct identity *parent,
			  const struct federated_credential *c)
{
	char id[RESOURCE_ID_SIZE];

	identity_resource_id(id, parent);
	snprintf(out, CREDENTIAL_ID_SIZE, "%s/federatedIdentityCredentials/%s", id, c->name);
}

static void write_credential(struct json_out *o, const struct identity *parent, const struct federated_credential *c)
{
	char id[CREDENTIAL_ID_SIZE];

	credential_id(id, parent, c);
	json_out_object(o, NULL);
	json_out_cstr(o, "id", id);
	json_out_cstr(o, "name", c->name);
	json_out_cstr(o, "type", CREDENTIAL_TYPE);
	json_out_object(o, "properties");
	json_out_cstr(o, "issuer", c->issuer);
	json_out_cstr(o, "subject", c->subject);
	json_out_array(o, "audiences");
	json_out_cstr(o, NULL, c->audience);
	json_out_array_end(o);
	json_out_object_end(o);
	json_out_object_end(o);
}

/* ---- what the identity has already ---- */

struct others {
	const struct federated_credential *wanted;
	size_t n;
	bool has_same; /* issuer and subject */
};

static enum fault look_at(const struct federated_credential *c, void *arg)
{
	struct others *o = arg;

	if (span_eq_nocase(span_cstr(c->name), span_cstr(o->wanted->name)))
		return FAULT_NONE;
	o->n++;
	if (strcmp(c->issuer, o->wanted->issuer) == 0 && strcmp(c->subject, o->wanted->subject) == 0)
		o->has_same = true;
	return FAULT_NONE;
}

static enum fault check_others(struct arm_op *op, const struct federated_credential *c, struct err *err)
{
	struct others o = { .wanted = c };
	enum fault f = federated_credential_each(op->txn, span_cstr(c->principal_id), look_at, &o);

	if (f != FAULT_NONE)
		return f;
	if (o.has_same)
		return err_say(err, FAULT_CONFLICT, "Conflict",
			       "Issuer and subject combination already exists for this Managed Identity.");
	if (o.n >= FEDERATED_CREDENTIALS_MAX)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "A managed identity can have at most %d federated identity credentials.",
			       FEDERATED_CREDENTIALS_MAX);
	return FAULT_NONE;
}

/* ---- operations ---- */

/* PUT …/federatedIdentityCredentials/{credential} → 201 new (with a relative Location), 200 there before. */
enum fault federated_credentials_put(struct arm_op *op, struct err *err)
{
	struct federated_credential c = { .name = "" }, former;
	char id[CREDENTIAL_ID_SIZE];
	struct identity parent;
	enum fault f = parent_of_path(op, &parent, err);

	if (f == FAULT_NONE)
		f = federated_credential_read(arm_capture(op, "credential"), op->body, &c, err);
	if (f != FAULT_NONE)
		return f;
	memcpy(c.principal_id, parent.principal_id, sizeof(c.principal_id));
	f = check_others(op, &c, err);
	if (f != FAULT_NONE)
		return f;
	f = federated_credential_get(op->txn, span_cstr(c.principal_id), span_cstr(c.name), &former);
	if (f == FAULT_NONE) {
		memcpy(c.name, former.name, sizeof(c.name));
	} else if (f == FAULT_NOT_FOUND) {
		credential_id(id, &parent, &c);
		http_reply_header(op->x, "Location", id);
		op->status = 201;
		f = FAULT_NONE;
	}
	if (f == FAULT_NONE)
		f = federated_credential_put(op->txn, &c);
	if (f == FAULT_NONE)
		write_credential(&op->out, &parent, &c);
	return f;
}

/* GET …/federatedIdentityCredentials/{credential} */
enum fault federated_credentials_get(struct arm_op *op, struct err *err)
{
	struct federated_credential c;
	struct identity parent;
	enum fault f = parent_of_path(op, &parent, err);

	if (f == FAULT_NONE)
		f = credential_of_path(op, &parent, &c, err);
	if (f == FAULT_NONE)
		write_credential(&op->out, &parent, &c);
	return f;
}

/* DELETE …/federatedIdentityCredentials/{credential} → 200 empty; 204 when there is none. */
enum fault federated_credentials_delete(struct arm_op *op, struct err *err)
{
	struct federated_credential c;
	struct identity parent;
	enum fault f = parent_of_path(op, &parent, err);

	if (f != FAULT_NONE)
		return f;
	f = federated_credential_get(op->txn, span_cstr(parent.principal_id), arm_capture(op, "credential"), &c);
	if (f == FAULT_NOT_FOUND) {
		op->status = 204;
		return FAULT_NONE;
	}
	return f == FAULT_NONE ? federated_credential_del(op->txn, &c) : f;
}

struct listing {
	struct arm_page page;
	const struct identity *parent;
};

static enum fault list_one(const struct federated_credential *c, void *arg)
{
	struct listing *l = arg;

	if (arm_page_wants(&l->page))
		write_credential(&l->page.op->out, l->parent, c);
	return FAULT_NONE;
}

/* GET …/federatedIdentityCredentials */
enum fault federated_credentials_list(struct arm_op *op, struct err *err)
{
	struct listing l;
	struct identity parent;
	enum fault f = parent_of_path(op, &parent, err);

	l.parent = &parent;
	if (f == FAULT_NONE)
		f = arm_page_begin(op, &l.page, err);
	if (f == FAULT_NONE)
		f = federated_credential_each(op->txn, span_cstr(parent.principal_id), list_one, &l);
	if (f != FAULT_NONE)
		return f;
	arm_page_end(&l.page);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
