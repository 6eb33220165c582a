/* The command-line client against a server that says what a row tells it to. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/io/http_client.h"

enum { CEILING = 4096, TIMEOUT_MS = 5000, REQUEST_MAX = 8192 };

/* Takes one connection, reads a request's head and body, says reply and closes. */
struct server {
	int fd;
	uint16_t port;
	const char *reply;
	const char *request_end;
	char request[REQUEST_MAX];
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct server *s = arg;
	int fd = accept(s->fd, NULL, NULL);
	size_t len = 0;
	ssize_t n = 1;
	char ignored[64];

	while (n > 0 && strstr(s->request, s->request_end) == NULL) {
		n = recv(fd, s->request + len, sizeof(s->request) - 1 - len, 0);
		len += n > 0 ? (size_t)n : 0;
	}
	(void)!send(fd, s->reply, strlen(s->reply), MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	/* An earlier close would reset what the peer has not read yet. */
	while (recv(fd, ignored, sizeof(ignored), 0) > 0)
		;
	close(fd);
	return NULL;
}

static void listen_on(struct server *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(s->fd >= 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s->fd, 1), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
}

static enum fault get(const struct server *s, const struct clock *clock, struct http_client_reply *reply,
		      struct err *err)
{
	struct rng rng = rng_system();
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/a?b=c", s->port);
	struct http_client_request req = { .method = "GET", .url = url, .timeout_ms = TIMEOUT_MS };
	return http_client_send(&req, clock, &rng, reply, err);
}

static const struct {
	const char *name, *reply;
	enum fault fault;
	int status;
	const char *body;
} rows[] = {
	{ "with a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", FAULT_NONE, 200, "hi" },
	{ "to the end", "HTTP/1.1 404 Not Found\r\nX: y\r\n\r\nno", FAULT_NONE, 404, "no" },
	{ "no body", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", FAULT_NONE, 204, "" },
	{ "any case, no blank", "HTTP/1.0 200 OK\r\ncontent-LENGTH:1\r\n\r\nx", FAULT_NONE, 200, "x" },
	{ "no reason", "HTTP/1.1 200\r\n\r\n", FAULT_NONE, 200, "" },
	{ "nothing at all", "", FAULT_IO, 0, NULL },
	{ "half a head", "HTTP/1.1 200 OK\r\nContent-", FAULT_IO, 0, NULL },
	{ "half a body", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", FAULT_IO, 0, NULL },
	{ "more than it said", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhi", FAULT_IO, 0, NULL },
	{ "a length below zero", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", FAULT_IO, 0, NULL },
	{ "a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nhi", FAULT_IO, 0, NULL },
	{ "not HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", FAULT_IO, 0, NULL },
	{ "chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", FAULT_NOT_IMPLEMENTED, 0, NULL },
};

static void test_replies(void **state UNUSED)
{
	struct clock clock = clock_system();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SCOPED_DONE(http_client_reply) struct http_client_reply reply = HTTP_CLIENT_REPLY_INIT(CEILING);
		struct server s = { .reply = rows[i].reply, .request_end = "\r\n\r\n" };
		struct err err = ERR_INIT;

		listen_on(&s);
		assert_int_equal(pthread_create(&s.thread, NULL, serve, &s), 0);
		enum fault f = get(&s, &clock, &reply, &err);
		pthread_join(s.thread, NULL);
		close(s.fd);
		if (f != rows[i].fault || (f != FAULT_NONE && err.message[0] == '\0'))
			fail_msg("%s: %s %s", rows[i].name, fault_name(f), err.message);
		if (f == FAULT_NONE &&
		    (reply.status != rows[i].status || !span_eq_cstr(buf_span(&reply.body), rows[i].body)))
			fail_msg("%s", rows[i].name);
	}
}

static void test_request(void **state UNUSED)
{
	SCOPED_DONE(http_client_reply) struct http_client_reply reply = HTTP_CLIENT_REPLY_INIT(CEILING);
	struct server s = { .reply = "HTTP/1.1 200 OK\r\n\r\n", .request_end = "x=y" };
	struct clock clock = clock_system();
	struct rng rng = rng_system();
	char url[64], want[256];

	listen_on(&s);
	assert_int_equal(pthread_create(&s.thread, NULL, serve, &s), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/p?q", s.port);
	struct http_client_request req = {
		.method = "POST",
		.url = url,
		.headers = "Content-Type: text/plain\r\n",
		.body = SPAN_LIT("x=y"),
		.timeout_ms = TIMEOUT_MS,
	};
	assert_int_equal(http_client_send(&req, &clock, &rng, &reply, NULL), FAULT_NONE);
	pthread_join(s.thread, NULL);
	close(s.fd);
	snprintf(want, sizeof(want),
		 "POST /p?q HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\nContent-Length: 3\r\n"
		 "Content-Type: text/plain\r\n\r\nx=y",
		 s.port);
	assert_string_equal(s.request, want);
}

static void test_too_long(void **state UNUSED)
{
	SCOPED_DONE(http_client_reply) struct http_client_reply reply = HTTP_CLIENT_REPLY_INIT(8);
	struct server s = { .reply = "HTTP/1.1 200 OK\r\n\r\n0123456789", .request_end = "\r\n\r\n" };
	struct clock clock = clock_system();

	listen_on(&s);
	assert_int_equal(pthread_create(&s.thread, NULL, serve, &s), 0);
	assert_int_equal(get(&s, &clock, &reply, NULL), FAULT_TOO_LARGE);
	pthread_join(s.thread, NULL);
	close(s.fd);
}

/* Every look at this clock finds it nearly half the time-out later: one for the connection, then it is over. */
static int64_t hurried_ms(void *arg)
{
	int64_t *now_ms = arg;

	return *now_ms += 2490;
}

/* The kernel takes the connection; nobody ever answers. */
static void test_silence(void **state UNUSED)
{
	SCOPED_DONE(http_client_reply) struct http_client_reply reply = HTTP_CLIENT_REPLY_INIT(CEILING);
	int64_t now_ms = 0;
	struct clock clock = { .mono_ms = hurried_ms, .arg = &now_ms };
	struct server s = { .reply = "" };
	struct err err = ERR_INIT;

	listen_on(&s);
	assert_int_equal(get(&s, &clock, &reply, &err), FAULT_UNAVAILABLE);
	assert_non_null(strstr(err.message, "in time"));
	close(s.fd);
	assert_int_equal(get(&s, &clock, &reply, &err), FAULT_UNAVAILABLE);
	assert_non_null(strstr(err.message, "connect"));
}

static void test_refused_urls(void **state UNUSED)
{
	static const char *const urls[] = { "localhost", "ftp://localhost/", "https://localhost/", "http://a b/" };
	struct clock clock = clock_system();
	struct rng rng = rng_system();

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		SCOPED_DONE(http_client_reply) struct http_client_reply reply = HTTP_CLIENT_REPLY_INIT(CEILING);
		struct http_client_request req = { .method = "GET", .url = urls[i], .timeout_ms = TIMEOUT_MS };

		assert_int_equal(http_client_send(&req, &clock, &rng, &reply, NULL), FAULT_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies), cmocka_unit_test(test_request),	     cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_silence), cmocka_unit_test(test_refused_urls),
	};

	return cmocka_run_group_tests_name("http_client", tests, NULL, NULL);
}
