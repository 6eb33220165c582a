#include "vaultd/template/date_text.h"

#include <stdio.h>

#include "common/plain/text.h"

enum { DAY_S = 86400, DAY_MS = 86400 * 1000, FRACTION_DIGITS = 7 };

struct moment {
	int year, month, day, hour, minute, second, millisecond, weekday; /* Sunday is 0 */
};

static const char *const month_names[] = { "January", "February", "March",     "April",	  "May",      "June",
					   "July",    "August",	  "September", "October", "November", "December" };
static const char *const day_names[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };

static int number_at(const char *text, size_t at, size_t n)
{
	int v = 0;

	for (size_t i = at; i < at + n; i++)
		v = v * 10 + (text[i] - '0');
	return v;
}

static struct moment moment_of(int64_t wall_ms)
{
	int64_t ms = wall_ms < 0 ? 0 : wall_ms;
	char t[RFC3339_SIZE];

	rfc3339_format(t, ms / 1000);
	return (struct moment){
		.year = number_at(t, 0, 4),
		.month = number_at(t, 5, 2),
		.day = number_at(t, 8, 2),
		.hour = number_at(t, 11, 2),
		.minute = number_at(t, 14, 2),
		.second = number_at(t, 17, 2),
		.millisecond = (int)(ms % 1000),
		.weekday = (int)((ms / DAY_MS + 4) % 7), /* 1970 began on a Thursday */
	};
}

static const struct standard {
	char letter;
	const char *format;
} standards[] = {
	{ 'd', "M/d/yyyy" },
	{ 'D', "dddd, MMMM d, yyyy" },
	{ 'f', "dddd, MMMM d, yyyy h:mm tt" },
	{ 'F', "dddd, MMMM d, yyyy h:mm:ss tt" },
	{ 'g', "M/d/yyyy h:mm tt" },
	{ 'G', "M/d/yyyy h:mm:ss tt" },
	{ 'm', "MMMM d" },
	{ 'M', "MMMM d" },
	{ 'o', "yyyy-MM-ddTHH:mm:ss.fffffffK" },
	{ 'O', "yyyy-MM-ddTHH:mm:ss.fffffffK" },
	{ 'r', "ddd, dd MMM yyyy HH:mm:ss 'GMT'" },
	{ 'R', "ddd, dd MMM yyyy HH:mm:ss 'GMT'" },
	{ 's', "yyyy-MM-ddTHH:mm:ss" },
	{ 't', "h:mm tt" },
	{ 'T', "h:mm:ss tt" },
	{ 'u', "yyyy-MM-dd HH:mm:ssZ" },
	{ 'y', "MMMM yyyy" },
	{ 'Y', "MMMM yyyy" },
};

static void put_number(struct buf *out, int v, size_t width)
{
	buf_printf(out, "%0*d", (int)width, v);
}

/* "ddd" and "MMM" are names cut to three letters. */
static void put_name(struct buf *out, const char *name, size_t n)
{
	buf_put(out, name, n == 3 ? 3 : strlen(name));
}

static void put_fraction(struct buf *out, int millisecond, size_t n)
{
	char digits[16];

	snprintf(digits, sizeof(digits), "%03u0000", (unsigned)millisecond % 1000);
	buf_put(out, digits, n < FRACTION_DIGITS ? n : FRACTION_DIGITS);
}

/* n times the same letter; false when it has no meaning. */
static bool put_field(struct buf *out, const struct moment *m, char letter, size_t n)
{
	switch (letter) {
	case 'y':
		put_number(out, n < 3 ? m->year % 100 : m->year, n);
		return true;
	case 'M':
		if (n > 2)
			put_name(out, month_names[m->month - 1], n);
		else
			put_number(out, m->month, n);
		return true;
	case 'd':
		if (n > 2)
			put_name(out, day_names[m->weekday], n);
		else
			put_number(out, m->day, n);
		return true;
	case 'H':
		put_number(out, m->hour, n < 2 ? n : 2);
		return true;
	case 'h':
		put_number(out, (m->hour + 11) % 12 + 1, n < 2 ? n : 2);
		return true;
	case 'm':
		put_number(out, m->minute, n < 2 ? n : 2);
		return true;
	case 's':
		put_number(out, m->second, n < 2 ? n : 2);
		return true;
	case 'f':
		put_fraction(out, m->millisecond, n);
		return n <= FRACTION_DIGITS;
	case 't':
		buf_put(out, m->hour < 12 ? "AM" : "PM", n < 2 ? 1 : 2);
		return true;
	case 'K':
		buf_put_char(out, 'Z');
		return true;
	case 'z':
		buf_put_cstr(out, n < 2 ? "+0" : n == 2 ? "+00" : "+00:00");
		return true;
	case 'F':
	case 'g':
		return false;
	default:
		for (; n > 0; n--)
			buf_put_char(out, letter);
		return true;
	}
}

