#include "vaultd/keyvault/geography.h"

#include "common/plain/base.h"
#include "common/plain/span.h"

static const struct {
	const char *location, *geography;
} rows[] = {
	{ "australiacentral", "Australia" },
	{ "australiacentral2", "Australia" },
	{ "australiaeast", "Australia" },
	{ "australiasoutheast", "Australia" },
	{ "brazilsouth", "Brazil" },
	{ "brazilsoutheast", "Brazil" },
	{ "canadacentral", "Canada" },
	{ "canadaeast", "Canada" },
	{ "centralindia", "India" },
	{ "centralus", "United States" },
	{ "eastasia", "Asia Pacific" },
	{ "eastus", "United States" },
	{ "eastus2", "United States" },
	{ "francecentral", "France" },
	{ "francesouth", "France" },
	{ "germanynorth", "Germany" },
	{ "germanywestcentral", "Germany" },
	{ "japaneast", "Japan" },
	{ "japanwest", "Japan" },
	{ "koreacentral", "Korea" },
	{ "koreasouth", "Korea" },
	{ "northcentralus", "United States" },
	{ "northeurope", "Europe" },
	{ "norwayeast", "Norway" },
	{ "norwaywest", "Norway" },
	{ "southafricanorth", "South Africa" },
	{ "southafricawest", "South Africa" },
	{ "southcentralus", "United States" },
	{ "southeastasia", "Asia Pacific" },
	{ "southindia", "India" },
	{ "swedencentral", "Sweden" },
	{ "swedensouth", "Sweden" },
	{ "switzerlandnorth", "Switzerland" },
	{ "switzerlandwest", "Switzerland" },
	{ "uaecentral", "UAE" },
	{ "uaenorth", "UAE" },
	{ "uksouth", "United Kingdom" },
	{ "ukwest", "United Kingdom" },
	{ "westcentralus", "United States" },
	{ "westeurope", "Europe" },
	{ "westindia", "India" },
	{ "westus", "United States" },
	{ "westus2", "United States" },
	{ "westus3", "United States" },
};

const char *geography_of(const char *location)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (span_eq_nocase(span_cstr(location), span_cstr(rows[i].location)))
			return rows[i].geography;
	return location;
}
