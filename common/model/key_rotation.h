#ifndef SANDVAULT_MODEL_KEY_ROTATION_H
#define SANDVAULT_MODEL_KEY_ROTATION_H

/* A key's rotation policy as it was set: durations stay in the words of the caller. A part of the key's head. */

#include "common/io/record.h"
#include "policy/rotation.h"

enum { KEY_ROTATION_ACTIONS_MAX = 2, DURATION_TEXT_SIZE = 80 };

struct key_rotation_action {
	enum rotation_action action;
	enum rotation_trigger trigger;
	char time[DURATION_TEXT_SIZE];
};

/* All zero: none was set. */
struct key_rotation {
	bool is_set;
	struct key_rotation_action actions[KEY_ROTATION_ACTIONS_MAX]; /* in the order sent */
	size_t n_actions;
	char expiry[DURATION_TEXT_SIZE]; /* "": versions live for ever */
	int64_t created_s, updated_s;
};

void key_rotation_encode(struct buf *out, const struct key_rotation *r);
enum fault key_rotation_decode(struct span bytes, struct key_rotation *ret) MUST_USE;

/* What policy/ makes of it; with none set, the one that Azure shows for such a key: a Notify 30 days before the expiry.
 * FAULT_INVALID and *ret_problem (OK: a duration that is none). */
enum fault key_rotation_policy(const struct key_rotation *r, struct rotation_policy *ret,
			       enum rotation_problem *ret_problem) MUST_USE;

#endif
