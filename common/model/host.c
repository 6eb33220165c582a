#include "common/model/host.h"

#include "common/model/flat.h"
#include "common/model/place.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

static const struct flat_field rows[] = {
	FLAT_STR_ROW(1, struct host, id),
	FLAT_STR_ROW(2, struct host, resource_id),
	FLAT_STR_ROW(3, struct host, name),
	FLAT_STR_ROW(4, struct host, group),
	FLAT_STR_ROW(5, struct host, location),
	FLAT_STR_ROW(6, struct host, vm_id),
	FLAT_STR_ROW(7, struct host, system_object_id),
	FLAT_ROW(8, FLAT_BOOL, struct host, attaches_all),
	{ 9, FLAT_STRS, offsetof(struct host, attached), RESOURCE_ID_SIZE, offsetof(struct host, n_attached),
	  HOST_ATTACHED_MAX },
	{ 10, FLAT_STRS, offsetof(struct host, subnets), RESOURCE_ID_SIZE, offsetof(struct host, n_subnets),
	  HOST_SUBNETS_MAX },
};
static const struct flat_kind kind = { rows, ARRAY_LEN(rows), 1, sizeof(struct host), TABLE_HOST };

#define HEADER_KEY SPAN_LIT("appservice-header")
enum { HEADER_VERSION = 1, TAG_SEALED = 1, HEADER_RECORD_MAX = 256 };

static struct place host_place(struct span id)
{
	struct place p;

	place_init(&p);
	place_add(&p, id);
	return p;
}

enum fault host_get(struct txn *t, struct span id, struct host *ret)
{
	struct place at = host_place(id);

	return flat_get(t, &kind, place_span(&at), ret);
}

enum fault host_put(struct txn *t, const struct host *h)
{
	struct place at = host_place(span_cstr(h->id));

	return flat_put(t, &kind, place_span(&at), h);
}

struct search {
	struct span resource_id;
	struct host *found;
	bool is_found;
};

static enum fault look_at(const void *one, void *arg)
{
	const struct host *h = one;
	struct search *s = arg;

	if (!s->is_found && span_eq_nocase(span_cstr(h->resource_id), s->resource_id)) {
		*s->found = *h;
		s->is_found = true;
	}
	return FAULT_NONE;
}

enum fault host_by_resource_id(struct txn *t, struct span resource_id, struct host *ret)
{
	struct host scratch;
	struct search s = { resource_id, ret, false };
	enum fault f;

	if (resource_id.len == 0)
		return FAULT_NOT_FOUND;
	f = flat_walk(t, &kind, SPAN_EMPTY, &scratch, look_at, &s);
	if (f == FAULT_NONE && !s.is_found)
		f = FAULT_NOT_FOUND;
	return f;
}

bool host_has_attached(const struct host *h, struct span identity_resource_id)
{
	if (h->attaches_all)
		return true;
	for (size_t i = 0; i < h->n_attached; i++)
		if (span_eq_nocase(span_cstr(h->attached[i]), identity_resource_id))
			return true;
	return false;
}

enum fault identity_header_get(const struct world *w, struct txn *t, char out[IDENTITY_HEADER_SIZE])
{
	SCOPED_DONE(secret) struct secret plain = SECRET_INIT;
	struct record_reader r;
	struct span record, sealed;
	uint16_t tag;
	enum fault f = txn_get(t, TABLE_META, HEADER_KEY, &record);

	if (f == FAULT_NONE)
		f = record_open(&r, record, HEADER_VERSION);
	if (f != FAULT_NONE)
		return f;
	while ((f = record_next(&r, &tag, &sealed)) == FAULT_NONE && tag != TAG_SEALED)
		continue;
	if (f == FAULT_NONE)
		f = unseal(&w->sealer, HEADER_KEY, sealed, &plain);
	if (f != FAULT_NONE)
		return f == FAULT_NOT_FOUND ? FAULT_STORE : f;
	return record_str(secret_span(&plain), out, IDENTITY_HEADER_SIZE);
}

static enum fault header_make(const struct world *w, struct txn *t)
{
	SCOPED_DONE(buf) struct buf sealed = BUF_INIT(HEADER_RECORD_MAX);
	SCOPED_DONE(buf) struct buf record = BUF_INIT(HEADER_RECORD_MAX);
	char header[IDENTITY_HEADER_SIZE];
	enum fault f = uuid_new(&w->rng, header);

	if (f == FAULT_NONE)
		f = seal(&w->sealer, HEADER_KEY, span_cstr(header), &w->rng, &sealed);
	wipe(header, sizeof(header));
	if (f != FAULT_NONE)
		return f;
	record_begin(&record, HEADER_VERSION, HEADER_VERSION);
	record_put(&record, TAG_SEALED, buf_span(&sealed));
	f = buf_fault(&record);
	return f != FAULT_NONE ? f : txn_put(t, TABLE_META, HEADER_KEY, buf_span(&record));
}

enum fault identity_header_ensure(const struct world *w, struct txn *t)
{
	struct span record;
	enum fault f = txn_get(t, TABLE_META, HEADER_KEY, &record);

	return f == FAULT_NOT_FOUND ? header_make(w, t) : f;
}
