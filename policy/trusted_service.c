#include "policy/trusted_service.h"

#include "common/plain/base.h"

/*
 * The list is documented by service (page "Virtual network service endpoints for Azure Key Vault", section "Trusted
 * services", 2026-05-19); the resource types are our reading of the names. Left out are services that come with an
 * identity of Microsoft's own and no resource of the customer's (Exchange Online, Information Protection, Policy,
 * template deployment), and those trusted for placing certificates alone, not for what runs on them: App Service sites,
 * virtual machines.
 */
static const struct {
	const char *type;
	const char *service;
} rows[] = {
	{ "Microsoft.ContainerRegistry/registries", "Azure Container Registry" },
	{ "Microsoft.Storage/storageAccounts", "Azure Storage" },
	{ "Microsoft.Compute/diskEncryptionSets", "Azure Disk Storage" },
	{ "Microsoft.Sql/servers", "Azure SQL Database" },
	{ "Microsoft.Sql/managedInstances", "Azure SQL Database" },
	{ "Microsoft.DBforMySQL/servers", "Azure Database for MySQL Single server" },
	{ "Microsoft.DBforMySQL/flexibleServers", "Azure Database for MySQL Flexible server" },
	{ "Microsoft.DBforPostgreSQL/servers", "Azure Database for PostgreSQL Single server" },
	{ "Microsoft.DBforPostgreSQL/flexibleServers", "Azure Database for PostgreSQL Flexible server" },
	{ "Microsoft.EventHub/namespaces", "Azure Event Hubs" },
	{ "Microsoft.ServiceBus/namespaces", "Azure Service Bus" },
	{ "Microsoft.DataFactory/factories", "Azure Data Factory" },
	{ "Microsoft.DataLakeStore/accounts", "Azure Data Lake Store" },
	{ "Microsoft.Synapse/workspaces", "Azure Synapse Analytics" },
	{ "Microsoft.Databricks/workspaces", "Azure Databricks" },
	{ "Microsoft.MachineLearningServices/workspaces", "Azure Machine Learning" },
	{ "Microsoft.OperationalInsights/clusters", "Azure Monitor" },
	{ "Microsoft.NetApp/netAppAccounts", "Azure NetApp Files" },
	{ "Microsoft.RecoveryServices/vaults", "Azure Backup" },
	{ "Microsoft.DataProtection/backupVaults", "Azure Backup" },
	{ "Microsoft.Batch/batchAccounts", "Azure Batch" },
	{ "Microsoft.ImportExport/jobs", "Azure Import/Export" },
	{ "Microsoft.BotService/botServices", "Azure Bot Service" },
	{ "Microsoft.ApiManagement/service", "Azure API Management" },
	{ "Microsoft.Network/applicationGateways", "Azure Application Gateway" },
	{ "Microsoft.Network/frontDoors", "Azure Front Door Classic" },
	{ "Microsoft.Network/firewallPolicies", "Azure Firewall Premium" },
	{ "Microsoft.Network/expressRoutePorts", "Azure ExpressRoute" },
	{ "Microsoft.Cdn/profiles", "Azure Front Door Standard/Premium, Azure CDN" },
	{ "Microsoft.AgFoodPlatform/farmBeats", "Azure Data Manager for Agriculture" },
	{ "Microsoft.PowerPlatform/enterprisePolicies", "Microsoft PowerPlatform" },
	{ "Microsoft.Purview/accounts", "Microsoft Purview" },
};

const char *trusted_service_name(struct span resource_type)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (span_eq_nocase(resource_type, span_cstr(rows[i].type)))
			return rows[i].service;
	return NULL;
}

/* "/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME" and nothing else: the part "NAMESPACE/TYPE". */
static struct span type_of(struct span id)
{
	static const char *const words[] = { "", "subscriptions", NULL, "resourcegroups", NULL, "providers" };
	struct span at = id, head, kind, name;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		at = span_cut(at, '/', &head);
		if (at.p == NULL || (words[i] == NULL ? head.len == 0 : !span_eq_nocase(head, span_cstr(words[i]))))
			return SPAN_EMPTY;
	}
	name = span_cut(at, '/', &head);
	name = name.p == NULL ? SPAN_EMPTY : span_cut(name, '/', &kind);
	if (name.len == 0 || head.len == 0 || memchr(name.p, '/', name.len) != NULL)
		return SPAN_EMPTY;
	return span_first(at, head.len + 1 + kind.len);
}

bool trusted_service_is(struct span xms_mirid)
{
	return trusted_service_name(type_of(xms_mirid)) != NULL;
}
