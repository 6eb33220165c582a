#include "vaultd/template/fn.h"

#include <inttypes.h>

#include "common/plain/duration.h"
#include "vaultd/template/date_text.h"

enum { DATE_MAX = 1024 };

#define UTC_NOW_FORMAT "yyyyMMddTHHmmssZ"
#define EPOCH_FORMAT "yyyy-MM-ddTHH:mm:ssZ"

static enum fault give_date(struct call *c, int64_t wall_ms, struct span format, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(DATE_MAX);

	if (date_format(&out, wall_ms, format) != FAULT_NONE)
		return call_refuse(c, "the format '%.*s' is not valid for a date and time",
				   SPAN_ARG(span_first(format, 100)));
	return call_give_buf(c, &out, ret);
}

/* Different at each deployment, so only where a parameter can keep it. */
static enum fault fn_utc_now(struct call *c, const struct tv **ret)
{
	struct span format = SPAN_LIT(UTC_NOW_FORMAT);
	enum fault f = c->n == 0 ? FAULT_NONE : call_text(c, 0, &format);

	if (f != FAULT_NONE)
		return f;
	if (!c->env->is_default_value)
		return call_misplaced(c);
	return give_date(c, c->env->facts->now_ms, format, ret);
}

static enum fault take_date(struct call *c, int64_t *ret_s, const char **ret_format)
{
	struct span text;
	enum fault f = call_text(c, 0, &text);

	if (f != FAULT_NONE)
		return f;
	if (date_parse(text, ret_s, ret_format) != FAULT_NONE)
		return call_refuse(c, "the value '%.*s' is no date and time", SPAN_ARG(span_first(text, 100)));
	return FAULT_NONE;
}

/* (base, "[-]P…"[, format]) */
static enum fault fn_date_time_add(struct call *c, const struct tv **ret)
{
	struct span text, format;
	struct duration d;
	const char *base_format = NULL;
	bool is_back;
	int64_t s = 0;
	enum fault f = take_date(c, &s, &base_format);

	if (f == FAULT_NONE)
		f = call_text(c, 1, &text);
	format = span_cstr(base_format);
	if (f == FAULT_NONE && c->n == 3)
		f = call_text(c, 2, &format);
	if (f != FAULT_NONE)
		return f;
	is_back = text.len > 0 && text.p[0] == '-';
	if (text.len > 0 && (is_back || text.p[0] == '+'))
		text = span_from(text, 1);
	if (duration_parse(text, &d) != FAULT_NONE)
		return call_refuse(c, "the value '%.*s' is no duration", SPAN_ARG(span_first(text, 100)));
	s = is_back ? duration_before(s, &d) : duration_after(s, &d);
	return give_date(c, s * 1000, format, ret);
}

static enum fault fn_from_epoch(struct call *c, const struct tv **ret)
{
	int64_t s;
	enum fault f = call_int(c, 0, &s);

	if (f != FAULT_NONE)
		return f;
	if (s < DURATION_TIME_MIN_S || s > DURATION_TIME_MAX_S)
		return call_refuse(c, "the time '%" PRId64 "' is not between 1970 and 9999", s);
	return give_date(c, s * 1000, SPAN_LIT(EPOCH_FORMAT), ret);
}

static enum fault fn_to_epoch(struct call *c, const struct tv **ret)
{
	const char *format;
	int64_t s = 0;
	enum fault f = take_date(c, &s, &format);

	return f == FAULT_NONE ? call_give(c, tv_int(c->pool, s), ret) : f;
}

static const struct fn rows[] = {
	{ "utcNow", 0, 1, fn_utc_now, NULL, ARITY_COUNT },
	{ "dateTimeAdd", 2, 3, fn_date_time_add, NULL, ARITY_COUNT },
	{ "dateTimeFromEpoch", 1, 1, fn_from_epoch, NULL, ARITY_COUNT },
	{ "dateTimeToEpoch", 1, 1, fn_to_epoch, NULL, ARITY_COUNT },
};

const struct fn_table fn_dates = { rows, ARRAY_LEN(rows) };
