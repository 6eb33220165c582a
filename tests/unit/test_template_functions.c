/* Every function of template expressions: rows of what it gives and of what it refuses. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/template_env.h"

enum { POOL_MAX = 16 << 20 };

/* want begins with '!' when it is part of the error's sentence. */
struct row {
	const char *text, *want;
};

static void check(const struct row *r)
{
	SCOPED_DONE(buf) struct buf out = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct template_env t;
	enum fault f;

	template_env_init(&t, POOL_MAX);
	f = template_env_eval(&t, r->text, &out, &err);
	if (r->want[0] == '!') {
		if (f == FAULT_NONE)
			fail_msg("%s: gives %s", r->text, buf_cstr(&out));
		if (strstr(err.message, r->want + 1) == NULL)
			fail_msg("%s: says '%s', want '%s'", r->text, err.message, r->want + 1);
	} else {
		if (f != FAULT_NONE)
			fail_msg("%s: %s", r->text, err.message);
		if (!span_eq_cstr(buf_span(&out), r->want))
			fail_msg("%s: gives %s, want %s", r->text, buf_cstr(&out), r->want);
	}
	template_env_done(&t);
}

#define CHECK_ROWS(rows)                                                                                               \
	do {                                                                                                           \
		for (size_t row_ = 0; row_ < ARRAY_LEN(rows); row_++)                                                  \
			check(&(rows)[row_]);                                                                          \
	} while (0)

static void test_strings(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[toLower('One TWO \xc3\x89')]", "\"one two \xc3\x89\"" },
		{ "[toLower(100)]",
		  "!expects its parameter to be of type 'String'. The provided value is of type 'Integer'." },
		{ "[toLower('a', 'b')]", "!The template language function 'toLower' must have only one parameter." },
		{ "[toUpper('One two')]", "\"ONE TWO\"" },
		{ "[toUpper(createArray(''))]", "!of type 'Array'" },
		{ "[trim('  \ta b\n ')]", "\"a b\"" },
		{ "[trim('   ')]", "\"\"" },
		{ "[trim(1)]", "!of type 'Integer'" },
		{ "[startsWith('abcdef', 'AB')]", "true" },
		{ "[startsWith('a', 'ab')]", "false" },
		{ "[startsWith('a', 1)]", "!its second parameter to be of type 'String'" },
		{ "[endsWith('abcdef', 'EF')]", "true" },
		{ "[endsWith('ef', 'def')]", "false" },
		{ "[endsWith(createArray('a'), 'a')]", "!its first parameter" },
		{ "[indexOf('test', 'T')]", "0" },
		{ "[indexOf('abcdef', 'CD')]", "2" },
		{ "[indexOf('abcdef', 'z')]", "-1" },
		{ "[indexOf('abc', '')]", "0" },
		{ "[indexOf('\xf0\x9f\x98\x80\xc3\xa9x', 'x')]", "3" },
		{ "[indexOf(createArray('a', 'b', 'b'), 'b')]", "1" },
		{ "[indexOf(1, 'b')]", "!its first parameter" },
		{ "[lastIndexOf('test', 't')]", "3" },
		{ "[lastIndexOf('abcdef', 'z')]", "-1" },
		{ "[lastIndexOf(createArray('b', 'a', 'b'), 'b')]", "2" },
		{ "[lastIndexOf('a')]", "!function requires 2 argument(s) while 1 were provided" },
		{ "[substring('one two three', 4, 3)]", "\"two\"" },
		{ "[substring('one two three', 4)]", "\"two three\"" },
		{ "[substring('abc', 3)]", "\"\"" },
		{ "[substring('\xf0\x9f\x98\x80\xc3\xa9x', 2, 1)]", "\"\xc3\xa9\"" },
		{ "[substring('0123456789', 0, 11)]",
		  "!the index and length parameters must refer to a location within the string. The index parameter: "
		  "'0', "
		  "the length parameter: '11', the length of the string parameter: '10'." },
		{ "[substring('abc', 4)]", "!must refer to a location within the string" },
		{ "[substring('abc', -1)]", "!must refer to a location within the string" },
		{ "[substring('abc', 9223372036854775807, 9223372036854775807)]", "!must refer to a location" },
		{ "[padLeft('123', 10, '0')]", "\"0000000123\"" },
		{ "[padLeft(5, 3)]", "\"  5\"" },
		{ "[padLeft('12345', 3, '0')]", "\"12345\"" },
		{ "[padLeft('1', 3, '00')]", "!the padding one character" },
		{ "[padLeft('1', 9223372036854775807, '0')]", "!the total length" },
		{ "[padLeft(true(), 3)]", "!a string or an integer" },
		{ "[replace('123-123-1234', '-', '')]", "\"1231231234\"" },
		{ "[replace('aaa', 'aa', 'b')]", "\"ba\"" },
		{ "[replace('aAa', 'a', '-')]", "\"-A-\"" },
		{ "[replace('a', '', 'b')]", "!must not be empty" },
		{ "[replace('a', 'b')]", "!The template language function 'replace' expects exactly '3' parameters." },
		{ "[split('one,two,three', ',')]", "[\"one\",\"two\",\"three\"]" },
		{ "[split('one;two,three', createArray(',', ';'))]", "[\"one\",\"two\",\"three\"]" },
		{ "[split(',a,', ',')]", "[\"\",\"a\",\"\"]" },
		{ "[split('', ',')]", "[\"\"]" },
		{ "[split('a--b', '--')]", "[\"a\",\"b\"]" },
		{ "[split('a', 1)]", "!a string or an array of strings" },
	};

	CHECK_ROWS(rows);
}

