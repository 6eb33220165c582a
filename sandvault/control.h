#ifndef SANDVAULT_SANDVAULT_CONTROL_H
#define SANDVAULT_SANDVAULT_CONTROL_H

/* Calls to the control API of a running sandbox, by its socket or its URL. */

#include "common/io/json.h"
#include "sandvault/front.h"

struct control_call {
	const char *method; /* "GET" */
	const char *path;   /* with its query */
	struct span body;   /* JSON; empty: none */
	/* Takes the answer as it comes, for as long as it comes; NULL: it is read whole. */
	bool (*on_body)(struct span bytes, void *arg);
	void *arg;
};

/* *ret is the JSON of a 200; without on_body only. FAULT_DENIED with the sandbox's own sentence when it refuses, and a
 * sentence for no sandbox. */
enum fault control_call(const struct front *front, const char *data_dir, const struct control_call *call,
			struct json_doc **ret, struct err *err) MUST_USE;

/* Adds "name=value" to the query that url ends with; nothing for a value that is NULL. */
void control_add_query(struct buf *url, const char *name, const char *value);

#endif
