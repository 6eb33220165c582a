#include <stdio.h>

#include "common/plain/text.h"
#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/identity_lookup.h"
#include "vaultd/arm/identity_reply.h"

enum { NAME_LEN_MIN = 3 };

static enum fault check_identity_name(struct span name, struct err *err)
{
	if (arm_name_is_plain(name, NAME_LEN_MIN, IDENTITY_NAME_SIZE - 1))
		return FAULT_NONE;
	return err_say(
		err, FAULT_INVALID, "BadRequest",
		"The identity name '%.*s' is invalid. It must have 3 to 128 letters, digits, '-' or '_', a letter or "
		"digit first.",
		SPAN_ARG(name));
}

/* Tags that are not sent stay as they are. */
static enum fault save(struct arm_op *op, struct identity *i, struct err *err)
{
	SCOPED_DONE(buf) struct buf tags = BUF_INIT(TAGS_SIZE);
	bool has_tags = false;
	enum fault f = arm_read_tags(op->body, &tags, &has_tags, err);

	if (f != FAULT_NONE)
		return f;
	if (has_tags)
		snprintf(i->tags, sizeof(i->tags), "%s", buf_cstr(&tags));
	f = identity_put(&op->d->world, op->txn, i);
	if (f == FAULT_NONE)
		identity_write(op, i);
	return f;
}

static enum fault create(struct arm_op *op, const struct group *g, struct span location, struct err *err)
{
	char id[RESOURCE_ID_SIZE];
	struct identity i;
	enum fault f;

	memset(&i, 0, sizeof(i));
	memcpy(i.subscription_id, g->subscription_id, sizeof(i.subscription_id));
	memcpy(i.group, g->name, sizeof(i.group));
	snprintf(i.name, sizeof(i.name), "%.*s", SPAN_ARG(arm_capture(op, "identity")));
	f = arm_location_fold(location, i.location);
	if (f == FAULT_NONE)
		f = save(op, &i, err);
	if (f != FAULT_NONE)
		return f;
	identity_resource_id(id, &i);
	http_reply_header(op->x, "Location", id);
	op->status = 201;
	return FAULT_NONE;
}

/* PUT …/userAssignedIdentities/{identity} → 201 new (with a relative Location), 200 there before. */
enum fault identities_put(struct arm_op *op, struct err *err)
{
	struct span location;
	struct identity i;
	struct group g;
	enum fault f = arm_group(op, &g, err);

	if (f == FAULT_NONE)
		f = check_identity_name(arm_capture(op, "identity"), err);
	if (f == FAULT_NONE)
		f = arm_read_location(op->body, IDENTITY_TYPE, &location, err);
	if (f != FAULT_NONE)
		return f;
	f = identity_get(op->txn, span_cstr(g.subscription_id), span_cstr(g.name), arm_capture(op, "identity"), &i);
	if (f == FAULT_NOT_FOUND)
		return create(op, &g, location, err);
	if (f == FAULT_NONE)
		f = arm_check_location(i.name, i.group, span_cstr(i.location), location, err);
	if (f != FAULT_NONE)
		return f;
	i.tags[0] = '\0';
	return save(op, &i, err);
}

/* PATCH …/userAssignedIdentities/{identity} */
enum fault identities_patch(struct arm_op *op, struct err *err)
{
	struct span location;
	struct identity i;
	enum fault f = identity_of_path(op, &i, err);

	if (f == FAULT_NONE && json_get_nocase(op->body, "location") != NULL) {
		f = arm_read_location(op->body, IDENTITY_TYPE, &location, err);
		if (f == FAULT_NONE)
			f = arm_check_location(i.name, i.group, span_cstr(i.location), location, err);
	}
	return f == FAULT_NONE ? save(op, &i, err) : f;
}

/* GET …/userAssignedIdentities/{identity} */
enum fault identities_get(struct arm_op *op, struct err *err)
{
	struct identity i;
	enum fault f = identity_of_path(op, &i, err);

	if (f == FAULT_NONE)
		identity_write(op, &i);
	return f;
}

/* DELETE …/userAssignedIdentities/{identity} → 200 empty; 204 when there is none. */
enum fault identities_delete(struct arm_op *op, struct err *err)
{
	struct identity i;
	enum fault f = identity_of_path(op, &i, err);

	if (f == FAULT_NOT_FOUND && strcmp(err->code, "ResourceNotFound") == 0) {
		op->status = 204;
		return FAULT_NONE;
	}
	return f == FAULT_NONE ? identity_del(op->txn, &i) : f;
}

static enum fault list_one(const struct identity *i, void *arg)
{
	struct arm_page *page = arg;
	char id[RESOURCE_ID_SIZE];
	bool may = false;
	enum fault f;

	identity_resource_id(id, i);
	f = arm_may(page->op, IDENTITY_TYPE "/read", id, &may);
	if (f != FAULT_NONE || !may)
		return f;
	if (arm_page_wants(page))
		identity_write(page->op, i);
	return FAULT_NONE;
}

/* GET …/userAssignedIdentities, of a group or of the subscription. */
enum fault identities_list(struct arm_op *op, struct err *err)
{
	struct arm_page page;
	struct span group;
	enum fault f = arm_list_group(op, &group, err);

	if (f == FAULT_NONE)
		f = arm_page_begin(op, &page, err);
	if (f == FAULT_NONE)
		f = identity_each(op->txn, span_cstr(op->d->world.subscription_id), group, list_one, &page);
	if (f != FAULT_NONE)
		return f;
	arm_page_end(&page);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
