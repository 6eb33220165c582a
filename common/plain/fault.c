#include "common/plain/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void copy_code(char out[ERR_CODE_MAX], const char *s)
{
	snprintf(out, ERR_CODE_MAX, "%s", s == NULL ? "" : s);
}

/* A message is put into JSON later, so a cut must not leave half a UTF-8 character. */
static void drop_partial_char(char *s)
{
	size_t len = strlen(s);
	size_t start = len;

	while (start > 0 && ((unsigned char)s[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0)
		return;
	unsigned char lead = (unsigned char)s[start - 1];
	size_t want = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
	if (len - start < want)
		s[start - 1] = '\0';
}

static void fill(struct err *err, enum fault f, const char *code, const char *inner, const char *fmt, va_list args)
	__attribute__((format(printf, 5, 0)));

static void fill(struct err *err, enum fault f, const char *code, const char *inner, const char *fmt, va_list args)
{
	/* Put together aside: the arguments may be parts of err itself. */
	struct err said = ERR_INIT;

	said.fault = f;
	copy_code(said.code, code);
	copy_code(said.inner, inner);
	if (fmt != NULL) {
		int n = vsnprintf(said.message, sizeof(said.message), fmt, args);

		if (n < 0)
			said.message[0] = '\0';
		else if ((size_t)n >= sizeof(said.message))
			drop_partial_char(said.message);
	}
	*err = said;
}

enum fault err_say(struct err *err, enum fault f, const char *code, const char *fmt, ...)
{
	va_list args;

	if (err == NULL)
		return f;
	va_start(args, fmt);
	fill(err, f, code, NULL, fmt, args);
	va_end(args);
	return f;
}

enum fault err_say_inner(struct err *err, enum fault f, const char *code, const char *inner, const char *fmt, ...)
{
	va_list args;

	if (err == NULL)
		return f;
	va_start(args, fmt);
	fill(err, f, code, inner, fmt, args);
	va_end(args);
	return f;
}

const char *fault_name(enum fault f)
{
	switch (f) {
	case FAULT_NONE:
		return "none";
	case FAULT_INVALID:
		return "invalid";
	case FAULT_UNAUTHENTICATED:
		return "unauthenticated";
	case FAULT_DENIED:
		return "denied";
	case FAULT_NOT_FOUND:
		return "not-found";
	case FAULT_CONFLICT:
		return "conflict";
	case FAULT_PRECONDITION:
		return "precondition";
	case FAULT_METHOD:
		return "method";
	case FAULT_TOO_LARGE:
		return "too-large";
	case FAULT_NOT_IMPLEMENTED:
		return "not-implemented";
	case FAULT_UNAVAILABLE:
		return "unavailable";
	case FAULT_NO_SPACE:
		return "no-space";
	case FAULT_STORE:
		return "store";
	case FAULT_CRYPTO:
		return "crypto";
	case FAULT_RANDOM:
		return "random";
	case FAULT_MEMORY:
		return "memory";
	case FAULT_IO:
		return "io";
	}
	return "unknown";
}
