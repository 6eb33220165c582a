#include <stdio.h>

#include "identityd/graph/graph.h"
#include "identityd/operation.h"

/*
 * One row per fault: status, Entra's word with its number, IMDS's word. The words stand in where err has none of its
 * own; own_words false: what err says is for the log, and the sentence here for the caller.
 */
static const struct fault_row {
	int status;
	const char *entra;
	unsigned entra_number;
	const char *imds;
	const char *cloud; /* Azure Resource Manager's */
	const char *graph;
	const char *sentence; /* NULL: err's own */
} rows[] = {
	[FAULT_NONE] = { 200, "", 0, "", "", "", NULL },
	[FAULT_INVALID] = { 400, "invalid_request", 900144, "invalid_request", "BadRequest", "Request_BadRequest",
			    NULL },
	[FAULT_UNAUTHENTICATED] = { 401, "invalid_client", 7000218, "invalid_request", "AuthenticationFailed",
				    "InvalidAuthenticationToken", NULL },
	[FAULT_DENIED] = { 403, "access_denied", 50105, "access_denied", "AuthorizationFailed",
			   "Authorization_RequestDenied", NULL },
	[FAULT_NOT_FOUND] = { 404, "invalid_request", 90020, "not_found", "ResourceNotFound",
			      "Request_ResourceNotFound", NULL },
	[FAULT_CONFLICT] = { 409, "invalid_request", 90014, "invalid_request", "Conflict", "Conflict", NULL },
	[FAULT_PRECONDITION] = { 412, "invalid_request", 900144, "invalid_request", "PreconditionFailed",
				 "Request_PreconditionFailed", NULL },
	[FAULT_METHOD] = { 405, "invalid_request", 900561, "invalid_request", "MethodNotAllowed", "Request_BadRequest",
			   NULL },
	[FAULT_TOO_LARGE] = { 413, "invalid_request", 90023, "invalid_request", "RequestContentTooLarge",
			      "RequestEntityTooLarge", NULL },
	[FAULT_NOT_IMPLEMENTED] = { 501, "unsupported_operation", 0, "not_implemented", "NotImplemented",
				    "NotImplemented", NULL },
	[FAULT_UNAVAILABLE] = { 503, "temporarily_unavailable", 90033, "unknown", "ServiceUnavailable",
				"ServiceUnavailable", NULL },
	[FAULT_NO_SPACE] = { 507, "temporarily_unavailable", 90033, "unknown", "InsufficientStorage",
			     "InsufficientStorage", "The sandbox's disk is full. Nothing was changed." },
	[FAULT_STORE] = { 500, "server_error", 90012, "unknown", "InternalServerError", "InternalServerError",
			  "The sandbox's store failed. Its log says more." },
	[FAULT_CRYPTO] = { 500, "server_error", 90012, "unknown", "InternalServerError", "InternalServerError",
			   "The sandbox failed to calculate. Its log says more." },
	[FAULT_RANDOM] = { 500, "server_error", 90012, "unknown", "InternalServerError", "InternalServerError",
			   "The sandbox has no random bytes." },
	[FAULT_MEMORY] = { 500, "server_error", 90012, "unknown", "InternalServerError", "InternalServerError",
			   "The sandbox is out of memory." },
	[FAULT_IO] = { 500, "server_error", 90012, "unknown", "InternalServerError", "InternalServerError",
		       "The sandbox failed. Its log says more." },
};

void entra_trace_write(struct buf *out, const struct op *op)
{
	char when[RFC3339_SIZE];

	entra_time_format(when, op->now_s);
	buf_printf(out, "\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s", op->request_id, op->correlation_id,
		   when);
}

int op_status(enum fault f)
{
	return rows[f].status;
}

static const char *sentence(enum fault f, const struct err *err)
{
	if (rows[f].sentence != NULL)
		return rows[f].sentence;
	return err->message[0] == '\0' ? http_status_phrase(rows[f].status) : err->message;
}

/* A word of the handler's own, unless the fault is ours rather than the caller's. */
static const char *word(enum fault f, const struct err *err, const char *otherwise)
{
	return rows[f].sentence == NULL && err->code[0] != '\0' ? err->code : otherwise;
}

static unsigned entra_number(enum fault f, const struct err *err)
{
	unsigned n = rows[f].sentence == NULL ? refusal_aadsts(refusal_named(span_cstr(err->inner))) : 0;

	return n != 0 ? n : rows[f].entra_number;
}

