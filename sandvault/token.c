/* sandvault token: an access token, alone on a line. */

#include <stdio.h>

#include "sandvault/caller.h"
#include "sandvault/front.h"
#include "sandvault/running.h"

struct token_settings {
	char *data_dir, *as, *resource;
};

#define AT(member) offsetof(struct token_settings, member)
static const struct setting token_rows[] = {
	DATA_DIR_ROW(struct token_settings),
	{ "as", SETTING_STRING, AT(as), NULL, 0, 0, "IDENTITY", "admin, system, or a client, object or resource id" },
	{ "resource", SETTING_STRING, AT(resource), NULL, 0, 0, "URI", "whom the token is for; default: the vaults" },
};

static enum fault get_token(const struct front *front, const char *data_dir, const struct token_settings *s,
			    struct err *err)
{
	SCOPED_DONE(buf) struct buf resource = BUF_INIT(8192);
	SCOPED_DONE(secret) struct secret token = SECRET_INIT;
	SCOPED(json_doc) struct json_doc *doc = NULL;
	enum fault f = running_endpoints(data_dir, &doc, err);

	if (f != FAULT_NONE)
		return f;
	if (s->resource != NULL)
		buf_put_cstr(&resource, s->resource);
	else
		buf_printf(&resource, "https://%.*s", SPAN_ARG(endpoint(doc, "vault_suffix")));
	f = buf_fault(&resource);
	if (f == FAULT_NONE)
		f = caller_token(front, doc, s->as, buf_span(&resource), &token, err);
	if (f == FAULT_NONE)
		printf("%.*s\n", SPAN_ARG(secret_span(&token)));
	return f;
}

static int token_with(const struct front *front, const struct token_settings *s)
{
	const char *data_dir = front_data_dir(front, s->data_dir);
	struct err err = ERR_INIT;
	enum fault f;

	if (s->as == NULL) {
		complain("say whose token: --as admin, --as system, or --as and an identity's id");
		return EXIT_USAGE;
	}
	if (data_dir == NULL)
		return EXIT_USAGE;
	f = get_token(front, data_dir, s, &err);
	return f == FAULT_NONE ? EXIT_OK : complain_fault(f, &err);
}

static int token_run(const struct front *front, int argc, char **argv)
{
	struct token_settings s = { 0 };
	struct err err = ERR_INIT;
	enum fault f = config_load(token_rows, ARRAY_LEN(token_rows), argc, argv, front->envp, &s, NULL, &err);

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		return EXIT_USAGE;
	}
	int status = token_with(front, &s);
	config_done(token_rows, ARRAY_LEN(token_rows), &s);
	return status;
}

const struct subcommand subcommand_token = {
	.name = "token",
	.usage = "--as IDENTITY [--resource URI] [--data-dir DIR]",
	.summary = "print an access token",
	.run = token_run,
	.rows = token_rows,
	.n_rows = ARRAY_LEN(token_rows),
};
