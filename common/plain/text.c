#include "common/plain/text.h"

static const char alphabet_plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* base64 */

static void encode_64(struct buf *out, struct span bytes, const char *alphabet, bool is_padded)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t tail = bytes.len % 3;
	size_t len = bytes.len / 3 * 4;

	if (tail > 0)
		len += is_padded ? 4 : tail + 1;
	char *o = buf_reserve(out, len);
	if (o == NULL)
		return;
	size_t i = 0;
	for (; i + 3 <= bytes.len; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];

		*o++ = alphabet[v >> 18];
		*o++ = alphabet[v >> 12 & 63];
		*o++ = alphabet[v >> 6 & 63];
		*o++ = alphabet[v & 63];
	}
	if (tail == 0)
		return;
	uint32_t v = (uint32_t)p[i] << 16 | (tail == 2 ? (uint32_t)p[i + 1] << 8 : 0);
	*o++ = alphabet[v >> 18];
	*o++ = alphabet[v >> 12 & 63];
	if (tail == 2)
		*o++ = alphabet[v >> 6 & 63];
	if (is_padded)
		memset(o, '=', 3 - tail);
}

enum { NO_DIGIT = 64 };

static void digits_64(const char *alphabet, uint8_t out[256])
{
	memset(out, NO_DIGIT, 256);
	for (uint8_t i = 0; i < 64; i++)
		out[(unsigned char)alphabet[i]] = i;
}

/* All is looked at first, so that nothing is appended in vain. */
static bool all_are_digits(struct span text, const uint8_t digits[256])
{
	uint8_t seen = 0;

	for (size_t i = 0; i < text.len; i++)
		seen |= digits[(unsigned char)text.p[i]];
	return (seen & NO_DIGIT) == 0;
}

/* text without its padding. */
static enum fault decode_64(struct buf *out, struct span text, const char *alphabet)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t tail = text.len % 4, i = 0;
	uint8_t d[256];

	digits_64(alphabet, d);
	if (tail == 1 || !all_are_digits(text, d))
		return FAULT_INVALID;
	unsigned char *o = buf_reserve(out, text.len / 4 * 3 + (tail == 0 ? 0 : tail - 1));
	if (o == NULL)
		return buf_fault(out);
	for (; i + 4 <= text.len; i += 4) {
		uint32_t v = (uint32_t)d[p[i]] << 18 | (uint32_t)d[p[i + 1]] << 12 | (uint32_t)d[p[i + 2]] << 6 |
			     d[p[i + 3]];

		*o++ = (unsigned char)(v >> 16);
		*o++ = (unsigned char)(v >> 8 & 0xff);
		*o++ = (unsigned char)(v & 0xff);
	}
	if (tail >= 2)
		*o++ = (unsigned char)((d[p[i]] << 2 | d[p[i + 1]] >> 4) & 0xff);
	if (tail == 3)
		*o++ = (unsigned char)((d[p[i + 1]] << 4 | d[p[i + 2]] >> 2) & 0xff);
	return FAULT_NONE;
}

void base64url_encode(struct buf *out, struct span bytes)
{
	encode_64(out, bytes, alphabet_url, false);
}

enum fault base64url_decode(struct buf *out, struct span text)
{
	return decode_64(out, text, alphabet_url);
}

void base64_encode(struct buf *out, struct span bytes)
{
	encode_64(out, bytes, alphabet_plain, true);
}

enum fault base64_decode(struct buf *out, struct span text)
{
	if (text.len % 4 != 0)
		return FAULT_INVALID;
	for (int i = 0; i < 2 && text.len > 0 && text.p[text.len - 1] == '='; i++)
		text.len--;
	return decode_64(out, text, alphabet_plain);
}

/* hex */

static int digit_16(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void hex_encode(char *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.p[i];

		*out++ = hex_lower[c >> 4];
		*out++ = hex_lower[c & 15];
	}
	*out = '\0';
}