static void test_texts(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[concat('a', 1, true(), 'b')]", "\"a1Trueb\"" },
		{ "[concat('')]", "\"\"" },
		{ "[concat(createArray('a', 1), createArray(), createArray('b'))]", "[\"a\",1,\"b\"]" },
		{ "[concat()]",
		  "!Unable to evaluate template language function 'concat'. At least one parameter should be "
		  "provided." },
		{ "[concat(createArray('a'), 'b')]", "!The provided parameters for language function 'concat' are "
						     "invalid. Either all or none of the parameters "
						     "must be an array." },
		{ "[concat(createObject('a', 1))]", "!a string or an array" },
		{ "[format('{0}, {1}. {0}!', 'Hello', 5)]", "\"Hello, 5. Hello!\"" },
		{ "[format('{{{0}}}', 'x')]", "\"{x}\"" },
		{ "[format('{0:D3}|{0:00}|{0:X}|{1:x4}|{2:N0}|{3:N}', 7, 255, 1234567, -1234)]",
		  "\"007|07|7|00ff|1,234,567|-1,234.00\"" },
		{ "[format('{0,5}|{0,-5}|{1,3}', 'ab', 'long')]", "\"   ab|ab   |long\"" },
		{ "[format('{0} {1}', true(), createArray(1))]", "\"True [1]\"" },
		{ "[format('plain')]", "\"plain\"" },
		{ "[format('{1}', 'a')]",
		  "!Index (zero based) must be greater than or equal to zero and less than the size of "
		  "the argument list." },
		{ "[format('{0', 'a')]", "!the format is invalid: 'Input string was not in a correct format.'" },
		{ "[format('0}', 'a')]", "!Input string was not in a correct format." },
		{ "[format('{x}', 'a')]", "!Input string was not in a correct format." },
		{ "[format('{0:Q}', 1)]", "!Format specifier was invalid." },
		{ "[format(1)]", "!of type 'String'" },
		{ "[join(createArray('a', 'b', 1), ', ')]", "\"a, b, 1\"" },
		{ "[join(createArray(), ',')]", "\"\"" },
		{ "[join('a', ',')]", "!its first parameter to be of type 'Array'" },
		{ "[join(createArray(createArray()), ',')]", "!an array of strings and integers" },
		{ "[string(5)]", "\"5\"" },
		{ "[string(false())]", "\"False\"" },
		{ "[string(null())]", "\"\"" },
		{ "[string(createArray('a', 1))]", "\"[\\\"a\\\",1]\"" },
		{ "[string(createObject('a', true()))]", "\"{\\\"a\\\":true}\"" },
		{ "[string()]", "!must have only one parameter" },
	};

	CHECK_ROWS(rows);
}

