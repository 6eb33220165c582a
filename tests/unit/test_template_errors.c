/* Templates that are refused: the sentences, to the letter, and the places. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/planned.h"

#define REFUSED(sentence) "Deployment template validation failed: '" sentence "'."
#define SEE_EXPRESSIONS " Please see https://aka.ms/arm-template-expressions for usage details."
#define SEE_RESOURCES " Please see https://aka.ms/arm-syntax-resources for usage details."
#define SEE_FUNCTIONS " Please see https://aka.ms/arm-functions for usage details."
#define SEE_COPY " Please see https://aka.ms/arm-copy for usage details."

static const struct {
	const char *name, *text, *parameters;
	const char *code, *message, *place;
} rows[] = {
	{ "no $schema", "{`contentVersion`:`1.0.0.0`,`resources`:[]}", NULL, "InvalidTemplate",
	  "Deployment template parse failed: 'Required property '$schema' not found in JSON. Path '', line 1, position "
	  "1.'.",
	  "1:1 " },
	{ "no contentVersion",
	  "{`$schema`:`https://schema.management.azure.com/schemas/2019-04-01/"
	  "deploymentTemplate.json#`,`resources`:[]}",
	  NULL, "InvalidTemplate",
	  "Deployment template parse failed: 'Required property 'contentVersion' not found in JSON. Path '', line 1, "
	  "position 1.'.",
	  "1:1 " },
	{ "no resources", TEMPLATE("`variables`:{}"), NULL, "InvalidTemplate",
	  "Deployment template parse failed: 'Required property 'resources' not found in JSON. Path '', line 1, "
	  "position 1.'.",
	  "1:1 " },
	{ "another schema",
	  "{`$schema`:`https://schema.management.azure.com/schemas/2022-09-01/"
	  "deploymentTemplate.json#`,`contentVersion`:`1.0.0.0`,`resources`:[]}",
	  NULL, "InvalidTemplate",
	  REFUSED("Template schema 'https://schema.management.azure.com/schemas/2022-09-01/deploymentTemplate.json#' "
		  "is not supported. Supported versions are "
		  "'2014-04-01-preview,2015-01-01,2018-05-01,2019-04-01,2019-08-01'. Please see "
		  "https://aka.ms/arm-syntax for usage details."),
	  "1:92 $schema" },
	{ "an unknown member", TEMPLATE("`resources`:[],`parameterss`:{}"), NULL, "InvalidRequestContent",
	  "The request content was invalid and could not be deserialized: 'Could not find member 'parameterss' on "
	  "object of type 'Template'. Path 'properties.template.parameterss', line 1, position 150.'.",
	  "1:150 parameterss" },
	{ "functions that are no list", TEMPLATE("`resources`:[],`functions`:{`n`:1}"), NULL, "InvalidTemplate",
	  REFUSED("The template function at line '1' and column '148' is not valid. It must have parameters with names "
		  "and an output with a value. Please see https://aka.ms/arm-functions for usage details."),
	  "1:148 functions" },
	{ "functions without a namespace", TEMPLATE("`resources`:[],`functions`:[{`members`:{}}]"), NULL,
	  "InvalidTemplate",
	  REFUSED("The template function at line '1' and column '149' is not valid. It must have parameters with names "
		  "and an output with a value. Please see https://aka.ms/arm-functions for usage details."),
	  "1:149 functions[0]" },
	{ "a function without an output", TEMPLATE("`resources`:[],`functions`:[{`namespace`:`n`,`members`:{`f`:{}}}]"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template function at line '1' and column '181' is not valid. It must have parameters with names "
		  "and an output with a value. Please see https://aka.ms/arm-functions for usage details."),
	  "1:181 functions[0].members.f" },
	{ "a function with a parameter without a name",
	  TEMPLATE("`resources`:[],`functions`:[{`namespace`:`n`,`members`:{`f`:{`parameters`:[{}],`output`:{`value`:1}"
		   "}}}]"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template function at line '1' and column '181' is not valid. It must have parameters with names "
		  "and an output with a value. Please see https://aka.ms/arm-functions for usage details."),
	  "1:181 functions[0].members.f" },
	{ "a function that nobody defined",
	  TEMPLATE("`resources`:[],`functions`:[{`namespace`:`n`,`members`:{`f`:{`parameters`:[{`name`:`x`}],`output`:{"
		   "`type`:`string`,`value`:`[parameters('x')]`}}}}],`variables`:{`v`:`[m.f(1)]`}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template function 'm.f' is not valid. Please see https://aka.ms/arm-functions for usage "
		  "details."),
	  "1:295 variables.v" },
	{ "a function with too few arguments",
	  TEMPLATE("`resources`:[],`functions`:[{`namespace`:`n`,`members`:{`f`:{`parameters`:[{`name`:`x`}],`output`:{"
		   "`type`:`string`,`value`:`[parameters('x')]`}}}}],`variables`:{`v`:`[n.f()]`}"),
	  NULL, "InvalidTemplate",
	  REFUSED("Unable to evaluate template language function 'n.f': function requires 1 argument(s) while 0 were "
		  "provided. Please see https://aka.ms/arm-functions#n.f for usage details."),
	  "1:294 variables.v" },
	{ "imports", TEMPLATE("`resources`:[],`imports`:{`k`:{}}"), NULL, "InvalidTemplate",
	  REFUSED("The template at line '1' and column '146' has extensions, which this double does not imitate"),
	  "1:146 imports" },
	{ "parameters as a list", TEMPLATE("`resources`:[],`parameters`:[]"), NULL, "InvalidTemplate",
	  REFUSED("The template section 'parameters' at line '1' and column '149' must be of type 'Object', but is of "
		  "type 'Array'"),
	  "1:149 parameters" },
	{ "symbols without languageVersion", TEMPLATE("`resources`:{}"), NULL, "InvalidTemplate",
	  REFUSED("The template resources at line '1' and column '133' have symbolic names, which need languageVersion "
		  "'2.0'"),
	  "1:133 resources" },
	{ "missing parameter", TEMPLATE("`parameters`:{`a`:{`type`:`string`}},`resources`:[]"), NULL, "InvalidTemplate",
	  REFUSED("The value for the template parameter 'a' at line '1' and column '139' is not provided. Please see "
		  "https://aka.ms/arm-create-parameter-file for usage details."),
	  "1:139 parameters.a" },
	{ "undeclared parameter", TEMPLATE("`parameters`:{`a`:{`type`:`string`},`b`:{`type`:`int`}},`resources`:[]"),
	  "{`x`:{`value`:1},`y`:{`value`:2}}", "InvalidTemplate",
	  REFUSED("The following parameters were supplied, but do not correspond to any parameters defined in the "
		  "template: 'x, y'. The parameters defined in the template are: 'a, b'. Please see "
		  "https://aka.ms/arm-pass-parameter-values for usage details."),
	  "1:134 parameters" },
	{ "wrong type", TEMPLATE("`parameters`:{`a`:{`type`:`Object`}},`resources`:[]"), "{`a`:{`value`:`x`}}",
	  "InvalidTemplate",
	  REFUSED("The provided value for the template parameter 'a' is not valid. Expected a value of type 'Object', "
		  "but received a value of type 'String'. Please see https://aka.ms/arm-create-parameter-file for "
		  "usage details."),
	  "1:139 parameters.a" },
	{ "null for a string", TEMPLATE("`parameters`:{`a`:{`type`:`string`}},`resources`:[]"), "{`a`:{`value`:null}}",
	  "InvalidTemplate",
	  REFUSED("The provided value for the template parameter 'a' is not valid. Expected a value of type 'String', "
		  "but received a value of type 'Null'. Please see https://aka.ms/arm-create-parameter-file for usage "
		  "details."),
	  "1:139 parameters.a" },
	{ "wrong type of default",
	  TEMPLATE("`parameters`:{`a`:{`type`:`int`,`defaultValue`:`[concat('x')]`}},`resources`:[]"), NULL,
	  "InvalidTemplate",
	  REFUSED("The provided value for the template parameter 'a' is not valid. Expected a value of type 'Integer', "
		  "but received a value of type 'String'. Please see https://aka.ms/arm-create-parameter-file for "
		  "usage details."),
	  "1:139 parameters.a" },
	{ "not allowed", TEMPLATE("`parameters`:{`a`:{`type`:`string`,`allowedValues`:[`x`,`y`]}},`resources`:[]"),
	  "{`a`:{`value`:`z`}}", "InvalidTemplate",
	  REFUSED("The provided value for the template parameter 'a' is not valid. The value 'z' is not part of the "
		  "allowed value(s): 'x,y'."),
	  "1:172 parameters.a.allowedValues" },
	{ "not allowed and secret",
	  TEMPLATE("`parameters`:{`a`:{`type`:`securestring`,`allowedValues`:[`x`,`y`]}},`resources`:[]"),
	  "{`a`:{`value`:`z`}}", "InvalidTemplate",
	  REFUSED("The provided value for the template parameter 'a' is not valid. The value '' is not part of the "
		  "allowed value(s): 'x,y'."),
	  "1:178 parameters.a.allowedValues" },
	{ "an item not allowed", TEMPLATE("`parameters`:{`a`:{`type`:`array`,`allowedValues`:[`x`,1]}},`resources`:[]"),
	  "{`a`:{`value`:[1,2]}}", "InvalidTemplate",
	  REFUSED("The provided value for the template parameter 'a' is not valid. The value '[1,2]' is not part of "
		  "the allowed value(s): 'x,1'."),
	  "1:171 parameters.a.allowedValues" },
	{ "too small", TEMPLATE("`parameters`:{`a`:{`type`:`int`,`minValue`:3}},`resources`:[]"), "{`a`:{`value`:2}}",
	  "InvalidTemplate",
	  REFUSED("The provided value for the template parameter 'a' is not valid. Value should be greater than or "
		  "equal to '3'. Please see https://aka.ms/arm-syntax-parameters for usage details."),
	  "1:164 parameters.a.minValue" },
	{ "too large", TEMPLATE("`parameters`:{`a`:{`type`:`int`,`maxValue`:3}},`resources`:[]"), "{`a`:{`value`:4}}",
	  "InvalidTemplate",
	  REFUSED("The provided value for the template parameter 'a' is not valid. Value should be less than or equal "
		  "to '3'. Please see https://aka.ms/arm-syntax-parameters for usage details."),
	  "1:164 parameters.a.maxValue" },
	{ "too short", TEMPLATE("`parameters`:{`a`:{`type`:`string`,`minLength`:3}},`resources`:[]"),
	  "{`a`:{`value`:`\xc3\xa4\xc3\xa4`}}", "InvalidTemplate",
	  REFUSED("The provided value for the template parameter 'a' is not valid. Length of the value should be "
		  "greater than or equal to '3'. Please see https://aka.ms/arm-syntax-parameters for usage details."),
	  "1:168 parameters.a.minLength" },
	{ "too long", TEMPLATE("`parameters`:{`a`:{`type`:`array`,`maxLength`:1}},`resources`:[]"),
	  "{`a`:{`value`:[1,2]}}", "InvalidTemplate",
	  REFUSED("The provided value for the template parameter 'a' is not valid. Length of the value should be less "
		  "than or equal to '1'. Please see https://aka.ms/arm-syntax-parameters for usage details."),
	  "1:167 parameters.a.maxLength" },
	{ "unknown type", TEMPLATE("`parameters`:{`a`:{`type`:`strng`}},`resources`:[]"), NULL, "InvalidRequestContent",
	  "The request content was invalid and could not be deserialized: 'Error converting value \"strng\" to type "
	  "'TemplateParameterType'. Path 'properties.template.parameters.a.type', line 1, position 153.'.",
	  "1:153 parameters.a.type" },
	{ "no type", TEMPLATE("`parameters`:{`a`:{}},`resources`:[]"), NULL, "InvalidRequestContent",
	  "The request content was invalid and could not be deserialized: 'Required property 'type' not found in JSON. "
	  "Path 'properties.template.parameters.a', line 1, position 139.'.",
	  "1:139 parameters.a" },
	{ "unknown member of a parameter",
	  TEMPLATE("`parameters`:{`a`:{`type`:`string`,`default`:`x`}},`resources`:[]"), NULL, "InvalidRequestContent",
	  "The request content was invalid and could not be deserialized: 'Could not find member 'default' on object "
	  "of type 'TemplateInputParameter'. Path 'properties.template.parameters.a.default', line 1, position 168.'.",
	  "1:168 parameters.a.default" },
	{ "a definition that is not there", TEMPLATE("`parameters`:{`a`:{`$ref`:`#/definitions/x`}},`resources`:[]"),
	  NULL, "InvalidTemplate",
	  REFUSED("The type reference '#/definitions/x' at line '1' and column '139' does not lead to a type"),
	  "1:139 parameters.a" },
	{ "a definition of itself",
	  TEMPLATE("`definitions`:{`x`:{`$ref`:`#/definitions/x`}},`parameters`:{`a`:{`$ref`:`#/definitions/"
		   "x`}},`resources`:[]"),
	  NULL, "InvalidTemplate",
	  REFUSED("The type reference '#/definitions/x' at line '1' and column '186' does not lead to a type"),
	  "1:186 parameters.a" },
	{ "a parameter file's member", TEMPLATE("`parameters`:{`a`:{`type`:`string`}},`resources`:[]"),
	  "{`$schema`:`x`}", "InvalidRequestContent",
	  "The request content was invalid and could not be deserialized: 'Error converting value \"x\" to type "
	  "'DeploymentParameterDefinition'. Path 'properties.parameters.$schema', line 1, position 14.'.",
	  "1:14 parameters.$schema" },
	{ "a secret's reference", TEMPLATE("`parameters`:{`a`:{`type`:`string`}},`resources`:[]"),
	  "{`a`:{`reference`:{}}}", "InvalidTemplate",
	  REFUSED("The template parameter 'a' refers to a secret of a vault, which this double does not imitate"),
	  "1:6 parameters.a" },
	{ "a default with a variable",
	  TEMPLATE("`parameters`:{`a`:{`type`:`string`,`defaultValue`:`[variables('v')]`}},`variables`:{`v`:1},`"
		   "resources`:[]"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template parameter 'a' is not valid: The template function 'variables' is not expected at this "
		  "location." SEE_EXPRESSIONS "." SEE_EXPRESSIONS),
	  "1:188 parameters.a.defaultValue" },
	{ "defaults in a circle",
	  TEMPLATE("`parameters`:{`a`:{`type`:`string`,`defaultValue`:`[parameters('b')]`},`b`:{`type`:`string`,`"
		   "defaultValue`:`[parameters('a')]`}},`resources`:[]"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template parameter 'b' is not valid: Circular dependency detected in template language "
		  "expression '[parameters('a')]'." SEE_EXPRESSIONS),
	  "1:246 parameters.b.defaultValue" },
	{ "variables in a circle",
	  TEMPLATE("`variables`:{`a`:`[variables('b')]`,`b`:`[variables('a')]`},`resources`:[{`type`:`Microsoft."
		   "KeyVault/vaults`,`apiVersion`:`1`,`name`:`[variables('a')]`}]"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template variable 'b' is not valid: Circular dependency detected in template language "
		  "expression '[variables('a')]'." SEE_EXPRESSIONS),
	  "1:178 variables.b" },
	{ "reference in a variable",
	  TEMPLATE("`variables`:{`a`:`[reference('x').y]`},`resources`:[{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`[variables('a')]`}]"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template variable 'a' is not valid: The template function 'reference' is not expected at this "
		  "location." SEE_FUNCTIONS "." SEE_EXPRESSIONS),
	  "1:157 variables.a" },
	{ "utcNow outside of a default",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`[utcNow()]`}"), NULL,
	  "InvalidTemplate",
	  REFUSED("The template resource '[utcNow()]' at line '1' and column '134' is not valid: The template function "
		  "'utcNow' is not expected at this location." SEE_FUNCTIONS "." SEE_EXPRESSIONS),
	  "1:205 resources[0].name" },
	{ "no such parameter",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`[parameters('x')]`}"), NULL,
	  "InvalidTemplate",
	  REFUSED("The template resource '[parameters('x')]' at line '1' and column '134' is not valid: The template "
		  "parameter 'x' is not found. Please see https://aka.ms/arm-syntax-parameters for usage "
		  "details.." SEE_EXPRESSIONS),
	  "1:212 resources[0].name" },
	{ "no such variable",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`tags`:{`a`:{`b.c`:[`[variables('x')]`]}}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template resource 'v' at line '1' and column '134' is not valid: The template variable 'x' is "
		  "not found. Please see https://aka.ms/arm-syntax-variables for usage details.." SEE_EXPRESSIONS),
	  "1:235 resources[0].tags.a['b.c'][0]" },
	{ "no such variable in dependsOn",
	  RESOURCES(
		  "{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`dependsOn`:[`[variables('x')]`]}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template variable 'x' is not found. Please see https://aka.ms/arm-syntax-variables for usage "
		  "details."),
	  "1:228 resources[0].dependsOn[0]" },
	{ "no such property",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`tags`:{`a`:`[resourceGroup().nope]`}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template resource 'v' at line '1' and column '134' is not valid: The language expression "
		  "property 'nope' doesn't exist, available properties are 'id, name, type, location, tags, "
		  "properties'.." SEE_EXPRESSIONS),
	  "1:233 resources[0].tags.a" },
	{ "no such function",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`tags`:{`a`:`[nope()]`}}"), NULL,
	  "InvalidTemplate",
	  REFUSED("The template resource 'v' at line '1' and column '134' is not valid: The template function 'nope' "
		  "is not valid." SEE_FUNCTIONS "." SEE_EXPRESSIONS),
	  "1:219 resources[0].tags.a" },
	{ "no such function in what is left out",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`condition`:false,`tags`:{`a`:`[nope()]`}}"),
	  NULL, "InvalidTemplate", REFUSED("The template function 'nope' is not valid." SEE_FUNCTIONS),
	  "1:237 resources[0].tags.a" },
	{ "syntax",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`tags`:{`a`:`[concat('a']`}}"),
	  NULL, "InvalidTemplate",
	  "Deployment template language expression evaluation failed: 'Unable to parse language expression "
	  "'concat('a'': expected token 'RightParenthesis' and actual 'EndOfData'.'." SEE_EXPRESSIONS,
	  "1:223 resources[0].tags.a" },
	{ "no name", RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`}"), NULL, "InvalidTemplate",
	  REFUSED("The template resource '' at line '1' and column '134' is not valid. The name property cannot be "
		  "null or empty." SEE_RESOURCES),
	  "1:134 resources[0]" },
	{ "empty name", RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`[toLower('')]`}"), NULL,
	  "InvalidTemplate",
	  REFUSED("The template resource '' at line '1' and column '134' is not valid. The name property cannot be "
		  "null or empty." SEE_RESOURCES),
	  "1:208 resources[0].name" },
	{ "no type of a resource", RESOURCES("{`name`:`v`,`apiVersion`:`1`}"), NULL, "InvalidTemplate",
	  REFUSED("The template resource 'v' at line '1' and column '134' is not valid. The type property cannot be "
		  "null or empty." SEE_RESOURCES),
	  "1:134 resources[0]" },
	{ "no version", RESOURCES("{`name`:`v`,`type`:`Microsoft.KeyVault/vaults`}"), NULL, "InvalidTemplate",
	  REFUSED("The template resource 'v' at line '1' and column '134' is not valid. The apiVersion property cannot "
		  "be null or empty." SEE_RESOURCES),
	  "1:134 resources[0]" },
	{ "segments", RESOURCES("{`type`:`Microsoft.KeyVault/vaults/keys`,`apiVersion`:`1`,`name`:`v/`}"), NULL,
	  "InvalidTemplate",
	  REFUSED("The template resource 'v/' for type 'Microsoft.KeyVault/vaults/keys' at line '1' and column '173' "
		  "has incorrect segment lengths. A nested resource type must have identical number of segments as its "
		  "resource name. A root resource type must have segment length one greater than its resource "
		  "name." SEE_RESOURCES),
	  "1:173 resources[0].type" },
	{ "segments of a child",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`resources`:[{`type`:`keys`,`apiVersion`:`1`,`name`:`v/k`}]}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template resource 'v/k' for type 'keys' at line '1' and column '224' has incorrect segment "
		  "lengths. A nested resource type must have identical number of segments as its resource name. A root "
		  "resource type must have segment length one greater than its resource name." SEE_RESOURCES),
	  "1:224 resources[0].resources[0].type" },
	{ "condition is no boolean",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`condition`:`[concat('true')]`}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template resource 'v' at line '1' and column '134' is not valid. The condition must be of type "
		  "'Boolean', but is of type 'String'." SEE_RESOURCES),
	  "1:227 resources[0].condition" },
	{ "twice",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`V`}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The resource 'Microsoft.KeyVault/vaults/V' at line '1' and column '199' is defined multiple times "
		  "in a template." SEE_RESOURCES),
	  "1:199 resources[1]" },
	{ "not an object", RESOURCES("7"), NULL, "InvalidTemplate",
	  REFUSED("The template resource at line '1' and column '134' is not an object." SEE_RESOURCES),
	  "1:134 resources[0]" },
	{ "depends on nothing by name",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`dependsOn`:[`nothing`]}"), NULL,
	  "InvalidTemplate",
	  REFUSED("The template reference 'nothing' is not valid: could not find template resource or resource copy "
		  "with this name. Please see https://aka.ms/arm-function-reference for usage details."),
	  "1:219 resources[0].dependsOn[0]" },
	{ "depends on nothing by id",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`dependsOn`:[`[resourceId('Microsoft.KeyVault/vaults', "
		    "'w')]`]}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The resource 'Microsoft.KeyVault/vaults/w' is not defined in the template. Please see "
		  "https://aka.ms/arm-syntax for usage details."),
	  "1:258 resources[0].dependsOn[0]" },
	{ "depends on nothing by type and name",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`dependsOn`:[`Microsoft.KeyVault/"
		    "vaults/w`]}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The resource 'Microsoft.KeyVault/vaults/w' is not defined in the template. Please see "
		  "https://aka.ms/arm-syntax for usage details."),
	  "1:239 resources[0].dependsOn[0]" },
	{ "depends on a number",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`dependsOn`:[7]}"), NULL,
	  "InvalidTemplate",
	  REFUSED("The template resource 'v' at line '1' and column '134' is not valid. What it depends on must be of "
		  "type 'String', but is of type 'Integer'." SEE_RESOURCES),
	  "1:211 resources[0].dependsOn[0]" },
	{ "depends on one of two",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`dependsOn`:[`x`]},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`x`},{`type`:`Microsoft.ManagedIdentity/"
		    "userAssignedIdentities`,`apiVersion`:`1`,`name`:`x`}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template reference 'x' is not valid: more than one template resource has this name. Please see "
		  "https://aka.ms/arm-function-reference for usage details."),
	  "1:213 resources[0].dependsOn[0]" },
	{ "refers to nothing",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`tags`:{`a`:`[reference('nothing').x]`}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template reference 'nothing' is not valid: could not find template resource or resource copy "
		  "with this name. Please see https://aka.ms/arm-function-reference for usage details."),
	  "1:235 resources[0].tags.a" },
	{ "refers to one of two",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`tags`:{`a`:`[reference('x').y]`}},{`type`:`Microsoft."
		    "KeyVault/vaults`,`apiVersion`:`1`,`name`:`x`},{`type`:`Microsoft.ManagedIdentity/"
		    "userAssignedIdentities`,`apiVersion`:`1`,`name`:`x`}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template reference 'x' is not valid: more than one template resource has this name. Please see "
		  "https://aka.ms/arm-function-reference for usage details."),
	  "1:229 resources[0].tags.a" },
	{ "refers to another id without a version",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`tags`:{`a`:`[reference(resourceId('Microsoft.KeyVault/"
		    "vaults', 'w')).x]`}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The resource 'Microsoft.KeyVault/vaults/w' is not defined in the template. Please see "
		  "https://aka.ms/arm-syntax for usage details."),
	  "1:270 resources[0].tags.a" },
	{ "a circle of one",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`dependsOn`:[`v`]}"), NULL,
	  "InvalidTemplate",
	  REFUSED("Circular dependency detected on resource: "
		  "'/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v'." SEE_RESOURCES),
	  "1:134 resources[0]" },
	{ "a circle of two",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`dependsOn`:[`w`]},{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`w`,`tags`:{`a`:`[reference('v').x]`}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("Circular dependency detected on resource: "
		  "'/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v'." SEE_RESOURCES),
	  "1:134 resources[0]" },
	{ "a circle through what exists",
	  TEMPLATE("`languageVersion`:`2.0`,`resources`:{`a`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`a`,`dependsOn`:[`e`]},`e`:{`type`:`Microsoft.KeyVault/"
		   "vaults`,`apiVersion`:`1`,`name`:`e`,`existing`:true,`dependsOn`:[`a`]}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("Circular dependency detected on resource: "
		  "'/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/a'." SEE_RESOURCES),
	  "1:162 resources.a" },
	{ "copies without a count",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`copy`:{`name`:`l`}}"), NULL,
	  "InvalidTemplate",
	  REFUSED("The template 'copy' definition at line '1' and column '205' must have the members 'name' and "
		  "'count'." SEE_COPY),
	  "1:205 resources[0].copy" },
	{ "too many copies",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`copy`:{`name`:`l`,`count`:801}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template 'copy' definition at line '1' and column '205' has an invalid copy count. The copy "
		  "count must be a positive integer value and cannot exceed '800'." SEE_COPY),
	  "1:205 resources[0].copy" },
	{ "copies less than none",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`copy`:{`name`:`l`,`count`:`[sub(1,2)]`}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template 'copy' definition at line '1' and column '205' has an invalid copy count. The copy "
		  "count must be a positive integer value and cannot exceed '800'." SEE_COPY),
	  "1:205 resources[0].copy" },
	{ "a copied child",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`v`,`resources`:[{`type`:`keys`,`apiVersion`:`1`,`name`:`k`,`copy`"
		    ":{`name`:`l`,`count`:1}}]}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template resource 'k' at line '1' and column '211' is not valid. Copying nested resources is "
		  "not supported." SEE_COPY),
	  "1:261 resources[0].resources[0].copy" },
	{ "copies of one name",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`v`,`copy`:{`name`:`l`,`count`:2}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The resource 'Microsoft.KeyVault/vaults/v' at line '1' and column '134' is defined multiple times "
		  "in a template." SEE_RESOURCES),
	  "1:134 resources[0]" },
	{ "batches of nothing",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('v',copyIndex())]`,`copy`:{`name`:`l`,`count`:2,`mode`:`"
		    "serial`,`batchSize`:0}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template 'copy' definition at line '1' and column '229' has an invalid batch size. The batch "
		  "size must be a positive integer value." SEE_COPY),
	  "1:229 resources[0].copy" },
	{ "copyIndex without copies",
	  RESOURCES("{`type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`[concat('v',copyIndex())]`}"), NULL,
	  "InvalidTemplate",
	  REFUSED("The template resource '[concat('v',copyIndex())]' at line '1' and column '134' is not valid: The "
		  "template function 'copyIndex' is not expected at this location. The function can only be used in a "
		  "resource with copy specified." SEE_COPY "." SEE_EXPRESSIONS),
	  "1:220 resources[0].name" },
	{ "copyIndex of another loop",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('v',copyIndex('m'))]`,`copy`:{`name`:`l`,`count`:2}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template resource '[concat('v',copyIndex('m'))]' at line '1' and column '134' is not valid: The "
		  "template function 'copyIndex' is not expected at this location. The function can only be used in a "
		  "resource with copy specified." SEE_COPY "." SEE_EXPRESSIONS),
	  "1:223 resources[0].name" },
	{ "too many resources",
	  RESOURCES("{`type`:`Microsoft.KeyVault/"
		    "vaults`,`apiVersion`:`1`,`name`:`[concat('v',copyIndex())]`,`copy`:{`name`:`l`,`count`:800}},{`"
		    "type`:`Microsoft.KeyVault/vaults`,`apiVersion`:`1`,`name`:`w`}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The number of template resources limit exceeded. Limit: '800' and actual: '801'." SEE_RESOURCES),
	  "1:133 resources" },
	{ "variables' copy without input", TEMPLATE("`variables`:{`copy`:[{`name`:`a`,`count`:1}]},`resources`:[]"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template 'copy' definition at line '1' and column '142' must have the members 'name', 'count' "
		  "and 'input'." SEE_COPY),
	  "1:142 variables.copy[0]" },
	{ "an extension's resource",
	  TEMPLATE("`languageVersion`:`2.0`,`resources`:{`a`:{`extension`:`k8s`,`type`:`x/y@1`,`properties`:{}}}"),
	  NULL, "InvalidTemplate",
	  REFUSED("The template resource 'a' at line '1' and column '162' belongs to an extension, which this double "
		  "does not imitate"),
	  "1:162 resources.a" },
	{ "unknown type of an output", TEMPLATE("`resources`:[],`outputs`:{`o`:{`type`:`x`,`value`:1}}"), NULL,
	  "InvalidRequestContent",
	  "The request content was invalid and could not be deserialized: 'Error converting value \"x\" to type "
	  "'TemplateParameterType'. Path 'properties.template.outputs.o.type', line 1, position 161.'.",
	  "1:161 outputs.o.type" },
	{ "unknown member of an output", TEMPLATE("`resources`:[],`outputs`:{`o`:{`type`:`int`,`val`:1}}"), NULL,
	  "InvalidRequestContent",
	  "The request content was invalid and could not be deserialized: 'Could not find member 'val' on object of "
	  "type 'TemplateOutputParameter'. Path 'properties.template.outputs.o.val', line 1, position 171.'.",
	  "1:171 outputs.o.val" },
	{ "a secret without its wrapping", TEMPLATE("`parameters`:{`s`:{`type`:`secureString`}},`resources`:[]"),
	  "{`s`:`geheim`}", "InvalidRequestContent",
	  "The request content was invalid and could not be deserialized: 'Error converting value '' to type "
	  "'DeploymentParameterDefinition'. Path 'properties.parameters.s', line 1, position 13.'.",
	  "1:13 parameters.s" },
	{ "a secret in an expression that fails",
	  TEMPLATE("`parameters`:{`s`:{`type`:`secureString`}},`resources`:[{`type`:`a.b/c`,`apiVersion`:`2020-01-01`,"
		   "`name`:`[string(int(parameters('s')))]`}]"),
	  "{`s`:{`value`:`geheimnis`}}", "InvalidTemplate",
	  REFUSED("The template resource '[string(int(parameters('s')))]' at line '1' and column '177' is not valid: "
		  "Unable to evaluate template language function 'int': the value '***' is no integer of 64 bits. "
		  "Please "
		  "see https://aka.ms/arm-functions#int for usage details.. Please see "
		  "https://aka.ms/arm-template-expressions for usage details."),
	  "1:257 resources[0].name" },
	{ "no such function in an output", TEMPLATE("`resources`:[],`outputs`:{`o`:{`type`:`int`,`value`:`[nope()]`}}"),
	  NULL, "InvalidTemplate", REFUSED("The template function 'nope' is not valid." SEE_FUNCTIONS),
	  "1:182 outputs.o.value" },
};

static void test_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct planned t;

		planned_init(&t, rows[i].text, rows[i].parameters);
		if (t.fault != FAULT_INVALID || !span_eq_cstr(span_cstr(t.err.code), rows[i].code) ||
		    !span_eq_cstr(span_cstr(t.err.message), rows[i].message))
			fail_msg("%s: %s %s %s", rows[i].name, fault_name(t.fault), t.err.code, t.err.message);
		if (!span_eq_cstr(span_cstr(planned_place(&t, &t.place)), rows[i].place))
			fail_msg("%s: %s", rows[i].name, planned_place(&t, &t.place));
		planned_done(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("template_errors", tests, NULL, NULL);
}
