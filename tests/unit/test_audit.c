/* The audit log: what a line says, two writers on one log, segments, and reading while it is written. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/io/audit_read.h"
#include "common/io/json.h"
#include "common/plain/text.h"
#include "tests/support/tmpdir.h"

enum { SMALL_SEGMENT = 4096, SMALL_SEGMENTS = 4, LARGE_SEGMENTS = 1000 };

static const struct audit_limits no_limits = { .lines = 1u << 30, .bytes = SIZE_MAX, .looked_at = SIZE_MAX };
static const struct audit_filter all = { { "", 0 }, { "", 0 }, { "", 0 }, { "", 0 } };

/* Whatever a test does not set is there, and empty. */
static struct audit_record record(const char *operation)
{
	return (struct audit_record){ .at_ms = INT64_C(1790000000123),
				      .resource_id = SPAN_EMPTY,
				      .operation = span_cstr(operation),
				      .status = 200,
				      .description = "",
				      .correlation_id = "",
				      .object_id = "",
				      .app_id = "",
				      .mirid = "",
				      .az_rid = "",
				      .client_info = SPAN_EMPTY,
				      .host = SPAN_LIT("kv1.vault.localhost:1"),
				      .path = SPAN_LIT("/keys/k1"),
				      .query = SPAN_EMPTY,
				      .is_tls = true,
				      .verdict = "",
				      .reason = "",
				      .rule = "" };
}

static struct json_doc *formatted(const struct audit_record *r)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(AUDIT_LINE_MAX);
	struct json_doc *doc;

	audit_format(&b, r);
	assert_int_equal(buf_fault(&b), FAULT_NONE);
	assert_int_equal(b.data[b.len - 1], '\n');
	assert_null(memchr(b.data, '\n', b.len - 1));
	assert_int_equal(json_parse(span_first(buf_span(&b), b.len - 1), &doc, NULL), FAULT_NONE);
	return doc;
}

static void assert_member(const struct json *v, const char *name, const char *text)
{
	if (!span_eq_cstr(json_string(json_get(v, name)), text))
		fail_msg("%s: %.*s", name, SPAN_ARG(json_string(json_get(v, name))));
}

static void test_a_line(void **state UNUSED)
{
	struct audit_record r = record("KeyUnwrap");
	struct addr ip;

	assert_int_equal(addr_parse(SPAN_LIT("127.0.0.5"), &ip), FAULT_NONE);
	r.status = 403;
	r.duration_ms = 7;
	r.caller_ip = &ip;
	r.resource_id = SPAN_LIT("/subscriptions/s/vaults/kv1");
	r.object_id = "who";
	r.verdict = "deny";
	r.reason = "key-disabled";
	SCOPED(json_doc) struct json_doc *doc = formatted(&r);
	const struct json *root = json_root(doc);

	assert_member(root, "time", "2026-09-21T14:13:20.1230000Z");
	assert_member(root, "resourceId", "/SUBSCRIPTIONS/S/VAULTS/KV1");
	assert_member(root, "operationName", "KeyUnwrap");
	assert_member(root, "category", "AuditEvent");
	assert_member(root, "resultType", "Failure");
	assert_member(root, "resultSignature", "Forbidden");
	assert_member(root, "durationMs", "7");
	assert_member(root, "callerIpAddress", "127.0.0.5");
	assert_member(json_get(json_get(root, "identity"), "claim"), "oid", "who");
	assert_int_equal(json_int(json_get(json_get(root, "properties"), "httpStatusCode")), 403);
	assert_member(json_get(root, "decision"), "verdict", "deny");
	assert_member(json_get(root, "decision"), "reason", "key-disabled");
	assert_null(json_get(json_get(root, "decision"), "rule"));
}

static const struct {
	const char *query, *uri;
} queries[] = {
	{ "", "https://kv1.vault.localhost:1/keys/k1" },
	{ "api-version=7.4&maxresults=2", "https://kv1.vault.localhost:1/keys/k1?api-version=7.4&maxresults=2" },
	{ "sig=abc&API-Version=7.4", "https://kv1.vault.localhost:1/keys/k1?sig=REDACTED&API-Version=7.4" },
	{ "access_token=a=b&&flag", "https://kv1.vault.localhost:1/keys/k1?access_token=REDACTED&flag" },
};

