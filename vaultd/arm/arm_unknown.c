#include "vaultd/arm/arm_unknown.h"

#include "vaultd/arm/providers.h"

/* The segment after the last "providers", and the one after that. */
static bool find_type(const struct route_path *path, struct span *ret_namespace, struct span *ret_type)
{
	for (size_t i = path->n; i-- > 0;) {
		if (!span_eq_nocase(path->seg[i], SPAN_LIT("providers")) || i + 1 >= path->n)
			continue;
		*ret_namespace = path->seg[i + 1];
		*ret_type = i + 2 < path->n ? path->seg[i + 2] : SPAN_EMPTY;
		return true;
	}
	return false;
}

enum fault arm_say_unknown(const struct http_request *request, bool has_other_method, struct err *err)
{
	struct route_path path;
	struct span ns, type;

	if (has_other_method)
		return err_say(err, FAULT_METHOD, "MethodNotAllowed",
			       "The requested resource does not support http method '%s'.",
			       http_method_name(request->method));
	if (route_split(request->path, &path) != FAULT_NONE || !find_type(&path, &ns, &type))
		return err_say(err, FAULT_NOT_FOUND, "NotFound",
			       "No HTTP resource was found that matches the request URI '%.*s'.",
			       SPAN_ARG(request->path));
	if (!provider_is_known(ns))
		return err_say(err, FAULT_NOT_FOUND, "InvalidResourceNamespace",
			       "The resource namespace '%.*s' is invalid. Sandvault does not imitate it.",
			       SPAN_ARG(ns));
	return err_say(
		err, FAULT_NOT_FOUND, "InvalidResourceType",
		"The resource type '%.*s' could not be found in the namespace '%.*s'. Sandvault does not imitate "
		"it.",
		SPAN_ARG(type), SPAN_ARG(ns));
}
