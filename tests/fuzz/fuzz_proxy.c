/* The head of a proxy's request: spans inside it, and no target but those of the table. */

#include "identityd/proxy/target.h"
#include "tests/fuzz/fuzz.h"

static bool is_inside(struct span part, struct span whole)
{
	return part.len == 0 || (part.p >= whole.p && part.p + part.len <= whole.p + whole.len);
}

/* The same request, said anew from what was understood. */
static void check_again(const struct proxy_head *h, enum proxy_place place, const struct endpoints *at)
{
	SCOPED_DONE(buf) struct buf head = BUF_INIT(1 << 20);
	struct proxy_head again;

	buf_printf(&head, "%s%.*s:%u%s HTTP/1.1\r\n", h->form == PROXY_CONNECT ? "CONNECT " : "GET http://",
		   SPAN_ARG(h->host), h->port, h->form == PROXY_CONNECT ? "" : "/");
	FUZZ_CHECK(buf_fault(&head) == FAULT_NONE);
	proxy_head_parse(buf_span(&head), &again);
	FUZZ_CHECK(again.form == h->form && again.port == h->port && span_eq(again.host, h->host));
	FUZZ_CHECK(h->is_https || proxy_place_of(&again, at) == place);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct endpoints at = { .tls_port = 8443, .login_port = 8444, .imds_port = 8090 };
	struct span in = span_of(data, size);
	struct proxy_head h;
	enum proxy_place place;

	proxy_head_parse(in, &h);
	FUZZ_CHECK(is_inside(h.host, in) && is_inside(h.target, in));
	FUZZ_CHECK((h.host.len > 0) == (h.form == PROXY_CONNECT || h.form == PROXY_ABSOLUTE));
	if (h.host.len == 0)
		return 0;
	FUZZ_CHECK(h.port != 0 && memchr(h.host.p, '\0', h.host.len) == NULL &&
		   memchr(h.host.p, '@', h.host.len) == NULL);
	place = proxy_place_of(&h, &at);
	FUZZ_CHECK(place != PROXY_IMDS || h.form == PROXY_ABSOLUTE);
	check_again(&h, place, &at);
	return 0;
}