static void test_a_query_keeps_its_secrets(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		struct audit_record r = record("KeyGet");

		r.query = span_cstr(queries[i].query);
		SCOPED(json_doc) struct json_doc *doc = formatted(&r);
		assert_member(json_get(json_root(doc), "properties"), "requestUri", queries[i].uri);
	}
}

static void test_texts_of_clients_have_a_ceiling(void **state UNUSED)
{
	struct audit_record r = record("KeyGet");
	char *long_text = malloc(40000);

	assert_non_null(long_text);
	memset(long_text, 1, 39999);
	long_text[39999] = '\0';
	r.client_info = r.path = r.query = r.id = r.resource_id = r.api_version = span_cstr(long_text);
	r.description = r.rule = r.object_id = r.app_id = r.mirid = r.az_rid = long_text;
	json_doc_free(formatted(&r));
	free(long_text);
}

/* A log of a test's own. */
struct log {
	char dir[TMPDIR_SIZE];
	struct audit_options opt;
};

static void log_make(struct log *l, size_t segment_max, unsigned n_segments)
{
	tmpdir_make(l->dir);
	l->opt = (struct audit_options){ .data_dir = l->dir, .segment_max = segment_max, .n_segments = n_segments };
}

static struct audit_log *writer(const struct log *l)
{
	struct audit_log *a;

	assert_int_equal(audit_open(&l->opt, &a, NULL), FAULT_NONE);
	return a;
}

static struct audit_reader *reader(const struct log *l)
{
	struct audit_reader *r;

	assert_int_equal(audit_reader_new(&l->opt, &r, NULL), FAULT_NONE);
	return r;
}

static void write_numbered(struct audit_log *a, const char *who, unsigned i)
{
	char name[32];
	struct audit_record r;

	snprintf(name, sizeof(name), "%s-%06u", who, i);
	r = record(name);
	audit_write(a, &r);
}

/* What a reader got: the numbers after each writer's name, in order and without a gap. */
struct seen {
	unsigned first[2], next[2], n;
	int64_t last_seq;
	bool is_wrong;
};

static void see(int64_t seq, struct span line, void *arg)
{
	struct seen *s = arg;
	SCOPED(json_doc) struct json_doc *doc = NULL;
	struct span name;
	int64_t number;

	assert_int_equal(json_parse(line, &doc, NULL), FAULT_NONE);
	name = json_string(json_get(json_root(doc), "operationName"));
	assert_true(name.len == 8);
	unsigned who = name.p[0] == 'a' ? 0 : 1;
	assert_int_equal(int_parse(span_from(name, 2), &number), FAULT_NONE);
	if (s->next[who] == 0)
		s->first[who] = (unsigned)number;
	s->is_wrong |= seq <= s->last_seq || (s->next[who] != 0 && s->next[who] != (unsigned)number);
	s->last_seq = seq;
	s->next[who] = (unsigned)number + 1;
	s->n++;
}

static void read_on(struct audit_reader *r, struct seen *s)
{
	bool is_end = false;

	assert_int_equal(audit_read(r, &all, &no_limits, see, s, &is_end), FAULT_NONE);
	assert_true(is_end);
}

static void test_two_processes_on_one_log(void **state UNUSED)
{
	enum { EACH = 2000 };
	struct seen s = { .last_seq = -1 };
	struct log l;
	int status = 1;

	log_make(&l, SMALL_SEGMENT, LARGE_SEGMENTS);
	struct audit_reader *r = reader(&l);
	pid_t child = fork();
	struct audit_log *a = writer(&l);
	for (unsigned i = 1; i <= EACH; i++) {
		write_numbered(a, child == 0 ? "b" : "a", i);
		if (child != 0 && i % 50 == 0)
			read_on(r, &s);
	}
	audit_free(a);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	read_on(r, &s);
	assert_false(s.is_wrong);
	assert_int_equal(s.n, 2 * EACH);
	audit_reader_free(r);
	tmpdir_remove(l.dir);
}

static size_t bytes_of(const struct log *l, unsigned *ret_n)
{
	char dir[TMPDIR_SIZE + 16], path[TMPDIR_SIZE + 300];
	const struct dirent *e;
	struct stat st;
	size_t sum = 0;

	snprintf(dir, sizeof(dir), "%s/audit", l->dir);
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (*ret_n = 0; (e = readdir(d)) != NULL;) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (e->d_name[0] != '.' && stat(path, &st) == 0) {
			sum += (size_t)st.st_size;
			++*ret_n;
		}
	}
	closedir(d);
	return sum;
}

