#include "vaultd/arm/arm_reply.h"

#include <stdio.h>

#include "common/plain/text.h"

/* One row per fault; sentence NULL: what the err says. */
static const struct {
	int status;
	const char *code;
	const char *sentence;
} statuses[] = {
	[FAULT_NONE] = { 200, "", NULL },
	[FAULT_INVALID] = { 400, "BadRequest", NULL },
	[FAULT_UNAUTHENTICATED] = { 401, "AuthenticationFailed", NULL },
	[FAULT_DENIED] = { 403, "AuthorizationFailed", NULL },
	[FAULT_NOT_FOUND] = { 404, "ResourceNotFound", NULL },
	[FAULT_CONFLICT] = { 409, "Conflict", NULL },
	[FAULT_PRECONDITION] = { 412, "PreconditionFailed", NULL },
	[FAULT_METHOD] = { 405, "MethodNotAllowed", NULL },
	[FAULT_TOO_LARGE] = { 413, "RequestContentTooLarge", NULL },
	[FAULT_NOT_IMPLEMENTED] = { 501, "NotImplemented", NULL },
	[FAULT_UNAVAILABLE] = { 503, "ServiceUnavailable", "The service is busy. Please retry." },
	[FAULT_NO_SPACE] = { 507, "InsufficientStorage", "The sandbox's disk is full. Nothing was changed." },
	[FAULT_STORE] = { 500, "InternalServerError", "The sandbox's store failed. Its log says more." },
	[FAULT_CRYPTO] = { 500, "InternalServerError", "The sandbox failed to calculate. Its log says more." },
	[FAULT_RANDOM] = { 500, "InternalServerError", "The sandbox has no random bytes." },
	[FAULT_MEMORY] = { 500, "InternalServerError", "The sandbox is out of memory." },
	[FAULT_IO] = { 500, "InternalServerError", "The sandbox failed. Its log says more." },
};

/* Codes that the gateway says before a resource provider hears of the request. */
static const char *const gateway_codes[] = {
	"AuthenticationFailed",
	"AuthenticationFailedInvalidHeader",
	"InvalidAuthenticationToken",
	"InvalidAuthenticationTokenAudience",
	"InvalidAuthenticationTokenTenant",
	"ExpiredAuthenticationToken",
	"MissingApiVersionParameter",
	"InvalidApiVersionParameter",
	"AuthorizationFailed",
	"DenyAssignmentAuthorizationFailed",
	"LinkedAuthorizationFailed",
	"InvalidSubscriptionId",
	"SubscriptionNotFound",
	"InvalidResourceGroup",
	"InvalidResourceGroupLocation",
	"ResourceGroupNotFound",
	"ResourceNotFound",
	"ParentResourceNotFound",
	"InvalidResourceNamespace",
	"InvalidResourceType",
	"InvalidResourceLocation",
	"LocationRequired",
	"LocationNotAvailableForResourceType",
	"InvalidRequestContent",
	"InvalidFilterInQueryString",
	"NotFound",
};

int arm_status(enum fault f)
{
	return statuses[f].status;
}

const char *arm_code(enum fault f, const struct err *err)
{
	return err->code[0] != '\0' && statuses[f].sentence == NULL ? err->code : statuses[f].code;
}

void arm_write_error(struct buf *out, enum fault f, const struct err *err, struct span info)
{
	const char *sentence = statuses[f].sentence;
	struct json_out o;

	if (sentence == NULL)
		sentence = err->message[0] == '\0' ? http_status_phrase(arm_status(f)) : err->message;
	json_out_init(&o, out);
	json_out_object(&o, NULL);
	json_out_object(&o, "error");
	json_out_cstr(&o, "code", arm_code(f, err));
	json_out_cstr(&o, "message", sentence);
	if (info.len > 0)
		json_out_raw(&o, "additionalInfo", info);
	json_out_object_end(&o);
	json_out_object_end(&o);
}

static bool is_gateway_code(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(gateway_codes); i++)
		if (strcmp(gateway_codes[i], code) == 0)
			return true;
	return false;
}

static void add_rate_limit(struct arm_op *op)
{
	bool is_subscription = route_capture(op->match, "subscription").p != NULL ||
			       route_capture(op->match, "scope").len > 0;
	const char *scope = is_subscription ? "subscription" : "tenant";
	enum http_method m = op->request->method;
	const char *kind = "reads", *left = "11999";
	char name[64];

	if (m == HTTP_DELETE) {
		kind = "deletes";
		left = "14999";
	} else if (m != HTTP_GET && m != HTTP_HEAD) {
		kind = "writes";
		left = "1199";
	}
	snprintf(name, sizeof(name), "x-ms-ratelimit-remaining-%s-%s", scope, kind);
	http_reply_header(op->x, name, left);
}

/* A caller may name the correlation, and ask for its own request id back. */
static void add_ids(struct arm_op *op, const char *request_id)
{
	const char *correlation = http_exchange_header(op->x, "x-ms-correlation-request-id");
	const char *client_id = http_exchange_header(op->x, "x-ms-client-request-id");
	const char *wants_it = http_exchange_header(op->x, "x-ms-return-client-request-id");

	http_reply_header(op->x, "x-ms-request-id", request_id);
	if (correlation == NULL || !uuid_is_valid(span_cstr(correlation)))
		correlation = request_id;
	http_reply_header(op->x, "x-ms-correlation-request-id", correlation);
	if (client_id != NULL && span_eq_nocase(span_cstr(wants_it), SPAN_LIT("true")))
		http_reply_header(op->x, "x-ms-client-request-id", client_id);
}

void arm_add_headers(struct arm_op *op, const char *request_id, const char *code)
{
	http_reply_header(op->x, "Cache-Control", "no-cache");
	http_reply_header(op->x, "Pragma", "no-cache");
	http_reply_header(op->x, "Expires", "-1");
	add_ids(op, request_id);
	if (op->caller != NULL)
		add_rate_limit(op);
	http_reply_header(op->x, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
	http_reply_header(op->x, "X-Content-Type-Options", "nosniff");
	if (code != NULL && is_gateway_code(code))
		http_reply_header(op->x, "x-ms-failure-cause", "gateway");
	if (op->status == arm_status(FAULT_UNAVAILABLE))
		http_reply_header(op->x, "Retry-After", "1");
	if (op->reply.len > 0)
		http_reply_header(op->x, "Content-Type", "application/json; charset=utf-8");
}