static void test_encodings(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[base64('one, two, three')]", "\"b25lLCB0d28sIHRocmVl\"" },
		{ "[base64(100)]", "!The template language function 'base64' expects its parameter to be of type "
				   "'String'. The provided value "
				   "is of type 'Integer'." },
		{ "[base64()]", "!The template language function 'base64' must have only one parameter." },
		{ "[base64ToString('b25lLCB0d28sIHRocmVl')]", "\"one, two, three\"" },
		{ "[base64ToString('*')]", "!not the encoding of a text" },
		{ "[base64ToString('//79')]", "!not the encoding of a text" },
		{ "[base64ToString()]",
		  "!Unable to evaluate template language function 'base64ToString': function requires 1 "
		  "argument(s) while 0 were provided." },
		{ "[base64ToJson(base64('{''one'': ''a'', ''two'': ''b''}'))]", "{\"one\":\"a\",\"two\":\"b\"}" },
		{ "[base64ToJson(base64('{'))]", "!the value is no JSON" },
		{ "[json('{\"a\": [1, null], \"b\": 1.5}').b]", "1.5" },
		{ "[json('[]')]", "[]" },
		{ "[json('null')]", "null" },
		{ "[json('{\"a\":1')]", "!the value is no JSON" },
		{ "[json(1)]", "!of type 'String'" },
		{ "[dataUri('Hello')]", "\"data:text/plain;charset=utf8;base64,SGVsbG8=\"" },
		{ "[dataUri(createArray())]", "!of type 'String'" },
		{ "[dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')]", "\"Hello, World!\"" },
		{ "[dataUriToString('data:text/plain,a%20b')]", "\"a b\"" },
		{ "[dataUriToString('Hello')]", "!no data URI" },
		{ "[uriComponent('http://contoso.com/a b?c=d')]", "\"http%3A%2F%2Fcontoso.com%2Fa%20b%3Fc%3Dd\"" },
		{ "[uriComponent(1)]", "!of type 'String'" },
		{ "[uriComponentToString('http%3A%2F%2Fx%2Fa%20b%3F')]", "\"http://x/a b?\"" },
		{ "[uriComponentToString('%ff')]", "!not the encoding of a text" },
		{ "[uri('http://contoso.com/firstpath', 'myscript.sh')]", "\"http://contoso.com/myscript.sh\"" },
		{ "[uri('http://contoso.com/firstpath/', 'myscript.sh')]",
		  "\"http://contoso.com/firstpath/myscript.sh\"" },
		{ "[uri('http://contoso.com/firstpath/', '/myscript.sh')]",
		  "\"http://contoso.com/firstpath/myscript.sh\"" },
		{ "[uri('http://contoso.com/a/azuredeploy.json', 'x')]", "\"http://contoso.com/a/x\"" },
		{ "[uri('http://contoso.com', 'x')]", "\"http://contoso.com/x\"" },
		{ "[uri('contoso', 'x')]", "!no absolute URI" },
	};

	CHECK_ROWS(rows);
}

static void test_arrays(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[createArray('a', 1, null(), createArray())]", "[\"a\",1,null,[]]" },
		{ "[createArray()]", "[]" },
		{ "[array('a')]", "[\"a\"]" },
		{ "[array(createArray(1, 2))]", "[1,2]" },
		{ "[array()]", "!must have only one parameter" },
		{ "[range(5, 3)]", "[5,6,7]" },
		{ "[range(-1, 2)]", "[-1,0]" },
		{ "[range(0, 0)]", "[]" },
		{ "[length(range(0, 10000))]", "10000" },
		{ "[range(0, 10001)]", "!the count must be between 0 and 10000" },
		{ "[range(0, -1)]", "!the count must be between" },
		{ "[range(2147483647, 1)]", "!no number beyond" },
		{ "[range(9223372036854775807, 1)]", "!no number beyond" },
		{ "[contains('OneTwo', 'Two')]", "true" },
		{ "[contains('OneTwo', 'two')]", "false" },
		{ "[contains('a1', 1)]", "true" },
		{ "[contains(createArray('a', createArray(1)), createArray(1))]", "true" },
		{ "[contains(createArray('a'), 'A')]", "false" },
		{ "[contains(createObject('One', null()), 'one')]", "true" },
		{ "[contains(createObject(), 'one')]", "false" },
		{ "[contains(1, 1)]", "!an object, an array, or a string" },
		{ "[contains(createObject(), 1)]", "!its second parameter" },
		{ "[length('One Two Three')]", "13" },
		{ "[length('\xf0\x9f\x98\x80')]", "2" },
		{ "[length(createArray(1, 2))]", "2" },
		{ "[length(createObject('a', 1))]", "1" },
		{ "[length(5)]", "!an array, an object, or a string" },
		{ "[empty('')]", "true" },
		{ "[empty(createArray(1))]", "false" },
		{ "[empty(createObject())]", "true" },
		{ "[empty(null())]", "true" },
		{ "[empty(0)]", "!an object, an array, or a string. The provided value is of type 'Integer'." },
		{ "[flatten(createArray(createArray(1), createArray(), createArray(2, createArray(3))))]",
		  "[1,2,[3]]" },
		{ "[flatten(createArray(1))]", "!an array of arrays" },
	};

	CHECK_ROWS(rows);
}

