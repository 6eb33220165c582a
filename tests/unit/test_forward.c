/* Forwarding: what follows a head is not lost, ends are passed on one by one, and time-outs end what is left alone. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/io/forward.h"
#include "common/io/server.h"
#include "common/io/sockaddr.h"

enum { TURNS_MAX = 20000, SHORT_MS = 30, MUCH = 3 << 20 };

static const char *const ipv4[] = { "127.0.0.1", NULL };

/* The forwarder, and the target it leads to. */
struct rig {
	struct event_base *base;
	struct forward_server *server;
	struct listen_set front, target;
	uint16_t leads_to;
	bool is_tunnel;
	int status; /* choose's answer */
	char head[256];
};

static int choose(struct span head, struct forward_way *ret, struct err *err, void *arg)
{
	struct rig *r = arg;

	snprintf(r->head, sizeof(r->head), "%.*s", SPAN_ARG(head));
	*ret = (struct forward_way){ .port = r->leads_to, .is_tunnel = r->is_tunnel };
	if (r->status != 0)
		(void)err_say(err, FAULT_DENIED, "", "no way");
	return r->status;
}

static const char *refuse(int status UNUSED, struct span head UNUSED, const struct addr *peer UNUSED,
			  const struct err *err, struct buf *body, void *arg UNUSED)
{
	buf_put_cstr(body, err->message);
	return "text/plain";
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct forward_hooks hooks = { .choose = choose,
				       .refuse = refuse,
				       .arg = r,
				       .head_timeout_ms = SHORT_MS,
				       .idle_timeout_ms = 10 * SHORT_MS };

	if (r == NULL)
		return -1;
	r->base = loop_new();
	r->is_tunnel = true;
	if (r->base == NULL || forward_server_new(r->base, &hooks, &r->server) != FAULT_NONE ||
	    listen_tcp(ipv4, 0, &r->front, NULL) != FAULT_NONE || listen_tcp(ipv4, 0, &r->target, NULL) != FAULT_NONE ||
	    forward_server_listen(r->server, r->front.fd[0]) != FAULT_NONE)
		return -1;
	r->leads_to = r->target.port;
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;

	forward_server_free(r->server);
	listen_close(&r->target);
	loop_free(r->base);
	free(r);
	return 0;
}

