#include "sandvault/front.h"

#include <stdarg.h>
#include <stdio.h>

void complain(const char *fmt, ...)
{
	va_list ap;

	fputs("sandvault: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int complain_fault(enum fault f, const struct err *err)
{
	complain("%s", err->message[0] != '\0' ? err->message : fault_name(f));
	return f == FAULT_NOT_FOUND ? EXIT_NOT_RUNNING : EXIT_TROUBLE;
}

const char *front_data_dir(const struct front *front, const char *setting)
{
	if (setting != NULL && setting[0] != '\0')
		return setting;
	if (front->data_dir[0] != '\0')
		return front->data_dir;
	complain("there is no home directory to keep a sandbox in: say --data-dir DIR");
	return NULL;
}
