#include "common/io/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <event2/event.h>

enum { THREADS_MAX = 64 };

struct job {
	job_fn *work, *done;
	void *arg;
	struct job *next;
};

struct queue {
	struct job *first, **last;
	unsigned len;
};

struct jobs {
	pthread_mutex_t lock;
	pthread_cond_t work_ready;
	struct queue waiting, finished;
	pthread_t threads[THREADS_MAX];
	unsigned n_threads;
	int niceness;
	atomic_bool is_stopping;
	int wake_fd;
	struct event *wake;
};

static void queue_init(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
	q->len = 0;
}

static void queue_push(struct queue *q, struct job *j)
{
	j->next = NULL;
	*q->last = j;
	q->last = &j->next;
	q->len++;
}

static struct job *queue_pop(struct queue *q)
{
	struct job *j = q->first;

	if (j == NULL)
		return NULL;
	q->first = j->next;
	if (q->first == NULL)
		q->last = &q->first;
	q->len--;
	return j;
}

/* Linux keeps niceness per thread. A refusal only means that the worker competes as an equal. */
static void lower_priority(int niceness)
{
	struct sched_param idle = { 0 };

	if (niceness >= 19)
		(void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &idle);
	else if (niceness > 0)
		(void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), niceness);
}

static void *worker(void *arg)
{
	struct jobs *j = arg;
	const uint64_t one = 1;

	lower_priority(j->niceness);
	pthread_mutex_lock(&j->lock);
	for (;;) {
		struct job *job;

		while (j->waiting.first == NULL && !j->is_stopping)
			pthread_cond_wait(&j->work_ready, &j->lock);
		if (j->is_stopping)
			break;
		job = queue_pop(&j->waiting);
		pthread_mutex_unlock(&j->lock);
		job->work(job->arg);
		pthread_mutex_lock(&j->lock);
		queue_push(&j->finished, job);
		if (write(j->wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
			break; /* an eventfd that cannot be written cannot happen */
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

static void finish_all(struct jobs *j, struct queue *q)
{
	for (;;) {
		struct job *job;

		pthread_mutex_lock(&j->lock);
		job = queue_pop(q);
		pthread_mutex_unlock(&j->lock);
		if (job == NULL)
			return;
		job->done(job->arg);
		free(job);
	}
}

static void on_wake(evutil_socket_t fd, short what UNUSED, void *arg)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) < 0 && errno != EAGAIN)
		return;
	finish_all(arg, &((struct jobs *)arg)->finished);
}

static enum fault start_threads(struct jobs *j, unsigned n)
{
	sigset_t all, before;

	/* Signals belong to the loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (j->n_threads < n && pthread_create(&j->threads[j->n_threads], NULL, worker, j) == 0)
		j->n_threads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return j->n_threads > 0 ? FAULT_NONE : FAULT_MEMORY;
}

enum fault jobs_new(struct event_base *base, unsigned n_threads, int niceness, struct jobs **ret)
{
	struct jobs *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return FAULT_MEMORY;
	queue_init(&j->waiting);
	queue_init(&j->finished);
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->work_ready, NULL);
	j->niceness = niceness;
	j->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (j->wake_fd >= 0)
		j->wake = event_new(base, j->wake_fd, EV_READ | EV_PERSIST, on_wake, j);
	if (j->wake == NULL || event_add(j->wake, NULL) != 0 ||
	    start_threads(j, n_threads > THREADS_MAX ? THREADS_MAX : n_threads) != FAULT_NONE) {
		jobs_free(j);
		return FAULT_MEMORY;
	}
	*ret = j;
	return FAULT_NONE;
}

enum fault jobs_submit(struct jobs *j, job_fn *work, job_fn *done, void *arg)
{
	struct job *job;

	if (j->is_stopping)
		return FAULT_UNAVAILABLE;
	job = malloc(sizeof(*job));
	if (job == NULL)
		return FAULT_MEMORY;
	*job = (struct job){ work, done, arg, NULL };
	pthread_mutex_lock(&j->lock);
	queue_push(&j->waiting, job);
	pthread_cond_signal(&j->work_ready);
	pthread_mutex_unlock(&j->lock);
	return FAULT_NONE;
}

void jobs_stop(struct jobs *j)
{
	const uint64_t one = 1;
	struct job *job;

	pthread_mutex_lock(&j->lock);
	j->is_stopping = true;
	/* What waits is completed as it is, while the loop still runs. */
	while ((job = queue_pop(&j->waiting)) != NULL)
		queue_push(&j->finished, job);
	pthread_cond_broadcast(&j->work_ready);
	pthread_mutex_unlock(&j->lock);
	if (write(j->wake_fd, &one, sizeof(one)) < 0)
		return; /* completed in jobs_free then */
}

void jobs_free(struct jobs *j)
{
	unsigned i;

	if (j == NULL)
		return;
	jobs_stop(j);
	for (i = 0; i < j->n_threads; i++)
		pthread_join(j->threads[i], NULL);
	finish_all(j, &j->finished);
	finish_all(j, &j->waiting);
	if (j->wake != NULL)
		event_free(j->wake);
	if (j->wake_fd >= 0)
		close(j->wake_fd);
	pthread_cond_destroy(&j->work_ready);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

bool jobs_is_stopping(const struct jobs *j)
{
	return j->is_stopping;
}
