/* Sentences about expressions quote values: those of secure parameters are taken out of them again. */

#include <string.h>

#include "vaultd/template/template_types.h"

#define HIDDEN "***"

/* Every place of secret in text, a NUL-terminated buffer; what is put there never makes it longer. */
static void hide(char *text, struct span secret)
{
	size_t left = strlen(text);
	char *at = text;

	while (secret.len >= sizeof(HIDDEN) - 1 && (at = memmem(at, left, secret.p, secret.len)) != NULL) {
		size_t tail = strlen(at + secret.len);

		memcpy(at, HIDDEN, sizeof(HIDDEN) - 1);
		memmove(at + sizeof(HIDDEN) - 1, at + secret.len, tail + 1);
		at += sizeof(HIDDEN) - 1;
		left = tail;
	}
	/* Of one or two characters there is nothing to keep: the whole sentence would be stars. */
}

static void hide_all(char *text, const struct tv *v)
{
	if (tv_type(v) == TV_STRING)
		hide(text, v->text);
	if (tv_type(v) == TV_ARRAY)
		for (size_t i = 0; i < v->array.n; i++)
			hide_all(text, v->array.items[i]);
	if (tv_type(v) == TV_OBJECT)
		for (size_t i = 0; i < v->object.n; i++)
			hide_all(text, v->object.members[i].value);
}

void plan_hide_secrets(const struct plan *p, struct err *err)
{
	for (size_t i = 0; i < p->parameters.n; i++) {
		const struct binding *b = &p->parameters.items[i];
		struct span type = tv_text(declared_get(p, b->source, "type"));
		const struct tv *given = tv_get_span(p->in.parameters, b->name);

		if (!span_starts_nocase(type, SPAN_LIT("secure")))
			continue;
		hide_all(err->message, tv_get(given, "value"));
		if (b->state == BINDING_READY)
			hide_all(err->message, b->value);
	}
}
