#include "common/plain/pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "common/plain/secret.h"

/* Bytes behind `used` are zero at all times, so a piece needs no clearing when it is handed out. */
struct pool_block {
	struct pool_block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

enum {
	BLOCK_SIZE = 8192,
	/* Larger pieces get a block of their own, so that the rest of the current one is not wasted. */
	PIECE_SHARED_MAX = BLOCK_SIZE / 4,
	ALIGN = alignof(max_align_t),
};

static struct pool_block *block_new(size_t size)
{
	struct pool_block *b = calloc(1, sizeof(*b) + size);

	if (b != NULL)
		b->size = size;
	return b;
}

/* What clients sent may have passed through here. */
static void block_clear(struct pool_block *b)
{
	wipe(b->bytes, b->used);
	b->used = 0;
}

static void block_free(struct pool_block *b)
{
	block_clear(b);
	free(b);
}

static void *block_take(struct pool_block *b, size_t n)
{
	void *piece = b->bytes + b->used;

	b->used += n;
	return piece;
}

/* Up to the next multiple of ALIGN; the caller has seen to it that this does not overflow. */
static size_t round_up(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

void pool_init(struct pool *p, size_t max)
{
	p->head = NULL;
	p->used = 0;
	/* Pieces are counted with their alignment; a single one of max bytes must still fit. */
	p->max = max > PTRDIFF_MAX / 2 ? PTRDIFF_MAX / 2 : round_up(max);
}

void pool_done(struct pool *p)
{
	struct pool_block *b = p->head;

	while (b != NULL) {
		struct pool_block *next = b->next;

		block_free(b);
		b = next;
	}
	p->head = NULL;
	p->used = 0;
}

void pool_reset(struct pool *p)
{
	struct pool_block *keep = NULL;
	struct pool_block *b = p->head;

	while (b != NULL) {
		struct pool_block *next = b->next;

		if (keep == NULL && b->size == BLOCK_SIZE) {
			block_clear(b);
			b->next = NULL;
			keep = b;
		} else {
			block_free(b);
		}
		b = next;
	}
	p->head = keep;
	p->used = 0;
}

static void *alloc_own_block(struct pool *p, size_t n)
{
	struct pool_block *b = block_new(n);

	if (b == NULL)
		return NULL;
	if (p->head == NULL) {
		p->head = b;
	} else {
		/* Behind the head, which goes on serving small pieces. */
		b->next = p->head->next;
		p->head->next = b;
	}
	return block_take(b, n);
}

static void *alloc_shared(struct pool *p, size_t n)
{
	if (p->head == NULL || n > p->head->size - p->head->used) {
		struct pool_block *b = block_new(BLOCK_SIZE);

		if (b == NULL)
			return NULL;
		b->next = p->head;
		p->head = b;
	}
	return block_take(p->head, n);
}

void *pool_alloc(struct pool *p, size_t n)
{
	if (n > p->max)
		return NULL;
	size_t size = round_up(n == 0 ? 1 : n);
	if (size > p->max - p->used)
		return NULL;
	void *piece = size > PIECE_SHARED_MAX ? alloc_own_block(p, size) : alloc_shared(p, size);
	if (piece != NULL)
		p->used += size;
	return piece;
}

char *pool_strndup(struct pool *p, const char *s, size_t n)
{
	size_t len = n == 0 ? 0 : strnlen(s, n);

	return (char *)pool_dup(p, span_of(s, len)).p;
}

struct span pool_dup(struct pool *p, struct span s)
{
	char *copy = s.len == SIZE_MAX ? NULL : pool_alloc(p, s.len + 1);

	if (copy == NULL)
		return (struct span){ NULL, 0 };
	if (s.len > 0)
		memcpy(copy, s.p, s.len);
	return span_of(copy, s.len);
}