/* From the mark on: what stands up to its other one as it is; the bytes used, 0 when it does not end. */
static size_t put_quoted(struct buf *out, struct span rest)
{
	const char *end = rest.len < 2 ? NULL : memchr(rest.p + 1, rest.p[0], rest.len - 1);

	if (end == NULL)
		return 0;
	buf_put(out, rest.p + 1, (size_t)(end - rest.p) - 1);
	return (size_t)(end - rest.p) + 1;
}

static enum fault put_custom(struct buf *out, const struct moment *m, struct span format)
{
	while (format.len > 0 && out->fault == FAULT_NONE) {
		char letter = format.p[0];
		size_t n = 1;

		if (letter == '\'' || letter == '"') {
			n = put_quoted(out, format);
		} else if (letter == '\\' && format.len > 1) {
			buf_put_char(out, format.p[1]);
			n = 2;
		} else if (letter != '%') {
			while (n < format.len && format.p[n] == letter)
				n++;
			if (n > 16 || !put_field(out, m, letter, n))
				return FAULT_INVALID;
		}
		if (n == 0)
			return FAULT_INVALID;
		format = span_from(format, n);
	}
	return buf_fault(out);
}

enum fault date_format(struct buf *out, int64_t wall_ms, struct span format)
{
	struct moment m = moment_of(wall_ms);

	if (format.len != 1)
		return put_custom(out, &m, format);
	for (size_t i = 0; i < ARRAY_LEN(standards); i++) {
		if (standards[i].letter == format.p[0])
			return put_custom(out, &m, span_cstr(standards[i].format));
	}
	return FAULT_INVALID;
}

/* Whether text begins as the pattern says: 0 stands for any digit. */
static bool has_shape(struct span text, const char *pattern)
{
	size_t n = strlen(pattern);

	if (text.len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		bool is_digit = text.p[i] >= '0' && text.p[i] <= '9';

		if (pattern[i] == '0' ? !is_digit : text.p[i] != pattern[i])
			return false;
	}
	return true;
}

/* "Z", "+02:00", nothing; a fraction in front is left out. */
static enum fault parse_tail(struct span tail, int64_t *ret_offset_s)
{
	if (tail.len > 1 && tail.p[0] == '.') {
		tail = span_from(tail, 1);
		while (tail.len > 0 && tail.p[0] >= '0' && tail.p[0] <= '9')
			tail = span_of(tail.p + 1, tail.len - 1);
	}
	*ret_offset_s = 0;
	if (tail.len == 0 || span_eq_cstr(tail, "Z"))
		return FAULT_NONE;
	if (tail.len != 6 || (tail.p[0] != '+' && tail.p[0] != '-') || !has_shape(span_from(tail, 1), "00:00"))
		return FAULT_INVALID;
	*ret_offset_s = (number_at(tail.p, 1, 2) * 60 + number_at(tail.p, 4, 2)) * 60;
	if (tail.p[0] == '-')
		*ret_offset_s = -*ret_offset_s;
	return FAULT_NONE;
}

enum fault date_parse(struct span text, int64_t *ret_s, const char **ret_format)
{
	static const struct {
		const char *pattern, *format;
		size_t at[6]; /* where year, month, … stand */
		size_t n;
	} shapes[] = {
		{ "0000-00-00T00:00:00", "yyyy-MM-ddTHH:mm:ssZ", { 0, 5, 8, 11, 14, 17 }, 6 },
		{ "0000-00-00 00:00:00", "u", { 0, 5, 8, 11, 14, 17 }, 6 },
		{ "00000000T000000", "yyyyMMddTHHmmssZ", { 0, 4, 6, 9, 11, 13 }, 6 },
		{ "0000-00-00", "yyyy-MM-dd", { 0, 5, 8, 0, 0, 0 }, 3 },
	};

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		int v[6] = { 0 };
		char strict[128];
		int64_t s, offset_s;

		if (!has_shape(text, shapes[i].pattern) ||
		    parse_tail(span_from(text, strlen(shapes[i].pattern)), &offset_s) != FAULT_NONE)
			continue;
		for (size_t j = 0; j < shapes[i].n; j++)
			v[j] = number_at(text.p, shapes[i].at[j], j == 0 ? 4 : 2);
		snprintf(strict, sizeof(strict), "%04d-%02d-%02dT%02d:%02d:%02dZ", v[0], v[1], v[2], v[3], v[4], v[5]);
		if (rfc3339_parse(span_cstr(strict), &s) != FAULT_NONE)
			return FAULT_INVALID;
		*ret_s = s - offset_s;
		*ret_format = shapes[i].format;
		return FAULT_NONE;
	}
	return FAULT_INVALID;
}
