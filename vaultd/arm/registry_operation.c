#include "vaultd/arm/registry_operation.h"

#include <stdio.h>

#include "common/plain/text.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"
#include "vaultd/arm/registry_lookup.h"
#include "vaultd/arm/registry_reply.h"

enum { URL_MAX = 34 << 10 };

/* The answer to the status carries its own address again. */
static enum fault add_address(struct arm_op *op, const struct registry *r, const char *id)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(URL_MAX);
	char resource[RESOURCE_ID_SIZE];

	registry_resource_id(resource, r);
	buf_printf(&b, "%s%s/operationStatuses/%s?api-version=%.*s", op->base_url, resource, id,
		   SPAN_ARG(op->api_version));
	if (buf_fault(&b) == FAULT_NONE)
		http_reply_header(op->x, "Azure-AsyncOperation", buf_cstr(&b));
	return buf_fault(&b);
}

enum fault registry_operation_begin(struct arm_op *op, const struct registry *r, const struct registry *former)
{
	struct operation *o = pool_alloc(http_exchange_pool(op->x), sizeof(*o));
	char uuid[UUID_SIZE];
	enum fault f = o == NULL ? FAULT_MEMORY : uuid_new(&op->d->world.rng, uuid);

	if (f != FAULT_NONE)
		return f;
	snprintf(o->id, sizeof(o->id), "registries-%s", uuid);
	memcpy(o->registry, r->name, sizeof(o->registry));
	o->is_creation = former == NULL;
	o->ends_ms = op->now_ms + op->d->async_delay_s * 1000;
	if (former != NULL)
		registry_state_of(&o->before, former);
	f = operation_put(op->txn, o, op->now_ms);
	if (f == FAULT_NONE && op->d->async_delay_s > 0)
		f = operation_put_of_registry(op->txn, r, o);
	if (f == FAULT_NONE)
		f = add_address(op, r, o->id);
	if (f != FAULT_NONE)
		return f;
	http_reply_header(op->x, "Retry-After", "1");
	op->status = 201;
	return registry_write(op, r, o);
}

/* A clock that was set back to before its beginning makes it one of the past: nobody shall wait for it. */
static bool is_under_way(const struct arm_op *op, const struct operation *o)
{
	return op->now_ms < o->ends_ms && op->now_ms >= o->ends_ms - op->d->async_delay_s * 1000;
}

enum fault registry_operation_write(struct arm_op *op, const struct registry *r)
{
	struct operation o;
	enum fault f = FAULT_NOT_FOUND;

	if (op->d->async_delay_s > 0)
		f = operation_of_registry(op->txn, r, &o);
	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	return registry_write(op, r, f == FAULT_NONE && is_under_way(op, &o) ? &o : NULL);
}

static const char *status_of(const struct arm_op *op, const struct operation *o)
{
	if (!is_under_way(op, o))
		return "Succeeded";
	return o->is_creation ? "Creating" : "Updating";
}

/* GET …/registries/{registry}/operationStatuses/{operation} */
enum fault registries_operation_status(struct arm_op *op, struct err *err)
{
	struct span id = arm_capture(op, "operation");
	struct registry *r = registry_alloc(op);
	struct operation o;
	enum fault f = r == NULL ? FAULT_MEMORY : registry_of_path(op, "registry", r, err);

	registry_reply_headers(op);
	if (f != FAULT_NONE)
		return f;
	f = operation_get(op->txn, id, &o);
	if (f == FAULT_NOT_FOUND || (f == FAULT_NONE && (!span_eq_nocase(span_cstr(o.id), id) ||
							 !span_eq_nocase(span_cstr(o.registry), span_cstr(r->name)))))
		return err_say(err, FAULT_NOT_FOUND, "OperationNotFound", "The operation '%.*s' was not found.",
			       SPAN_ARG(id));
	if (f == FAULT_NONE)
		f = add_address(op, r, o.id);
	if (f != FAULT_NONE)
		return f;
	if (is_under_way(op, &o))
		http_reply_header(op->x, "Retry-After", "1");
	json_out_object(&op->out, NULL);
	json_out_cstr(&op->out, "status", status_of(op, &o));
	json_out_object_end(&op->out);
	return FAULT_NONE;
}
