/* What is wrong with a template, in Azure's sentences, and where. Source: fixtures/sources.md#templates */

#include <stdarg.h>
#include <stdio.h>

#include "vaultd/template/template_plan.h"

static const char SEE_EXPRESSIONS[] = "Please see https://aka.ms/arm-template-expressions for usage details.";

enum { PATH_MAX_BYTES = 4096 };

static bool is_plain_name(struct span name)
{
	static const char odd[] = " .'/\"[]()\t\n\r\f\b\\";

	for (size_t i = 0; i < name.len; i++)
		if (memchr(odd, name.p[i], sizeof(odd) - 1) != NULL)
			return false;
	return name.len > 0;
}

static void put_path(struct buf *out, const struct path *at)
{
	if (at == NULL)
		return;
	put_path(out, at->up);
	if (at->name.p == NULL)
		buf_printf(out, "[%zu]", at->index);
	else if (!is_plain_name(at->name))
		buf_printf(out, "['%.*s']", SPAN_ARG(at->name));
	else
		buf_printf(out, "%s%.*s", out->len == 0 ? "" : ".", SPAN_ARG(at->name));
}

struct span path_text(struct pool *pool, const struct path *at)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(PATH_MAX_BYTES);
	struct span kept = SPAN_EMPTY;

	put_path(&text, at);
	if (buf_fault(&text) == FAULT_NONE && text.len > 0)
		kept = pool_dup(pool, buf_span(&text));
	return kept.p == NULL ? SPAN_EMPTY : kept;
}

void plan_place(struct plan *p, const struct tv *v, const struct path *at)
{
	if (p->is_placed)
		return;
	p->is_placed = true;
	p->place = (struct template_place){ .path = path_text(p->pool, at) };
	if (v != NULL) {
		p->place.line = v->line;
		p->place.column = v->column;
	}
}

/* Where in v the value stands. */
static bool find_place(struct plan *p, const struct tv *v, const struct tv *what, const struct path *at)
{
	if (v == what) {
		plan_place(p, v, at);
		return true;
	}
	if (tv_type(v) == TV_ARRAY)
		for (size_t i = 0; i < v->array.n; i++) {
			struct path here = PATH_ITEM(at, i);

			if (find_place(p, v->array.items[i], what, &here))
				return true;
		}
	if (tv_type(v) == TV_OBJECT)
		for (size_t i = 0; i < v->object.n; i++) {
			struct path here = PATH_SPAN(at, v->object.members[i].name);

			if (find_place(p, v->object.members[i].value, what, &here))
				return true;
		}
	return false;
}

void plan_place_found(struct plan *p, const struct tv *what)
{
	if (what != NULL)
		find_place(p, p->in.template, what, NULL);
}

enum fault plan_refuse(struct plan *p, const struct tv *v, const struct path *at, struct err *err, const char *fmt, ...)
{
	char sentence[ERR_MESSAGE_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	if (v != NULL || at != NULL)
		plan_place(p, v, at);
	p->is_framed = true;
	return err_say(err, FAULT_INVALID, "InvalidTemplate", "Deployment template validation failed: '%s'.", sentence);
}

enum fault plan_unreadable(struct plan *p, const struct tv *v, const struct path *at, struct err *err, const char *code,
			   const char *fmt, ...)
{
	char sentence[ERR_MESSAGE_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	plan_place(p, v, at);
	p->is_framed = true;
	return err_say(err, FAULT_INVALID, code, "%s", sentence);
}

static bool is_known(struct span name, const char *const *known, size_t n_known)
{
	for (size_t i = 0; i < n_known; i++)
		if (span_eq_nocase(name, span_cstr(known[i])))
			return true;
	return false;
}

enum fault plan_check_members(struct plan *p, const struct tv *v, const struct path *at, const char *type,
			      const char *const *known, size_t n_known, struct err *err)
{
	for (size_t i = 0; i < v->object.n; i++) {
		struct span name = v->object.members[i].name;
		const struct tv *value = v->object.members[i].value;
		struct path here = PATH_SPAN(at, name);

		if (is_known(name, known, n_known))
			continue;
		struct span text = path_text(p->pool, &here);
		return plan_unreadable(
			p, value, &here, err, "InvalidRequestContent",
			"The request content was invalid and could not be deserialized: 'Could not find member '%.*s' "
			"on object of type '%s'. Path 'properties.template%s%.*s', line %u, position %u.'.",
			SPAN_ARG(name), type, text.len > 0 && text.p[0] == '[' ? "" : ".", SPAN_ARG(text), value->line,
			value->column);
	}
	return FAULT_NONE;
}

/* The language's own parser says what it could not read in another frame. */
static bool is_about_syntax(const struct err *err)
{
	static const char begin[] = "Unable to parse language expression";

	return strncmp(err->message, begin, sizeof(begin) - 1) == 0;
}

/* what NULL: the sentence stands alone. */
static enum fault frame(struct plan *p, const char *what, struct err *err)
{
	p->is_framed = true;
	if (what == NULL && !is_about_syntax(err))
		return err_say(err, FAULT_INVALID, "InvalidTemplate", "Deployment template validation failed: '%s'.",
			       err->message);
	if (is_about_syntax(err))
		return err_say(err, FAULT_INVALID, "InvalidTemplate",
			       "Deployment template language expression evaluation failed: '%s'. %s", err->message,
			       SEE_EXPRESSIONS);
	return err_say(err, FAULT_INVALID, "InvalidTemplate",
		       "Deployment template validation failed: '%s is not valid: %s. %s'.", what, err->message,
		       SEE_EXPRESSIONS);
}

enum fault plan_frame(struct plan *p, enum fault f, struct err *err, const char *fmt, ...)
{
	char what[ERR_MESSAGE_MAX / 4];
	va_list args;

	if (f != FAULT_INVALID || p->is_framed || err == NULL)
		return f;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	return frame(p, what, err);
}

enum fault plan_frame_bare(struct plan *p, enum fault f, struct err *err)
{
	return f != FAULT_INVALID || p->is_framed || err == NULL ? f : frame(p, NULL, err);
}

enum fault plan_frame_node(struct plan *p, enum fault f, const struct tv *source, struct span name, struct err *err)
{
	return plan_frame(p, f, err, "The template resource '%.*s' at line '%u' and column '%u'", SPAN_ARG(name),
			  source->line, source->column);
}
