#include "identityd/graph/graph.h"

void graph_write_context(struct op *op, const char *what)
{
	json_out_fmt(&op->out, "@odata.context", "https://%.*s/v1.0/$metadata#%s", SPAN_ARG(op->request->host), what);
}

enum fault graph_not_found(struct span id, struct err *err)
{
	return err_say(err, FAULT_NOT_FOUND, "Request_ResourceNotFound",
		       "Resource '%.*s' does not exist or one of its queried reference-property objects are not "
		       "present.",
		       SPAN_ARG(span_first(id, 256)));
}

const char *graph_application_id(const struct principal *p)
{
	return p->app_id;
}

static void write_nulls(struct json_out *o, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_out_null(o, names[i]);
}

static void write_empty_lists(struct json_out *o, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_out_array(o, names[i]);
		json_out_array_end(o);
	}
}

/* Azure says by the first entry whose hand made the identity. */
static void write_alternative_names(struct json_out *o, const struct principal *p)
{
	json_out_array(o, "alternativeNames");
	if (p->kind != PRINCIPAL_APPLICATION) {
		json_out_cstr(o, NULL, p->kind == PRINCIPAL_USER_ASSIGNED ? "isExplicit=True" : "isExplicit=False");
		json_out_cstr(o, NULL, p->resource_id);
	}
	json_out_array_end(o);
}

static void write_names(struct json_out *o, const struct principal *p)
{
	json_out_array(o, "servicePrincipalNames");
	json_out_cstr(o, NULL, p->app_id);
	json_out_array_end(o);
}

/* What a managed identity lacks: it is of no registered application. */
static void write_of_application(struct json_out *o, const char *key, const struct principal *p, const char *value)
{
	if (p->kind == PRINCIPAL_APPLICATION)
		json_out_cstr(o, key, value);
	else
		json_out_null(o, key);
}

void graph_write_service_principal(struct op *op, const struct principal *p, bool is_typed)
{
	static const char *const nulls[] = { "appDescription",
					     "applicationTemplateId",
					     "description",
					     "disabledByMicrosoftStatus",
					     "homepage",
					     "loginUrl",
					     "logoutUrl",
					     "notes",
					     "preferredSingleSignOnMode",
					     "tokenEncryptionKeyId" };
	static const char *const lists[] = {
		"notificationEmailAddresses", "replyUrls",	    "tags", "addIns", "appRoles", "keyCredentials",
		"oauth2PermissionScopes",     "passwordCredentials"
	};
	bool is_application = p->kind == PRINCIPAL_APPLICATION;
	struct json_out *o = &op->out;

	if (is_typed)
		json_out_cstr(o, "@odata.type", "#microsoft.graph.servicePrincipal");
	json_out_cstr(o, "id", p->object_id);
	json_out_null(o, "deletedDateTime");
	json_out_bool(o, "accountEnabled", true);
	write_alternative_names(o, p);
	json_out_cstr(o, "displayName", p->display_name);
	json_out_cstr(o, "appId", p->app_id);
	write_of_application(o, "appDisplayName", p, p->display_name);
	write_of_application(o, "appOwnerOrganizationId", p, op->d->world.tenant_id);
	json_out_bool(o, "appRoleAssignmentRequired", false);
	write_names(o, p);
	json_out_cstr(o, "servicePrincipalType", is_application ? "Application" : "ManagedIdentity");
	write_of_application(o, "signInAudience", p, "AzureADMyOrg");
	write_nulls(o, nulls, ARRAY_LEN(nulls));
	write_empty_lists(o, lists, ARRAY_LEN(lists));
}

void graph_write_application(struct op *op, const struct principal *p)
{
	static const char *const nulls[] = { "applicationTemplateId", "description", "groupMembershipClaims", "notes",
					     "tokenEncryptionKeyId" };
	static const char *const lists[] = {
		"identifierUris",	 "tags", "addIns", "appRoles", "keyCredentials", "passwordCredentials",
		"requiredResourceAccess"
	};
	struct json_out *o = &op->out;

	json_out_cstr(o, "id", graph_application_id(p));
	json_out_null(o, "deletedDateTime");
	json_out_cstr(o, "appId", p->app_id);
	json_out_cstr(o, "displayName", p->display_name);
	json_out_cstr(o, "publisherDomain", "sandvault.localhost");
	json_out_cstr(o, "signInAudience", "AzureADMyOrg");
	write_nulls(o, nulls, ARRAY_LEN(nulls));
	write_empty_lists(o, lists, ARRAY_LEN(lists));
}
