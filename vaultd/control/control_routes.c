#include "vaultd/control/control_op.h"

static const struct control_row rows[] = {
	{ "GetClock", HTTP_GET, "/clock", control_get_clock },
	{ "MoveClock", HTTP_POST, "/clock", control_move_clock },
	{ "GetAudit", HTTP_GET, "/audit", control_get_audit },
	{ "Explain", HTTP_POST, "/explain", control_explain },
	{ "MakeDenyAssignment", HTTP_POST, "/denyAssignments", control_make_deny },
	{ "DropDenyAssignment", HTTP_DELETE, "/denyAssignments", control_drop_deny },
	{ "GetHealth", HTTP_GET, "/healthz", control_healthz },
	{ "GetReadiness", HTTP_GET, "/readyz", control_readyz },
};

enum fault control_route(const struct http_request *r, const struct control_row **ret, struct err *err)
{
	bool is_known = false;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!span_eq_cstr(r->path, rows[i].path))
			continue;
		is_known = true;
		if ((rows[i].methods & r->method) == 0)
			continue;
		*ret = &rows[i];
		return FAULT_NONE;
	}
	if (is_known)
		return err_say(err, FAULT_METHOD, "MethodNotAllowed", "%.*s does not know the method %s.",
			       SPAN_ARG(r->path), http_method_name(r->method));
	return err_say(err, FAULT_NOT_FOUND, "NotFound", "There is no control call at %.*s.",
		       SPAN_ARG(span_first(r->path, 256)));
}
