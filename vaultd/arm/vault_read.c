#include "vaultd/arm/vault_read.h"

#include <stdlib.h>

#include "common/plain/text.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/network_acls.h"

enum { NAME_LEN_MIN = 3, NAME_LEN_MAX = 24 };

void vault_in_init(struct vault_in *in)
{
	memset(in, 0, sizeof(*in));
}

void vault_in_done(struct vault_in *in)
{
	free(in->tags);
	free(in->network_acls);
	access_policy_list_done(&in->policies);
	vault_in_init(in);
}

static bool is_letter(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool vault_name_is_valid(struct span name)
{
	if (name.len < NAME_LEN_MIN || name.len > NAME_LEN_MAX || !is_letter(name.p[0]) || name.p[name.len - 1] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!is_letter(name.p[i]) && !is_digit(name.p[i]) && name.p[i] != '-')
			return false;
		if (i > 0 && name.p[i] == '-' && name.p[i - 1] == '-')
			return false;
	}
	return true;
}

enum fault vault_check_name(struct span name, struct err *err)
{
	if (vault_name_is_valid(name))
		return FAULT_NONE;
	return err_say(
		err, FAULT_INVALID, "VaultNameNotValid",
		"The vault name '%.*s' is invalid. A vault's name must be between 3-24 alphanumeric characters. The "
		"name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. "
		"Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742",
		SPAN_ARG(name));
}

static enum fault bad(struct err *err, const char *name, const char *wants)
{
	return err_say(err, FAULT_INVALID, "BadRequest", "An invalid value was provided for '%s'. It must be %s.", name,
		       wants);
}

/* The vault's own Boolean members. */
static const struct {
	const char *name;
	size_t offset;
} flags[] = {
	{ "enabledForDeployment", offsetof(struct vault_in, for_deployment) },
	{ "enabledForDiskEncryption", offsetof(struct vault_in, for_disk_encryption) },
	{ "enabledForTemplateDeployment", offsetof(struct vault_in, for_template_deployment) },
	{ "enableRbacAuthorization", offsetof(struct vault_in, rbac) },
	{ "enableSoftDelete", offsetof(struct vault_in, soft_delete) },
	{ "enablePurgeProtection", offsetof(struct vault_in, purge_protection) },
};

static enum fault read_flags(const struct json *properties, struct vault_in *ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		const struct json *v = json_get_nocase(properties, flags[i].name);
		enum tristate *into = (enum tristate *)((char *)ret + flags[i].offset);

		if (v == NULL)
			continue;
		if (json_type(v) != JSON_BOOL)
			return bad(err, flags[i].name, "a Boolean");
		*into = json_bool(v) ? TRI_TRUE : TRI_FALSE;
	}
	return FAULT_NONE;
}

/* What was switched on stays on: neither can be sent as false, ever. */
static enum fault check_irreversible(const struct vault_in *in, struct err *err)
{
	if (in->purge_protection == TRI_FALSE)
		return err_say(
			err, FAULT_INVALID, "BadRequest",
			"The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection "
			"for a vault is an irreversible action.");
	if (in->soft_delete == TRI_FALSE)
		return err_say(
			err, FAULT_INVALID, "BadRequest",
			"The property \"enableSoftDelete\" cannot be set to false. Enabling the soft delete for a "
			"vault is an irreversible action.");
	return FAULT_NONE;
}

static enum fault read_sku(const struct json *properties, struct vault_in *ret, struct err *err)
{
	const struct json *sku = json_get_nocase(properties, "sku");
	struct span family = json_string(json_get_nocase(sku, "family"));
	struct span name = json_string(json_get_nocase(sku, "name"));

	if (sku == NULL)
		return FAULT_NONE;
	if (json_type(sku) != JSON_OBJECT)
		return bad(err, "sku", "an object");
	if (json_get_nocase(sku, "family") != NULL && !span_eq_nocase(family, SPAN_LIT("A")))
		return bad(err, "sku.family", "'A'");
	ret->is_premium = span_eq_nocase(name, SPAN_LIT("premium"));
	if (!ret->is_premium && !span_eq_nocase(name, SPAN_LIT("standard")))
		return bad(err, "sku.name", "'standard' or 'premium'");
	ret->has_sku = true;
	return FAULT_NONE;
}

