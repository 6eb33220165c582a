#ifndef SANDVAULT_VAULTD_DEPLOY_DEPLOY_AT_START_H
#define SANDVAULT_VAULTD_DEPLOY_DEPLOY_AT_START_H

/* The template that a sandbox starts with: deployed as the administrator, like any other deployment. */

#include "common/io/config.h"
#include "vaultd/deploy/deploy.h"

struct deploy_at_start {
	struct vaultd *d;
	const char *path;		       /* the template's file */
	const struct setting_list *parameters; /* "name=value": text for a string parameter, JSON for the others */
	const char *group;		       /* resource group; made when it is missing */
	void (*done)(void *arg, enum fault f, const struct err *err);
	void *arg;
};

/* err in done, or here, is one sentence that names the file. A fault here: done will not be called. */
enum fault deploy_at_start(const struct deploy_at_start *s, struct err *err) MUST_USE;

#endif
