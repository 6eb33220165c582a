#include "vaultd/arm/registry_settings.h"

#include <stdio.h>

#include "common/plain/addr.h"
#include "common/plain/text.h"
#include "vaultd/arm/arm_body.h"

enum { IP_RULES_MAX = 100, VNET_RULES_MAX = 100, POLICY_DAYS_DEFAULT = 7, POLICY_DAYS_MAX = 365, SECONDS_LEN = 19 };

#define AT(member) offsetof(struct registry_settings, member)

/* Members whose values are two words; compared without case. */
struct word_row {
	const char *name;
	size_t offset; /* of a bool */
	const char *on, *off;
};
static const struct word_row words[] = {
	{ "publicNetworkAccess", AT(public_access), "Enabled", "Disabled" },
	{ "networkRuleBypassOptions", AT(bypasses_network_rules), "AzureServices", "None" },
	{ "zoneRedundancy", AT(is_zone_redundant), "Enabled", "Disabled" },
	{ "metadataSearch", AT(metadata_search), "Enabled", "Disabled" },
};
static const struct word_row default_action = { "defaultAction", AT(denies_by_default), "Deny", "Allow" };

static const struct {
	const char *name;
	size_t offset;
} flags[] = {
	{ "adminUserEnabled", AT(admin_user) },
	{ "dataEndpointEnabled", AT(data_endpoint) },
	{ "anonymousPullEnabled", AT(anonymous_pull) },
};

/* Policies that are on or off and nothing else. */
static const struct word_row policies[] = {
	{ "quarantinePolicy", AT(quarantine), "enabled", "disabled" },
	{ "trustPolicy", AT(trust), "enabled", "disabled" },
	{ "exportPolicy", AT(exports), "enabled", "disabled" },
	{ "azureADAuthenticationAsArmPolicy", AT(arm_tokens), "enabled", "disabled" },
};

static bool *bool_at(struct registry_settings *s, size_t offset)
{
	return (bool *)((char *)s + offset);
}

void registry_time(char out[SETTINGS_TIME_SIZE], int64_t wall_ms, const char *zone)
{
	char seconds[RFC3339_SIZE];

	rfc3339_format(seconds, wall_ms / 1000);
	snprintf(out, SETTINGS_TIME_SIZE, "%.*s.%03d0000%s", SECONDS_LEN, seconds,
		 wall_ms < 0 ? 0 : (int)(wall_ms % 1000), zone);
}

void registry_settings_init(struct registry_settings *s, int64_t now_ms)
{
	*s = (struct registry_settings){ .public_access = true,
					 .bypasses_network_rules = true,
					 .exports = true,
					 .arm_tokens = true,
					 .retention.days = POLICY_DAYS_DEFAULT,
					 .soft_delete.days = POLICY_DAYS_DEFAULT };
	registry_time(s->retention.updated, now_ms, "+00:00");
	memcpy(s->soft_delete.updated, s->retention.updated, sizeof(s->soft_delete.updated));
}

static enum fault say_bad(struct err *err, const char *name, struct span value)
{
	return err_say(err, FAULT_INVALID, "InvalidParameter",
		       "The value '%.*s' of parameter properties.%s is invalid.", SPAN_ARG(span_first(value, 256)),
		       name);
}

/* The word at name in obj, for the member that shown names. */
static enum fault read_word(const struct json *obj, const char *name, const char *shown, const struct word_row *row,
			    struct registry_settings *s, struct err *err)
{
	const struct json *v = NULL;
	enum fault f = arm_member(obj, name, JSON_STRING, &v, err);

	if (f != FAULT_NONE || v == NULL)
		return f;
	if (span_eq_nocase(json_string(v), span_cstr(row->on)))
		*bool_at(s, row->offset) = true;
	else if (span_eq_nocase(json_string(v), span_cstr(row->off)))
		*bool_at(s, row->offset) = false;
	else
		return say_bad(err, shown, json_string(v));
	return FAULT_NONE;
}

static enum fault check_ip_rule(const struct json *rule, struct err *err)
{
	struct span value = json_string(json_get_nocase(rule, "value"));
	struct addr_prefix p;

	if (addr_prefix_parse(value, &p) != FAULT_NONE)
		return say_bad(err, "networkRuleSet.ipRules", value);
	return FAULT_NONE;
}

static enum fault check_vnet_rule(const struct json *rule, struct err *err)
{
	struct span id = json_string(json_get_nocase(rule, "id"));

	return id.len == 0 ? say_bad(err, "networkRuleSet.virtualNetworkRules", id) : FAULT_NONE;
}

/* Every rule of a registry allows. */
static enum fault read_rules(const struct json *set, const char *name, size_t max,
			     enum fault (*check)(const struct json *rule, struct err *err), const struct json **ret,
			     struct err *err)
{
	const struct json *rules = NULL;
	enum fault f = arm_member(set, name, JSON_ARRAY, &rules, err);

	if (f != FAULT_NONE || rules == NULL)
		return f;
	if (json_array_len(rules) > max)
		return err_say(err, FAULT_INVALID, "InvalidParameter",
			       "A registry has at most %zu rules in properties.networkRuleSet.%s.", max, name);
	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(rules); i++) {
		struct span action = json_string(json_get_nocase(json_array_at(rules, i), "action"));

		f = check(json_array_at(rules, i), err);
		if (f == FAULT_NONE && action.len > 0 && !span_eq_nocase(action, SPAN_LIT("Allow")))
			f = say_bad(err, name, action);
	}
	if (f == FAULT_NONE)
		*ret = rules;
	return f;
}

