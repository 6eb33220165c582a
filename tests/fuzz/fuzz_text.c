/* Text forms of values: what decodes encodes again to the same, what is refused leaves nothing behind. */

#include <stdio.h>
#include <stdlib.h>

#include "common/io/http_url.h"
#include "common/plain/addr.h"
#include "common/plain/text.h"
#include "tests/fuzz/fuzz.h"

enum { OUT_MAX = 4 << 20 };

struct base64_form {
	void (*encode)(struct buf *out, struct span bytes);
	enum fault (*decode)(struct buf *out, struct span text);
};

static const struct base64_form forms[] = { { base64_encode, base64_decode }, { base64url_encode, base64url_decode } };

static void try_base64(const struct base64_form *form, struct span in)
{
	SCOPED_DONE(buf) struct buf a = BUF_INIT(OUT_MAX);
	SCOPED_DONE(buf) struct buf b = BUF_INIT(OUT_MAX);

	form->encode(&a, in);
	FUZZ_CHECK(form->decode(&b, buf_span(&a)) == FAULT_NONE);
	FUZZ_CHECK(span_eq(buf_span(&b), in));

	buf_clear(&a);
	buf_clear(&b);
	if (form->decode(&a, in) != FAULT_NONE) {
		FUZZ_CHECK(a.len == 0);
		return;
	}
	form->encode(&b, buf_span(&a));
	FUZZ_CHECK(b.len == in.len);
	/* Stray bits in the last digit are allowed; padding may follow it. */
	FUZZ_CHECK(in.len < 4 || span_eq(span_first(buf_span(&b), in.len - 3), span_first(in, in.len - 3)));
}

static void try_hex(struct span in)
{
	char *text = malloc(2 * in.len + 1);
	unsigned char *bytes = malloc(in.len + 1);

	FUZZ_CHECK(text != NULL && bytes != NULL);
	hex_encode(text, in);
	FUZZ_CHECK(strlen(text) == 2 * in.len);
	FUZZ_CHECK(hex_decode(bytes, in.len, span_cstr(text)) == FAULT_NONE);
	FUZZ_CHECK(span_eq(span_of(bytes, in.len), in));
	if (hex_decode(bytes, in.len / 2, in) == FAULT_NONE) {
		hex_encode(text, span_of(bytes, in.len / 2));
		FUZZ_CHECK(span_eq_nocase(span_cstr(text), in));
	}
	free(text);
	free(bytes);
}

static void try_percent(struct span in, bool is_query)
{
	SCOPED_DONE(buf) struct buf a = BUF_INIT(OUT_MAX);
	SCOPED_DONE(buf) struct buf b = BUF_INIT(OUT_MAX);

	percent_decode(&a, in, is_query);
	FUZZ_CHECK(a.len <= in.len);
	buf_clear(&a);
	percent_encode(&a, in);
	percent_decode(&b, buf_span(&a), is_query);
	FUZZ_CHECK(span_eq(buf_span(&b), in));
}

static void try_time(struct span in)
{
	char text[RFC3339_SIZE];
	int64_t s, again;

	if (rfc3339_parse(in, &s) == FAULT_NONE) {
		FUZZ_CHECK(s >= 0);
		rfc3339_format(text, s);
		FUZZ_CHECK(span_eq(span_first(span_cstr(text), 19), span_first(in, 19)));
	}
	if (in.len >= sizeof(s)) {
		memcpy(&s, in.p, sizeof(s));
		rfc3339_format(text, s);
		FUZZ_CHECK(rfc3339_parse(span_cstr(text), &again) == FAULT_NONE);
		entra_time_format(text, s);
		FUZZ_CHECK(strlen(text) == RFC3339_SIZE - 1 && text[10] == ' ');
	}
}

static void try_int(struct span in)
{
	char text[24];
	int64_t v, again;

	if (int_parse(in, &v) != FAULT_NONE)
		return;
	snprintf(text, sizeof(text), "%lld", (long long)v);
	FUZZ_CHECK(int_parse(span_cstr(text), &again) == FAULT_NONE);
	FUZZ_CHECK(again == v);
}

static void try_addr(struct span in)
{
	char text[ADDR_TEXT_MAX];
	struct addr_prefix prefix;
	struct addr a, again;

	if (addr_parse(in, &a) == FAULT_NONE) {
		addr_format(text, &a);
		FUZZ_CHECK(addr_parse(span_cstr(text), &again) == FAULT_NONE);
		FUZZ_CHECK(memcmp(&a, &again, sizeof(a)) == 0);
		FUZZ_CHECK(addr_prefix_parse(in, &prefix) == FAULT_NONE && prefix.len == 128);
	}
	if (addr_prefix_parse(in, &prefix) == FAULT_NONE) {
		FUZZ_CHECK(prefix.len <= 128);
		FUZZ_CHECK(addr_in_prefix(&prefix.addr, &prefix));
	}
}

static void try_url(struct span in)
{
	char *text = malloc(in.len + 1);
	struct http_url url;

	FUZZ_CHECK(text != NULL);
	memcpy(text, in.p, in.len);
	text[in.len] = '\0';
	if (http_url_parse(text, &url) == FAULT_NONE) {
		FUZZ_CHECK(url.host[0] != '\0' && url.port[0] != '\0' && url.target[0] == '/');
		FUZZ_CHECK(url.authority >= text && url.authority + url.authority_len <= text + in.len);
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = size == 0 ? SPAN_EMPTY : span_of(data, size);

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		try_base64(&forms[i], in);
	try_hex(in);
	try_percent(in, false);
	try_percent(in, true);
	try_time(in);
	try_int(in);
	try_addr(in);
	try_url(in);
	FUZZ_CHECK(!uuid_is_valid(in) || in.len == UUID_LEN);
	return 0;
}
