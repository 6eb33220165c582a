#include "vaultd/arm/arm_page.h"

#include <inttypes.h>

#include "common/plain/text.h"

enum { LINK_MAX = 64 << 10 };

/* An absent parameter leaves *ret. */
static enum fault read_count(const struct arm_op *op, const char *name, int64_t min, int64_t *ret, struct err *err)
{
	struct span text = http_query(op->request, name);
	int64_t v = 0;

	if (text.p == NULL)
		return FAULT_NONE;
	if (int_parse(text, &v) != FAULT_NONE || v < min)
		return err_say(err, FAULT_INVALID, "InvalidQueryParameterValue",
			       "The value '%.*s' of the query parameter '%s' is invalid.", SPAN_ARG(text), name);
	*ret = v;
	return FAULT_NONE;
}

enum fault arm_page_begin(struct arm_op *op, struct arm_page *ret, struct err *err)
{
	struct arm_page p = { .op = op };
	enum fault f = read_count(op, "$top", 1, &p.top, err);

	if (f == FAULT_NONE)
		f = read_count(op, "$skiptoken", 0, &p.skip, err);
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	json_out_array(&op->out, "value");
	*ret = p;
	return FAULT_NONE;
}

bool arm_page_wants(struct arm_page *p)
{
	p->seen++;
	if (p->seen <= p->skip || (p->top > 0 && p->written == p->top))
		return false;
	p->written++;
	return true;
}

/* The request's own address with another $skiptoken. */
static void write_next_link(struct arm_page *p)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(LINK_MAX);
	const struct http_request *r = p->op->request;

	buf_put_cstr(&b, p->op->base_url);
	buf_put_span(&b, r->path);
	buf_put_char(&b, '?');
	for (size_t i = 0; i < r->n_query; i++) {
		if (span_eq_nocase(r->query[i].name, SPAN_LIT("$skiptoken")))
			continue;
		percent_encode(&b, r->query[i].name);
		buf_put_char(&b, '=');
		percent_encode(&b, r->query[i].value);
		buf_put_char(&b, '&');
	}
	buf_printf(&b, "%%24skiptoken=%" PRId64, p->skip + p->written);
	if (buf_fault(&b) == FAULT_NONE)
		json_out_str(&p->op->out, "nextLink", buf_span(&b));
	else
		p->op->reply.fault = buf_fault(&b);
}

void arm_page_end(struct arm_page *p)
{
	json_out_array_end(&p->op->out);
	if (p->seen > p->skip + p->written)
		write_next_link(p);
}
