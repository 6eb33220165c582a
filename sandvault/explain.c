/* sandvault explain: what would happen to a request, and every rule that was looked at. */

#include <stdio.h>

#include "common/io/json_out.h"
#include "sandvault/control.h"

struct explain_settings {
	char *data_dir, *caller, *vault, *key, *operation, *address, *action, *scope;
	bool wants_json;
};

#define AT(member) offsetof(struct explain_settings, member)
static const struct setting explain_rows[] = {
	DATA_DIR_ROW(struct explain_settings),
	{ "caller", SETTING_STRING, AT(caller), NULL, 0, 0, "ID",
	  "admin, system, or an object, client or resource id" },
	{ "vault", SETTING_STRING, AT(vault), NULL, 0, 0, "NAME", "where" },
	{ "key", SETTING_STRING, AT(key), NULL, 0, 0, "NAME[/VERSION]", "with which key" },
	{ "operation", SETTING_STRING, AT(operation), NULL, 0, 0, "NAME",
	  "UnwrapKey, KeyUnwrap or unwrapKey, and the like" },
	{ "address", SETTING_STRING, AT(address), NULL, 0, 0, "ADDR", "from where; default: 127.0.0.1" },
	{ "action", SETTING_STRING, AT(action), NULL, 0, 0, "ACTION",
	  "instead of a vault's operation: Microsoft.KeyVault/vaults/write and the like" },
	{ "scope", SETTING_STRING, AT(scope), NULL, 0, 0, "SCOPE", "where that: /subscriptions/..." },
	{ "json", SETTING_BOOL, AT(wants_json), NULL, 0, 0, NULL, "print the answer as one JSON object" },
};

static void put_known(struct json_out *o, const char *name, const char *value)
{
	if (value != NULL)
		json_out_cstr(o, name, value);
}

static void write_question(struct buf *out, const struct explain_settings *s)
{
	struct json_out o;

	json_out_init(&o, out);
	json_out_object(&o, NULL);
	put_known(&o, "caller", s->caller);
	put_known(&o, "vault", s->vault);
	put_known(&o, "key", s->key);
	put_known(&o, "operation", s->operation);
	put_known(&o, "address", s->address);
	put_known(&o, "action", s->action);
	put_known(&o, "scope", s->scope);
	json_out_object_end(&o);
}

static void print_decision(const struct json *v, const char *verdict, const char *reason)
{
	struct span rule = json_string(json_get(v, "rule"));

	printf("%.*s: %.*s", SPAN_ARG(json_string(json_get(v, verdict))), SPAN_ARG(json_string(json_get(v, reason))));
	if (rule.len > 0)
		printf(" (%.*s)", SPAN_ARG(rule));
	putchar('\n');
}

static void print_words(const struct json *root)
{
	const struct json *considered = json_get(root, "considered");

	print_decision(root, "verdict", "reason");
	for (size_t i = 0; i < json_array_len(considered); i++) {
		const struct json *one = json_array_at(considered, i);

		printf("  %-15.*s ", SPAN_ARG(json_string(json_get(one, "kind"))));
		print_decision(one, "outcome", "because");
	}
}

/* One of the two kinds of question; the daemon knows more about what goes together. */
static bool asks_something(const struct explain_settings *s)
{
	return (s->vault != NULL && s->operation != NULL) || (s->action != NULL && s->scope != NULL);
}

static int explain_with(const struct front *front, const struct explain_settings *s)
{
	const char *data_dir = front_data_dir(front, s->data_dir);
	SCOPED_DONE(buf) struct buf question = BUF_INIT(16 << 10);
	SCOPED_DONE(buf) struct buf text = BUF_INIT(16 << 20);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct control_call call = { .method = "POST", .path = "/explain" };
	struct err err = ERR_INIT;
	enum fault f;

	if (s->caller == NULL || !asks_something(s)) {
		complain("say who does what where: --caller ID, and either --vault NAME --operation NAME or "
			 "--action ACTION --scope SCOPE");
		return EXIT_USAGE;
	}
	if (data_dir == NULL)
		return EXIT_USAGE;
	write_question(&question, s);
	call.body = buf_span(&question);
	f = control_call(front, data_dir, &call, &doc, &err);
	if (f != FAULT_NONE)
		return complain_fault(f, &err);
	if (!s->wants_json) {
		print_words(json_root(doc));
		return EXIT_OK;
	}
	json_write(&text, json_root(doc));
	puts(buf_cstr(&text));
	return EXIT_OK;
}

static int explain_run(const struct front *front, int argc, char **argv)
{
	struct explain_settings s = { 0 };
	struct err err = ERR_INIT;
	enum fault f = config_load(explain_rows, ARRAY_LEN(explain_rows), argc, argv, front->envp, &s, NULL, &err);
	int status;

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		return EXIT_USAGE;
	}
	status = explain_with(front, &s);
	config_done(explain_rows, ARRAY_LEN(explain_rows), &s);
	return status;
}

const struct subcommand subcommand_explain = {
	.name = "explain",
	.usage = "--caller ID {--vault NAME --operation NAME [--key NAME[/VERSION]] [--address ADDR] | "
		 "--action ACTION --scope SCOPE} [--json]",
	.summary = "say what would happen to a request, and why",
	.run = explain_run,
	.rows = explain_rows,
	.n_rows = ARRAY_LEN(explain_rows),
};
