/* The language of template expressions: what is one, how it is read, walked and bounded; references. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/template_env.h"

enum { POOL_MAX = 32 << 20 };

static const struct row_is {
	const char *text;
	bool is_expr;
} rows_is[] = {
	{ "[a()]", true }, { "[]", true }, { "[[a]", false }, { "[a", false },
	{ "a]", false },   { "", false },  { "[", false },    { " [a()]", false },
};

static void test_is(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_is); i++) {
		if (expr_is(span_cstr(rows_is[i].text)) != rows_is[i].is_expr)
			fail_msg("%s", rows_is[i].text);
	}
}

static const struct row_text {
	const char *name, *text, *want;
} rows_text[] = {
	{ "not an expression", "abc", "\"abc\"" },
	{ "an escaped bracket", "[[abc]", "\"[abc]\"" },
	{ "brackets that do not end the text", "[abc] def", "\"[abc] def\"" },
	{ "two brackets that do not end the text", "[[abc] def", "\"[[abc] def\"" },
	{ "a string", "['it''s']", "\"it's\"" },
	{ "an empty string", "['']", "\"\"" },
	{ "only a quotation mark", "['''']", "\"'\"" },
	{ "an integer", "[-12]", "-12" },
	{ "blanks", "[ \n concat (\t'a' ,\r\n 'b' ) ]", "\"ab\"" },
	{ "case of names", "[CONCAT(Parameters('TEXT'), vAriables('text'))]", "\"AbAb\"" },
	{ "properties", "[parameters('object').b.C[1]]", "20" },
	{ "a property by its name", "[parameters('object')['b']['c'][0]]", "10" },
	{ "an index that is an expression", "[parameters('list')[sub(length(parameters('list')), 1)]]", "3" },
	{ "a null within", "[parameters('none')]", "null" },
	{ "a call within calls", "[concat(concat(concat('a', 'b'), 'c'), 'd')]", "\"abcd\"" },
};

static void test_text(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_text); i++) {
		const struct row_text *r = &rows_text[i];
		SCOPED_DONE(buf) struct buf out = BUF_INIT(10000);
		struct err err = ERR_INIT;
		struct template_env t;

		template_env_init(&t, POOL_MAX);
		if (template_env_eval(&t, r->text, &out, &err) != FAULT_NONE)
			fail_msg("%s: %s", r->name, err.message);
		if (!span_eq_cstr(buf_span(&out), r->want))
			fail_msg("%s: gives %s, want %s", r->name, buf_cstr(&out), r->want);
		template_env_done(&t);
	}
}

static const struct row_text rows_bad[] = {
	{ "nothing", "[]",
	  "Unable to parse language expression '': expected token 'Identifier' and actual 'EndOfData'." },
	{ "a parenthesis too few", "[concat('ai-', uniqueString('x')]",
	  "Unable to parse language expression 'concat('ai-', uniqueString('x')': expected token 'RightParenthesis' "
	  "and "
	  "actual 'EndOfData'." },
	{ "a parenthesis too many", "[concat('a'))]", "expected token 'EndOfData' and actual 'RightParenthesis'." },
	{ "a name alone", "[abc]", "expected token 'LeftParenthesis' and actual 'EndOfData'." },
	{ "two names", "[abc def]", "expected token 'LeftParenthesis' and actual 'Identifier'." },
	{ "a comma too many", "[concat('a',)]", "expected token 'Identifier' and actual 'RightParenthesis'." },
	{ "a comma too few", "[concat('a' 'b')]", "expected token 'RightParenthesis' and actual 'StringLiteral'." },
	{ "a property without a name", "[resourceGroup().]", "expected token 'Identifier' and actual 'EndOfData'." },
	{ "an index that does not end", "[parameters('list')[0]", "expected token 'RightSquareBracket'" },
	{ "two expressions", "['a' 'b']", "expected token 'EndOfData' and actual 'StringLiteral'." },
	{ "a string that does not end", "[concat('a', 'b)]",
	  "the string constant at position '12' is not terminated. String constants must be enclosed within a pair of "
	  "single "
	  "quotes." },
	{ "a foreign character", "[concat(\"a\")]", "the string character '\"' at position '7' is not expected." },
	{ "a number too large", "[9223372036854775808]", "the integer '9223372036854775808' does not fit" },
	{ "only a minus", "[-]", "the integer '-' does not fit" },
	{ "a property that is not there", "[parameters('object').z]",
	  "The language expression property 'z' doesn't exist, available properties are 'a, b'." },
	{ "a property of a string", "[parameters('text').z]",
	  "The language expression property 'z' can't be evaluated." },
	{ "an item of null", "[parameters('none')[0]]", "The language expression property '0' can't be evaluated." },
	{ "an item beyond the last", "[parameters('list')[3]]",
	  "The language expression property array index '3' is out of bounds." },
	{ "an item before the first", "[parameters('list')[-1]]", "array index '-1' is out of bounds." },
	{ "an item by a name", "[parameters('list').a]", "of type 'String' can't be evaluated" },
	{ "a property by a number", "[parameters('object')[0]]", "of type 'Integer' can't be evaluated" },
};

static void test_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_bad); i++) {
		const struct row_text *r = &rows_bad[i];
		SCOPED_DONE(buf) struct buf out = BUF_INIT(10000);
		struct err err = ERR_INIT;
		struct template_env t;

		template_env_init(&t, POOL_MAX);
		if (template_env_eval(&t, r->text, &out, &err) != FAULT_INVALID)
			fail_msg("%s: not refused", r->name);
		if (strstr(err.message, r->want) == NULL)
			fail_msg("%s: says '%s', want '%s'", r->name, err.message, r->want);
		template_env_done(&t);
	}
}

static const struct tv *parse(struct template_env *t, const char *text)
{
	const struct tv *v = NULL;

	assert_int_equal(tv_parse(&t->pool, span_cstr(text), TV_TEMPLATE, &v, NULL), FAULT_NONE);
	return v;
}

/* Names and values however deep; what has no expressions comes back itself, and places stay. */
static void test_walk(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(10000);
	const struct tv *v, *made = NULL;
	struct err err = ERR_INIT;
	struct template_env t;

	template_env_init(&t, POOL_MAX);
	v = parse(&t, "{\"[concat('k', "
		      "'1')]\":[1,{\"a\":\"[parameters('number')]\"}],\n\"plain\":{\"x\":[true]},\"[[e]\":1}");
	assert_int_equal(expr_eval(&t.env, v, &made, NULL, &err), FAULT_NONE);
	tv_write(&out, made);
	assert_string_equal(buf_cstr(&out), "{\"k1\":[1,{\"a\":7}],\"plain\":{\"x\":[true]},\"[e]\":1}");
	assert_ptr_equal(tv_get(made, "plain"), tv_get(v, "plain"));
	assert_int_equal(made->line, 1);
	assert_int_equal(made->column, 1);
	assert_int_equal(tv_get(made, "plain")->line, 2);
	v = tv_get(v, "plain");
	assert_int_equal(expr_eval(&t.env, v, &made, NULL, &err), FAULT_NONE);
	assert_ptr_equal(made, v);
	template_env_done(&t);
}