static void test_slices(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[first(createArray('a', 'b'))]", "\"a\"" },
		{ "[first('One')]", "\"O\"" },
		{ "[first('')]", "\"\"" },
		{ "[first(createArray())]", "null" },
		{ "[first(100)]",
		  "!The template language function 'first' expects its parameter to be an array or a string." },
		{ "[last(createArray('a', 'b'))]", "\"b\"" },
		{ "[last('One')]", "\"e\"" },
		{ "[last(createArray())]", "null" },
		{ "[last('')]", "\"\"" },
		{ "[last('one', 'two')]", "!function requires 1 argument(s) while 2 were provided" },
		{ "[take(createArray(1, 2, 3), 2)]", "[1,2]" },
		{ "[take('abc', 2)]", "\"ab\"" },
		{ "[take('abc', 9)]", "\"abc\"" },
		{ "[take('abc', -1)]", "\"\"" },
		{ "[take(1, 1)]", "!an array or a string" },
		{ "[skip(createArray(1, 2, 3), 2)]", "[3]" },
		{ "[skip(createArray(1), 5)]", "[]" },
		{ "[skip('abc', 1)]", "\"bc\"" },
		{ "[skip('abc', -5)]", "\"abc\"" },
		{ "[skip('abc', 'a')]", "!its second parameter" },
	};

	CHECK_ROWS(rows);
}

static void test_sets(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[union(createArray(1, 2, 1), createArray(2, 3))]", "[1,2,3]" },
		{ "[union(createObject('a', 1, 'b', createObject('x', 1)), createObject('A', 2, 'b', createObject('y', "
		  "2)))]",
		  "{\"a\":2,\"b\":{\"x\":1,\"y\":2}}" },
		{ "[union(createObject('a', createArray(1)), createObject('a', createArray(2)))]", "{\"a\":[2]}" },
		{ "[union(createArray(1), createObject())]", "!its second parameter" },
		{ "[union('a', 'b')]", "!an array or an object" },
		{ "[intersection(createArray(1, 2, 3, 2), createArray(2, 3, 4), createArray(3, 2))]", "[2,3]" },
		{ "[intersection(createArray('aaa'), createArray('bbb'))]", "[]" },
		{ "[intersection(createObject('a', 1, 'b', 2), createObject('b', 2, 'a', 3))]", "{\"b\":2}" },
		{ "[intersection(1, 2)]", "!an array or an object" },
		{ "[shallowMerge(createArray(createObject('a', createObject('x', 1)), createObject('a', "
		  "createObject('y', 2))))]",
		  "{\"a\":{\"y\":2}}" },
		{ "[shallowMerge(createArray())]", "{}" },
		{ "[shallowMerge(createArray(1))]", "!an array of objects" },
	};

	CHECK_ROWS(rows);
}

static void test_objects(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[createObject('a', 1, 'b', createArray(2))]", "{\"a\":1,\"b\":[2]}" },
		{ "[createObject()]", "{}" },
		{ "[createObject('a', 1, 'A', 2)]", "{\"A\":2}" },
		{ "[createObject('a')]", "!an even number of parameters" },
		{ "[createObject(1, 2)]", "!its first parameter to be of type 'String'" },
		{ "[items(createObject('b', 1, 'A', 2))]",
		  "[{\"key\":\"A\",\"value\":2},{\"key\":\"b\",\"value\":1}]" },
		{ "[items(createArray())]", "!of type 'Object'" },
		{ "[objectKeys(createObject('b', 1, 'a', 2))]", "[\"a\",\"b\"]" },
		{ "[objectKeys('a')]", "!of type 'Object'" },
		{ "[tryGet(parameters('object'), 'a')]", "1" },
		{ "[tryGet(parameters('object'), 'z')]", "null" },
		{ "[tryGet(parameters('object'), 'z', 'y')]", "null" },
		{ "[tryGet(parameters('object'), 'b', 'c', 1)]", "20" },
		{ "[tryGet(parameters('object'), 'b', 'z')]", "!The language expression property 'z' doesn't exist" },
		{ "[tryGet(parameters('list'), 5)]", "null" },
		{ "[tryGet(null(), 'a')]", "null" },
		{ "[tryGet(5, 'a')]", "!an object or an array" },
	};

	CHECK_ROWS(rows);
}

