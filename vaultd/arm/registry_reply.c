#include "vaultd/arm/registry_reply.h"

#include <stdio.h>

#include "common/io/json.h"
#include "common/model/azure_names.h"
#include "common/model/identity.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/registry_lookup.h"
#include "vaultd/arm/registry_settings.h"
#include "vaultd/cmk/key_user.h"

enum { VERSION_DATE_LEN = 10, HEADER_MAX = 64 };

void registry_reply_headers(struct arm_op *op)
{
	char version[HEADER_MAX];

	snprintf(version, sizeof(version), "%.*s", SPAN_ARG(op->api_version));
	http_reply_header(op->x, "api-supported-versions", version);
	http_reply_header(op->x, "Server", "Microsoft-HTTPAPI/2.0");
}

static bool since(struct span version, const char *date)
{
	return !arm_version_before(version, date);
}

/* Some members never left the previews. */
static bool since_in_previews(struct span version, const char *date)
{
	return version.len > VERSION_DATE_LEN && since(version, date);
}

static struct settings_shown shown_in(struct span v, const struct registry *r)
{
	return (struct settings_shown){
		.network_rules = r->sku == REGISTRY_PREMIUM,
		.vnet_rules = arm_version_before(v, "2021-09-01") ||
			      (arm_version_before(v, "2022-12-01") && v.len > VERSION_DATE_LEN),
		.export_policy = since(v, "2021-06-01"),
		.late_policies = since_in_previews(v, "2022-02-01"),
		.network_access = since(v, "2020-11-01"),
		.anonymous_pull = since_in_previews(v, "2021-06-01") || since(v, "2025-04-01"),
		.metadata_search = since_in_previews(v, "2023-11-01"),
	};
}

static const char *sku_name(const struct registry *r)
{
	static const char *const names[] = { "", "Basic", "Standard", "Premium" };

	return r->sku < ARRAY_LEN(names) ? names[r->sku] : "";
}

static void write_sku(struct json_out *o, const struct registry *r)
{
	json_out_object(o, "sku");
	json_out_cstr(o, "name", sku_name(r));
	json_out_cstr(o, "tier", sku_name(r));
	json_out_object_end(o);
}

static void write_id(struct json_out *o, const struct registry *r)
{
	char id[RESOURCE_ID_SIZE];

	registry_resource_id(id, r);
	json_out_cstr(o, "id", id);
}

static void write_place(struct json_out *o, const struct registry *r)
{
	json_out_cstr(o, "location", r->location);
}

static void write_tags(struct json_out *o, const struct registry *r)
{
	json_out_raw(o, "tags", r->tags[0] == '\0' ? SPAN_LIT("{}") : span_cstr(r->tags));
}

static void write_system_data(struct json_out *o, const struct registry *r)
{
	char created[SETTINGS_TIME_SIZE], modified[SETTINGS_TIME_SIZE];

	registry_time(created, r->created_ms, "+00:00");
	registry_time(modified, r->modified_ms, "+00:00");
	json_out_object(o, "systemData");
	json_out_cstr(o, "createdBy", r->created_by);
	json_out_cstr(o, "createdByType", r->created_by_type);
	json_out_cstr(o, "createdAt", created);
	json_out_cstr(o, "lastModifiedBy", r->modified_by);
	json_out_cstr(o, "lastModifiedByType", r->modified_by_type);
	json_out_cstr(o, "lastModifiedAt", modified);
	json_out_object_end(o);
}

/* An identity that was deleted since is passed over. */
static enum fault write_map(struct arm_op *op, const struct registry_state *s)
{
	struct json_out *o = &op->out;
	enum fault f = FAULT_NONE;

	json_out_object(o, "userAssignedIdentities");
	for (size_t n = 0; f == FAULT_NONE && n < s->n_identities; n++) {
		struct identity i;

		f = identity_by_resource_id(op->txn, span_cstr(s->identities[n]), &i);
		if (f == FAULT_NOT_FOUND)
			f = FAULT_NONE;
		else if (f == FAULT_NONE) {
			json_out_object_at(o, span_cstr(s->identities[n]));
			json_out_cstr(o, "principalId", i.principal_id);
			json_out_cstr(o, "clientId", i.client_id);
			json_out_object_end(o);
		}
	}
	json_out_object_end(o);
	return f;
}

/* The two spellings of a type: the provider's own, and the generic list's. */
struct identity_words {
	const char *system, *user, *both;
};
static const struct identity_words own_words = { "systemAssigned", "userAssigned", "systemAssigned, userAssigned" };
static const struct identity_words generic_words = { "SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned" };

/* No identity: no block. */
static enum fault write_identity(struct arm_op *op, const struct registry_state *s, const struct identity_words *words)
{
	bool has_system = s->system_object_id[0] != '\0', has_user = s->n_identities > 0;
	struct json_out *o = &op->out;
	enum fault f = FAULT_NONE;

	if (!has_system && !has_user)
		return FAULT_NONE;
	json_out_object(o, "identity");
	json_out_cstr(o, "type", has_system && has_user ? words->both : has_system ? words->system : words->user);
	if (has_system) {
		json_out_cstr(o, "principalId", s->system_object_id);
		json_out_cstr(o, "tenantId", op->d->world.tenant_id);
	}
	if (has_user)
		f = write_map(op, s);
	json_out_object_end(o);
	return f;
}

