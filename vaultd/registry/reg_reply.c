#include <stdio.h>

#include "vaultd/registry/reg.h"

static const struct {
	enum fault fault;
	int status;
	const char *code;
	const char *message;
} faults[] = {
	{ FAULT_NONE, 200, "", "" },
	{ FAULT_INVALID, 400, "UNSUPPORTED", "The request is not valid." },
	{ FAULT_UNAUTHENTICATED, 401, "UNAUTHORIZED",
	  "authentication required, visit https://aka.ms/acr/authorization for more information." },
	{ FAULT_DENIED, 403, "DENIED", "requested access to the resource is denied" },
	{ FAULT_NOT_FOUND, 404, "NOT_FOUND", "There is nothing here." },
	{ FAULT_METHOD, 405, "UNSUPPORTED", "The operation is unsupported." },
	{ FAULT_CONFLICT, 409, "BLOB_UPLOAD_INVALID", "The upload was changed by another request." },
	{ FAULT_PRECONDITION, 416, "BLOB_UPLOAD_INVALID", "The range does not follow what was uploaded." },
	{ FAULT_TOO_LARGE, 413, "SIZE_INVALID", "The request is larger than this sandbox takes." },
	{ FAULT_NOT_IMPLEMENTED, 501, "UNSUPPORTED", "The operation is unsupported." },
	{ FAULT_UNAVAILABLE, 503, "UNAVAILABLE", "The service is not available now." },
	{ FAULT_NO_SPACE, 507, "UNAVAILABLE", "The disk that holds the sandbox is full; nothing was changed." },
	{ FAULT_STORE, 500, "UNKNOWN", "The store failed; the log of vaultd says more." },
	{ FAULT_CRYPTO, 500, "UNKNOWN", "What is stored could not be decrypted." },
	{ FAULT_RANDOM, 500, "UNKNOWN", "There are no random bytes." },
	{ FAULT_MEMORY, 500, "UNKNOWN", "There is no memory left." },
	{ FAULT_IO, 500, "UNKNOWN", "A file could not be read or written." },
};

static size_t row_of(enum fault f)
{
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		if (faults[i].fault == f)
			return i;
	return ARRAY_LEN(faults) - 1;
}

int reg_status(enum fault f)
{
	return faults[row_of(f)].status;
}

const char *reg_code(enum fault f, const struct err *err)
{
	return err->code[0] != '\0' ? err->code : faults[row_of(f)].code;
}

/* What was asked for and is not allowed. */
static void put_detail(const struct reg_op *op, struct json_out *o)
{
	bool is_catalog = op != NULL && op->row != NULL && op->row->access == REG_CATALOG;

	if (op == NULL || op->wanted == NULL) {
		json_out_null(o, "detail");
		return;
	}
	json_out_array(o, "detail");
	json_out_object(o, NULL);
	json_out_cstr(o, "Type", is_catalog ? "registry" : "repository");
	json_out_str(o, "Name", is_catalog ? SPAN_LIT("catalog") : op->repository);
	json_out_cstr(o, "Action", op->wanted);
	json_out_object_end(o);
	json_out_array_end(o);
}

void reg_write_error(const struct reg_op *op, struct buf *out, enum fault f, const struct err *err)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o, NULL);
	json_out_array(&o, "errors");
	json_out_object(&o, NULL);
	json_out_cstr(&o, "code", reg_code(f, err));
	json_out_cstr(&o, "message", err->message[0] != '\0' ? err->message : faults[row_of(f)].message);
	put_detail(op, &o);
	json_out_object_end(&o);
	json_out_array_end(&o);
	json_out_object_end(&o);
}

void registry_write_refusal(int status, struct buf *body)
{
	struct err err = ERR_INIT;
	enum fault f = FAULT_INVALID;

	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		if (faults[i].status == status)
			f = faults[i].fault;
	if (f == FAULT_TOO_LARGE)
		err_say(&err, f, "SIZE_INVALID", "A request to a registry of this sandbox has at most 64 MiB.");
	reg_write_error(NULL, body, f, &err);
}

static struct span service(const struct reg_op *op)
{
	return op->request->host;
}

static void put_challenge(const struct reg_op *op, struct buf *out)
{
	static const char *const actions[REG_ACCESS_COUNT] = {
		[REG_LIST] = "metadata_read", [REG_PULL] = "pull", [REG_PUSH] = "pull,push", [REG_DELETE] = "delete"
	};
	enum reg_access access = op->row->access;

	buf_printf(out, "Bearer realm=\"https://%.*s/oauth2/token\",service=\"%.*s\"", SPAN_ARG(service(op)),
		   SPAN_ARG(service(op)));
	if (access == REG_CATALOG)
		buf_put_cstr(out, ",scope=\"registry:catalog:*\"");
	else if (actions[access] != NULL)
		buf_printf(out, ",scope=\"repository:%.*s:%s\"", SPAN_ARG(op->repository), actions[access]);
	if (op->authn_reason == reason_name(REASON_TOKEN_SCOPE))
		buf_put_cstr(out, ",error=\"insufficient_scope\"");
	else if (op->authn_reason != NULL && op->authn_reason != authn_problem_name(AUTHN_MISSING))
		buf_put_cstr(out, ",error=\"invalid_token\"");
}

void reg_add_headers(struct reg_op *op, enum fault f)
{
	SCOPED_DONE(buf) struct buf challenge = BUF_INIT(HTTP_REPLY_HEAD_MAX);

	http_reply_header(op->x, "Server", "AzureContainerRegistry");
	http_reply_header(op->x, "Docker-Distribution-Api-Version", "registry/2.0");
	http_reply_header(op->x, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
	http_reply_header(op->x, "X-Content-Type-Options", "nosniff");
	if (op->request_id[0] != '\0')
		http_reply_header(op->x, "X-Ms-Correlation-Request-Id", op->request_id);
	if (f == FAULT_UNAUTHENTICATED && op->row != NULL) {
		put_challenge(op, &challenge);
		http_reply_header(op->x, "WWW-Authenticate", buf_cstr(&challenge));
	}
	if (op->content_type != NULL)
		http_reply_header(op->x, "Content-Type", op->content_type);
	else if (op->reply.len > 0)
		http_reply_header(op->x, "Content-Type", "application/json; charset=utf-8");
}