static void test_logic(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[if(true(), 'yes', 'no')]", "\"yes\"" },
		{ "[if(false(), 'yes', 'no')]", "\"no\"" },
		{ "[if(true(), 'yes', parameters('missing'))]", "\"yes\"" },
		{ "[if(false(), div(1, 0), 'no')]", "\"no\"" },
		{ "[if('a', 1, 2)]",
		  "!expects its parameter to be of type 'Boolean'. The provided value is of type 'String'." },
		{ "[if(true(), 1)]", "!function requires 3 argument(s) while 2 were provided" },
		{ "[and(true(), true())]", "true" },
		{ "[and(true(), false(), true())]", "false" },
		{ "[and(false(), div(1, 0))]", "false" },
		{ "[and(true(), 1)]", "!of type 'Boolean'" },
		{ "[and(true())]", "!function requires 2 argument(s)" },
		{ "[or(false(), true())]", "true" },
		{ "[or(true(), div(1, 0))]", "true" },
		{ "[or(false(), false())]", "false" },
		{ "[or('true', false())]", "!of type 'Boolean'" },
		{ "[not(false())]", "true" },
		{ "[not('a')]", "!of type 'Boolean'" },
		{ "[coalesce(null(), parameters('none'), 'x', div(1, 0))]", "\"x\"" },
		{ "[coalesce(null())]", "null" },
		{ "[coalesce()]", "!At least one parameter should be provided." },
		{ "[equals('a', 'A')]", "false" },
		{ "[equals(1, 1)]", "true" },
		{ "[equals(1, '1')]", "false" },
		{ "[equals(createObject('a', createArray(1)), createObject('a', createArray(1)))]", "true" },
		{ "[equals(null(), null())]", "true" },
		{ "[equals(1)]", "!function requires 2 argument(s)" },
		{ "[less(1, 2)]", "true" },
		{ "[less('b', 'a')]", "false" },
		{ "[less('a', 'ab')]", "true" },
		{ "[less(1, 'a')]", "!both integers or both strings. The provided types are 'Integer' and 'String'." },
		{ "[lessOrEquals(2, 2)]", "true" },
		{ "[lessOrEquals(true(), true())]", "!both integers or both strings" },
		{ "[greater(1, 2)]", "false" },
		{ "[greater('b', 'a')]", "true" },
		{ "[greater(null(), 1)]", "!both integers or both strings" },
		{ "[greaterOrEquals(2, 2)]", "true" },
		{ "[greaterOrEquals('a', 'b')]", "false" },
		{ "[greaterOrEquals(1, null())]", "!both integers or both strings" },
		{ "[bool('True')]", "true" },
		{ "[bool(0)]", "false" },
		{ "[bool('1')]", "true" },
		{ "[bool(true())]", "true" },
		{ "[bool('yes')]", "!the value 'yes' is no boolean" },
		{ "[bool(null())]", "!a string or an integer" },
		{ "[true()]", "true" },
		{ "[true(1)]", "!function requires 0 argument(s) while 1 were provided" },
		{ "[false()]", "false" },
		{ "[null()]", "null" },
	};

	CHECK_ROWS(rows);
}

static void test_numbers(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[add(2, -5)]", "-3" },
		{ "[add(9223372036854775807, 1)]",
		  "!The template language function 'add' overflowed with the operants '9223372036854775807' and '1'." },
		{ "[add('1', 2)]", "!its first parameter to be of type 'Integer'" },
		{ "[sub(2, 5)]", "-3" },
		{ "[sub(-9223372036854775808, 1)]", "!overflowed" },
		{ "[mul(3, -4)]", "-12" },
		{ "[mul(9223372036854775807, 9223372036854775807)]",
		  "!The template language function 'mul' overflowed with the operants '9223372036854775807' and "
		  "'9223372036854775807'. Please see https://aka.ms/arm-functions for usage details." },
		{ "[div(7, 2)]", "3" },
		{ "[div(-7, 2)]", "-3" },
		{ "[div(1, 0)]", "!must not be zero" },
		{ "[div(-9223372036854775808, -1)]", "!overflowed" },
		{ "[mod(7, 3)]", "1" },
		{ "[mod(-9223372036854775808, -1)]", "0" },
		{ "[mod(7, 0)]", "!must not be zero" },
		{ "[int('42')]", "42" },
		{ "[int(-7)]", "-7" },
		{ "[int(json('4.9'))]", "4" },
		{ "[int('x')]", "!the value 'x' is no integer" },
		{ "[int('9223372036854775808')]", "!is no integer of 64 bits" },
		{ "[int(true())]", "!a string or an integer" },
		{ "[min(3, 1, 2)]", "1" },
		{ "[min(createArray(3, 1, 2))]", "1" },
		{ "[min(createArray())]", "!must not be empty" },
		{ "[min('a')]", "!an integer or an array of integers" },
		{ "[max(3, 1, 4)]", "4" },
		{ "[max(createArray(-3, -1))]", "-1" },
		{ "[max(1, 'a')]", "!its second parameter to be an integer" },
	};

	CHECK_ROWS(rows);
}

