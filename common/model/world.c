#include "common/model/world.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/io/record.h"
#include "common/io/server.h"
#include "common/model/group.h"
#include "common/model/host.h"
#include "common/model/principal.h"
#include "common/model/role_assignment.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

/* The record under "world" in TABLE_META. Its head is the version of the whole store: what this release writes and the
 * lowest release that reads it. The third is the oldest that this one still reads. */
enum { WORLD_VERSION = 1, WORLD_MIN_READER = 1, WORLD_OLDEST = 1 };
enum { TAG_TENANT = 1, TAG_SUBSCRIPTION = 2, TAG_ADMIN_APP = 3, TAG_ADMIN_OBJECT = 4 };
#define WORLD_KEY SPAN_LIT("world")

#define DEFAULT_GROUP "sandbox"
enum { WORLD_RECORD_MAX = 4096, ADMIN_SECRET_LEN = 32 };

static enum fault path_join(char out[PATH_SIZE], const char *dir, const char *name, struct err *err)
{
	if ((size_t)snprintf(out, PATH_SIZE, "%s/%s", dir, name) >= PATH_SIZE)
		return err_say(err, FAULT_INVALID, "", "the path of the data directory %s is too long", dir);
	return FAULT_NONE;
}

/* Absolute, because it becomes part of what other programs are told. */
static enum fault open_dir(const char *data_dir, char ret_dir[PATH_SIZE], struct err *err)
{
	char resolved[PATH_MAX];
	/* The directory that az keeps its state in (see endpoints.c): az wants it to exist. */
	char az[PATH_SIZE];
	enum fault f = dir_make(data_dir, err);

	if (f != FAULT_NONE)
		return f;
	if (realpath(data_dir, resolved) == NULL)
		return err_say(err, FAULT_IO, "", "cannot use the data directory %s: %s", data_dir, strerror(errno));
	if ((size_t)snprintf(ret_dir, PATH_SIZE, "%s", resolved) >= PATH_SIZE)
		return err_say(err, FAULT_INVALID, "", "the path of the data directory %s is too long", data_dir);
	f = path_join(az, ret_dir, "azure", err);
	return f != FAULT_NONE ? f : dir_make(az, err);
}

static enum fault open_store(struct world *w, struct err *err)
{
	char dir[PATH_SIZE];
	struct store_options opt = {
		.dir = dir,
		.tables = table_names,
		.n_tables = TABLE_COUNT,
		.is_ephemeral = w->is_ephemeral,
	};
	enum fault f = path_join(dir, w->data_dir, "store", err);

	return f != FAULT_NONE ? f : store_open(&opt, &w->store, err);
}

static enum fault open_sealer(struct world *w, struct err *err)
{
	char path[PATH_SIZE];
	enum fault f = path_join(path, w->data_dir, "root.key", err);

	return f != FAULT_NONE ? f : sealer_open(path, true, &w->rng, &w->sealer, err);
}

/* The store's age is told apart from a broken store: the one wants another release, the other a backup. */
static enum fault check_version(const struct world *w, struct span record, struct err *err)
{
	unsigned version, min_reader;

	if (record.len < 2)
		return err_say(err, FAULT_STORE, "", "the store in %s is damaged: its first record is cut short",
			       w->data_dir);
	version = (unsigned char)record.p[0];
	min_reader = (unsigned char)record.p[1];
	if (min_reader > WORLD_VERSION)
		return err_say(err, FAULT_STORE, "",
			       "the data directory %s was made by a newer Sandvault (store version %u, this one reads "
			       "up to %d): use that release, or another directory",
			       w->data_dir, version, WORLD_VERSION);
	if (version < WORLD_OLDEST)
		return err_say(err, FAULT_STORE, "",
			       "the data directory %s was made by an older Sandvault (store version %u, this one reads "
			       "from %d): use that release, or another directory",
			       w->data_dir, version, WORLD_OLDEST);
	return FAULT_NONE;
}