static int dial(struct rig *r)
{
	struct sockaddr_storage ss;
	struct addr a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(addr_parse(SPAN_LIT("127.0.0.1"), &a), FAULT_NONE);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, sockaddr_from_addr(&a, r->front.port, &ss)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void turn(struct rig *r)
{
	event_base_loop(r->base, EVLOOP_NONBLOCK);
}

static int accept_target(struct rig *r)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		int fd = accept4(r->target.fd[0], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			return fd;
		turn(r);
	}
	fail_msg("nobody came");
	return -1;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Exactly text, and no end. */
static void expect(struct rig *r, int fd, const char *text)
{
	char got[512];
	size_t n = 0, wanted = strlen(text);

	for (int i = 0; i < TURNS_MAX && n < wanted; i++) {
		ssize_t some = recv(fd, got + n, wanted - n, 0);

		assert_true(some > 0 || (some < 0 && errno == EAGAIN));
		n += some > 0 ? (size_t)some : 0;
		turn(r);
	}
	assert_int_equal(n, wanted);
	assert_memory_equal(got, text, wanted);
}

/* Whatever comes until the end; the text is kept. Waits in the loop, for timers too. */
static void expect_end(struct rig *r, int fd, struct buf *got)
{
	for (;;) {
		char some[4096];
		ssize_t n = recv(fd, some, sizeof(some), 0);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			return;
		if (n > 0)
			buf_put(got, some, (size_t)n);
		else
			event_base_loop(r->base, EVLOOP_ONCE);
	}
}

static void settle(struct rig *r)
{
	for (int i = 0; i < TURNS_MAX && forward_server_connections(r->server) > 0; i++)
		turn(r);
	assert_int_equal(forward_server_connections(r->server), 0);
}

#define HEAD "CONNECT x:1 HTTP/1.1\r\nA: b\r\n\r\n"
#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n\r\n"

static void test_tunnel(void **state)
{
	struct rig *r = *state;
	int client = dial(r), target;

	say(client, HEAD "early");
	target = accept_target(r);
	assert_string_equal(r->head, HEAD);
	expect(r, target, "early");
	expect(r, client, ESTABLISHED);
	say(target, "answer");
	expect(r, client, "answer");
	say(client, "more");
	expect(r, target, "more");
	close(client);
	close(target);
	settle(r);
}

static void test_head_in_pieces(void **state)
{
	struct rig *r = *state;
	int client = dial(r), target;

	for (const char *c = HEAD; *c != '\0'; c++) {
		char one[2] = { *c, '\0' };

		say(client, one);
		turn(r);
	}
	target = accept_target(r);
	expect(r, client, ESTABLISHED);
	close(client);
	close(target);
	settle(r);
}

static void test_head_passed_on(void **state)
{
	struct rig *r = *state;
	int client, target;

	r->is_tunnel = false;
	client = dial(r);
	say(client, HEAD "body");
	target = accept_target(r);
	expect(r, target, HEAD "body");
	say(target, "answer");
	expect(r, client, "answer");
	close(client);
	close(target);
	settle(r);
}

static void test_half_close(void **state)
{
	struct rig *r = *state;
	SCOPED_DONE(buf) struct buf got = BUF_INIT(1 << 16);
	int client = dial(r), target;

	say(client, HEAD "question");
	shutdown(client, SHUT_WR);
	target = accept_target(r);
	expect_end(r, target, &got);
	assert_string_equal(buf_cstr(&got), "question");
	say(target, "late answer");
	close(target);
	buf_clear(&got);
	expect_end(r, client, &got);
	assert_string_equal(buf_cstr(&got), ESTABLISHED "late answer");
	close(client);
	settle(r);
}

/* The target takes nothing for a while: the client is held back, and nothing is lost. */
static void test_back_pressure(void **state)
{
	static char much[64 << 10];
	struct rig *r = *state;
	int client = dial(r), target;
	size_t sent = 0, got = 0;
	bool was_held = false;

	say(client, HEAD);
	target = accept_target(r);
	expect(r, client, ESTABLISHED);
	memset(much, 'x', sizeof(much));
	for (int i = 0; i < 200; i++) {
		ssize_t n = send(client, much, sizeof(much), MSG_NOSIGNAL);

		sent += n > 0 ? (size_t)n : 0;
		was_held |= n < 0;
		turn(r);
	}
	shutdown(client, SHUT_WR);
	for (;;) {
		ssize_t n = recv(target, much, sizeof(much), 0);

		if (n == 0)
			break;
		got += n > 0 ? (size_t)n : 0;
		turn(r);
	}
	assert_true(was_held || sent >= MUCH);
	assert_int_equal(got, sent);
	close(client);
	close(target);
	settle(r);
}

/* A reset by one side ends the other. */
static void test_reset(void **state)
{
	struct rig *r = *state;
	SCOPED_DONE(buf) struct buf got = BUF_INIT(1 << 16);
	struct linger hard = { 1, 0 };
	int client = dial(r), target;

	say(client, HEAD);
	target = accept_target(r);
	expect(r, client, ESTABLISHED);
	assert_int_equal(setsockopt(client, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
	close(client);
	expect_end(r, target, &got);
	close(target);
	settle(r);
}

static void test_idle(void **state)
{
	struct rig *r = *state;
	SCOPED_DONE(buf) struct buf got = BUF_INIT(1 << 16);
	int client = dial(r), target;

	say(client, HEAD);
	target = accept_target(r);
	expect_end(r, client, &got);
	assert_string_equal(buf_cstr(&got), ESTABLISHED);
	close(client);
	close(target);
	settle(r);
}

static const struct refusal_row {
	const char *name, *says;
	int chosen;	    /* choose's status */
	bool leads_nowhere; /* nobody listens at the target */
	const char *starts; /* of the answer; "" for none */
} refusal_rows[] = {
	{ "refused", HEAD "and more", 403, false, "HTTP/1.1 403 Forbidden\r\n" },
	{ "nobody there", HEAD, 0, true, "HTTP/1.1 502 Bad Gateway\r\n" },
	{ "too slow", "CONNECT x:1 HTT", 0, false, "HTTP/1.1 408 Request Timeout\r\n" },
	{ "silent", "", 0, false, "" },
};

static void test_refusals(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < ARRAY_LEN(refusal_rows); i++) {
		const struct refusal_row *row = &refusal_rows[i];
		SCOPED_DONE(buf) struct buf got = BUF_INIT(1 << 16);
		int client;

		r->status = row->chosen;
		if (row->leads_nowhere)
			listen_close(&r->target);
		client = dial(r);
		say(client, row->says);
		expect_end(r, client, &got);
		if (strncmp(buf_cstr(&got), row->starts, strlen(row->starts)) != 0 ||
		    (row->starts[0] == '\0') != (got.len == 0))
			fail_msg("%s: %s", row->name, buf_cstr(&got));
		close(client);
		settle(r);
	}
}

static void test_long_head(void **state)
{
	static char head[FORWARD_HEAD_MAX + 4096];
	struct rig *r = *state;
	SCOPED_DONE(buf) struct buf got = BUF_INIT(1 << 16);
	int client = dial(r);

	memset(head, 'x', sizeof(head) - 1);
	say(client, head);
	expect_end(r, client, &got);
	assert_true(strncmp(buf_cstr(&got), "HTTP/1.1 431 ", 13) == 0);
	close(client);
	settle(r);
}

/* The end of the server is the end of all, in whatever state. */
static void test_end(void **state)
{
	struct rig *r = *state;
	int silent = dial(r), open = dial(r), target;

	say(open, HEAD);
	target = accept_target(r);
	expect(r, open, ESTABLISHED);
	assert_int_equal(forward_server_connections(r->server), 2);
	forward_server_free(TAKE(r->server));
	close(silent);
	close(open);
	close(target);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tunnel),     TEST(test_head_in_pieces), TEST(test_head_passed_on),
		TEST(test_half_close), TEST(test_back_pressure),  TEST(test_reset),
		TEST(test_idle),       TEST(test_refusals),	  TEST(test_long_head),
		TEST(test_end),
	};

	return cmocka_run_group_tests_name("forward", tests, NULL, NULL);
}
