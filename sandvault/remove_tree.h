#ifndef SANDVAULT_SANDVAULT_REMOVE_TREE_H
#define SANDVAULT_SANDVAULT_REMOVE_TREE_H

#include "common/plain/fault.h"

/* Removes a directory and all in it. Symbolic links are removed, never followed. */
enum fault remove_tree(const char *path, struct err *err) MUST_USE;

#endif
