/*
 * Loaded before a daemon: how much of its CPU each turn of its loop takes, on the thread of the loop. Unlike the time
 * that a client waits, it does not depend on what else the machine does. The longest one is kept in the file
 * TURNS_DIR/PID, whose reader sets it back to nothing.
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct turns {
	double longest_s, sum_s;
	unsigned long n;
};

static struct turns *turns;
static double began_s;

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

__attribute__((constructor)) static void begin(void)
{
	char path[4096];
	int fd;

	if (getenv("TURNS_DIR") == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%d", getenv("TURNS_DIR"), getpid());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && ftruncate(fd, sizeof(*turns)) == 0)
		turns = mmap(NULL, sizeof(*turns), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (turns == MAP_FAILED)
		turns = NULL;
	close(fd);
}

static int is_loop(void)
{
	return turns != NULL && syscall(SYS_gettid) == getpid();
}

static void end_turn(void)
{
	double s = cpu_s() - began_s;

	if (began_s == 0)
		return;
	turns->n++;
	turns->sum_s += s;
	if (s > turns->longest_s)
		turns->longest_s = s;
}

int epoll_wait(int fd, struct epoll_event *events, int max, int timeout)
{
	static int (*real)(int, struct epoll_event *, int, int);
	int n;

	if (real == NULL)
		real = (int (*)(int, struct epoll_event *, int, int))dlsym(RTLD_NEXT, "epoll_wait");
	if (is_loop())
		end_turn();
	n = real(fd, events, max, timeout);
	if (is_loop())
		began_s = cpu_s();
	return n;
}

int epoll_pwait2(int fd, struct epoll_event *events, int max, const struct timespec *timeout, const __sigset_t *mask)
{
	static int (*real)(int, struct epoll_event *, int, const struct timespec *, const __sigset_t *);
	int n;

	if (real == NULL)
		real = (int (*)(int, struct epoll_event *, int, const struct timespec *, const __sigset_t *))dlsym(
			RTLD_NEXT, "epoll_pwait2");
	if (is_loop())
		end_turn();
	n = real(fd, events, max, timeout, mask);
	if (is_loop())
		began_s = cpu_s();
	return n;
}
