#include <stdio.h>

#include "vaultd/arm/arm_access.h"
#include "vaultd/arm/arm_body.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_page.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/registry_change.h"
#include "vaultd/arm/registry_lookup.h"
#include "vaultd/arm/registry_operation.h"
#include "vaultd/arm/registry_reply.h"

static enum fault say_taken(struct span name, struct err *err)
{
	return err_say(err, FAULT_CONFLICT, "AlreadyInUse",
		       "The registry DNS name %.*s.azurecr.io is already in use. You can check if the name is already "
		       "claimed using following API: "
		       "https://docs.microsoft.com/en-us/rest/api/containerregistry/registries/checknameavailability",
		       SPAN_ARG(name));
}

static enum fault create(struct arm_op *op, const struct group *g, struct span location, struct err *err)
{
	struct registry *r = registry_alloc(op);
	enum fault f = r == NULL ? FAULT_MEMORY : registry_begin(&op->d->world, r);

	if (f != FAULT_NONE)
		return f;
	memcpy(r->subscription_id, g->subscription_id, sizeof(r->subscription_id));
	memcpy(r->group, g->name, sizeof(r->group));
	snprintf(r->name, sizeof(r->name), "%.*s", SPAN_ARG(arm_capture(op, "registry")));
	snprintf(r->location, sizeof(r->location), "%.*s", SPAN_ARG(location));
	return registry_change(op, NULL, r, err);
}

static enum fault update(struct arm_op *op, const struct registry *former, struct err *err)
{
	struct registry *next = registry_alloc(op);

	if (next == NULL)
		return FAULT_MEMORY;
	*next = *former;
	return registry_change(op, former, next, err);
}

/* PUT …/registries/{registry} → 201 with the state before, and where to ask; 200 when nothing takes time. */
enum fault registries_put(struct arm_op *op, struct err *err)
{
	struct span name = arm_capture(op, "registry"), location;
	struct registry *r = registry_alloc(op);
	struct group g;
	enum fault f = r == NULL ? FAULT_MEMORY : arm_group(op, &g, err);

	registry_reply_headers(op);
	if (f == FAULT_NONE)
		f = registry_check_name(name, err);
	if (f == FAULT_NONE)
		f = arm_read_location(op->body, REGISTRY_TYPE, &location, err);
	if (f != FAULT_NONE)
		return f;
	f = registry_get(op->txn, name, r);
	if (f == FAULT_NOT_FOUND)
		return create(op, &g, location, err);
	if (f == FAULT_NONE && !registry_is_in_path(op, r))
		return say_taken(name, err);
	if (f == FAULT_NONE)
		f = arm_check_location(r->name, r->group, span_cstr(r->location), location, err);
	return f == FAULT_NONE ? update(op, r, err) : f;
}

/* PATCH …/registries/{registry}; what is not sent stays. */
enum fault registries_patch(struct arm_op *op, struct err *err)
{
	struct registry *r = registry_alloc(op);
	struct span location;
	enum fault f = r == NULL ? FAULT_MEMORY : registry_of_path(op, "registry", r, err);

	registry_reply_headers(op);
	if (f == FAULT_NONE && json_type(json_get_nocase(op->body, "location")) != JSON_NULL) {
		f = arm_read_location(op->body, REGISTRY_TYPE, &location, err);
		if (f == FAULT_NONE)
			f = arm_check_location(r->name, r->group, span_cstr(r->location), location, err);
	}
	return f == FAULT_NONE ? update(op, r, err) : f;
}

/* GET …/registries/{registry} */
enum fault registries_get(struct arm_op *op, struct err *err)
{
	struct registry *r = registry_alloc(op);
	enum fault f = r == NULL ? FAULT_MEMORY : registry_of_path(op, "registry", r, err);

	registry_reply_headers(op);
	return f == FAULT_NONE ? registry_operation_write(op, r) : f;
}

/* DELETE …/registries/{registry} → 200 empty; 204 when there is none. */
enum fault registries_delete(struct arm_op *op, struct err *err)
{
	struct registry *r = registry_alloc(op);
	enum fault f = r == NULL ? FAULT_MEMORY : registry_of_path(op, "registry", r, err);

	registry_reply_headers(op);
	if (f == FAULT_NOT_FOUND && strcmp(err->code, "ResourceNotFound") == 0) {
		op->status = 204;
		return FAULT_NONE;
	}
	return f == FAULT_NONE ? registry_del(op->txn, r) : f;
}

struct registry_list {
	struct arm_page page;
	struct span group; /* empty: all */
};

static enum fault list_one(const struct registry *r, void *arg)
{
	struct registry_list *l = arg;
	char id[RESOURCE_ID_SIZE];
	bool may = false;
	enum fault f;

	if (l->group.len > 0 && !span_eq_nocase(span_cstr(r->group), l->group))
		return FAULT_NONE;
	registry_resource_id(id, r);
	f = arm_may(l->page.op, REGISTRY_TYPE "/read", id, &may);
	if (f != FAULT_NONE || !may)
		return f;
	return arm_page_wants(&l->page) ? registry_operation_write(l->page.op, r) : FAULT_NONE;
}

/* GET …/registries, of a group or of the subscription. */
enum fault registries_list(struct arm_op *op, struct err *err)
{
	struct registry_list l;
	enum fault f = arm_list_group(op, &l.group, err);

	registry_reply_headers(op);
	if (f == FAULT_NONE)
		f = arm_page_begin(op, &l.page, err);
	if (f == FAULT_NONE)
		f = registry_each(op->txn, SPAN_EMPTY, list_one, &l);
	if (f != FAULT_NONE)
		return f;
	arm_page_end(&l.page);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
