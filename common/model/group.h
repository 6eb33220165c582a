#ifndef SANDVAULT_MODEL_GROUP_H
#define SANDVAULT_MODEL_GROUP_H

/* Resource groups. */

#include "common/model/world.h"

enum { GROUP_NAME_SIZE = 91, LOCATION_SIZE = 64, TAGS_SIZE = 16 * 1024 };

struct group {
	char subscription_id[ID_SIZE];
	char name[GROUP_NAME_SIZE]; /* as created */
	char location[LOCATION_SIZE];
	char managed_by[512];
	char tags[TAGS_SIZE]; /* compact JSON object; "" when none were ever sent */
};

enum fault group_get(struct txn *t, struct span subscription, struct span name, struct group *ret) MUST_USE;
enum fault group_put(struct txn *t, const struct group *g) MUST_USE;
/* With the role assignments at the group and below. */
enum fault group_del(struct txn *t, struct span subscription, struct span name) MUST_USE;
/* Calls each for every group of the subscription, ascending by folded name, until it returns a fault. */
enum fault group_each(struct txn *t, struct span subscription, enum fault (*each)(const struct group *g, void *arg),
		      void *arg) MUST_USE;

#endif
