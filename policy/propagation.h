#ifndef SANDVAULT_POLICY_PROPAGATION_H
#define SANDVAULT_POLICY_PROPAGATION_H

/*
 * When a change of a rule is felt, in a world where that takes a while. Times are seconds of the sandbox's clock; 0 is
 * the beginning of time, so that without a delay a clock that is set back undoes nothing. Pure.
 * Source: fixtures/sources.md#propagation
 */

#include <stdbool.h>
#include <stdint.h>

/* When what is said now is felt. */
int64_t propagation_due(int64_t now_s, int64_t delay_s);

/* The times of an assignment, see struct rbac_assignment. */
struct propagation {
	bool has_condition;
	int64_t condition_from_s, effective_from_s;
};

/*
 * The times of an assignment that is made or said anew. former is what is felt of the same grant until then: an
 * assignment that stands, or one whose removal has not propagated; NULL when there is neither.
 *
 * A grant that is felt goes on being felt: saying the same again interrupts nothing, and a condition that comes new is
 * felt later. Dropping a condition that is felt is a new grant.
 */
struct propagation propagation_of(bool has_condition, const struct propagation *former, int64_t now_s, int64_t delay_s);

#endif