static void test_the_oldest_are_dropped(void **state UNUSED)
{
	struct seen s = { .last_seq = -1 };
	unsigned n;
	struct log l;

	log_make(&l, SMALL_SEGMENT, SMALL_SEGMENTS);
	struct audit_log *a = writer(&l), *late = writer(&l);
	write_numbered(late, "b", 1);
	for (unsigned i = 1; i <= 500; i++)
		write_numbered(a, "a", i);
	/* Its segment is long gone. */
	write_numbered(late, "b", 2);
	assert_true(bytes_of(&l, &n) <= (SMALL_SEGMENTS + 1) * SMALL_SEGMENT);
	assert_int_equal(n, SMALL_SEGMENTS);
	struct audit_reader *r = reader(&l);
	read_on(r, &s);
	assert_false(s.is_wrong);
	assert_true(s.first[0] > 1 && s.next[0] == 501);
	assert_int_equal(s.next[1], 3);
	/* A place that is gone leads to the oldest line there is. */
	struct seen again = { .last_seq = -1 };
	audit_reader_seek(r, AUDIT_SPAN);
	read_on(r, &again);
	assert_int_equal(again.n, s.n);
	audit_reader_free(r);
	audit_free(a);
	audit_free(late);
	tmpdir_remove(l.dir);
}

static void test_places(void **state UNUSED)
{
	struct seen s = { .last_seq = -1 };
	struct log l;

	log_make(&l, 0, 0);
	struct audit_reader *r = reader(&l);
	read_on(r, &s);
	assert_int_equal(audit_reader_at(r), 0);
	struct audit_log *a = writer(&l);
	write_numbered(a, "a", 1);
	write_numbered(a, "a", 2);
	read_on(r, &s);
	assert_int_equal(s.n, 2);
	int64_t end = audit_reader_at(r), second = s.last_seq;
	static const struct {
		const char *name;
		int relative_to_end; /* 0: to the second line */
		int64_t offset;
		unsigned n;
	} rows[] = {
		{ "the second line", 0, 0, 1 },		  { "inside the first", 0, -1, 1 },
		{ "inside the second", 0, 1, 0 },	  { "the end", 1, 0, 0 },
		{ "behind the end", 1, 999, 0 },	  { "a segment to come", 1, AUDIT_SPAN, 0 },
		{ "many to come", 1, 9 * AUDIT_SPAN, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seen one = { .last_seq = -1 };

		audit_reader_seek(r, (rows[i].relative_to_end ? end : second) + rows[i].offset);
		read_on(r, &one);
		if (one.n != rows[i].n)
			fail_msg("%s: %u", rows[i].name, one.n);
	}
	struct seen last = { .last_seq = -1 };
	audit_reader_seek_end(r);
	write_numbered(a, "a", 3);
	read_on(r, &last);
	assert_int_equal(last.n, 1);
	assert_int_equal(last.next[0], 4);
	audit_reader_free(r);
	audit_free(a);
	tmpdir_remove(l.dir);
}

static void count(int64_t seq UNUSED, struct span line UNUSED, void *arg)
{
	++*(unsigned *)arg;
}

static void test_limits(void **state UNUSED)
{
	static const struct audit_limits rows[] = { { 3, SIZE_MAX, SIZE_MAX },
						    { 1000, 1, SIZE_MAX },
						    { 1000, SIZE_MAX, 1 } };
	struct log l;

	log_make(&l, SMALL_SEGMENT, LARGE_SEGMENTS);
	struct audit_log *a = writer(&l);
	for (unsigned i = 1; i <= 40; i++)
		write_numbered(a, "a", i);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct audit_reader *r = reader(&l);
		unsigned n = 0, steps = 0;

		for (bool is_end = false; !is_end; steps++)
			assert_int_equal(audit_read(r, &all, &rows[i], count, &n, &is_end), FAULT_NONE);
		assert_int_equal(n, 40);
		assert_true(steps > 10);
		audit_reader_free(r);
	}
	audit_free(a);
	tmpdir_remove(l.dir);
}

