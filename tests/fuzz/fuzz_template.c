/* Templates: what parses is written and parsed again to the same value; every expression in it is checked, searched for
 * references and evaluated, and what that gives is written and parsed again. */

#include "tests/fuzz/fuzz.h"
#include "tests/support/template_env.h"

enum { POOL_MAX = 8 << 20, OUT_MAX = 16 << 20 };

static enum fault touch(void *arg, struct span what)
{
	FUZZ_CHECK(what.p != NULL || what.len == 0);
	++*(size_t *)arg;
	return FAULT_NONE;
}

/* Writing may meet its ceiling; what was written in full reads as it was. */
static void write_and_read(struct template_env *t, const struct tv *v)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(OUT_MAX);
	const struct tv *again = NULL;
	enum fault f;

	tv_write(&text, v);
	if (buf_fault(&text) != FAULT_NONE)
		return;
	f = tv_parse(&t->pool, buf_span(&text), TV_TEMPLATE, &again, NULL);
	FUZZ_CHECK(f == FAULT_NONE || f == FAULT_TOO_LARGE);
	if (f == FAULT_NONE)
		FUZZ_CHECK(tv_equal(v, again));
}

static void evaluate(struct template_env *t, const struct tv *v)
{
	const struct tv *made = NULL, *at = NULL;
	struct err err = ERR_INIT;
	size_t n = 0;

	if (expr_check(&t->pool, v, tv_get(v, "functions"), &at, &err) != FAULT_NONE)
		FUZZ_CHECK(err.message[0] != '\0' && at != NULL);
	(void)!expr_references(&t->env, v, touch, &n, NULL);
	if (expr_eval(&t->env, v, &made, &at, &err) == FAULT_NONE)
		write_and_read(t, made);
	else
		FUZZ_CHECK(err.message[0] != '\0' && at != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum tv_syntax syntaxes[] = { TV_TEMPLATE, TV_BODY, TV_MADE };
	struct span rest = span_of(data, size);
	uint8_t first = fuzz_take_byte(&rest);
	const struct tv *v = NULL;
	struct err err = ERR_INIT;
	struct template_env t;

	template_env_init(&t, POOL_MAX);
	if (tv_parse(&t.pool, rest, syntaxes[first % ARRAY_LEN(syntaxes)], &v, &err) == FAULT_NONE) {
		write_and_read(&t, v);
		evaluate(&t, v);
	} else {
		FUZZ_CHECK(err.message[0] != '\0');
	}
	template_env_done(&t);
	return 0;
}
