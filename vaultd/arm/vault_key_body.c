#include "vaultd/arm/vault_key_body.h"

#include "common/plain/text.h"
#include "vaultd/arm/arm_body.h"

/* Members that both planes have, under their two names. */
static const struct {
	const char *arm, *kv;
	enum json_type type;
} same[] = {
	{ "kty", "kty", JSON_STRING },
	{ "keySize", "key_size", JSON_INT },
	{ "curveName", "crv", JSON_STRING },
	{ "keyOps", "key_ops", JSON_ARRAY },
	{ "attributes", "attributes", JSON_OBJECT },
	{ "release_policy", "release_policy", JSON_OBJECT },
};

static void put_value(struct json_out *o, const char *key, const struct json *v)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(64 << 10);

	json_write(&text, v);
	if (buf_fault(&text) == FAULT_NONE)
		json_out_raw(o, key, buf_span(&text));
}

enum fault vault_key_create_body(const struct json *body, struct json_out *o, struct err *err)
{
	const struct json *properties = NULL, *tags = NULL, *v;
	enum fault f = arm_member(body, "properties", JSON_OBJECT, &properties, err);

	if (f == FAULT_NONE)
		f = arm_member(body, "tags", JSON_OBJECT, &tags, err);
	if (f != FAULT_NONE)
		return f;
	json_out_object(o, NULL);
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		f = arm_member(properties, same[i].arm, same[i].type, &v, err);
		if (f != FAULT_NONE)
			return f;
		if (v != NULL)
			put_value(o, same[i].kv, v);
	}
	if (tags != NULL)
		put_value(o, "tags", tags);
	json_out_object_end(o);
	return FAULT_NONE;
}

/* {"trigger":{"timeAfterCreate":"P1D"},"action":{"type":"rotate"}}: times go under the names that the data plane has.
 */
static void put_action(struct json_out *o, const struct json *action)
{
	const struct json *trigger = json_get_nocase(action, "trigger");
	const struct json *after = json_get_nocase(trigger, "timeAfterCreate");
	const struct json *before = json_get_nocase(trigger, "timeBeforeExpiry");
	struct span type = json_string(json_get_nocase(json_get_nocase(action, "action"), "type"));

	json_out_object(o, NULL);
	json_out_object(o, "trigger");
	if (after != NULL)
		json_out_str(o, "timeAfterCreate", json_string(after));
	if (before != NULL)
		json_out_str(o, "timeBeforeExpiry", json_string(before));
	json_out_object_end(o);
	json_out_object(o, "action");
	json_out_str(o, "type",
		     span_eq_nocase(type, SPAN_LIT("rotate"))	? SPAN_LIT("Rotate")
		     : span_eq_nocase(type, SPAN_LIT("notify")) ? SPAN_LIT("Notify")
								: type);
	json_out_object_end(o);
	json_out_object_end(o);
}

enum fault vault_key_rotation_body(const struct json *body, struct json_out *o, bool *ret_has_policy, struct err *err)
{
	const struct json *policy = NULL, *actions = NULL, *attributes = NULL;
	enum fault f = arm_member(json_get_nocase(body, "properties"), "rotationPolicy", JSON_OBJECT, &policy, err);

	*ret_has_policy = policy != NULL;
	if (f == FAULT_NONE)
		f = arm_member(policy, "lifetimeActions", JSON_ARRAY, &actions, err);
	if (f == FAULT_NONE)
		f = arm_member(policy, "attributes", JSON_OBJECT, &attributes, err);
	if (f != FAULT_NONE || policy == NULL)
		return f;
	json_out_object(o, NULL);
	json_out_array(o, "lifetimeActions");
	for (size_t i = 0; i < json_array_len(actions); i++)
		put_action(o, json_array_at(actions, i));
	json_out_array_end(o);
	json_out_object(o, "attributes");
	if (json_get_nocase(attributes, "expiryTime") != NULL)
		json_out_str(o, "expiryTime", json_string(json_get_nocase(attributes, "expiryTime")));
	json_out_object_end(o);
	json_out_object_end(o);
	return FAULT_NONE;
}

static void write_attributes(struct json_out *o, const struct json *a)
{
	static const char *const times[] = { "nbf", "exp", "created", "updated" };

	json_out_object(o, "attributes");
	json_out_bool(o, "enabled", json_bool(json_get(a, "enabled")));
	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		if (json_get(a, times[i]) != NULL)
			json_out_int(o, times[i], json_int(json_get(a, times[i])));
	json_out_str(o, "recoveryLevel", json_string(json_get(a, "recoveryLevel")));
	json_out_bool(o, "exportable", json_bool(json_get(a, "exportable")));
	json_out_object_end(o);
}

/* The modulus says the size. */
static int64_t rsa_bits(struct span n_b64u)
{
	return (int64_t)(n_b64u.len * 3 / 4) * 8;
}

static void write_key(struct json_out *o, const struct json *key)
{
	struct span n = json_string(json_get(key, "n")), crv = json_string(json_get(key, "crv"));

	json_out_str(o, "kty", json_string(json_get(key, "kty")));
	put_value(o, "keyOps", json_get(key, "key_ops"));
	if (n.len > 0)
		json_out_int(o, "keySize", rsa_bits(n));
	if (crv.len > 0)
		json_out_str(o, "curveName", crv);
}

void vault_key_write(struct json_out *o, const struct vault_key_shape *shape, const struct json *bundle)
{
	const struct json *key = json_get(bundle, "key"), *tags = json_get(bundle, "tags");
	struct span kid = json_string(json_get(key == NULL ? bundle : key, "kid")), name, version, rest = kid;

	for (unsigned i = 0; i < 4; i++) /* "https:", "", host, "keys" */
		rest = span_cut(rest, '/', &name);
	version = span_cut(rest.p == NULL ? SPAN_EMPTY : rest, '/', &name);
	json_out_object(o, NULL);
	json_out_fmt(o, "id", "%s/keys/%.*s%s%.*s", shape->vault_id, SPAN_ARG(name),
		     shape->is_version ? "/versions/" : "", shape->is_version ? (int)version.len : 0, version.p);
	json_out_str(o, "name", shape->is_version ? version : name);
	json_out_cstr(o, "type",
		      shape->is_version ? "Microsoft.KeyVault/vaults/keys/versions" : "Microsoft.KeyVault/vaults/keys");
	json_out_cstr(o, "location", shape->location);
	if (tags != NULL)
		put_value(o, "tags", tags);
	json_out_object(o, "properties");
	write_attributes(o, json_get(bundle, "attributes"));
	if (key != NULL)
		write_key(o, key);
	json_out_str(o, "keyUri", version.p == NULL ? kid : span_first(kid, kid.len - version.len - 1));
	if (version.p != NULL)
		json_out_str(o, "keyUriWithVersion", kid);
	json_out_object_end(o);
	json_out_object_end(o);
}
