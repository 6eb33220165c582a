#include "vaultd/control/control_op.h"

#include <inttypes.h>

#include "common/io/audit_read.h"
#include "common/plain/text.h"
#include "vaultd/control/audit_words.h"

/*
 * GET /audit?since=&operation=&caller=&vault=&result= → { value: [line], next: SEQ, more: bool }, oldest first. next is
 * the since of the next call; more: there is something to read there already. With follow the lines come one by one,
 * for as long as the caller stays.
 */

static const struct audit_limits page_limits = { .lines = 1000, .bytes = 1 << 20, .looked_at = 8 << 20 };

void control_put_line(struct buf *out, int64_t seq, struct span line)
{
	buf_printf(out, "{\"seq\":%" PRId64 ",", seq);
	buf_put_span(out, span_from(line, 1));
}

struct query {
	struct audit_filter filter;
	int64_t since; /* -1: not said */
	bool wants_follow;
};

static enum fault read_since(struct span v, int64_t *ret, struct err *err)
{
	if (int_parse(v, ret) != FAULT_NONE || *ret < 0)
		return err_say(err, FAULT_INVALID, "BadRequest", "\"since\" must be a sequence number.");
	return FAULT_NONE;
}

static enum fault read_parameter(struct query *q, struct span name, struct span value, struct err *err)
{
	const struct {
		const char *name;
		struct span *into;
	} texts[] = {
		{ "operation", &q->filter.operation },
		{ "caller", &q->filter.caller },
		{ "vault", &q->filter.vault },
		{ "result", &q->filter.result },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (span_eq_cstr(name, texts[i].name)) {
			*texts[i].into = value.p == NULL ? SPAN_EMPTY : value;
			return FAULT_NONE;
		}
	if (span_eq_cstr(name, "since"))
		return read_since(value, &q->since, err);
	if (!span_eq_cstr(name, "follow"))
		return err_say(err, FAULT_INVALID, "BadRequest",
			       "\"%.*s\" is no parameter of this call; there are \"since\", \"operation\", \"caller\", "
			       "\"vault\", \"result\" and \"follow\".",
			       SPAN_ARG(span_first(name, 64)));
	q->wants_follow = !span_eq_nocase(value, SPAN_LIT("false")) && !span_eq_cstr(value, "0");
	return FAULT_NONE;
}

static enum fault read_query(const struct control_op *op, struct query *ret, struct err *err)
{
	enum fault f = FAULT_NONE;

	*ret = (struct query){ { SPAN_EMPTY, SPAN_EMPTY, SPAN_EMPTY, SPAN_EMPTY }, -1, false };
	for (size_t i = 0; f == FAULT_NONE && i < op->request->n_query; i++)
		f = read_parameter(ret, op->request->query[i].name, op->request->query[i].value, err);
	if (f == FAULT_NONE)
		f = audit_operation_word(&ret->filter.operation, err);
	if (f == FAULT_NONE)
		f = audit_result_word(ret->filter.result, err);
	if (span_eq_cstr(ret->filter.caller, "admin"))
		ret->filter.caller = span_cstr(op->d->world.admin_object_id);
	return f;
}

static void add_line(int64_t seq, struct span line, void *arg)
{
	struct control_op *op = arg;
	SCOPED_DONE(buf) struct buf whole = BUF_INIT(AUDIT_LINE_MAX + 64);

	control_put_line(&whole, seq, line);
	json_out_raw(&op->out, NULL, buf_span(&whole));
}

static enum fault write_page(struct control_op *op, const struct query *q, struct err *err)
{
	struct audit_options opt = { .data_dir = op->d->world.data_dir };
	struct audit_reader *r;
	bool is_end;
	enum fault f = audit_reader_new(&opt, &r, err);

	if (f != FAULT_NONE)
		return f;
	audit_flush(op->d->audit);
	audit_reader_seek(r, q->since < 0 ? 0 : q->since);
	json_out_object(&op->out, NULL);
	json_out_array(&op->out, "value");
	f = audit_read(r, &q->filter, &page_limits, add_line, op, &is_end);
	if (f == FAULT_NONE) {
		json_out_array_end(&op->out);
		json_out_int(&op->out, "next", audit_reader_at(r));
		json_out_bool(&op->out, "more", !is_end);
		json_out_object_end(&op->out);
	}
	audit_reader_free(r);
	return f;
}

enum fault control_get_audit(struct control_op *op, struct err *err)
{
	struct query q;
	enum fault f = read_query(op, &q, err);

	if (f != FAULT_NONE)
		return f;
	if (!q.wants_follow)
		return write_page(op, &q, err);
	f = followers_add(control_followers(op->c), op->x, &q.filter, q.since, err);
	op->is_deferred = f == FAULT_NONE;
	return f;
}
