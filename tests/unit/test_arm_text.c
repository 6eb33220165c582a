#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/resource_filter.h"

static void test_versions(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool is_valid;
	} rows[] = {
		{ "2022-07-01", true },
		{ "2021-06-01-preview", true },
		{ "2020-01-01-alpha.1", true },
		{ "", false },
		{ "2022-07", false },
		{ "2022-7-01", false },
		{ "2022/07/01", false },
		{ "2022-07-01-", false },
		{ "2022-07-01preview", false },
		{ "2022-07-01-pre view", false },
		{ "2022-07-01-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (arm_version_is_valid(span_cstr(rows[i].text)) != rows[i].is_valid)
			fail_msg("'%s'", rows[i].text);
	assert_true(arm_version_before(SPAN_LIT("2026-01-31-preview"), "2026-02-01"));
	assert_false(arm_version_before(SPAN_LIT("2026-02-01"), "2026-02-01"));
	assert_false(arm_version_before(SPAN_LIT("2026-02-01-preview"), "2026-02-01"));
}

static void test_locations(void **state UNUSED)
{
	char folded[LOCATION_SIZE];

	assert_int_equal(arm_location_fold(SPAN_LIT("West Europe"), folded), FAULT_NONE);
	assert_string_equal(folded, "westeurope");
	assert_int_equal(arm_location_fold(SPAN_LIT("east us 2"), folded), FAULT_NONE);
	assert_string_equal(folded, "eastus2");
	assert_int_equal(arm_location_fold(SPAN_LIT(""), folded), FAULT_INVALID);
	assert_int_equal(arm_location_fold(SPAN_LIT("  "), folded), FAULT_INVALID);
	assert_int_equal(arm_location_fold(SPAN_LIT("west/us"), folded), FAULT_INVALID);
	assert_true(arm_location_eq(SPAN_LIT("CentralUSEUAP"), SPAN_LIT("centraluseuap")));
	assert_false(arm_location_eq(SPAN_LIT("westus"), SPAN_LIT("westus2")));
}

static void test_times(void **state UNUSED)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{ 1656327202720, "2022-06-27T10:53:22.72Z" },
		{ 1656327202000, "2022-06-27T10:53:22Z" },
		{ 1656327202007, "2022-06-27T10:53:22.007Z" },
		{ 1656327202100, "2022-06-27T10:53:22.1Z" },
		{ 0, "1970-01-01T00:00:00Z" },
		{ -5, "1970-01-01T00:00:00Z" },
	};
	char out[TIME_MS_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		arm_time_format(out, rows[i].ms);
		assert_string_equal(out, rows[i].text);
	}
}

static const char OTHER[] = "other";

static const char *or_other(const char *wanted)
{
	return wanted == NULL ? OTHER : wanted;
}

static void test_filters(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool is_valid;
		const char *type, *name, *group, *location; /* NULL: any */
	} rows[] = {
		{ "", true, NULL, NULL, NULL, NULL },
		{ "resourceGroup eq 'G'", true, NULL, NULL, "g", NULL },
		{ "location eq 'westeurope'", true, NULL, NULL, NULL, "westeurope" },
		{ "resourceGroup eq 'g' and name eq 'n' and location eq 'l'", true, NULL, "n", "g", "l" },
		{ "resourceType eq 'Microsoft.KeyVault/vaults'", true, "microsoft.keyvault/VAULTS", NULL, NULL, NULL },
		{ "resourceType eq 'a/b' and name eq 'n'", true, "a/b", "N", NULL, NULL },
		{ " name  EQ 'n'  AND resourcetype eq 'a/b' ", true, "a/b", "n", NULL, NULL },
		{ "name eq ''", true, NULL, "", NULL, NULL },
		{ "name eq 'n' and", false, NULL, NULL, NULL, NULL },
		{ "name eq 'n' or name eq 'm'", false, NULL, NULL, NULL, NULL },
		{ "name eq n", false, NULL, NULL, NULL, NULL },
		{ "name eq 'n", false, NULL, NULL, NULL, NULL },
		{ "name ne 'n'", false, NULL, NULL, NULL, NULL },
		{ "colour eq 'n'", false, NULL, NULL, NULL, NULL },
		{ "location ne 'n'", false, NULL, NULL, NULL, NULL },
		{ "substringof('n', name)", false, NULL, NULL, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct resource_filter f;
		enum fault fault = resource_filter_read(span_cstr(rows[i].text), &f, NULL);

		if ((fault == FAULT_NONE) != rows[i].is_valid)
			fail_msg("'%s'", rows[i].text);
		if (!rows[i].is_valid)
			continue;
		const struct resource fitting = { "", or_other(rows[i].type), or_other(rows[i].name),
						  or_other(rows[i].group), or_other(rows[i].location) };
		assert_true(resource_filter_fits(&f, &fitting));
		for (size_t k = 0; k < 4; k++) {
			struct resource r = fitting;
			const char **member = (const char **[]){ &r.type, &r.name, &r.group, &r.location }[k];
			bool is_asked = *member != OTHER;

			*member = "unasked";
			assert_int_equal(resource_filter_fits(&f, &r), !is_asked);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_locations),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_filters),
	};

	return cmocka_run_group_tests_name("arm_text", tests, NULL, NULL);
}
