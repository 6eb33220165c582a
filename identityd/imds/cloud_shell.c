#include "identityd/entra/form.h"
#include "identityd/imds/imds.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

/* Parameters ("; charset=utf-8") may follow. */
static enum fault check_type(const struct op *op, struct err *err)
{
	const char *sent = http_exchange_header(op->x, "Content-Type");
	struct span type;

	if (sent != NULL) {
		(void)span_cut(span_cstr(sent), ';', &type);
		if (span_eq_nocase(span_trim(type), SPAN_LIT(FORM_TYPE)))
			return FAULT_NONE;
	}
	return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_FORMAT_UNSUPPORTED,
			 "The Content-Type of a token request must be " FORM_TYPE ".");
}

/* As of IMDS, but the resource and the identity stand in a form, and no version is said. Its replies are IMDS's too;
 * its refusals have the form of the control plane's. Source: fixtures/sources.md#imds */
enum fault op_cloud_shell_token(struct op *op, struct err *err)
{
	SCOPED_DONE(form) struct form form = { .n = 0 };
	struct identity_hint hint;
	struct span resource;
	enum fault f = imds_guard_origin(op, err);

	if (f == FAULT_NONE)
		f = check_type(op, err);
	if (f == FAULT_NONE)
		f = form_parse(op->request->body, &form);
	if (f != FAULT_NONE)
		return f;
	resource = form_get(&form, "resource");
	if (resource.p == NULL)
		return op_refuse(err, FAULT_INVALID, "invalid_request", REFUSAL_PARAMETER_MISSING,
				 "The form lacks the variable 'resource'");
	hint = (struct identity_hint){ form_get(&form, "client_id"), form_get(&form, "object_id"),
				       form_get(&form, "msi_res_id") };
	if (hint.resource_id.p == NULL)
		hint.resource_id = form_get(&form, "mi_res_id");
	return imds_order(op, &hint, resource, err);
}
