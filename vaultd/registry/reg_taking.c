#include "vaultd/registry/reg_taking.h"

#include <stdlib.h>

#include "common/io/seal.h"

static void take_next(struct reg_op *op);

struct reg_taking *reg_taking_of(const struct reg_op *op)
{
	return op->state;
}

static struct span state_span(const struct sha256_state *s)
{
	return span_of(s, sizeof(*s));
}

static void state_context(struct buf *out, const struct reg_op *op, const struct upload *u)
{
	buf_put_cstr(out, "registry-hash/");
	blob_piece_context(out, &op->registry, &u->content, u->content.n_pieces);
}

/* What the hash was after the pieces that are there. */
static enum fault open_hash(struct reg_op *op, struct reg_taking *t)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(2 * STORE_KEY_MAX);
	SCOPED_DONE(secret) struct secret plain = SECRET_INIT;
	enum fault f;

	sha256_begin(&t->hash);
	if (t->upload.sealed_state_len == 0)
		return FAULT_NONE;
	state_context(&context, op, &t->upload);
	f = unseal(&op->data_key, buf_span(&context), span_of(t->upload.sealed_state, t->upload.sealed_state_len),
		   &plain);
	if (f == FAULT_NONE && plain.len != sizeof(t->hash))
		f = FAULT_STORE;
	if (f == FAULT_NONE)
		memcpy(&t->hash, plain.p, sizeof(t->hash));
	return f;
}

static void done(struct reg_op *op)
{
	struct reg_taking *t = reg_taking_of(op);

	free(TAKE(t->plain));
	buf_done(&t->sealed);
	buf_done(&t->sealed_hash);
}

/* On a worker. */
static enum fault seal_piece(struct reg_op *op)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(2 * STORE_KEY_MAX);
	SCOPED_DONE(buf) struct buf after = BUF_INIT(2 * STORE_KEY_MAX);
	struct reg_taking *t = reg_taking_of(op);
	struct span plain = span_of(t->plain, t->plain_len);
	struct upload next = t->upload;
	enum fault f;

	next.content.n_pieces++;
	sha256_add(&t->hash, plain);
	blob_piece_context(&context, &op->registry, &t->upload.content, t->upload.content.n_pieces);
	state_context(&after, op, &next);
	buf_clear(&t->sealed);
	buf_clear(&t->sealed_hash);
	f = seal(&op->data_key, buf_span(&context), plain, &op->d->world.rng, &t->sealed);
	if (f == FAULT_NONE)
		f = seal(&op->data_key, buf_span(&after), state_span(&t->hash), &op->d->world.rng, &t->sealed_hash);
	return f;
}

enum fault reg_taking_check(struct reg_op *op, struct upload *ret, struct err *err)
{
	const struct upload *u = &reg_taking_of(op)->upload;
	enum fault f = upload_get(op->txn, &op->registry, span_of(u->content.id, sizeof(u->content.id)), op->repository,
				  op->now_s, ret);

	if (f == FAULT_NOT_FOUND)
		return err_say(err, f, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
	if (f == FAULT_NONE && ret->content.n_pieces != u->content.n_pieces)
		return FAULT_CONFLICT;
	return f;
}

/* In a write transaction. */
static enum fault write_piece(struct reg_op *op, struct err *err)
{
	struct reg_taking *t = reg_taking_of(op);
	struct upload now;
	enum fault f = reg_taking_check(op, &now, err);

	if (f == FAULT_NONE)
		f = blob_piece_put(op->txn, &op->registry, &now.content, now.content.n_pieces, buf_span(&t->sealed));
	if (f != FAULT_NONE)
		return f;
	now.content.n_pieces++;
	now.content.size += (int64_t)t->plain_len;
	memcpy(now.sealed_state, t->sealed_hash.data, t->sealed_hash.len);
	now.sealed_state_len = t->sealed_hash.len;
	t->upload = now;
	op->wait = take_next;
	return upload_put(op->txn, &op->registry, &now);
}

static void on_sealed(struct reg_op *op, enum fault f)
{
	struct err err = ERR_INIT;

	if (f != FAULT_NONE) {
		reg_answer(op, f, &err);
		return;
	}
	reg_operate(op, TXN_WRITE, write_piece);
}

static void take_next(struct reg_op *op)
{
	struct reg_taking *t = reg_taking_of(op);
	struct err err = ERR_INIT;

	if (t->plain == NULL)
		t->plain = malloc(BLOB_PIECE_MAX);
	if (t->plain == NULL) {
		reg_answer(op, FAULT_MEMORY, &err);
		return;
	}
	t->plain_len = http_exchange_take_body(op->x, t->plain, BLOB_PIECE_MAX);
	if (t->plain_len > 0)
		reg_compute(op, seal_piece, on_sealed);
	else
		reg_operate(op, t->mode, t->finish);
}

enum fault reg_take_body(struct reg_op *op, const struct upload *u, enum txn_mode mode, reg_handler *finish,
			 struct err *err)
{
	struct reg_taking *t = pool_alloc(http_exchange_pool(op->x), sizeof(*t));

	if (t == NULL)
		return FAULT_MEMORY;
	if (u->content.size + (int64_t)op->request->body_len > BLOB_MAX)
		return err_say(err, FAULT_TOO_LARGE, "SIZE_INVALID", "A blob has at most 512 MiB in this sandbox.");
	t->upload = *u;
	t->sealed = BUF_INIT(BLOB_PIECE_MAX + SEAL_OVERHEAD);
	t->sealed_hash = BUF_INIT(BLOB_STATE_MAX);
	t->mode = mode;
	t->finish = finish;
	op->state = t;
	op->done = done;
	op->wait = take_next;
	return open_hash(op, t);
}
