#include "common/model/cloud_metadata.h"

#include "common/io/json_out.h"
#include "common/model/cloud_metadata_azure.h"

enum { DATE_LEN = 10 };
#define SINCE_ARRAY "2019-05-01"
#define SINCE_OBJECT "2022-09-01"

/* "2019-05-01", or that and "-preview". */
static bool is_date(struct span v)
{
	if (v.len < DATE_LEN)
		return false;
	for (size_t i = 0; i < DATE_LEN; i++) {
		bool is_dash = i == 4 || i == 7;

		if (is_dash ? v.p[i] != '-' : v.p[i] < '0' || v.p[i] > '9')
			return false;
	}
	return v.len == DATE_LEN || v.p[DATE_LEN] == '-';
}

static void write_login(struct json_out *o, const struct endpoints *e)
{
	json_out_fmt(o, "loginEndpoint", "https://localhost:%u/adfs", e->login_port);
	json_out_array(o, "audiences");
	json_out_cstr(o, NULL, "https://management.core.windows.net/");
	json_out_cstr(o, NULL, "https://management.azure.com/");
	json_out_fmt(o, NULL, "https://localhost:%u", e->tls_port);
	json_out_array_end(o);
}

static void write_2015(struct json_out *o, const struct endpoints *e)
{
	json_out_object(o, NULL);
	json_out_fmt(o, "galleryEndpoint", "https://localhost:%u/", e->tls_port);
	json_out_fmt(o, "graphEndpoint", "https://localhost:%u/", e->login_port);
	json_out_fmt(o, "portalEndpoint", "https://localhost:%u/", e->tls_port);
	json_out_object(o, "authentication");
	write_login(o, e);
	json_out_object_end(o);
	json_out_object_end(o);
}

static void write_suffixes(struct json_out *o, const struct endpoints *e)
{
	json_out_object(o, "suffixes");
	json_out_fmt(o, "keyVaultDns", "vault.localhost:%u", e->tls_port);
	json_out_fmt(o, "acrLoginServer", "azurecr.localhost:%u", e->tls_port);
	json_out_fmt(o, "storage", "storage.localhost:%u", e->tls_port);
	json_out_fmt(o, "mhsmDns", "managedhsm.localhost:%u", e->tls_port);
	json_out_object_end(o);
}

/* Clients want an address for each of these, though nothing of this sandbox answers there. */
static void write_absent_services(struct json_out *o, const struct endpoints *e)
{
	static const char *const names[] = { "sqlManagement", "batch",		 "gallery",
					     "media",	      "vmImageAliasDoc", "activeDirectoryDataLake" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		json_out_fmt(o, names[i], "https://localhost:%u/", e->tls_port);
}

static void write_cloud(struct json_out *o, const struct endpoints *e)
{
	json_out_object(o, NULL);
	json_out_cstr(o, "name", CLOUD_NAME);
	json_out_fmt(o, "portal", "https://localhost:%u/", e->tls_port);
	json_out_object(o, "authentication");
	write_login(o, e);
	json_out_cstr(o, "tenant", "adfs");
	json_out_cstr(o, "identityProvider", "ADFS");
	json_out_object_end(o);
	json_out_fmt(o, "resourceManager", "https://localhost:%u", e->tls_port);
	json_out_fmt(o, "graph", "https://localhost:%u/", e->login_port);
	json_out_fmt(o, "graphAudience", "https://localhost:%u/", e->login_port);
	json_out_fmt(o, "microsoftGraphResourceId", "https://localhost:%u/", e->login_port);
	write_absent_services(o, e);
	write_suffixes(o, e);
	json_out_object_end(o);
}

enum fault cloud_metadata_write(struct span host, const struct endpoints *e, struct span api_version, struct buf *out,
				struct err *err)
{
	bool is_azure = azure_name_is(host);
	struct json_out o;

	if (!is_date(api_version))
		return err_say(err, FAULT_INVALID, "InvalidApiVersionParameter",
			       "The api-version '%.*s' is invalid. It must be a date such as '%s'.",
			       SPAN_ARG(span_first(api_version, 64)), SINCE_OBJECT);
	if (e->tls_port == 0 || e->login_port == 0)
		return err_say(err, FAULT_UNAVAILABLE, "ServiceUnavailable",
			       "%s has not been started yet in this data directory",
			       e->tls_port == 0 ? "vaultd" : "identityd");
	json_out_init(&o, out);
	if (memcmp(api_version.p, SINCE_ARRAY, DATE_LEN) < 0) {
		if (is_azure)
			azure_cloud_write_2015(&o);
		else
			write_2015(&o, e);
		return buf_fault(out);
	}
	bool is_array = memcmp(api_version.p, SINCE_OBJECT, DATE_LEN) < 0;
	if (is_array)
		json_out_array(&o, NULL);
	if (is_azure)
		azure_cloud_write(&o, !is_array);
	else
		write_cloud(&o, e);
	if (is_array)
		json_out_array_end(&o);
	return buf_fault(out);
}
