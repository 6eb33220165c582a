#include "identityd/proxy/target.h"

/* The ports a name goes with. */
enum ports {
	PORTS_AZURE, /* 443 */
	PORTS_OWN,   /* the daemon's */
	PORTS_BOTH,  /* a client that left the port out */
	PORTS_HTTP,  /* 80 */
};
enum { AZURE_PORT = 443, HTTP_PORT = 80, LABEL_MAX = 63 };

static const struct row {
	enum proxy_form form;
	const char *name; /* with a dot in front: one label before it */
	enum ports ports;
	enum proxy_place place;
} rows[] = {
	{ PROXY_CONNECT, "management.azure.com", PORTS_AZURE, PROXY_VAULTD },
	{ PROXY_CONNECT, ".vault.azure.net", PORTS_AZURE, PROXY_VAULTD },
	{ PROXY_CONNECT, ".azurecr.io", PORTS_AZURE, PROXY_VAULTD },
	{ PROXY_CONNECT, "localhost", PORTS_OWN, PROXY_VAULTD },
	{ PROXY_CONNECT, ".vault.localhost", PORTS_BOTH, PROXY_VAULTD },
	{ PROXY_CONNECT, ".azurecr.localhost", PORTS_BOTH, PROXY_VAULTD },
	{ PROXY_CONNECT, "login.microsoftonline.com", PORTS_AZURE, PROXY_LOGIN },
	{ PROXY_CONNECT, "login.windows.net", PORTS_AZURE, PROXY_LOGIN },
	{ PROXY_CONNECT, "sts.windows.net", PORTS_AZURE, PROXY_LOGIN },
	{ PROXY_CONNECT, "graph.microsoft.com", PORTS_AZURE, PROXY_LOGIN },
	{ PROXY_CONNECT, "localhost", PORTS_OWN, PROXY_LOGIN },
	{ PROXY_ABSOLUTE, "169.254.169.254", PORTS_HTTP, PROXY_IMDS },
	{ PROXY_ABSOLUTE, "127.0.0.1", PORTS_OWN, PROXY_IMDS },
	{ PROXY_ABSOLUTE, "localhost", PORTS_OWN, PROXY_IMDS },
};

static uint16_t own_port(enum proxy_place place, const struct endpoints *at)
{
	switch (place) {
	case PROXY_VAULTD:
		return at->tls_port;
	case PROXY_LOGIN:
		return at->login_port;
	case PROXY_IMDS:
		return at->imds_port;
	case PROXY_NOWHERE:
		break;
	}
	return 0;
}

static bool port_fits(const struct row *row, uint16_t port, const struct endpoints *at)
{
	switch (row->ports) {
	case PORTS_AZURE:
		return port == AZURE_PORT;
	case PORTS_HTTP:
		return port == HTTP_PORT;
	case PORTS_BOTH:
		return port == AZURE_PORT || port == own_port(row->place, at);
	case PORTS_OWN:
		break;
	}
	return port == own_port(row->place, at);
}

static bool name_fits(const struct row *row, struct span host)
{
	struct span name = span_cstr(row->name);
	size_t label;

	if (name.p[0] != '.')
		return span_eq_nocase(host, name);
	if (host.len <= name.len || !span_eq_nocase(span_from(host, host.len - name.len), name))
		return false;
	label = host.len - name.len;
	return label <= LABEL_MAX && memchr(host.p, '.', label) == NULL;
}

enum proxy_place proxy_place_of(const struct proxy_head *head, const struct endpoints *at)
{
	for (size_t i = 0; i < ARRAY_LEN(rows) && !head->is_https; i++)
		if (rows[i].form == head->form && name_fits(&rows[i], head->host) &&
		    port_fits(&rows[i], head->port, at))
			return rows[i].place;
	return PROXY_NOWHERE;
}

static void write_row(struct buf *out, const struct row *row, const struct endpoints *at)
{
	uint16_t own = own_port(row->place, at);

	buf_printf(out, "%s%s%s", row->form == PROXY_ABSOLUTE ? "http://" : "", row->name[0] == '.' ? "NAME" : "",
		   row->name);
	if (row->ports == PORTS_AZURE)
		buf_printf(out, ":%u", AZURE_PORT);
	else if (row->ports != PORTS_HTTP && own != 0)
		buf_printf(out, ":%u", own);
}

void proxy_places_write(struct buf *out, const struct endpoints *at)
{
	const char *before = "";

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].ports == PORTS_OWN && own_port(rows[i].place, at) == 0)
			continue;
		buf_put_cstr(out, before);
		write_row(out, &rows[i], at);
		before = ", ";
	}
}