static enum fault read_network(const struct json *properties, struct registry_settings *s, struct err *err)
{
	const struct json *set = NULL;
	enum fault f = arm_member(properties, "networkRuleSet", JSON_OBJECT, &set, err);

	if (f != FAULT_NONE || set == NULL)
		return f;
	f = read_word(set, default_action.name, "networkRuleSet.defaultAction", &default_action, s, err);
	if (f == FAULT_NONE)
		f = read_rules(set, "ipRules", IP_RULES_MAX, check_ip_rule, &s->ip_rules, err);
	if (f == FAULT_NONE)
		f = read_rules(set, "virtualNetworkRules", VNET_RULES_MAX, check_vnet_rule, &s->vnet_rules, err);
	return f;
}

static enum fault read_days(const struct json *policy, const char *name, int64_t *days, struct err *err)
{
	const struct json *v = NULL;
	enum fault f = arm_member(policy, name, JSON_INT, &v, err);

	if (f != FAULT_NONE || v == NULL)
		return f;
	if (json_int(v) < 0 || json_int(v) > POLICY_DAYS_MAX)
		return err_say(err, FAULT_INVALID, "InvalidParameter",
			       "The value of parameter properties.policies.%s is invalid: it must be 0 to %d.", name,
			       POLICY_DAYS_MAX);
	*days = json_int(v);
	return FAULT_NONE;
}

static enum fault read_status(const struct json *policy, bool *on, struct err *err)
{
	static const struct word_row row = { "status", 0, "enabled", "disabled" };
	const struct json *v = NULL;
	enum fault f = arm_member(policy, row.name, JSON_STRING, &v, err);

	if (f != FAULT_NONE || v == NULL)
		return f;
	*on = span_eq_nocase(json_string(v), span_cstr(row.on));
	if (!*on && !span_eq_nocase(json_string(v), span_cstr(row.off)))
		return say_bad(err, "policies.status", json_string(v));
	return FAULT_NONE;
}

/* Its time is that of the last change. */
static enum fault read_aged(const struct json *all, const char *name, const char *days, int64_t now_ms,
			    struct aged_policy *p, struct err *err)
{
	const struct aged_policy former = *p;
	const struct json *policy = NULL;
	enum fault f = arm_member(all, name, JSON_OBJECT, &policy, err);

	if (f == FAULT_NONE)
		f = read_status(policy, &p->is_enabled, err);
	if (f == FAULT_NONE)
		f = read_days(policy, days, &p->days, err);
	if (f == FAULT_NONE && (p->is_enabled != former.is_enabled || p->days != former.days))
		registry_time(p->updated, now_ms, "+00:00");
	return f;
}

static enum fault read_policies(const struct json *properties, int64_t now_ms, struct registry_settings *s,
				struct err *err)
{
	const struct json *all = NULL, *policy = NULL;
	enum fault f = arm_member(properties, "policies", JSON_OBJECT, &all, err);

	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(policies); i++) {
		f = arm_member(all, policies[i].name, JSON_OBJECT, &policy, err);
		if (f == FAULT_NONE)
			f = read_status(policy, bool_at(s, policies[i].offset), err);
	}
	if (f == FAULT_NONE)
		f = read_aged(all, "retentionPolicy", "days", now_ms, &s->retention, err);
	if (f == FAULT_NONE)
		f = read_aged(all, "softDeletePolicy", "retentionDays", now_ms, &s->soft_delete, err);
	return f;
}

enum fault registry_settings_read(const struct json *properties, int64_t now_ms, struct registry_settings *s,
				  struct err *err)
{
	const struct json *v = NULL;
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(flags); i++) {
		f = arm_member(properties, flags[i].name, JSON_BOOL, &v, err);
		if (f == FAULT_NONE && v != NULL)
			*bool_at(s, flags[i].offset) = json_bool(v);
	}
	for (size_t i = 0; f == FAULT_NONE && i < ARRAY_LEN(words); i++)
		f = read_word(properties, words[i].name, words[i].name, &words[i], s, err);
	if (f == FAULT_NONE)
		f = read_network(properties, s, err);
	return f == FAULT_NONE ? read_policies(properties, now_ms, s, err) : f;
}

static void load_time(const struct json *stored, const char *policy, char out[SETTINGS_TIME_SIZE])
{
	struct span text = json_string(json_get(json_get(json_get(stored, "policies"), policy), "lastUpdatedTime"));

	snprintf(out, SETTINGS_TIME_SIZE, "%.*s", SPAN_ARG(span_first(text, SETTINGS_TIME_SIZE - 1)));
}

enum fault registry_settings_load(const struct json *stored, struct registry_settings *s)
{
	registry_settings_init(s, 0);
	if (registry_settings_read(stored, 0, s, NULL) != FAULT_NONE)
		return FAULT_STORE;
	load_time(stored, "retentionPolicy", s->retention.updated);
	load_time(stored, "softDeletePolicy", s->soft_delete.updated);
	return FAULT_NONE;
}
