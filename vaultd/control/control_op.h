#ifndef SANDVAULT_VAULTD_CONTROL_OP_H
#define SANDVAULT_VAULTD_CONTROL_OP_H

/* One control call as its handler sees it, and the rows of control_routes.c. */

#include "common/io/http.h"
#include "common/io/json.h"
#include "common/io/json_out.h"
#include "vaultd/control/control.h"

struct control_op;
/* Writes op->out; or, having set is_deferred, sees to it that the exchange is ended later. */
typedef enum fault control_handler(struct control_op *op, struct err *err);

struct control_row {
	const char *name;
	unsigned methods;
	const char *path;
	control_handler *handler;
};
/* FAULT_NOT_FOUND, FAULT_METHOD, with a sentence. */
enum fault control_route(const struct http_request *r, const struct control_row **ret, struct err *err) MUST_USE;

/* In the exchange's pool. */
struct control_op {
	struct vaultd *d;
	struct control *c;
	struct http_exchange *x;
	const struct http_request *request;
	struct json_doc *body;
	bool is_deferred;
	struct buf reply;
	struct json_out out;
};
/* Ends the call with what op->out says, or with the fault; op is gone afterwards. */
void control_answer(struct control_op *op, enum fault f, const struct err *err);

/* The JSON object of the request, whose members are among names (NULL-terminated). */
enum fault control_body(struct control_op *op, const char *const *names, const struct json **ret,
			struct err *err) MUST_USE;
/* A text member: absent is the empty span with p NULL. */
enum fault control_text(const struct json *body, const char *name, struct span *ret, struct err *err) MUST_USE;

control_handler control_make_deny, control_drop_deny;
control_handler control_get_clock, control_move_clock, control_get_audit, control_explain, control_healthz,
	control_readyz;

/* GET /audit?follow: takes the exchange over. */
struct followers;
struct audit_filter;
enum fault followers_new(struct vaultd *d, struct event_base *base, struct followers **ret) MUST_USE;
void followers_free(struct followers *f);
/* since -1: from now on. filter's spans live in the exchange. */
enum fault followers_add(struct followers *f, struct http_exchange *x, const struct audit_filter *filter, int64_t since,
			 struct err *err) MUST_USE;
/* Ends them all; no more are taken. */
void followers_stop(struct followers *f);
struct followers *control_followers(struct control *c);

/* A line of the log as answers have it: with its sequence number as the first member. */
void control_put_line(struct buf *out, int64_t seq, struct span line);

#endif