static void test_place_of_fault(void **state UNUSED)
{
	const struct tv *v, *made = NULL, *at = NULL;
	struct err err = ERR_INIT;
	struct template_env t;

	template_env_init(&t, POOL_MAX);
	v = parse(&t, "{\"a\":1,\n \"b\":[2,\n  \"[foo()]\"]}");
	assert_int_equal(expr_eval(&t.env, v, &made, &at, &err), FAULT_INVALID);
	assert_int_equal(at->line, 3);
	assert_int_equal(at->column, 11);
	assert_null(made);
	v = parse(&t, "{\"a\":1,\"[concat('A')]\":2}");
	assert_int_equal(expr_eval(&t.env, v, &made, &at, &err), FAULT_INVALID);
	assert_string_equal(err.message, "The property 'A' stands there twice.");
	v = parse(&t, "{\"[createArray()]\":2}");
	assert_int_equal(expr_eval(&t.env, v, &made, &at, &err), FAULT_INVALID);
	assert_non_null(strstr(err.message, "must give a value of type 'String', not 'Array'."));
	template_env_done(&t);
}

/* What an environment does not offer is not expected there. */
static void test_misplaced(void **state UNUSED)
{
	static const char *const texts[] = { "[utcNow()]",	"[newGuid()]",	     "[reference('kv')]",
					     "[copyIndex()]",	"[resourceGroup()]", "[deployment()]",
					     "[variables('a')]" };
	struct template_env t;

	template_env_init(&t, POOL_MAX);
	t.env.is_default_value = false;
	t.env.reference = NULL;
	t.env.copy_index = NULL;
	t.env.variable = NULL;
	t.facts.group = SPAN_EMPTY;
	t.facts.deployment = NULL;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		SCOPED_DONE(buf) struct buf out = BUF_INIT(1000);
		struct err err = ERR_INIT;

		if (template_env_eval(&t, texts[i], &out, &err) != FAULT_INVALID)
			fail_msg("%s: not refused", texts[i]);
		if (strstr(err.message, "is not expected at this location.") == NULL)
			fail_msg("%s: says '%s'", texts[i], err.message);
	}
	template_env_done(&t);
}

