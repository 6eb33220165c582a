/* identityd: wiring only. */

#include <stdio.h>
#include <unistd.h>

#include "common/io/audit.h"
#include "common/io/forward.h"
#include "common/io/http.h"
#include "common/io/jobs.h"
#include "common/io/log.h"
#include "common/io/server.h"
#include "common/io/tls.h"
#include "common/model/ca.h"
#include "common/model/endpoints.h"
#include "common/model/world_clock.h"
#include "identityd/entra/signing.h"
#include "identityd/entra/token_cache.h"
#include "identityd/identityd.h"
#include "identityd/operation.h"
#include "identityd/proxy/proxy.h"
#include "identityd/settings.h"

enum { DRAIN_S = 10, SIGNING_NICENESS = 2, GENERATION_NICENESS = 10, ENDPOINTS_MAX = 64 << 10, MARGIN_S = 300 };

struct daemon {
	struct identityd i;
	struct settings set;
	struct stock stock;
	struct event_base *base;
	struct forward_server *proxy;
	int lock_fd;
};

static enum fault open_world(struct daemon *d, struct err *err)
{
	char path[PATH_SIZE];
	struct rng rng = rng_system();
	enum fault f = dir_make(d->set.data_dir, err);

	if (f != FAULT_NONE)
		return f;
	if ((size_t)snprintf(path, sizeof(path), "%s/identityd.lock", d->set.data_dir) >= sizeof(path))
		return err_say(err, FAULT_INVALID, "", "the path of the data directory is too long");
	f = lock_take(path, &d->lock_fd, err);
	if (f == FAULT_CONFLICT)
		return err_say(err, f, "",
			       "the data directory %s is in use by another identityd; stop that one or choose another",
			       d->set.data_dir);
	if (f != FAULT_NONE)
		return f;
	return world_open(d->set.data_dir, d->set.is_ephemeral, &rng, clock_wall_s(&d->i.clock), &d->i.world, err);
}

static enum fault load_tls(struct daemon *d, struct err *err)
{
	SCOPED_DONE(tls_material) struct tls_material m = TLS_MATERIAL_INIT;
	struct tls_context *tls = NULL;
	enum fault f;

	if (d->set.tls_cert != NULL)
		f = ca_load(d->set.tls_cert, d->set.tls_key, &m, err);
	else
		f = ca_open(d->i.world.data_dir, &d->i.world.rng, clock_wall_s(&d->i.clock), &m, err);
	if (f == FAULT_NONE)
		f = ca_context(&m, &d->i.world.rng, &tls, err);
	if (f == FAULT_NONE)
		http_server_set_tls(d->i.http, tls);
	return f;
}

/* A key that many threads share is one thread's at a time anyway: one signs, one makes keys. */
static enum fault start_signing(struct daemon *d, struct err *err)
{
	struct signing_options opt = { .world = &d->i.world,
				       .stock = &d->stock,
				       .max_age_s = d->set.signing_key_age_s,
				       .token_lifetime_s = d->set.token_lifetime_s };
	int64_t now_ms;
	enum fault f = world_now_read(&d->i.world, &d->i.clock, &now_ms, err);

	if (f != FAULT_NONE)
		return f;
	if (d->set.key_stock != NULL && d->set.key_stock[0] != '\0')
		f = stock_open(d->set.key_stock, &d->stock, err);
	if (f == FAULT_NONE)
		f = jobs_new(d->base, 1, SIGNING_NICENESS, &d->i.signers);
	if (f == FAULT_NONE)
		f = jobs_new(d->base, 1, GENERATION_NICENESS, &d->i.generation);
	opt.generation = d->i.generation;
	return f != FAULT_NONE ? f : signing_new(&opt, now_ms / 1000, &d->i.signing, err);
}

/* Takes the listening sockets of one port over. */
typedef enum fault adopt_fn(struct daemon *d, int fd);

static enum fault adopt_login(struct daemon *d, int fd)
{
	return http_server_listen(d->i.http, fd, true);
}

static enum fault adopt_host(struct daemon *d, int fd)
{
	return http_server_listen(d->i.http, fd, false);
}

static enum fault adopt_proxy(struct daemon *d, int fd)
{
	return forward_server_listen(d->proxy, fd);
}

static enum fault listen_on(struct daemon *d, int64_t port, adopt_fn *adopt, uint16_t *ret_port, struct err *err)
{
	static const char *const loopback[] = { "127.0.0.1", "::1", NULL };
	const char *addrs[LISTEN_MAX + 1] = { NULL };
	struct listen_set set;
	enum fault f;

	for (size_t i = 0; i < d->set.listen.n && i < LISTEN_MAX; i++)
		addrs[i] = d->set.listen.items[i];
	f = listen_tcp(d->set.listen.n == 0 ? loopback : addrs, (uint16_t)port, &set, err);
	for (size_t i = 0; f == FAULT_NONE && i < set.n; i++)
		f = adopt(d, set.fd[i]);
	if (f == FAULT_NONE)
		*ret_port = set.port;
	return f;
}

static enum fault listen_all(struct daemon *d, struct err *err)
{
	enum fault f = listen_on(d, d->set.login_port, adopt_login, &d->i.login_port, err);

