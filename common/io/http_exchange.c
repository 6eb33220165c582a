/* Exchanges between requests: kept for the next ones. */

#include "common/io/http_impl.h"

#include <stdlib.h>

enum { POOL_MAX = 8 << 20, SPARE_MAX = 64 };

struct http_exchange *http_exchange_take(struct http_server *s)
{
	struct http_exchange *x = s->spare;

	if (x != NULL) {
		s->spare = x->next_spare;
		s->n_spare--;
		return x;
	}
	x = calloc(1, sizeof(*x));
	if (x != NULL)
		pool_init(&x->pool, POOL_MAX);
	if (x != NULL)
		x->head = BUF_INIT(HTTP_REPLY_HEAD_MAX);
	return x;
}

static void exchange_free(struct http_exchange *x)
{
	pool_done(&x->pool);
	buf_done(&x->head);
	free(x);
}

void http_server_unref(struct http_server *s)
{
	if (--s->refs > 0)
		return;
	while (s->spare != NULL) {
		struct http_exchange *x = s->spare;

		s->spare = x->next_spare;
		exchange_free(x);
	}
	free(s);
}

void http_exchange_put(struct http_exchange *x)
{
	struct http_server *s = x->server;

	s->in_flight--;
	if (s->n_spare < SPARE_MAX) {
		pool_reset(&x->pool);
		buf_clear(&x->head);
		x->next_spare = s->spare;
		s->spare = x;
		s->n_spare++;
	} else {
		exchange_free(x);
	}
	http_server_unref(s);
}
