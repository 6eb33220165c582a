#include "common/model/key_backup.h"

enum { BACKUP_RECORD_VERSION = 1 };

enum backup_tag { BACKUP_SUBSCRIPTION = 1, BACKUP_GEOGRAPHY = 2, BACKUP_HEAD = 3, BACKUP_VERSION = 4 };

static void put_nested(struct buf *out, uint16_t tag, const struct buf *b)
{
	if (b->fault != FAULT_NONE && out->fault == FAULT_NONE)
		out->fault = b->fault;
	record_put(out, tag, buf_span(b));
}

void key_backup_begin(struct buf *out, const struct key_backup *b)
{
	SCOPED_DONE(buf) struct buf head = BUF_INIT(KEY_BACKUP_MAX);

	record_begin(out, BACKUP_RECORD_VERSION, BACKUP_RECORD_VERSION);
	record_put_cstr(out, BACKUP_SUBSCRIPTION, b->subscription_id);
	record_put_cstr(out, BACKUP_GEOGRAPHY, b->geography);
	key_head_encode(&head, &b->head);
	put_nested(out, BACKUP_HEAD, &head);
}

void key_backup_add(struct buf *out, const struct key_version *v)
{
	SCOPED_DONE(buf) struct buf one = BUF_SECRET_INIT(KEY_BACKUP_MAX);

	key_version_encode(&one, v);
	put_nested(out, BACKUP_VERSION, &one);
}

struct seen {
	const struct key_backup *backup;
	size_t n;
	bool has_current;
};

static enum fault look(const struct key_version *v, void *arg)
{
	struct seen *s = arg;

	s->has_current = s->has_current || strcmp(v->version, s->backup->head.current) == 0;
	if (strlen(v->version) != KEY_VERSION_SIZE - 1 || v->sealed.len == 0 || ++s->n > KEY_BACKUP_VERSIONS_MAX)
		return FAULT_STORE;
	return FAULT_NONE;
}

static enum fault take_field(struct key_backup *b, uint16_t tag, struct span v)
{
	switch ((enum backup_tag)tag) {
	case BACKUP_SUBSCRIPTION:
		return record_str(v, b->subscription_id, sizeof(b->subscription_id));
	case BACKUP_GEOGRAPHY:
		return record_str(v, b->geography, sizeof(b->geography));
	case BACKUP_HEAD:
		return key_head_decode(v, &b->head);
	case BACKUP_VERSION:
		break;
	}
	return FAULT_NONE;
}

enum fault key_backup_read(struct span bytes, struct key_backup *ret)
{
	struct key_backup b = { .subscription_id = "" };
	struct seen seen = { &b, 0, false };
	struct record_reader r;
	struct span v;
	uint16_t tag;
	enum fault f = record_open(&r, bytes, BACKUP_RECORD_VERSION);

	while (f == FAULT_NONE && (f = record_next(&r, &tag, &v)) == FAULT_NONE)
		f = take_field(&b, tag, v);
	if (f != FAULT_NOT_FOUND)
		return f;
	f = key_backup_each(bytes, look, &seen);
	if (f != FAULT_NONE)
		return f;
	if (!seen.has_current || b.head.name[0] == '\0')
		return FAULT_STORE;
	*ret = b;
	return FAULT_NONE;
}

enum fault key_backup_each(struct span bytes, enum fault (*each)(const struct key_version *v, void *arg), void *arg)
{
	struct record_reader r;
	struct key_version version;
	struct span v;
	uint16_t tag;
	enum fault f = record_open(&r, bytes, BACKUP_RECORD_VERSION);

	while (f == FAULT_NONE && (f = record_next(&r, &tag, &v)) == FAULT_NONE) {
		if (tag != BACKUP_VERSION)
			continue;
		f = key_version_decode(v, &version);
		if (f == FAULT_NONE)
			f = each(&version, arg);
	}
	return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}
