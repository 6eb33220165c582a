#include "vaultd/arm/registry_change.h"

#include <stdio.h>

#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/registry_encryption.h"
#include "vaultd/arm/registry_identity.h"
#include "vaultd/arm/registry_lookup.h"
#include "vaultd/arm/registry_operation.h"
#include "vaultd/arm/registry_reply.h"
#include "vaultd/arm/registry_settings.h"
#include "vaultd/cmk/registry_key.h"

/* One change on its way; in the exchange's pool. */
struct change_work {
	struct arm_op *op;
	struct registry_change c;
	struct key_user user, former_user;
};

static enum fault read_sku(struct arm_op *op, bool is_needed, struct registry *r, struct err *err)
{
	static const char *const names[] = { "Basic", "Standard", "Premium" };
	const struct json *sku = NULL, *name = NULL;
	enum fault f = arm_member(op->body, "sku", JSON_OBJECT, &sku, err);

	if (f == FAULT_NONE)
		f = arm_member(sku, "name", JSON_STRING, &name, err);
	if (f != FAULT_NONE || (name == NULL && !is_needed))
		return f;
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (span_eq_nocase(json_string(name), span_cstr(names[i]))) {
			r->sku = REGISTRY_BASIC + i;
			return FAULT_NONE;
		}
	return err_say(err, FAULT_INVALID, "InvalidParameter", "The value '%.*s' of parameter sku.name is invalid.",
		       SPAN_ARG(span_first(json_string(name), 256)));
}

/* A PUT without tags has none. */
static enum fault read_tags(struct arm_op *op, struct registry *r, struct err *err)
{
	SCOPED_DONE(buf) struct buf tags = BUF_INIT(TAGS_SIZE);
	bool has_tags = false;
	enum fault f = arm_read_tags(op->body, &tags, &has_tags, err);

	if (f == FAULT_NONE && (has_tags || op->request->method == HTTP_PUT))
		snprintf(r->tags, sizeof(r->tags), "%s", buf_cstr(&tags));
	return f;
}

static enum fault store_settings(const struct registry_settings *s, struct registry *r, struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(REGISTRY_PROPERTIES_SIZE - 1);
	struct json_out o;

	json_out_init(&o, &text);
	registry_settings_store(&o, s);
	if (buf_fault(&text) == FAULT_TOO_LARGE)
		return err_say(err, FAULT_INVALID, "InvalidParameter", "The properties are too long together.");
	if (buf_fault(&text) == FAULT_NONE)
		snprintf(r->properties, sizeof(r->properties), "%s", buf_cstr(&text));
	return buf_fault(&text);
}

static enum fault check_settings(const struct registry_settings *s, const struct registry_settings *former,
				 const struct registry *r, struct err *err)
{
	const char *feature = NULL;

	if (former != NULL && s->is_zone_redundant != former->is_zone_redundant)
		return err_say(err, FAULT_INVALID, "InvalidParameter",
			       "The property zoneRedundancy of registry %s cannot be changed.", r->name);
	if (r->sku == REGISTRY_PREMIUM)
		return FAULT_NONE;
	if (!s->public_access)
		return err_say(err, FAULT_INVALID, "PublicNetworkAccessNotSupported",
			       "Disabling public network access is not supported for the SKU %s. For more information, "
			       "please visit https://aka.ms/acr/private-link.",
			       r->sku == REGISTRY_BASIC ? "Basic" : "Standard");
	if (s->denies_by_default || json_array_len(s->ip_rules) > 0 || json_array_len(s->vnet_rules) > 0)
		feature = "network rule";
	else if (s->data_endpoint)
		feature = "data endpoint rule";
	else if (s->is_zone_redundant)
		feature = "zone redundancy";
	if (feature == NULL)
		return FAULT_NONE;
	return err_say(err, FAULT_INVALID, "FeatureNotSupported",
		       "The requested feature %s is not supported for the SKU %s.", feature,
		       r->sku == REGISTRY_BASIC ? "Basic" : "Standard");
}

