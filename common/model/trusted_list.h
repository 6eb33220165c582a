#ifndef SANDVAULT_MODEL_TRUSTED_LIST_H
#define SANDVAULT_MODEL_TRUSTED_LIST_H

/*
 * The trusted services: fixtures/trusted-services.json, part of the program.
 * Source: fixtures/sources.md#trusted-services
 */

#include "common/plain/fault.h"
#include "common/plain/pool.h"
#include "policy/trusted_service.h"

struct trusted_list {
	struct pool pool;
	struct trusted_services services;
};

/* Reads the file's text (fixture_trusted_services) once. FAULT_MEMORY; FAULT_INVALID with a sentence when the file is
 * not what it should be: each type once, with its service and where we know it from. */
enum fault trusted_list_read(struct span text, struct trusted_list *ret, struct err *err) MUST_USE;
/* Leaves an empty list, which trusts nobody. */
void trusted_list_done(struct trusted_list *l);

#endif