	if (f == FAULT_NONE)
		f = listen_on(d, d->set.imds_port, adopt_host, &d->i.imds_port, err);
	return f != FAULT_NONE ? f : listen_on(d, d->set.proxy_port, adopt_proxy, &d->i.proxy_port, err);
}

/* The file is written under the store's write lock: of two daemons that start at once, the last one's file knows both.
 */
static enum fault publish(struct daemon *d, struct buf *json, struct err *err)
{
	const struct endpoints own = { .login_port = d->i.login_port,
				       .imds_port = d->i.imds_port,
				       .proxy_port = d->i.proxy_port };
	struct txn *t = NULL;
	enum fault f = txn_begin(d->i.world.store, TXN_WRITE, &t, err);

	if (f == FAULT_NONE)
		f = endpoints_publish_identityd(t, &own);
	if (f == FAULT_NONE)
		f = endpoints_json(&d->i.world, t, json);
	if (f == FAULT_NONE)
		f = endpoints_write_file(&d->i.world, buf_span(json), err);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}

static enum fault announce(struct daemon *d, struct err *err)
{
	SCOPED_DONE(buf) struct buf json = BUF_SECRET_INIT(ENDPOINTS_MAX);
	enum fault f = publish(d, &json, err);

	if (f != FAULT_NONE)
		return f;
	if (ready_say((int)d->set.ready_fd, buf_span(&json)) != FAULT_NONE)
		return err_say(err, FAULT_IO, "", "the readiness descriptor cannot be written");
	log_info("sign-in at https://localhost:%u/adfs, IMDS at http://127.0.0.1:%u, proxy at http://127.0.0.1:%u",
		 d->i.login_port, d->i.imds_port, d->i.proxy_port);
	return FAULT_NONE;
}

static enum fault start(struct daemon *d, struct err *err)
{
	struct http_server_options opt = {
		.handler = identityd_handle, .write_refusal = refusal_write, .on_refused = refusal_audit, .arg = &d->i
	};
	/* A token is not worth having in the last five minutes of its life, or the last fifth of a short one. */
	int64_t margin_s = d->set.token_lifetime_s / 5 < MARGIN_S ? d->set.token_lifetime_s / 5 : MARGIN_S;
	enum fault f = open_world(d, err);

	if (f != FAULT_NONE)
		return f;
	d->i.token_lifetime_s = d->set.token_lifetime_s;
	d->base = loop_new();
	d->i.tokens = token_cache_new(margin_s);
	if (d->base == NULL || d->i.tokens == NULL)
		return FAULT_MEMORY;
	f = audit_open(&(struct audit_options){ .data_dir = d->i.world.data_dir }, &d->i.audit, err);
	if (f == FAULT_NONE)
		f = http_server_new(d->base, &opt, &d->i.http);
	if (f == FAULT_NONE)
		f = proxy_new(&d->i, d->base, &d->proxy);
	if (f == FAULT_NONE)
		f = load_tls(d, err);
	if (f == FAULT_NONE)
		f = start_signing(d, err);
	if (f == FAULT_NONE)
		f = listen_all(d, err);
	return f == FAULT_NONE ? announce(d, err) : f;
}

/* Workers first: their completions still reply. */
static void stop(struct daemon *d)
{
	jobs_free(d->i.generation);
	jobs_free(d->i.signers);
	forward_server_free(d->proxy);
	http_server_free(d->i.http);
	signing_free(d->i.signing);
	token_cache_free(d->i.tokens);
	audit_free(d->i.audit);
	world_done(&d->i.world);
	loop_free(d->base);
	if (d->lock_fd >= 0)
		close(d->lock_fd);
}

static void on_stop(void *arg)
{
	struct daemon *d = arg;

	forward_server_stop_accepting(d->proxy);
	http_server_stop_accepting(d->i.http);
	jobs_stop(d->i.generation);
}

static bool is_idle(void *arg)
{
	return http_server_in_flight(((struct daemon *)arg)->i.http) == 0;
}

static int run(struct daemon *d)
{
	struct loop_hooks hooks = { on_stop, is_idle, d, DRAIN_S };
	struct err err = ERR_INIT;
	enum fault f;

	d->i.clock = clock_system();
	log_init("identityd", d->set.level, &d->i.clock);
	if (d->set.dies_with_parent)
		die_with_parent();
	f = start(d, &err);
	if (f == FAULT_NONE)
		loop_run(d->base, &hooks);
	else
		fprintf(stderr, "identityd: %s\n", err.message[0] != '\0' ? err.message : fault_name(f));
	stop(d);
	return f == FAULT_NONE ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct daemon d = { .lock_fd = -1 };
	struct err err = ERR_INIT;
	extern char **environ;
	int status = 0;

	if (settings_load(argc, argv, environ, &d.set, &err) != FAULT_NONE) {
		fprintf(stderr, "identityd: %s\n", err.message);
		return 2;
	}
	if (d.set.wants_help)
		settings_print_help();
	else if (d.set.wants_version)
		printf("identityd %s\n", SANDVAULT_VERSION);
	else if (d.set.wants_operations)
		identityd_print_operations();
	else
		status = run(&d);
	settings_done(&d.set);
	return status;
}
