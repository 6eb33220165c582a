#include "vaultd/arm/deployment_reply.h"

#include <inttypes.h>

#include "vaultd/deploy/deploy.h"
#include "vaultd/template/date_text.h"

enum { URL_MAX = 34 << 10, TIME_MAX = 48 };

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

void deployment_write_time(struct json_out *o, const char *key, int64_t wall_ms)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(TIME_MAX);

	if (date_format(&b, wall_ms, SPAN_LIT("o")) == FAULT_NONE && buf_fault(&b) == FAULT_NONE)
		json_out_str(o, key, buf_span(&b));
}

void deployment_write_duration(struct json_out *o, const char *key, int64_t ms)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(TIME_MAX);
	int64_t s = ms / 1000;

	/* A clock that was set back. */
	if (ms <= 0) {
		json_out_cstr(o, key, "PT0S");
		return;
	}
	buf_put_cstr(&b, "PT");
	if (s >= 3600)
		buf_printf(&b, "%" PRId64 "H", s / 3600);
	if (s >= 60)
		buf_printf(&b, "%" PRId64 "M", s / 60 % 60);
	buf_printf(&b, "%" PRId64 ".%03d0000S", s % 60, (int)(ms % 1000));
	json_out_str(o, key, buf_span(&b));
}

static void write_part(struct json_out *o, const char *key, struct span json)
{
	if (json.len > 0)
		json_out_raw(o, key, json);
}

static void write_properties(struct json_out *o, const struct deployment *d, const struct deploy *validated)
{
	bool is_over = d->state != DEPLOYMENT_ACCEPTED && d->state != DEPLOYMENT_RUNNING;

	json_out_object(o, "properties");
	json_out_str(o, "templateHash", d->template_hash);
	write_part(o, "parameters", d->parameters);
	json_out_cstr(o, "mode", d->is_complete ? "Complete" : "Incremental");
	json_out_cstr(o, "provisioningState", deployment_state_word(d->state));
	deployment_write_time(o, "timestamp", d->changed_ms);
	deployment_write_duration(o, "duration", is_over ? d->changed_ms - d->started_ms : 0);
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
