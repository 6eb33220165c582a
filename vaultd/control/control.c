#include "vaultd/control/control_op.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/io/log.h"
#include "common/io/server.h"
#include "common/model/endpoints.h"
#include "common/plain/text.h"
#include "vaultd/keyvault/kv.h"

enum { REPLY_MAX = 8 << 20, TOKEN_BYTES = 32, TOKEN_FILE_MAX = 4096, PLACE_SIZE = PATH_SIZE + 32 };

struct control {
	struct vaultd *d;
	struct http_server *http;
	struct followers *followers;
	struct secret token;
	char path[PLACE_SIZE]; /* of the socket; "" before it is there */
	char url[128];	       /* "" without TCP */
};

struct followers *control_followers(struct control *c)
{
	return c->followers;
}

const char *control_place(const struct control *c)
{
	return c->url[0] != '\0' ? c->url : c->path;
}

bool control_is_idle(const struct control *c)
{
	return http_server_in_flight(c->http) == 0;
}

static struct span bearer(const struct http_exchange *x)
{
	struct span value = span_cstr(http_exchange_header(x, "Authorization")), scheme = SPAN_LIT("Bearer ");

	return span_starts_nocase(value, scheme) ? span_from(value, scheme.len) : SPAN_EMPTY;
}

/* The socket's mode has let through only the owner; a network lets through everybody. */
static enum fault check_token(const struct control *c, const struct http_exchange *x, struct err *err)
{
	if (http_exchange_request(x)->is_local || constant_time_eq(bearer(x), secret_span(&c->token)))
		return FAULT_NONE;
	return err_say(err, FAULT_UNAUTHENTICATED, "Unauthorized",
		       "Show the content of the data directory's control.token as \"Authorization: Bearer ...\".");
}

void control_answer(struct control_op *op, enum fault f, const struct err *err)
{
	struct buf body = op->reply;

	if (f == FAULT_NONE)
		f = buf_fault(&body);
	if (f != FAULT_NONE) {
		buf_clear(&body);
		kv_write_error(&body, err, f);
	}
	if (kv_status(f) >= 500 && f != FAULT_UNAVAILABLE)
		log_error("control %.*s: %s %s", SPAN_ARG(op->request->path), fault_name(f), err->message);
	json_doc_free(TAKE(op->body));
	http_reply_header(op->x, "Content-Type", "application/json; charset=utf-8");
	http_reply_header(op->x, "Cache-Control", "no-store");
	http_reply(op->x, kv_status(f), buf_span(&body));
	buf_done(&body);
}

static void on_request(struct http_exchange *x, void *arg)
{
	struct control *c = arg;
	struct control_op *op = pool_alloc(http_exchange_pool(x), sizeof(*op));
	const struct control_row *row = NULL;
	struct err err = ERR_INIT;
	enum fault f;

	if (op == NULL) {
		http_reply(x, 503, SPAN_EMPTY);
		return;
	}
	*op = (struct control_op){ .d = c->d, .c = c, .x = x, .request = http_exchange_request(x) };
	op->reply = BUF_INIT(REPLY_MAX);
	json_out_init(&op->out, &op->reply);
	f = check_token(c, x, &err);
	if (f == FAULT_NONE)
		f = control_route(op->request, &row, &err);
	if (f == FAULT_NONE)
		f = row->handler(op, &err);
	if (f != FAULT_NONE || !op->is_deferred)
		control_answer(op, f, &err);
}

static const char *write_refusal(int status, struct span tls_name UNUSED, struct buf *body, void *arg UNUSED)
{
	struct err err = ERR_INIT;

	(void)!err_say(&err, FAULT_INVALID, "BadRequest", "%s.", http_status_phrase(status));
	kv_write_error(body, &err, FAULT_INVALID);
	return "application/json; charset=utf-8";
}

static struct span without_newline(struct span s)
{
	while (s.len > 0 && (s.p[s.len - 1] == '\n' || s.p[s.len - 1] == '\r'))
		s.len--;
	return s;
}

static enum fault make_token(const struct control *c, const char *path, struct buf *out, struct err *err)
{
	uint8_t bytes[TOKEN_BYTES];
	enum fault f = rng_fill(&c->d->world.rng, bytes, sizeof(bytes));

