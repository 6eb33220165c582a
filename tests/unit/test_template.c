/* Templates as plans: which resources, under which ids, and in which order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/planned.h"

static const struct {
	const char *name, *text, *shown;
} rows[] = {
	{ "nothing", RESOURCES(""), "" },
	{ "two that are free",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`a`},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a; ~/Microsoft.KeyVault/vaults/b" },
	{ "dependsOn by id",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`[resourceId('Microsoft.KeyVault/vaults', "
		    "'b')]`]},{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "dependsOn by id in another case",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`[toUpper(resourceId('Microsoft.KeyVault/"
		    "vaults', 'b'))]`]},{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "dependsOn by name",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`b`]},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "dependsOn by type and name",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`[concat('Microsoft.KeyVault/vaults/', "
		    "'b')]`]},{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "dependsOn by all of them at once",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`b`,`[resourceId('Microsoft.KeyVault/vaults', "
		    "'b')]`,`Microsoft.KeyVault/vaults/b`]},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "dependsOn made by one expression",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:`[createArray('b','c')]`},{`type`:`Microsoft."
		    "KeyVault/vaults`,`apiVersion`:`1`,`name`:`b`},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`c`}"),
	  "~/Microsoft.KeyVault/vaults/a <1,2; ~/Microsoft.KeyVault/vaults/b; ~/Microsoft.KeyVault/vaults/c" },
	{ "dependsOn by the name of a loop",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`many`]},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('b',copyIndex())]`,`copy`:{`name`:`many`,`count`:3}}"),
	  "~/Microsoft.KeyVault/vaults/a <1,2,3; ~/Microsoft.KeyVault/vaults/b0; ~/Microsoft.KeyVault/vaults/b1; "
	  "~/Microsoft.KeyVault/vaults/b2" },
	{ "a loop without turns",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`many`]},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('b',copyIndex())]`,`copy`:{`name`:`many`,`count`:0}}"),
	  "~/Microsoft.KeyVault/vaults/a" },
	{ "dependsOn by a turn's name",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`b2`]},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('b',copyIndex(1))]`,`copy`:{`name`:`many`,`count`:2}}"),
	  "~/Microsoft.KeyVault/vaults/a <2; ~/Microsoft.KeyVault/vaults/b1; ~/Microsoft.KeyVault/vaults/b2" },
	{ "turn by turn",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('b',copyIndex('many'))]`,`copy`:{`name`:`many`,`count`:3,"
		    "`mode`:`Serial`}}"),
	  "~/Microsoft.KeyVault/vaults/b0; ~/Microsoft.KeyVault/vaults/b1 <0; ~/Microsoft.KeyVault/vaults/b2 <1" },
	{ "two by two",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('b',copyIndex())]`,`copy`:{`name`:`many`,`count`:5,`mode`"
		    ":`serial`,`batchSize`:2}}"),
	  "~/Microsoft.KeyVault/vaults/b0; ~/Microsoft.KeyVault/vaults/b1; ~/Microsoft.KeyVault/vaults/b2 <0,1; "
	  "~/Microsoft.KeyVault/vaults/b3 <0,1; ~/Microsoft.KeyVault/vaults/b4 <2,3" },
	{ "side by side",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('b',copyIndex())]`,`copy`:{`name`:`many`,`count`:2,`mode`"
		    ":`parallel`}}"),
	  "~/Microsoft.KeyVault/vaults/b0; ~/Microsoft.KeyVault/vaults/b1" },
	{ "each turn after its like",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('a',copyIndex())]`,`copy`:{`name`:`as`,`count`:2},`"
		    "dependsOn`:[`[concat('b',copyIndex())]`]},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('b',copyIndex())]`,`copy`:{`name`:`bs`,`count`:2}}"),
	  "~/Microsoft.KeyVault/vaults/a0 <2; ~/Microsoft.KeyVault/vaults/a1 <3; ~/Microsoft.KeyVault/vaults/b0; "
	  "~/Microsoft.KeyVault/vaults/b1" },
	{ "left out and depended on",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`b`]},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`b`,`condition`:false}"),
	  "~/Microsoft.KeyVault/vaults/a; ~/Microsoft.KeyVault/vaults/b out" },
	{ "left out what could not be",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`condition`:`[equals(1,2)]`,`tags`:{`x`:`[parameters('nope')]`"
		    "}}"),
	  "~/Microsoft.KeyVault/vaults/a out" },
	{ "one of two of one name",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`condition`:true},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`condition`:false},{`type`:`Microsoft.ManagedIdentity/"
		    "userAssignedIdentities`,`apiVersion`:`1`,`name`:`i`,`dependsOn`:[`[resourceId('Microsoft.KeyVault/"
		    "vaults', 'a')]`]}"),
	  "~/Microsoft.KeyVault/vaults/a; ~/Microsoft.KeyVault/vaults/a out; "
	  "~/Microsoft.ManagedIdentity/userAssignedIdentities/i <0" },
	{ "reference by id",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`tags`:{`x`:`[reference(resourceId('Microsoft.KeyVault/"
		    "vaults', 'b'), '1').y]`}},{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "reference by name",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`tags`:{`x`:`[reference('b').y]`}},{`type`:`Microsoft."
		    "KeyVault/vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "reference in a name of a member",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`tags`:{`[reference('b').y]`:1}},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "reference in the branch not taken",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`a`,`tags`:{`x`:`[if(false(), "
		    "reference('b').y, 'z')]`}},{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a; ~/Microsoft.KeyVault/vaults/b" },
	{ "reference in the branch taken",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`a`,`tags`:{`x`:`[if(true(), "
		    "reference('b').y, 'z')]`}},{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`b`}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "reference to what exists elsewhere",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`tags`:{`x`:`[reference(resourceId('other', "
		    "'Microsoft.KeyVault/vaults', 'b'), '1').y]`}}"),
	  "~/Microsoft.KeyVault/vaults/a" },
	{ "reference to itself as it was",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`tags`:{`x`:`[reference(resourceId('Microsoft.KeyVault/"
		    "vaults', 'a'), '1').y]`}}"),
	  "~/Microsoft.KeyVault/vaults/a" },
	{ "reference in a property's loop",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`properties`:{`copy`:[{`name`:`l`,`count`:2,`input`:`["
		    "reference(concat('b',copyIndex('l'))).y]`}]}},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`b0`},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`b1`}"),
	  "~/Microsoft.KeyVault/vaults/a <1,2; ~/Microsoft.KeyVault/vaults/b0; ~/Microsoft.KeyVault/vaults/b1" },
	{ "a child by its full name",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults/keys`,`apiVersion`:`1`,`name`:`a/"
		    "k`,`dependsOn`:[`a`]},{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`a`}"),
	  "~/Microsoft.KeyVault/vaults/a/keys/k <1; ~/Microsoft.KeyVault/vaults/a" },
	{ "children",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`a`,`resources`:[{`type`:`keys`,`apiVersion`:`1`,`name`:`k`,`"
		    "dependsOn`:[`a`],`resources`:[{`type`:`versions`,`apiVersion`:`1`,`name`:`1`,`dependsOn`:[`a/"
		    "k`]}]}]}"),
	  "~/Microsoft.KeyVault/vaults/a; ~/Microsoft.KeyVault/vaults/a/keys/k <0; "
	  "~/Microsoft.KeyVault/vaults/a/keys/k/versions/1 <1" },
	{ "children of each turn",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('a',copyIndex())]`,`copy`:{`name`:`as`,`count`:2},`"
		    "resources`:[{`type`:`keys`,`apiVersion`:`1`,`name`:`[concat('k',copyIndex())]`,`dependsOn`:[`["
		    "concat('a',copyIndex())]`]}]}"),
	  "~/Microsoft.KeyVault/vaults/a0; ~/Microsoft.KeyVault/vaults/a0/keys/k0 <0; ~/Microsoft.KeyVault/vaults/a1; "
	  "~/Microsoft.KeyVault/vaults/a1/keys/k1 <2" },
	{ "a scope by id",
	  RESOURCES("{`type`:`Microsoft.Authorization/"
		    "roleAssignments`,`apiVersion`:`1`,`name`:`r`,`scope`:`[resourceId('Microsoft.KeyVault/vaults', "
		    "'a')]`}"),
	  "~/Microsoft.KeyVault/vaults/a/providers/Microsoft.Authorization/roleAssignments/r" },
	{ "a scope by type and name",
	  RESOURCES("{`type`:`Microsoft.Authorization/"
		    "roleAssignments`,`apiVersion`:`1`,`name`:`r`,`scope`:`Microsoft.KeyVault/vaults/a`}"),
	  "~/Microsoft.KeyVault/vaults/a/providers/Microsoft.Authorization/roleAssignments/r" },
	{ "the whole tenant",
	  RESOURCES("{`type`:`Microsoft.Authorization/roleAssignments`,`apiVersion`:`1`,`name`:`r`,`scope`:`/`}"),
	  "/providers/Microsoft.Authorization/roleAssignments/r" },
	{ "an extension the old way",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults/providers/roleAssignments`,`apiVersion`:`1`,`name`:`a/"
		    "Microsoft.Authorization/r`}"),
	  "~/Microsoft.KeyVault/vaults/a/providers/Microsoft.Authorization/roleAssignments/r" },
	{ "a deployment in another group",
	  RESOURCES("{`type`:`Microsoft.Resources/deployments`,`apiVersion`:`1`,`name`:`d`,`resourceGroup`:`other`}"),
	  "/subscriptions/s/resourceGroups/other/providers/Microsoft.Resources/deployments/d" },
	{ "a deployment in another subscription",
	  RESOURCES("{`type`:`Microsoft.Resources/deployments`,`apiVersion`:`1`,`name`:`d`,`subscriptionId`:`s2`}"),
	  "/subscriptions/s2/providers/Microsoft.Resources/deployments/d" },
	{ "a deployment in another subscription's group",
	  RESOURCES("{`type`:`Microsoft.Resources/"
		    "deployments`,`apiVersion`:`1`,`name`:`d`,`subscriptionId`:`s2`,`resourceGroup`:`other`}"),
	  "/subscriptions/s2/resourceGroups/other/providers/Microsoft.Resources/deployments/d" },
	{ "a group", RESOURCES("{`type`:`Microsoft.Resources/resourceGroups`,`apiVersion`:`1`,`name`:`g`}"),
	  "/subscriptions/s/resourceGroups/g" },
	{ "symbols",
	  TEMPLATE("`languageVersion`:`2.0`,`resources`:{`x`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`y`]},`y`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`b`}}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "a symbol's reference",
	  TEMPLATE("`languageVersion`:`2.0`,`resources`:{`x`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`a`,`tags`:{`t`:`[reference('y').z]`}},`y`:{`type`:`Microsoft."
		   "KeyVault/vaults`,`apiVersion`:`1`,`name`:`b`}}"),
	  "~/Microsoft.KeyVault/vaults/a <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "a symbol that others have as a name",
	  TEMPLATE("`languageVersion`:`2.0`,`resources`:{`x`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`y`,`dependsOn`:[`y`]},`y`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`b`}}"),
	  "~/Microsoft.KeyVault/vaults/y <1; ~/Microsoft.KeyVault/vaults/b" },
	{ "a turn of a symbol",
	  TEMPLATE("`languageVersion`:`2.0`,`resources`:{`x`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`y[1]`]},`y`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`[concat('b',copyIndex())]`,`copy`:{`name`:`y`,`count`:2}}}"),
	  "~/Microsoft.KeyVault/vaults/a <2; ~/Microsoft.KeyVault/vaults/b0; ~/Microsoft.KeyVault/vaults/b1" },
	{ "all turns of a symbol",
	  TEMPLATE("`languageVersion`:`2.0`,`resources`:{`x`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`y`]},`y`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`[concat('b',copyIndex())]`,`copy`:{`name`:`loop`,`count`:2}}}"),
	  "~/Microsoft.KeyVault/vaults/a <1,2; ~/Microsoft.KeyVault/vaults/b0; ~/Microsoft.KeyVault/vaults/b1" },
	{ "children with symbols",
	  TEMPLATE("`languageVersion`:`2.0`,`resources`:{`x`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`a`,`resources`:{`k`:{`type`:`keys`,`apiVersion`:`1`,`name`:`k`,`"
		   "dependsOn`:[`x`]}}}}"),
	  "~/Microsoft.KeyVault/vaults/a; ~/Microsoft.KeyVault/vaults/a/keys/k <0" },
	{ "through what exists",
	  TEMPLATE("`languageVersion`:`2.0`,`resources`:{`x`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`e`]},`e`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`b`,`existing`:true,`dependsOn`:[`y`]},`y`:{`type`:`Microsoft."
		   "KeyVault/vaults`,`apiVersion`:`1`,`name`:`c`}}"),
	  "~/Microsoft.KeyVault/vaults/a <2; ~/Microsoft.KeyVault/vaults/b existing; ~/Microsoft.KeyVault/vaults/c" },
	{ "what exists in another group",
	  TEMPLATE("`languageVersion`:`2.0`,`resources`:{`e`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`b`,`existing`:true,`resourceGroup`:`g2`,`subscriptionId`:`s2`}}"),
	  "/subscriptions/s2/resourceGroups/g2/providers/Microsoft.KeyVault/vaults/b existing" },
};

static void test_plans(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct planned t;

		planned_init(&t, rows[i].text, NULL);
		if (t.plan == NULL)
			fail_msg("%s: %s", rows[i].name, t.err.message);
		const char *shown = planned_shown(&t);
		if (!span_eq_cstr(span_cstr(shown), rows[i].shown))
			fail_msg("%s:\n%s\n%s", rows[i].name, shown, rows[i].shown);
		planned_done(&t);
	}
}

/* The tutorial's kind of template. */
static void test_cmk(void **state UNUSED)
{
	static const char parameters[] = "{`kek_id`:{`value`:`https://v/keys/k`},`vault_name`:{`value`:`v`},"
					 "`registry_name`:{`value`:`r`},`identity_name`:{`value`:`i`}}";
	const struct tv *body = NULL;
	struct planned t;

	planned_init_file(&t, "CMKtemplate.json", parameters);
	assert_int_equal(t.fault, FAULT_NONE);
	assert_string_equal(planned_shown(&t), "~/Microsoft.ContainerRegistry/registries/r <2; "
					       "~/Microsoft.KeyVault/vaults/v/accessPolicies/add <2; "
					       "~/Microsoft.ManagedIdentity/userAssignedIdentities/i");
	assert_true(span_eq_cstr(plan_resource(t.plan, 1)->type, "Microsoft.KeyVault/vaults/accessPolicies"));
	assert_true(span_eq_cstr(plan_resource(t.plan, 1)->name, "v/add"));
	assert_true(span_eq_cstr(plan_resource(t.plan, 1)->api_version, "2018-02-14"));
	assert_string_equal(planned_place(&t, &plan_resource(t.plan, 2)->place), "56:3 resources[2]");
	assert_int_equal(plan_body(t.plan, 0, &body, NULL, NULL), FAULT_NONE);
	assert_string_equal(planned_text(&t, body),
			    "{`location`:`westeurope`,`sku`:{`name`:`Premium`,`tier`:`Premium`},`identity`:{`type`:"
			    "`UserAssigned`,`userAssignedIdentities`:{`/subscriptions/s/resourceGroups/rg/providers/"
			    "Microsoft.ManagedIdentity/userAssignedIdentities/i`:{}}},`properties`:{`adminUserEnabled`:"
			    "false,`encryption`:{`status`:`enabled`,`keyVaultProperties`:{`identity`:`c-i`,"
			    "`KeyIdentifier`:`https://v/keys/k`}}}}");
	assert_int_equal(plan_body(t.plan, 1, &body, NULL, NULL), FAULT_NONE);
	assert_string_equal(planned_text(&t, body),
			    "{`properties`:{`accessPolicies`:[{`tenantId`:`t`,`objectId`:`p-i`,`permissions`:{`keys`:["
			    "`get`,`unwrapKey`,`wrapKey`]}}]}}");
	planned_done(&t);
}

