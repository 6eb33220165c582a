#ifndef SANDVAULT_VAULTD_ARM_REGISTRY_SETTINGS_H
#define SANDVAULT_VAULTD_ARM_REGISTRY_SETTINGS_H

/*
 * What a registry's "properties" set, apart from encryption: read from a body or from what is stored, and written in
 * the order of a reply. Source: fixtures/sources.md#registries
 */

#include "common/io/json.h"
#include "common/io/json_out.h"

enum { SETTINGS_TIME_SIZE = 40 };

/* A policy that counts days. */
struct aged_policy {
	bool is_enabled;
	int64_t days;
	char updated[SETTINGS_TIME_SIZE]; /* as a reply says it */
};

struct registry_settings {
	bool admin_user, data_endpoint, anonymous_pull;
	bool public_access, bypasses_network_rules, is_zone_redundant, metadata_search;
	bool denies_by_default;
	const struct json *ip_rules, *vnet_rules; /* of the document they were read from; NULL: none */
	bool quarantine, trust, exports, arm_tokens;
	struct aged_policy retention, soft_delete;
};

/* "2022-06-21T14:45:06.8200000" and the zone: "+00:00" or "Z". */
void registry_time(char out[SETTINGS_TIME_SIZE], int64_t wall_ms, const char *zone);

/* What a registry has that says nothing. */
void registry_settings_init(struct registry_settings *s, int64_t now_ms);
/* Members that are there replace; the others stay. InvalidParameter, InvalidRequestContent. */
enum fault registry_settings_read(const struct json *properties, int64_t now_ms, struct registry_settings *s,
				  struct err *err) MUST_USE;
/* What registry_settings_store wrote, with the times in it. */
enum fault registry_settings_load(const struct json *stored, struct registry_settings *s) MUST_USE;

/* Which members a reply has: they came with the api-versions, and network rules with the SKU. */
struct settings_shown {
	bool network_rules, vnet_rules, export_policy, late_policies, network_access, anonymous_pull, metadata_search;
};
/* adminUserEnabled, networkRuleSet, policies: they stand before "encryption". */
void registry_settings_write_first(struct json_out *o, const struct registry_settings *s,
				   const struct settings_shown *shown);
/* publicNetworkAccess to the end: they stand behind the endpoints. */
void registry_settings_write_last(struct json_out *o, const struct registry_settings *s,
				  const struct settings_shown *shown);
/* All of it as one object. */
void registry_settings_store(struct json_out *o, const struct registry_settings *s);

#endif
