#include "vaultd/keyvault/kv.h"

static const struct {
	const char *text;
	enum kv_api api;
} versions[] = {
	{ "2016-10-01", KV_API_2016_10_01 },
	{ "7.0-preview", KV_API_7_0 },
	{ "7.0", KV_API_7_0 },
	{ "7.1-preview", KV_API_7_1 },
	{ "7.1", KV_API_7_1 },
	{ "7.2-preview", KV_API_7_2 },
	{ "7.2", KV_API_7_2 },
	{ "7.3-preview", KV_API_7_3 },
	{ "7.3", KV_API_7_3 },
	{ "7.4-preview.1", KV_API_7_4 },
	{ "7.4", KV_API_7_4 },
	{ "7.5-preview.1", KV_API_7_5 },
	{ "7.5", KV_API_7_5 },
	{ "7.6-preview.1", KV_API_7_6 },
	{ "7.6-preview.2", KV_API_7_6 },
	{ "7.6", KV_API_7_6 },
	{ "2025-06-01-preview", KV_API_2025 },
	{ KV_API_LATEST, KV_API_2025 },
};

enum fault kv_api_parse(struct span text, enum kv_api *ret, struct err *err)
{
	if (text.p == NULL || text.len == 0)
		return err_say(err, FAULT_INVALID, "BadParameter",
			       "The request URI is missing the api-version query parameter. Consider using the latest "
			       "supported version (" KV_API_LATEST ").");
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		if (span_eq_cstr(text, versions[i].text)) {
			*ret = versions[i].api;
			return FAULT_NONE;
		}
	}
	return err_say(err, FAULT_INVALID, "BadParameter",
		       "The specified version (%.*s) is not recognized. Consider using the latest supported version "
		       "(" KV_API_LATEST ").",
		       SPAN_ARG(text));
}
