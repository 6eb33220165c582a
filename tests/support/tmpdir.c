#include "tests/support/tmpdir.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void tmpdir_make(char out[TMPDIR_SIZE])
{
	const char *base = getenv("TMPDIR");

	snprintf(out, TMPDIR_SIZE, "%s/sandvault-test-XXXXXX", base == NULL || base[0] == '\0' ? "/tmp" : base);
	if (mkdtemp(out) == NULL) {
		perror(out);
		exit(1);
	}
}

static void remove_entry(const char *dir, const char *name)
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path) || lstat(path, &st) != 0)
		return;
	if (S_ISDIR(st.st_mode))
		tmpdir_remove(path);
	else
		unlink(path);
}

void tmpdir_remove(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);

	if (d == NULL)
		return;
	while ((entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove_entry(dir, entry->d_name);
	}
	closedir(d);
	rmdir(dir);
}
