#include "vaultd/template/fn.h"
#include "vaultd/template/unique.h"

#include "common/plain/text.h"

/* The arguments with hyphens between them. */
static enum fault join_args(struct call *c, struct buf *out)
{
	for (size_t i = 0; i < c->n; i++) {
		struct span text;
		enum fault f = call_text(c, i, &text);

		if (f != FAULT_NONE)
			return f;
		if (i > 0)
			buf_put_char(out, '-');
		buf_put_span(out, text);
	}
	return buf_fault(out);
}

static enum fault fn_unique_string(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(FN_TEXT_MAX);
	char out[UNIQUE_LEN];
	enum fault f = join_args(c, &text);

	if (f != FAULT_NONE)
		return f;
	unique_string(buf_span(&text), out);
	return call_give_text(c, pool_dup(c->pool, span_of(out, UNIQUE_LEN)), ret);
}

static enum fault fn_guid(struct call *c, const struct tv **ret)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(FN_TEXT_MAX);
	char out[UUID_SIZE];
	enum fault f = join_args(c, &text);

	if (f == FAULT_NONE)
		f = unique_guid(buf_span(&text), out);
	if (f != FAULT_NONE)
		return f;
	return call_give_text(c, pool_dup(c->pool, span_of(out, UUID_LEN)), ret);
}

static const struct fn rows[] = {
	{ "uniqueString", 1, FN_ANY, fn_unique_string, NULL, ARITY_AT_LEAST_ONE },
	{ "guid", 1, FN_ANY, fn_guid, NULL, ARITY_AT_LEAST_ONE },
};

const struct fn_table fn_hashes = { rows, ARRAY_LEN(rows) };
