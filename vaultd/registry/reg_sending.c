#include "vaultd/registry/reg_sending.h"

#include "common/io/timer.h"

enum { UNSENT_MAX = 2 * BLOB_PIECE_MAX, RETRY_MS = 20 };

struct sending {
	struct blob_content content;
	int64_t piece; /* the next one */
	int64_t skip;  /* bytes of it and those behind that are not asked for */
	int64_t left;
	struct buf sealed;
	struct secret plain;
	struct timer *retry;
	bool is_waiting; /* for the client to read */
};

static void send_next(struct reg_op *op);

static struct sending *sending_of(const struct reg_op *op)
{
	return op->state;
}

static void done(struct reg_op *op)
{
	struct sending *s = sending_of(op);

	buf_done(&s->sealed);
	secret_done(&s->plain);
	timer_free(TAKE(s->retry));
}

/* A cut-off reply is all that tells a client that has had its status already. */
static void end(struct reg_op *op, enum fault f)
{
	struct err err = ERR_INIT;

	reg_answer(op, f, &err);
}

/* While the pool works the piece is waited for; it then goes nowhere. */
static void on_gone(void *arg)
{
	struct reg_op *op = arg;
	struct sending *s = sending_of(op);

	s->left = 0;
	if (s->is_waiting)
		end(op, FAULT_NONE);
}

static void on_retry(void *arg)
{
	struct reg_op *op = arg;

	sending_of(op)->is_waiting = false;
	send_next(op);
}

/* On a worker. */
static enum fault open_piece(struct reg_op *op)
{
	SCOPED_DONE(buf) struct buf context = BUF_INIT(STORE_KEY_MAX + 64);
	struct sending *s = sending_of(op);

	blob_piece_context(&context, &op->registry, &s->content, s->piece);
	return unseal(&op->data_key, buf_span(&context), buf_span(&s->sealed), &s->plain);
}

static void on_opened(struct reg_op *op, enum fault f)
{
	struct sending *s = sending_of(op);
	struct span bytes = span_from(secret_span(&s->plain), (size_t)s->skip);

	if (f != FAULT_NONE) {
		end(op, f);
		return;
	}
	bytes = span_first(bytes, (size_t)s->left);
	s->skip = 0;
	s->piece++;
	s->left -= (int64_t)bytes.len;
	if (op->is_started)
		http_reply_chunk(op->x, bytes);
	else
		buf_put_span(&op->reply, bytes);
	send_next(op);
}

/* The next piece that has something of what is asked for, copied out of the transaction. */
static enum fault read_piece(struct reg_op *op, struct err *err UNUSED)
{
	struct sending *s = sending_of(op);
	struct span sealed = SPAN_EMPTY;
	enum fault f = FAULT_NONE;

	for (;;) {
		f = blob_piece_get(op->txn, &op->registry, &s->content, s->piece, &sealed);
		if (f != FAULT_NONE || (int64_t)sealed.len > s->skip + SEAL_OVERHEAD)
			break;
		s->skip -= (int64_t)sealed.len - SEAL_OVERHEAD;
		s->piece++;
	}
	if (f != FAULT_NONE)
		return f;
	buf_clear(&s->sealed);
	buf_put_span(&s->sealed, sealed);
	return buf_fault(&s->sealed);
}

static void send_next(struct reg_op *op)
{
	struct sending *s = sending_of(op);
	struct err err = ERR_INIT;
	enum fault f;

	if (s->left <= 0) {
		end(op, FAULT_NONE);
		return;
	}
	if (op->is_started && http_reply_unsent(op->x) > UNSENT_MAX) {
		s->is_waiting = true;
		timer_set(s->retry, RETRY_MS);
		return;
	}
	f = txn_begin(op->d->world.store, TXN_READ, &op->txn, &err);
	if (f == FAULT_NONE)
		f = read_piece(op, &err);
	txn_abort(TAKE(op->txn));
	/* Deleted while it was sent. */
	if (f == FAULT_NONE)
		reg_compute(op, open_piece, on_opened);
	else
		end(op, f);
}

static void start(struct reg_op *op)
{
	struct sending *s = sending_of(op);

	if (s->left > BLOB_PIECE_MAX) {
		reg_add_headers(op, FAULT_NONE);
		http_reply_length(op->x, s->left);
		op->is_started = true;
		http_reply_start(op->x, op->status, on_gone, op);
	}
	send_next(op);
}

enum fault reg_send_blob(struct reg_op *op, const struct blob_content *c, int64_t from, int64_t n)
{
	struct sending *s = pool_alloc(http_exchange_pool(op->x), sizeof(*s));

	if (s == NULL)
		return FAULT_MEMORY;
	s->content = *c;
	s->skip = from;
	s->left = n;
	s->sealed = BUF_INIT(BLOB_PIECE_MAX + SEAL_OVERHEAD);
	op->state = s;
	op->done = done;
	op->wait = start;
	return timer_new(op->d->base, on_retry, op, &s->retry);
}
