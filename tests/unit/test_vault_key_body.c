/* Keys between the two planes: what the control plane is told and what the data plane is asked, and back. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vaultd/arm/vault_key_body.h"

enum { TEXT_MAX = 16 << 10 };

/* Backticks stand for double quotes. */
static const char *quoted(char out[TEXT_MAX], const char *text, char from, char to)
{
	size_t n = strlen(text);

	assert_true(n < TEXT_MAX);
	for (size_t i = 0; i <= n; i++)
		out[i] = text[i] == from ? to : text[i];
	return out;
}

static struct json_doc *parse(const char *text)
{
	char json[TEXT_MAX];
	struct json_doc *doc = NULL;

	assert_int_equal(json_parse(span_cstr(quoted(json, text, '`', '"')), &doc, NULL), FAULT_NONE);
	return doc;
}

static const struct {
	const char *name, *body;
	const char *create;   /* NULL: refused */
	const char *rotation; /* NULL: none */
} bodies[] = {
	{ "nothing", "{}", "{}", NULL },
	{ "everything",
	  "{`location`:`l`,`tags`:{`a`:`b`},`properties`:{`kty`:`RSA`,`keySize`:2048,`curveName`:`P-256`,`keyOps`:"
	  "[`wrapKey`],`attributes`:{`enabled`:true},`release_policy`:{`data`:`x`}}}",
	  "{`kty`:`RSA`,`key_size`:2048,`crv`:`P-256`,`key_ops`:[`wrapKey`],`attributes`:{`enabled`:true},"
	  "`release_policy`:{`data`:`x`},`tags`:{`a`:`b`}}",
	  NULL },
	{ "any case", "{`Properties`:{`Kty`:`EC`,`KEYSIZE`:1}}", "{`kty`:`EC`,`key_size`:1}", NULL },
	{ "a number for a string", "{`properties`:{`kty`:1}}", NULL, NULL },
	{ "a string for a number", "{`properties`:{`keySize`:`1`}}", NULL, NULL },
	{ "a string for a list", "{`properties`:{`keyOps`:`wrapKey`}}", NULL, NULL },
	{ "tags of a kind", "{`tags`:[]}", NULL, NULL },
	{ "properties of a kind", "{`properties`:[]}", NULL, NULL },
	{ "a rotation policy",
	  "{`properties`:{`kty`:`RSA`,`rotationPolicy`:{`lifetimeActions`:[{`trigger`:{`timeAfterCreate`:`P1D`},`"
	  "action`:"
	  "{`type`:`rotate`}},{`trigger`:{`timeBeforeExpiry`:`P2D`},`action`:{`type`:`NOTIFY`}},{`action`:{`type`:`fly`"
	  "}}],"
	  "`attributes`:{`expiryTime`:`P1Y`}}}}",
	  "{`kty`:`RSA`}",
	  "{`lifetimeActions`:[{`trigger`:{`timeAfterCreate`:`P1D`},`action`:{`type`:`Rotate`}},{`trigger`:"
	  "{`timeBeforeExpiry`:`P2D`},`action`:{`type`:`Notify`}},{`trigger`:{},`action`:{`type`:`fly`}}],`attributes`:"
	  "{`expiryTime`:`P1Y`}}" },
	{ "an empty rotation policy", "{`properties`:{`rotationPolicy`:{}}}", "{}",
	  "{`lifetimeActions`:[],`attributes`:{}}" },
	{ "actions of a kind", "{`properties`:{`rotationPolicy`:{`lifetimeActions`:{}}}}", NULL, NULL },
	{ "attributes of a kind", "{`properties`:{`rotationPolicy`:{`attributes`:[]}}}", NULL, NULL },
};

