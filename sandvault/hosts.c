/* sandvault hosts: lines for /etc/hosts, for systems whose resolver does not know that *.localhost is loopback. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/io/server.h"
#include "sandvault/caller.h"
#include "sandvault/front.h"
#include "sandvault/hosts_block.h"
#include "sandvault/running.h"

#define HOSTS_FILE "/etc/hosts"
enum { HOSTS_MAX = 16 << 20, PAGES_MAX = 1000 };

/* What has a host of its own for each name. */
static const struct named {
	const char *what, *list, *suffix; /* list: path below the subscription */
	size_t min_len, max_len;
} vaults = { "a vault", "Microsoft.KeyVault/vaults?api-version=2023-07-01", "vault.localhost", 3, 24 },
  registries = { "a registry", "Microsoft.ContainerRegistry/registries?api-version=2023-07-01", "azurecr.localhost", 5,
		 50 };

struct hosts_settings {
	char *data_dir;
	bool wants_apply;
	struct setting_list vaults;
};

#define AT(member) offsetof(struct hosts_settings, member)
static const struct setting hosts_rows[] = {
	DATA_DIR_ROW(struct hosts_settings),
	{ "apply", SETTING_BOOL, AT(wants_apply), NULL, 0, 0, NULL, "add them to /etc/hosts (needs root)" },
	{ "vault", SETTING_LIST, AT(vaults), NULL, 0, 0, "NAME", "a vault that need not exist yet; may be repeated" },
};

/* Azure's rule for names, which also keeps anything else out of the file. */
static bool is_name(const struct named *n, struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return name.len >= n->min_len && name.len <= n->max_len;
}

static enum fault add_name(const struct named *n, struct buf *lines, struct span name, struct err *err)
{
	if (!is_name(n, name))
		return err_say(err, FAULT_INVALID, "", "\"%.*s\" cannot be the name of %s", SPAN_ARG(name), n->what);
	hosts_line(lines, name, span_cstr(n->suffix));
	return buf_fault(lines);
}

static enum fault add_page(const struct named *n, struct buf *lines, const struct json_doc *page, struct buf *next,
			   struct err *err)
{
	const struct json *value = json_get(json_root(page), "value");
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < json_array_len(value); i++)
		f = add_name(n, lines, json_string(json_get(json_array_at(value, i), "name")), err);
	buf_clear(next);
	buf_put_span(next, json_string(json_get(json_root(page), "nextLink")));
	return f != FAULT_NONE ? f : buf_fault(next);
}

/* All of a kind, as the control plane lists them. */
static enum fault add_listed(const struct named *n, const struct front *front, const struct json_doc *d,
			     const struct secret *token, struct buf *lines, struct err *err)
{
	SCOPED_DONE(buf) struct buf url = BUF_INIT(16 * 1024);
	enum fault f = FAULT_NONE;

	buf_printf(&url, "%.*s/subscriptions/%.*s/providers/%s", SPAN_ARG(endpoint(d, "arm")),
		   SPAN_ARG(endpoint(d, "subscription")), n->list);
	for (int i = 0; f == FAULT_NONE && url.len > 0 && i < PAGES_MAX; i++) {
		SCOPED(json_doc) struct json_doc *page = NULL;

		f = caller_get(front, d, buf_cstr(&url), token, &page, err);
		if (f == FAULT_NONE)
			f = add_page(n, lines, page, &url, err);
	}
	return f;
}

/* The vaults and registries of a running sandbox. */
static enum fault add_existing(const struct front *front, const struct json_doc *d, struct buf *lines, struct err *err)
{
	SCOPED_DONE(secret) struct secret token = SECRET_INIT;
	enum fault f = caller_token(front, d, "admin", endpoint(d, "arm"), &token, err);

	if (f == FAULT_NONE)
		f = add_listed(&vaults, front, d, &token, lines, err);
	return f == FAULT_NONE ? add_listed(&registries, front, d, &token, lines, err) : f;
}

