#include <stdio.h>

#include "vaultd/registry/reg.h"

#define REPOSITORY "/v2/{name*}"
#define UPLOADS REPOSITORY "/blobs/uploads"
#define UPLOAD UPLOADS "/{upload}"
#define BLOB REPOSITORY "/blobs/{digest}"
#define MANIFEST REPOSITORY "/manifests/{reference}"
enum { REG_ANY = ~0u };

/* The first that fits answers. */
static const struct reg_row rows[] = {
	{ "RegistryPing", HTTP_GET | HTTP_HEAD, "/v2", REG_SIGNED, TXN_READ, reg_ping, 0 },
	{ "RegistryListRepositories", HTTP_GET, "/v2/_catalog", REG_CATALOG, TXN_READ, reg_catalog, 0 },
	{ "RegistryListTags", HTTP_GET, REPOSITORY "/tags/list", REG_LIST, TXN_READ, reg_tags, 0 },
	{ "RegistryGetManifest", HTTP_GET, MANIFEST, REG_PULL, TXN_READ, reg_manifest_get, 0 },
	{ "RegistryCheckManifest", HTTP_HEAD, MANIFEST, REG_PULL, TXN_READ, reg_manifest_get, 0 },
	{ "RegistryPutManifest", HTTP_PUT, MANIFEST, REG_PUSH, TXN_READ, reg_manifest_put, REG_LARGE_BODY },
	{ "RegistryDeleteManifest", HTTP_DELETE, MANIFEST, REG_DELETE, TXN_WRITE, reg_manifest_delete, 0 },
	{ "RegistryStartUpload", HTTP_POST, UPLOADS, REG_PUSH, TXN_WRITE, reg_upload_start, REG_LARGE_BODY },
	{ "RegistryGetUpload", HTTP_GET, UPLOAD, REG_PUSH, TXN_READ, reg_upload_get, 0 },
	{ "RegistryAppendUpload", HTTP_PATCH, UPLOAD, REG_PUSH, TXN_READ, reg_upload_append, REG_LARGE_BODY },
	{ "RegistryFinishUpload", HTTP_PUT, UPLOAD, REG_PUSH, TXN_READ, reg_upload_finish, REG_LARGE_BODY },
	{ "RegistryCancelUpload", HTTP_DELETE, UPLOAD, REG_PUSH, TXN_WRITE, reg_upload_cancel, 0 },
	{ "RegistryGetBlob", HTTP_GET, BLOB, REG_PULL, TXN_READ, reg_blob_get, 0 },
	{ "RegistryCheckBlob", HTTP_HEAD, BLOB, REG_PULL, TXN_READ, reg_blob_head, 0 },
	{ "RegistryDeleteBlob", HTTP_DELETE, BLOB, REG_DELETE, TXN_WRITE, reg_blob_delete, 0 },
	{ "RegistryExchangeToken", HTTP_POST, "/oauth2/exchange", REG_OPEN, TXN_READ, reg_token_exchange, 0 },
	{ "RegistryGetToken", HTTP_GET, "/oauth2/token", REG_OPEN, TXN_READ, reg_token_get, 0 },
	{ "RegistryRequestToken", HTTP_POST, "/oauth2/token", REG_OPEN, TXN_READ, reg_token_request, 0 },
	{ "RegistryAzureApi", (unsigned)REG_ANY, "/acr/v1/{rest*}", REG_SIGNED, TXN_READ, NULL, 0 },
};

enum fault reg_route(const struct http_request *q, struct pool *pool, const struct reg_row **ret,
		     struct route_match *ret_match)
{
	struct route_path path;
	enum fault f = FAULT_NOT_FOUND;

	if (route_split(q->path, &path) != FAULT_NONE)
		return f;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!route_match(rows[i].pattern, &path, pool, ret_match))
			continue;
		f = FAULT_METHOD;
		if ((rows[i].methods & q->method) == 0)
			continue;
		*ret = &rows[i];
		return FAULT_NONE;
	}
	return f;
}

const char *reg_audit_named(struct span name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (span_eq_nocase(name, span_cstr(rows[i].name)))
			return rows[i].name;
	return NULL;
}

static void print_methods(unsigned methods)
{
	char text[32] = "";

	for (unsigned m = HTTP_GET; methods != REG_ANY && m < HTTP_OTHER; m <<= 1)
		if ((methods & m) != 0)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", text[0] == '\0' ? "" : ",",
				 http_method_name((enum http_method)m));
	printf("%-9s", methods == REG_ANY ? "*" : text);
}

void registry_print_operations(void)
{
	static const char *const words[REG_ACCESS_COUNT] = { "(no token)", "(any token)", "catalog", "list",
							     "pull",	   "push",	  "delete" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		printf("registry  %-24s ", rows[i].name);
		print_methods(rows[i].methods);
		printf(" %-36s %s%s\n", rows[i].pattern, words[rows[i].access],
		       rows[i].handler == NULL ? "  (known gap: 501)" : "");
	}
}