enum fault hex_decode(void *out, size_t n, struct span text)
{
	unsigned char *o = out;

	if (text.len % 2 != 0 || text.len / 2 != n)
		return FAULT_INVALID;
	for (size_t i = 0; i < text.len; i++) {
		if (digit_16(text.p[i]) < 0)
			return FAULT_INVALID;
	}
	for (size_t i = 0; i < n; i++)
		o[i] = (unsigned char)(digit_16(text.p[2 * i]) << 4 | digit_16(text.p[2 * i + 1]));
	return FAULT_NONE;
}

/* UUID */

static bool is_uuid_dash_at(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

enum fault uuid_new(const struct rng *rng, char out[UUID_SIZE])
{
	unsigned char bytes[16];
	char digits[2 * sizeof(bytes) + 1];
	size_t at = 0;
	enum fault f = rng_fill(rng, bytes, sizeof(bytes));

	if (f != FAULT_NONE)
		return f;
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* version 4 */
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* the RFC's variant */
	hex_encode(digits, span_of(bytes, sizeof(bytes)));
	for (size_t i = 0; i < UUID_LEN; i++)
		out[i] = is_uuid_dash_at(i) ? '-' : digits[at++];
	out[UUID_LEN] = '\0';
	return FAULT_NONE;
}

bool uuid_is_valid(struct span text)
{
	if (text.len != UUID_LEN)
		return false;
	for (size_t i = 0; i < UUID_LEN; i++) {
		if (is_uuid_dash_at(i) ? text.p[i] != '-' : digit_16(text.p[i]) < 0)
			return false;
	}
	return true;
}

/* Times: the Gregorian calendar counted by hand, because libc's functions look at the machine's time zone. */

enum { YEAR_MIN = 1970, YEAR_MAX = 9999, DAY_S = 86400 };

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* From 1 January of year 1 to 1 January of year. */
static int64_t days_before(int64_t year)
{
	int64_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400;
}

static int64_t days_since_epoch(int64_t year)
{
	return days_before(year) - days_before(YEAR_MIN);
}

static char *put_digits(char *o, int64_t v, int n)
{
	for (int i = n - 1; i >= 0; i--) {
		o[i] = (char)('0' + v % 10);
		v /= 10;
	}
	return o + n;
}

/* Years outside 1970 … 9999 do not fit the form: the nearest time that does is written. */
static void time_format(char out[RFC3339_SIZE], int64_t wall_s, char between)
{
	int64_t end_s = days_since_epoch(YEAR_MAX + 1) * DAY_S;
	int64_t s = wall_s < 0 ? 0 : wall_s >= end_s ? end_s - 1 : wall_s;
	int64_t day = s / DAY_S;
	int64_t year = YEAR_MIN + day / 366; /* a few too early at worst */
	int month = 1;
	char *o = out;

	while (days_since_epoch(year + 1) <= day)
		year++;
	day -= days_since_epoch(year);
	while (day >= days_in_month(year, month))
		day -= days_in_month(year, month++);
	s %= DAY_S;

	o = put_digits(o, year, 4);
	*o++ = '-';
	o = put_digits(o, month, 2);
	*o++ = '-';
	o = put_digits(o, day + 1, 2);
	*o++ = between;
	o = put_digits(o, s / 3600, 2);
	*o++ = ':';
	o = put_digits(o, s / 60 % 60, 2);
	*o++ = ':';
	o = put_digits(o, s % 60, 2);
	*o++ = 'Z';
	*o = '\0';
}

void rfc3339_format(char out[RFC3339_SIZE], int64_t wall_s)
{
	time_format(out, wall_s, 'T');
}

void entra_time_format(char out[RFC3339_SIZE], int64_t wall_s)
{
	time_format(out, wall_s, ' ');
}

/* "YYYY-MM-DDThh:mm:ss" against its pattern; the six numbers in order. */
static bool read_time_fields(struct span text, int fields[6])
{
	static const char pattern[] = "0000-00-00T00:00:00";
	size_t at = 0;

	memset(fields, 0, 6 * sizeof(fields[0]));
	for (size_t i = 0; i < sizeof(pattern) - 1; i++) {
		if (pattern[i] == '0') {
			if (!is_digit(text.p[i]))
				return false;
			fields[at] = fields[at] * 10 + (text.p[i] - '0');
		} else {
			if (text.p[i] != pattern[i])
				return false;
			at++;
		}
	}
	return true;
}

/* What follows the seconds: "Z" or ".digitsZ". */
static bool is_time_tail(struct span s)
{
	if (span_eq_cstr(s, "Z"))
		return true;
	if (s.len < 3 || s.p[0] != '.' || s.p[s.len - 1] != 'Z')
		return false;
	for (size_t i = 1; i < s.len - 1; i++) {
		if (!is_digit(s.p[i]))
			return false;
	}
	return true;
}

enum fault rfc3339_parse(struct span text, int64_t *ret_s)
{
	enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, FIELDS };
	int t[FIELDS];
	const size_t seconds_end = sizeof("YYYY-MM-DDThh:mm:ss") - 1;

	if (text.len <= seconds_end || !read_time_fields(text, t) || !is_time_tail(span_from(text, seconds_end)))
		return FAULT_INVALID;
	if (t[YEAR] < YEAR_MIN || t[MONTH] < 1 || t[MONTH] > 12)
		return FAULT_INVALID;
	if (t[DAY] < 1 || t[DAY] > days_in_month(t[YEAR], t[MONTH]))
		return FAULT_INVALID;
	if (t[HOUR] > 23 || t[MINUTE] > 59 || t[SECOND] > 59)
		return FAULT_INVALID;

	int64_t days = days_since_epoch(t[YEAR]) + t[DAY] - 1;
	for (int m = 1; m < t[MONTH]; m++)
		days += days_in_month(t[YEAR], m);
	*ret_s = days * DAY_S + t[HOUR] * 3600 + t[MINUTE] * 60 + t[SECOND];
	return FAULT_NONE;
}

