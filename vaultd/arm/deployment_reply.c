#include "vaultd/arm/deployment_reply.h"

#include "vaultd/arm/arm_text.h"
#include "vaultd/deploy/deploy.h"

enum { URL_MAX = 34 << 10 };

const char *deployment_state_word(enum deployment_state state)
{
	switch (state) {
	case DEPLOYMENT_ACCEPTED:
		return "Accepted";
	case DEPLOYMENT_RUNNING:
		return "Running";
	case DEPLOYMENT_SUCCEEDED:
		return "Succeeded";
	case DEPLOYMENT_FAILED:
		return "Failed";
	case DEPLOYMENT_CANCELED:
		return "Canceled";
	}
	return "Failed";
}

static void write_part(struct json_out *o, const char *key, struct span json)
{
	if (json.len > 0)
		json_out_raw(o, key, json);
}

static void write_properties(struct json_out *o, const struct deployment *d, const struct deploy *validated)
{
	char time[TIME_MS_SIZE];
	bool is_over = d->state != DEPLOYMENT_ACCEPTED && d->state != DEPLOYMENT_RUNNING;

	arm_time_format(time, d->changed_ms);
	json_out_object(o, "properties");
	json_out_str(o, "templateHash", d->template_hash);
	write_part(o, "parameters", d->parameters);
	json_out_cstr(o, "mode", d->is_complete ? "Complete" : "Incremental");
	json_out_cstr(o, "provisioningState", deployment_state_word(d->state));
	json_out_cstr(o, "timestamp", time);
	if (is_over)
		json_out_fmt(o, "duration", "PT%.3fS", (double)(d->changed_ms - d->started_ms) / 1000);
	else
		json_out_cstr(o, "duration", "PT0S");
	json_out_str(o, "correlationId", d->correlation_id);
	write_part(o, "providers", d->providers);
	write_part(o, "dependencies", d->dependencies);
	write_part(o, "outputs", d->outputs);
	if (d->state == DEPLOYMENT_SUCCEEDED)
		write_part(o, "outputResources", d->resources);
	if (validated != NULL)
		deploy_write_resources(validated, o, "validatedResources");
	write_part(o, "error", d->error);
	json_out_object_end(o);
}

void deployment_write(struct arm_op *op, const struct deployment *d, const struct deploy *validated)
{
	struct json_out *o = &op->out;

	json_out_object(o, NULL);
	json_out_fmt(o, "id", "/subscriptions/%.*s/resourceGroups/%.*s/providers/Microsoft.Resources/deployments/%.*s",
		     SPAN_ARG(d->subscription_id), SPAN_ARG(d->group), SPAN_ARG(d->name));
	json_out_str(o, "name", d->name);
	json_out_cstr(o, "type", "Microsoft.Resources/deployments");
	write_properties(o, d, validated);
	json_out_object_end(o);
}

void deployment_add_status_url(struct arm_op *op, const struct deployment *d)
{
	SCOPED_DONE(buf) struct buf url = BUF_INIT(URL_MAX);

	buf_printf(&url,
		   "%s/subscriptions/%.*s/resourcegroups/%.*s/providers/Microsoft.Resources/deployments/%.*s/"
		   "operationStatuses/%.*s?api-version=%.*s",
		   op->base_url, SPAN_ARG(d->subscription_id), SPAN_ARG(d->group), SPAN_ARG(d->name),
		   SPAN_ARG(d->operation_id), SPAN_ARG(op->api_version));
	if (buf_fault(&url) == FAULT_NONE)
		http_reply_header(op->x, "Azure-AsyncOperation", buf_cstr(&url));
	/* Without it clients wait half a minute. */
	http_reply_header(op->x, "Retry-After", "1");
}
