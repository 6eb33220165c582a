#include "identityd/proxy/proxy.h"

#include "common/io/audit.h"
#include "common/io/forward.h"
#include "common/io/json_out.h"
#include "common/io/log.h"
#include "common/model/world_clock.h"
#include "identityd/proxy/target.h"
#include "policy/refusal.h"

enum { PLACES_MAX = 2048, HOST_SHOWN_MAX = 260 };

/* For "%.*s:%u". The rest of a target may carry what nobody else shall see. */
#define TARGET_ARG(h) SPAN_ARG(span_first((h)->host, HOST_SHOWN_MAX)), (h)->port

/* Own ports as bound; vaultd's as it last published. */
static enum fault where_all_is(struct identityd *d, struct endpoints *ret, struct err *err)
{
	struct txn *t = NULL;
	enum fault f = txn_begin(d->world.store, TXN_READ, &t, err);

	if (f == FAULT_NONE)
		f = endpoints_get(t, ret);
	txn_abort(t);
	ret->login_port = d->login_port;
	ret->imds_port = d->imds_port;
	return f;
}

static int refuse_target(const struct proxy_head *h, const struct endpoints *at, struct err *err)
{
	SCOPED_DONE(buf) struct buf places = BUF_INIT(PLACES_MAX);
	const char *hint = h->is_https ? " (an https URL goes by CONNECT)" : "";

	proxy_places_write(&places, at);
	(void)err_say(err, FAULT_DENIED, "ProxyTargetNotAllowed",
		      "The proxy of this sandbox does not lead to '%.*s:%u'%s. It leads only to: %s.", TARGET_ARG(h),
		      hint, buf_cstr(&places));
	return 403;
}

static int choose_port(const struct proxy_head *h, const struct endpoints *at, struct forward_way *ret, struct err *err)
{
	ret->is_tunnel = h->form == PROXY_CONNECT;
	switch (proxy_place_of(h, at)) {
	case PROXY_NOWHERE:
		return refuse_target(h, at, err);
	case PROXY_VAULTD:
		ret->port = at->tls_port;
		break;
	case PROXY_LOGIN:
		ret->port = at->login_port;
		break;
	case PROXY_IMDS:
		ret->port = at->imds_port;
		break;
	}
	if (ret->port != 0)
		return 0;
	(void)err_say(err, FAULT_UNAVAILABLE, "ServiceUnavailable",
		      "'%.*s:%u' is served by vaultd, which has not been started yet in this data directory.",
		      TARGET_ARG(h));
	return 503;
}

static int choose(struct span text, struct forward_way *ret, struct err *err, void *arg)
{
	struct identityd *d = arg;
	struct endpoints at = { 0 };
	struct proxy_head head;

	proxy_head_parse(text, &head);
	switch (head.form) {
	case PROXY_CONNECT:
	case PROXY_ABSOLUTE:
		break;
	case PROXY_DIRECT:
		(void)err_say(err, FAULT_INVALID, "BadRequest",
			      "This is a proxy: set HTTPS_PROXY and HTTP_PROXY to http://127.0.0.1:%u.", d->proxy_port);
		return 400;
	case PROXY_BROKEN:
		(void)err_say(err, FAULT_INVALID, "BadRequest", "The request is not one that a proxy understands.");
		return 400;
	}
	if (where_all_is(d, &at, err) == FAULT_NONE)
		return choose_port(&head, &at, ret, err);
	log_error("ProxyConnect %s", err->message);
	return 503;
}

/* What names a target and was refused; noise that names none is not worth a line. */
static void audit_refusal(struct identityd *d, const struct proxy_head *h, int status, const struct addr *peer,
			  const struct err *err)
{
	struct audit_record r = {
		.resource_id = SPAN_EMPTY,
		.operation = SPAN_LIT("ProxyConnect"),
		.api_version = SPAN_EMPTY,
		.status = status,
		.description = err->message,
		.caller_ip = peer,
		.correlation_id = "",
		.object_id = "",
		.app_id = "",
		.mirid = "",
		.az_rid = "",
		.id = h->host,
		.client_info = SPAN_EMPTY,
		.host = h->host,
		.path = SPAN_LIT("/"),
		.query = SPAN_EMPTY,
		.is_tls = h->form == PROXY_CONNECT,
		.verdict = status == 403 ? "deny" : "",
		.reason = status == 403 ? refusal_name(REFUSAL_PROXY_TARGET) : "",
		.rule = "",
	};

	if (world_now_read(&d->world, &d->clock, &r.at_ms, NULL) != FAULT_NONE)
		r.at_ms = clock_wall_ms(&d->clock);
	audit_write(d->audit, &r);
}

static void write_body(struct buf *body, const struct err *err)
{
	struct json_out o;

	json_out_init(&o, body);
	json_out_object(&o, NULL);
	json_out_object(&o, "error");
	json_out_cstr(&o, "code", err->code[0] != '\0' ? err->code : "ProxyError");
	json_out_cstr(&o, "message", err->message);
	json_out_object_end(&o);
	json_out_object_end(&o);
}

static const char *refuse(int status, struct span text, const struct addr *peer, const struct err *err,
			  struct buf *body, void *arg)
{
	struct identityd *d = arg;
	struct proxy_head head;
	struct err said = *err;

	proxy_head_parse(text, &head);
	if (status == 502)
		(void)err_say(&said, FAULT_UNAVAILABLE, "BadGateway",
			      "Nobody answers where '%.*s:%u' is served: has vaultd been stopped?", TARGET_ARG(&head));
	if (head.host.len > 0)
		audit_refusal(d, &head, status, peer, &said);
	log_info("ProxyConnect refused status=%d %s", status, said.message);
	write_body(body, &said);
	return "application/json; charset=utf-8";
}

enum fault proxy_new(struct identityd *d, struct event_base *base, struct forward_server **ret)
{
	const struct forward_hooks hooks = { .choose = choose, .refuse = refuse, .arg = d };

	return forward_server_new(base, &hooks, ret);
}
