#include "sandvault/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/io/json.h"
#include "sandvault/front.h"
#include "sandvault/running.h"
#include "sandvault/show.h"

enum { REPORT_MAX = 1 << 18, TAIL_MAX = 4096 };

struct log_file {
	int fd;
	off_t start; /* what stood there before this run */
};

static bool log_open(const char *data_dir, struct log_file *ret)
{
	char path[FRONT_PATH_SIZE + 32];
	struct stat st;

	snprintf(path, sizeof(path), "%s/sandvault.log", data_dir);
	ret->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (ret->fd < 0 || fstat(ret->fd, &st) != 0) {
		complain("cannot write %s: %s", path, strerror(errno));
		return false;
	}
	ret->start = st.st_size;
	return true;
}

/* Why it did not start is the last that this run wrote. The directory may be gone by now; the open file is not. */
static void show_log(const struct log_file *log)
{
	char tail[TAIL_MAX];
	off_t end = lseek(log->fd, 0, SEEK_END);
	off_t from = end - log->start > TAIL_MAX ? end - TAIL_MAX : log->start;
	ssize_t n = pread(log->fd, tail, sizeof(tail), from);

	if (n > 0)
		fwrite(tail, 1, (size_t)n, stderr);
	else
		complain("the sandbox did not start");
}

static enum fault read_report(int fd, struct buf *out)
{
	char block[4096];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0)
			buf_put(out, block, (size_t)n);
	}
	explicit_bzero(block, sizeof(block));
	return n < 0 ? FAULT_IO : buf_fault(out);
}

static int caller_end(int fd, pid_t child, const struct log_file *log, bool wants_json)
{
	SCOPED_DONE(buf) struct buf json = BUF_SECRET_INIT(REPORT_MAX);
	SCOPED(json_doc) struct json_doc *doc = NULL;

	if (read_report(fd, &json) != FAULT_NONE || json.len == 0) {
		/* It has said why, or is about to: when it has ended it has. */
		waitpid(child, NULL, 0);
		show_log(log);
		return EXIT_TROUBLE;
	}
	if (wants_json) {
		printf("%s\n", buf_cstr(&json));
		return EXIT_OK;
	}
	if (json_parse(buf_span(&json), &doc, NULL) != FAULT_NONE)
		return EXIT_TROUBLE;
	fputs("The sandbox is running. To stop it:\n  sandvault down --data-dir ", stdout);
	show_shell_word(endpoint(doc, "data_dir"));
	puts("\n");
	show_endpoints(doc);
	show_hints(doc);
	return EXIT_OK;
}

static void child_begin(int log_fd, int lock_fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	if (null > STDERR_FILENO)
		close(null);
	dup2(log_fd, STDOUT_FILENO);
	dup2(log_fd, STDERR_FILENO);
	if (running_sign(lock_fd) != FAULT_NONE)
		complain("cannot write the lock file: %s", strerror(errno));
	/* A directory that was made for this run must not keep the place busy that the caller stood in. */
	if (chdir("/") != 0)
		complain("cannot leave the working directory: %s", strerror(errno));
}

static bool make_pipe(int fds[2])
{
	if (pipe(fds) != 0) {
		complain("cannot make a pipe: %s", strerror(errno));
		return false;
	}
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	return true;
}

enum detached detach(const char *data_dir, int lock_fd, bool wants_json, int *ret_report_fd, int *ret_status)
{
	struct log_file log = { .fd = -1 };
	int fds[2];

	if (!log_open(data_dir, &log))
		return DETACHED_FAILED;
	if (!make_pipe(fds)) {
		close(log.fd);
		return DETACHED_FAILED;
	}
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		close(fds[0]);
		child_begin(log.fd, lock_fd);
		close(log.fd);
		*ret_report_fd = fds[1];
		return DETACHED_CHILD;
	}
	close(fds[1]);
	if (child < 0)
		complain("cannot go to the background: %s", strerror(errno));
	else
		*ret_status = caller_end(fds[0], child, &log, wants_json);
	close(fds[0]);
	close(log.fd);
	return child < 0 ? DETACHED_FAILED : DETACHED_CALLER;
}

enum fault detach_report(int *fd, struct span json)
{
	enum fault f = FAULT_NONE;

	while (json.len > 0 && f == FAULT_NONE) {
		ssize_t n = write(*fd, json.p, json.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			f = FAULT_IO;
		else
			json = span_from(json, (size_t)n);
	}
	close(*fd);
	*fd = -1;
	return f;
}
