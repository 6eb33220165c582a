#include "vaultd/arm/network_acls.h"

#include <stdlib.h>

#include "common/io/json_out.h"
#include "common/plain/addr.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_text.h"

enum { ACLS_TEXT_MAX = 1 << 20, SUBNET_ID_MAX = 1024 };

/* The first word holds when the member is absent. */
static const char *const bypass_words[] = { "AzureServices", "None", NULL };
static const char *const action_words[] = { "Allow", "Deny", NULL };

static enum fault bad(struct err *err, const char *what)
{
	return err_say(err, FAULT_INVALID, "BadRequest", "An invalid value was provided for 'networkAcls'. %s", what);
}

static enum fault read_word(const struct json *acls, const char *name, const char *const *words, const char **ret,
			    struct err *err)
{
	const struct json *v = json_get_nocase(acls, name);

	if (v == NULL) {
		*ret = words[0];
		return FAULT_NONE;
	}
	for (; *words != NULL; words++)
		if (span_eq_nocase(json_string(v), span_cstr(*words))) {
			*ret = *words;
			return FAULT_NONE;
		}
	return err_say(err, FAULT_INVALID, "BadRequest", "An invalid value was provided for 'networkAcls.%s'.", name);
}

static bool is_ipv4_rule(struct span text)
{
	struct addr_prefix prefix;
	struct addr addr;

	if (addr_parse(text, &addr) == FAULT_NONE)
		return addr_is_ipv4(&addr);
	return addr_prefix_parse(text, &prefix) == FAULT_NONE && addr_is_ipv4(&prefix.addr);
}

static enum fault write_ip_rule(struct json_out *o, const struct json *rule, struct err *err)
{
	struct span value = json_string(json_get_nocase(rule, "value"));

	if (!is_ipv4_rule(value))
		return err_say(
			err, FAULT_INVALID, "BadRequest",
			"An invalid value was provided for 'networkAcls'. '%.*s' is no IPv4 address or CIDR range.",
			SPAN_ARG(value));
	json_out_object(o, NULL);
	json_out_str(o, "value", value);
	json_out_object_end(o);
	return FAULT_NONE;
}

static enum fault write_vnet_rule(struct json_out *o, const struct json *rule, struct err *err)
{
	const struct json *ignore = json_get_nocase(rule, "ignoreMissingVnetServiceEndpoint");
	struct span id = json_string(json_get_nocase(rule, "id"));
	char lower[SUBNET_ID_MAX];

	if (id.len == 0 || id.len >= sizeof(lower) || id.p[0] != '/')
		return bad(err, "A virtual network rule's 'id' must be a subnet's resource id.");
	if (ignore != NULL && json_type(ignore) != JSON_BOOL)
		return bad(err, "'ignoreMissingVnetServiceEndpoint' must be a Boolean.");
	memcpy(lower, id.p, id.len);
	lower[id.len] = '\0';
	ascii_lower_str(lower);
	json_out_object(o, NULL);
	json_out_cstr(o, "id", lower);
	if (ignore != NULL)
		json_out_bool(o, "ignoreMissingVnetServiceEndpoint", json_bool(ignore));
	json_out_object_end(o);
	return FAULT_NONE;
}

typedef enum fault write_rule(struct json_out *o, const struct json *rule, struct err *err);

static enum fault write_rules(struct json_out *o, const struct json *acls, const char *name, size_t max,
			      write_rule *write, struct err *err)
{
	const struct json *rules = json_get_nocase(acls, name);
	enum fault f = FAULT_NONE;

	if (rules != NULL && json_type(rules) != JSON_ARRAY)
		return bad(err, "Rules must be an array.");
	if (json_array_len(rules) > max)
		return bad(err, "There are too many rules.");
	json_out_array(o, name);
	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(rules); i++)
		f = write(o, json_array_at(rules, i), err);
	json_out_array_end(o);
	return f;
}

static bool is_default(const struct json *acls, const char *bypass, const char *action)
{
	return bypass == bypass_words[0] && action == action_words[0] &&
	       json_array_len(json_get_nocase(acls, "ipRules")) == 0 &&
	       json_array_len(json_get_nocase(acls, "virtualNetworkRules")) == 0;
}

enum fault network_acls_read(const struct json *acls, char **ret, struct err *err)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(ACLS_TEXT_MAX);
	const char *bypass = NULL, *action = NULL;
	struct json_out o;
	enum fault f;

	if (json_type(acls) != JSON_OBJECT)
		return bad(err, "It must be an object.");
	f = read_word(acls, "bypass", bypass_words, &bypass, err);
	if (f == FAULT_NONE)
		f = read_word(acls, "defaultAction", action_words, &action, err);
	if (f != FAULT_NONE)
		return f;
	json_out_init(&o, &b);
	json_out_object(&o, NULL);
	json_out_cstr(&o, "bypass", bypass);
	json_out_cstr(&o, "defaultAction", action);
	f = write_rules(&o, acls, "ipRules", NETWORK_IP_RULES_MAX, write_ip_rule, err);
	if (f == FAULT_NONE)
		f = write_rules(&o, acls, "virtualNetworkRules", NETWORK_VNET_RULES_MAX, write_vnet_rule, err);
	json_out_object_end(&o);
	if (f != FAULT_NONE)
		return f;
	if (is_default(acls, bypass, action)) {
		*ret = NULL;
		return FAULT_NONE;
	}
	return arm_take_text(&b, ret);
}
