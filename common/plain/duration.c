#include "common/plain/duration.h"

#include <stdio.h>

#include "common/plain/text.h"

enum { DIGITS_MAX = 9, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400, WEEK_DAYS = 7, MONTHS = 12 };

/* One "90D" off the front: its number and its letter. */
static bool cut_part(struct span *s, int64_t *n, char *unit)
{
	size_t digits = 0;

	*n = 0;
	for (; digits < s->len && s->p[digits] >= '0' && s->p[digits] <= '9'; digits++) {
		if (digits == DIGITS_MAX)
			return false;
		*n = *n * 10 + (s->p[digits] - '0');
	}
	if (digits == 0 || digits == s->len)
		return false;
	*unit = s->p[digits];
	*s = span_from(*s, digits + 1);
	return true;
}

static void add_part(struct duration *d, char unit, bool is_time, int64_t n)
{
	switch (unit) {
	case 'Y':
		d->years = n;
		break;
	case 'M':
		if (is_time)
			d->seconds += n * MINUTE_S;
		else
			d->months = n;
		break;
	case 'W':
		d->days = n * WEEK_DAYS;
		break;
	case 'D':
		d->days = n;
		break;
	case 'H':
		d->seconds += n * HOUR_S;
		break;
	default:
		d->seconds += n;
		break;
	}
}

/* The parts of one half, each at most once and in the order of units; an empty half has none. */
static bool read_half(struct span s, const char *units, bool is_time, struct duration *d)
{
	while (s.len > 0) {
		int64_t n;
		char unit;
		const char *at;

		if (!cut_part(&s, &n, &unit) || unit == '\0')
			return false;
		at = strchr(units, unit);
		if (at == NULL)
			return false;
		units = at + 1;
		add_part(d, unit, is_time, n);
	}
	return true;
}

enum fault duration_parse(struct span text, struct duration *ret)
{
	struct duration d = { 0, 0, 0, 0 };
	struct span date, time;

	if (text.len < 2 || text.p[0] != 'P')
		return FAULT_INVALID;
	time = span_cut(span_from(text, 1), 'T', &date);
	if (time.p == NULL ? date.len == 0 : time.len == 0)
		return FAULT_INVALID;
	/* Weeks stand alone. */
	if (!read_half(date, memchr(date.p, 'W', date.len) == NULL ? "YMD" : "W", false, &d) ||
	    !read_half(time, "HMS", true, &d))
		return FAULT_INVALID;
	*ret = d;
	return FAULT_NONE;
}

static int64_t clamp(int64_t wall_s)
{
	if (wall_s < DURATION_TIME_MIN_S)
		return DURATION_TIME_MIN_S;
	return wall_s > DURATION_TIME_MAX_S ? DURATION_TIME_MAX_S : wall_s;
}

/* The same day and time of another month. The calendar is text's: a day that the month lacks is refused there. */
static int64_t move_months(int64_t wall_s, int64_t months)
{
	enum { YEAR_AT = 0, MONTH_AT = 5, DAY_AT = 8, CLOCK_AT = 10 };
	char t[RFC3339_SIZE], moved[64];
	int64_t year = 0, month = 0, day = 0, ret_s;

	rfc3339_format(t, wall_s);
	if (int_parse(span_of(t + YEAR_AT, 4), &year) != FAULT_NONE ||
	    int_parse(span_of(t + MONTH_AT, 2), &month) != FAULT_NONE ||
	    int_parse(span_of(t + DAY_AT, 2), &day) != FAULT_NONE)
		return wall_s;
	months += year * MONTHS + month - 1;
	if (months < 0 || months / MONTHS < 1970)
		return DURATION_TIME_MIN_S;
	if (months / MONTHS > 9999)
		return DURATION_TIME_MAX_S;
	for (; day > 0; day--) {
		snprintf(moved, sizeof(moved), "%04d-%02d-%02d%s", (int)(months / MONTHS), (int)(months % MONTHS) + 1,
			 (int)day, t + CLOCK_AT);
		if (rfc3339_parse(span_cstr(moved), &ret_s) == FAULT_NONE)
			return ret_s;
	}
	return wall_s;
}

static int64_t move(int64_t wall_s, const struct duration *d, int sign)
{
	int64_t months = d->years * MONTHS + d->months;
	int64_t s = clamp(wall_s);

	if (months != 0)
		s = move_months(s, sign * months);
	return clamp(s + sign * (d->days * DAY_S + d->seconds));
}

int64_t duration_after(int64_t wall_s, const struct duration *d)
{
	return move(wall_s, d, 1);
}

int64_t duration_before(int64_t wall_s, const struct duration *d)
{
	return move(wall_s, d, -1);
}
