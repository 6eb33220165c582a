/*
 * Paths: split, and matched against every pattern of both daemons and a few hard ones; hosts; forms. The first byte is
 * the method, then comes the host up to a line break, then the path, raw as it was sent.
 */

#include <stdlib.h>
#include <unistd.h>

#include "common/plain/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/local_http.h"
#include "tests/fuzz/route_identityd.h"
#include "vaultd/arm/arm_routes.h"
#include "vaultd/keyvault/kv.h"

enum { PATH_MAX_LEN = HTTP_HEADERS_MAX };

static const char *const hard_patterns[] = {
	"/{a?}/{b?}/{c?}/{d?}/x", "/{a}/{rest*}", "/{rest*}", "/keys/{key-name}/{key-version?}/wrapkey", "/", "/{a?}",
};

static struct local_http local;
static struct http_exchange *lent; /* a request that is not answered until the end: it lends its pool */

static void keep(struct http_exchange *x, void *arg UNUSED)
{
	lent = x;
}

static void tear_down(void)
{
	http_reply(lent, 200, SPAN_EMPTY);
	local_http_settle(&local);
	local_http_close(&local);
}

static void set_up(void)
{
	struct span ask = SPAN_LIT("GET / HTTP/1.0\r\n\r\n");
	int fd;

	local_http_open(&local, keep, NULL);
	fd = local_http_connect(&local);
	FUZZ_CHECK(write(fd, ask.p, ask.len) == (ssize_t)ask.len);
	for (int i = 0; i < 8 && lent == NULL; i++)
		local_http_turn(&local);
	FUZZ_CHECK(lent != NULL);
	close(fd);
	atexit(tear_down);
}

static void check_split(struct span raw, const struct route_path *path)
{
	FUZZ_CHECK(path->n <= ROUTE_SEGMENTS_MAX);
	for (size_t i = 0; i < path->n; i++) {
		FUZZ_CHECK(path->seg[i].len == 0 ||
			   (path->seg[i].p >= raw.p && path->seg[i].p + path->seg[i].len <= raw.p + raw.len));
		FUZZ_CHECK(path->seg[i].len == 0 || memchr(path->seg[i].p, '/', path->seg[i].len) == NULL);
	}
}

/* What all of the path was captured by must be all of the path. */
static void check_rest(const struct route_path *path, const struct route_match *m)
{
	SCOPED_DONE(buf) struct buf whole = BUF_INIT(PATH_MAX_LEN);
	struct span first, last;

	if (path->n == 0)
		return;
	first = path->seg[0];
	last = path->seg[path->n - 1];
	percent_decode(&whole, span_of(first.p, (size_t)(last.p + last.len - first.p)), false);
	FUZZ_CHECK(span_eq(route_capture(m, "rest"), buf_span(&whole)));
}

static void match_hard(const struct route_path *path, struct pool *pool)
{
	struct route_match m;

	for (size_t i = 0; i < ARRAY_LEN(hard_patterns); i++) {
		if (!route_match(hard_patterns[i], path, pool, &m))
			continue;
		FUZZ_CHECK(m.n <= ROUTE_CAPTURES_MAX);
		for (size_t c = 0; c < m.n; c++)
			FUZZ_CHECK(m.capture[c].name.len > 0 && m.capture[c].value.p != NULL);
		if (strcmp(hard_patterns[i], "/{rest*}") == 0)
			check_rest(path, &m);
	}
}

static void route_all(const struct http_request *request, struct pool *pool)
{
	const struct kv_row *kv = NULL;
	const struct arm_row *arm;
	struct route_match m;
	struct route_path path;
	bool other_method;

	if (route_split(request->path, &path) == FAULT_NONE) {
		check_split(request->path, &path);
		match_hard(&path, pool);
		if (kv_route(request->method, &path, pool, &kv, &m) == FAULT_NONE)
			FUZZ_CHECK(kv != NULL && m.n <= ROUTE_CAPTURES_MAX);
	}
	arm = arm_find_row(request, pool, &m, &other_method);
	FUZZ_CHECK(arm == NULL || (arm->methods & request->method) != 0);
	route_identityd(lent, request);
}

static void split_host(struct span host)
{
	struct host_parts parts;

	host_split(host, &parts);
	if (parts.door == DOOR_VAULT)
		FUZZ_CHECK(parts.vault.len > 0 && parts.vault.len + 1 + parts.suffix.len == host.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	struct http_request request = { .method = HTTP_GET };
	struct pool *pool;

	if (lent == NULL)
		set_up();
	/* What HTTP carries at most: every caller's paths come out of a request. */
	in = span_first(in, PATH_MAX_LEN);
	pool = http_exchange_pool(lent);
	request.method = (enum http_method)(1 << fuzz_take_byte(&in) % 8);
	request.path = span_cut(in, '\n', &request.host);
	if (request.path.p == NULL)
		request.path = SPAN_EMPTY;
	split_host(request.host);
	route_all(&request, pool);
	request.is_tls = true;
	route_identityd(lent, &request);
	parse_form(request.path);
	pool_reset(pool);
	return 0;
}
