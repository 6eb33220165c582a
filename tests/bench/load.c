/*
 * Sends the same request again and again over keep-alive TLS connections and measures the answers.
 *
 * usage: bench_load PORT REQUEST-FILE CONNECTIONS SECONDS [RATE]
 * Without RATE each connection sends its next request when it has the answer. With it so many requests a second are
 * due, and latency counts from the moment a request was due, not from when a connection was free to send it. Only
 * answers with status 200 count; others are "failed".
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/bench/peer.h"

enum {
	CONNECTIONS_MAX = 1024,
	REQUEST_MAX = 64 * 1024,
	REPLY_MAX = 64 * 1024,
	BLOCK = 17 * 1024,
	SAMPLES_MAX = 4 << 20
};
static const double warm_up_s = 0.2;

struct conn {
	int fd;
	mbedtls_ssl_context ssl;
	unsigned char wire[BLOCK];
	size_t wire_from, wire_to;
	bool is_waiting; /* for an answer */
	double since;
	char reply[REPLY_MAX];
	size_t len;
};

static struct load {
	struct peer client;
	struct conn *conns;
	long n_conns;
	char request[REQUEST_MAX];
	size_t request_len;
	double count_from, end; /* answers count if their request was sent in between */
	double interval;	/* between requests that are due; 0: none are */
	double first_due;
	uint64_t n_due, n_sent;
	uint32_t *samples; /* microseconds */
	size_t n_samples;
	unsigned long n_failed;
} load;

static int wire_send(void *arg, const unsigned char *p, size_t n)
{
	ssize_t sent = send(((struct conn *)arg)->fd, p, n, MSG_NOSIGNAL);

	return sent < 0 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : (int)sent;
}

/* The library asks for a record's head and body apart; the kernel is asked once. */
static int wire_recv(void *arg, unsigned char *p, size_t n)
{
	struct conn *c = arg;

	if (c->wire_from == c->wire_to) {
		ssize_t got = recv(c->fd, c->wire, sizeof(c->wire), MSG_DONTWAIT);

		if (got < 0 && errno == EAGAIN)
			return MBEDTLS_ERR_SSL_WANT_READ;
		if (got <= 0)
			return MBEDTLS_ERR_SSL_CONN_EOF;
		c->wire_from = 0;
		c->wire_to = (size_t)got;
	}
	if (n > c->wire_to - c->wire_from)
		n = c->wire_to - c->wire_from;
	memcpy(p, c->wire + c->wire_from, n);
	c->wire_from += n;
	return (int)n;
}

static void conn_open(struct conn *c, uint16_t port, int epoll)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct epoll_event ev = { .events = EPOLLIN, .data = { .ptr = c } };
	int one = 1, r;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &ev))
		die("cannot connect to port %u: %s", port, strerror(errno));
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	mbedtls_ssl_init(&c->ssl);
	must(mbedtls_ssl_setup(&c->ssl, &load.client.conf), "session");
	must(mbedtls_ssl_set_hostname(&c->ssl, "bench.vault.localhost"), "name");
	mbedtls_ssl_set_bio(&c->ssl, c, wire_send, wire_recv, NULL);
	while ((r = mbedtls_ssl_handshake(&c->ssl)) == MBEDTLS_ERR_SSL_WANT_READ)
		epoll_wait(epoll, &ev, 1, -1);
	must(r, "handshake");
}

static void conn_close(struct conn *c)
{
	mbedtls_ssl_close_notify(&c->ssl);
	mbedtls_ssl_free(&c->ssl);
	close(c->fd);
}

static void conn_send(struct conn *c, double since)
{
	int r = mbedtls_ssl_write(&c->ssl, (const unsigned char *)load.request, load.request_len);

	if (r != (int)load.request_len)
		die("a request could not be sent whole (%d)", r);
	c->is_waiting = true;
	c->since = since;
	c->len = 0;
	load.n_sent++;
}

/* Is the answer whole? */
static bool is_whole(const struct conn *c)
{
	static const char length[] = "\r\nContent-Length:";
	const char *body = memmem(c->reply, c->len, "\r\n\r\n", 4);
	const char *at = strcasestr(c->reply, length);

	if (body == NULL || at == NULL || at > body)
		return false;
	return c->len >= (size_t)(body + 4 - c->reply) + strtoul(at + sizeof(length) - 1, NULL, 10);
}

static void count(struct conn *c, double now)
{
	if (c->since < load.count_from || now > load.end)
		return;
	if (memcmp(c->reply, "HTTP/1.1 200 ", 13) != 0) {
		if (load.n_failed++ == 0)
			fprintf(stderr, "an answer: %s\n", c->reply);
	} else if (load.n_samples < SAMPLES_MAX) {
		load.samples[load.n_samples++] = (uint32_t)((now - c->since) * 1e6);
	}
}