static enum fault read_tenant(const struct json *properties, struct vault_in *ret, struct err *err)
{
	const struct json *v = json_get_nocase(properties, "tenantId");
	struct span id = json_string(v);

	if (v == NULL)
		return FAULT_NONE;
	if (!uuid_is_valid(id))
		return bad(err, "tenantId", "a GUID");
	memcpy(ret->tenant_id, id.p, id.len);
	ret->tenant_id[id.len] = '\0';
	ascii_lower_str(ret->tenant_id);
	return FAULT_NONE;
}

static enum fault read_retention(const struct json *properties, struct vault_in *ret, struct err *err)
{
	const struct json *v = json_get_nocase(properties, "softDeleteRetentionInDays");
	int64_t days = json_int(v);

	if (v == NULL)
		return FAULT_NONE;
	if (json_type(v) != JSON_INT || days < RETENTION_DAYS_MIN || days > RETENTION_DAYS_MAX)
		return bad(err, "softDeleteRetentionInDays", "an integer from 7 to 90");
	ret->retention_days = (int)days;
	return FAULT_NONE;
}

static enum fault read_policies(const struct json *properties, struct vault_in *ret, struct err *err)
{
	const struct json *v = json_get_nocase(properties, "accessPolicies");

	if (v == NULL)
		return FAULT_NONE;
	if (json_type(v) != JSON_ARRAY)
		return bad(err, "accessPolicies", "an array");
	ret->has_policies = true;
	return access_policies_read(v, &ret->policies, err);
}

static enum fault read_network(const struct json *properties, struct vault_in *ret, struct err *err)
{
	const struct json *acls = json_get_nocase(properties, "networkAcls");
	const struct json *access = json_get_nocase(properties, "publicNetworkAccess");

	if (access != NULL) {
		if (span_eq_nocase(json_string(access), SPAN_LIT("Enabled")))
			ret->public_access = TRI_TRUE;
		else if (span_eq_nocase(json_string(access), SPAN_LIT("Disabled")))
			ret->public_access = TRI_FALSE;
		else
			return bad(err, "publicNetworkAccess", "'Enabled' or 'Disabled'");
	}
	if (acls == NULL)
		return FAULT_NONE;
	ret->has_network_acls = true;
	return network_acls_read(acls, &ret->network_acls, err);
}

static enum fault read_create_mode(const struct json *properties, struct vault_in *ret, struct err *err)
{
	const struct json *v = json_get_nocase(properties, "createMode");

	ret->is_recover = span_eq_nocase(json_string(v), SPAN_LIT("recover"));
	if (v == NULL || ret->is_recover || span_eq_nocase(json_string(v), SPAN_LIT("default")))
		return FAULT_NONE;
	return bad(err, "createMode", "'default' or 'recover'");
}

static enum fault read_tags(const struct json *body, struct vault_in *ret, struct err *err)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(TAGS_SIZE);
	bool is_set = false;
	enum fault f = arm_read_tags(body, &b, &is_set, err);

	return f == FAULT_NONE && is_set ? arm_take_text(&b, &ret->tags) : f;
}

/* Every reader of the properties object; the first fault ends it. */
static enum fault (*const readers[])(const struct json *properties, struct vault_in *ret, struct err *err) = {
	read_create_mode, read_sku, read_tenant, read_flags, read_retention, read_policies, read_network,
};

enum fault vault_read(const struct json *body, bool is_patch, struct vault_in *ret, struct err *err)
{
	const struct json *properties = NULL;
	enum fault f = FAULT_NONE;

	if (!is_patch || json_get_nocase(body, "location") != NULL)
		f = arm_read_location(body, "Microsoft.KeyVault/vaults", &ret->location, err);
	if (f == FAULT_NONE)
		f = read_tags(body, ret, err);
	if (f == FAULT_NONE)
		f = arm_member(body, "properties", JSON_OBJECT, &properties, err);
	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(readers); i++)
		f = readers[i](properties, ret, err);
	if (f == FAULT_NONE)
		f = check_irreversible(ret, err);
	return f;
}
