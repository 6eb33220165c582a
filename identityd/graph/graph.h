#ifndef SANDVAULT_IDENTITYD_GRAPH_H
#define SANDVAULT_IDENTITYD_GRAPH_H

/*
 * The few reads of Microsoft Graph that az makes: who a principal is. The directory is the world's principals; there
 * are no users and no groups. Any token for Graph may read all of it. Source: fixtures/sources.md#graph
 */

#include "common/model/principal.h"
#include "identityd/operation.h"

#define GRAPH_APP_ID "00000003-0000-0000-c000-000000000000"

/* Sets op->caller, inside the transaction. FAULT_UNAUTHENTICATED in Graph's words, op->authn_problem says why. */
enum fault graph_authenticate(struct op *op, struct err *err) MUST_USE;

op_handler op_graph_me, op_graph_list_users, op_graph_list_groups, op_graph_no_such_object;
op_handler op_graph_list_service_principals, op_graph_get_service_principal;
op_handler op_graph_list_applications, op_graph_get_application, op_graph_get_by_app_id;
op_handler op_graph_get_by_ids, op_graph_get_directory_object;

/* ---- shapes (graph_reply.c) ---- */

/* "@odata.context": what follows "$metadata#". Inside the open object. */
void graph_write_context(struct op *op, const char *what);
/* Members of the open object; type: "@odata.type" goes first, for lists of mixed kinds. */
void graph_write_service_principal(struct op *op, const struct principal *p, bool is_typed);
void graph_write_application(struct op *op, const struct principal *p);
/* An application object's own id. It is the application id: the world keeps no other. */
const char *graph_application_id(const struct principal *p);

/* 404 Request_ResourceNotFound. */
enum fault graph_not_found(struct span id, struct err *err);

#endif
