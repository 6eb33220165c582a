#include "sandvault/hosts_block.h"

#define BEGIN SPAN_LIT("# sandvault begin")
#define END SPAN_LIT("# sandvault end")

void hosts_line(struct buf *out, struct span name, struct span suffix)
{
	buf_printf(out, "127.0.0.1 %.*s.%.*s\n", SPAN_ARG(name), SPAN_ARG(suffix));
}

/* The offset of a line, or text.len when there is none. */
static size_t find_line(struct span text, struct span wanted, size_t from)
{
	size_t at = from;

	while (at < text.len) {
		struct span line, rest = span_cut(span_from(text, at), '\n', &line);

		if (span_eq(line, wanted))
			return at;
		if (rest.p == NULL)
			break;
		at += line.len + 1;
	}
	return text.len;
}

/* Each line of lines that is neither in block nor earlier in lines. */
static bool add_missing(struct buf *out, struct span block, struct span lines)
{
	struct span rest = lines;
	bool has_added = false;

	while (rest.p != NULL && rest.len > 0) {
		struct span line, before = span_first(lines, (size_t)(rest.p - lines.p));

		rest = span_cut(rest, '\n', &line);
		if (line.len == 0 || find_line(block, line, 0) < block.len || find_line(before, line, 0) < before.len)
			continue;
		buf_put_span(out, line);
		buf_put_char(out, '\n');
		has_added = true;
	}
	return has_added;
}

enum fault hosts_merge(struct span file, struct span lines, struct buf *out, bool *ret_changed)
{
	size_t begin = find_line(file, BEGIN, 0);
	size_t end = find_line(file, END, begin);

	if (begin < file.len && end == file.len)
		return FAULT_INVALID;
	if (begin < file.len) {
		buf_put_span(out, span_first(file, end));
		*ret_changed = add_missing(out, span_of(file.p + begin, end - begin), lines);
		buf_put_span(out, span_from(file, end));
		return buf_fault(out);
	}
	buf_put_span(out, file);
	if (file.len > 0 && file.p[file.len - 1] != '\n')
		buf_put_char(out, '\n');
	buf_put_span(out, BEGIN);
	buf_put_char(out, '\n');
	*ret_changed = add_missing(out, SPAN_EMPTY, lines);
	buf_put_span(out, END);
	buf_put_char(out, '\n');
	return buf_fault(out);
}
