/* vaultd: wiring only. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/io/audit.h"
#include "common/io/http.h"
#include "common/io/jobs.h"
#include "common/io/log.h"
#include "common/io/server.h"
#include "common/io/tls.h"
#include "common/model/ca.h"
#include "common/model/endpoints.h"
#include "common/model/world_clock.h"
#include "common/model/fixture_data.h"
#include "common/model/rbac_world.h"
#include "vaultd/authn.h"
#include "vaultd/control/control.h"
#include "vaultd/control/due.h"
#include "vaultd/deploy/deploy_at_start.h"
#include "vaultd/doors.h"
#include "vaultd/key_stock.h"
#include "vaultd/keyvault/kv.h"
#include "vaultd/settings.h"
#include "vaultd/vaultd.h"

enum { DRAIN_S = 10, OPERATIONS_NICENESS = 2, GENERATION_NICENESS = 10, ENDPOINTS_MAX = 64 << 10 };

struct daemon {
	struct vaultd v;
	struct settings set;
	struct event_base *base;
	int lock_fd;
	bool has_failed; /* after the loop began */
	bool is_stopping;
};

static enum fault load_tls(struct daemon *d, struct err *err)
{
	SCOPED_DONE(tls_material) struct tls_material m = TLS_MATERIAL_INIT;
	struct tls_context *tls = NULL;
	enum fault f;

	if ((d->set.tls_cert == NULL) != (d->set.tls_key == NULL))
		return err_say(err, FAULT_INVALID, "", "tls-cert and tls-key go together; give both or neither");
	/* Certificates follow the machine's own clock. */
	if (d->set.tls_cert != NULL)
		f = ca_load(d->set.tls_cert, d->set.tls_key, &m, err);
	else
		f = ca_open(d->set.data_dir, &d->v.world.rng, clock_wall_s(&d->v.clock), &m, err);
	if (f == FAULT_NONE)
		f = ca_context(&m, &d->v.world.rng, &tls, err);
	if (f == FAULT_NONE)
		http_server_set_tls(d->v.http, tls);
	return f;
}

static unsigned cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : (unsigned)n;
}

static enum fault start_workers(struct daemon *d, struct err *err)
{
	unsigned n = d->set.threads == 0 ? cores() : (unsigned)d->set.threads;
	struct stock stock = { .dir = "" };
	enum fault f = FAULT_NONE;

	if (d->set.key_stock != NULL && d->set.key_stock[0] != '\0')
		f = stock_open(d->set.key_stock, &stock, err);
	if (f == FAULT_NONE)
		f = jobs_new(d->base, n, OPERATIONS_NICENESS, &d->v.operations);
	if (f == FAULT_NONE)
		f = jobs_new(d->base, n, GENERATION_NICENESS, &d->v.generation);
	if (f == FAULT_NONE)
		f = key_stock_new(d->base, &stock, (unsigned)d->set.stock_2048, (unsigned)d->set.stock_larger,
				  &d->v.world.rng, &d->v.stock);
	return f;
}

static enum fault listen_all(struct daemon *d, struct err *err)
{
	static const char *const loopback[] = { "127.0.0.1", "::1", NULL };
	const char *addrs[LISTEN_MAX + 1] = { NULL };
	struct listen_set set;
	enum fault f;

	for (size_t i = 0; i < d->set.listen.n && i < LISTEN_MAX; i++)
		addrs[i] = d->set.listen.items[i];
	f = listen_tcp(d->set.listen.n == 0 ? loopback : addrs, (uint16_t)d->set.tls_port, &set, err);
	if (f != FAULT_NONE)
		return f;
	d->v.tls_port = set.port;
	snprintf(d->v.vault_audience, sizeof(d->v.vault_audience), "https://vault.localhost:%u", set.port);
	for (size_t i = 0; f == FAULT_NONE && i < set.n; i++)
		f = http_server_listen(d->v.http, set.fd[i], true);
	return f;
}