static void test_no_group(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(1000);
	struct template_env t;

	template_env_init(&t, POOL_MAX);
	t.facts.group = SPAN_EMPTY;
	assert_int_equal(template_env_eval(&t, "[resourceId('Microsoft.A/b', 'c')]", &out, NULL), FAULT_NONE);
	assert_string_equal(buf_cstr(&out), "\"/subscriptions/" ENV_SUBSCRIPTION "/providers/Microsoft.A/b/c\"");
	template_env_done(&t);
}

static const struct row_check {
	const char *name, *text, *want; /* want NULL: right */
	unsigned line;
} rows_check[] = {
	{ "right", "{\"a\":[\"[concat('a', reference('x').y)]\"]}", NULL, 0 },
	{ "what can only be known later is not asked", "[\"[parameters('missing').a[0]]\"]", NULL, 0 },
	{ "an unknown function in a branch", "[\n\"[if(true(), 1, foo())]\"]", "'foo' is not valid", 2 },
	{ "the wrong number of arguments in an index", "[\"[parameters('a')[toLower()]]\"]",
	  "must have only one parameter", 1 },
	{ "an unknown function in a name", "{\n\"a\":{\"[foo()]\":1}}", "'foo' is not valid", 2 },
	{ "no expression", "[\n\n\"[concat(]\"]", "Unable to parse", 3 },
};

static void test_check(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_check); i++) {
		const struct row_check *r = &rows_check[i];
		const struct tv *at = NULL;
		struct err err = ERR_INIT;
		struct template_env t;
		enum fault f;

		template_env_init(&t, POOL_MAX);
		f = expr_check(&t.pool, parse(&t, r->text), NULL, &at, &err);
		if ((f == FAULT_NONE) != (r->want == NULL))
			fail_msg("%s: %s", r->name, err.message);
		if (r->want != NULL && (strstr(err.message, r->want) == NULL || at->line != r->line))
			fail_msg("%s: says '%s' of line %u", r->name, err.message, at->line);
		template_env_done(&t);
	}
}

static enum fault note(void *arg, struct span what)
{
	buf_put_span(arg, what);
	buf_put_char(arg, ' ');
	return span_eq_cstr(what, "stop") ? FAULT_DENIED : FAULT_NONE;
}

static const struct row_text rows_references[] = {
	{ "deep, and in names",
	  "{\"[reference('n').x]\":[{\"a\":\"[concat(reference('kv').uri, reference(concat('a', 'b')))]\"}]}",
	  "n kv ab " },
	{ "within each other", "[\"[reference(reference('kv').id).x]\"]", "kv " },
	{ "in an index", "[\"[parameters('list')[reference('i').n]]\"]", "i " },
	{ "the branch that is taken", "[\"[if(parameters('flag'), reference('yes'), reference('no'))]\"]", "yes " },
	{ "both when it is not known", "[\"[if(equals(reference('c').x, 1), reference('yes'), reference('no'))]\"]",
	  "c yes no " },
	{ "what cannot be evaluated", "[\"[reference(parameters('missing'))]\"]", "" },
	{ "no expression", "[\"reference('x')\",\"[[reference('x')]\"]", "" },
};

