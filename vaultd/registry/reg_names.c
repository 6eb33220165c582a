#include "vaultd/registry/reg.h"

#include <stdio.h>

static bool is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_separator(char c)
{
	return c == '.' || c == '_' || c == '-';
}

/* Letters and digits, in groups with a separator between: ".", "_", "__", or dashes. */
static bool is_component(struct span s)
{
	if (s.len == 0 || !is_lower_or_digit(s.p[0]) || !is_lower_or_digit(s.p[s.len - 1]))
		return false;
	for (size_t i = 1; i < s.len; i++) {
		char c = s.p[i], before = s.p[i - 1];

		if (!is_lower_or_digit(c) && !is_separator(c))
			return false;
		if (!is_separator(c) || !is_separator(before) || (c == '-' && before == '-'))
			continue;
		if (c != '_' || before != '_' || (i > 1 && s.p[i - 2] == '_'))
			return false;
	}
	return true;
}

bool reg_name_is_valid(struct span repository)
{
	struct span rest = repository, one;

	if (repository.len >= REPOSITORY_SIZE)
		return false;
	do {
		rest = span_cut(rest, '/', &one);
		if (!is_component(one))
			return false;
	} while (rest.p != NULL);
	return true;
}

bool reg_tag_is_valid(struct span tag)
{
	if (tag.len == 0 || tag.len >= TAG_SIZE || tag.p[0] == '.' || tag.p[0] == '-')
		return false;
	for (size_t i = 0; i < tag.len; i++)
		if (!is_lower_or_digit(ascii_lower(tag.p[i])) && !is_separator(tag.p[i]))
			return false;
	return true;
}

enum fault reg_digest_parse(struct span text, uint8_t ret[SHA256_LEN], struct err *err)
{
	struct span algorithm, hex = span_cut(text, ':', &algorithm);

	if (hex.p != NULL && !span_eq_cstr(algorithm, "sha256"))
		return err_say(err, FAULT_INVALID, "DIGEST_INVALID",
			       "provided digest did not match uploaded content: only sha256 digests are supported");
	for (size_t i = 0; i < hex.len; i++)
		if (!is_lower_or_digit(hex.p[i]))
			hex.p = NULL, hex.len = 0;
	if (hex.p == NULL || hex_decode(ret, SHA256_LEN, hex) != FAULT_NONE)
		return err_say(err, FAULT_INVALID, "DIGEST_INVALID",
			       "provided digest did not match uploaded content: it is no digest");
	return FAULT_NONE;
}

void reg_digest_print(char out[DIGEST_TEXT_SIZE], const uint8_t digest[SHA256_LEN])
{
	snprintf(out, DIGEST_TEXT_SIZE, "sha256:");
	hex_encode(out + strlen(out), span_of(digest, SHA256_LEN));
}