static void write_encryption(struct json_out *o, const struct registry_state *s)
{
	struct key_ref ref;
	bool has_key = s->key_identifier[0] != '\0';
	bool has_no_version = has_key && key_ref_parse(span_cstr(s->key_identifier), &ref) == FAULT_NONE &&
			      ref.version.len == 0;
	char rotated[SETTINGS_TIME_SIZE];

	json_out_object(o, "encryption");
	json_out_cstr(o, "status", has_key ? "enabled" : "disabled");
	if (has_key) {
		json_out_object(o, "keyVaultProperties");
		json_out_cstr(o, "keyIdentifier", s->key_identifier);
		json_out_cstr(o, "versionedKeyIdentifier", s->versioned_key_identifier);
		json_out_cstr(o, "identity", s->key_identity);
		json_out_bool(o, "keyRotationEnabled", has_no_version);
		if (s->key_rotated_ms != 0) {
			registry_time(rotated, s->key_rotated_ms, "+00:00");
			json_out_cstr(o, "lastKeyRotationTimestamp", rotated);
		}
		json_out_object_end(o);
	}
	json_out_object_end(o);
}

/* The registry's host behind the door this request came through. */
static void write_login_server(struct arm_op *op, const char *name)
{
	struct span host, port = span_cut(op->request->host, ':', &host);

	if (azure_name_is(host))
		json_out_fmt(&op->out, "loginServer", "%s.azurecr.io", name);
	else if (!span_eq_nocase(host, SPAN_LIT("localhost")))
		json_out_fmt(&op->out, "loginServer", "%s.azurecr.localhost:%u", name, op->d->tls_port);
	else if (port.len > 0)
		json_out_fmt(&op->out, "loginServer", "%s.azurecr.localhost:%.*s", name, SPAN_ARG(port));
	else
		json_out_fmt(&op->out, "loginServer", "%s.azurecr.localhost", name);
}

static void write_endpoints(struct json_out *o, const struct registry *r, const char *name, bool has_own)
{
	char location[LOCATION_SIZE];

	json_out_bool(o, "dataEndpointEnabled", has_own);
	json_out_array(o, "dataEndpointHostNames");
	if (has_own && arm_location_fold(span_cstr(r->location), location) == FAULT_NONE)
		json_out_fmt(o, NULL, "%s.%s.data.azurecr.io", name, location);
	json_out_array_end(o);
	json_out_array(o, "privateEndpointConnections");
	json_out_array_end(o);
}

static void write_properties(struct arm_op *op, const struct registry *r, const struct registry_state *s,
			     const char *provisioning, const struct registry_settings *settings)
{
	struct settings_shown shown = shown_in(op->api_version, r);
	bool has_encryption = since(op->api_version, "2019-12-01");
	struct json_out *o = &op->out;
	char name[REGISTRY_NAME_SIZE], created[SETTINGS_TIME_SIZE];

	memcpy(name, r->name, sizeof(name));
	ascii_lower_str(name);
	registry_time(created, r->created_ms, "Z");
	json_out_object(o, "properties");
	write_login_server(op, name);
	json_out_cstr(o, "creationDate", created);
	json_out_cstr(o, "provisioningState", provisioning);
	registry_settings_write_first(o, settings, &shown);
	if (has_encryption) {
		write_encryption(o, s);
		write_endpoints(o, r, name, settings->data_endpoint);
	}
	registry_settings_write_last(o, settings, &shown);
	if (since_in_previews(op->api_version, "2024-11-01"))
		json_out_cstr(o, "autoGeneratedDomainNameLabelScope", "Unsecure");
	json_out_object_end(o);
}

enum fault registry_write(struct arm_op *op, const struct registry *r, const struct operation *under_way)
{
	struct registry_state now;
	const char *provisioning = under_way == NULL ? "Succeeded" : under_way->is_creation ? "Creating" : "Updating";
	const struct registry_state *shown = under_way == NULL ? &now : &under_way->before;
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct registry_settings settings;
	struct json_out *o = &op->out;
	enum fault f = json_parse(span_cstr(r->properties), &doc, NULL);

	if (f == FAULT_NONE)
		f = registry_settings_load(json_root(doc), &settings);
	if (f != FAULT_NONE)
		return f == FAULT_MEMORY ? f : FAULT_STORE;
	registry_state_of(&now, r);
	json_out_object(o, NULL);
	write_sku(o, r);
	json_out_cstr(o, "type", REGISTRY_TYPE);
	if (since(op->api_version, "2019-12-01"))
		f = write_identity(op, shown, &own_words);
	write_id(o, r);
	json_out_cstr(o, "name", r->name);
	write_place(o, r);
	write_tags(o, r);
	if (since(op->api_version, "2020-11-01"))
		write_system_data(o, r);
	write_properties(op, r, shown, provisioning, &settings);
	json_out_object_end(o);
	return f;
}

enum fault registry_write_generic(struct arm_op *op, const struct registry *r)
{
	bool is_old = arm_version_before(op->api_version, "2021-04-01");
	struct json_out *o = &op->out;
	struct registry_state now;
	enum fault f = FAULT_NONE;

	registry_state_of(&now, r);
	json_out_object(o, NULL);
	write_id(o, r);
	json_out_cstr(o, "name", r->name);
	json_out_cstr(o, "type", REGISTRY_TYPE);
	if (!is_old)
		write_sku(o, r);
	write_place(o, r);
	if (!is_old)
		f = write_identity(op, &now, &generic_words);
	write_tags(o, r);
	if (!is_old)
		write_system_data(o, r);
	json_out_object_end(o);
	return f;
}
