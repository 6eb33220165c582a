#ifndef SANDVAULT_PLAIN_FAULT_H
#define SANDVAULT_PLAIN_FAULT_H

/*
 * What kind of thing went wrong, and the words for it.
 *
 * A fallible function returns enum fault, 0 for success, and takes a struct err * last where words help. The code and
 * sentence are said where they are known; the way to an HTTP status is one table per daemon (reply.c).
 * A function that returns a fault does not log it.
 */

#include "common/plain/base.h"

enum fault {
	FAULT_NONE = 0,
	FAULT_INVALID,	       /* the caller's input is wrong */
	FAULT_UNAUTHENTICATED, /* who is calling is not established */
	FAULT_DENIED,	       /* known, and not allowed */
	FAULT_NOT_FOUND,
	FAULT_CONFLICT,
	FAULT_PRECONDITION, /* what must hold before does not */
	FAULT_METHOD,	    /* the resource knows no such method */
	FAULT_TOO_LARGE,
	FAULT_NOT_IMPLEMENTED, /* a known gap of this double */
	FAULT_UNAVAILABLE,     /* busy or shutting down; worth a retry */
	FAULT_NO_SPACE,	       /* the disk or the map is full; nothing was lost */
	FAULT_STORE,	       /* the store's own trouble */
	FAULT_CRYPTO,	       /* arithmetic failed though the input was right */
	FAULT_RANDOM,	       /* no random bytes; there is no second-best source */
	FAULT_MEMORY,
	FAULT_IO, /* files, sockets */
};

enum { ERR_CODE_MAX = 64, ERR_MESSAGE_MAX = 3072 };

struct err {
	enum fault fault;
	char code[ERR_CODE_MAX];       /* Azure's code, "" when the fault's own default will do */
	char inner[ERR_CODE_MAX];      /* innererror.code, "" for none */
	char message[ERR_MESSAGE_MAX]; /* one sentence (or Azure's several), "" when none is known */
};

#define ERR_INIT                                                                                                       \
	{                                                                                                              \
		FAULT_NONE, "", "", ""                                                                                 \
	}

/* Fills err (which may be NULL) and returns f, so that it can stand on the return line. A message too long is cut. */
enum fault err_say(struct err *err, enum fault f, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
enum fault err_say_inner(struct err *err, enum fault f, const char *code, const char *inner, const char *fmt, ...)
	PRINTF_LIKE(5, 6);

/* The fault's name for logs: "not-found". */
const char *fault_name(enum fault f);

#endif
