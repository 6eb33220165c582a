#ifndef SANDVAULT_VAULTD_ARM_ARM_BODY_H
#define SANDVAULT_VAULTD_ARM_ARM_BODY_H

/* Members that every tracked resource's body has. Names compare without case, null counts as absent. Pure. */

#include "common/io/json.h"
#include "common/model/group.h"

/* The member of that name; InvalidRequestContent when it is there with another type. *ret is NULL when it is absent. */
enum fault arm_member(const struct json *body, const char *name, enum json_type type, const struct json **ret,
		      struct err *err) MUST_USE;
/* "location" as sent. LocationRequired, LocationNotAvailableForResourceType. */
enum fault arm_read_location(const struct json *body, const char *type, struct span *ret, struct err *err) MUST_USE;
/* "tags" as compact JSON appended to out; nothing when there are none. */
enum fault arm_read_tags(const struct json *body, struct buf *out, bool *ret_is_set, struct err *err) MUST_USE;
/* A resource stays where it is. InvalidResourceLocation. */
enum fault arm_check_location(const char *name, const char *group, struct span has, struct span wants,
			      struct err *err) MUST_USE;

#endif
