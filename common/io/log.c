#include "common/io/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/plain/text.h"

enum { LINE_MAX_BYTES = 4096 };

static struct {
	const char *program;
	enum log_level level;
	const struct clock *clock;
} logger = { "sandvault", LOG_LEVEL_INFO, NULL };

static const char *const level_names[] = { "error", "warn", "info", "debug" };

void log_init(const char *program, enum log_level level, const struct clock *clock)
{
	logger.program = program;
	logger.level = level;
	logger.clock = clock;
}

bool log_level_parse(const char *name, enum log_level *ret)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(level_names); i++)
		if (strcmp(name, level_names[i]) == 0) {
			*ret = (enum log_level)i;
			return true;
		}
	return false;
}

bool log_wants(enum log_level level)
{
	return level <= logger.level;
}

static void write_line(enum log_level level, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* One write per line, so that two daemons on one terminal do not mix theirs. errno survives. */
static void write_line(enum log_level level, const char *fmt, va_list ap)
{
	int saved = errno;
	char line[LINE_MAX_BYTES], when[RFC3339_SIZE] = "";
	int head, body;
	size_t len;

	if (logger.clock != NULL)
		rfc3339_format(when, clock_wall_s(logger.clock));
	head = snprintf(line, sizeof(line), "%s%s%s %s: ", when, when[0] != '\0' ? " " : "", logger.program,
			level_names[level]);
	body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, fmt, ap);
	len = (size_t)head + (size_t)(body < 0 ? 0 : body);
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20)
			line[i] = '?';
	line[len] = '\n';
	if (write(STDERR_FILENO, line, len + 1) < 0)
		errno = 0; /* nowhere left to say it */
	errno = saved;
}

#define DEFINE_LOG(name, level)                                                                                        \
	void name(const char *fmt, ...)                                                                                \
	{                                                                                                              \
		va_list ap;                                                                                            \
                                                                                                                       \
		if (!log_wants(level))                                                                                 \
			return;                                                                                        \
		va_start(ap, fmt);                                                                                     \
		write_line(level, fmt, ap);                                                                            \
		va_end(ap);                                                                                            \
	}

DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
DEFINE_LOG(log_warn, LOG_LEVEL_WARN)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
