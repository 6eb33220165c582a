#include "vaultd/arm/role_path.h"

#include "common/model/vault.h"
#include "common/plain/text.h"
#include "policy/scope.h"
#include "vaultd/arm/arm_scope.h"

/* Words of ids that keep their casing whatever the caller sent. */
static const char *const fixed_words[] = { "subscriptions", "resourceGroups", "providers", "Microsoft.KeyVault",
					   "vaults" };

static void put_word(struct buf *out, struct span word)
{
	for (size_t i = 0; i < ARRAY_LEN(fixed_words); i++)
		if (span_eq_nocase(word, span_cstr(fixed_words[i])))
			word = span_cstr(fixed_words[i]);
	buf_put_char(out, '/');
	buf_put_span(out, word);
}

enum fault role_scope_read(struct pool *pool, struct span id, struct role_scope *ret)
{
	SCOPED_DONE(buf) struct buf text = BUF_INIT(id.len + 2);
	struct span rest = id, word;
	struct role_scope s;
	char *folded;
	enum fault f;

	if (id.len == 0 || id.p[0] != '/' || memchr(id.p, '\0', id.len) != NULL)
		return FAULT_INVALID;
	while (rest.p != NULL) {
		rest = span_cut(rest, '/', &word);
		if (word.len > 0)
			put_word(&text, word);
	}
	if (text.len == 0)
		buf_put_char(&text, '/');
	if (buf_fault(&text) != FAULT_NONE)
		return buf_fault(&text);
	s.text = pool_dup(pool, buf_span(&text));
	folded = pool_alloc(pool, text.len + 1);
	if (s.text.p == NULL || folded == NULL)
		return FAULT_MEMORY;
	f = scope_fold(s.text, folded, text.len + 1, &s.folded);
	if (f == FAULT_NONE)
		*ret = s;
	return f;
}

enum fault role_scope_of_path(struct arm_op *op, struct role_scope *ret)
{
	static const char mark[] = "/providers/microsoft.authorization/";
	size_t at = op->scope_folded.len;

	/* The last: a scope may itself lie below this provider. */
	while (at > 0 && !span_starts_nocase(span_from(op->scope_folded, at), span_cstr(mark)))
		at--;
	if (!span_starts_nocase(span_from(op->scope_folded, at), span_cstr(mark)))
		return FAULT_INVALID;
	return role_scope_read(http_exchange_pool(op->x), at == 0 ? SPAN_LIT("/") : span_first(op->scope, at), ret);
}

/* Takes "WORD/NAME" off the front of "/WORD/NAME/…"; p NULL: something else stands there. */
static struct span take(struct span *rest, const char *word)
{
	struct span s = span_from(*rest, 1), head, name, tail;

	tail = span_cut(s, '/', &head);
	if (!span_eq_nocase(head, span_cstr(word)) || tail.p == NULL)
		return (struct span){ NULL, 0 };
	s = span_cut(tail, '/', &name);
	/* The slash that was cut away is the next one's first. */
	*rest = s.p == NULL ? SPAN_EMPTY : span_of(s.p - 1, s.len + 1);
	return name;
}

static enum fault say_no_group(struct span group, struct err *err)
{
	return err_say(err, FAULT_NOT_FOUND, "ResourceGroupNotFound", "Resource group '%.*s' could not be found.",
		       SPAN_ARG(group));
}

static enum fault vault_exists(struct txn *t, struct span group, struct span name, struct err *err)
{
	SCOPED_DONE(vault) struct vault v;
	enum fault f;

	vault_init(&v);
	f = vault_get(t, name, &v);
	if (f == FAULT_NONE && !span_eq_nocase(span_cstr(v.group), group))
		f = FAULT_NOT_FOUND;
	if (f != FAULT_NOT_FOUND)
		return f;
	return err_say(err, f, "ResourceNotFound",
		       "The Resource 'Microsoft.KeyVault/vaults/%.*s' under resource group '%.*s' was not found. For "
		       "more details "
		       "please go to https://aka.ms/ARMResourceNotFoundFix",
		       SPAN_ARG(name), SPAN_ARG(group));
}

enum fault role_scope_exists(const struct world *w, struct txn *t, const struct role_scope *scope, struct err *err)
{
	struct span rest = scope->text, subscription = take(&rest, "subscriptions"), group, provider, name;
	struct group g;
	enum fault f;

	if (subscription.p == NULL || !span_eq_nocase(subscription, span_cstr(w->subscription_id)))
		return err_say(err, FAULT_NOT_FOUND, "SubscriptionNotFound",
			       "The subscription '%.*s' could not be found.",
			       SPAN_ARG(subscription.p == NULL ? scope->text : subscription));
	group = take(&rest, "resourceGroups");
	if (group.p == NULL)
		return FAULT_NONE;
	f = group_get(t, subscription, group, &g);
	if (f != FAULT_NONE)
		return f == FAULT_NOT_FOUND ? say_no_group(group, err) : f;
	provider = take(&rest, "providers");
	name = take(&rest, "vaults");
	if (name.p == NULL || !span_eq_nocase(provider, SPAN_LIT("Microsoft.KeyVault")))
		return FAULT_NONE;
	return vault_exists(t, group, name, err);
}

enum fault role_guid(struct pool *pool, struct span text, struct span *ret)
{
	char *copy;

	if (!uuid_is_valid(text))
		return FAULT_INVALID;
	copy = pool_strndup(pool, text.p, text.len);
	if (copy == NULL)
		return FAULT_MEMORY;
	ascii_lower_str(copy);
	*ret = span_of(copy, text.len);
	return FAULT_NONE;
}

enum fault role_guid_of_path(struct arm_op *op, const char *capture, struct span *ret)
{
	return role_guid(http_exchange_pool(op->x), arm_capture(op, capture), ret);
}

enum fault role_definition_guid(struct pool *pool, struct span id, struct span *ret)
{
	static const char mark[] = "/providers/Microsoft.Authorization/roleDefinitions/";
	size_t len = strlen(mark);

	if (id.len < len + UUID_LEN || !span_eq_nocase(span_of(id.p + id.len - UUID_LEN - len, len), span_cstr(mark)))
		return FAULT_INVALID;
	return role_guid(pool, span_from(id, id.len - UUID_LEN), ret);
}

void role_guid_bare(char out[GUID_BARE_SIZE], struct span guid)
{
	size_t n = 0;

	for (size_t i = 0; i < guid.len && n + 1 < GUID_BARE_SIZE; i++)
		if (guid.p[i] != '-')
			out[n++] = guid.p[i];
	out[n] = '\0';
}