static void write_entra(struct op *op, enum fault f, const struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(2 * ERR_MESSAGE_MAX);
	unsigned number = entra_number(f, err);
	char when[RFC3339_SIZE];

	entra_time_format(when, op->now_s);
	if (number != 0)
		buf_printf(&text, "AADSTS%u: ", number);
	buf_put_cstr(&text, sentence(f, err));
	entra_trace_write(&text, op);
	json_out_object(&op->out, NULL);
	json_out_cstr(&op->out, "error", word(f, err, rows[f].entra));
	json_out_str(&op->out, "error_description", buf_span(&text));
	json_out_array(&op->out, "error_codes");
	if (number != 0)
		json_out_int(&op->out, NULL, number);
	json_out_array_end(&op->out);
	json_out_cstr(&op->out, "timestamp", when);
	json_out_cstr(&op->out, "trace_id", op->request_id);
	json_out_cstr(&op->out, "correlation_id", op->correlation_id);
	if (number != 0)
		json_out_fmt(&op->out, "error_uri", "https://%.*s/error?code=%u", SPAN_ARG(op->request->host), number);
	json_out_object_end(&op->out);
}

static void write_imds(struct op *op, enum fault f, const struct err *err)
{
	json_out_object(&op->out, NULL);
	json_out_cstr(&op->out, "error", word(f, err, rows[f].imds));
	json_out_cstr(&op->out, "error_description", sentence(f, err));
	json_out_object_end(&op->out);
}

static void write_app_service(struct op *op, enum fault f, const struct err *err)
{
	json_out_object(&op->out, NULL);
	json_out_int(&op->out, "statusCode", op->status);
	json_out_cstr(&op->out, "message", sentence(f, err));
	json_out_cstr(&op->out, "correlationId", op->correlation_id);
	json_out_object_end(&op->out);
}

static void write_cloud(struct op *op, enum fault f, const struct err *err)
{
	json_out_object(&op->out, NULL);
	json_out_object(&op->out, "error");
	json_out_cstr(&op->out, "code", word(f, err, rows[f].cloud));
	json_out_cstr(&op->out, "message", sentence(f, err));
	json_out_object_end(&op->out);
	json_out_object_end(&op->out);
}

/* The date is without a zone, as Graph has it. */
static void write_graph(struct op *op, enum fault f, const struct err *err)
{
	char when[RFC3339_SIZE];

	rfc3339_format(when, op->now_s);
	json_out_object(&op->out, NULL);
	json_out_object(&op->out, "error");
	json_out_cstr(&op->out, "code", word(f, err, rows[f].graph));
	json_out_cstr(&op->out, "message", sentence(f, err));
	json_out_object(&op->out, "innerError");
	json_out_str(&op->out, "date", span_first(span_cstr(when), RFC3339_SIZE - 2));
	json_out_cstr(&op->out, "request-id", op->request_id);
	json_out_cstr(&op->out, "client-request-id", op->correlation_id);
	json_out_object_end(&op->out);
	json_out_object_end(&op->out);
	json_out_object_end(&op->out);
}

static void write_refusal(struct op *op, enum fault f, const struct err *err)
{
	/* Half a reply may stand there. */
	buf_clear(&op->reply);
	json_out_init(&op->out, &op->reply);
	op->status = rows[f].status;
	switch (op->dialect) {
	case DIALECT_ENTRA:
	case DIALECT_DISCOVERY:
		write_entra(op, f, err);
		return;
	case DIALECT_IMDS:
		write_imds(op, f, err);
		return;
	case DIALECT_APP_SERVICE:
		write_app_service(op, f, err);
		return;
	case DIALECT_CLOUD:
		write_cloud(op, f, err);
		return;
	case DIALECT_GRAPH:
		write_graph(op, f, err);
		return;
	}
}