static void test_references(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_references); i++) {
		const struct row_text *r = &rows_references[i];
		SCOPED_DONE(buf) struct buf out = BUF_INIT(1000);
		struct template_env t;

		template_env_init(&t, POOL_MAX);
		assert_int_equal(expr_references(&t.env, parse(&t, r->text), note, &out, NULL), FAULT_NONE);
		if (!span_eq_cstr(buf_span(&out), r->want))
			fail_msg("%s: finds '%s', want '%s'", r->name, buf_cstr(&out), r->want);
		template_env_done(&t);
	}
}

static void test_references_stop(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(1000);
	struct template_env t;
	const struct tv *v;

	template_env_init(&t, POOL_MAX);
	v = parse(&t, "[\"[reference('a')]\",\"[reference('stop')]\",\"[reference('b')]\"]");
	assert_int_equal(expr_references(&t.env, v, note, &out, NULL), FAULT_DENIED);
	assert_string_equal(buf_cstr(&out), "a stop ");
	template_env_done(&t);
}

/* n times open, the middle, n times close. */
static char *nested(const char *open, const char *middle, const char *close, size_t n)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(1 << 20);

	buf_put_char(&b, '[');
	for (size_t i = 0; i < n; i++)
		buf_put_cstr(&b, open);
	buf_put_cstr(&b, middle);
	for (size_t i = 0; i < n; i++)
		buf_put_cstr(&b, close);
	buf_put_char(&b, ']');
	return strdup(buf_cstr(&b));
}

static const struct row_bound {
	const char *name, *open, *middle, *close;
	size_t n, pool_max;
	enum fault want;
} rows_bound[] = {
	{ "calls", "concat(", "'a'", ")", 60, POOL_MAX, FAULT_NONE },
	{ "calls too deep", "concat(", "'a'", ")", 70, POOL_MAX, FAULT_INVALID },
	{ "indexes too deep", "parameters('list')[", "0", "]", 70, POOL_MAX, FAULT_INVALID },
	{ "a value too deep", "createArray(", "parameters('object')", ")", 62, POOL_MAX, FAULT_TOO_LARGE },
	{ "many properties in a row", "", "parameters('object')", ".b", 2000, POOL_MAX, FAULT_INVALID },
	{ "an expression too long", "", "concat('a')", " ", 25000, POOL_MAX, FAULT_INVALID },
	{ "a text that doubles", "",
	  "reduce(range(0, 60), 'x', lambda('a', 'b', concat(lambdaVariables('a'), lambdaVariables('a'))))", "", 1,
	  256 << 20, FAULT_TOO_LARGE },
	{ "a list that doubles", "",
	  "length(reduce(range(0, 60), 'x', lambda('a', 'b', createArray(lambdaVariables('a'), "
	  "lambdaVariables('a')))))",
	  "", 1, POOL_MAX, FAULT_TOO_LARGE },
	{ "sets too large to compare", "", "length(union(range(0, 10000), range(10000, 10000)))", "", 1, POOL_MAX,
	  FAULT_TOO_LARGE },
	{ "loops within loops", "",
	  "length(map(range(0, 10000), lambda('a', length(map(range(0, 10000), lambda('b', 1))))))", "", 1, POOL_MAX,
	  FAULT_TOO_LARGE },
	{ "a pool too small", "", "range(0, 1000)", "", 1, 16384, FAULT_TOO_LARGE },
};

static void test_bounds(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows_bound); i++) {
		const struct row_bound *r = &rows_bound[i];
		SCOPED_DONE(buf) struct buf out = BUF_INIT(1 << 20);
		char *text = nested(r->open, r->middle, r->close, r->n);
		struct err err = ERR_INIT;
		struct template_env t;
		enum fault f;

		assert_non_null(text);
		template_env_init(&t, r->pool_max);
		f = template_env_eval(&t, text, &out, &err);
		if (f != r->want)
			fail_msg("%s: %s (wanted %s), %s", r->name, fault_name(f), fault_name(r->want), err.message);
		if (f != FAULT_NONE && err.message[0] == '\0')
			fail_msg("%s: no sentence", r->name);
		template_env_done(&t);
		free(text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_place_of_fault),
		cmocka_unit_test(test_misplaced),
		cmocka_unit_test(test_no_group),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_references_stop),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("template_expr", tests, NULL, NULL);
}
