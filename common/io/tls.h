#ifndef SANDVAULT_IO_TLS_H
#define SANDVAULT_IO_TLS_H

/*
 * Server-side TLS 1.2 over libevent buffers: a session turns wire bytes into plain bytes and back, and never touches a
 * socket. Session tickets are on; X25519 and P-256 come first (a full handshake with the library's preferred order
 * costs twice as much).
 */

#include "common/plain/base.h"
#include "common/plain/fault.h"
#include "common/plain/rng.h"
#include "common/plain/span.h"

struct evbuffer;
struct tls_context;
struct tls_session;

/* chain_pem: leaf first; key_pem: its private key. The texts are not kept. */
enum fault tls_context_new(struct span chain_pem, struct span key_pem, const struct rng *rng, struct tls_context **ret,
			   struct err *err) MUST_USE;
/* A further certificate, shown to clients that ask for one of its names. Before the first session. */
enum fault tls_context_add(struct tls_context *c, struct span chain_pem, struct span key_pem, struct err *err) MUST_USE;
/* Sessions keep their context alive. */
void tls_context_free(struct tls_context *c);

struct tls_session *tls_session_new(struct tls_context *c);
void tls_session_free(struct tls_session *s);

enum tls_status {
	TLS_PROGRESS, /* plain bytes came out, or all went in */
	TLS_MORE,     /* more wire bytes are needed */
	TLS_CLOSED,   /* the peer said close_notify */
	TLS_FAILED,   /* not TLS, or broken; an alert may be in wire_out */
};
/* Handshakes and decrypts as far as wire_in goes. Handshake answers are appended to wire_out. */
enum tls_status tls_session_read(struct tls_session *s, struct evbuffer *wire_in, struct evbuffer *wire_out,
				 struct evbuffer *plain_out);
/* The name the client asked for; empty while it has said none. */
struct span tls_session_name(const struct tls_session *s);
/* Encrypts all of plain_in into wire_out. */
enum tls_status tls_session_write(struct tls_session *s, struct evbuffer *plain_in, struct evbuffer *wire_out);

#endif