/* Its command gives a parameter that the template does not have. */
static void test_cmk_refused(void **state UNUSED)
{
	struct planned t;

	planned_init_file(&t, "CMKtemplate.json", "{`key_id`:{`value`:`k`},`vault_name`:{`value`:`v`}}");
	assert_int_equal(t.fault, FAULT_INVALID);
	assert_string_equal(t.err.code, "InvalidTemplate");
	assert_string_equal(
		t.err.message,
		"Deployment template validation failed: 'The following parameters were supplied, but do not "
		"correspond to any parameters defined in the template: 'key_id'. The parameters defined in "
		"the template are: 'vault_name, registry_name, identity_name, kek_id'. Please see "
		"https://aka.ms/arm-pass-parameter-values for usage details.'.");
	planned_done(&t);
}

static void test_bicep(void **state UNUSED)
{
	struct planned t;

	planned_init_file(&t, "bicep-1.json", "{`vaultName`:{`value`:`myvault`},`readers`:{`value`:[`a`]}}");
	assert_int_equal(t.fault, FAULT_NONE);
	assert_string_equal(planned_shown(&t),
			    "~/Microsoft.KeyVault/vaults/myvault; ~/Microsoft.KeyVault/vaults/myvault/keys/kek <0; "
			    "~/Microsoft.KeyVault/vaults/myvault/providers/Microsoft.Authorization/roleAssignments/"
			    "d2b0fe80-9ae2-5282-aad5-cd69fa52aced <0");
	assert_string_equal(planned_text(&t, plan_providers(t.plan)),
			    "[{`namespace`:`Microsoft.KeyVault`,`resourceTypes`:[{`resourceType`:`vaults`,`locations`:["
			    "`westeurope`]},{`resourceType`:`vaults/keys`,`locations`:[null]}]},{`namespace`:"
			    "`Microsoft.Authorization`,`resourceTypes`:[{`resourceType`:`roleAssignments`,`locations`:["
			    "null]}]}]");
	planned_done(&t);
	planned_init_file(&t, "bicep-2.json", NULL);
	assert_int_equal(t.fault, FAULT_NONE);
	assert_string_equal(
		planned_shown(&t),
		"/subscriptions/s/resourceGroups/common/providers/Microsoft.KeyVault/vaults/sharedvault existing; "
		"~/Microsoft.ManagedIdentity/userAssignedIdentities/who0; "
		"~/Microsoft.ManagedIdentity/userAssignedIdentities/who1; "
		"~/Microsoft.ContainerRegistry/registries/hub <1,2; "
		"~/Microsoft.Resources/deployments/inner <3,1,2");
	assert_string_equal(
		planned_text(&t, plan_parameters(t.plan)),
		"{`tier`:{`type`:`String`,`value`:`Premium`},`note`:{`type`:`String`,`value`:null},`secret`:{"
		"`type`:`SecureString`}}");
	planned_done(&t);
	planned_init_file(&t, "bicep-2.json", "{`tier`:{`value`:`Gold`}}");
	assert_string_equal(
		t.err.message,
		"Deployment template validation failed: 'The provided value for the template parameter 'tier' "
		"is not valid. The value 'Gold' is not part of the allowed value(s): 'Basic,Premium'.'.");
	assert_string_equal(planned_place(&t, &t.place), "15:24 definitions.tier.allowedValues");
	planned_done(&t);
}

