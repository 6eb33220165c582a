#include "identityd/entra/entra.h"

#define PUBLIC_LOGIN "login.microsoftonline.com"

/* The public cloud's names, which are one network; a client comes here under one of them through the proxy. */
static const char *const public_names[] = { PUBLIC_LOGIN, "login.windows.net", "login.microsoft.com",
					    "sts.windows.net" };

static bool is_public_name(struct span host)
{
	for (size_t i = 0; i < ARRAY_LEN(public_names); i++)
		if (span_eq_nocase(host, span_cstr(public_names[i])))
			return true;
	return false;
}

/* "https://HOST/TENANT/…" */
static bool split_endpoint(struct span url, struct span *ret_host, struct span *ret_tenant)
{
	struct span rest;

	if (!span_starts_nocase(url, SPAN_LIT("https://")))
		return false;
	rest = span_cut(span_from(url, 8), '/', ret_host);
	if (rest.p == NULL)
		return false;
	(void)span_cut(rest, '/', ret_tenant);
	return ret_host->len > 0 && ret_tenant->len > 0;
}

static struct span without_port(struct span host)
{
	struct span name;

	if (host.len > 0 && host.p[0] == '[')
		return host;
	(void)span_cut(host, ':', &name);
	return name;
}

static bool is_ours(const struct op *op, struct span host)
{
	/* Some clients drop the port here. */
	return is_public_name(host) || span_eq_nocase(without_port(host), without_port(op->request->host));
}

static void put_network(struct op *op, const char *preferred, const char *cache, const char *const *aliases, size_t n)
{
	json_out_object(&op->out, NULL);
	json_out_cstr(&op->out, "preferred_network", preferred);
	json_out_cstr(&op->out, "preferred_cache", cache);
	json_out_array(&op->out, "aliases");
	for (size_t i = 0; i < n; i++)
		json_out_cstr(&op->out, NULL, aliases[i]);
	json_out_array_end(&op->out);
	json_out_object_end(&op->out);
}

static enum fault put_metadata(struct op *op)
{
	const char *host = pool_strndup(http_exchange_pool(op->x), op->request->host.p, op->request->host.len);

	if (host == NULL)
		return FAULT_MEMORY;
	json_out_cstr(&op->out, "api-version", "1.1");
	json_out_array(&op->out, "metadata");
	if (is_public_name(without_port(op->request->host)))
		put_network(op, PUBLIC_LOGIN, "login.windows.net", public_names, ARRAY_LEN(public_names));
	else
		put_network(op, host, host, &host, 1);
	json_out_array_end(&op->out);
	return FAULT_NONE;
}

enum fault op_discover_instance(struct op *op, struct err *err)
{
	struct span endpoint = http_query(op->request, "authorization_endpoint");
	struct span version = http_query(op->request, "api-version");
	struct span host, tenant;
	enum tenant_kind kind;
	enum fault f = FAULT_NONE;

	if (endpoint.p == NULL || endpoint.len == 0)
		return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_PARAMETER_MISSING,
				 "The request body must contain the following parameter: 'authorization_endpoint'.");
	if (!split_endpoint(endpoint, &host, &tenant) || !is_ours(op, host))
		return op_refuse(err, FAULT_INVALID, "invalid_instance", REFUSAL_UNKNOWN_INSTANCE,
				 "Unknown or invalid instance.");
	kind = tenant_parse(&op->d->world, tenant);
	if (kind == TENANT_UNKNOWN)
		return tenant_refuse(tenant, "invalid_tenant", err);
	json_out_object(&op->out, NULL);
	json_out_fmt(&op->out, "tenant_discovery_endpoint", "https://%.*s/%.*s%s/.well-known/openid-configuration",
		     SPAN_ARG(op->request->host), SPAN_ARG(tenant), kind == TENANT_ADFS ? "" : "/v2.0");
	if (span_eq_cstr(version, "1.1"))
		f = put_metadata(op);
	json_out_object_end(&op->out);
	return f;
}
