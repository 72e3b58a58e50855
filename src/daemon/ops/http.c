/* SPDX-License-Identifier: ISC */
/*
 * What is answered to whom.  It shares the main thread's loop with datagrams,
 * so each part of the work is small: connections.c bounds what clients take,
 * render.c makes long texts in slices.  All who ask meanwhile get the same one.
 */
#include "daemon/ops/http.h"

#include "daemon/base/log.h"
#include "daemon/ops/acceptor.h"
#include "daemon/ops/metrics.h"
#include "daemon/ops/page.h"
#include "platform/sockname.h"
#include "platform/stream.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Bytes of all texts that somebody still reads.  If there is more, the readers
 * of the oldest are closed; but not those of the newest.
 */
#define PAGES_MAX ((size_t)32 << 20)

/* A long text, which several connections share. */
struct page {
	struct page *next; /* a newer one */
	struct evbuffer *text;
	size_t length;
	unsigned int users;
};

/* What connections want: the long texts. */
enum { PAGE, METRICS };

struct http {
	struct acceptor **acceptors; /* for each endpoint */
	struct config_endpoints endpoints;
	struct connections_owner owner;
	struct connections *connections;
	struct render *render;
	const struct render_source *source;
	struct access access;
	struct page *pages; /* the oldest first */
	size_t pages_size;
};

/*
 * Answers.
 */

static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 421, "Misdirected Request" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Error";
}

static void
add_head(
    struct connection *connection, int status, const char *type, size_t length)
{
	char date[64];

	evutil_date_rfc1123(date, sizeof(date), NULL);
	evbuffer_add_printf(connection->output,
	    "HTTP/1.1 %d %s\r\nDate: %s\r\n%s"
	    "Content-Type: %s\r\nContent-Length: %zu\r\n"
	    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
	    "Connection: close\r\n\r\n",
	    status, reason(status), date,
	    status == 405 ? "Allow: GET, HEAD\r\n" : "", type, length);
}

static void
answer(struct connection *connection, int status, const char *text)
{
	add_head(connection, status, "text/plain; charset=utf-8", strlen(text));
	if (!connection->is_head)
		evbuffer_add(connection->output, text, strlen(text));
	/* 503 is what /healthz is there to say. */
	connections_send(connection, status != 200 && status != 503);
}

static void
refuse(struct connection *connection, int status)
{
	char text[64];

	if (status == 421)
		answer(connection, status,
		    "this host does not go by that name: see http-host\n");
	else {
		snprintf(text, sizeof(text), "%s\n", reason(status));
		answer(connection, status, text);
	}
}

/*
 * Long texts.
 */

static void
release(struct http *http, struct page *page)
{
	struct page **at = &http->pages;

	if (--page->users > 0)
		return;
	while (*at != page)
		at = &(*at)->next;
	*at = page->next;
	http->pages_size -= page->length;
	evbuffer_free(page->text);
	free(page);
}

/* The newest, with a use of our own; NULL when out of memory. */
static struct page *
add_page(struct http *http, struct evbuffer *text)
{
	struct page *page = calloc(1, sizeof(*page)), **at = &http->pages;

	if (page == NULL) {
		evbuffer_free(text);
		return NULL;
	}
	page->text = text;
	page->length = evbuffer_get_length(text);
	page->users = 1;
	while (*at != NULL)
		at = &(*at)->next;
	*at = page;
	http->pages_size += page->length;
	return page;
}

/* The last reader that goes takes the page with it. */
static void
evict_readers(struct http *http, const struct page *page)
{
	struct connection *connection;
	unsigned int i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		connection = connections_at(http->connections, i);
		if (connection->page == page)
			connections_evict(connection);
	}
}

static void
answer_page(struct connection *connection, struct page *page)
{
	bool added = true;

	if (page == NULL) {
		refuse(connection, 500);
		return;
	}
	add_head(connection, 200,
	    connection->wanted == PAGE
		? "text/html; charset=utf-8"
		: "text/plain; version=0.0.4; charset=utf-8",
	    page->length);
	if (!connection->is_head) {
		page->users++;
		connection->page = page;
		added = evbuffer_add_buffer_reference(
			    connection->output, page->text) == 0;
	}
	if (added)
		connections_send(connection, false);
	else
		connections_evict(connection);
}