static void test_dependencies(void **state UNUSED)
{
	struct planned t;

	planned_init(&t,
		     RESOURCES("{`type`:`A.B/c/d`,`apiVersion`:`1`,`name`:`x/y`,`dependsOn`:[`x`]},"
			       "{`type`:`A.B/c`,`apiVersion`:`1`,`name`:`x`,`location`:`West Europe`}"),
		     NULL);
	assert_string_equal(
		planned_text(&t, plan_dependencies(t.plan)),
		"[{`dependsOn`:[{`id`:`/subscriptions/s/resourceGroups/rg/providers/A.B/c/x`,`resourceType`:"
		"`A.B/c`,`resourceName`:`x`}],`id`:`/subscriptions/s/resourceGroups/rg/providers/A.B/c/x/d/y`,"
		"`resourceType`:`A.B/c/d`,`resourceName`:`x/y`}]");
	assert_string_equal(planned_text(&t, plan_providers(t.plan)),
			    "[{`namespace`:`A.B`,`resourceTypes`:[{`resourceType`:`c/d`,`locations`:[null]},{"
			    "`resourceType`:`c`,`locations`:[`westeurope`]}]}]");
	planned_done(&t);
}

/* Blanks and comments say nothing. */
static void test_hash(void **state UNUSED)
{
	struct planned a, b, c;

	planned_init(&a, RESOURCES(""), NULL);
	planned_init(&b, RESOURCES(" /* none */ "), NULL);
	planned_init(&c, TEMPLATE("`resources`:[],`outputs`:{}"), NULL);
	struct span hash = template_hash(&a.pool, a.in.template);
	assert_true(hash.len > 15);
	for (size_t i = 0; i < hash.len; i++)
		assert_true(hash.p[i] >= '0' && hash.p[i] <= '9');
	assert_true(span_eq(hash, template_hash(&b.pool, b.in.template)));
	assert_false(span_eq(hash, template_hash(&c.pool, c.in.template)));
	planned_done(&a);
	planned_done(&b);
	planned_done(&c);
}

