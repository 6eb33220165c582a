#include <stdio.h>

#include "vaultd/registry/reg.h"

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000 };

/* How a list is paged: ?n= and ?last=. */
struct page {
	int64_t max, n;
	struct span after;
	bool has_more;
	char last[REPOSITORY_SIZE];
	struct json_out *out;
};

/* GET /v2/: whether one is signed in. */
enum fault reg_ping(struct reg_op *op, struct err *err UNUSED)
{
	json_out_object(&op->out, NULL);
	json_out_object_end(&op->out);
	return FAULT_NONE;
}

static enum fault page_begin(struct reg_op *op, struct page *ret, struct err *err)
{
	struct span n = http_query(op->request, "n"), last = http_query(op->request, "last");

	*ret = (struct page){ .max = PAGE_DEFAULT, .after = last.p == NULL ? SPAN_EMPTY : last, .out = &op->out };
	if (n.p == NULL)
		return FAULT_NONE;
	if (int_parse(n, &ret->max) != FAULT_NONE || ret->max < 0)
		return err_say(err, FAULT_INVALID, "PAGINATION_NUMBER_INVALID", "invalid number of results requested");
	if (ret->max > PAGE_MAX)
		ret->max = PAGE_MAX;
	return FAULT_NONE;
}

/* Ends the walk with FAULT_UNAVAILABLE when the page is full. */
static enum fault page_each(struct span name, void *arg)
{
	struct page *page = arg;

	if (page->n == page->max) {
		page->has_more = true;
		return FAULT_UNAVAILABLE;
	}
	page->n++;
	snprintf(page->last, sizeof(page->last), "%.*s", SPAN_ARG(name));
	json_out_str(page->out, NULL, name);
	return FAULT_NONE;
}

static void page_end(struct reg_op *op, const struct page *page, const char *path)
{
	SCOPED_DONE(buf) struct buf link = BUF_INIT(HTTP_REPLY_HEAD_MAX);

	if (!page->has_more || page->n == 0)
		return;
	buf_printf(&link, "<%s?last=", path);
	percent_encode(&link, span_cstr(page->last));
	buf_printf(&link, "&n=%lld&orderby=>; rel=\"next\"", (long long)page->max);
	http_reply_header(op->x, "Link", buf_cstr(&link));
}

/* GET /v2/_catalog?n&last → { repositories }. */
enum fault reg_catalog(struct reg_op *op, struct err *err)
{
	struct page page;
	enum fault f = page_begin(op, &page, err);

	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	json_out_array(&op->out, "repositories");
	f = repository_each(op->txn, &op->registry, page.after, page_each, &page);
	json_out_array_end(&op->out);
	json_out_object_end(&op->out);
	page_end(op, &page, "/v2/_catalog");
	return f == FAULT_UNAVAILABLE ? FAULT_NONE : f;
}

/* GET /v2/NAME/tags/list?n&last → { name, tags }. */
enum fault reg_tags(struct reg_op *op, struct err *err)
{
	SCOPED_DONE(buf) struct buf path = BUF_INIT(REPOSITORY_SIZE + 32);
	struct page page;
	enum fault f = page_begin(op, &page, err);

	if (f == FAULT_NONE)
		f = repository_exists(op->txn, &op->registry, op->repository);
	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "NAME_UNKNOWN", "repository name not known to registry");
	if (f != FAULT_NONE)
		return f;
	json_out_object(&op->out, NULL);
	json_out_str(&op->out, "name", op->repository);
	json_out_array(&op->out, "tags");
	f = tag_each(op->txn, &op->registry, op->repository, page.after, page_each, &page);
	json_out_array_end(&op->out);
	json_out_object_end(&op->out);
	buf_printf(&path, "/v2/%.*s/tags/list", SPAN_ARG(op->repository));
	page_end(op, &page, buf_cstr(&path));
	return f == FAULT_UNAVAILABLE ? FAULT_NONE : f;
}
