#ifndef SANDVAULT_VAULTD_DEPLOY_DEPLOY_STATE_H
#define SANDVAULT_VAULTD_DEPLOY_DEPLOY_STATE_H

/* What the files of this folder share: one deployment's state. */

#include "common/io/json.h"
#include "common/io/json_out.h"
#include "common/plain/text.h"
#include "vaultd/deploy/deploy.h"
#include "vaultd/template/template_index.h"

enum step { STEP_WAITING, STEP_ACTIVE, STEP_DONE, STEP_FAILED, STEP_SKIPPED };

/* One planned resource. */
struct deploy_item {
	struct deploy *p;
	size_t index;
	enum step step;
	int status; /* of the PUT's reply; 0: it was never sent */
	int64_t started_ms, ended_ms;
	char operation_id[17];
	struct span error; /* JSON error object, in the pool; empty: none */
	/* deploy_order.c */
	bool is_slow;
	size_t n_pending; /* predecessors that are not through */
	struct deploy_item **followers;
	size_t n_followers;
	struct deploy_item *next_ready;
};

struct deploy_queue {
	struct deploy_item *first, *last;
};

/* A resource that reference() asked for: fetched once. */
struct deploy_fetched {
	struct span id, api_version;
	const struct tv *value; /* NULL: not there */
	struct err *err;	/* why not */
	bool is_here;
};

/* A resource that a nested deployment made. */
struct deploy_made {
	struct span id;
	struct deploy_made *next;
};

struct deploy {
	struct vaultd *d;
	struct deploy *next; /* in vaultd's list, once started */
	struct pool pool;
	struct caller caller;
	struct addr from;
	struct span host, name;
	struct group group;
	bool is_complete;
	const struct tv *template;
	struct plan *plan;
	struct deploy_item *items;
	size_t n_items;
	int64_t started_ms;
	char correlation_id[UUID_SIZE];
	char operation_id[24];	/* decimal digits, as in Azure's status URLs */
	struct deployment said; /* the texts that stay as they are */
	struct deploy_fetched **fetched;
	size_t n_fetched, cap_fetched;
	struct index fetched_by_id;
	/* Under way. */
	enum deployment_state state;
	unsigned n_active, n_fast_active;
	struct deploy_queue ready[2]; /* the slow ones apart */
	bool is_canceled, is_stopped, is_ending, is_advancing;
	struct deploy_fetched *wanted; /* the one that the last lookup lacked */
	struct span *extra;	       /* Complete mode: ids that the template does not name */
	size_t n_extra, next_extra;
	const struct tv *outputs;
	struct span error; /* of the whole */
	struct deploy_made *made, **made_end;
	struct buf operations_text, resources_text; /* as they were last described */
	deploy_done *done;
	void *arg;
	/* A nested deployment's parent, to be told. */
	struct deploy_item *parent;
};

/* So many requests at a time: all of them may be answered in one turn of the loop, and begin others. */
enum { DEPLOY_ACTIVE_MAX = 4, DEPLOY_TEXT_MAX = 8 << 20 };

/* JSON of a value, in the pool; empty when it does not fit. */
struct span deploy_text(struct deploy *p, const struct tv *v);
struct span deploy_json(struct deploy *p, const struct json *v);
/* A request to the control plane as the one who deploys. */
enum fault deploy_send(struct deploy *p, enum http_method method, struct span id, struct span api_version,
		       struct span body, inner_done *done, void *arg) MUST_USE;
/* {"code":…,"target":…,"message":…,"additionalInfo":…}; info may be empty. In the pool. */
struct span deploy_error(struct deploy *p, const char *code, struct span target, const char *message, struct span info,
			 struct span details);
/* The same of what a request of ours was refused with. */
struct span deploy_reply_error(struct deploy *p, struct span id, int status, struct span body);
/* place as additionalInfo. */
void deploy_place(const struct template_place *at, struct deploy_fault *ret);

/* For reference(): FAULT_UNAVAILABLE and p->wanted when the resource has to be fetched first. */
enum fault deploy_lookup(void *arg, struct span id, struct span api_version, const struct tv **ret, struct err *err);
/* Fetches p->wanted, then calls then. */
void deploy_fetch(struct deploy *p, void (*then)(void *arg), void *arg);

enum fault deploy_order_init(struct deploy *p) MUST_USE;
/* The next one that may begin; NULL: none now. */
struct deploy_item *deploy_order_next(struct deploy *p);
/* Lets those after it begin, or never begin. */
void deploy_order_ended(struct deploy_item *item);
/* What was fetched is forgotten. */
void deploy_forget_fetched(struct deploy *p);
/* One is through; what waited for it goes on. */
void deploy_item_end(struct deploy_item *item, enum step step, struct span error);
/* Begins what may begin, and ends the deployment when nothing is left. */
void deploy_advance(struct deploy *p);
/* All resources are through: extra ones, outputs, record, the end. */
void deploy_finish(struct deploy *p);
/* Whether the item made a resource that is to be shown as made. */
bool deploy_made_it(const struct deploy *p, size_t i);
/* The record as it is now. */
enum fault deploy_store(struct deploy *p, struct err *err) MUST_USE;
/* Tells who waits, takes it off the list, frees it. */
void deploy_end(struct deploy *p);
/* What began the failure, with its resource and its code in the sentence. */
void deploy_first_error(struct deploy *p, struct err *ret);

bool deploy_is_nested(const struct planned_resource *r);
/* The item's PUT was accepted: its deployment's end ends it. */
void deploy_await_nested(struct deploy_item *item, const struct planned_resource *r);
/* A parent's item whose nested deployment ended. */
void deploy_child_ended(struct deploy_item *item, struct deploy *child);

#endif
