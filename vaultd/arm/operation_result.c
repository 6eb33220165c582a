#include "vaultd/arm/operation_result.h"

#include "common/plain/text.h"
#include "vaultd/arm/arm_handlers.h"
#include "vaultd/arm/arm_scope.h"

enum { HEADER_MAX = 34 << 10, JOB_MAX = 256 };

static const char *const kinds[] = { "GROUPDELETION-", "DEPLOYMENTDELETION-" };

enum fault operation_result_add(struct arm_op *op, const char *kind, struct span what)
{
	SCOPED_DONE(buf) struct buf job = BUF_INIT(JOB_MAX);
	SCOPED_DONE(buf) struct buf b = BUF_INIT(HEADER_MAX);

	buf_printf(&job, "%s-", kind);
	for (size_t i = 0; i < what.len; i++)
		buf_put_char(&job, ascii_upper(what.p[i]));
	buf_printf(&b, "%s/subscriptions/%s/operationresults/", op->base_url, op->d->world.subscription_id);
	base64url_encode(&b, buf_span(&job));
	buf_printf(&b, "?api-version=%.*s", SPAN_ARG(op->api_version));
	if (buf_fault(&job) != FAULT_NONE)
		return buf_fault(&job);
	if (buf_fault(&b) == FAULT_NONE)
		http_reply_header(op->x, "Location", buf_cstr(&b));
	return buf_fault(&b);
}

/* GET …/operationresults/{operation} → 200 empty: what was asked for is done. */
enum fault operation_results_get(struct arm_op *op, struct err *err)
{
	SCOPED_DONE(buf) struct buf job = BUF_INIT(JOB_MAX);
	struct span name = arm_capture(op, "operation");

	if (base64url_decode(&job, name) == FAULT_NONE)
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
			if (span_starts_nocase(buf_span(&job), span_cstr(kinds[i])))
				return FAULT_NONE;
	return err_say(err, FAULT_NOT_FOUND, "OperationNotFound", "The operation '%.*s' was not found.",
		       SPAN_ARG(name));
}
