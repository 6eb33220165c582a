#ifndef SANDVAULT_SANDVAULT_HOSTS_BLOCK_H
#define SANDVAULT_SANDVAULT_HOSTS_BLOCK_H

/* Our lines inside a hosts file, between two marker lines. */

#include "common/plain/buf.h"

/* "127.0.0.1 NAME.SUFFIX" and a newline. */
void hosts_line(struct buf *out, struct span name, struct span suffix);

/* The file's text with lines (each ended by a newline) in the block: those that are there stay, missing ones are added,
 * what stands outside is not touched. The block is made at the end when there is none. *ret_changed is false when
 * nothing was missing. FAULT_INVALID when a begin marker has no end. */
enum fault hosts_merge(struct span file, struct span lines, struct buf *out, bool *ret_changed) MUST_USE;

#endif
