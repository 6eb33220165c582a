#include <stdio.h>

#include "identityd/entra/entra.h"
#include "identityd/graph/graph.h"
#include "identityd/imds/imds.h"
#include "identityd/operation.h"

enum { READS = HTTP_GET | HTTP_HEAD, ANY_METHOD = 0xff };

/* First match wins. */
static const struct operation operations[] = {
	{ "GetOpenIdConfigurationAdfs", READS, DOOR_LOGIN, "/adfs/.well-known/openid-configuration", DIALECT_DISCOVERY,
	  op_discovery_adfs, NULL },
	{ "GetOpenIdConfigurationV2", READS, DOOR_LOGIN, "/{tenant}/v2.0/.well-known/openid-configuration",
	  DIALECT_DISCOVERY, op_discovery_v2, NULL },
	{ "GetOpenIdConfiguration", READS, DOOR_LOGIN, "/{tenant}/.well-known/openid-configuration", DIALECT_DISCOVERY,
	  op_discovery_v1, NULL },
	{ "DiscoverInstance", READS, DOOR_LOGIN, "/common/discovery/instance", DIALECT_DISCOVERY, op_discover_instance,
	  NULL },
	{ "GetKeysAdfs", READS, DOOR_LOGIN, "/adfs/discovery/keys", DIALECT_DISCOVERY, op_jwks, NULL },
	{ "GetKeysV2", READS, DOOR_LOGIN, "/{tenant}/discovery/v2.0/keys", DIALECT_DISCOVERY, op_jwks, NULL },
	{ "GetKeys", READS, DOOR_LOGIN, "/{tenant}/discovery/keys", DIALECT_DISCOVERY, op_jwks, NULL },
	{ "RequestTokenV2", HTTP_POST, DOOR_LOGIN, "/{tenant}/oauth2/v2.0/token", DIALECT_ENTRA, op_token_v2,
	  op_token_finish },
	/* /adfs/oauth2/token is among these. */
	{ "RequestToken", HTTP_POST, DOOR_LOGIN, "/{tenant}/oauth2/token", DIALECT_ENTRA, op_token_v1,
	  op_token_finish },
	{ "AuthorizeV2", READS | HTTP_POST, DOOR_LOGIN, "/{tenant}/oauth2/v2.0/authorize", DIALECT_ENTRA, NULL, NULL },
	{ "Authorize", READS | HTTP_POST, DOOR_LOGIN, "/{tenant}/oauth2/authorize", DIALECT_ENTRA, NULL, NULL },
	{ "RequestDeviceCodeV2", HTTP_POST, DOOR_LOGIN, "/{tenant}/oauth2/v2.0/devicecode", DIALECT_ENTRA, NULL, NULL },
	{ "RequestDeviceCode", HTTP_POST, DOOR_LOGIN, "/{tenant}/oauth2/devicecode", DIALECT_ENTRA, NULL, NULL },
	{ "LogOut", READS, DOOR_LOGIN, "/{tenant}/oauth2/{version?}/logout", DIALECT_ENTRA, NULL, NULL },
	{ "GraphGetMe", READS, DOOR_LOGIN, "/v1.0/me", DIALECT_GRAPH, op_graph_me, NULL },
	{ "GraphListServicePrincipals", READS, DOOR_LOGIN, "/v1.0/servicePrincipals", DIALECT_GRAPH,
	  op_graph_list_service_principals, NULL },
	{ "GraphGetServicePrincipal", READS, DOOR_LOGIN, "/v1.0/servicePrincipals/{id}", DIALECT_GRAPH,
	  op_graph_get_service_principal, NULL },
	{ "GraphListApplications", READS, DOOR_LOGIN, "/v1.0/applications", DIALECT_GRAPH, op_graph_list_applications,
	  NULL },
	{ "GraphGetApplication", READS, DOOR_LOGIN, "/v1.0/applications/{id}", DIALECT_GRAPH, op_graph_get_application,
	  NULL },
	{ "GraphListUsers", READS, DOOR_LOGIN, "/v1.0/users", DIALECT_GRAPH, op_graph_list_users, NULL },
	{ "GraphGetUser", READS, DOOR_LOGIN, "/v1.0/users/{id}", DIALECT_GRAPH, op_graph_no_such_object, NULL },
	{ "GraphListGroups", READS, DOOR_LOGIN, "/v1.0/groups", DIALECT_GRAPH, op_graph_list_groups, NULL },
	{ "GraphGetGroup", READS, DOOR_LOGIN, "/v1.0/groups/{id}", DIALECT_GRAPH, op_graph_no_such_object, NULL },
	{ "GraphGetByIds", HTTP_POST, DOOR_LOGIN, "/v1.0/directoryObjects/getByIds", DIALECT_GRAPH, op_graph_get_by_ids,
	  NULL },
	{ "GraphGetDirectoryObject", READS, DOOR_LOGIN, "/v1.0/directoryObjects/{id}", DIALECT_GRAPH,
	  op_graph_get_directory_object, NULL },
	{ "GraphGetByAppId", READS, DOOR_LOGIN, "/v1.0/{keyed}", DIALECT_GRAPH, op_graph_get_by_app_id, NULL },
	{ "Graph", ANY_METHOD, DOOR_LOGIN, "/v1.0/{rest*}", DIALECT_GRAPH, NULL, NULL },
	{ "GetCloudMetadata", READS, DOOR_LOGIN | DOOR_HOST, "/metadata/endpoints", DIALECT_CLOUD, op_cloud_metadata,
	  NULL },
	{ "ImdsRequestToken", HTTP_GET, DOOR_HOST, "/metadata/identity/oauth2/token", DIALECT_IMDS, op_imds_token,
	  op_imds_finish },
	{ "ImdsUnknownSource", ANY_METHOD, DOOR_HOST, "/metadata/identity/{rest*}", DIALECT_IMDS,
	  op_imds_unknown_source, NULL },
	{ "ImdsGetInstance", HTTP_GET, DOOR_HOST, "/metadata/instance", DIALECT_IMDS, op_imds_instance, NULL },
	{ "ImdsGetCompute", HTTP_GET, DOOR_HOST, "/metadata/instance/compute/{leaf?}", DIALECT_IMDS, op_imds_compute,
	  NULL },
	{ "ImdsGetNetwork", HTTP_GET, DOOR_HOST, "/metadata/instance/network/{rest*}", DIALECT_IMDS, NULL, NULL },
	{ "ImdsGetAttestedDocument", HTTP_GET, DOOR_HOST, "/metadata/attested/{rest*}", DIALECT_IMDS, NULL, NULL },
	{ "AppServiceRequestToken", HTTP_GET, DOOR_HOST, "/msi/token", DIALECT_APP_SERVICE, op_app_service_token,
	  op_app_service_finish },
	{ "CloudShellRequestToken", HTTP_POST, DOOR_HOST, "/oauth2/token", DIALECT_CLOUD, op_cloud_shell_token,
	  op_imds_finish },
};