static void bodies_go_to_the_data_plane(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		SCOPED(json_doc) struct json_doc *doc = parse(bodies[i].body);
		SCOPED_DONE(buf) struct buf create = BUF_INIT(TEXT_MAX);
		SCOPED_DONE(buf) struct buf rotation = BUF_INIT(TEXT_MAX);
		struct json_out o, policy;
		struct err err = ERR_INIT;
		bool has_policy = false;
		char shown[TEXT_MAX];
		enum fault f;

		print_message("%s\n", bodies[i].name);
		json_out_init(&o, &create);
		json_out_init(&policy, &rotation);
		f = vault_key_create_body(json_root(doc), &o, &err);
		if (f == FAULT_NONE)
			f = vault_key_rotation_body(json_root(doc), &policy, &has_policy, &err);
		assert_int_equal(f, bodies[i].create == NULL ? FAULT_INVALID : FAULT_NONE);
		if (f != FAULT_NONE) {
			assert_string_equal(err.code, "InvalidRequestContent");
			continue;
		}
		assert_string_equal(quoted(shown, buf_cstr(&create), '"', '`'), bodies[i].create);
		assert_int_equal(has_policy, bodies[i].rotation != NULL);
		if (has_policy)
			assert_string_equal(quoted(shown, buf_cstr(&rotation), '"', '`'), bodies[i].rotation);
	}
}

#define ATTRIBUTES                                                                                                     \
	"`attributes`:{`enabled`:true,`created`:1,`updated`:2,`recoveryLevel`:`Purgeable`,`exportable`:false}"

static const struct {
	const char *name, *bundle;
	bool is_version;
	const char *shown;
} resources[] = {
	{ "an RSA key",
	  "{`key`:{`kid`:`https://kv.vault.localhost:1/keys/k/"
	  "0123`,`kty`:`RSA`,`key_ops`:[`wrapKey`],`n`:`AQIDBAUGBwg`,"
	  "`e`:`AQAB`},`attributes`:{`enabled`:true,`created`:1,`updated`:2,`recoveryLevel`:`Purgeable`},`tags`:{`a`:`"
	  "b`}}",
	  false,
	  "{`id`:`/v/keys/k`,`name`:`k`,`type`:`Microsoft.KeyVault/vaults/"
	  "keys`,`location`:`westeurope`,`tags`:{`a`:`b`},"
	  "`properties`:{" ATTRIBUTES
	  ",`kty`:`RSA`,`keyOps`:[`wrapKey`],`keySize`:64,`keyUri`:`https://kv.vault.localhost:1/"
	  "keys/k`,`keyUriWithVersion`:`https://kv.vault.localhost:1/keys/k/0123`}}" },
	{ "a version of an EC key",
	  "{`key`:{`kid`:`https://kv/keys/k/"
	  "0123`,`kty`:`EC`,`key_ops`:[],`crv`:`P-256`,`x`:`AA`,`y`:`AA`},`attributes`:"
	  "{`enabled`:true,`created`:1,`updated`:2,`recoveryLevel`:`Purgeable`}}",
	  true,
	  "{`id`:`/v/keys/k/versions/0123`,`name`:`0123`,`type`:`Microsoft.KeyVault/vaults/keys/versions`,`location`:"
	  "`westeurope`,`properties`:{" ATTRIBUTES
	  ",`kty`:`EC`,`keyOps`:[],`curveName`:`P-256`,`keyUri`:`https://kv/keys/k`,"
	  "`keyUriWithVersion`:`https://kv/keys/k/0123`}}" },
	{ "an item of a list",
	  "{`kid`:`https://kv/keys/"
	  "k`,`attributes`:{`enabled`:true,`created`:1,`updated`:2,`recoveryLevel`:`Purgeable`}}",
	  false,
	  "{`id`:`/v/keys/k`,`name`:`k`,`type`:`Microsoft.KeyVault/vaults/"
	  "keys`,`location`:`westeurope`,`properties`:{" ATTRIBUTES ",`keyUri`:`https://kv/keys/k`}}" },
};

static void bundles_become_resources(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(resources); i++) {
		SCOPED(json_doc) struct json_doc *doc = parse(resources[i].bundle);
		SCOPED_DONE(buf) struct buf text = BUF_INIT(TEXT_MAX);
		struct vault_key_shape shape = { "/v", "westeurope", resources[i].is_version };
		struct json_out o;
		char shown[TEXT_MAX];

		print_message("%s\n", resources[i].name);
		json_out_init(&o, &text);
		vault_key_write(&o, &shape, json_root(doc));
		assert_string_equal(quoted(shown, buf_cstr(&text), '"', '`'), resources[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_go_to_the_data_plane),
		cmocka_unit_test(bundles_become_resources),
	};

	return cmocka_run_group_tests_name("vault_key_body", tests, NULL, NULL);
}
