#ifndef SANDVAULT_TESTS_TMPDIR_H
#define SANDVAULT_TESTS_TMPDIR_H

/* A directory of a test's own, and its removal with everything in it. */

enum { TMPDIR_SIZE = 256 };

/* Ends the test program when there can be none. */
void tmpdir_make(char out[TMPDIR_SIZE]);
void tmpdir_remove(const char *dir);

#endif
