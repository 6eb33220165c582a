#include "vaultd/arm/registry_body.h"

#include <stdio.h>

#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/registry_identity.h"
#include "vaultd/arm/registry_settings.h"

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
enum fault registry_body_read(struct arm_op *op, struct registry_change *c, struct err *err)
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
