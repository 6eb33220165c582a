#include "vaultd/doors.h"

#include "common/io/audit.h"
#include "common/io/http.h"
#include "common/model/world_clock.h"
#include "vaultd/keyvault/kv.h"
#include "vaultd/vaultd.h"

/* Nobody's host is nobody's pipeline; it happened all the same. */
static void audit_unknown_host(const struct vaultd *d, struct http_exchange *x, const struct err *err)
{
	const struct http_request *q = http_exchange_request(x);
	struct audit_record r = { .resource_id = SPAN_EMPTY,
				  .operation = SPAN_LIT("Unknown"),
				  .api_version = SPAN_EMPTY,
				  .status = 404,
				  .description = err->message,
				  .caller_ip = &q->peer,
				  .correlation_id = "",
				  .object_id = "",
				  .app_id = "",
				  .mirid = "",
				  .az_rid = "",
				  .id = SPAN_EMPTY,
				  .client_info = span_cstr(http_exchange_header(x, "User-Agent")),
				  .host = q->host,
				  .path = q->path,
				  .query = SPAN_EMPTY,
				  .is_tls = q->is_tls,
				  .verdict = "",
				  .reason = "",
				  .rule = "" };

	r.at_ms = world_now_or_wall_ms(&d->world, &d->clock);
	audit_write(d->audit, &r);
}

/* TLS was asked for a registry's name, and then the request was another's. */
static void refuse_large(const struct vaultd *d, struct http_exchange *x)
{
	SCOPED_DONE(buf) struct buf body = BUF_INIT(4096);
	struct err err = ERR_INIT;

	kv_write_error(&body, &err, FAULT_TOO_LARGE);
	audit_write_refused(d->audit, world_now_or_wall_ms(&d->world, &d->clock), 413, &http_exchange_request(x)->peer,
			    true);
	http_reply_header(x, "Content-Type", "application/json; charset=utf-8");
	http_reply(x, 413, buf_span(&body));
}

void doors_handle(struct http_exchange *x, void *arg)
{
	struct vaultd *d = arg;
	struct host_parts host;
	SCOPED_DONE(buf) struct buf body = BUF_INIT(4096);
	struct err err = ERR_INIT;

	host_split(http_exchange_request(x)->host, &host);
	if (host.door != DOOR_REGISTRY && http_exchange_request(x)->body_len > HTTP_BODY_MAX) {
		refuse_large(d, x);
		return;
	}
	switch (host.door) {
	case DOOR_VAULT:
		keyvault_handle(d, x, &host);
		return;
	case DOOR_ARM:
		arm_handle(d, x);
		return;
	case DOOR_REGISTRY:
		registry_handle(d, x, &host);
		return;
	case DOOR_UNKNOWN:
		break;
	}
	err_say(&err, FAULT_NOT_FOUND, "HostNotFound",
		"No service of this sandbox has the host name '%.*s'; vaults are at NAME.vault.localhost, registries "
		"at "
		"NAME.azurecr.localhost, the control plane at localhost.",
		SPAN_ARG(http_exchange_request(x)->host));
	kv_write_error(&body, &err, FAULT_NOT_FOUND);
	audit_unknown_host(d, x, &err);
	http_reply_header(x, "Content-Type", "application/json; charset=utf-8");
	http_reply(x, 404, buf_span(&body));
}

static bool is_registry(struct span tls_name)
{
	struct host_parts host;

	host_split(tls_name, &host);
	return host.door == DOOR_REGISTRY;
}

/* Requests that the HTTP layer refused before they were requests: Azure's error object all the same. */
const char *doors_write_refusal(int status, struct span tls_name, struct buf *body, void *arg UNUSED)
{
	struct err err = ERR_INIT;
	enum fault f = status == 413 ? FAULT_TOO_LARGE : FAULT_INVALID;

	if (is_registry(tls_name)) {
		registry_write_refusal(status, body);
		return "application/json; charset=utf-8";
	}
	if (status == 501 || status == 405)
		err_say(&err, FAULT_METHOD, "MethodNotAllowed", "The HTTP method is not one this service knows.");
	else if (status == 503)
		f = FAULT_UNAVAILABLE;
	else if (f == FAULT_INVALID)
		err_say(&err, f, "BadRequest", "The request is not well-formed HTTP.");
	kv_write_error(body, &err, f);
	return "application/json; charset=utf-8";
}

/* Layers of images are large; strangers to the registries stay at the usual limit. */
size_t doors_body_max(struct span tls_name, void *arg UNUSED)
{
	return is_registry(tls_name) ? REGISTRY_BODY_MAX : HTTP_BODY_MAX;
}

void doors_on_refused(int status, const struct addr *peer, bool is_tls, void *arg)
{
	const struct vaultd *d = arg;

	audit_write_refused(d->audit, world_now_or_wall_ms(&d->world, &d->clock), status, peer, is_tls);
}