static enum fault world_field(struct world *w, uint16_t tag, struct span value)
{
	switch (tag) {
	case TAG_TENANT:
		return record_str(value, w->tenant_id, sizeof(w->tenant_id));
	case TAG_SUBSCRIPTION:
		return record_str(value, w->subscription_id, sizeof(w->subscription_id));
	case TAG_ADMIN_APP:
		return record_str(value, w->admin_app_id, sizeof(w->admin_app_id));
	case TAG_ADMIN_OBJECT:
		return record_str(value, w->admin_object_id, sizeof(w->admin_object_id));
	default:
		return FAULT_NONE;
	}
}

/* FAULT_NOT_FOUND in an empty store. */
static enum fault world_read(struct world *w, struct txn *t, struct err *err)
{
	struct record_reader r;
	struct span record, value;
	uint16_t tag;
	enum fault f = txn_get(t, TABLE_META, WORLD_KEY, &record);

	if (f == FAULT_NONE)
		f = check_version(w, record, err);
	if (f != FAULT_NONE)
		return f;
	f = record_open(&r, record, WORLD_VERSION);
	while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE)
		f = world_field(w, tag, value);
	if (f == FAULT_NOT_FOUND)
		return FAULT_NONE;
	return err_say(err, f, "", "the store in %s is damaged: its first record does not read", w->data_dir);
}

static enum fault world_write(const struct world *w, struct txn *t)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(WORLD_RECORD_MAX);

	record_begin(&b, WORLD_VERSION, WORLD_MIN_READER);
	record_put_cstr(&b, TAG_TENANT, w->tenant_id);
	record_put_cstr(&b, TAG_SUBSCRIPTION, w->subscription_id);
	record_put_cstr(&b, TAG_ADMIN_APP, w->admin_app_id);
	record_put_cstr(&b, TAG_ADMIN_OBJECT, w->admin_object_id);
	if (buf_fault(&b) != FAULT_NONE)
		return b.fault;
	return txn_put(t, TABLE_META, WORLD_KEY, buf_span(&b));
}

static enum fault make_admin(struct world *w, struct txn *t)
{
	SCOPED_DONE(buf) struct buf text = BUF_SECRET_INIT(128);
	struct principal p = { .kind = PRINCIPAL_APPLICATION, .display_name = "sandvault-admin", .is_admin = true };
	uint8_t bytes[ADMIN_SECRET_LEN];
	enum fault f = uuid_new(&w->rng, w->admin_app_id);

	if (f == FAULT_NONE)
		f = uuid_new(&w->rng, w->admin_object_id);
	if (f == FAULT_NONE)
		f = rng_fill(&w->rng, bytes, sizeof(bytes));
	if (f != FAULT_NONE)
		return f;
	bytes[0] &= 0x7f; /* a letter first: command lines take what begins with a dash for a flag */
	base64url_encode(&text, span_of(bytes, sizeof(bytes)));
	wipe(bytes, sizeof(bytes));
	snprintf(p.app_id, sizeof(p.app_id), "%s", w->admin_app_id);
	snprintf(p.object_id, sizeof(p.object_id), "%s", w->admin_object_id);
	f = buf_fault(&text);
	if (f == FAULT_NONE)
		f = principal_set_secret(w, &p, buf_span(&text));
	return f != FAULT_NONE ? f : principal_put(t, &p);
}

static enum fault make_group(const struct world *w, struct txn *t)
{
	struct group *g = calloc(1, sizeof(*g));
	enum fault f;

	if (g == NULL)
		return FAULT_MEMORY;
	snprintf(g->subscription_id, sizeof(g->subscription_id), "%s", w->subscription_id);
	snprintf(g->name, sizeof(g->name), "%s", DEFAULT_GROUP);
	snprintf(g->location, sizeof(g->location), "%s", WORLD_LOCATION);
	f = group_put(t, g);
	free(g);
	return f;
}

static enum fault make_host(const struct world *w, struct txn *t)
{
	struct host *h = calloc(1, sizeof(*h));
	enum fault f;

