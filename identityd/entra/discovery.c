#include "common/model/azure_names.h"
#include "identityd/entra/entra.h"

/* Documents repeat the host that the caller used, so that they hold behind any name that leads here. */
static void put_url(struct op *op, const char *key, const char *path)
{
	json_out_fmt(&op->out, key, "https://%.*s%s", SPAN_ARG(op->request->host), path);
}

static void put_tenant_url(struct op *op, const char *key, struct span tenant, const char *path)
{
	json_out_fmt(&op->out, key, "https://%.*s/%.*s%s", SPAN_ARG(op->request->host), SPAN_ARG(tenant), path);
}

static void put_words(struct op *op, const char *key, const char *const *words)
{
	json_out_array(&op->out, key);
	for (; *words != NULL; words++)
		json_out_cstr(&op->out, NULL, *words);
	json_out_array_end(&op->out);
}

static void put_capabilities(struct op *op)
{
	static const char *const modes[] = { "query", "fragment", "form_post", NULL };
	static const char *const subjects[] = { "pairwise", NULL };
	static const char *const algorithms[] = { "RS256", NULL };
	static const char *const types[] = { "code", "id_token", "code id_token", "id_token token", NULL };
	static const char *const scopes[] = { "openid", "profile", "email", "offline_access", NULL };

	put_words(op, "response_modes_supported", modes);
	put_words(op, "subject_types_supported", subjects);
	put_words(op, "id_token_signing_alg_values_supported", algorithms);
	put_words(op, "response_types_supported", types);
	put_words(op, "scopes_supported", scopes);
}

static void put_auth_methods(struct op *op)
{
	static const char *const methods[] = { "client_secret_post", "private_key_jwt", "client_secret_basic", NULL };

	put_words(op, "token_endpoint_auth_methods_supported", methods);
}

/* Azure's services have hosts of their own; here all of them are this one. */
static void put_cloud(struct op *op)
{
	struct span host = op->request->host;
	bool is_azure = azure_name_is(host);

	json_out_str(&op->out, "cloud_instance_name", is_azure ? SPAN_LIT("microsoftonline.com") : host);
	json_out_str(&op->out, "cloud_graph_host_name", is_azure ? SPAN_LIT("graph.windows.net") : host);
	json_out_str(&op->out, "msgraph_host", is_azure ? SPAN_LIT("graph.microsoft.com") : host);
	if (is_azure)
		json_out_cstr(&op->out, "rbac_url", "https://pas.windows.net");
	else
		put_url(op, "rbac_url", "");
}

static void put_tail(struct op *op, struct span tenant)
{
	static const char *const claims[] = { "sub", "iss", "aud", "exp", "iat", "tid", "ver", NULL };

	put_words(op, "claims_supported", claims);
	put_tenant_url(op, "kerberos_endpoint", tenant, "/kerberos");
	json_out_cstr(&op->out, "tenant_region_scope", "WW");
	put_cloud(op);
}

/* Where the tenant comes to light only with the caller, the issuer holds a place for it. */
static struct span issuer_tenant(const struct op *op, enum tenant_kind kind)
{
	return kind == TENANT_COMMON ? SPAN_LIT("{tenantid}") : span_cstr(op->d->world.tenant_id);
}

static enum fault find_tenant(const struct op *op, struct span *ret_tenant, enum tenant_kind *ret_kind, struct err *err)
{
	*ret_tenant = route_capture(&op->match, "tenant");
	*ret_kind = tenant_parse(&op->d->world, *ret_tenant);
	return *ret_kind == TENANT_UNKNOWN ? tenant_refuse(*ret_tenant, "invalid_tenant", err) : FAULT_NONE;
}

enum fault op_discovery_v2(struct op *op, struct err *err)
{
	enum tenant_kind kind;
	struct span tenant;
	enum fault f = find_tenant(op, &tenant, &kind, err);

	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	put_tenant_url(op, "token_endpoint", tenant, "/oauth2/v2.0/token");
	put_auth_methods(op);
	put_tenant_url(op, "jwks_uri", tenant, "/discovery/v2.0/keys");
	put_capabilities(op);
	put_tenant_url(op, "issuer", issuer_tenant(op, kind), "/v2.0");
	json_out_bool(&op->out, "request_uri_parameter_supported", false);
	if (azure_name_is(op->request->host))
		json_out_cstr(&op->out, "userinfo_endpoint", "https://graph.microsoft.com/oidc/userinfo");
	else
		put_url(op, "userinfo_endpoint", "/oidc/userinfo");
	put_tenant_url(op, "authorization_endpoint", tenant, "/oauth2/v2.0/authorize");
	put_tenant_url(op, "device_authorization_endpoint", tenant, "/oauth2/v2.0/devicecode");
	json_out_bool(&op->out, "http_logout_supported", true);
	json_out_bool(&op->out, "frontchannel_logout_supported", true);
	put_tenant_url(op, "end_session_endpoint", tenant, "/oauth2/v2.0/logout");
	put_tail(op, tenant);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

enum fault op_discovery_v1(struct op *op, struct err *err)
{
	enum tenant_kind kind;
	struct span tenant;
	enum fault f = find_tenant(op, &tenant, &kind, err);

	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	put_tenant_url(op, "token_endpoint", tenant, "/oauth2/token");
	put_auth_methods(op);
	put_tenant_url(op, "jwks_uri", tenant, "/discovery/keys");
	put_capabilities(op);
	json_out_fmt(&op->out, "issuer", "https://sts.windows.net/%.*s/", SPAN_ARG(issuer_tenant(op, kind)));
	put_tenant_url(op, "authorization_endpoint", tenant, "/oauth2/authorize");
	put_tenant_url(op, "device_authorization_endpoint", tenant, "/oauth2/devicecode");
	json_out_bool(&op->out, "http_logout_supported", true);
	json_out_bool(&op->out, "frontchannel_logout_supported", true);
	put_tenant_url(op, "end_session_endpoint", tenant, "/oauth2/logout");
	put_tail(op, tenant);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

/* One client compares the issuer's scheme, host and port with its authority's: here they are the same. */
enum fault op_discovery_adfs(struct op *op, struct err *err UNUSED)
{
	json_out_object(&op->out, NULL);
	put_url(op, "issuer", "/adfs");
	put_url(op, "authorization_endpoint", "/adfs/oauth2/authorize");
	put_url(op, "token_endpoint", "/adfs/oauth2/token");
	put_url(op, "jwks_uri", "/adfs/discovery/keys");
	put_auth_methods(op);
	put_capabilities(op);
	put_url(op, "device_authorization_endpoint", "/adfs/oauth2/devicecode");
	put_url(op, "end_session_endpoint", "/adfs/oauth2/logout");
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
