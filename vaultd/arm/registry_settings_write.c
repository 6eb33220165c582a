#include "vaultd/arm/registry_settings.h"

static void write_rules(struct json_out *o, const char *key, const struct json *rules, const char *member)
{
	json_out_array(o, key);
	for (size_t i = 0; i < json_array_len(rules); i++) {
		json_out_object(o, NULL);
		json_out_cstr(o, "action", "Allow");
		json_out_str(o, member, json_string(json_get_nocase(json_array_at(rules, i), member)));
		json_out_object_end(o);
	}
	json_out_array_end(o);
}

static const char *status(bool on)
{
	return on ? "enabled" : "disabled";
}

static void write_policy(struct json_out *o, const char *key, bool on)
{
	json_out_object(o, key);
	json_out_cstr(o, "status", status(on));
	json_out_object_end(o);
}

static void write_aged(struct json_out *o, const char *key, const char *days, const struct aged_policy *p)
{
	json_out_object(o, key);
	json_out_int(o, days, p->days);
	json_out_cstr(o, "lastUpdatedTime", p->updated);
	json_out_cstr(o, "status", status(p->is_enabled));
	json_out_object_end(o);
}

static void write_policies(struct json_out *o, const struct registry_settings *s, const struct settings_shown *shown)
{
	json_out_object(o, "policies");
	write_policy(o, "quarantinePolicy", s->quarantine);
	json_out_object(o, "trustPolicy");
	json_out_cstr(o, "type", "Notary");
	json_out_cstr(o, "status", status(s->trust));
	json_out_object_end(o);
	write_aged(o, "retentionPolicy", "days", &s->retention);
	if (shown->export_policy)
		write_policy(o, "exportPolicy", s->exports);
	if (shown->late_policies) {
		write_policy(o, "azureADAuthenticationAsArmPolicy", s->arm_tokens);
		write_aged(o, "softDeletePolicy", "retentionDays", &s->soft_delete);
	}
	json_out_object_end(o);
}

void registry_settings_write_first(struct json_out *o, const struct registry_settings *s,
				   const struct settings_shown *shown)
{
	json_out_bool(o, "adminUserEnabled", s->admin_user);
	if (shown->network_rules) {
		json_out_object(o, "networkRuleSet");
		json_out_cstr(o, "defaultAction", s->denies_by_default ? "Deny" : "Allow");
		if (shown->vnet_rules)
			write_rules(o, "virtualNetworkRules", s->vnet_rules, "id");
		write_rules(o, "ipRules", s->ip_rules, "value");
		json_out_object_end(o);
	}
	write_policies(o, s, shown);
}

static const char *enabled(bool on)
{
	return on ? "Enabled" : "Disabled";
}

void registry_settings_write_last(struct json_out *o, const struct registry_settings *s,
				  const struct settings_shown *shown)
{
	if (shown->network_access) {
		json_out_cstr(o, "publicNetworkAccess", enabled(s->public_access));
		json_out_cstr(o, "networkRuleBypassOptions", s->bypasses_network_rules ? "AzureServices" : "None");
		json_out_cstr(o, "zoneRedundancy", enabled(s->is_zone_redundant));
	}
	if (shown->anonymous_pull)
		json_out_bool(o, "anonymousPullEnabled", s->anonymous_pull);
	if (shown->metadata_search)
		json_out_cstr(o, "metadataSearch", enabled(s->metadata_search));
}

void registry_settings_store(struct json_out *o, const struct registry_settings *s)
{
	static const struct settings_shown all = { true, true, true, true, true, true, true };

	json_out_object(o, NULL);
	registry_settings_write_first(o, s, &all);
	json_out_bool(o, "dataEndpointEnabled", s->data_endpoint);
	registry_settings_write_last(o, s, &all);
	json_out_object_end(o);
}
