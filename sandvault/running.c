#include "sandvault/running.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/io/server.h"
#include "common/plain/text.h"

enum { PATH_MAX_LEN = 4096, ENDPOINTS_MAX = 1 << 18, TRIES = 10 };

static enum fault path_in(const char *data_dir, const char *name, char out[PATH_MAX_LEN], struct err *err)
{
	if (snprintf(out, PATH_MAX_LEN, "%s/%s", data_dir, name) >= PATH_MAX_LEN)
		return err_say(err, FAULT_INVALID, "", "the path of the data directory %s is too long", data_dir);
	return FAULT_NONE;
}

/* 0 when nothing sensible stands there. */
static pid_t read_pid(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	int64_t pid = 0;

	while (n > 0 && text[n - 1] == '\n')
		n--;
	if (n <= 0 || int_parse(span_of(text, (size_t)n), &pid) != FAULT_NONE || pid <= 1 || pid > INT32_MAX)
		return 0;
	return (pid_t)pid;
}

static pid_t pid_in_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	pid_t pid = fd < 0 ? 0 : read_pid(fd);

	if (fd >= 0)
		close(fd);
	return pid;
}

enum fault running_sign(int fd)
{
	return ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 && dprintf(fd, "%ld\n", (long)getpid()) > 0
		       ? FAULT_NONE
		       : FAULT_IO;
}

enum fault running_take(const char *data_dir, int *ret_fd, struct err *err)
{
	static const struct timespec moment = { .tv_nsec = 20 * 1000 * 1000 };
	char path[PATH_MAX_LEN];
	enum fault f = path_in(data_dir, "run.lock", path, err);
	pid_t pid = 0;

	if (f == FAULT_NONE)
		f = lock_take(path, ret_fd, err);
	/* A `sandvault status` that looks at the lock holds it for an instant, under nobody's name. */
	for (int i = 0; f == FAULT_CONFLICT && i < TRIES; i++) {
		pid = pid_in_file(path);
		if (pid > 0 && (kill(pid, 0) == 0 || errno == EPERM))
			break;
		nanosleep(&moment, NULL);
		f = lock_take(path, ret_fd, err);
	}
	if (f == FAULT_CONFLICT)
		return err_say(err, f, "", "the data directory %s belongs to another run (pid %ld)", data_dir,
			       (long)pid);
	if (f == FAULT_NONE && running_sign(*ret_fd) != FAULT_NONE) {
		close(*ret_fd);
		return err_say(err, FAULT_IO, "", "cannot write %s: %s", path, strerror(errno));
	}
	return f;
}

/* A detached run that ended by itself said why in its log, where nobody looked. */
static const char *log_hint(const char *data_dir)
{
	char path[PATH_MAX_LEN];
	struct stat st;

	if (path_in(data_dir, "sandvault.log", path, NULL) != FAULT_NONE || stat(path, &st) != 0 || st.st_size == 0)
		return "";
	return " (what the last detached one said stands in sandvault.log there)";
}

enum fault running_holder(const char *data_dir, pid_t *ret, struct err *err)
{
	char path[PATH_MAX_LEN];
	enum fault f = path_in(data_dir, "run.lock", path, err);
	bool is_held;

	if (f != FAULT_NONE)
		return f;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT)
		return err_say(err, FAULT_IO, "", "cannot open %s: %s", path, strerror(errno));
	is_held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	pid_t pid = is_held ? read_pid(fd) : 0;
	if (fd >= 0)
		close(fd);
	if (!is_held)
		return err_say(err, FAULT_NOT_FOUND, "", "no sandbox runs in %s%s", data_dir, log_hint(data_dir));
	if (pid == 0)
		return err_say(err, FAULT_UNAVAILABLE, "", "the sandbox in %s is just starting or ending", data_dir);
	*ret = pid;
	return FAULT_NONE;
}

enum fault running_endpoints(const char *data_dir, struct json_doc **ret, struct err *err)
{
	SCOPED_DONE(buf) struct buf text = BUF_SECRET_INIT(ENDPOINTS_MAX);
	char path[PATH_MAX_LEN];
	pid_t holder;
	enum fault f = path_in(data_dir, "endpoints.json", path, err);

	if (f != FAULT_NONE)
		return f;
	f = file_read(path, &text, err);
	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "", "no sandbox runs in %s: start one with \"sandvault up\"%s", data_dir,
			       log_hint(data_dir));
	if (f != FAULT_NONE)
		return f;
	SCOPED(json_doc) struct json_doc *doc = NULL;
	if (json_parse(buf_span(&text), &doc, NULL) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "", "%s is not JSON", path);
	/* A run that was killed leaves its file behind. Daemons that run without us name no supervisor. */
	if (endpoint_pid(doc, "sandvault") > 0 && running_holder(data_dir, &holder, NULL) == FAULT_NOT_FOUND)
		return err_say(err, FAULT_NOT_FOUND, "",
			       "no sandbox runs in %s any more: start it again with \"sandvault up\"", data_dir);
	*ret = TAKE(doc);
	return FAULT_NONE;
}

struct span endpoint(const struct json_doc *d, const char *name)
{
	struct span v = json_string(json_get(json_root(d), name));

	return v.p == NULL ? SPAN_EMPTY : v;
}

pid_t endpoint_pid(const struct json_doc *d, const char *program)
{
	return (pid_t)json_int(json_get(json_get(json_root(d), "pids"), program));
}