/* A policy said again as it was has not changed. */
static void keep_time(struct aged_policy *p, const struct aged_policy *former)
{
	if (p->is_enabled == former->is_enabled && p->days == former->days)
		memcpy(p->updated, former->updated, sizeof(p->updated));
}

/* A PUT begins with the defaults, a PATCH with what is there. */
static enum fault read_settings(struct arm_op *op, const struct json *properties, struct registry_change *c,
				struct err *err)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct registry_settings former, s;
	enum fault f = FAULT_NONE;

	registry_settings_init(&s, op->now_ms);
	if (c->former != NULL) {
		f = json_parse(span_cstr(c->former->properties), &doc, NULL);
		if (f == FAULT_NONE)
			f = registry_settings_load(json_root(doc), &former);
		if (f != FAULT_NONE)
			return f == FAULT_MEMORY ? f : FAULT_STORE;
		if (op->request->method == HTTP_PATCH)
			s = former;
	}
	f = registry_settings_read(properties, op->now_ms, &s, err);
	if (f == FAULT_NONE && c->former != NULL) {
		keep_time(&s.retention, &former.retention);
		keep_time(&s.soft_delete, &former.soft_delete);
	}
	if (f == FAULT_NONE)
		f = check_settings(&s, c->former == NULL ? NULL : &former, c->next, err);
	c->has_trust = s.trust;
	return f == FAULT_NONE ? store_settings(&s, c->next, err) : f;
}

/* Versions before 2019-12-01-preview know neither identities nor keys. */
static enum fault read_body(struct arm_op *op, struct registry_change *c, struct err *err)
{
	bool is_old = arm_version_before(op->api_version, "2019-12-01");
	const struct json *properties = NULL, *identity = NULL;
	enum fault f = arm_member(op->body, "properties", JSON_OBJECT, &properties, err);

	if (f == FAULT_NONE && !is_old)
		f = arm_member(op->body, "identity", JSON_OBJECT, &identity, err);
	if (f == FAULT_NONE)
		f = read_sku(op, op->request->method == HTTP_PUT, c->next, err);
	if (f == FAULT_NONE)
		f = read_tags(op, c->next, err);
	if (f == FAULT_NONE)
		f = read_settings(op, properties, c, err);
	if (f == FAULT_NONE)
		f = registry_identity_read(op, identity, op->request->method == HTTP_PUT, c->next, &c->wants_system,
					   err);
	return f == FAULT_NONE ? registry_encryption_read(op, is_old ? NULL : properties, c, err) : f;
}

static enum fault switch_system(struct arm_op *op, const struct registry_change *c)
{
	bool has = c->next->system_object_id[0] != '\0';

	if (has == c->wants_system)
		return FAULT_NONE;
	return has ? registry_system_identity_off(op->txn, c->next)
		   : registry_system_identity_on(&op->d->world, op->txn, c->next);
}

/* Whether it is a change that Azure takes its time for. */
static bool is_slow(const struct registry_change *c)
{
	const struct registry *a = c->former, *b = c->next;

	if (a == NULL || c->adopts || a->n_identities != b->n_identities ||
	    strcmp(a->system_object_id, b->system_object_id) != 0)
		return true;
	for (size_t i = 0; i < a->n_identities; i++)
		if (strcmp(a->identities[i], b->identities[i]) != 0)
			return true;
	return false;
}

static enum fault write_change(struct arm_op *op, struct registry_change *c)
{
	struct registry *r = c->next;
	enum fault f = switch_system(op, c);

