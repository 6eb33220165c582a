#include "common/io/splice.h"

#include <stdlib.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

/* Bytes that wait to go out by one side: reading the other side stops above, and starts again below. */
enum { HELD_HIGH = 256 << 10, HELD_LOW = 64 << 10 };

struct way {
	struct bufferevent *from, *to;
	bool is_paused; /* to takes nothing: from is not read */
	bool has_ended; /* from has said its last */
	bool is_passed; /* and to has been told */
};

struct splice {
	struct way ways[2];
	struct event *idle;
	struct splice_hooks hooks;
};

static void stay_awake(struct splice *s)
{
	struct timeval tv = { s->hooks.idle_ms / 1000, s->hooks.idle_ms % 1000 * 1000 };

	event_add(s->idle, &tv);
}

static size_t held(const struct way *w)
{
	return evbuffer_get_length(bufferevent_get_output(w->to));
}

static void move(struct way *w)
{
	evbuffer_add_buffer(bufferevent_get_output(w->to), bufferevent_get_input(w->from));
	if (w->is_paused || w->has_ended || held(w) < HELD_HIGH)
		return;
	w->is_paused = true;
	bufferevent_disable(w->from, EV_READ);
}

/* What the last write or the last end makes possible. */
static void settle(struct splice *s)
{
	for (size_t i = 0; i < ARRAY_LEN(s->ways); i++) {
		struct way *w = &s->ways[i];

		if (w->is_paused && !w->has_ended && held(w) <= HELD_LOW) {
			w->is_paused = false;
			bufferevent_enable(w->from, EV_READ);
		}
		if (w->has_ended && !w->is_passed && held(w) == 0) {
			shutdown(bufferevent_getfd(w->to), SHUT_WR);
			w->is_passed = true;
		}
	}
	if (s->ways[0].is_passed && s->ways[1].is_passed)
		s->hooks.on_end(s->hooks.arg);
}

static void on_read(struct bufferevent *from, void *arg)
{
	struct splice *s = arg;

	stay_awake(s);
	move(&s->ways[from == s->ways[1].from]);
}

static void on_written(struct bufferevent *to UNUSED, void *arg)
{
	struct splice *s = arg;

	stay_awake(s);
	settle(s);
}

static void end_way(struct way *w)
{
	move(w);
	w->has_ended = true;
	bufferevent_disable(w->from, EV_READ);
	/* From here on it matters when the last byte is out. */
	bufferevent_setwatermark(w->to, EV_WRITE, 0, 0);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct splice *s = arg;
	struct way *in = &s->ways[bev == s->ways[1].from], *out = &s->ways[bev == s->ways[0].from];

	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
		return;
	stay_awake(s);
	end_way(in);
	/* A broken connection takes nothing more; what it had said still goes to the other side. */
	if ((what & BEV_EVENT_ERROR) != 0) {
		end_way(out);
		out->is_passed = true;
		bufferevent_disable(bev, EV_READ | EV_WRITE);
	}
	settle(s);
}

static void on_idle(evutil_socket_t fd UNUSED, short what UNUSED, void *arg)
{
	struct splice *s = arg;

	s->hooks.on_end(s->hooks.arg);
}

static void start(struct way *w, struct splice *s)
{
	bufferevent_setcb(w->from, on_read, on_written, on_event, s);
	bufferevent_setwatermark(w->from, EV_READ, 0, 0);
	bufferevent_setwatermark(w->to, EV_WRITE, HELD_LOW, 0);
	move(w);
}

enum fault splice_new(struct event_base *base, struct bufferevent *take_a, struct bufferevent *take_b,
		      const struct splice_hooks *hooks, struct splice **ret)
{
	struct splice *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		bufferevent_free(take_a);
		bufferevent_free(take_b);
		return FAULT_MEMORY;
	}
	s->hooks = *hooks;
	s->ways[0] = (struct way){ .from = take_a, .to = take_b };
	s->ways[1] = (struct way){ .from = take_b, .to = take_a };
	s->idle = evtimer_new(base, on_idle, s);
	if (s->idle == NULL) {
		splice_free(s);
		return FAULT_MEMORY;
	}
	for (size_t i = 0; i < ARRAY_LEN(s->ways); i++)
		start(&s->ways[i], s);
	for (size_t i = 0; i < ARRAY_LEN(s->ways); i++)
		bufferevent_enable(s->ways[i].from, EV_READ | EV_WRITE);
	stay_awake(s);
	*ret = s;
	return FAULT_NONE;
}

void splice_free(struct splice *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(s->ways); i++)
		bufferevent_free(s->ways[i].from);
	if (s->idle != NULL)
		event_free(s->idle);
	free(s);
}
