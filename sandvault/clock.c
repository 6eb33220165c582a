/* sandvault clock: shows and moves the sandbox's one clock. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/io/json_out.h"
#include "sandvault/control.h"

struct clock_settings {
	char *data_dir;
	bool wants_json;
};

#define AT(member) offsetof(struct clock_settings, member)
static const struct setting clock_rows[] = {
	DATA_DIR_ROW(struct clock_settings),
	{ "json", SETTING_BOOL, AT(wants_json), NULL, 0, 0, NULL, "print the answer as one JSON object" },
};

/* Words after the command: what each sends. member NULL: nothing, it only looks. */
static const struct {
	const char *word, *member;
	bool takes_value, is_true;
} moves[] = {
	{ "show", NULL, false, false },	     { "advance", "advance", true, false },  { "set", "set", true, false },
	{ "freeze", "freeze", false, true }, { "unfreeze", "freeze", false, false }, { "reset", "reset", false, true },
};

/* The row, or -1 after a complaint. */
static int find_move(char *const *args)
{
	if (args[0] == NULL)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
		if (strcmp(args[0], moves[i].word) != 0)
			continue;
		if ((args[1] != NULL) == moves[i].takes_value && (args[1] == NULL || args[2] == NULL))
			return (int)i;
		complain("clock %s takes %s", args[0], moves[i].takes_value ? "one value" : "no value");
		return -1;
	}
	complain("the clock knows show, advance, set, freeze, unfreeze and reset, but not \"%s\"", args[0]);
	return -1;
}

static void write_body(struct buf *out, int move, const char *value)
{
	struct json_out o;

	if (moves[move].member == NULL)
		return;
	json_out_init(&o, out);
	json_out_object(&o, NULL);
	if (moves[move].takes_value)
		json_out_cstr(&o, moves[move].member, value);
	else
		json_out_bool(&o, moves[move].member, moves[move].is_true);
	json_out_object_end(&o);
}

static void print_offset(int64_t ms)
{
	int64_t s = (ms < 0 ? -ms : ms) / 1000;

	printf(", %" PRId64 " d %02d:%02d:%02d %s the machine's time", s / 86400, (int)(s / 3600 % 24),
	       (int)(s / 60 % 60), (int)(s % 60), ms < 0 ? "behind" : "ahead of");
}

static void print_clock(const struct json_doc *doc, bool wants_json)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(1 << 16);
	const struct json *root = json_root(doc);
	int64_t offset_ms = json_int(json_get(root, "offsetMs"));

	if (wants_json) {
		json_write(&text, root);
		puts(buf_cstr(&text));
		return;
	}
	printf("%.*s", SPAN_ARG(json_string(json_get(root, "now"))));
	if (json_bool(json_get(root, "frozen")))
		fputs(", standing still", stdout);
	if (offset_ms / 1000 != 0)
		print_offset(offset_ms);
	putchar('\n');
}

static int clock_with(const struct front *front, const struct clock_settings *s, char *const *args)
{
	const char *data_dir = front_data_dir(front, s->data_dir);
	SCOPED_DONE(buf) struct buf body = BUF_INIT(4096);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct control_call call = { .path = "/clock" };
	struct err err = ERR_INIT;
	int move = data_dir == NULL ? -1 : find_move(args);
	enum fault f;

	if (move < 0)
		return EXIT_USAGE;
	write_body(&body, move, args[0] == NULL ? NULL : args[1]);
	call.method = body.len == 0 ? "GET" : "POST";
	call.body = buf_span(&body);
	f = control_call(front, data_dir, &call, &doc, &err);
	if (f != FAULT_NONE)
		return complain_fault(f, &err);
	print_clock(doc, s->wants_json);
	return EXIT_OK;
}

static int clock_run(const struct front *front, int argc, char **argv)
{
	struct clock_settings s = { 0 };
	struct err err = ERR_INIT;
	char **args = NULL;
	enum fault f = config_load(clock_rows, ARRAY_LEN(clock_rows), argc, argv, front->envp, &s, &args, &err);
	int status;

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		return EXIT_USAGE;
	}
	status = clock_with(front, &s, args);
	free(args);
	config_done(clock_rows, ARRAY_LEN(clock_rows), &s);
	return status;
}

const struct subcommand subcommand_clock = {
	.name = "clock",
	.usage = "[show | advance DURATION | set TIME | freeze | unfreeze | reset] [--json] [--data-dir DIR]",
	.summary = "show or move the sandbox's clock",
	.run = clock_run,
	.rows = clock_rows,
	.n_rows = ARRAY_LEN(clock_rows),
};