/* A chain as long as a plan can be: no part of the engine goes as deep as it is long. */
static void test_chain(void **state UNUSED)
{
	struct planned t;

	planned_init(
		&t,
		RESOURCES("{`type`:`A.B/c`,`apiVersion`:`1`,`name`:`[concat('x', copyIndex())]`,`copy`:{`name`:`l`,"
			  "`count`:800},`dependsOn`:`[if(equals(copyIndex(), 799), createArray(), createArray("
			  "concat('x', copyIndex(1))))]`}"),
		NULL);
	assert_int_equal(t.fault, FAULT_NONE);
	assert_int_equal(plan_count(t.plan), 800);
	assert_int_equal(plan_resource(t.plan, 0)->n_after, 1);
	planned_done(&t);
}

/* Without memory it is refused, wherever memory ends. */
/* Each of them is allowed; all together they would hold the daemon up. */
static void test_work(void **state UNUSED)
{
#define SLOW "{`type`:`int`,`defaultValue`:`[length(union(range(0, 4000), range(4000, 3000)))]`}"
	static const struct {
		const char *text;
		enum fault fault;
	} slow[] = {
		{ TEMPLATE("`parameters`:{`a`:" SLOW "},`resources`:[]"), FAULT_NONE },
		{ TEMPLATE("`parameters`:{`a`:" SLOW ",`b`:" SLOW ",`c`:" SLOW "},`resources`:[]"), FAULT_TOO_LARGE },
		{ TEMPLATE(
			  "`variables`:{`s`:`[padLeft('', 1000000)]`},`resources`:[{`type`:`A.B/c`,`apiVersion`:`1`,"
			  "`name`:`x`,`tags`:{`copy`:[{`name`:`t`,`count`:800,`input`:`[length(variables('s'))]`}]}}]"),
		  FAULT_TOO_LARGE },
	};

	for (size_t i = 0; i < ARRAY_LEN(slow); i++) {
		struct planned t;

		planned_init(&t, slow[i].text, NULL);
		if (t.fault != slow[i].fault)
			fail_msg("%zu: %s %s", i, fault_name(t.fault), t.err.message);
		planned_done(&t);
	}
}

static void test_small_pools(void **state UNUSED)
{
	struct planned t;

	planned_init_file(&t, "bicep-2.json", NULL);
	assert_int_equal(t.fault, FAULT_NONE);
	for (size_t room = 0; room < 64 * 1024; room += 64) {
		struct plan *plan = NULL;
		struct pool pool;

		pool_init(&pool, room);
		t.in.pool = &pool;
		enum fault f = template_plan(&t.in, &plan, NULL, NULL);
		if (f != FAULT_NONE && f != FAULT_MEMORY && f != FAULT_TOO_LARGE)
			fail_msg("%zu bytes: %s", room, fault_name(f));
		pool_done(&pool);
	}
	planned_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plans), cmocka_unit_test(test_cmk),	   cmocka_unit_test(test_cmk_refused),
		cmocka_unit_test(test_bicep), cmocka_unit_test(test_dependencies), cmocka_unit_test(test_hash),
		cmocka_unit_test(test_chain), cmocka_unit_test(test_work),	   cmocka_unit_test(test_small_pools),
	};

	return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
