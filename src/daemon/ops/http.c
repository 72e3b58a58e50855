/* SPDX-License-Identifier: ISC */
/*
 * evhttp serving metrics.c and page.c.  It shares the main thread's loop and
 * file descriptors, so even an allowed client is limited to one GET or HEAD per
 * connection, small headers and a short time.  Other clients are disconnected
 * at once.
 */
#include "daemon/ops/http.h"

#include "daemon/base/log.h"
#include "daemon/ops/metrics.h"
#include "daemon/ops/page.h"
#include "daemon/path/prefix.h"
#include "platform/clock.h"
#include "platform/network.h"
#include "platform/sockname.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS_MAX 8192
#define CONNECTIONS_MAX 32

/* Without any byte; and for the whole connection, however slow its bytes. */
#define TIMEOUT_SECONDS 5
#define DEADLINE_SECONDS 10

struct connection {
	struct bufferevent *bufferevent; /* evhttp's and ours; NULL: free */
	int64_t deadline;                /* in host_monotonic_ns() */
	bool is_checked;                 /* the peer may ask */
};

struct http {
	struct evhttp *evhttp;
	struct evconnlistener *listener; /* evhttp's */
	const struct http_source *source;
	struct prefix_table *allow; /* NULL: loopback alone */
	struct mh_address endpoint;
	struct connection connections[CONNECTIONS_MAX];
	unsigned int connection_count;
	struct event *watch; /* over the connections and the listener */
};

/*
 * Connections.  evhttp requests a bufferevent for each one that it accepts, but
 * reports neither the peer nor the end of the connection.  So we keep a
 * reference to the bufferevent, and check it once it has its socket.
 */

static bool
may_ask(const struct http *http, const struct connection *connection)
{
	struct mh_address peer;

	host_peer(bufferevent_getfd(connection->bufferevent), &peer);
	return mh_address_class(&peer) == MH_CLASS_LOOPBACK ||
	    (http->allow != NULL &&
		prefix_table_find(http->allow, &peer, 0) != 0);
}

/* Has evhttp freed it?  Then it has no callback any more. */
static bool
is_over(const struct connection *connection)
{
	bufferevent_event_cb function;

	bufferevent_getcb(connection->bufferevent, NULL, NULL, &function, NULL);
	return function == NULL;
}

/* Close it if the peer is not allowed or its time is up; then forget it. */
static void
watch_connection(struct http *http, struct connection *connection)
{
	if (!is_over(connection)) {
		if (!connection->is_checked)
			connection->is_checked = may_ask(http, connection);
		if (!connection->is_checked ||
		    host_monotonic_ns() >= connection->deadline)
			bufferevent_trigger_event(connection->bufferevent,
			    BEV_EVENT_READING | BEV_EVENT_TIMEOUT, 0);
	}
	if (!is_over(connection))
		return;
	bufferevent_decref(connection->bufferevent);
	connection->bufferevent = NULL;
	http->connection_count--;
}

static void
on_watch(evutil_socket_t fd, short events, void *argument)
{
	static const struct timeval busy = { .tv_usec = 100000 },
				    idle = { .tv_sec = 1 };
	struct http *http = argument;
	unsigned int i;

	(void)fd;
	(void)events;
	for (i = 0; i < CONNECTIONS_MAX; i++)
		if (http->connections[i].bufferevent != NULL)
			watch_connection(http, &http->connections[i]);
	/* It may have stopped for lack of file descriptors, too. */
	if (http->connection_count < CONNECTIONS_MAX)
		evconnlistener_enable(http->listener);
	event_add(http->watch, http->connection_count > 0 ? &busy : &idle);
}

static struct bufferevent *
on_connection(struct event_base *base, void *argument)
{
	struct http *http = argument;
	struct connection *connection = http->connections;
	struct bufferevent *bufferevent;

	if (http->connection_count == CONNECTIONS_MAX)
		return NULL;
	/* select() of Windows ends the loop over one that is closed earlier. */
	bufferevent = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (bufferevent == NULL)
		return NULL;
	while (connection->bufferevent != NULL)
		connection++;
	bufferevent_incref(bufferevent);
	*connection = (struct connection){ .bufferevent = bufferevent,
		.deadline = host_monotonic_ns() +
		    DEADLINE_SECONDS * INT64_C(1000000000) };
	/* Others wait in the system's backlog. */
	if (++http->connection_count == CONNECTIONS_MAX)
		evconnlistener_disable(http->listener);
	/* It gets its socket as soon as we return. */
	event_active(http->watch, EV_TIMEOUT, 0);
	return bufferevent;
}

/* False if evhttp made its own bufferevent because we were out of memory. */
static bool
is_watched(const struct http *http, struct evhttp_request *request)
{
	const struct bufferevent *bufferevent =
	    evhttp_connection_get_bufferevent(
		evhttp_request_get_connection(request));
	unsigned int i;

	for (i = 0; i < CONNECTIONS_MAX; i++)
		if (http->connections[i].bufferevent == bufferevent)
			return http->connections[i].is_checked;
	return false;
}

/*
 * Answers.
 */

static void
answer(struct evhttp_request *request, int status, const char *type,
    const char *body, size_t length)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *buffer = evbuffer_new();
	char number[24];

	if (buffer == NULL) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
		return;
	}
	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	evhttp_add_header(headers, "Connection", "close");
	/* evhttp would send the body to HEAD, too. */
	snprintf(number, sizeof(number), "%zu", length);
	evhttp_add_header(headers, "Content-Length", number);
	if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD)
		evbuffer_add(buffer, body, length);
	evhttp_send_reply(request, status, NULL, buffer);
	evbuffer_free(buffer);
}