static void add_entra_headers(struct op *op, enum fault f, const struct err *err)
{
	char telemetry[64];
	const char *wants_id = http_exchange_header(op->x, "return-client-request-id");

	snprintf(telemetry, sizeof(telemetry), "1,%u,0,,", f == FAULT_NONE ? 0 : entra_number(f, err));
	http_reply_header(op->x, "Cache-Control", "no-store, no-cache");
	http_reply_header(op->x, "Pragma", "no-cache");
	http_reply_header(op->x, "Expires", "-1");
	http_reply_header(op->x, "x-ms-request-id", op->request_id);
	http_reply_header(op->x, "x-ms-ests-server", "2.1.0 - SANDVAULT");
	http_reply_header(op->x, "x-ms-clitelem", f == FAULT_NONE ? "1,0,0,," : telemetry);
	if (wants_id != NULL && span_eq_nocase(span_cstr(wants_id), SPAN_LIT("true")))
		http_reply_header(op->x, "client-request-id", op->correlation_id);
	http_reply_header(op->x, "Set-Cookie", "fpc=sandvault; path=/; secure; HttpOnly; SameSite=None");
	http_reply_header(op->x, "Set-Cookie", "x-ms-gateway-slice=estsfd; path=/; secure; httponly");
	http_reply_header(op->x, "Set-Cookie", "stsservicecookie=estsfd; path=/; secure; httponly");
}

static void add_graph_headers(struct op *op)
{
	char challenge[256];
	bool is_real_name = span_starts_nocase(op->request->host, SPAN_LIT("graph.microsoft.com"));
	struct span login = is_real_name ? SPAN_LIT("login.microsoftonline.com") : op->request->host;

	http_reply_header(op->x, "Cache-Control", "no-cache");
	http_reply_header(op->x, "Strict-Transport-Security", "max-age=31536000");
	http_reply_header(op->x, "request-id", op->request_id);
	http_reply_header(op->x, "client-request-id", op->correlation_id);
	if (op->status == 200)
		http_reply_header(op->x, "OData-Version", "4.0");
	if (op->status != rows[FAULT_UNAUTHENTICATED].status)
		return;
	snprintf(challenge, sizeof(challenge),
		 "Bearer realm=\"\", authorization_uri=\"https://%.*s/common/oauth2/authorize\", client_id=\"%s\"",
		 SPAN_ARG(span_first(login, 128)), GRAPH_APP_ID);
	http_reply_header(op->x, "WWW-Authenticate", challenge);
}

static void add_headers(struct op *op, enum fault f, const struct err *err)
{
	switch (op->dialect) {
	case DIALECT_ENTRA:
		add_entra_headers(op, f, err);
		break;
	case DIALECT_DISCOVERY:
		http_reply_header(op->x, "Cache-Control", f == FAULT_NONE ? "max-age=86400, private" : "no-store");
		http_reply_header(op->x, "Access-Control-Allow-Origin", "*");
		http_reply_header(op->x, "x-ms-request-id", op->request_id);
		break;
	case DIALECT_IMDS:
		http_reply_header(op->x, "Server", "IMDS");
		break;
	case DIALECT_APP_SERVICE:
	case DIALECT_CLOUD:
		http_reply_header(op->x, "Cache-Control", "no-cache");
		break;
	case DIALECT_GRAPH:
		add_graph_headers(op);
		break;
	}
	if (op->status == rows[FAULT_UNAVAILABLE].status)
		http_reply_header(op->x, "Retry-After", "1");
	http_reply_header(op->x, "X-Content-Type-Options", "nosniff");
}

static const char *json_type_of(const struct op *op, enum fault f)
{
	if (op->dialect == DIALECT_GRAPH && f == FAULT_NONE)
		return "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;"
		       "charset=utf-8";
	return "application/json; charset=utf-8";
}

void op_send(struct op *op, enum fault f, const struct err *err)
{
	struct http_exchange *x = op->x;
	struct err none = ERR_INIT;
	int status;

	if (f == FAULT_NONE && buf_fault(&op->reply) != FAULT_NONE) {
		f = op->reply.fault;
		err = &none;
	}
	if (f != FAULT_NONE)
		write_refusal(op, f, err);
	add_headers(op, f, err);
	/* A handler that writes no JSON has said its type itself. */
	if (op->reply.len > 0 && strchr("{[\"", op->reply.data[0]) != NULL)
		http_reply_header(x, "Content-Type", json_type_of(op, f));
	/* The exchange takes op with it. */
	SCOPED_DONE(buf) struct buf body = op->reply;
	status = op->status;
	http_reply(x, status, buf_span(&body));
}

const char *refusal_write(int status, struct span tls_name UNUSED, struct buf *body, void *arg UNUSED)
{
	struct json_out o;

	json_out_init(&o, body);
	json_out_object(&o, NULL);
	json_out_cstr(&o, "error", "invalid_request");
	json_out_cstr(&o, "error_description", http_status_phrase(status));
	json_out_object_end(&o);
	return "application/json; charset=utf-8";
}
