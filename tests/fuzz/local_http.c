#include "tests/fuzz/local_http.h"

#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/io/server.h"
#include "tests/fuzz/fuzz.h"

enum { TURNS_MAX = 64 };

static const char *refuse(int status UNUSED, struct span tls_name UNUSED, struct buf *body, void *arg UNUSED)
{
	buf_put_cstr(body, "refused");
	return "text/plain";
}

static void listen_on(struct local_http *l)
{
	socklen_t len = sizeof(l->addr);
	struct sockaddr *sa = (struct sockaddr *)&l->addr;

	/* Bound with no name, it gets one of its own that is in no directory. */
	l->addr.sun_family = AF_UNIX;
	l->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	FUZZ_CHECK(l->listener >= 0);
	FUZZ_CHECK(bind(l->listener, sa, sizeof(l->addr.sun_family)) == 0 && listen(l->listener, 8) == 0);
	FUZZ_CHECK(getsockname(l->listener, sa, &len) == 0);
	l->addr_len = len;
}

void local_http_open(struct local_http *l, http_handler *handler, void *arg)
{
	struct http_server_options opt = { .handler = handler, .write_refusal = refuse, .arg = arg };

	listen_on(l);
	l->base = loop_new();
	FUZZ_CHECK(l->base != NULL);
	FUZZ_CHECK(http_server_new(l->base, &opt, &l->server) == FAULT_NONE);
	FUZZ_CHECK(http_server_listen(l->server, l->listener, false) == FAULT_NONE);
	l->n_events = event_base_get_num_events(l->base, EVENT_BASE_COUNT_ADDED);
}

void local_http_close(struct local_http *l)
{
	http_server_free(l->server);
	local_http_turn(l);
	loop_free(l->base);
}

int local_http_connect(const struct local_http *l)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	FUZZ_CHECK(fd >= 0);
	FUZZ_CHECK(connect(fd, (const struct sockaddr *)&l->addr, l->addr_len) == 0);
	return fd;
}

void local_http_turn(const struct local_http *l)
{
	event_base_loop(l->base, EVLOOP_NONBLOCK);
}

bool local_http_settle(const struct local_http *l)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		local_http_turn(l);
		if (event_base_get_num_events(l->base, EVENT_BASE_COUNT_ADDED | EVENT_BASE_COUNT_ACTIVE) == l->n_events)
			return true;
	}
	return false;
}
