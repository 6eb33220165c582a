#include "common/model/world_clock.h"

#include "common/io/record.h"
#include "common/model/tables.h"
#include "common/plain/text.h"

#define CLOCK_KEY SPAN_LIT("clock")

enum { CLOCK_VERSION = 1, CLOCK_RECORD_MAX = 256 };
enum { TAG_OFFSET_MS = 1, TAG_IS_FROZEN = 2, TAG_FROZEN_MS = 3 };

static enum fault set_field(struct world_clock *c, uint16_t tag, struct span value)
{
	switch (tag) {
	case TAG_OFFSET_MS:
		return record_int(value, &c->offset_ms);
	case TAG_IS_FROZEN:
		return record_bool(value, &c->is_frozen);
	case TAG_FROZEN_MS:
		return record_int(value, &c->frozen_ms);
	default:
		return FAULT_NONE;
	}
}

enum fault world_clock_get(struct txn *t, struct world_clock *ret)
{
	struct world_clock c = { 0 };
	struct record_reader r;
	struct span record, value;
	uint16_t tag;
	enum fault f = txn_get(t, TABLE_META, CLOCK_KEY, &record);

	if (f == FAULT_NONE) {
		f = record_open(&r, record, CLOCK_VERSION);
		while (f == FAULT_NONE && (f = record_next(&r, &tag, &value)) == FAULT_NONE)
			f = set_field(&c, tag, value);
	}
	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	*ret = c;
	return FAULT_NONE;
}

enum fault world_clock_put(struct txn *t, const struct world_clock *c)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(CLOCK_RECORD_MAX);

	record_begin(&b, CLOCK_VERSION, CLOCK_VERSION);
	record_put_int(&b, TAG_OFFSET_MS, c->offset_ms);
	record_put_bool(&b, TAG_IS_FROZEN, c->is_frozen);
	record_put_int(&b, TAG_FROZEN_MS, c->frozen_ms);
	return buf_fault(&b) != FAULT_NONE ? b.fault : txn_put(t, TABLE_META, CLOCK_KEY, buf_span(&b));
}

int64_t world_clock_ms(const struct world_clock *c, int64_t machine_ms)
{
	return c->is_frozen ? c->frozen_ms : machine_ms + c->offset_ms;
}

static void move_to(struct world_clock *c, int64_t machine_ms, int64_t to_ms)
{
	if (c->is_frozen)
		c->frozen_ms = to_ms;
	else
		c->offset_ms = to_ms - machine_ms;
}

enum fault world_clock_advance(struct world_clock *c, int64_t machine_ms, const struct duration *by, struct err *err)
{
	int64_t now_ms = world_clock_ms(c, machine_ms);
	int64_t to_s = duration_after(now_ms / 1000, by);

	/* Moved times stop at the calendar's last second. */
	if (to_s >= DURATION_TIME_MAX_S)
		return err_say(err, FAULT_INVALID, "", "The clock cannot go beyond the year 9999.");
	move_to(c, machine_ms, to_s * 1000 + now_ms % 1000);
	return FAULT_NONE;
}

enum fault world_clock_set(struct world_clock *c, int64_t machine_ms, int64_t to_ms, struct err *err)
{
	int64_t now_ms = world_clock_ms(c, machine_ms);
	char now[RFC3339_SIZE];

	rfc3339_format(now, now_ms / 1000);
	/* Clients name whole seconds: the one that runs is not the past. */
	if (to_ms < now_ms && to_ms / 1000 == now_ms / 1000)
		to_ms = now_ms;
	if (to_ms < now_ms)
		return err_say(
			err, FAULT_INVALID, "",
			"The clock only goes forward: it says %s already. A reset returns it to the machine's time.",
			now);
	if (to_ms / 1000 >= DURATION_TIME_MAX_S)
		return err_say(err, FAULT_INVALID, "", "The clock cannot go beyond the year 9999.");
	move_to(c, machine_ms, to_ms);
	return FAULT_NONE;
}

void world_clock_freeze(struct world_clock *c, int64_t machine_ms, bool is_frozen)
{
	int64_t now_ms = world_clock_ms(c, machine_ms);

	c->is_frozen = is_frozen;
	c->frozen_ms = 0;
	move_to(c, machine_ms, now_ms);
}

enum fault world_now_ms(struct txn *t, const struct clock *machine, int64_t *ret)
{
	struct world_clock c;
	enum fault f = world_clock_get(t, &c);

	if (f == FAULT_NONE)
		*ret = world_clock_ms(&c, clock_wall_ms(machine));
	return f;
}

enum fault world_now_read(const struct world *w, const struct clock *machine, int64_t *ret, struct err *err)
{
	struct txn *t;
	enum fault f = txn_begin(w->store, TXN_READ, &t, err);

	if (f != FAULT_NONE)
		return f;
	f = world_now_ms(t, machine, ret);
	txn_abort(t);
	return f;
}

int64_t world_now_or_wall_ms(const struct world *w, const struct clock *machine)
{
	int64_t now_ms;

	return world_now_read(w, machine, &now_ms, NULL) == FAULT_NONE ? now_ms : clock_wall_ms(machine);
}
