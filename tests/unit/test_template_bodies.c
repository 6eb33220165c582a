/* What the resources of a plan send, and what a deployment gives back. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/planned.h"

static const struct {
	const char *name, *text, *parameters;
	int resource; /* -1: the outputs */
	enum fault fault;
	const char *shown; /* the value, or code and sentence */
	const char *place; /* of a fault */
} rows[] = {
	{ "what is sent and what is not",
	  RESOURCES("{`type`:`a.b/"
		    "c`,`apiVersion`:`1`,`name`:`x`,`comments`:`c`,`location`:`l`,`dependsOn`:[],`condition`:true,`"
		    "metadata`:{},`tags`:{`t`:`u`},`kind`:`k`,`properties`:{}}"),
	  NULL, 0, FAULT_NONE, "{`location`:`l`,`tags`:{`t`:`u`},`kind`:`k`,`properties`:{}}", NULL },
	{ "expressions anywhere",
	  RESOURCES("{`type`:`a.b/"
		    "c`,`apiVersion`:`1`,`name`:`x`,`tags`:{`[concat('a','b')]`:[`[add(1,2)]`,{`x`:`[[not]`}]}}"),
	  NULL, 0, FAULT_NONE, "{`tags`:{`ab`:[3,{`x`:`[not]`}]}}", NULL },
	{ "the index of the resource's loop in a property's",
	  RESOURCES("{`type`:`a.b/"
		    "c`,`apiVersion`:`1`,`name`:`[concat('x',copyIndex())]`,`copy`:{`name`:`r`,`count`:2},`properties`:"
		    "{`copy`:[{`name`:`l`,`count`:2,`input`:`[format('{0}{1}{2}', copyIndex(), copyIndex('l'), "
		    "copyIndex('r', 5))]`}]}}"),
	  NULL, 1, FAULT_NONE, "{`properties`:{`l`:[`106`,`116`]}}", NULL },
	{ "a loop in a loop",
	  RESOURCES("{`type`:`a.b/"
		    "c`,`apiVersion`:`1`,`name`:`x`,`properties`:{`copy`:[{`name`:`l`,`count`:2,`input`:{`copy`:[{`"
		    "name`:`m`,`count`:1,`input`:`[add(copyIndex('l'), "
		    "copyIndex('m'))]`}]}},{`name`:`n`,`count`:0,`input`:1}],`other`:1}}"),
	  NULL, 0, FAULT_NONE, "{`properties`:{`l`:[{`m`:[0]},{`m`:[1]}],`n`:[],`other`:1}}", NULL },
	{ "copyIndex without a name where there is only the property's",
	  RESOURCES("{`type`:`a.b/"
		    "c`,`apiVersion`:`1`,`name`:`x`,`properties`:{`copy`:[{`name`:`l`,`count`:2,`input`:`[copyIndex()]`"
		    "}]}}"),
	  NULL, 0, FAULT_NONE, "{`properties`:{`l`:[0,1]}}", NULL },
	{ "a property that is called copy",
	  RESOURCES("{`type`:`a.b/c`,`apiVersion`:`1`,`name`:`x`,`properties`:{`copy`:[`a`],`x`:{`copy`:{`name`:1}}}}"),
	  NULL, 0, FAULT_NONE, "{`properties`:{`copy`:[`a`],`x`:{`copy`:{`name`:1}}}}", NULL },
	{ "a function of its own",
	  TEMPLATE("`functions`:[{`namespace`:`n`,`members`:{`twice`:{`parameters`:[{`name`:`x`,`type`:`string`}],`"
		   "output`:{`type`:`string`,`value`:`[concat(parameters('x'), "
		   "parameters('X'))]`}},`four`:{`parameters`:[{`name`:`x`,`type`:`string`}],`output`:{`type`:`object`,"
		   "`value`:{`made`:`[n.twice(n.twice(parameters('x')))]`}}},`for "
		   "ever`:{`output`:{`type`:`string`,`value`:`x`}},`again`:{`output`:{`type`:`string`,`value`:`[n."
		   "again()]`}},`outer`:{`output`:{`type`:`string`,`value`:`[variables('v')]`}},`fails`:{`parameters`:["
		   "{`name`:`x`,`type`:`int`}],`output`:{`type`:`string`,`value`:`[parameters('y')]`}}}}],`variables`:{"
		   "`v`:1},`resources`:[],`outputs`:{`o`:{`type`:`string`,`value`:`[N.Twice(string(7))]`}}"),
	  NULL, -1, FAULT_NONE, "{`o`:{`type`:`String`,`value`:`77`}}", NULL },
	{ "one within the other",
	  TEMPLATE("`functions`:[{`namespace`:`n`,`members`:{`twice`:{`parameters`:[{`name`:`x`,`type`:`string`}],`"
		   "output`:{`type`:`string`,`value`:`[concat(parameters('x'), "
		   "parameters('X'))]`}},`four`:{`parameters`:[{`name`:`x`,`type`:`string`}],`output`:{`type`:`object`,"
		   "`value`:{`made`:`[n.twice(n.twice(parameters('x')))]`}}},`for "
		   "ever`:{`output`:{`type`:`string`,`value`:`x`}},`again`:{`output`:{`type`:`string`,`value`:`[n."
		   "again()]`}},`outer`:{`output`:{`type`:`string`,`value`:`[variables('v')]`}},`fails`:{`parameters`:["
		   "{`name`:`x`,`type`:`int`}],`output`:{`type`:`string`,`value`:`[parameters('y')]`}}}}],`variables`:{"
		   "`v`:1},`resources`:[],`outputs`:{`o`:{`type`:`string`,`value`:`[n.four('a').made]`}}"),
	  NULL, -1, FAULT_NONE, "{`o`:{`type`:`String`,`value`:`aaaa`}}", NULL },
	{ "reference",
	  RESOURCES("{`type`:`a.b/"
		    "c`,`apiVersion`:`1`,`name`:`x`,`tags`:{`a`:`[reference('y').version]`,`b`:`[reference('y', "
		    "'7').version]`,`c`:`[reference('y', '7', "
		    "'Full').id]`}},{`type`:`a.b/c`,`apiVersion`:`1`,`name`:`y`}"),
	  NULL, 0, FAULT_NONE, "{`tags`:{`a`:`1`,`b`:`7`,`c`:`/subscriptions/s/resourceGroups/rg/providers/a.b/c/y`}}",
	  NULL },
	{ "reference to what is left out but exists",
	  RESOURCES(
		  "{`type`:`a.b/c`,`apiVersion`:`1`,`name`:`x`,`tags`:{`a`:`[reference('y').clientId]`}},{`type`:`a.b/"
		  "c`,`apiVersion`:`1`,`name`:`y`,`condition`:false}"),
	  NULL, 0, FAULT_NONE, "{`tags`:{`a`:`c-y`}}", NULL },
	{ "reference to what is left out and does not exist",
	  RESOURCES("{`type`:`a.b/"
		    "c`,`apiVersion`:`1`,`name`:`x`,`tags`:{`a`:`[reference('missing').clientId]`}},{`type`:`a.b/"
		    "c`,`apiVersion`:`1`,`name`:`missing`,`condition`:false}"),
	  NULL, 0, FAULT_NOT_FOUND, "ResourceNotFound: The Resource 'missing' was not found.",
	  "1:222 resources[0].tags.a" },
	{ "what a reference does not have",
	  RESOURCES("{`type`:`a.b/c`,`apiVersion`:`1`,`name`:`x`,`tags`:{`a`:`[reference('y').nope]`}},{`type`:`a.b/"
		    "c`,`apiVersion`:`1`,`name`:`y`}"),
	  NULL, 0, FAULT_INVALID,
	  "InvalidTemplate: Unable to process template language expressions for resource "
	  "'/subscriptions/s/resourceGroups/rg/providers/a.b/c/x' at line '1' and column '134'. 'The language "
	  "expression property 'nope' doesn't exist, available properties are 'version, clientId, principalId, "
	  "vaultUri'.'",
	  "1:212 resources[0].tags.a" },
	{ "an outer deployment",
	  RESOURCES("{`type`:`Microsoft.Resources/"
		    "deployments`,`apiVersion`:`1`,`name`:`d`,`properties`:{`mode`:`Incremental`,`template`:{`outputs`:"
		    "{`o`:{`value`:`[resourceGroup().location]`}},`resources`:[{`name`:`[[concat('a')]`}]}}}"),
	  NULL, 0, FAULT_NONE,
	  "{`properties`:{`mode`:`Incremental`,`template`:{`outputs`:{`o`:{`value`:`westeurope`}},`resources`:[{`name`:"
	  "`[concat('a')]`}]}}}",
	  NULL },
	{ "an inner deployment",
	  RESOURCES("{`type`:`Microsoft.Resources/"
		    "deployments`,`apiVersion`:`1`,`name`:`d`,`properties`:{`expressionEvaluationOptions`:{`scope`:`"
		    "Inner`},`mode`:`Incremental`,`parameters`:{`p`:{`value`:`[resourceGroup().location]`}},`template`:"
		    "{`outputs`:{`o`:{`value`:`[resourceGroup().location]`}}}}}"),
	  NULL, 0, FAULT_NONE,
	  "{`properties`:{`expressionEvaluationOptions`:{`scope`:`Inner`},`mode`:`Incremental`,`parameters`:{`p`:{`"
	  "value`:`westeurope`}},`template`:{`outputs`:{`o`:{`value`:`[resourceGroup().location]`}}}}}",
	  NULL },
	{ "variables",
	  TEMPLATE("`variables`:{`copy`:[{`name`:`l`,`count`:2,`input`:`[concat(variables('a').b, "
		   "string(copyIndex('l')))]`}],`a`:{`b`:`[toUpper('q')]`,`copy`:[{`name`:`m`,`count`:1,`input`:7}]},`"
		   "unused`:`[parameters('nope')]`},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`,`tags`:{`l`:`[variables('l')]`,`m`:`[variables('A').m[0]]`}}]"),
	  NULL, 0, FAULT_NONE, "{`tags`:{`l`:[`Q0`,`Q1`],`m`:7}}", NULL },
	{ "parameters",
	  TEMPLATE("`parameters`:{`a`:{`type`:`STRING`,`defaultValue`:`[concat(parameters('b'),'!')]`},`b`:{`type`:`"
		   "string`},`n`:{`type`:`object`,`nullable`:true}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`,`tags`:{`a`:`[parameters('A')]`,`n`:`[parameters('n')]`}}]"),
	  "{`B`:{`value`:`[x]`}}", 0, FAULT_NONE, "{`tags`:{`a`:`[x]!`,`n`:null}}", NULL },
	{ "each type",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`string`,`value`:`[toUpper('a')]`},`i`:{`"
		   "type`:`int`,`value`:7},`b`:{`type`:`Bool`,`value`:`[true()]`},`a`:{`type`:`array`,`value`:[1]},`o`:"
		   "{`type`:`object`,`value`:{}}}"),
	  NULL, -1, FAULT_NONE,
	  "{`s`:{`type`:`String`,`value`:`A`},`i`:{`type`:`Int`,`value`:7},`b`:{`type`:`Bool`,`value`:true},`a`:{`type`"
	  ":`Array`,`value`:[1]},`o`:{`type`:`Object`,`value`:{}}}",
	  NULL },
	{ "secrets",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`secureString`,`value`:`[parameters('p')]`}"
		   ",`o`:{`type`:`secureObject`,`value`:{`x`:1}}}"),
	  NULL, -1, FAULT_NONE, "{`s`:{`type`:`SecureString`},`o`:{`type`:`SecureObject`}}", NULL },
	{ "left out",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`string`,`condition`:`[equals(1,2)]`,`"
		   "value`:`[reference('nope').x]`},`t`:{`type`:`string`,`condition`:true,`value`:`t`}}"),
	  NULL, -1, FAULT_NONE, "{`t`:{`type`:`String`,`value`:`t`}}", NULL },
	{ "copies",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`array`,`copy`:{`count`:3,`input`:`["
		   "copyIndex(1)]`}}}"),
	  NULL, -1, FAULT_NONE, "{`s`:{`type`:`Array`,`value`:[1,2,3]}}", NULL },
	{ "a reference",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`string`,`value`:`[reference('x').clientId]"
		   "`}}"),
	  NULL, -1, FAULT_NONE, "{`s`:{`type`:`String`,`value`:`c-x`}}", NULL },
	{ "null where it may be",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`string`,`nullable`:true,`value`:`[null()]`"
		   "}}"),
	  NULL, -1, FAULT_NONE, "{`s`:{`type`:`String`,`value`:null}}", NULL },
	{ "null where it may not be",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`int`,`value`:`[null()]`}}"),
	  NULL, -1, FAULT_INVALID,
	  "DeploymentOutputEvaluationFailed: The template output 's' is not valid: Template output JToken type is not "
	  "valid. Expected 'Integer'. Actual 'Null'.Please see https://aka.ms/arm-template/#outputs for usage "
	  "details..",
	  "1:262 outputs.s" },
	{ "another type",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`string`,`value`:`[createArray()]`}}"),
	  NULL, -1, FAULT_INVALID,
	  "DeploymentOutputEvaluationFailed: The template output 's' is not valid: Template output JToken type is not "
	  "valid. Expected 'String, Uri'. Actual 'Array'.Please see https://aka.ms/arm-template/#outputs for usage "
	  "details..",
	  "1:262 outputs.s" },
	{ "what a reference does not have",
	  TEMPLATE(
		  "`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		  "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`string`,`value`:`[reference('x').nope]`}}"),
	  NULL, -1, FAULT_INVALID,
	  "DeploymentOutputEvaluationFailed: The template output 's' is not valid: The language expression property "
	  "'nope' doesn't exist, available properties are 'version, clientId, principalId, vaultUri'..",
	  "1:309 outputs.s.value" },
	{ "a parameter that is not there",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`string`,`value`:`[parameters('nope')]`}}"),
	  NULL, -1, FAULT_INVALID,
	  "DeploymentOutputEvaluationFailed: The template output 's' is not valid: The template parameter 'nope' is "
	  "not found. Please see https://aka.ms/arm-syntax-parameters for usage details..",
	  "1:308 outputs.s.value" },
	{ "a reference to nothing",
	  TEMPLATE(
		  "`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		  "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`string`,`value`:`[reference('nope').x]`}}"),
	  NULL, -1, FAULT_INVALID,
	  "InvalidTemplate: Deployment template validation failed: 'The template reference 'nope' is not valid: could "
	  "not find template resource or resource copy with this name. Please see "
	  "https://aka.ms/arm-function-reference for usage details.'.",
	  "1:309 outputs.s.value" },
	{ "a condition that is no boolean",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`string`,`condition`:1,`value`:`x`}}"),
	  NULL, -1, FAULT_INVALID,
	  "DeploymentOutputEvaluationFailed: The template output 's' is not valid: The condition must be of type "
	  "'Boolean', but is of type 'Integer'.",
	  "1:291 outputs.s.condition" },
	{ "a reference to what does not exist",
	  TEMPLATE("`parameters`:{`p`:{`type`:`securestring`,`defaultValue`:`hidden`}},`resources`:[{`type`:`a.b/"
		   "c`,`apiVersion`:`1`,`name`:`x`}],`outputs`:{`s`:{`type`:`string`,`value`:`[reference(resourceId('a."
		   "b/c', 'missing'), '1').x]`}}"),
	  NULL, -1, FAULT_NOT_FOUND, "ResourceNotFound: The Resource 'missing' was not found.",
	  "1:338 outputs.s.value" },
};

