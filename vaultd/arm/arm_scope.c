#include "vaultd/arm/arm_scope.h"

#include "common/plain/text.h"

struct span arm_capture(const struct arm_op *op, const char *name)
{
	return route_capture(op->match, name);
}

/* The subscription that an extension resource's scope begins with; p NULL: it begins with another thing. */
static struct span of_scope(const struct arm_op *op)
{
	struct span rest = arm_capture(op, "scope"), head;

	while (rest.len > 0 && rest.p[0] == '/')
		rest = span_from(rest, 1);
	rest = span_cut(rest, '/', &head);
	if (!span_eq_nocase(head, SPAN_LIT("subscriptions")) || rest.p == NULL)
		return (struct span){ NULL, 0 };
	while (rest.len > 0 && rest.p[0] == '/')
		rest = span_from(rest, 1);
	span_cut(rest, '/', &head);
	return head;
}

enum fault arm_check_subscription(const struct arm_op *op, struct err *err)
{
	struct span id = arm_capture(op, "subscription");

	if (id.p == NULL)
		id = of_scope(op);
	if (id.p == NULL || span_eq_nocase(id, span_cstr(op->d->world.subscription_id)))
		return FAULT_NONE;
	if (!uuid_is_valid(id))
		return err_say(err, FAULT_INVALID, "InvalidSubscriptionId",
			       "The provided subscription identifier '%.*s' is malformed or invalid.", SPAN_ARG(id));
	return err_say(err, FAULT_NOT_FOUND, "SubscriptionNotFound", "The subscription '%.*s' could not be found.",
		       SPAN_ARG(id));
}

enum fault arm_group(const struct arm_op *op, struct group *ret, struct err *err)
{
	struct span name = arm_capture(op, "group");
	enum fault f = group_get(op->txn, span_cstr(op->d->world.subscription_id), name, ret);

	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "ResourceGroupNotFound", "Resource group '%.*s' could not be found.",
			       SPAN_ARG(name));
	return f;
}

enum fault arm_list_group(const struct arm_op *op, struct span *ret_name, struct err *err)
{
	struct group g;
	enum fault f;

	if (arm_capture(op, "group").p == NULL) {
		*ret_name = SPAN_EMPTY;
		return FAULT_NONE;
	}
	f = arm_group(op, &g, err);
	if (f == FAULT_NONE)
		*ret_name = arm_capture(op, "group");
	return f;
}

enum fault arm_resource_not_found(const struct arm_op *op, const char *type, struct span name, struct err *err)
{
	struct group g;
	enum fault f = arm_group(op, &g, err);

	if (f != FAULT_NONE)
		return f;
	return err_say(
		err, FAULT_NOT_FOUND, "ResourceNotFound",
		"The Resource '%s/%.*s' under resource group '%.*s' was not found. For more details please go to "
		"https://aka.ms/ARMResourceNotFoundFix",
		type, SPAN_ARG(name), SPAN_ARG(arm_capture(op, "group")));
}