/* The world learns the port, the file and the starter learn the world. */
static enum fault announce(struct daemon *d, struct err *err)
{
	SCOPED_DONE(buf) struct buf json = BUF_SECRET_INIT(ENDPOINTS_MAX);
	struct txn *t;
	enum fault f = txn_begin(d->v.world.store, TXN_WRITE, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = endpoints_publish_vaultd(t, d->v.tls_port);
	if (f == FAULT_NONE)
		f = endpoints_publish_control(t, control_place(d->v.control));
	if (f == FAULT_NONE)
		f = endpoints_json(&d->v.world, t, &json);
	/* Within the transaction: the daemon that publishes last also writes the file last. */
	if (f == FAULT_NONE)
		f = endpoints_write_file(&d->v.world, buf_span(&json), err);
	if (f == FAULT_NONE)
		f = txn_commit(TAKE(t), err);
	txn_abort(t);
	if (f == FAULT_NONE && ready_say((int)d->set.ready_fd, buf_span(&json)) != FAULT_NONE)
		f = err_say(err, FAULT_IO, "", "the readiness descriptor cannot be written");
	return f;
}

static enum fault open_world(struct daemon *d, struct err *err)
{
	SCOPED_DONE(buf) struct buf path = BUF_INIT(PATH_SIZE);
	struct rng rng = rng_system();
	enum fault f = dir_make(d->set.data_dir, err);

	buf_printf(&path, "%s/vaultd.lock", d->set.data_dir);
	if (f == FAULT_NONE)
		f = lock_take(buf_cstr(&path), &d->lock_fd, err);
	if (f == FAULT_CONFLICT)
		return err_say(err, f, "",
			       "the data directory %s is in use by another vaultd; stop that one or choose another",
			       d->set.data_dir);
	if (f == FAULT_NONE)
		f = world_open(d->set.data_dir, d->set.is_ephemeral, &rng, clock_wall_s(&d->v.clock), &d->v.world, err);
	if (f == FAULT_NONE)
		snprintf(d->v.challenge_tenant, sizeof(d->v.challenge_tenant), "%s",
			 d->set.challenge_tenant == NULL ? d->v.world.tenant_id : d->set.challenge_tenant);
	return f;
}

/* Nobody is told that the sandbox is ready before its template is deployed. */
static void on_first_deployed(void *arg, enum fault f, const struct err *why)
{
	struct daemon *d = arg;
	struct err err = *why;

	/* Whoever stops the daemon before it was ready does not wait for the template. */
	if (d->is_stopping)
		return;
	if (f == FAULT_NONE)
		f = announce(d, &err);
	if (f == FAULT_NONE)
		return;
	fprintf(stderr, "vaultd: %s\n", err.message[0] != '\0' ? err.message : fault_name(f));
	d->has_failed = true;
	raise(SIGTERM);
}

static enum fault deploy_first(struct daemon *d, struct err *err)
{
	struct deploy_at_start s = { .d = &d->v,
				     .path = d->set.template,
				     .parameters = &d->set.parameters,
				     .group = d->set.template_group,
				     .done = on_first_deployed,
				     .arg = d };

	return deploy_at_start(&s, err);
}

static enum fault start(struct daemon *d, struct err *err)
{
	struct http_server_options opt = { .handler = doors_handle,
					   .write_refusal = doors_write_refusal,
					   .on_refused = doors_on_refused,
					   .body_max = doors_body_max,
					   .arg = &d->v,
					   .request_timeout_s = (int)d->set.request_timeout_s,
					   .idle_timeout_s = (int)d->set.idle_timeout_s };
	int64_t now_ms = 0;
	enum fault f = open_world(d, err);

