#ifndef SANDVAULT_VAULTD_AUDIT_WORDS_H
#define SANDVAULT_VAULTD_AUDIT_WORDS_H

/*
 * Words that stand in the audit: one that no line can have is a mistake of whoever asks for it, and refused. Empty
 * words ask for nothing.
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/span.h"

/* *name becomes what the audit calls the operation of that name. FAULT_INVALID with a sentence. */
enum fault audit_operation_word(struct span *name, struct err *err) MUST_USE;
/* A result type, a status or its phrase, a verdict or a reason. FAULT_INVALID with a sentence. */
enum fault audit_result_word(struct span word, struct err *err) MUST_USE;

#endif
