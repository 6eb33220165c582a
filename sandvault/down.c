/* sandvault down: asks the run that holds the data directory to end, and waits until it has. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "sandvault/front.h"
#include "sandvault/running.h"

enum { DOWN_MS = 30 * 1000 };

struct down_settings {
	char *data_dir;
};

static const struct setting down_rows[] = {
	DATA_DIR_ROW(struct down_settings),
};

/* The descriptor is taken before the lock is looked at again: the number then still means the process that holds it. */
static enum fault open_holder(const char *data_dir, int *ret_fd, struct err *err)
{
	pid_t pid = 0, again = 0;
	enum fault f = running_holder(data_dir, &pid, err);

	if (f != FAULT_NONE)
		return f;
	int fd = pidfd_open(pid, 0);
	if (fd < 0)
		return err_say(err, FAULT_IO, "", "cannot reach the sandbox's process %ld: %s", (long)pid,
			       strerror(errno));
	f = running_holder(data_dir, &again, err);
	if (f == FAULT_NONE && again != pid)
		f = err_say(err, FAULT_UNAVAILABLE, "", "the sandbox in %s has just changed hands", data_dir);
	if (f != FAULT_NONE) {
		close(fd);
		return f;
	}
	*ret_fd = fd;
	return FAULT_NONE;
}

/* endpoints.json names the supervisor too. Two that disagree mean that somebody has been writing there by hand. */
static enum fault check_endpoints(const char *data_dir, struct err *err)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	pid_t holder = 0, said;

	if (running_endpoints(data_dir, &doc, NULL) != FAULT_NONE)
		return FAULT_NONE;
	said = endpoint_pid(doc, "sandvault");
	enum fault f = running_holder(data_dir, &holder, err);
	if (f == FAULT_NONE && said != 0 && said != holder)
		f = err_say(err, FAULT_CONFLICT, "",
			    "%s/endpoints.json names process %ld, but process %ld holds the directory", data_dir,
			    (long)said, (long)holder);
	return f;
}

static enum fault stop(const char *data_dir, int fd, struct err *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	if (pidfd_send_signal(fd, SIGTERM, NULL, 0) != 0 && errno != ESRCH)
		return err_say(err, FAULT_IO, "", "cannot stop the sandbox in %s: %s", data_dir, strerror(errno));
	do {
		n = poll(&p, 1, DOWN_MS);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return err_say(err, FAULT_UNAVAILABLE, "", "the sandbox in %s has not ended after %d seconds", data_dir,
			       DOWN_MS / 1000);
	return FAULT_NONE;
}

static int down_with(const struct front *front, const struct down_settings *s)
{
	const char *data_dir = front_data_dir(front, s->data_dir);
	struct err err = ERR_INIT;
	int fd = -1;
	enum fault f;

	if (data_dir == NULL)
		return EXIT_USAGE;
	f = open_holder(data_dir, &fd, &err);
	if (f == FAULT_NONE)
		f = check_endpoints(data_dir, &err);
	if (f == FAULT_NONE)
		f = stop(data_dir, fd, &err);
	if (fd >= 0)
		close(fd);
	return f == FAULT_NONE ? EXIT_OK : complain_fault(f, &err);
}

static int down_run(const struct front *front, int argc, char **argv)
{
	struct down_settings s = { 0 };
	struct err err = ERR_INIT;
	enum fault f = config_load(down_rows, ARRAY_LEN(down_rows), argc, argv, front->envp, &s, NULL, &err);

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		return EXIT_USAGE;
	}
	int status = down_with(front, &s);
	config_done(down_rows, ARRAY_LEN(down_rows), &s);
	return status;
}

const struct subcommand subcommand_down = {
	.name = "down",
	.usage = "[--data-dir DIR]",
	.summary = "stop a running sandbox and wait for its end",
	.run = down_run,
	.rows = down_rows,
	.n_rows = ARRAY_LEN(down_rows),
};