/* To all that the text is for. */
static void
answer_claimed(struct http *http, struct page *page)
{
	struct connection *connection;
	unsigned int i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		connection = connections_at(http->connections, i);
		if (connection->is_claimed &&
		    connection->state == CONNECTION_WAITING)
			answer_page(connection, page);
	}
}

/* The one that has waited longest for a text that is not being made. */
static const struct connection *
find_waiting(const struct http *http)
{
	const struct connection *first = NULL, *connection;
	unsigned int i;

	for (i = 0; i < CONNECTIONS_MAX; i++) {
		connection = connections_at(http->connections, i);
		if (connection->state == CONNECTION_WAITING &&
		    !connection->is_claimed &&
		    (first == NULL || connection->serial < first->serial))
			first = connection;
	}
	return first;
}

/* Begin the next text, for all that want it now. */
static void
begin_page(struct http *http)
{
	const struct connection *first;
	struct connection *connection;
	unsigned int i, kind;

	while (!render_is_busy(http->render) &&
	    (first = find_waiting(http)) != NULL) {
		kind = first->wanted;
		for (i = 0; i < CONNECTIONS_MAX; i++) {
			connection = connections_at(http->connections, i);
			connection->is_claimed |=
			    connection->state == CONNECTION_WAITING &&
			    connection->wanted == kind;
		}
		if (!render_start(http->render,
			kind == PAGE ? page_step : metrics_step,
			connections_counters(http->connections)))
			answer_claimed(http, NULL);
	}
}

static void
on_page(void *argument, struct evbuffer *text)
{
	struct http *http = argument;
	struct page *page = text != NULL ? add_page(http, text) : NULL;

	while (http->pages_size > PAGES_MAX && http->pages != page)
		evict_readers(http, http->pages);
	answer_claimed(http, page);
	if (page != NULL)
		release(http, page);
	begin_page(http);
}

/*
 * Requests, for connections.c.
 */

static bool
may_ask(void *argument, const struct mh_address *peer)
{
	const struct http *http = argument;

	return access_may_ask(&http->access, peer);
}

static void
answer_health(struct http *http, struct connection *connection, bool is_ready)
{
	struct snapshot snapshot = { .bindings = NULL };

	http->source->state(http->source->argument, &snapshot);
	if (is_ready)
		answer(connection, snapshot.ready ? 200 : 503,
		    snapshot.ready ? "ready\n" : "draining\n");
	else
		answer(connection, snapshot.healthy ? 200 : 503,
		    snapshot.healthy ? "healthy\n"
				     : "a socket does not answer\n");
}

static bool
is_whole(const char *text, size_t length)
{
	struct httprequest request;

	return httprequest_parse(text, length, &request) !=
	    HTTPREQUEST_INCOMPLETE;
}

static void
on_request(void *argument, struct connection *connection, const char *text,
    size_t length)
{
	struct httprequest request = { .is_head = false };
	struct http *http = argument;
	int status = 500;

	if (text != NULL)
		status = httprequest_parse(text, length, &request);
	connection->is_head = request.is_head;
	if (status != HTTPREQUEST_GOOD)
		refuse(connection, status);
	else if (!access_is_our_name(&http->access, &request.host))
		refuse(connection, 421);
	else if (httprequest_is(&request.path, "/healthz"))
		answer_health(http, connection, false);
	else if (httprequest_is(&request.path, "/readyz"))
		answer_health(http, connection, true);
	else if (httprequest_is(&request.path, "/metrics") ||
	    httprequest_is(&request.path, "/")) {
		connection->wanted = request.path.length > 1 ? METRICS : PAGE;
		begin_page(http);
	} else
		answer(connection, 404, "not found\n");
}

