/*
 * The HTTP adapter: bytes on one connection of a real server. The first byte says how they come and how the handler
 * answers (enum manner), the rest is what the client sends.
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/io/route.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/local_http.h"

enum manner {
	MANNER_LATER = 1 << 0,	  /* the handler answers in a later turn of the loop */
	MANNER_HANGS_UP = 1 << 1, /* the client is gone before it has read anything */
	MANNER_DRIBBLE = 1 << 2,  /* a byte or so at a time */
	MANNER_HALVES = 1 << 3,	  /* in two pieces */
};

enum { ROUNDS_MAX = 4096, ANSWER_MAX = 256 << 10 };

static struct local_http local;
static uint8_t manner;
static struct http_exchange *held; /* one connection has one request at a time */

static void close_server(void)
{
	local_http_close(&local);
}

static void touch(struct span s)
{
	volatile char sink = 0;

	for (size_t i = 0; i < s.len; i++)
		sink = (char)(sink ^ s.p[i]);
}

static void answer(struct http_exchange *x)
{
	http_reply_header(x, "X-Refused", "a\r\nb");
	http_reply_header(x, "Content-Type", "text/plain");
	http_reply(x, 200, SPAN_LIT("answered"));
}

static void handle(struct http_exchange *x, void *arg UNUSED)
{
	const struct http_request *r = http_exchange_request(x);
	struct route_path path;

	FUZZ_CHECK(held == NULL);
	touch(r->host);
	touch(r->target);
	touch(r->path);
	touch(r->body);
	FUZZ_CHECK(r->n_query <= HTTP_QUERY_MAX && r->body.len <= HTTP_BODY_MAX && r->target.len <= HTTP_HEADERS_MAX);
	for (size_t i = 0; i < r->n_query; i++) {
		touch(r->query[i].name);
		touch(r->query[i].value);
	}
	(void)http_query(r, "api-version");
	touch(span_cstr(http_exchange_header(x, "authorization")));
	if (route_split(r->path, &path) == FAULT_NONE)
		FUZZ_CHECK(path.n <= ROUTE_SEGMENTS_MAX);
	if ((manner & MANNER_LATER) == 0)
		answer(x);
	else
		held = x;
}

static void answer_held(void)
{
	struct http_exchange *x = TAKE(held);

	if (x != NULL)
		answer(x);
}

/* How much the client sends at once. */
static size_t piece_of(struct span left, size_t whole)
{
	if ((manner & MANNER_DRIBBLE) != 0)
		return 1 + left.len / 64;
	if ((manner & MANNER_HALVES) != 0 && left.len == whole)
		return (left.len + 1) / 2;
	return left.len;
}

/* False once the server takes no more. */
static bool say(int fd, struct span *left, size_t whole)
{
	ssize_t n;

	if (left->len == 0)
		return true;
	n = send(fd, left->p, piece_of(*left, whole), MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN;
	*left = span_from(*left, (size_t)n);
	return true;
}

/* False at the end of what the server says. */
static bool hear(int fd, struct buf *heard)
{
	char some[16384];
	ssize_t n = recv(fd, some, sizeof(some), 0);

	if (n > 0)
		buf_put(heard, some, (size_t)n);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

static bool contains(struct span s, struct span part)
{
	return s.p != NULL && memmem(s.p, s.len, part.p, part.len) != NULL;
}

/* Every answer is ours: the handler's, or a refusal in our words and not in evhttp's. */
static void check_answers(struct span heard)
{
	if (heard.len == 0)
		return;
	FUZZ_CHECK(span_starts_nocase(heard, span_first(SPAN_LIT("HTTP/"), heard.len)));
	FUZZ_CHECK(!contains(heard, SPAN_LIT("<HTML>")));
	FUZZ_CHECK(!contains(heard, SPAN_LIT("X-Refused")));
}

static void converse(int fd, struct span in)
{
	SCOPED_DONE(buf) struct buf heard = BUF_INIT(ANSWER_MAX);
	struct span left = in;
	bool is_open = true, has_ended = false;

	for (int i = 0; i < ROUNDS_MAX && is_open; i++) {
		bool can_say = say(fd, &left, in.len);

		if (!has_ended && (left.len == 0 || !can_say)) {
			if ((manner & MANNER_HANGS_UP) != 0)
				return;
			shutdown(fd, SHUT_WR);
			has_ended = true;
		}
		local_http_turn(&local);
		answer_held();
		is_open = hear(fd, &heard);
	}
	FUZZ_CHECK(!is_open);
	check_answers(buf_span(&heard));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	int fd;

	if (local.server == NULL) {
		local_http_open(&local, handle, NULL);
		atexit(close_server);
	}
	manner = fuzz_take_byte(&in);
	fd = local_http_connect(&local);
	converse(fd, in);
	local_http_turn(&local);
	close(fd);
	local_http_turn(&local);
	answer_held();
	/* Pipelined requests may still be handled. */
	manner = 0;
	FUZZ_CHECK(local_http_settle(&local));
	FUZZ_CHECK(held == NULL && http_server_in_flight(local.server) == 0);
	return 0;
}