	if (h == NULL)
		return FAULT_MEMORY;
	h->attaches_all = true;
	snprintf(h->id, sizeof(h->id), "%s", HOST_DEFAULT_ID);
	snprintf(h->name, sizeof(h->name), "%s", HOST_DEFAULT_ID);
	snprintf(h->group, sizeof(h->group), "%s", DEFAULT_GROUP);
	snprintf(h->location, sizeof(h->location), "%s", WORLD_LOCATION);
	snprintf(h->resource_id, sizeof(h->resource_id),
		 "/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Compute/virtualMachines/%s",
		 w->subscription_id, h->group, h->name);
	f = uuid_new(&w->rng, h->vm_id);
	if (f == FAULT_NONE)
		f = principal_make_system(w, t, h->name, h->resource_id, h->system_object_id);
	if (f == FAULT_NONE)
		f = host_put(t, h);
	free(h);
	return f;
}

static enum fault make_default_world(struct world *w, struct txn *t, int64_t now_s)
{
	enum fault f;

	snprintf(w->tenant_id, sizeof(w->tenant_id), "%s", WORLD_TENANT_ID);
	snprintf(w->subscription_id, sizeof(w->subscription_id), "%s", WORLD_SUBSCRIPTION_ID);
	f = make_admin(w, t);
	if (f == FAULT_NONE)
		f = make_group(w, t);
	if (f == FAULT_NONE)
		f = make_host(w, t);
	if (f == FAULT_NONE)
		f = identity_header_ensure(w, t);
	if (f == FAULT_NONE)
		f = role_assignment_seed(w, t, now_s);
	return f != FAULT_NONE ? f : world_write(w, t);
}

/* Under the writer's lock: the other daemon may have been first, and then there is nothing to make. */
static enum fault make_or_read(struct world *w, int64_t now_s, struct err *err)
{
	struct txn *t;
	enum fault f = txn_begin(w->store, TXN_WRITE, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = world_read(w, t, err);
	if (f == FAULT_NOT_FOUND) {
		f = make_default_world(w, t, now_s);
		if (f == FAULT_NONE)
			return txn_commit(t, err);
		err_say(err, f, "", "cannot make a new world in %s (%s)", w->data_dir, fault_name(f));
	}
	txn_abort(t);
	return f;
}

/* A world made before there were roles: its administrator was one by name only. */
static enum fault catch_up(struct world *w, int64_t now_s, struct err *err)
{
	struct txn *t;
	enum fault f = txn_begin(w->store, TXN_WRITE, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = role_assignment_seed(w, t, now_s);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return err_say(err, f, "", "cannot give the administrator of the world in %s its role (%s)", w->data_dir,
		       fault_name(f));
}

static enum fault load(struct world *w, int64_t now_s, struct err *err)
{
	bool is_seeded = false;
	struct txn *t;
	enum fault f = txn_begin(w->store, TXN_READ, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = world_read(w, t, err);
	if (f == FAULT_NONE)
		f = role_assignment_is_seeded(t, &is_seeded);
	txn_abort(t);
	if (f == FAULT_NOT_FOUND)
		return make_or_read(w, now_s, err);
	return f == FAULT_NONE && !is_seeded ? catch_up(w, now_s, err) : f;
}

enum fault world_open(const char *data_dir, bool is_ephemeral, const struct rng *rng, int64_t now_s, struct world *ret,
		      struct err *err)
{
	struct world w = { .rng = *rng, .is_ephemeral = is_ephemeral };
	enum fault f = open_dir(data_dir, w.data_dir, err);

	if (f == FAULT_NONE)
		f = open_sealer(&w, err);
	if (f == FAULT_NONE)
		f = open_store(&w, err);
	if (f == FAULT_NONE)
		f = load(&w, now_s, err);
	if (f != FAULT_NONE) {
		world_done(&w);
		return f;
	}
	*ret = w;
	return FAULT_NONE;
}

void world_done(struct world *w)
{
	if (w->store != NULL)
		store_close(w->store);
	w->store = NULL;
	sealer_done(&w->sealer);
}

enum fault world_admin_secret(struct world *w, struct txn *t, struct secret *ret)
{
	struct principal p;
	enum fault f = principal_by_object_id(t, span_cstr(w->admin_object_id), &p);

	return f != FAULT_NONE ? f : principal_secret(w, &p, ret);
}