	registry_stamp(op, r);
	if (c->former == NULL) {
		memcpy(r->created_by, r->modified_by, sizeof(r->created_by));
		memcpy(r->created_by_type, r->modified_by_type, sizeof(r->created_by_type));
		r->created_ms = r->modified_ms;
	}
	if (f == FAULT_NONE)
		f = registry_put(op->txn, r);
	if (f != FAULT_NONE)
		return f;
	return is_slow(c) ? registry_operation_begin(op, r, c->former) : registry_operation_write(op, r);
}

/* Whether the registry is still what the change began with. */
static bool is_same(const struct registry *a, const struct registry *b)
{
	return memcmp(a->uid, b->uid, sizeof(a->uid)) == 0 && a->modified_ms == b->modified_ms &&
	       strcmp(a->modified_by, b->modified_by) == 0 &&
	       strcmp(a->versioned_key_identifier, b->versioned_key_identifier) == 0 &&
	       a->wrapped_len == b->wrapped_len && memcmp(a->wrapped, b->wrapped, a->wrapped_len) == 0;
}

static enum fault say_changed(const struct registry *r, struct err *err)
{
	return err_say(err, FAULT_CONFLICT, "ConflictingOperation",
		       "Another operation changed the registry %s meanwhile. Please retry.", r->name);
}

/* The vault has answered. */
static enum fault finish(struct arm_op *op, struct err *err)
{
	struct change_work *w = op->work;
	const struct registry *former = w->c.former;
	struct registry *r = w->c.next, *found = registry_alloc(op);
	struct group g;
	enum fault f = found == NULL ? FAULT_MEMORY : arm_group(op, &g, err);

	if (f != FAULT_NONE)
		return f;
	f = registry_get(op->txn, span_cstr(r->name), found);
	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	if ((f == FAULT_NONE) != (former != NULL) || (former != NULL && !is_same(former, found)))
		return say_changed(r, err);
	/* The same key, looked at anew, is no rotation. */
	if (former != NULL && strcmp(former->versioned_key_identifier, r->versioned_key_identifier) == 0 &&
	    strcmp(former->key_identity, r->key_identity) == 0)
		r->key_rotated_ms = former->key_rotated_ms;
	return write_change(op, &w->c);
}

static void on_adopted(void *arg, enum fault f, const struct err *err)
{
	arm_resume(arg, f, err, TXN_WRITE, finish);
}

static void ask_vault(struct arm_op *op)
{
	struct change_work *w = op->work;
	const struct registry_adoption a = { .d = op->d,
					     .r = w->c.next,
					     .former = w->c.former,
					     .user = &w->user,
					     .former_user = w->former_user.d == NULL ? NULL : &w->former_user,
					     .done = on_adopted,
					     .arg = op };
	enum fault f = registry_key_adopt(&a);

	if (f != FAULT_NONE)
		arm_resume(op, f, NULL, TXN_WRITE, finish);
}

static enum fault begin_adoption(struct arm_op *op, struct change_work *w, struct err *err)
{
	enum fault f = registry_key_user(op->d, op->txn, w->c.next, &w->user);

	if (f == FAULT_NOT_FOUND)
		return registry_say_no_identity(op->txn, w->c.next, err);
	if (f == FAULT_NONE && w->c.former != NULL) {
		f = registry_key_user(op->d, op->txn, w->c.former, &w->former_user);
		if (f == FAULT_NOT_FOUND)
			f = FAULT_NONE;
	}
	if (f != FAULT_NONE)
		return f;
	op->work = w;
	op->wait = ask_vault;
	return FAULT_NONE;
}

enum fault registry_change(struct arm_op *op, const struct registry *former, struct registry *next, struct err *err)
{
	struct change_work *w = pool_alloc(http_exchange_pool(op->x), sizeof(*w));
	enum fault f;

	if (w == NULL)
		return FAULT_MEMORY;
	w->op = op;
	w->c.former = former;
	w->c.next = next;
	f = read_body(op, &w->c, err);
	if (f != FAULT_NONE)
		return f;
	return w->c.adopts ? begin_adoption(op, w, err) : write_change(op, &w->c);
}
