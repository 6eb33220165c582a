#ifndef SANDVAULT_VAULTD_TEMPLATE_TEMPLATE_H
#define SANDVAULT_VAULTD_TEMPLATE_TEMPLATE_H

/*
 * A deployment template as a plan: parameters bound, loops and conditions expanded, children brought to the top, the
 * order known. Whoever carries the plan out asks for the body of a resource when those it comes after are deployed, and
 * for the outputs at the end. Pure but for the lookup. Everything lives in the pool of the input.
 * Source: fixtures/sources.md#templates
 */

#include "vaultd/template/expr.h"

/* A resource that exists already, for reference(): the whole object as a GET answers it. FAULT_NOT_FOUND. */
struct template_lookup {
	void *arg;
	enum fault (*resource)(void *arg, struct span id, struct span api_version, const struct tv **ret,
			       struct err *err);
};

struct template_input {
	struct pool *pool;
	const struct tv *template;   /* an object */
	const struct tv *parameters; /* {"name":{"value":…}}; NULL: none */
	struct expr_facts facts;
	struct template_lookup lookup;
};

/* Where a template is at fault, for the error's additionalInfo: {"type":"TemplateViolation","info":{"lineNumber",
 * "linePosition","path"}}. */
struct template_place {
	unsigned line, column;
	struct span path; /* "resources[2].properties.x"; empty when unknown */
};

struct planned_resource {
	struct span id;	  /* full resource id, as Azure writes it */
	struct span type; /* "Microsoft.KeyVault/vaults/accessPolicies" */
	struct span name; /* "vault/add" */
	struct span api_version;
	struct span symbol; /* symbolic name; empty without */
	bool is_existing;   /* only referred to, never deployed */
	bool is_left_out;   /* its condition says no: never deployed */
	const size_t
		*after; /* what must be deployed before, as indexes; existing and left-out ones do not stand there */
	size_t n_after;
	struct template_place place;
};

struct plan;

/*
 * FAULT_INVALID, code InvalidTemplate, with the service's sentence "Deployment template validation failed: '…'."
 * Everything that can be known without deploying is known here: parameters missing, not declared, of the wrong type or
 * not among the allowed values, unknown functions, dependsOn of what the template does not define, circles, names with
 * the wrong number of segments, the same resource twice.
 */
enum fault template_plan(const struct template_input *in, struct plan **ret, struct template_place *ret_place,
			 struct err *err) MUST_USE;

size_t plan_count(const struct plan *p);
const struct planned_resource *plan_resource(const struct plan *p, size_t i);
/* What a PUT of it sends: everything of the resource but type, apiVersion, name, dependsOn, condition, copy, scope,
 * comments, metadata, existing, subscriptionId, resourceGroup, child resources. A nested deployment whose expressions
 * are evaluated inside keeps its template as it is. */
enum fault plan_body(struct plan *p, size_t i, const struct tv **ret, struct template_place *ret_place,
		     struct err *err) MUST_USE;
/* {"x":{"type":"String","value":…}}; NULL when the template has none. Code DeploymentOutputEvaluationFailed: the
 * sentence is that of the error's detail, its target the name in the place's path. */
enum fault plan_outputs(struct plan *p, const struct tv **ret, struct template_place *ret_place,
			struct err *err) MUST_USE;
/* {"x":{"type":"String","value":…}} with the defaults; secure kinds have no value. */
const struct tv *plan_parameters(const struct plan *p);
/* For "providers" and "dependencies" of a deployment's properties: arrays as Azure writes them. */
const struct tv *plan_providers(const struct plan *p);
const struct tv *plan_dependencies(const struct plan *p);
/* The decimal digits of "templateHash": the same for templates that say the same. */
struct span template_hash(struct pool *pool, const struct tv *template);

#endif
