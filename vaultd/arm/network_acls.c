#include "vaultd/arm/network_acls.h"

#include <stdio.h>

#include "common/io/json_out.h"
#include "common/model/host.h"
#include "common/model/network.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_text.h"

enum { ACLS_TEXT_MAX = 1 << 20, ID_SHOWN_MAX = 1024 };

/* The first word holds when the member is absent. */
static const char *const bypass_words[] = { "AzureServices", "None", NULL };
static const char *const action_words[] = { "Allow", "Deny", NULL };

static enum fault read_word(const struct json *acls, const char *name, const char *const *words, const char **ret,
			    struct err *err)
{
	const struct json *v = json_get_nocase(acls, name);
	const char *const *all = words;

	if (v == NULL) {
		*ret = words[0];
		return FAULT_NONE;
	}
	for (; *words != NULL; words++)
		if (span_eq_nocase(json_string(v), span_cstr(*words))) {
			*ret = *words;
			return FAULT_NONE;
		}
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "Invalid value found at properties.networkAcls.%s: it must be %s or %s", name, all[0], all[1]);
}

/* A rule of the list as it is being read, for sentences that say which one it was. */
struct rule_place {
	const char *list;
	size_t index;
};

static enum fault bad_member(struct err *err, const struct rule_place *at, const char *member, struct span value,
			     const char *why)
{
	return err_say(err, FAULT_INVALID, "BadRequest",
		       "Invalid value found at properties.networkAcls.%s[%zu].%s: %.*s %s", at->list, at->index, member,
		       SPAN_ARG(value), why);
}

/* RFC 1918; the sentence is Azure's, its dash included. */
static const struct {
	const char *prefix, *first, *last;
} private_ranges[] = {
	{ "10.0.0.0/8", "10.0.0.0", "10.255.255.255" },
	{ "172.16.0.0/12", "172.16.0.0", "172.31.255.255" },
	{ "192.168.0.0/16", "192.168.0.0", "192.168.255.255" },
};

static enum fault check_public(const struct addr_prefix *p, struct span text, const struct rule_place *at,
			       struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(private_ranges); i++) {
		struct addr_prefix range;
		char why[128];

		if (addr_prefix_parse(span_cstr(private_ranges[i].prefix), &range) != FAULT_NONE ||
		    p->len < range.len || !addr_in_prefix(&p->addr, &range))
			continue;
		snprintf(why, sizeof(why), "belongs to forbidden range %s\u2013%s (private IP addresses)",
			 private_ranges[i].first, private_ranges[i].last);
		return bad_member(err, at, "value", text, why);
	}
	return FAULT_NONE;
}

/* An address alone is stored as the prefix of its one address; a prefix as it was sent. */
static enum fault write_ip_rule(struct json_out *o, const struct json *rule, const struct rule_place *at,
				struct err *err)
{
	struct span value = json_string(json_get_nocase(rule, "value"));
	bool is_ipv6 = value.len > 0 && memchr(value.p, ':', value.len) != NULL;
	bool is_prefix = value.len > 0 && memchr(value.p, '/', value.len) != NULL;
	struct addr_prefix p;
	enum fault f;

	if (addr_prefix_parse(value, &p) != FAULT_NONE)
		return bad_member(err, at, "value", value, "is not an IP address or a range in CIDR notation");
	f = check_public(&p, value, at, err);
	if (f != FAULT_NONE)
		return f;
	json_out_object(o, NULL);
	json_out_fmt(o, "value", "%.*s%s", SPAN_ARG(value), is_prefix ? "" : is_ipv6 ? "/128" : "/32");
	json_out_object_end(o);
	return FAULT_NONE;
}

static enum fault write_vnet_rule(struct json_out *o, const struct json *rule, const struct rule_place *at,
				  struct err *err)
{
	const struct json *ignore = json_get_nocase(rule, "ignoreMissingVnetServiceEndpoint");
	struct span id = json_string(json_get_nocase(rule, "id"));
	char lower[RESOURCE_ID_SIZE];

	if (id.len >= sizeof(lower) || !network_is_subnet_id(id))
		return bad_member(err, at, "id", span_first(id, ID_SHOWN_MAX), "is not the resource id of a subnet");
	if (ignore != NULL && json_type(ignore) != JSON_BOOL)
		return bad_member(err, at, "ignoreMissingVnetServiceEndpoint", SPAN_EMPTY, "must be a Boolean");
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

typedef enum fault write_rule(struct json_out *o, const struct json *rule, const struct rule_place *at,
			      struct err *err);

static enum fault write_rules(struct json_out *o, const struct json *acls, const char *name, size_t max,
			      write_rule *write, struct err *err)
{
	const struct json *rules = json_get_nocase(acls, name);
	struct rule_place at = { name, 0 };
	enum fault f = FAULT_NONE;

	if (rules != NULL && json_type(rules) != JSON_ARRAY)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "Invalid value found at properties.networkAcls.%s: it must be an array", name);
	if (json_array_len(rules) > max)
		return err_say(
			err, FAULT_INVALID, "BadRequest",
			"Invalid value found at properties.networkAcls.%s: there are %zu rules, at most %zu may be",
			name, json_array_len(rules), max);
	json_out_array(o, name);
	for (; f == FAULT_NONE && at.index < json_array_len(rules); at.index++)
		f = write(o, json_array_at(rules, at.index), &at, err);
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
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "Invalid value found at properties.networkAcls: it must be an object");
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
