#include "vaultd/control/control_op.h"

#include <stdlib.h>

#include "common/io/audit_read.h"
#include "common/io/timer.h"

enum { FOLLOWERS_MAX = 16, UNSENT_MAX = 256 << 10, PIECE_MAX = 1 << 20, RETRY_MS = 50 };

/* One step for one follower, so that a long log holds up nobody else. */
static const struct audit_limits step_limits = { .lines = 200, .bytes = 128 << 10, .looked_at = 1 << 20 };

struct follower {
	struct followers *all;
	struct http_exchange *x;
	struct audit_filter filter;
	struct audit_reader *reader;
	struct follower *next;
};

struct followers {
	struct vaultd *d;
	struct event_base *base;
	struct timer *turn;
	struct audit_watch *watch; /* while there is a follower */
	struct follower *first;
	unsigned n;
	bool is_stopped;
};

static void remove_follower(struct follower *gone)
{
	struct followers *all = gone->all;
	struct follower **at = &all->first;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	all->n--;
	http_reply_end(gone->x);
	audit_reader_free(gone->reader);
	free(gone);
	if (all->n == 0) {
		audit_watch_free(all->watch);
		all->watch = NULL;
	}
}

static void on_gone(void *arg)
{
	remove_follower(arg);
}

static void add_line(int64_t seq, struct span line, void *arg)
{
	struct buf *piece = arg;

	control_put_line(piece, seq, line);
	buf_put_char(piece, '\n');
}

/* How soon to look again for this one: 0 in the next turn, -1 when something is written. */
static int64_t serve(struct follower *w)
{
	SCOPED_DONE(buf) struct buf piece = BUF_INIT(PIECE_MAX);
	bool is_end = true;

	/* One who reads slowly is waited for. */
	if (http_reply_unsent(w->x) >= UNSENT_MAX)
		return RETRY_MS;
	if (audit_read(w->reader, &w->filter, &step_limits, add_line, &piece, &is_end) != FAULT_NONE)
		return RETRY_MS;
	http_reply_chunk(w->x, buf_span(&piece));
	return is_end ? -1 : 0;
}

static void serve_all(void *arg)
{
	struct followers *all = arg;
	int64_t soonest = -1;

	for (struct follower *w = all->first; w != NULL; w = w->next) {
		int64_t ms = serve(w);

		if (ms >= 0 && (soonest < 0 || ms < soonest))
			soonest = ms;
	}
	if (soonest >= 0)
		timer_set(all->turn, soonest);
}

enum fault followers_new(struct vaultd *d, struct event_base *base, struct followers **ret)
{
	struct followers *all = calloc(1, sizeof(*all));
	enum fault f;

	if (all == NULL)
		return FAULT_MEMORY;
	all->d = d;
	all->base = base;
	f = timer_new(base, serve_all, all, &all->turn);
	if (f != FAULT_NONE) {
		free(all);
		return f;
	}
	*ret = all;
	return FAULT_NONE;
}

void followers_stop(struct followers *all)
{
	all->is_stopped = true;
	while (all->first != NULL)
		remove_follower(all->first);
}

void followers_free(struct followers *all)
{
	if (all == NULL)
		return;
	followers_stop(all);
	audit_watch_free(all->watch);
	timer_free(all->turn);
	free(all);
}

static enum fault open_reader(struct followers *all, struct follower *w, int64_t since, struct err *err)
{
	struct audit_options opt = { .data_dir = all->d->world.data_dir };
	enum fault f = FAULT_NONE;

	if (all->watch == NULL)
		f = audit_watch_new(all->base, &opt, serve_all, all, &all->watch, err);
	if (f == FAULT_NONE)
		f = audit_reader_new(&opt, &w->reader, err);
	if (f != FAULT_NONE)
		return f;
	audit_flush(all->d->audit);
	if (since < 0)
		audit_reader_seek_end(w->reader);
	else
		audit_reader_seek(w->reader, since);
	return FAULT_NONE;
}

enum fault followers_add(struct followers *all, struct http_exchange *x, const struct audit_filter *filter,
			 int64_t since, struct err *err)
{
	struct follower *w;
	enum fault f;

	if (all->is_stopped || all->n == FOLLOWERS_MAX)
		return err_say(err, FAULT_UNAVAILABLE, "TooManyFollowers", "%u followers are served already.", all->n);
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return FAULT_MEMORY;
	f = open_reader(all, w, since, err);
	if (f != FAULT_NONE) {
		free(w);
		return f;
	}
	w->all = all;
	w->x = x;
	w->filter = *filter;
	w->next = all->first;
	all->first = w;
	all->n++;
	http_reply_header(x, "Content-Type", "application/x-ndjson");
	http_reply_header(x, "Cache-Control", "no-store");
	http_reply_start(x, 200, on_gone, w);
	timer_set(all->turn, 0);
	return FAULT_NONE;
}
