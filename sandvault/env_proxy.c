#include "sandvault/env_proxy.h"

#include "common/io/json_out.h"
#include "sandvault/running.h"

const char *const env_proxy_unset[] = {
	"AZURE_AUTHORITY_HOST",
	"ARM_CLOUD_METADATA_URL",
	"AZURE_POD_IDENTITY_AUTHORITY_HOST",
	"IDENTITY_ENDPOINT",
	"IDENTITY_HEADER",
	"MSI_ENDPOINT",
	"MSI_SECRET",
	"IMDS_ENDPOINT",
	"AZURE_CORE_INSTANCE_DISCOVERY",
	"ALL_PROXY",
	"all_proxy",
	NULL,
};

/* Both spellings: some clients read the one, some the other. An empty NO_PROXY, because what it names would go past the
 * proxy. */
static void put_proxy(struct json_out *o, struct span proxy)
{
	static const char *const names[] = { "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		json_out_str(o, names[i], proxy);
	json_out_cstr(o, "NO_PROXY", "");
	json_out_cstr(o, "no_proxy", "");
}

static void put_trust(struct json_out *o, const struct json *env)
{
	static const char *const names[] = { "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE",
					     "NODE_EXTRA_CA_CERTS" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		json_out_str(o, names[i], json_string(json_get(env, names[i])));
}

static void put_azure(struct json_out *o, const struct json_doc *d)
{
	json_out_str(o, "AZURE_TENANT_ID", endpoint(d, "tenant"));
	json_out_str(o, "AZURE_CLIENT_ID", endpoint(d, "client_id"));
	json_out_str(o, "AZURE_CLIENT_SECRET", endpoint(d, "client_secret"));
	json_out_str(o, "AZURE_SUBSCRIPTION_ID", endpoint(d, "subscription"));
	/* Not the other environment's: az keeps clouds and sign-ins there. */
	json_out_fmt(o, "AZURE_CONFIG_DIR", "%.*s/azure-proxy", SPAN_ARG(endpoint(d, "data_dir")));
	json_out_cstr(o, "AZURE_CORE_COLLECT_TELEMETRY", "0");
}

/* The same names as without the proxy, so that a script need not know which it is. */
static void put_own(struct json_out *o, const struct json_doc *d)
{
	json_out_str(o, "SANDVAULT_DATA_DIR", endpoint(d, "data_dir"));
	json_out_str(o, "SANDVAULT_CA", endpoint(d, "ca"));
	json_out_str(o, "SANDVAULT_TENANT", endpoint(d, "tenant"));
	json_out_str(o, "SANDVAULT_SUBSCRIPTION", endpoint(d, "subscription"));
	json_out_cstr(o, "SANDVAULT_ARM", "https://management.azure.com");
	json_out_cstr(o, "SANDVAULT_VAULT_SUFFIX", "vault.azure.net");
	json_out_cstr(o, "SANDVAULT_LOGIN", "https://login.microsoftonline.com");
	json_out_cstr(o, "SANDVAULT_IMDS", "http://169.254.169.254");
}

enum fault env_proxy_write(const struct json_doc *endpoints, struct buf *out, struct err *err)
{
	struct span proxy = endpoint(endpoints, "proxy");
	struct json_out o;

	if (proxy.len == 0)
		return err_say(err, FAULT_NOT_FOUND, "", "the sandbox has no proxy: its identityd does not run");
	json_out_init(&o, out);
	json_out_object(&o, NULL);
	put_proxy(&o, proxy);
	put_trust(&o, json_get(json_root(endpoints), "env"));
	put_azure(&o, endpoints);
	put_own(&o, endpoints);
	json_out_object_end(&o);
	return buf_fault(out);
}
