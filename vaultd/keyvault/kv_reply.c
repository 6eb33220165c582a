#include "vaultd/keyvault/kv.h"

#include <stdio.h>

#include "common/plain/text.h"

static const struct {
	enum fault fault;
	int status;
	const char *code;
	const char *message;
} faults[] = {
	{ FAULT_NONE, 200, "", "" },
	{ FAULT_INVALID, 400, "BadParameter", "The request is not valid." },
	{ FAULT_UNAUTHENTICATED, 401, "Unauthorized", "AKV10000: Request is missing a Bearer or PoP token." },
	{ FAULT_DENIED, 403, "Forbidden", "Access denied" },
	{ FAULT_NOT_FOUND, 404, "ResourceNotFound", "The resource was not found." },
	{ FAULT_CONFLICT, 409, "Conflict", "The operation conflicts with the state of the resource." },
	{ FAULT_PRECONDITION, 412, "PreconditionFailed", "A precondition of the request does not hold." },
	{ FAULT_METHOD, 405, "MethodNotAllowed", "The method is not allowed here." },
	{ FAULT_TOO_LARGE, 413, "RequestEntityTooLarge",
	  "The request is larger than 1 MiB, or its answer would be too large." },
	{ FAULT_NOT_IMPLEMENTED, 501, "NotImplemented", "This operation is not imitated yet." },
	{ FAULT_UNAVAILABLE, 503, "ServiceUnavailable", "The sandbox is shutting down." },
	{ FAULT_NO_SPACE, 507, "InsufficientStorage", "The disk that holds the sandbox is full; nothing was changed." },
	{ FAULT_STORE, 500, "InternalServerError", "The store failed; the log of vaultd says more." },
	{ FAULT_CRYPTO, 500, "InternalServerError", "The key could not be used." },
	{ FAULT_RANDOM, 500, "InternalServerError", "There are no random bytes." },
	{ FAULT_MEMORY, 500, "InternalServerError", "There is no memory left." },
	{ FAULT_IO, 500, "InternalServerError", "A file could not be read or written." },
};

/* The sandbox calls itself one recorded release of the service. */
static const char service_version[] = "1.9.3347.1";

static size_t row_of(enum fault f)
{
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		if (faults[i].fault == f)
			return i;
	return ARRAY_LEN(faults) - 1;
}

int kv_status(enum fault f)
{
	return faults[row_of(f)].status;
}

void kv_write_error(struct buf *out, const struct err *err, enum fault f)
{
	size_t row = row_of(f);
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o, NULL);
	json_out_object(&o, "error");
	json_out_cstr(&o, "code", err->code[0] != '\0' ? err->code : faults[row].code);
	json_out_cstr(&o, "message", err->message[0] != '\0' ? err->message : faults[row].message);
	if (err->inner[0] != '\0') {
		json_out_object(&o, "innererror");
		json_out_cstr(&o, "code", err->inner);
		json_out_object_end(&o);
	}
	json_out_object_end(&o);
	json_out_object_end(&o);
}

static void add_ids(const struct kv_op *op)
{
	const char *client_id = http_exchange_header(op->x, "x-ms-client-request-id");
	const char *wants = http_exchange_header(op->x, "x-ms-return-client-request-id");

	if (op->request_id[0] != '\0')
		http_reply_header(op->x, "x-ms-request-id", op->request_id);
	if (client_id != NULL && wants != NULL && span_eq_nocase(span_cstr(wants), SPAN_LIT("true")))
		http_reply_header(op->x, "x-ms-client-request-id", client_id);
}

/* A request that a role assignment let through says which one, whatever came of it. */
/* Of what was granted and then not refused: a 403 for the key's state names none either. */
static void add_assignment(const struct kv_op *op, int status)
{
	char bare[UUID_SIZE];
	size_t n = 0;

	if (op->grant.reason != REASON_RBAC_ASSIGNMENT || status == 403)
		return;
	for (const char *p = op->assignment_id; *p != '\0'; p++)
		if (*p != '-')
			bare[n++] = *p;
	bare[n] = '\0';
	http_reply_header(op->x, "x-ms-keyvault-rbac-assignment-id", bare);
}

static void add_headers(const struct kv_op *op, int status)
{
	char peer[ADDR_TEXT_MAX], info[128];
	bool is_ipv4 = addr_is_ipv4(&op->client);

	http_reply_header(op->x, "Cache-Control", "no-cache");
	http_reply_header(op->x, "Pragma", "no-cache");
	http_reply_header(op->x, "Expires", "-1");
	http_reply_header(op->x, "Strict-Transport-Security", "max-age=31536000;includeSubDomains");
	http_reply_header(op->x, "X-Content-Type-Options", "nosniff");
	if (op->vault.location[0] != '\0')
		http_reply_header(op->x, "x-ms-keyvault-region", op->vault.location);
	http_reply_header(op->x, "x-ms-keyvault-service-version", service_version);
	addr_format(peer, &op->client);
	snprintf(info, sizeof(info), "conn_type=%s;addr=%s;act_addr_fam=%s;", is_ipv4 ? "Ipv4" : "Ipv6", peer,
		 is_ipv4 ? "InterNetwork" : "InterNetworkV6");
	http_reply_header(op->x, "x-ms-keyvault-network-info", info);
	add_assignment(op, status);
	add_ids(op);
}

void kv_send(struct kv_op *op, enum fault f, const struct err *err)
{
	struct buf body = op->reply;
	int status = f == FAULT_NONE ? op->status : kv_status(f);

	/* op lives in the exchange's pool, which is gone once the reply is sent. */
	op->reply = BUF_INIT(0);
	if (f != FAULT_NONE) {
		buf_clear(&body);
		kv_write_error(&body, err, f);
	}
	add_headers(op, status);
	if (body.len > 0)
		http_reply_header(op->x, "Content-Type", "application/json; charset=utf-8");
	http_reply(op->x, status, buf_span(&body));
	buf_done(&body);
}
