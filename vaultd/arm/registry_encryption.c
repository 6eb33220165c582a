#include "vaultd/arm/registry_encryption.h"

#include <stdio.h>

#include "common/model/principal.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/registry_identity.h"
#include "vaultd/cmk/key_user.h"
#include "vaultd/cmk/registry_refuse.h"

#define SEE_CMK "For more information on customer-managed keys, please visit 'https://aka.ms/acr/cmk'."

struct encryption_in {
	bool is_on, is_off;
	struct span key_identifier, identity; /* empty: not said */
};

static enum fault read_status(const struct json *encryption, struct encryption_in *in, struct err *err)
{
	const struct json *v = NULL;
	enum fault f = arm_member(encryption, "status", JSON_STRING, &v, err);

	if (f != FAULT_NONE || v == NULL)
		return f;
	in->is_on = span_eq_nocase(json_string(v), SPAN_LIT("enabled"));
	in->is_off = span_eq_nocase(json_string(v), SPAN_LIT("disabled"));
	if (in->is_on || in->is_off)
		return FAULT_NONE;
	return err_say(err, FAULT_INVALID, "InvalidParameter",
		       "The value '%.*s' of parameter properties.encryption.status is invalid.",
		       SPAN_ARG(span_first(json_string(v), 256)));
}

/* versionedKeyIdentifier, keyRotationEnabled and lastKeyRotationTimestamp are the registry's to say: passed over. */
static enum fault read_block(const struct json *properties, struct encryption_in *in, struct err *err)
{
	const struct json *encryption = NULL, *key = NULL, *id = NULL, *identity = NULL;
	enum fault f = arm_member(properties, "encryption", JSON_OBJECT, &encryption, err);

	if (f == FAULT_NONE)
		f = read_status(encryption, in, err);
	if (f == FAULT_NONE)
		f = arm_member(encryption, "keyVaultProperties", JSON_OBJECT, &key, err);
	if (f == FAULT_NONE)
		f = arm_member(key, "keyIdentifier", JSON_STRING, &id, err);
	if (f == FAULT_NONE)
		f = arm_member(key, "identity", JSON_STRING, &identity, err);
	if (f != FAULT_NONE)
		return f;
	in->key_identifier = json_string(id);
	in->identity = json_string(identity);
	return FAULT_NONE;
}

enum fault registry_say_no_identity(struct txn *t, const struct registry *r, struct err *err)
{
	struct principal p = { .app_id = "" };
	char id[RESOURCE_ID_SIZE];
	enum fault f = FAULT_NOT_FOUND;

	if (r->system_object_id[0] != '\0' && strcmp(r->key_identity, REGISTRY_SYSTEM_IDENTITY) == 0)
		f = principal_by_object_id(t, span_cstr(r->system_object_id), &p);
	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	registry_resource_id(id, r);
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "Azure resource '%s' does not have access to identity '%s' Try forcibly adding the identity to "
		       "the registry %s. For more information on bring your own key, please visit "
		       "'https://aka.ms/acr/cmk'.",
		       id, f == FAULT_NONE ? p.app_id : r->key_identity, r->name);
}

static enum fault copy(char *out, size_t size, struct span text, const char *name, struct err *err)
{
	if (text.len >= size || memchr(text.p, '\0', text.len) != NULL)
		return err_say(err, FAULT_INVALID, "InvalidParameter",
			       "The value of parameter properties.encryption.keyVaultProperties.%s is invalid.", name);
	snprintf(out, size, "%.*s", SPAN_ARG(text));
	return FAULT_NONE;
}

static enum fault take_key(const struct vaultd *d, const struct encryption_in *in, struct registry *r,
			   struct key_ref *ref, struct err *err)
{
	bool is_new = in->key_identifier.len > 0 && !span_eq_cstr(in->key_identifier, r->key_identifier);
	enum fault f = FAULT_NONE;

	if (in->key_identifier.len > 0)
		f = copy(r->key_identifier, sizeof(r->key_identifier), in->key_identifier, "keyIdentifier", err);
	if (f == FAULT_NONE && span_eq_nocase(in->identity, SPAN_LIT(REGISTRY_SYSTEM_IDENTITY)))
		snprintf(r->key_identity, sizeof(r->key_identity), "%s", REGISTRY_SYSTEM_IDENTITY);
	else if (f == FAULT_NONE && in->identity.len > 0)
		f = copy(r->key_identity, sizeof(r->key_identity), in->identity, "identity", err);
	if (f != FAULT_NONE)
		return f;
	if (key_ref_parse(span_cstr(r->key_identifier), ref) != FAULT_NONE || (is_new && !key_ref_is_here(d, ref)))
		return registry_refuse_identifier(r, err);
	return FAULT_NONE;
}

/* The key's identity must be the registry's. One of its own that is only now switched on has been given nothing yet. */
static enum fault check_identity(struct arm_op *op, const struct registry_change *c, struct err *err)
{
	bool is_system = strcmp(c->next->key_identity, REGISTRY_SYSTEM_IDENTITY) == 0;
	bool has = false;
	enum fault f = registry_has_identity(op->txn, c->next, c->next->key_identity, &has);

