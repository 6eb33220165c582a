#include <stdio.h>

#include "common/plain/text.h"
#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/arm_text.h"
#include "vaultd/arm/group_empty.h"
#include "vaultd/arm/group_name.h"
#include "vaultd/arm/operation_result.h"

#define GROUP_TYPE "Microsoft.Resources/resourceGroups"

enum { GROUP_ID_SIZE = 256 };

static void write_group(struct arm_op *op, const struct group *g)
{
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_fmt(o, "id", "/subscriptions/%s/resourceGroups/%s", g->subscription_id, g->name);
	json_out_cstr(o, "name", g->name);
	json_out_cstr(o, "type", GROUP_TYPE);
	json_out_cstr(o, "location", g->location);
	if (g->managed_by[0] != '\0')
		json_out_cstr(o, "managedBy", g->managed_by);
	if (g->tags[0] != '\0')
		json_out_raw(o, "tags", span_cstr(g->tags));
	json_out_object(o, "properties");
	json_out_cstr(o, "provisioningState", "Succeeded");
	json_out_object_end(o);
	json_out_object_end(o);
}

/* Tags are replaced as a whole when they are sent; an absent member leaves what is there. */
static enum fault read_group(const struct arm_op *op, struct group *g, struct err *err)
{
	SCOPED_DONE(buf) struct buf tags = BUF_INIT(TAGS_SIZE);
	const struct json *managed_by = NULL;
	bool has_tags = false;
	enum fault f = arm_read_tags(op->body, &tags, &has_tags, err);

	if (f == FAULT_NONE)
		f = arm_member(op->body, "managedBy", JSON_STRING, &managed_by, err);
	if (f != FAULT_NONE)
		return f;
	if (json_string(managed_by).len >= sizeof(g->managed_by))
		return err_say(err, FAULT_INVALID, "InvalidRequestContent", "The member 'managedBy' is too long.");
	if (has_tags)
		snprintf(g->tags, sizeof(g->tags), "%s", buf_cstr(&tags));
	if (managed_by != NULL)
		snprintf(g->managed_by, sizeof(g->managed_by), "%.*s", SPAN_ARG(json_string(managed_by)));
	return FAULT_NONE;
}

static enum fault check_group_location(const struct group *g, struct span wants, struct err *err)
{
	if (arm_location_eq(span_cstr(g->location), wants))
		return FAULT_NONE;
	return err_say(err, FAULT_CONFLICT, "InvalidResourceGroupLocation",
		       "Invalid resource group location '%.*s'. The Resource group already exists in location '%s'.",
		       SPAN_ARG(wants), g->location);
}

static void init_group(const struct arm_op *op, struct span location, struct group *g)
{
	memset(g, 0, sizeof(*g));
	snprintf(g->subscription_id, sizeof(g->subscription_id), "%s", op->d->world.subscription_id);
	snprintf(g->name, sizeof(g->name), "%.*s", SPAN_ARG(arm_capture(op, "group")));
	/* Checked before: it folds. */
	if (arm_location_fold(location, g->location) != FAULT_NONE)
		g->location[0] = '\0';
}

static enum fault save(struct arm_op *op, struct group *g, struct err *err)
{
	enum fault f = read_group(op, g, err);

	if (f == FAULT_NONE)
		f = group_put(op->txn, g);
	if (f == FAULT_NONE)
		write_group(op, g);
	return f;
}

/* PUT …/resourcegroups/{group} → 201 new, 200 there before. A replacement forgets what is not sent. */
enum fault resource_groups_put(struct arm_op *op, struct err *err)
{
	struct span location;
	struct group g;
	enum fault f = group_check_name(arm_capture(op, "group"), err);

	if (f == FAULT_NONE)
		f = arm_read_location(op->body, GROUP_TYPE, &location, err);
	if (f != FAULT_NONE)
		return f;
	f = group_get(op->txn, span_cstr(op->d->world.subscription_id), arm_capture(op, "group"), &g);
	if (f == FAULT_NOT_FOUND) {
		init_group(op, location, &g);
		op->status = 201;
		return save(op, &g, err);
	}
	if (f == FAULT_NONE)
		f = check_group_location(&g, location, err);
	if (f != FAULT_NONE)
		return f;
	g.tags[0] = '\0';
	return save(op, &g, err);
}

/* PATCH …/resourcegroups/{group} */
enum fault resource_groups_patch(struct arm_op *op, struct err *err)
{
	struct group g;
	enum fault f = arm_group(op, &g, err);

	return f == FAULT_NONE ? save(op, &g, err) : f;
}

/* GET …/resourcegroups/{group} */
enum fault resource_groups_get(struct arm_op *op, struct err *err)
{
	struct group g;
	enum fault f = arm_group(op, &g, err);

	if (f == FAULT_NONE)
		write_group(op, &g);
	return f;
}

/* HEAD …/resourcegroups/{group} → 204 or 404, both without a body. */
enum fault resource_groups_head(struct arm_op *op, struct err *err)
{
	struct group g;

	op->status = 204;
	return arm_group(op, &g, err);
}

static enum fault list_one(const struct group *g, void *arg)
{
	struct arm_page *page = arg;
	char id[GROUP_ID_SIZE];
	bool may = false;
	enum fault f;

	snprintf(id, sizeof(id), "/subscriptions/%s/resourceGroups/%s", g->subscription_id, g->name);
	f = arm_may(page->op, "Microsoft.Resources/subscriptions/resourceGroups/read", id, &may);
	if (f != FAULT_NONE || !may)
		return f;
	if (arm_page_wants(page))
		write_group(page->op, g);
	return FAULT_NONE;
}

/* GET …/resourcegroups */
enum fault resource_groups_list(struct arm_op *op, struct err *err)
{
	struct arm_page page;
	enum fault f;

	if (http_query(op->request, "$filter").len > 0)
		return err_say(err, FAULT_NOT_IMPLEMENTED, "NotImplemented",
			       "Sandvault does not filter resource groups yet. Leave $filter out.");
	f = arm_page_begin(op, &page, err);
	if (f == FAULT_NONE)
		f = group_each(op->txn, span_cstr(op->d->world.subscription_id), list_one, &page);
	if (f != FAULT_NONE)
		return f;
	arm_page_end(&page);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

/* The job's name is the group's and its location's. */
static enum fault add_result_location(struct arm_op *op, const struct group *g)
{
	char job[GROUP_NAME_SIZE + LOCATION_SIZE];

	snprintf(job, sizeof(job), "%s-%s", g->name, g->location);
	return operation_result_add(op, "GROUPDELETION", span_cstr(job));
}

/* DELETE …/resourcegroups/{group} → 202 and where to ask; it is done already. */
enum fault resource_groups_delete(struct arm_op *op, struct err *err)
{
	struct group g;
	enum fault f = arm_group(op, &g, err);

	if (f == FAULT_NONE)
		f = group_empty(op, &g, err);
	if (f == FAULT_NONE)
		f = group_del(op->txn, span_cstr(g.subscription_id), span_cstr(g.name));
	if (f == FAULT_NONE)
		f = add_result_location(op, &g);
	op->status = 202;
	return f;
}
