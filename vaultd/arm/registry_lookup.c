#include "vaultd/arm/registry_lookup.h"

#include <stdio.h>

#include "common/plain/text.h"
#include "vaultd/arm/arm_scope.h"

enum { NAME_LEN_MIN = 5 };

bool registry_is_in_path(const struct arm_op *op, const struct registry *r)
{
	return span_eq_nocase(span_cstr(r->group), arm_capture(op, "group"));
}

enum fault registry_of_path(const struct arm_op *op, const char *capture, struct registry *ret, struct err *err)
{
	struct span name = arm_capture(op, capture);
	enum fault f = registry_get(op->txn, name, ret);

	if (f == FAULT_NONE && !registry_is_in_path(op, ret))
		f = FAULT_NOT_FOUND;
	return f == FAULT_NOT_FOUND ? arm_resource_not_found(op, REGISTRY_TYPE, name, err) : f;
}

struct registry *registry_alloc(const struct arm_op *op)
{
	return pool_alloc(http_exchange_pool(op->x), sizeof(struct registry));
}

enum fault registry_check_name(struct span name, struct err *err)
{
	bool is_good = name.len >= NAME_LEN_MIN && name.len < REGISTRY_NAME_SIZE;

	for (size_t i = 0; is_good && i < name.len; i++) {
		char c = ascii_lower(name.p[i]);

		is_good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
	}
	if (is_good)
		return FAULT_NONE;
	return err_say(err, FAULT_INVALID, "InvalidResourceName",
		       "Registry names may contain only alpha numeric characters and must be between 5 and 50 "
		       "characters");
}

void registry_stamp(const struct arm_op *op, struct registry *r)
{
	const char *type = op->caller->xms_mirid[0] == '\0' ? "Application" : "ManagedIdentity";

	snprintf(r->modified_by, sizeof(r->modified_by), "%s", op->caller->app_id);
	snprintf(r->modified_by_type, sizeof(r->modified_by_type), "%s", type);
	r->modified_ms = op->now_ms;
}