#define SUB "/subscriptions/22222222-2222-2222-2222-222222222222"
#define GROUP SUB "/resourceGroups/rg"

static void test_ids(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[resourceId('Microsoft.KeyVault/vaults', 'kv')]",
		  "\"" GROUP "/providers/Microsoft.KeyVault/vaults/kv\"" },
		{ "[resourceID('Microsoft.A/b/c/d', '1', '2', '3')]",
		  "\"" GROUP "/providers/Microsoft.A/b/1/c/2/d/3\"" },
		{ "[resourceId('other', 'Microsoft.A/b/', '1')]",
		  "\"" SUB "/resourceGroups/other/providers/Microsoft.A/b/1\"" },
		{ "[resourceId('33333333-3333-3333-3333-333333333333', 'other', 'Microsoft.A/b', '1')]",
		  "\"/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/other/providers/Microsoft.A/b/"
		  "1\"" },
		{ "[resourceId('33333333-3333-3333-3333-333333333333', 'Microsoft.A/b', '1')]",
		  "\"/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/rg/providers/Microsoft.A/b/"
		  "1\"" },
		{ "[resourceId('Microsoft.Compute/virtualMachines/extensions', 'a')]",
		  "!Unable to evaluate template language function 'resourceId': the type "
		  "'Microsoft.Compute/virtualMachines/extensions' requires '2' resource name argument(s)." },
		{ "[resourceId('Microsoft.A/b/c', '1/2')]", "!function requires exactly one multi-segmented argument "
							    "which must be resource type including resource "
							    "provider namespace." },
		{ "[resourceId('a', 'b')]", "!exactly one multi-segmented argument" },
		{ "[resourceId('Microsoft.A/b', 1)]",
		  "!Unable to evaluate template language function 'resourceId': all function arguments must be string "
		  "literals." },
		{ "[resourceId('a', 'b', 'c', 'Microsoft.A/b', 'd')]", "!only a subscription and a resource group" },
		{ "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'x')]",
		  "\"" SUB "/providers/Microsoft.Authorization/roleDefinitions/x\"" },
		{ "[subscriptionResourceId('s', 'Microsoft.A/b', 'x')]",
		  "\"/subscriptions/s/providers/Microsoft.A/b/x\"" },
		{ "[subscriptionResourceId('s', 't', 'Microsoft.A/b', 'x')]", "!only a subscription" },
		{ "[tenantResourceId('Microsoft.A/b', 'x')]", "\"/providers/Microsoft.A/b/x\"" },
		{ "[tenantResourceId('t', 'Microsoft.A/b', 'x')]", "!the first argument must be the resource type" },
		{ "[extensionResourceId('/a/b/', 'Microsoft.A/b/c', 'x', 'y')]",
		  "\"/a/b/providers/Microsoft.A/b/x/c/y\"" },
		{ "[extensionResourceId('/a/b', 'c', 'Microsoft.A/b', 'x')]", "!the second argument must be" },
	};

	CHECK_ROWS(rows);
}