	if (f != FAULT_NONE)
		return f;
	buf_clear(out);
	base64url_encode(out, span_of(bytes, sizeof(bytes)));
	wipe(bytes, sizeof(bytes));
	f = buf_fault(out);
	return f == FAULT_NONE ? file_replace(path, buf_span(out), err) : f;
}

/* Kept from one start to the next: whoever knows it may go on. */
static enum fault load_token(struct control *c, struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_SECRET_INIT(TOKEN_FILE_MAX);
	char path[PLACE_SIZE];
	struct span token;
	enum fault f;

	snprintf(path, sizeof(path), "%s/%s", c->d->world.data_dir, CONTROL_TOKEN_FILE);
	f = file_read(path, &text, err);
	if (f == FAULT_NOT_FOUND || (f == FAULT_NONE && without_newline(buf_span(&text)).len == 0))
		f = make_token(c, path, &text, err);
	if (f != FAULT_NONE)
		return f;
	token = without_newline(buf_span(&text));
	return secret_set(&c->token, token.p, token.len);
}

static enum fault listen_local(struct control *c, struct err *err)
{
	char path[PLACE_SIZE];
	int fd;
	enum fault f;

	snprintf(path, sizeof(path), "%s/control.sock", c->d->world.data_dir);
	/* One vaultd has the directory's lock, so a socket that stands there is a dead one's. */
	f = listen_unix(path, &fd, err);
	if (f != FAULT_NONE)
		return f;
	memcpy(c->path, path, sizeof(path));
	return http_server_listen(c->http, fd, false);
}

/* "127.0.0.1:0", "[::1]:8092" */
static bool split_address(struct span text, char addr[64], int64_t *ret_port)
{
	size_t colon = text.len;

	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || int_parse(span_from(text, colon), ret_port) != FAULT_NONE || *ret_port < 0 ||
	    *ret_port > 65535)
		return false;
	text = span_first(text, colon - 1);
	if (text.p[0] == '[' && text.p[text.len - 1] == ']')
		text = span_of(text.p + 1, text.len - 2);
	if (text.len == 0 || text.len >= 64)
		return false;
	memcpy(addr, text.p, text.len);
	addr[text.len] = '\0';
	return true;
}

static enum fault listen_network(struct control *c, const char *address, struct err *err)
{
	char addr[64];
	const char *const addrs[] = { addr, NULL };
	struct listen_set set;
	int64_t port = 0;
	enum fault f;

	if (!split_address(span_cstr(address), addr, &port))
		return err_say(err, FAULT_INVALID, "", "control: \"%s\" is not ADDR:PORT", address);
	f = listen_tcp(addrs, (uint16_t)port, &set, err);
	for (size_t i = 0; f == FAULT_NONE && i < set.n; i++)
		f = http_server_listen(c->http, set.fd[i], false);
	if (f == FAULT_NONE)
		snprintf(c->url, sizeof(c->url), strchr(addr, ':') == NULL ? "http://%s:%u" : "http://[%s]:%u", addr,
			 set.port);
	return f;
}

enum fault control_new(struct vaultd *d, struct event_base *base, const char *address, struct control **ret,
		       struct err *err)
{
	struct control *c = calloc(1, sizeof(*c));
	struct http_server_options opt = { .handler = on_request, .write_refusal = write_refusal, .arg = c };
	enum fault f;

	if (c == NULL)
		return FAULT_MEMORY;
	c->d = d;
	f = http_server_new(base, &opt, &c->http);
	if (f == FAULT_NONE)
		f = followers_new(d, base, &c->followers);
	if (f == FAULT_NONE)
		f = load_token(c, err);
	if (f == FAULT_NONE)
		f = listen_local(c, err);
	if (f == FAULT_NONE && address != NULL && address[0] != '\0')
		f = listen_network(c, address, err);
	if (f != FAULT_NONE) {
		control_free(c);
		return f;
	}
	*ret = c;
	return FAULT_NONE;
}

void control_stop(struct control *c)
{
	http_server_stop_accepting(c->http);
	followers_stop(c->followers);
}

void control_free(struct control *c)
{
	if (c == NULL)
		return;
	followers_free(c->followers);
	http_server_free(c->http);
	if (c->path[0] != '\0')
		(void)unlink(c->path);
	secret_done(&c->token);
	free(c);
}
