#include "vaultd/arm/arm_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/plain/text.h"

enum { VERSION_DATE_LEN = 10, SECONDS_LEN = 19 };

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

/* Two digits as a number of a month or a day. */
static bool is_between(const char *digits, int low, int high)
{
	int v = (digits[0] - '0') * 10 + digits[1] - '0';

	return v >= low && v <= high;
}

/* "-preview.2" as "-preview". */
static struct span without_number(struct span v)
{
	size_t n = v.len;

	while (n > 0 && v.p[n - 1] >= '0' && v.p[n - 1] <= '9')
		n--;
	return n > 0 && n < v.len && v.p[n - 1] == '.' ? span_first(v, n - 1) : v;
}

bool arm_version_is_valid(struct span v)
{
	static const char pattern[] = "0000-00-00";
	static const char *const endings[] = { "", "-preview", "-privatepreview", "-alpha", "-beta" };

	if (v.len < VERSION_DATE_LEN)
		return false;
	for (size_t i = 0; i < VERSION_DATE_LEN; i++)
		if (pattern[i] == '0' ? v.p[i] < '0' || v.p[i] > '9' : v.p[i] != '-')
			return false;
	if (!is_between(v.p + 5, 1, 12) || !is_between(v.p + 8, 1, 31))
		return false;
	v = without_number(span_from(v, VERSION_DATE_LEN));
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (span_eq_nocase(v, span_cstr(endings[i])))
			return true;
	return false;
}

bool arm_version_before(struct span v, const char *date)
{
	return v.len >= VERSION_DATE_LEN && memcmp(v.p, date, VERSION_DATE_LEN) < 0;
}

bool arm_name_is_plain(struct span name, size_t least, size_t most)
{
	bool is_good = name.len >= least && name.len <= most;

	for (size_t i = 0; is_good && i < name.len; i++) {
		char c = ascii_lower(name.p[i]);
		bool is_alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		is_good = is_alnum || (i > 0 && (c == '-' || c == '_'));
	}
	return is_good;
}

enum fault arm_location_fold(struct span location, char out[LOCATION_SIZE])
{
	size_t n = 0;

	for (size_t i = 0; i < location.len; i++) {
		if (location.p[i] == ' ')
			continue;
		if (!is_alnum(location.p[i]) || n + 1 == LOCATION_SIZE)
			return FAULT_INVALID;
		out[n++] = ascii_lower(location.p[i]);
	}
	out[n] = '\0';
	return n == 0 ? FAULT_INVALID : FAULT_NONE;
}

bool arm_location_eq(struct span a, struct span b)
{
	char fa[LOCATION_SIZE], fb[LOCATION_SIZE];

	if (arm_location_fold(a, fa) != FAULT_NONE || arm_location_fold(b, fb) != FAULT_NONE)
		return false;
	return strcmp(fa, fb) == 0;
}

void arm_time_format(char out[TIME_MS_SIZE], int64_t wall_ms)
{
	int64_t s = wall_ms / 1000;
	unsigned ms = wall_ms < 0 ? 0 : (unsigned)(wall_ms % 1000);
	char seconds[RFC3339_SIZE];
	size_t n = SECONDS_LEN;

	rfc3339_format(seconds, s);
	memcpy(out, seconds, n);
	if (ms > 0) {
		n += (size_t)snprintf(out + n, TIME_MS_SIZE - n, ".%03u", ms);
		while (out[n - 1] == '0')
			n--;
	}
	out[n++] = 'Z';
	out[n] = '\0';
}

enum fault arm_take_text(struct buf *b, char **ret)
{
	char *p;

	if (buf_fault(b) != FAULT_NONE)
		return buf_fault(b);
	p = strdup(buf_cstr(b));
	if (p == NULL)
		return FAULT_MEMORY;
	*ret = p;
	return FAULT_NONE;
}
