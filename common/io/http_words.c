/* Names: methods and statuses. */

#include "common/io/http_impl.h"

static const struct {
	enum http_method method;
	enum evhttp_cmd_type cmd;
	const char *name;
} methods[] = {
	{ HTTP_GET, EVHTTP_REQ_GET, "GET" },
	{ HTTP_HEAD, EVHTTP_REQ_HEAD, "HEAD" },
	{ HTTP_POST, EVHTTP_REQ_POST, "POST" },
	{ HTTP_PUT, EVHTTP_REQ_PUT, "PUT" },
	{ HTTP_PATCH, EVHTTP_REQ_PATCH, "PATCH" },
	{ HTTP_DELETE, EVHTTP_REQ_DELETE, "DELETE" },
	{ HTTP_OPTIONS, EVHTTP_REQ_OPTIONS, "OPTIONS" },
};

static const struct {
	int status;
	const char *phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 413, "Request Entity Too Large" },
	{ 416, "Requested Range Not Satisfiable" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 507, "Insufficient Storage" },
};

const char *http_method_name(enum http_method m)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(methods); i++)
		if (methods[i].method == m)
			return methods[i].name;
	return "OTHER";
}

const char *http_status_phrase(int status)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Unknown";
}

enum http_method http_method_of(enum evhttp_cmd_type cmd)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(methods); i++)
		if (methods[i].cmd == cmd)
			return methods[i].method;
	return HTTP_OTHER;
}

ev_uint16_t http_methods_served(void)
{
	ev_uint16_t all = 0;

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		all |= (ev_uint16_t)methods[i].cmd;
	return all;
}