/* Integers */

enum fault int_parse(struct span text, int64_t *ret)
{
	bool is_negative = text.len > 0 && text.p[0] == '-';
	struct span digits = is_negative ? span_from(text, 1) : text;
	int64_t v = 0;

	if (digits.len == 0)
		return FAULT_INVALID;
	/* Counted downwards, because there is one negative number more. */
	for (size_t i = 0; i < digits.len; i++) {
		if (!is_digit(digits.p[i]))
			return FAULT_INVALID;
		if (__builtin_mul_overflow(v, (int64_t)10, &v) ||
		    __builtin_sub_overflow(v, (int64_t)(digits.p[i] - '0'), &v))
			return FAULT_INVALID;
	}
	if (!is_negative && __builtin_sub_overflow((int64_t)0, v, &v))
		return FAULT_INVALID;
	*ret = v;
	return FAULT_NONE;
}

/* Percent escapes */

void percent_decode(struct buf *out, struct span text, bool is_query)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '%' && text.len - i > 2 && digit_16(text.p[i + 1]) >= 0 && digit_16(text.p[i + 2]) >= 0) {
			buf_put_u8(out, (uint8_t)(digit_16(text.p[i + 1]) << 4 | digit_16(text.p[i + 2])));
			i += 2;
		} else {
			buf_put_char(out, c == '+' && is_query ? ' ' : c);
		}
	}
}

void percent_encode(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		unsigned char u = (unsigned char)c;

		if (is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
			buf_put_char(out, c);
		} else {
			buf_put_char(out, '%');
			buf_put_char(out, hex_upper[u >> 4]);
			buf_put_char(out, hex_upper[u & 15]);
		}
	}
}

/* ASCII case */

char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

void ascii_lower_str(char *s)
{
	for (; *s != '\0'; s++)
		*s = ascii_lower(*s);
}
