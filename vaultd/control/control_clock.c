#include "vaultd/control/control_op.h"

#include "common/model/world_clock.h"
#include "common/plain/text.h"
#include "vaultd/control/due.h"

/*
 * GET /clock → { now, nowMs, offsetMs, frozen, machine }
 * POST /clock takes one of { advance: "PT1H" }, { set: "2030-01-01T00:00:00Z" }, { freeze: true | false }, { reset:
 * true }, and answers alike once everything that fell due is done.
 */

static void write_clock(struct control_op *op, const struct world_clock *c)
{
	int64_t machine_ms = clock_wall_ms(&op->d->clock), now_ms = world_clock_ms(c, machine_ms);
	char now[RFC3339_SIZE], machine[RFC3339_SIZE];

	rfc3339_format(now, now_ms / 1000);
	rfc3339_format(machine, machine_ms / 1000);
	json_out_object(&op->out, NULL);
	json_out_cstr(&op->out, "now", now);
	json_out_int(&op->out, "nowMs", now_ms);
	json_out_int(&op->out, "offsetMs", now_ms - machine_ms);
	json_out_bool(&op->out, "frozen", c->is_frozen);
	json_out_cstr(&op->out, "machine", machine);
	json_out_object_end(&op->out);
}

static enum fault read_clock(struct control_op *op, struct err *err)
{
	struct world_clock c;
	struct txn *t;
	enum fault f = txn_begin(op->d->world.store, TXN_READ, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = world_clock_get(t, &c);
	txn_abort(t);
	if (f == FAULT_NONE)
		write_clock(op, &c);
	return f;
}

enum fault control_get_clock(struct control_op *op, struct err *err)
{
	return read_clock(op, err);
}

static enum fault advance(struct world_clock *c, int64_t machine_ms, const struct json *v, struct err *err)
{
	struct duration by;

	if (json_type(v) != JSON_STRING || duration_parse(json_string(v), &by) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "\"advance\" must be an ISO 8601 duration such as \"PT1H\" or \"P90D\".");
	return world_clock_advance(c, machine_ms, &by, err);
}

static enum fault set(struct world_clock *c, int64_t machine_ms, const struct json *v, struct err *err)
{
	int64_t to_s;

	if (json_type(v) != JSON_STRING || rfc3339_parse(json_string(v), &to_s) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "\"set\" must be a time such as \"2030-01-01T00:00:00Z\".");
	return world_clock_set(c, machine_ms, to_s * 1000, err);
}

static enum fault freeze(struct world_clock *c, int64_t machine_ms, const struct json *v, struct err *err)
{
	if (json_type(v) != JSON_BOOL)
		return err_say(err, FAULT_INVALID, "BadRequest", "\"freeze\" must be true or false.");
	world_clock_freeze(c, machine_ms, json_bool(v));
	return FAULT_NONE;
}

static enum fault reset(struct world_clock *c, int64_t machine_ms UNUSED, const struct json *v, struct err *err)
{
	if (!json_bool(v))
		return err_say(err, FAULT_INVALID, "BadRequest", "\"reset\" must be true.");
	*c = (struct world_clock){ .offset_ms = 0 };
	return FAULT_NONE;
}

static const char *const names[] = { "advance", "set", "freeze", "reset", NULL };
static enum fault (*const moves[])(struct world_clock *c, int64_t machine_ms, const struct json *v, struct err *err) = {
	advance,
	set,
	freeze,
	reset,
};

static enum fault move(struct control_op *op, const struct json *body, struct err *err)
{
	struct world_clock c;
	struct txn *t;
	size_t i = 0;
	enum fault f;

	/* null is as good as absent. */
	while (i < ARRAY_LEN(moves) && json_type(json_get(body, names[i])) == JSON_NULL)
		i++;
	if (i == ARRAY_LEN(moves) || json_object_len(body) != 1)
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "Say one of \"advance\", \"set\", \"freeze\" and \"reset\", and one alone.");
	f = txn_begin(op->d->world.store, TXN_WRITE, &t, err);
	if (f != FAULT_NONE)
		return f;
	f = world_clock_get(t, &c);
	if (f == FAULT_NONE)
		f = moves[i](&c, clock_wall_ms(&op->d->clock), json_get(body, names[i]), err);
	if (f == FAULT_NONE)
		f = world_clock_put(t, &c);
	if (f == FAULT_NONE)
		return txn_commit(t, err);
	txn_abort(t);
	return f;
}

static void on_due_done(void *arg, enum fault f, const struct err *err)
{
	struct control_op *op = arg;
	struct err why = ERR_INIT;

	if (f == FAULT_NONE)
		f = read_clock(op, &why);
	else
		f = err_say(&why, f, "", "The clock was moved, but not everything that fell due could be done: %s",
			    err->message[0] != '\0' ? err->message : fault_name(f));
	control_answer(op, f, &why);
}

enum fault control_move_clock(struct control_op *op, struct err *err)
{
	const struct json *body;
	enum fault f = control_body(op, names, &body, err);

	if (f == FAULT_NONE)
		f = move(op, body, err);
	if (f != FAULT_NONE)
		return f;
	f = due_start(op->d->due, on_due_done, op);
	op->is_deferred = f == FAULT_NONE;
	return f;
}
