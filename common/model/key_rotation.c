#include "common/model/key_rotation.h"

enum { ROTATION_RECORD_VERSION = 1, ACTION_RECORD_MAX = 256 };

enum rotation_tag { ROT_ACTION = 1, ROT_EXPIRY = 2, ROT_CREATED = 3, ROT_UPDATED = 4 };
enum action_tag { ACT_ACTION = 1, ACT_TRIGGER = 2, ACT_TIME = 3 };

static void put_action(struct buf *out, const struct key_rotation_action *a)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(ACTION_RECORD_MAX);

	record_begin(&b, ROTATION_RECORD_VERSION, ROTATION_RECORD_VERSION);
	record_put_int(&b, ACT_ACTION, a->action);
	record_put_int(&b, ACT_TRIGGER, a->trigger);
	record_put_cstr(&b, ACT_TIME, a->time);
	record_put(out, ROT_ACTION, buf_span(&b));
}

void key_rotation_encode(struct buf *out, const struct key_rotation *r)
{
	record_begin(out, ROTATION_RECORD_VERSION, ROTATION_RECORD_VERSION);
	for (size_t i = 0; i < r->n_actions; i++)
		put_action(out, &r->actions[i]);
	record_put_cstr(out, ROT_EXPIRY, r->expiry);
	record_put_int(out, ROT_CREATED, r->created_s);
	record_put_int(out, ROT_UPDATED, r->updated_s);
}

static enum fault take_action_field(struct key_rotation_action *a, uint16_t tag, struct span v)
{
	int64_t n = -1;
	enum fault f = FAULT_NONE;

	switch ((enum action_tag)tag) {
	case ACT_ACTION:
		f = record_int(v, &n);
		a->action = n == ROTATION_ROTATE ? ROTATION_ROTATE : ROTATION_NOTIFY;
		return f == FAULT_NONE && n != ROTATION_ROTATE && n != ROTATION_NOTIFY ? FAULT_STORE : f;
	case ACT_TRIGGER:
		f = record_int(v, &n);
		a->trigger = n == ROTATION_AFTER_CREATE ? ROTATION_AFTER_CREATE : ROTATION_BEFORE_EXPIRY;
		return f == FAULT_NONE && n != ROTATION_AFTER_CREATE && n != ROTATION_BEFORE_EXPIRY ? FAULT_STORE : f;
	case ACT_TIME:
		return record_str(v, a->time, sizeof(a->time));
	}
	return FAULT_NONE;
}

static enum fault take_action(struct key_rotation *r, struct span bytes)
{
	struct record_reader reader;
	struct key_rotation_action a = { .trigger = ROTATION_NEVER };
	struct span v;
	uint16_t tag;
	enum fault f = record_open(&reader, bytes, ROTATION_RECORD_VERSION);

	while (f == FAULT_NONE && (f = record_next(&reader, &tag, &v)) == FAULT_NONE)
		f = take_action_field(&a, tag, v);
	if (f != FAULT_NOT_FOUND)
		return f;
	if (r->n_actions == KEY_ROTATION_ACTIONS_MAX || a.trigger == ROTATION_NEVER)
		return FAULT_STORE;
	r->actions[r->n_actions++] = a;
	return FAULT_NONE;
}

enum fault key_rotation_decode(struct span bytes, struct key_rotation *ret)
{
	struct record_reader reader;
	struct key_rotation r = { .is_set = true };
	struct span v;
	uint16_t tag;
	enum fault f = record_open(&reader, bytes, ROTATION_RECORD_VERSION);

	while (f == FAULT_NONE && (f = record_next(&reader, &tag, &v)) == FAULT_NONE) {
		switch ((enum rotation_tag)tag) {
		case ROT_ACTION:
			f = take_action(&r, v);
			break;
		case ROT_EXPIRY:
			f = record_str(v, r.expiry, sizeof(r.expiry));
			break;
		case ROT_CREATED:
			f = record_int(v, &r.created_s);
			break;
		case ROT_UPDATED:
			f = record_int(v, &r.updated_s);
			break;
		}
	}
	if (f != FAULT_NOT_FOUND)
		return f;
	*ret = r;
	return FAULT_NONE;
}

static enum fault add_action(struct rotation_policy *p, const struct key_rotation_action *a, enum rotation_problem *ret)
{
	struct rotation_moment when = { .trigger = a->trigger };
	enum fault f = duration_parse(span_cstr(a->time), &when.time);

	if (f != FAULT_NONE)
		return f;
	*ret = rotation_policy_add(p, a->action, when);
	return *ret == ROTATION_OK ? FAULT_NONE : FAULT_INVALID;
}

enum fault key_rotation_policy(const struct key_rotation *r, struct rotation_policy *ret,
			       enum rotation_problem *ret_problem)
{
	struct rotation_policy p = { .has_expiry = r->expiry[0] != '\0' };
	enum fault f = FAULT_NONE;

	*ret_problem = ROTATION_OK;
	if (p.has_expiry)
		f = duration_parse(span_cstr(r->expiry), &p.expiry);
	for (size_t i = 0; f == FAULT_NONE && i < r->n_actions; i++)
		f = add_action(&p, &r->actions[i], ret_problem);
	if (f != FAULT_NONE)
		return f;
	rotation_policy_add_default_notify(&p);
	*ret_problem = rotation_policy_check(&p);
	if (*ret_problem != ROTATION_OK)
		return FAULT_INVALID;
	*ret = p;
	return FAULT_NONE;
}