	if (f != FAULT_NONE)
		return f;
	if (is_system && !c->wants_system)
		return registry_say_no_identity(op->txn, c->next, err);
	if (is_system && !has)
		return registry_refuse_key(c->next, c->next->key_identity, err);
	return has ? FAULT_NONE : registry_say_no_identity(op->txn, c->next, err);
}

static enum fault say_sku(const struct registry *r, struct err *err)
{
	return err_say(err, FAULT_INVALID, "EncryptionNotSupported",
		       "The requested feature encryption is not supported for the SKU %s. " SEE_CMK,
		       r->sku == REGISTRY_BASIC ? "Basic" : "Standard");
}

static enum fault begin_key(struct arm_op *op, const struct encryption_in *in, struct registry_change *c,
			    struct err *err)
{
	struct key_ref ref;
	enum fault f;

	if (in->is_off || (!in->is_on && in->key_identifier.len == 0))
		return FAULT_NONE;
	if (c->next->sku != REGISTRY_PREMIUM)
		return say_sku(c->next, err);
	if (in->key_identifier.len == 0 || in->identity.len == 0)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "Encryption with a customer-managed key needs properties.encryption.keyVaultProperties "
			       "with keyIdentifier and identity. " SEE_CMK);
	f = take_key(op->d, in, c->next, &ref, err);
	if (f == FAULT_NONE)
		f = check_identity(op, c, err);
	c->adopts = f == FAULT_NONE;
	return f;
}

static bool has_same_identities(const struct registry_change *c)
{
	const struct registry *a = c->former, *b = c->next;

	if (a->n_identities != b->n_identities || c->wants_system != (a->system_object_id[0] != '\0'))
		return false;
	for (size_t i = 0; i < a->n_identities; i++)
		if (strcmp(a->identities[i], b->identities[i]) != 0)
			return false;
	return true;
}

/* A client that changes something else sends the key along as it is; the same key alone, without a version, is the
 * wish to look for a newer one. */
static bool is_rotation(const struct encryption_in *in, const struct registry_change *c, const struct key_ref *ref)
{
	const struct registry *a = c->former, *b = c->next;

	if (strcmp(a->key_identifier, b->key_identifier) != 0 ||
	    !span_eq_nocase(span_cstr(a->key_identity), span_cstr(b->key_identity)))
		return true;
	return in->key_identifier.len > 0 && ref->version.len == 0 && has_same_identities(c);
}

/* An identity that is gone already can be seen off; one that is there and in use cannot. */
static enum fault check_kept(struct arm_op *op, const struct registry_change *c, struct err *err)
{
	bool is_system = strcmp(c->former->key_identity, REGISTRY_SYSTEM_IDENTITY) == 0;
	bool had = false, has = false;
	enum fault f = registry_has_identity(op->txn, c->former, c->former->key_identity, &had);

	if (f == FAULT_NONE)
		f = registry_has_identity(op->txn, c->next, c->former->key_identity, &has);
	if (f != FAULT_NONE)
		return f;
	has = has && (!is_system || c->wants_system);
	return had && !has ? registry_say_no_identity(op->txn, c->former, err) : FAULT_NONE;
}

static enum fault change_key(struct arm_op *op, const struct encryption_in *in, struct registry_change *c,
			     struct err *err)
{
	struct key_ref ref;
	enum fault f;

	if (in->is_off)
		return err_say(
			err, FAULT_INVALID, "BadRequest",
			"Encryption with a customer-managed key cannot be disabled once it is enabled. " SEE_CMK);
	if (c->next->sku != REGISTRY_PREMIUM)
		return say_sku(c->next, err);
	f = take_key(op->d, in, c->next, &ref, err);
	if (f != FAULT_NONE)
		return f;
	c->adopts = is_rotation(in, c, &ref);
	return c->adopts ? check_identity(op, c, err) : check_kept(op, c, err);
}

enum fault registry_encryption_read(struct arm_op *op, const struct json *properties, struct registry_change *c,
				    struct err *err)
{
	struct encryption_in in = { .key_identifier = SPAN_EMPTY, .identity = SPAN_EMPTY };
	char id[RESOURCE_ID_SIZE];
	enum fault f = read_block(properties, &in, err);

	c->adopts = false;
	if (f != FAULT_NONE)
		return f;
	if (c->former == NULL)
		f = begin_key(op, &in, c, err);
	else if (c->former->key_identifier[0] != '\0')
		f = change_key(op, &in, c, err);
	else if (in.is_on || in.key_identifier.len > 0)
		f = err_say(err, FAULT_INVALID, "BadRequest",
			    "Encryption with a customer-managed key can only be enabled when a registry is "
			    "created. " SEE_CMK);
	if (f != FAULT_NONE || c->next->key_identifier[0] == '\0' || !c->has_trust)
		return f;
	registry_resource_id(id, c->next);
	return err_say(err, FAULT_INVALID, "BlockedForEncryptionEnabledRegistry",
		       "this feature 'ContenTrust' is currently not supported when encryption is enable for the "
		       "resource %s. " SEE_CMK,
		       id);
}