static void test_deployment(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[subscription()]",
		  "{\"id\":\"" SUB "\",\"subscriptionId\":\"22222222-2222-2222-2222-222222222222\",\"tenantId\":"
		  "\"11111111-1111-1111-1111-111111111111\",\"displayName\":\"Sub\"}" },
		{ "[subscription('a')]", "!function requires 0 argument(s)" },
		{ "[resourceGroup()]",
		  "{\"id\":\"" GROUP "\",\"name\":\"rg\",\"type\":\"Microsoft.Resources/resourceGroups\",\"location\":"
		  "\"westus\",\"tags\":{\"env\":\"test\"},\"properties\":{\"provisioningState\":\"Succeeded\"}}" },
		{ "[tenant().tenantId]", "\"11111111-1111-1111-1111-111111111111\"" },
		{ "[deployment().name]", "\"main\"" },
		{ "[environment().name]", "\"AzureCloud\"" },
		{ "[parameters('text')]", "\"Ab\"" },
		{ "[parameters('none')]", "null" },
		{ "[parameters('missing')]", "!no value 'missing'" },
		{ "[parameters(1)]", "!of type 'String'" },
		{ "[variables('list')]", "[1,2,3]" },
		{ "[variables()]", "!must have only one parameter" },
		{ "[copyIndex()]", "3" },
		{ "[copyIndex(1)]", "4" },
		{ "[copyIndex('loop')]", "3" },
		{ "[copyIndex('loop', 10)]", "13" },
		{ "[copyIndex('other')]", "!no loop 'other'" },
		{ "[copyIndex(1, 2)]", "!its first parameter" },
		{ "[copyIndex(9223372036854775807)]", "!the offset is too large" },
		{ "[reference('kv').uri]", "\"https://kv/\"" },
		{ "[reference('kv', '2023-07-01', 'full').location]", "\"westus\"" },
		{ "[reference('kv', '2023-07-01', 'half')]", "!can only be 'Full'" },
		{ "[reference('no')]", "!no resource 'no'" },
		{ "[reference(createArray())]", "!of type 'String'" },
		{ "[newGuid()]", "\"00010203-0405-4607-8809-0a0b0c0d0e0f\"" },
		{ "[providers('Microsoft.KeyVault')]", "!'providers' is not available" },
		{ "[listKeys('x', 'y')]", "!'listKeys' is not available" },
		{ "[foo('x')]",
		  "!The template function 'foo' is not valid. Please see https://aka.ms/arm-functions for usage "
		  "details." },
		{ "[ns.foo('x')]", "!The template function 'ns.foo' is not valid." },
	};

	CHECK_ROWS(rows);
}

/* Published by people who compared with the service. Source: fixtures/sources.md#templates */
static void test_hashes(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[uniqueString('tyeth')]", "\"zcztcwvu6iyg6\"" },
		{ "[uniqueString('test')]", "\"rbgf3xv4ufgzg\"" },
		{ "[uniqueString('hello', 'world')]", "\"a7wkljktk6wne\"" },
		{ "[uniqueString('abc')]", "\"cgtzqvhu4i23s\"" },
		{ "[uniqueString('foo', 'bar', 'baz')]", "\"xzi4ioaxtmth4\"" },
		{ "[uniqueString('/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-rg')]",
		  "\"bmg7c6xu4tw46\"" },
		{ "[uniqueString('/subscriptions/3c7f956b-55ee-4686-9d30-da1eb631dc59/resourceGroups/"
		  "rg-devopsshieldek010dev')]",
		  "\"fd63l2gacbtca\"" },
		{ "[uniqueString('/subscriptions/31e9f9a0-9fd2-4294-a0a3-0101246d9700/resourceGroups/"
		  "rg-modm201-20230913120256"
		  "/providers/Microsoft.Compute/virtualMachines/bobjacmodm201')]",
		  "\"yvjxno3je5on2\"" },
		{ "[uniqueString('')]", "\"aaaaaaaaaaaaa\"" },
		{ "[uniqueString(1)]", "!of type 'String'" },
		{ "[uniqueString()]", "!At least one parameter should be provided." },
		{ "[guid('a', 'b', 'c')]", "\"a98fa280-e03f-5afa-8d8e-92d0a9c201e8\"" },
		{ "[guid('a-b-c')]", "\"a98fa280-e03f-5afa-8d8e-92d0a9c201e8\"" },
		{ "[guid('')]", "\"e655a85f-3ab2-5e4a-9666-569aa72a5a10\"" },
		{ "[guid('a', 1)]", "!its second parameter to be of type 'String'" },
		{ "[guid()]", "!At least one parameter should be provided." },
	};

	CHECK_ROWS(rows);
}

