#include "policy/lifetime.h"

#include "common/plain/base.h"

static const struct {
	const char *word;
	bool needs_enabled; /* refused on a disabled key */
	bool needs_dates;   /* refused outside [nbf, exp) */
} ops[KEY_OP_COUNT] = {
	[KEY_OP_ENCRYPT] = { "encrypt", false, true }, [KEY_OP_DECRYPT] = { "decrypt", true, false },
	[KEY_OP_SIGN] = { "sign", true, true },	       [KEY_OP_VERIFY] = { "verify", false, false },
	[KEY_OP_WRAP] = { "wrapKey", false, true },    [KEY_OP_UNWRAP] = { "unwrapKey", true, false },
};

static struct verdict deny(enum reason r)
{
	return (struct verdict){ VERDICT_DENY, r, VERDICT_NO_RULE };
}

struct verdict key_use_decide(const struct key_state *k, enum key_operation op, int64_t now_s)
{
	if ((k->key_ops & (1u << op)) == 0)
		return deny(REASON_KEY_OPERATION_NOT_LISTED);
	if (!k->enabled && ops[op].needs_enabled)
		return deny(REASON_KEY_DISABLED);
	if (ops[op].needs_dates && k->has_nbf && now_s < k->nbf_s)
		return deny(REASON_KEY_NOT_YET_VALID);
	if (ops[op].needs_dates && k->has_exp && now_s >= k->exp_s)
		return deny(REASON_KEY_EXPIRED);
	return (struct verdict){ VERDICT_ALLOW, REASON_KEY_USABLE, VERDICT_NO_RULE };
}

const char *key_operation_word(enum key_operation op)
{
	return ops[op].word;
}

const char *recovery_level(int retention_days, bool is_purge_protected)
{
	if (retention_days >= 90)
		return is_purge_protected ? "Recoverable" : "Recoverable+Purgeable";
	return is_purge_protected ? "CustomizedRecoverable" : "CustomizedRecoverable+Purgeable";
}

enum key_phase key_phase(const struct key_change *c, int64_t delay_s, int64_t now_s)
{
	if (c->at_s == 0 || now_s < c->at_s || now_s - c->at_s >= delay_s)
		return KEY_SETTLED;
	return c->is_deleted ? KEY_BEING_DELETED : KEY_BEING_RECOVERED;
}

struct verdict purge_decide(bool is_purge_protected)
{
	if (is_purge_protected)
		return deny(REASON_PURGE_PROTECTED);
	return (struct verdict){ VERDICT_ALLOW, REASON_KEY_USABLE, VERDICT_NO_RULE };
}
