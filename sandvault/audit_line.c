#include "sandvault/audit_line.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/plain/text.h"

enum { TIME_LEN = 19, ID_SHOWN = 8, WHY_SHOWN = 160 };

/* The last part of an id or a URL's path is what people call the thing. */
static struct span last_part(struct span s)
{
	struct span part = SPAN_EMPTY;

	while (s.p != NULL)
		s = span_cut(s, '/', &part);
	return part;
}

/* A managed identity by its name; others by the head of their object id. */
static struct span name_of(const struct json *claim)
{
	struct span mirid = json_string(json_get(claim, "xms_mirid"));

	return mirid.len > 0 ? last_part(mirid) : span_first(json_string(json_get(claim, "oid")), ID_SHOWN);
}

/* Resource ids are in upper case; nobody calls a vault so. */
static void print_lower(struct span name)
{
	fputs("  ", stdout);
	for (size_t i = 0; i < name.len; i++)
		putchar(ascii_lower(name.p[i]));
}

static void print_target(const struct json *line)
{
	struct span id = json_string(json_get(json_get(line, "properties"), "id"));
	struct span vault = last_part(json_string(json_get(line, "resourceId")));
	struct span scheme = SPAN_LIT("https://"), host;
	struct span path = { NULL, 0 };

	if (span_starts_nocase(id, scheme))
		path = span_cut(span_from(id, scheme.len), '/', &host);
	if (vault.len > 0)
		print_lower(vault);
	if (path.p != NULL && path.len > 0)
		printf("/%.*s", SPAN_ARG(path));
}

static void print_why(const struct json *line)
{
	const struct json *decision = json_get(line, "decision");
	struct span reason = json_string(json_get(decision, "reason")), rule = json_string(json_get(decision, "rule"));
	struct span text = json_string(json_get(line, "resultDescription")), first;

	if (reason.len > 0 && !span_eq_cstr(reason, "none"))
		printf("  %.*s: %.*s", SPAN_ARG(json_string(json_get(decision, "verdict"))), SPAN_ARG(reason));
	if (rule.len > 0)
		printf(" (%.*s)", SPAN_ARG(rule));
	(void)span_cut(text, '\r', &first);
	if (first.len > 0)
		printf("  %.*s%s", SPAN_ARG(span_first(first, WHY_SHOWN)), first.len > WHY_SHOWN ? "…" : "");
}

void audit_line_print(const struct json *line)
{
	struct span caller = name_of(json_get(json_get(line, "identity"), "claim"));

	printf("%" PRId64 "  %.*sZ  %" PRId64 "  %.*s", json_int(json_get(line, "seq")),
	       SPAN_ARG(span_first(json_string(json_get(line, "time")), TIME_LEN)),
	       json_int(json_get(json_get(line, "properties"), "httpStatusCode")),
	       SPAN_ARG(json_string(json_get(line, "operationName"))));
	print_target(line);
	if (caller.len > 0)
		printf("  by %.*s", SPAN_ARG(caller));
	print_why(line);
	putchar('\n');
}
