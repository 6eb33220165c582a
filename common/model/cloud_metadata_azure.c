#include "common/model/cloud_metadata_azure.h"

struct pair {
	const char *key, *value;
};

static const struct pair services[] = {
	{ "media", "https://rest.media.azure.net" },
	{ "graphAudience", "https://graph.windows.net/" },
	{ "graph", "https://graph.windows.net/" },
	{ "microsoftGraphResourceId", "https://graph.microsoft.com/" },
	{ "batch", "https://batch.core.windows.net/" },
	{ "resourceManager", "https://management.azure.com/" },
	{ "vmImageAliasDoc", "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/"
			     "quickstart-templates/aliases.json" },
	{ "activeDirectoryDataLake", "https://datalake.azure.net/" },
	{ "sqlManagement", "https://management.core.windows.net:8443/" },
	{ "gallery", "https://gallery.azure.com/" },
};

/* The later ones last. */
enum { SUFFIXES_2019 = 7 };
static const struct pair suffixes[] = {
	{ "azureDataLakeStoreFileSystem", "azuredatalakestore.net" },
	{ "acrLoginServer", "azurecr.io" },
	{ "sqlServerHostname", "database.windows.net" },
	{ "azureDataLakeAnalyticsCatalogAndJob", "azuredatalakeanalytics.net" },
	{ "keyVaultDns", "vault.azure.net" },
	{ "storage", "core.windows.net" },
	{ "azureFrontDoorEndpointSuffix", "azurefd.net" },
	{ "storageSyncEndpointSuffix", "afs.azure.net" },
	{ "mhsmDns", "managedhsm.azure.net" },
	{ "mysqlServerEndpoint", "mysql.database.azure.com" },
	{ "postgresqlServerEndpoint", "postgres.database.azure.com" },
	{ "mariadbServerEndpoint", "mariadb.database.azure.com" },
	{ "synapseAnalytics", "dev.azuresynapse.net" },
	{ "attestationEndpoint", "attest.azure.net" },
};

static void write_pairs(struct json_out *o, const struct pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_out_cstr(o, pairs[i].key, pairs[i].value);
}

static void write_login(struct json_out *o, const char *endpoint)
{
	json_out_object(o, "authentication");
	json_out_cstr(o, "loginEndpoint", endpoint);
	json_out_array(o, "audiences");
	json_out_cstr(o, NULL, "https://management.core.windows.net/");
	json_out_cstr(o, NULL, "https://management.azure.com/");
	json_out_array_end(o);
}

void azure_cloud_write_2015(struct json_out *o)
{
	json_out_object(o, NULL);
	json_out_cstr(o, "galleryEndpoint", "https://gallery.azure.com/");
	json_out_cstr(o, "graphEndpoint", "https://graph.windows.net/");
	json_out_cstr(o, "portalEndpoint", "https://portal.azure.com/");
	write_login(o, "https://login.microsoftonline.com/");
	json_out_object_end(o);
	json_out_object_end(o);
}

void azure_cloud_write(struct json_out *o, bool is_2022)
{
	json_out_object(o, NULL);
	json_out_cstr(o, "portal", "https://portal.azure.com");
	write_login(o, is_2022 ? "https://login.microsoftonline.com" : "https://login.microsoftonline.com/");
	json_out_cstr(o, "tenant", "common");
	json_out_cstr(o, "identityProvider", "AAD");
	json_out_object_end(o);
	write_pairs(o, services, ARRAY_LEN(services));
	json_out_cstr(o, "name", "AzureCloud");
	json_out_object(o, "suffixes");
	write_pairs(o, suffixes, is_2022 ? ARRAY_LEN(suffixes) : SUFFIXES_2019);
	json_out_object_end(o);
	json_out_object_end(o);
}