	if (f != FAULT_NONE)
		return f;
	d->base = d->v.base = loop_new();
	d->v.vaults = vault_cache_new();
	d->v.keys = key_cache_new();
	if (d->base == NULL || d->v.vaults == NULL || d->v.keys == NULL)
		return FAULT_MEMORY;
	f = audit_open(&(struct audit_options){ .data_dir = d->v.world.data_dir, .base = d->base }, &d->v.audit, err);
	if (f == FAULT_NONE)
		f = rbac_cache_new(&d->v.roles, err);
	if (f == FAULT_NONE)
		f = trusted_list_read(fixture_trusted_services(), &d->v.trusted, err);
	if (f == FAULT_NONE)
		f = authn_new(&d->v, &d->v.authn);
	if (f == FAULT_NONE)
		f = http_server_new(d->base, &opt, &d->v.http);
	if (f == FAULT_NONE)
		f = load_tls(d, err);
	if (f == FAULT_NONE)
		f = start_workers(d, err);
	if (f == FAULT_NONE)
		f = listen_all(d, err);
	if (f == FAULT_NONE)
		f = due_new(&d->v, d->base, &d->v.due);
	if (f == FAULT_NONE)
		f = control_new(&d->v, d->base, d->set.control, &d->v.control, err);
	if (f == FAULT_NONE)
		f = world_now_read(&d->v.world, &d->v.clock, &now_ms, err);
	if (f == FAULT_NONE)
		f = deploy_mend(&d->v, now_ms, err);
	if (f != FAULT_NONE)
		return f;
	return d->set.template == NULL ? announce(d, err) : deploy_first(d, err);
}

/* Workers first: their completions still reply. */
static void stop(struct daemon *d)
{
	key_stock_free(d->v.stock);
	jobs_free(d->v.generation);
	jobs_free(d->v.operations);
	due_free(d->v.due);
	control_free(d->v.control);
	http_server_free(d->v.http);
	deploy_free_all(&d->v);
	authn_free(d->v.authn);
	vault_cache_free(d->v.vaults);
	key_cache_free(d->v.keys);
	rbac_cache_free(d->v.roles);
	trusted_list_done(&d->v.trusted);
	audit_free(d->v.audit);
	if (d->v.world.store != NULL)
		world_done(&d->v.world);
	loop_free(d->base);
	free(d->v.trusted_proxies);
	if (d->lock_fd >= 0)
		close(d->lock_fd);
}

static void on_stop(void *arg)
{
	struct daemon *d = arg;

	d->is_stopping = true;
	http_server_stop_accepting(d->v.http);
	deploy_stop_all(&d->v);
	control_stop(d->v.control);
	due_stop(d->v.due);
	jobs_stop(d->v.generation);
}

static bool is_idle(void *arg)
{
	const struct vaultd *v = &((struct daemon *)arg)->v;

	return http_server_in_flight(v->http) == 0 && control_is_idle(v->control);
}

static int run(struct daemon *d)
{
	struct loop_hooks hooks = { on_stop, is_idle, d, DRAIN_S };
	struct err err = ERR_INIT;
	enum log_level level;
	enum fault f;

	if (!log_level_parse(d->set.log_level, &level)) {
		fprintf(stderr, "vaultd: log-level: \"%s\" is none of error, warn, info, debug\n", d->set.log_level);
		return 2;
	}
	if (d->set.data_dir == NULL || d->set.data_dir[0] == '\0') {
		fprintf(stderr, "vaultd: say where the world is kept: --data-dir DIR\n");
		return 2;
	}
	if (settings_prefixes(&d->set.trusted_proxies, &d->v.trusted_proxies, &err) != FAULT_NONE) {
		fprintf(stderr, "vaultd: %s\n", err.message);
		return 2;
	}
	d->v.n_trusted_proxies = d->set.trusted_proxies.n;
	d->v.propagation_delay_s = d->set.propagation_delay_s;
	d->v.deletion_delay_s = d->set.deletion_delay_s;
	d->v.async_delay_s = d->set.async_delay_s;
	d->v.clock = clock_system();
	log_init("vaultd", level, &d->v.clock);
	if (d->set.dies_with_parent)
		die_with_parent();
	f = start(d, &err);
	if (f == FAULT_NONE)
		loop_run(d->base, &hooks);
	else
		fprintf(stderr, "vaultd: %s\n", err.message[0] != '\0' ? err.message : fault_name(f));
	stop(d);
	return f == FAULT_NONE && !d->has_failed ? 0 : 1;
}

static int print_facts(const struct settings *set)
{
	if (set->wants_help) {
		printf("usage: vaultd --data-dir DIR [settings]\n\nEach setting may also stand in the environment as "
		       "SANDVAULT_NAME "
		       "or in the file named by --config.\n\n");
		config_print_help(settings_rows, settings_n_rows);
	} else if (set->wants_version) {
		printf("vaultd %s\n", SANDVAULT_VERSION);
	} else {
		keyvault_print_operations();
		arm_print_operations();
		registry_print_operations();
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct daemon d = { .lock_fd = -1 };
	struct err err = ERR_INIT;
	extern char **environ;
	char **args = NULL;
	int status = 2;

	if (config_load(settings_rows, settings_n_rows, argc, argv, environ, &d.set, &args, &err) != FAULT_NONE)
		fprintf(stderr, "vaultd: %s\n", err.message);
	else if (args[0] != NULL)
		fprintf(stderr, "vaultd: \"%s\" is no setting; see --help\n", args[0]);
	else if (d.set.wants_help || d.set.wants_version || d.set.wants_operations)
		status = print_facts(&d.set);
	else
		status = run(&d);
	free(args);
	config_done(settings_rows, settings_n_rows, &d.set);
	return status;
}