static void test_dates(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[utcNow()]", "\"20230407T144014Z\"" },
		{ "[utcNow('u')]", "\"2023-04-07 14:40:14Z\"" },
		{ "[utcNow('d')]", "\"4/7/2023\"" },
		{ "[utcNow('o')]", "\"2023-04-07T14:40:14.1230000Z\"" },
		{ "[utcNow('R')]", "\"Fri, 07 Apr 2023 14:40:14 GMT\"" },
		{ "[utcNow('yyyy-MM-dd HH:mm:ss.fff')]", "\"2023-04-07 14:40:14.123\"" },
		{ "[utcNow('yy M d h tt \\H ''h''')]", "\"23 4 7 2 PM H h\"" },
		{ "[utcNow('dddd ddd MMMM MMM zzz')]", "\"Friday Fri April Apr +00:00\"" },
		{ "[utcNow('Q')]", "!the format 'Q' is not valid" },
		{ "[utcNow('ffffffff')]", "!is not valid for a date" },
		{ "[utcNow('yyyy ''a')]", "!is not valid for a date" },
		{ "[utcNow(1)]", "!of type 'String'" },
		{ "[dateTimeAdd('2020-04-07 14:40:14Z', 'P3Y')]", "\"2023-04-07 14:40:14Z\"" },
		{ "[dateTimeAdd('20200407T144014Z', '-P9D')]", "\"20200329T144014Z\"" },
		{ "[dateTimeAdd('2020-04-07T14:40:14.5+02:00', 'PT1H')]", "\"2020-04-07T13:40:14Z\"" },
		{ "[dateTimeAdd('2020-01-31', '+P1M', 'yyyy-MM-dd')]", "\"2020-02-29\"" },
		{ "[dateTimeAdd('yesterday', 'P1D')]", "!the value 'yesterday' is no date and time" },
		{ "[dateTimeAdd('2020-02-30', 'P1D')]", "!is no date and time" },
		{ "[dateTimeAdd('2020-02-20', '1D')]", "!the value '1D' is no duration" },
		{ "[dateTimeFromEpoch(1683040573)]", "\"2023-05-02T15:16:13Z\"" },
		{ "[dateTimeFromEpoch(-1)]", "!is not between 1970 and 9999" },
		{ "[dateTimeFromEpoch('1')]", "!of type 'Integer'" },
		{ "[dateTimeToEpoch('2023-05-02T15:16:13Z')]", "1683040573" },
		{ "[dateTimeToEpoch('x')]", "!is no date and time" },
	};

	CHECK_ROWS(rows);
}

static void test_lambdas(void **state UNUSED)
{
	static const struct row rows[] = {
		{ "[map(createArray(1, 2), lambda('x', add(lambdaVariables('x'), 1)))]", "[2,3]" },
		{ "[map(createArray('a', 'b'), lambda('x', 'i', format('{0}{1}', lambdaVariables('i'), "
		  "lambdaVariables('x'))))]",
		  "[\"0a\",\"1b\"]" },
		{ "[map(createArray(1, 2), lambda('x', map(createArray(3), lambda('y', mul(lambdaVariables('x'), "
		  "lambdaVariables('y'))))))]",
		  "[[3],[6]]" },
		{ "[map(1, lambda('x', 1))]", "!must be of type 'Array'" },
		{ "[map(createArray(), 1)]", "!a lambda is expected" },
		{ "[map(createArray(), lambda(1))]", "!the wrong number of parameters" },
		{ "[filter(range(0, 5), lambda('x', greater(lambdaVariables('x'), 2)))]", "[3,4]" },
		{ "[filter(createArray(1), lambda('x', 1))]", "!of type 'Boolean'" },
		{ "[reduce(range(1, 4), 0, lambda('a', 'b', add(lambdaVariables('a'), lambdaVariables('b'))))]", "10" },
		{ "[reduce(createArray(), 'x', lambda('a', 'b', 1))]", "\"x\"" },
		{ "[reduce(1, 0, lambda('a', 'b', 1))]", "!must be of type 'Array'" },
		{ "[sort(createArray(3, 1, 2, 5, 4), lambda('a', 'b', less(lambdaVariables('a'), "
		  "lambdaVariables('b'))))]",
		  "[1,2,3,4,5]" },
		{ "[sort(createArray(3, 1), lambda('a', 'b', 1))]", "!of type 'Boolean'" },
		{ "[toObject(createArray('a', 'b'), lambda('x', lambdaVariables('x')), lambda('x', 1))]",
		  "{\"a\":1,\"b\":1}" },
		{ "[toObject(createArray('a', 'A'), lambda('x', lambdaVariables('x')))]",
		  "!a name stands there twice" },
		{ "[lambda('x', 1)]", "!a lambda stands only as a parameter" },
		{ "[lambdaVariables('x')]", "!there is no variable 'x'" },
	};

	CHECK_ROWS(rows);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings), cmocka_unit_test(test_texts),	   cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_arrays),	cmocka_unit_test(test_slices),	   cmocka_unit_test(test_sets),
		cmocka_unit_test(test_objects), cmocka_unit_test(test_logic),	   cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_ids),	cmocka_unit_test(test_deployment), cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_dates),	cmocka_unit_test(test_lambdas),
	};

	return cmocka_run_group_tests_name("template_functions", tests, NULL, NULL);
}
