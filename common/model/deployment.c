#include "common/model/deployment.h"

#include "common/io/record.h"
#include "common/model/place.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

enum {
	DEPLOYMENT_VERSION = 1,
	DEPLOYMENT_RECORD_MAX = 16 << 20,
	TAG_STATE = 30,
	TAG_COMPLETE,
	TAG_STARTED,
	TAG_CHANGED
};

/* Tags are for ever. */
static const struct {
	uint16_t tag;
	size_t offset;
} texts[] = {
	{ 1, offsetof(struct deployment, subscription_id) },
	{ 2, offsetof(struct deployment, group) },
	{ 3, offsetof(struct deployment, name) },
	{ 4, offsetof(struct deployment, operation_id) },
	{ 5, offsetof(struct deployment, correlation_id) },
	{ 6, offsetof(struct deployment, template_hash) },
	{ 7, offsetof(struct deployment, template) },
	{ 8, offsetof(struct deployment, parameters) },
	{ 9, offsetof(struct deployment, outputs) },
	{ 10, offsetof(struct deployment, providers) },
	{ 11, offsetof(struct deployment, dependencies) },
	{ 12, offsetof(struct deployment, resources) },
	{ 13, offsetof(struct deployment, operations) },
	{ 14, offsetof(struct deployment, error) },
};

bool deployment_name_has(char c)
{
	char l = ascii_lower(c);

	return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || (l != '\0' && strchr("-_.()", l) != NULL);
}

static struct place deployment_place(struct span subscription, struct span group, struct span name)
{
	struct place p;

	place_init(&p);
	place_add(&p, subscription);
	place_add(&p, group);
	place_add(&p, name);
	return p;
}

static void read_text(struct deployment *d, uint16_t tag, struct span value)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].tag == tag)
			memcpy((char *)d + texts[i].offset, &value, sizeof(value));
}

static enum fault read_field(uint16_t tag, struct span value, void *into)
{
	struct deployment *d = into;
	int64_t state = 0;
	enum fault f;

	switch (tag) {
	case TAG_STATE:
		f = record_int(value, &state);
		d->state = (enum deployment_state)state;
		return f;
	case TAG_COMPLETE:
		return record_bool(value, &d->is_complete);
	case TAG_STARTED:
		return record_int(value, &d->started_ms);
	case TAG_CHANGED:
		return record_int(value, &d->changed_ms);
	default:
		read_text(d, tag, value);
		return FAULT_NONE;
	}
}

static enum fault decode(struct span bytes, struct deployment *ret)
{
	struct deployment d = { .state = DEPLOYMENT_ACCEPTED };
	enum fault f;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		read_text(&d, texts[i].tag, SPAN_EMPTY);
	f = record_each(bytes, DEPLOYMENT_VERSION, read_field, &d);
	if (f != FAULT_NONE)
		return f;
	*ret = d;
	return FAULT_NONE;
}

enum fault deployment_get(struct txn *t, struct span subscription, struct span group, struct span name,
			  struct deployment *ret)
{
	struct place at = deployment_place(subscription, group, name);
	struct span bytes;
	enum fault f = txn_get(t, TABLE_DEPLOYMENT, place_span(&at), &bytes);

	return f == FAULT_NONE ? decode(bytes, ret) : f;
}

enum fault deployment_put(struct txn *t, const struct deployment *d)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(DEPLOYMENT_RECORD_MAX);
	struct place at = deployment_place(d->subscription_id, d->group, d->name);

	record_begin(&b, DEPLOYMENT_VERSION, DEPLOYMENT_VERSION);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct span value;

		memcpy(&value, (const char *)d + texts[i].offset, sizeof(value));
		if (value.len > 0)
			record_put(&b, texts[i].tag, value);
	}
	record_put_int(&b, TAG_STATE, d->state);
	record_put_bool(&b, TAG_COMPLETE, d->is_complete);
	record_put_int(&b, TAG_STARTED, d->started_ms);
	record_put_int(&b, TAG_CHANGED, d->changed_ms);
	return buf_fault(&b) != FAULT_NONE ? buf_fault(&b)
					   : txn_put(t, TABLE_DEPLOYMENT, place_span(&at), buf_span(&b));
}

enum fault deployment_del(struct txn *t, struct span subscription, struct span group, struct span name)
{
	struct place at = deployment_place(subscription, group, name);

	return txn_del(t, TABLE_DEPLOYMENT, place_span(&at));
}

static struct place below(struct span subscription, struct span group)
{
	struct place p;

	place_init(&p);
	place_add(&p, subscription);
	if (group.len > 0)
		place_add(&p, group);
	place_below(&p);
	return p;
}

enum fault deployment_each(struct txn *t, struct span subscription, struct span group,
			   enum fault (*each)(const struct deployment *d, void *arg), void *arg)
{
	struct place prefix = below(subscription, group);
	struct deployment d;
	struct span key, value;
	struct walk w;
	enum fault f = walk_begin(t, TABLE_DEPLOYMENT, place_span(&prefix), SPAN_EMPTY, &w);

	if (f != FAULT_NONE)
		return f;
	while ((f = walk_next(&w, &key, &value)) == FAULT_NONE) {
		f = decode(value, &d);
		if (f == FAULT_NONE)
			f = each(&d, arg);
		if (f != FAULT_NONE)
			break;
	}
	walk_done(&w);
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault deployment_drop_group(struct txn *t, struct span subscription, struct span group)
{
	struct place prefix = below(subscription, group);

	return txn_drop(t, TABLE_DEPLOYMENT, place_span(&prefix));
}
