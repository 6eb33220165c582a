/* sandvault audit: what happened in the sandbox and why, oldest first. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sandvault/audit_line.h"
#include "sandvault/control.h"

enum { URL_MAX = 16 << 10, LINE_MAX_BYTES = 1 << 20 };

struct audit_settings {
	char *data_dir, *since, *operation, *caller, *vault, *result;
	bool wants_follow, wants_json;
};

#define AT(member) offsetof(struct audit_settings, member)
static const struct setting audit_rows[] = {
	DATA_DIR_ROW(struct audit_settings),
	{ "since", SETTING_STRING, AT(since), NULL, 0, 0, "N", "from that sequence number on" },
	{ "operation", SETTING_STRING, AT(operation), NULL, 0, 0, "NAME",
	  "only these: KeyUnwrap, VaultPut, TokenIssue …" },
	{ "caller", SETTING_STRING, AT(caller), NULL, 0, 0, "ID",
	  "only this one's: admin, an object, client or resource id" },
	{ "vault", SETTING_STRING, AT(vault), NULL, 0, 0, "NAME", "only in this vault" },
	{ "result", SETTING_STRING, AT(result), NULL, 0, 0, "WORD",
	  "only these: Failure, Forbidden, 403, deny, key-expired …" },
	{ "follow", SETTING_BOOL, AT(wants_follow), NULL, 0, 0, NULL, "go on as things happen" },
	{ "json", SETTING_BOOL, AT(wants_json), NULL, 0, 0, NULL, "one JSON object a line" },
};

static void write_url(struct buf *url, const struct audit_settings *s, const char *since)
{
	buf_put_cstr(url, "/audit");
	control_add_query(url, "since", since);
	control_add_query(url, "operation", s->operation);
	control_add_query(url, "caller", s->caller);
	control_add_query(url, "vault", s->vault);
	control_add_query(url, "result", s->result);
	if (s->wants_follow)
		control_add_query(url, "follow", "true");
}

static void print_line(const struct json *line, bool wants_json)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(LINE_MAX_BYTES);

	if (!wants_json) {
		audit_line_print(line);
		return;
	}
	json_write(&text, line);
	puts(buf_cstr(&text));
}

/* One page; *since is then where the next one begins. */
static enum fault print_page(const struct front *front, const char *data_dir, const struct audit_settings *s,
			     char since[32], bool *ret_more, struct err *err)
{
	SCOPED_DONE(buf) struct buf url = BUF_INIT(URL_MAX);
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct control_call call = { .method = "GET" };
	const struct json *value;
	enum fault f;

	write_url(&url, s, since[0] == '\0' ? s->since : since);
	call.path = buf_cstr(&url);
	f = control_call(front, data_dir, &call, &doc, err);
	if (f != FAULT_NONE)
		return f;
	value = json_get(json_root(doc), "value");
	for (size_t i = 0; i < json_array_len(value); i++)
		print_line(json_array_at(value, i), s->wants_json);
	*ret_more = json_bool(json_get(json_root(doc), "more"));
	snprintf(since, 32, "%" PRId64, json_int(json_get(json_root(doc), "next")));
	return FAULT_NONE;
}

static enum fault print_pages(const struct front *front, const char *data_dir, const struct audit_settings *s,
			      struct err *err)
{
	char since[32] = "";
	bool has_more = true;
	enum fault f = FAULT_NONE;

	while (f == FAULT_NONE && has_more)
		f = print_page(front, data_dir, s, since, &has_more, err);
	return f;
}

/* Lines as they come, in whatever pieces. */
struct follow {
	const struct audit_settings *settings;
	struct buf held;
};

static void take_line(struct follow *w, struct span line)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;

	if (w->settings->wants_json)
		printf("%.*s\n", SPAN_ARG(line));
	else if (json_parse(line, &doc, NULL) == FAULT_NONE)
		audit_line_print(json_root(doc));
}

static bool take_bytes(struct span bytes, void *arg)
{
	struct follow *w = arg;
	struct span line, after = span_cut(bytes, '\n', &line);

	while (after.p != NULL) {
		buf_put_span(&w->held, line);
		take_line(w, buf_span(&w->held));
		buf_clear(&w->held);
		after = span_cut(after, '\n', &line);
	}
	buf_put_span(&w->held, line);
	/* A reader that is gone ends it. */
	return fflush(stdout) == 0;
}

static enum fault follow(const struct front *front, const char *data_dir, const struct audit_settings *s,
			 struct err *err)
{
	SCOPED_DONE(buf) struct buf url = BUF_INIT(URL_MAX);
	struct follow w = { s, BUF_INIT(LINE_MAX_BYTES) };
	struct control_call call = { .method = "GET", .on_body = take_bytes, .arg = &w };
	struct json_doc *none = NULL;
	enum fault f;

	write_url(&url, s, s->since);
	call.path = buf_cstr(&url);
	f = control_call(front, data_dir, &call, &none, err);
	json_doc_free(none);
	buf_done(&w.held);
	return f;
}

static int audit_run(const struct front *front, int argc, char **argv)
{
	struct audit_settings s = { 0 };
	struct err err = ERR_INIT;
	const char *data_dir;
	enum fault f = config_load(audit_rows, ARRAY_LEN(audit_rows), argc, argv, front->envp, &s, NULL, &err);
	int status = EXIT_USAGE;

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		return EXIT_USAGE;
	}
	data_dir = front_data_dir(front, s.data_dir);
	if (data_dir != NULL) {
		f = s.wants_follow ? follow(front, data_dir, &s, &err) : print_pages(front, data_dir, &s, &err);
		status = f == FAULT_NONE ? EXIT_OK : complain_fault(f, &err);
	}
	config_done(audit_rows, ARRAY_LEN(audit_rows), &s);
	return status;
}

const struct subcommand subcommand_audit = {
	.name = "audit",
	.usage = "[--since N] [--operation NAME] [--caller ID] [--vault NAME] [--result WORD] [--follow] [--json]",
	.summary = "print what happened, and why",
	.run = audit_run,
	.rows = audit_rows,
	.n_rows = ARRAY_LEN(audit_rows),
};