/* What a full disk leaves: a line cut short, the next one behind it; and text that is nobody's. */
static void test_torn_lines(void **state UNUSED)
{
	struct seen s = { .last_seq = -1 };
	char path[TMPDIR_SIZE + 64];
	struct log l;

	log_make(&l, 0, 0);
	struct audit_log *a = writer(&l);
	write_numbered(a, "a", 1);
	snprintf(path, sizeof(path), "%s/audit/00000001.jsonl", l.dir);
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "no line\n\n{\"time\":\"2026-", 23), 23);
	close(fd);
	struct audit_reader *r = reader(&l);
	read_on(r, &s);
	assert_int_equal(s.n, 1);
	write_numbered(a, "a", 2);
	read_on(r, &s);
	assert_int_equal(s.n, 2);
	assert_false(s.is_wrong);
	audit_reader_seek(r, s.last_seq);
	read_on(r, &(struct seen){ .last_seq = -1 });
	audit_reader_free(r);
	audit_free(a);
	tmpdir_remove(l.dir);
}

static void test_a_log_that_cannot_be_written(void **state UNUSED)
{
	char dir[TMPDIR_SIZE + 16];
	struct log l;
	unsigned n;

	log_make(&l, SMALL_SEGMENT, SMALL_SEGMENTS);
	struct audit_log *a = writer(&l);
	snprintf(dir, sizeof(dir), "%s/audit", l.dir);
	assert_int_equal(rmdir(dir), 0);
	write_numbered(a, "a", 1);
	write_numbered(a, "a", 2);
	assert_int_equal(mkdir(dir, 0700), 0);
	write_numbered(a, "a", 3);
	assert_true(bytes_of(&l, &n) > 0);
	audit_free(a);
	audit_write(NULL, &(struct audit_record){ .at_ms = 0 });
	tmpdir_remove(l.dir);
}

static const struct {
	const char *name;
	struct audit_filter filter;
	bool matches;
} filters[] = {
	{ "none", { { "", 0 }, { "", 0 }, { "", 0 }, { "", 0 } }, true },
	{ "operation", { { "keyGET", 6 }, { "", 0 }, { "", 0 }, { "", 0 } }, true },
	{ "half an operation", { { "Key", 3 }, { "", 0 }, { "", 0 }, { "", 0 } }, false },
	{ "object id", { { "", 0 }, { "OID", 3 }, { "", 0 }, { "", 0 } }, true },
	{ "client id", { { "", 0 }, { "app", 3 }, { "", 0 }, { "", 0 } }, true },
	{ "another's word", { { "", 0 }, { "KeyGet", 6 }, { "", 0 }, { "", 0 } }, false },
	{ "vault", { { "", 0 }, { "", 0 }, { "Kv1", 3 }, { "", 0 } }, true },
	{ "another part of the id", { { "", 0 }, { "", 0 }, { "vaults", 6 }, { "", 0 } }, false },
	{ "status", { { "", 0 }, { "", 0 }, { "", 0 }, { "403", 3 } }, true },
	{ "signature", { { "", 0 }, { "", 0 }, { "", 0 }, { "forbidden", 9 } }, true },
	{ "type", { { "", 0 }, { "", 0 }, { "", 0 }, { "failure", 7 } }, true },
	{ "verdict", { { "", 0 }, { "", 0 }, { "", 0 }, { "deny", 4 } }, true },
	{ "reason", { { "", 0 }, { "", 0 }, { "", 0 }, { "key-expired", 11 } }, true },
	{ "another status", { { "", 0 }, { "", 0 }, { "", 0 }, { "40", 2 } }, false },
	{ "all of them", { { "KeyGet", 6 }, { "oid", 3 }, { "kv1", 3 }, { "403", 3 } }, true },
	{ "all but one", { { "KeyGet", 6 }, { "oid", 3 }, { "kv2", 3 }, { "403", 3 } }, false },
};

static void test_filters(void **state UNUSED)
{
	SCOPED_DONE(buf) struct buf b = BUF_INIT(AUDIT_LINE_MAX);
	struct audit_record r = record("KeyGet");

	r.resource_id = SPAN_LIT("/subscriptions/s/vaults/kv1");
	r.status = 403;
	r.object_id = "oid";
	r.app_id = "app";
	r.verdict = "deny";
	r.reason = "key-expired";
	audit_format(&b, &r);
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (audit_matches(&filters[i].filter, span_first(buf_span(&b), b.len - 1)) != filters[i].matches)
			fail_msg("%s", filters[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line),
		cmocka_unit_test(test_a_query_keeps_its_secrets),
		cmocka_unit_test(test_texts_of_clients_have_a_ceiling),
		cmocka_unit_test(test_two_processes_on_one_log),
		cmocka_unit_test(test_the_oldest_are_dropped),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_torn_lines),
		cmocka_unit_test(test_a_log_that_cannot_be_written),
		cmocka_unit_test(test_filters),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
