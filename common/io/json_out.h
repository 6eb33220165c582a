#ifndef SANDVAULT_IO_JSON_OUT_H
#define SANDVAULT_IO_JSON_OUT_H

/*
 * Writing compact JSON into a buf, as Azure writes it: no blanks, '/' '+' and apostrophes not escaped, control
 * characters escaped ("\r\n" as such), UTF-8 as it is and U+FFFD for bytes that are not. Commas are put by the writer.
 * key is NULL inside arrays and at the top. The first failure sticks in the buf.
 */

#include "common/plain/buf.h"

enum { JSON_OUT_DEPTH_MAX = 40 };

struct json_out {
	struct buf *buf;
	unsigned depth;
	bool has_member[JSON_OUT_DEPTH_MAX];
};

void json_out_init(struct json_out *o, struct buf *buf);
void json_out_object(struct json_out *o, const char *key);
void json_out_object_end(struct json_out *o);
void json_out_array(struct json_out *o, const char *key);
void json_out_array_end(struct json_out *o);
void json_out_str(struct json_out *o, const char *key, struct span v);
void json_out_cstr(struct json_out *o, const char *key, const char *v);
void json_out_fmt(struct json_out *o, const char *key, const char *fmt, ...) PRINTF_LIKE(3, 4);
void json_out_int(struct json_out *o, const char *key, int64_t v);
void json_out_bool(struct json_out *o, const char *key, bool v);
void json_out_null(struct json_out *o, const char *key);
/* base64url of bytes. */
void json_out_b64u(struct json_out *o, const char *key, struct span bytes);
/* JSON text that is already right. */
void json_out_raw(struct json_out *o, const char *key, struct span json);
/* The same for a member name that is data. */
void json_out_str_at(struct json_out *o, struct span key, struct span v);
void json_out_object_at(struct json_out *o, struct span key);

#endif