static void
on_closed(void *argument, struct connection *connection)
{
	if (connection->page != NULL)
		release(argument, connection->page);
	connection->page = NULL;
}

bool
http_configure(struct http *http, const struct access_rules *rules)
{
	render_restart(http->render);
	return access_set(&http->access, rules);
}

/*
 * Listening.
 */

/* A socket that is bound to the endpoint; -1 on failure. */
static evutil_socket_t
open_socket(const struct mh_address *endpoint)
{
	evutil_socket_t fd = (evutil_socket_t)host_stream_open(endpoint);

	if (fd == -1)
		return -1;
	if (evutil_make_listen_socket_reuseable(fd) == 0 &&
	    evutil_make_socket_nonblocking(fd) == 0 &&
	    evutil_make_socket_closeonexec(fd) == 0 &&
	    host_stream_bind(fd, endpoint))
		return fd;
	evutil_closesocket(fd);
	return -1;
}

/* One more. */
static bool
listen_on(struct http *http, struct event_base *base,
    const struct mh_address *endpoint)
{
	const size_t number = http->endpoints.count;
	evutil_socket_t fd = open_socket(endpoint);
	struct acceptor *acceptor;
	uint16_t port;

	if (fd == -1)
		return false;
	port = host_local_port(fd);
	acceptor = acceptor_new(base, fd, http->connections);
	if (acceptor == NULL)
		return false;
	http->acceptors[number] = acceptor;
	http->endpoints.items[number] = *endpoint;
	http->endpoints.items[number].port = port;
	http->endpoints.count++;
	return true;
}

static void
log_failure(const struct mh_address *endpoint)
{
	char text[MH_ADDRESS_TEXT];

	log_error("http: cannot listen on %s: %s",
	    mh_endpoint_format(endpoint, text, sizeof(text)),
	    evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
}

/* On all of them, or none. */
static bool
listen_on_all(struct http *http, struct event_base *base,
    const struct config_endpoints *endpoints)
{
	size_t i;

	http->acceptors = calloc(endpoints->count, sizeof(*http->acceptors));
	http->endpoints.items =
	    calloc(endpoints->count, sizeof(*http->endpoints.items));
	if (http->acceptors == NULL || http->endpoints.items == NULL) {
		log_failure(endpoints->items);
		return false;
	}
	for (i = 0; i < endpoints->count; i++)
		if (!listen_on(http, base, &endpoints->items[i])) {
			log_failure(&endpoints->items[i]);
			return false;
		}
	return true;
}

/* All but the socket. */
static bool
make_parts(struct http *http, struct event_base *base)
{
	http->owner = (struct connections_owner){ .name = "http",
		.request_max = HTTPREQUEST_MAX,
		.may_ask = may_ask,
		.is_whole = is_whole,
		.request = on_request,
		.closed = on_closed,
		.argument = http };
	http->render = render_new(base, http->source, on_page, http);
	http->connections = connections_new(base, &http->owner);
	return http->render != NULL && http->connections != NULL;
}

struct http *
http_new(struct event_base *base, const struct config_endpoints *endpoints,
    const struct access_rules *rules, const struct render_source *source)
{
	struct http *http = calloc(1, sizeof(*http));

	if (http == NULL || !access_set(&http->access, rules)) {
		log_failure(endpoints->items);
		http_free(http);
		return NULL;
	}
	http->source = source;
	if (!make_parts(http, base))
		log_failure(endpoints->items);
	else if (listen_on_all(http, base, endpoints))
		return http;
	http_free(http);
	return NULL;
}

const struct config_endpoints *
http_endpoints(const struct http *http)
{
	return &http->endpoints;
}

void
http_free(struct http *http)
{
	size_t i;

	if (http == NULL)
		return;
	for (i = 0; i < http->endpoints.count; i++)
		acceptor_free(http->acceptors[i]);
	free(http->acceptors);
	free(http->endpoints.items);
	connections_free(http->connections);
	render_free(http->render);
	access_clear(&http->access);
	free(http);
}