static void
answer_plain(struct evhttp_request *request, bool good, const char *words)
{
	answer(request, good ? HTTP_OK : HTTP_SERVUNAVAIL,
	    "text/plain; charset=utf-8", words, strlen(words));
}

static void
answer_text(struct evhttp_request *request, const char *type,
    const struct snapshot *snapshot,
    void (*print)(const struct snapshot *snapshot, struct strbuf *text))
{
	struct strbuf text = { .text = NULL };

	print(snapshot, &text);
	if (text.lost)
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
	else
		answer(request, HTTP_OK, type, text.text, text.length);
	free(text.text);
}

static void
on_request(struct evhttp_request *request, void *argument)
{
	const struct http *http = argument;
	const char *path =
	    evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
	const struct snapshot *snapshot;

	snapshot = is_watched(http, request)
	    ? http->source->snapshot(http->source->argument)
	    : NULL;
	if (snapshot == NULL)
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
	else if (path == NULL || strcmp(path, "/") == 0 || *path == '\0')
		answer_text(
		    request, "text/html; charset=utf-8", snapshot, page_print);
	else if (strcmp(path, "/metrics") == 0)
		answer_text(request, "text/plain; version=0.0.4; charset=utf-8",
		    snapshot, metrics_print);
	else if (strcmp(path, "/healthz") == 0)
		answer_plain(request, snapshot->healthy,
		    snapshot->healthy ? "healthy\n"
				      : "a socket does not answer\n");
	else if (strcmp(path, "/readyz") == 0)
		answer_plain(request, snapshot->ready,
		    snapshot->ready ? "ready\n" : "draining\n");
	else
		answer(request, HTTP_NOTFOUND, "text/plain; charset=utf-8",
		    "not found\n", 10);
}

bool
http_configure(struct http *http, const struct config_prefixes *allow)
{
	struct prefix_table *table = NULL;
	struct prefix *prefixes;
	size_t i;

	if (allow->count > 0) {
		prefixes = calloc(allow->count, sizeof(*prefixes));
		if (prefixes == NULL)
			return false;
		for (i = 0; i < allow->count; i++) {
			prefixes[i] = allow->items[i];
			prefixes[i].value = 1;
		}
		table = prefix_table_new(prefixes, allow->count);
		free(prefixes);
		if (table == NULL)
			return false;
	}
	prefix_table_free(http->allow);
	http->allow = table;
	return true;
}

/*
 * Out of file descriptors: new connections wait until the next on_watch(), so
 * that they do not keep the loop busy or fill the log.
 */
static void
on_accept_error(struct evconnlistener *listener, void *argument)
{
	(void)argument; /* evhttp's */
	log_debug("http: cannot accept a connection: %s",
	    evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	evconnlistener_disable(listener);
}

static bool
listen_on(struct http *http, const struct mh_address *endpoint)
{
	char text[MH_ADDRESS_TEXT];
	struct evhttp_bound_socket *bound;

	mh_address_format(endpoint, text, sizeof(text));
	if (endpoint->family == MH_FAMILY_NONE)
		strcpy(text, "::");
	bound =
	    evhttp_bind_socket_with_handle(http->evhttp, text, endpoint->port);
	if (bound == NULL)
		return false;
	http->listener = evhttp_bound_socket_get_listener(bound);
	evconnlistener_set_error_cb(http->listener, on_accept_error);
	http->endpoint = *endpoint;
	http->endpoint.port =
	    host_local_port(evhttp_bound_socket_get_fd(bound));
	return true;
}

struct http *
http_new(struct event_base *base, const struct mh_address *endpoint,
    const struct config_prefixes *allow, const struct http_source *source)
{
	struct http *http = calloc(1, sizeof(*http));
	char text[MH_ADDRESS_TEXT];

	if (http == NULL || !http_configure(http, allow))
		goto fail;
	http->source = source;
	http->evhttp = evhttp_new(base);
	if (http->evhttp == NULL)
		goto fail;
	evhttp_set_allowed_methods(
	    http->evhttp, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(http->evhttp, HEADERS_MAX);
	evhttp_set_max_body_size(http->evhttp, 0);
	evhttp_set_timeout(http->evhttp, TIMEOUT_SECONDS);
	evhttp_set_gencb(http->evhttp, on_request, http);
	evhttp_set_bevcb(http->evhttp, on_connection, http);
	http->watch = evtimer_new(base, on_watch, http);
	if (http->watch != NULL && listen_on(http, endpoint)) {
		on_watch(-1, 0, http);
		return http;
	}
fail:
	log_error("http: cannot listen on %s: %s",
	    mh_endpoint_format(endpoint, text, sizeof(text)),
	    evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	http_free(http);
	return NULL;
}

const struct mh_address *
http_endpoint(const struct http *http)
{
	return &http->endpoint;
}

void
http_free(struct http *http)
{
	unsigned int i;

	if (http == NULL)
		return;
	if (http->evhttp != NULL)
		evhttp_free(http->evhttp);
	for (i = 0; i < CONNECTIONS_MAX; i++)
		if (http->connections[i].bufferevent != NULL)
			bufferevent_decref(http->connections[i].bufferevent);
	if (http->watch != NULL)
		event_free(http->watch);
	prefix_table_free(http->allow);
	free(http);
}