/* What a path that is nobody's looks like from its door. */
static enum dialect door_dialect(unsigned door)
{
	return door == DOOR_LOGIN ? DIALECT_ENTRA : DIALECT_IMDS;
}

static enum fault refuse_method(struct op *op, const struct operation *row, struct err *err)
{
	op->dialect = row->dialect;
	return err_say(err, FAULT_METHOD, "", "The method %s is not allowed for this resource",
		       http_method_name(op->request->method));
}

enum fault op_route(struct op *op, struct err *err)
{
	unsigned door = op->request->is_tls ? DOOR_LOGIN : DOOR_HOST;
	struct route_path path;

	op->dialect = door_dialect(door);
	if (route_split(op->request->path, &path) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "", "The path has too many segments");
	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		const struct operation *row = &operations[i];

		if ((row->doors & door) == 0 ||
		    !route_match(row->pattern, &path, http_exchange_pool(op->x), &op->match))
			continue;
		/* What stands below a matching path is wider, not the same resource with another method. */
		if ((row->methods & op->request->method) == 0) {
			/* Graph's gap is both: what writes there is missing here, not forbidden. */
			if (row->dialect == DIALECT_GRAPH)
				continue;
			return refuse_method(op, row, err);
		}
		op->row = row;
		op->dialect = row->dialect;
		return FAULT_NONE;
	}
	return err_say(err, FAULT_NOT_FOUND, "", "There is nothing at '%.*s'",
		       SPAN_ARG(span_first(op->request->path, 256)));
}

static void print_methods(unsigned methods, char out[32])
{
	static const enum http_method all[] = { HTTP_GET, HTTP_HEAD, HTTP_POST };
	size_t len = 0;

	snprintf(out, 32, "*");
	for (size_t i = 0; methods != ANY_METHOD && i < ARRAY_LEN(all); i++)
		if ((methods & all[i]) != 0)
			len += (size_t)snprintf(out + len, 32 - len, "%s%s", len == 0 ? "" : ",",
						http_method_name(all[i]));
}

static const char *door_name(unsigned doors)
{
	return doors == DOOR_LOGIN ? "login" : doors == DOOR_HOST ? "host" : "both";
}

void identityd_print_operations(void)
{
	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		const struct operation *row = &operations[i];
		char methods[32];

		print_methods(row->methods, methods);
		printf("%-6s %-28s %-14s %s%s\n", door_name(row->doors), row->name, methods, row->pattern,
		       row->handler == NULL ? "  (known gap: 501)" : "");
	}
}