static enum fault ask(struct planned *t, int resource, const struct tv **ret, struct template_place *place,
		      struct err *err)
{
	return resource < 0 ? plan_outputs(t->plan, ret, place, err)
			    : plan_body(t->plan, (size_t)resource, ret, place, err);
}

static void test_row(size_t i)
{
	struct template_place place = { .path = SPAN_EMPTY };
	struct err err = ERR_INIT;
	const struct tv *v = NULL;
	char said[sizeof(err.code) + sizeof(err.message) + 2];
	struct planned t;

	planned_init(&t, rows[i].text, rows[i].parameters);
	if (t.plan == NULL)
		fail_msg("%s: %s", rows[i].name, t.err.message);
	enum fault f = ask(&t, rows[i].resource, &v, &place, &err);
	snprintf(said, sizeof(said), "%s: %s", err.code, err.message);
	const char *shown = f == FAULT_NONE ? planned_text(&t, v) : said;
	if (f != rows[i].fault || !span_eq_cstr(span_cstr(shown), rows[i].shown))
		fail_msg("%s: %s %s", rows[i].name, fault_name(f), shown);
	if (f != FAULT_NONE && !span_eq_cstr(span_cstr(planned_place(&t, &place)), rows[i].place))
		fail_msg("%s: %s", rows[i].name, planned_place(&t, &place));
	planned_done(&t);
}

static void test_rows(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		test_row(i);
}

static void test_no_outputs(void **state UNUSED)
{
	const struct tv *v = NULL;
	struct planned t;

	planned_init(&t, RESOURCES(""), NULL);
	assert_int_equal(plan_outputs(t.plan, &v, NULL, NULL), FAULT_NONE);
	assert_null(v);
	planned_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_outputs),
	};

	return cmocka_run_group_tests_name("template_bodies", tests, NULL, NULL);
}
