/* Runs a fuzz target over files, and over every file of directories, without libFuzzer: an ordinary test. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/io/server.h"
#include "common/plain/buf.h"
#include "tests/fuzz/fuzz.h"

enum { SEED_MAX = 4 << 20, SEED_PATH_SIZE = 4096 };

static unsigned n_run;

static bool run_file(const char *path)
{
	SCOPED_DONE(buf) struct buf content = BUF_INIT(SEED_MAX);
	struct err err = ERR_INIT;
	uint8_t *exact;

	if (file_read(path, &content, &err) != FAULT_NONE) {
		fprintf(stderr, "%s: %s\n", path, err.message);
		return false;
	}
	/* Not a byte more, so that a read past the end is seen. */
	exact = malloc(content.len == 0 ? 1 : content.len);
	if (exact == NULL)
		return false;
	if (content.len > 0)
		memcpy(exact, content.data, content.len);
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(exact, content.len);
	free(exact);
	n_run++;
	return true;
}

static bool run_directory(DIR *d, const char *path)
{
	struct dirent *entry;
	bool is_ok = true;

	while (is_ok && (entry = readdir(d)) != NULL) {
		char file[SEED_PATH_SIZE];

		if (entry->d_name[0] == '.')
			continue;
		is_ok = snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) < (int)sizeof(file) &&
			run_file(file);
	}
	return is_ok;
}

static bool run(const char *path)
{
	DIR *d = opendir(path);
	bool is_ok;

	if (d == NULL && errno == ENOTDIR)
		return run_file(path);
	if (d == NULL) {
		perror(path);
		return false;
	}
	is_ok = run_directory(d, path);
	closedir(d);
	return is_ok;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!run(argv[i]))
			return 1;
	if (n_run == 0) {
		fprintf(stderr, "no seeds\n");
		return 1;
	}
	return 0;
}