static enum fault collect(const struct front *front, const struct hosts_settings *s, const char *data_dir,
			  struct buf *lines, struct err *err)
{
	SCOPED(json_doc) struct json_doc *doc = NULL;
	enum fault f = FAULT_NONE;

	for (size_t i = 0; f == FAULT_NONE && i < s->vaults.n; i++)
		f = add_name(&vaults, lines, span_cstr(s->vaults.items[i]), err);
	if (f != FAULT_NONE)
		return f;
	f = running_endpoints(data_dir, &doc, err);
	/* Names alone are enough when nothing runs. */
	if (f == FAULT_NOT_FOUND && s->vaults.n > 0)
		return FAULT_NONE;
	return f != FAULT_NONE ? f : add_existing(front, doc, lines, err);
}

/* In place, not by renaming: in a container the file is a mount of its own. */
static enum fault overwrite(struct span text, struct err *err)
{
	int fd = open(HOSTS_FILE, O_WRONLY | O_CLOEXEC);
	size_t total = text.len;
	bool is_written = fd >= 0;

	while (is_written && text.len > 0) {
		ssize_t n = write(fd, text.p, text.len);

		is_written = n > 0 || (n < 0 && errno == EINTR);
		text = n > 0 ? span_from(text, (size_t)n) : text;
	}
	if (is_written)
		is_written = ftruncate(fd, (off_t)total) == 0;
	int failure = errno;
	if (fd >= 0)
		close(fd);
	if (is_written)
		return FAULT_NONE;
	return err_say(err, failure == EACCES ? FAULT_DENIED : FAULT_IO, "", "cannot write %s: %s%s", HOSTS_FILE,
		       strerror(failure), failure == EACCES ? " (--apply needs root)" : "");
}

static enum fault apply(struct span lines, struct err *err)
{
	SCOPED_DONE(buf) struct buf before = BUF_INIT(HOSTS_MAX);
	SCOPED_DONE(buf) struct buf after = BUF_INIT(2 * HOSTS_MAX);
	bool has_changed = false;
	enum fault f = file_read(HOSTS_FILE, &before, err);

	if (f != FAULT_NONE && f != FAULT_NOT_FOUND)
		return f;
	f = hosts_merge(buf_span(&before), lines, &after, &has_changed);
	if (f == FAULT_INVALID)
		return err_say(err, f, "", "%s has a \"# sandvault begin\" without its end: mend it by hand",
			       HOSTS_FILE);
	return f != FAULT_NONE || !has_changed ? f : overwrite(buf_span(&after), err);
}

static int hosts_with(const struct front *front, const struct hosts_settings *s)
{
	const char *data_dir = front_data_dir(front, s->data_dir);
	SCOPED_DONE(buf) struct buf lines = BUF_INIT(HOSTS_MAX);
	struct err err = ERR_INIT;
	enum fault f;

	if (data_dir == NULL)
		return EXIT_USAGE;
	f = collect(front, s, data_dir, &lines, &err);
	if (f == FAULT_NONE && s->wants_apply)
		f = apply(buf_span(&lines), &err);
	if (f != FAULT_NONE)
		return complain_fault(f, &err);
	printf("%s", buf_cstr(&lines));
	return EXIT_OK;
}

static int hosts_run(const struct front *front, int argc, char **argv)
{
	struct hosts_settings s = { 0 };
	struct err err = ERR_INIT;
	enum fault f = config_load(hosts_rows, ARRAY_LEN(hosts_rows), argc, argv, front->envp, &s, NULL, &err);

	if (f != FAULT_NONE) {
		complain_fault(f, &err);
		return EXIT_USAGE;
	}
	int status = hosts_with(front, &s);
	config_done(hosts_rows, ARRAY_LEN(hosts_rows), &s);
	return status;
}

const struct subcommand subcommand_hosts = {
	.name = "hosts",
	.usage = "[--apply] [--vault NAME ...] [--data-dir DIR]",
	.summary = "print /etc/hosts lines for vaults and registries",
	.run = hosts_run,
	.rows = hosts_rows,
	.n_rows = ARRAY_LEN(hosts_rows),
};
