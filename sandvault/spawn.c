#include "sandvault/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARGS_MAX = 32, EXIT_NO_EXEC = 127 };

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* A name without a slash is left to PATH. */
static void find_program(const char *name, char out[PATH_MAX])
{
	char dir[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	char *slash;

	dir[n < 0 ? 0 : n] = '\0';
	slash = strrchr(dir, '/');
	if (slash != NULL) {
		*slash = '\0';
		if (snprintf(out, PATH_MAX, "%s/%s", dir, name) < PATH_MAX && is_program(out))
			return;
		/* A build tree: build/sandvault/sandvault and build/vaultd/vaultd. */
		if (snprintf(out, PATH_MAX, "%s/../%s/%s", dir, name, name) < PATH_MAX && is_program(out))
			return;
	}
	snprintf(out, PATH_MAX, "%s", name);
}

static void keep_open(int fd)
{
	fcntl(fd, F_SETFD, fcntl(fd, F_GETFD) & ~FD_CLOEXEC);
}

/* In the child. The signals that this program blocks to read them in turn must reach the daemon as they are. */
static _Noreturn void become(const char *program, char *const *argv, int ready_fd, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	setpgid(0, 0);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_NO_EXEC);
	keep_open(ready_fd);
	/* Standard output belongs to what this program says. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(program, argv);
	fprintf(stderr, "sandvault: cannot start %s: %s\n", program, strerror(errno));
	_exit(EXIT_NO_EXEC);
}

static int make_pipe(int fds[2])
{
	if (pipe(fds) != 0)
		return -1;
	for (int i = 0; i < 2; i++)
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
	return fcntl(fds[0], F_SETFL, O_NONBLOCK);
}

enum fault spawn_daemon(const char *name, const char *const *args, pid_t *ret_pid, int *ret_ready_fd, struct err *err)
{
	char program[PATH_MAX], ready[32];
	char *argv[ARGS_MAX + 3] = { program };
	pid_t parent = getpid();
	int fds[2];
	size_t n = 1;

	find_program(name, program);
	for (; *args != NULL && n <= ARGS_MAX; args++)
		argv[n++] = (char *)*args;
	if (make_pipe(fds) != 0)
		return err_say(err, FAULT_IO, "", "cannot make a pipe: %s", strerror(errno));
	snprintf(ready, sizeof(ready), "--ready-fd=%d", fds[1]);
	argv[n] = ready;

	pid_t pid = fork();
	if (pid == 0)
		become(program, argv, fds[1], parent);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err_say(err, FAULT_IO, "", "cannot start %s: %s", name, strerror(errno));
	}
	*ret_pid = pid;
	*ret_ready_fd = fds[0];
	return FAULT_NONE;
}
