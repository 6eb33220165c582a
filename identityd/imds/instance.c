#include "identityd/imds/imds.h"

enum leaf { LEAF_FIXED, LEAF_LOCATION, LEAF_NAME, LEAF_GROUP, LEAF_RESOURCE_ID, LEAF_SUBSCRIPTION, LEAF_VM_ID };

static const struct {
	const char *name;
	enum leaf leaf;
	const char *fixed;
} leaves[] = {
	{ "azEnvironment", LEAF_FIXED, "AzurePublicCloud" },
	{ "location", LEAF_LOCATION, NULL },
	{ "name", LEAF_NAME, NULL },
	{ "osType", LEAF_FIXED, "Linux" },
	{ "provider", LEAF_FIXED, "Microsoft.Compute" },
	{ "resourceGroupName", LEAF_GROUP, NULL },
	{ "resourceId", LEAF_RESOURCE_ID, NULL },
	{ "subscriptionId", LEAF_SUBSCRIPTION, NULL },
	{ "tags", LEAF_FIXED, "" },
	{ "vmId", LEAF_VM_ID, NULL },
	{ "vmScaleSetName", LEAF_FIXED, "" },
	{ "vmSize", LEAF_FIXED, "Standard_B1s" },
	{ "zone", LEAF_FIXED, "" },
};

static const char *leaf_value(const struct op *op, const struct host *h, size_t i)
{
	switch (leaves[i].leaf) {
	case LEAF_FIXED:
		return leaves[i].fixed;
	case LEAF_LOCATION:
		return h->location;
	case LEAF_NAME:
		return h->name;
	case LEAF_GROUP:
		return h->group;
	case LEAF_RESOURCE_ID:
		return h->resource_id;
	case LEAF_SUBSCRIPTION:
		return op->d->world.subscription_id;
	case LEAF_VM_ID:
		return h->vm_id;
	}
	return "";
}

static void put_compute(struct op *op, const struct host *h, const char *key)
{
	json_out_object(&op->out, key);
	for (size_t i = 0; i < ARRAY_LEN(leaves); i++)
		json_out_cstr(&op->out, leaves[i].name, leaf_value(op, h, i));
	json_out_object_end(&op->out);
}

/* Text is for single values alone. */
static bool wants_text(const struct op *op)
{
	struct span format = http_query(op->request, "format");

	return format.p != NULL && span_eq_nocase(format, SPAN_LIT("text"));
}

static enum fault refuse_format(struct err *err)
{
	return op_refuse(
		err, FAULT_INVALID, "bad_request_101", REFUSAL_FORMAT_UNSUPPORTED,
		"Requested data is not available in the text format: ask for a single value, or leave format out");
}

enum fault op_imds_instance(struct op *op, struct err *err)
{
	struct host host;
	bool is_done;
	enum fault f = imds_guard(op, &is_done, err);

	if (f != FAULT_NONE || is_done)
		return f;
	if (wants_text(op))
		return refuse_format(err);
	f = host_get(op->txn, SPAN_LIT(HOST_DEFAULT_ID), &host);
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	put_compute(op, &host, "compute");
	json_out_object(&op->out, "network");
	json_out_array(&op->out, "interface");
	json_out_array_end(&op->out);
	json_out_object_end(&op->out);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

static enum fault put_leaf(struct op *op, const struct host *h, struct span name, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(leaves); i++) {
		if (!span_eq_nocase(name, span_cstr(leaves[i].name)))
			continue;
		if (wants_text(op)) {
			http_reply_header(op->x, "Content-Type", "text/plain; charset=utf-8");
			buf_put_cstr(&op->reply, leaf_value(op, h, i));
		} else {
			json_out_cstr(&op->out, NULL, leaf_value(op, h, i));
		}
		return FAULT_NONE;
	}
	return op_refuse(err, FAULT_NOT_FOUND, "not_found", REFUSAL_UNKNOWN_PATH, "There is no '%.*s'",
			 SPAN_ARG(span_first(name, 64)));
}

enum fault op_imds_compute(struct op *op, struct err *err)
{
	struct span leaf = route_capture(&op->match, "leaf");
	struct host host;
	bool is_done;
	enum fault f = imds_guard(op, &is_done, err);

	if (f != FAULT_NONE || is_done)
		return f;
	f = host_get(op->txn, SPAN_LIT(HOST_DEFAULT_ID), &host);
	if (f != FAULT_NONE)
		return f;
	if (leaf.len > 0)
		return put_leaf(op, &host, leaf, err);
	if (wants_text(op))
		return refuse_format(err);
	put_compute(op, &host, NULL);
	return FAULT_NONE;
}