static void conn_read(struct conn *c)
{
	for (;;) {
		int r = mbedtls_ssl_read(&c->ssl, (unsigned char *)c->reply + c->len, sizeof(c->reply) - 1 - c->len);

		if (r == MBEDTLS_ERR_SSL_WANT_READ)
			break;
		if (r <= 0)
			die("the server ended a connection (-0x%04x)", (unsigned)-r);
		c->len += (size_t)r;
		c->reply[c->len] = '\0';
	}
	if (!c->is_waiting || !is_whole(c))
		return;
	double now = now_s();
	count(c, now);
	c->is_waiting = false;
	if (load.interval <= 0)
		conn_send(c, now);
}

static void send_due(void)
{
	for (long i = 0; i < load.n_conns && load.n_sent < load.n_due; i++)
		if (!load.conns[i].is_waiting)
			conn_send(&load.conns[i], load.first_due + (double)load.n_sent * load.interval);
}

static int start_timer(int epoll, double rate)
{
	struct epoll_event ev = { .events = EPOLLIN, .data = { .ptr = NULL } };
	long ns = (long)(1e9 / rate);
	struct itimerspec every = { { ns / 1000000000, ns % 1000000000 }, { ns / 1000000000, ns % 1000000000 } };
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (timer < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &ev) != 0)
		die("cannot make a timer");
	load.interval = 1 / rate;
	load.first_due = now_s() + load.interval;
	timerfd_settime(timer, 0, &every, NULL);
	return timer;
}

static void run(int epoll, int timer)
{
	struct epoll_event events[64];

	for (long i = 0; i < load.n_conns && timer < 0; i++)
		conn_send(&load.conns[i], now_s());
	while (now_s() < load.end) {
		int n = epoll_wait(epoll, events, 64, 50);

		for (int i = 0; i < n; i++) {
			uint64_t expired;

			if (events[i].data.ptr != NULL)
				conn_read(events[i].data.ptr);
			else if (read(timer, &expired, sizeof(expired)) == sizeof(expired))
				load.n_due += expired;
		}
		if (timer >= 0)
			send_due();
	}
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t quantile(double q)
{
	return load.n_samples == 0 ? 0 : load.samples[(size_t)(q * (double)(load.n_samples - 1))];
}

static void report(double seconds, double cpu)
{
	qsort(load.samples, load.n_samples, sizeof(*load.samples), by_value);
	printf("{\"rate\":%.1f,\"n\":%zu,\"failed\":%lu,\"p50_us\":%u,\"p99_us\":%u,\"max_us\":%u,\"cpu\":%.3f}\n",
	       (double)load.n_samples / seconds, load.n_samples, load.n_failed, quantile(0.5), quantile(0.99),
	       quantile(1), cpu);
}

static void read_request(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		die("cannot read %s: %s", path, strerror(errno));
	load.request_len = fread(load.request, 1, sizeof(load.request), f);
	fclose(f);
}

/* A paced client measures the server, not its own wait for a core behind somebody's arithmetic: it asks for short
 * slices, which kernels that do not know them refuse. */
static void ask_for_short_slices(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime_ns, deadline_ns, period_ns;
	} a = { .size = sizeof(a), .runtime_ns = 100000 };

	(void)syscall(SYS_sched_setattr, 0, &a, 0);
}

int main(int argc, char **argv)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), timer = -1;
	double seconds, start, cpu;

	if (argc < 5)
		die("usage: bench_load PORT REQUEST-FILE CONNECTIONS SECONDS [RATE]");
	read_request(argv[2]);
	if (argc > 5)
		ask_for_short_slices();
	load.n_conns = atol(argv[3]);
	seconds = atof(argv[4]);
	if (load.n_conns < 1 || load.n_conns > CONNECTIONS_MAX)
		die("1 to %d connections", CONNECTIONS_MAX);
	load.conns = calloc((size_t)load.n_conns, sizeof(*load.conns));
	load.samples = malloc(SAMPLES_MAX * sizeof(*load.samples));
	if (load.conns == NULL || load.samples == NULL)
		die("no memory");
	peer_init(&load.client, MBEDTLS_SSL_IS_CLIENT);
	for (long i = 0; i < load.n_conns; i++)
		conn_open(&load.conns[i], (uint16_t)atoi(argv[1]), epoll);
	if (argc > 5)
		timer = start_timer(epoll, atof(argv[5]));
	start = now_s();
	cpu = cpu_s();
	load.count_from = start + warm_up_s;
	load.end = load.count_from + seconds;
	run(epoll, timer);
	report(seconds, (cpu_s() - cpu) / (now_s() - start));
	for (long i = 0; i < load.n_conns; i++)
		conn_close(&load.conns[i]);
	peer_done(&load.client);
	free(load.conns);
	free(load.samples);
	return 0;
}
