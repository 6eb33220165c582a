#ifndef SANDVAULT_IDENTITYD_OPERATION_H
#define SANDVAULT_IDENTITYD_OPERATION_H

/*
 * One row per operation, and the request that travels through the stages of pipeline.c. A handler runs inside a read
 * transaction and either writes op->out, or prepares op->order: then the token is signed by the pool and the row's
 * finish writes the reply when it is there.
 */

#include "common/io/http.h"
#include "common/io/json_out.h"
#include "common/io/route.h"
#include "common/model/token_check.h"
#include "common/plain/text.h"
#include "identityd/identityd.h"
#include "policy/refusal.h"

struct op;
struct token_order;
typedef enum fault op_handler(struct op *op, struct err *err);

/* Which listener a request came by. */
enum door {
	DOOR_LOGIN = 1 << 0, /* TLS: sign-in */
	DOOR_HOST = 1 << 1,  /* plain: what a host resource sees */
};

/* How refusals are worded, and which headers go along (reply.c). */
enum dialect { DIALECT_ENTRA, DIALECT_DISCOVERY, DIALECT_IMDS, DIALECT_APP_SERVICE, DIALECT_CLOUD, DIALECT_GRAPH };

struct operation {
	const char *name;
	unsigned methods; /* enum http_method */
	unsigned doors;	  /* enum door */
	const char *pattern;
	enum dialect dialect;
	op_handler *handler; /* NULL: a known gap, 501 */
	op_handler *finish;  /* of operations that hand out a token */
};

/* In the exchange's pool. Filled by the stage named. */
struct op {
	struct identityd *d;
	struct http_exchange *x;
	const struct http_request *request;
	int64_t now_s, now_ms; /* the sandbox's time, in the transaction that is looked at */
	int64_t started_ms;    /* monotonic */
	char request_id[UUID_SIZE], correlation_id[UUID_SIZE];
	enum dialect dialect;	     /* route */
	const struct operation *row; /* route; NULL before */
	struct route_match match;
	struct txn *txn;		  /* operate, NULL outside */
	const struct caller *caller;	  /* operate: of rows of DIALECT_GRAPH, which all want a token; NULL before */
	enum authn_problem authn_problem; /* operate: why there is no caller */
	int status;			  /* of the reply; 200 unless set */
	struct buf reply;
	struct json_out out;
	struct token_order *order; /* operate */
	enum refusal refusal;	   /* operate: of a handler that wrote the refusal itself */
};

/* Sets dialect, and row and match on success. FAULT_NOT_FOUND, FAULT_METHOD, FAULT_INVALID (too many segments). */
enum fault op_route(struct op *op, struct err *err) MUST_USE;

/* Ends the exchange with what op->reply holds, or with the refusal that f and err describe. op is gone afterwards. */
void op_send(struct op *op, enum fault f, const struct err *err);
/* The status that a fault is answered with. */
int op_status(enum fault f);
/* The audit's line for the finished request (audit.c). */
void op_audit(const struct op *op, enum fault f, const struct err *err);
/* For refusals that never became a request: fills body, says its Content-Type. */
const char *refusal_write(int status, struct span tls_name, struct buf *body, void *arg);
/* And leaves its line in the audit. */
void refusal_audit(int status, const struct addr *peer, bool is_tls, void *arg);

/* A refusal: code is the dialect's word ("invalid_client"; "" for the fault's own), why goes to the audit as err's
 * inner code. Entra's number, trace and time are added by the reply. */
enum fault op_refuse(struct err *err, enum fault f, const char *code, enum refusal why, const char *fmt, ...)
	PRINTF_LIKE(5, 6);
/* What AADSTS calls it; 0: it has no number. */
unsigned refusal_aadsts(enum refusal r);
/* Appends what ends Entra's descriptions: trace id, correlation id, time. */
void entra_trace_write(struct buf *out, const struct op *op);

#endif
