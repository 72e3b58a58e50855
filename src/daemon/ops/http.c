/* SPDX-License-Identifier: ISC */
/*
 * evhttp serving metrics.c and page.c.  It shares the main thread's loop and
 * file descriptors, so even an allowed client is limited to one GET or HEAD per
 * connection, small headers and a short time.  Other clients are disconnected
 * at once.  A new connection always gets a place: when there is none, or when a
 * peer has too many, the oldest one without a whole request is closed for it.
 */
#include "daemon/ops/http.h"

#include "daemon/base/log.h"
#include "daemon/ops/access.h"
#include "daemon/ops/metrics.h"
#include "daemon/ops/page.h"
#include "platform/clock.h"
#include "platform/network.h"
#include "platform/sockname.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/listener.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS_MAX 8192
#define CONNECTIONS_MAX 32
#define CONNECTIONS_PEER 16

/* Body of a request, which is read only to be refused. */
#define BODY_MAX 8192

/*
 * Connections accepted before others have had the chance to send their request,
 * and the pause that gives it to them.
 */
#define ACCEPT_MAX 8
#define ACCEPT_PAUSE_US 1000
#define ACCEPT_ERROR_US 20000

#define METHODS                                                                \
	(EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | \
	    EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE |        \
	    EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

#define MISDIRECTED 421 /* RFC 9110 */

/* Without any byte; and for the whole connection, however slow its bytes. */
#define TIMEOUT_SECONDS 5
#define DEADLINE_SECONDS 10

struct connection {
	struct bufferevent *bufferevent; /* evhttp's and ours; NULL: free */
	int64_t deadline;                /* in host_monotonic_ns() */
	struct mh_address peer;          /* once it is checked */
	bool is_checked;                 /* the peer may ask */
	bool has_request;                /* a whole one */
};

struct http {
	struct evhttp *evhttp;
	struct evconnlistener *listener; /* evhttp's */
	const struct http_source *source;
	struct access access;
	struct mh_address endpoint;
	struct connection connections[CONNECTIONS_MAX];
	unsigned int connection_count;
	struct event *watch;   /* over the connections and the listener */
	struct event *resume;  /* accepting */
	unsigned int accepted; /* since the last pause */
	struct snapshot_http counts;
};

/*
 * Connections.  evhttp requests a bufferevent for each one that it accepts, but
 * reports neither the peer nor the end of the connection.  So we keep a
 * reference to the bufferevent, and check it once it has its socket.
 */

/* Has evhttp freed it?  Then it has no callback any more. */
static bool
is_over(const struct connection *connection)
{
	bufferevent_event_cb function;

	bufferevent_getcb(connection->bufferevent, NULL, NULL, &function, NULL);
	return function == NULL;
}

/* Forget it if it is over. */
static void
release(struct http *http, struct connection *connection)
{
	if (!is_over(connection))
		return;
	bufferevent_decref(connection->bufferevent);
	connection->bufferevent = NULL;
	http->connection_count--;
}

/* Close it, whatever it is doing; counted there. */
static void
end(struct http *http, struct connection *connection, uint64_t *count)
{
	bufferevent_trigger_event(
	    connection->bufferevent, BEV_EVENT_READING | BEV_EVENT_TIMEOUT, 0);
	++*count;
	release(http, connection);
}

/* One subscriber has a whole /64. */
static bool
same_peer(const struct mh_address *a, const struct mh_address *b)
{
	return a->family == b->family &&
	    memcmp(a->ip, b->ip, a->family == MH_FAMILY_IPV4 ? 4 : 8) == 0;
}

/*
 * The connection to close for another one, of this peer or of any (NULL): the
 * oldest, but one without a whole request before all with one.  *count: how
 * many there are to choose from; NULL is returned if there are none.
 */
static struct connection *
find_oldest(
    struct http *http, const struct mh_address *peer, unsigned int *count)
{
	struct connection *at = http->connections, *oldest = NULL;

	*count = 0;
	for (; at < http->connections + CONNECTIONS_MAX; at++) {
		if (at->bufferevent == NULL || is_over(at) ||
		    (peer != NULL &&
			(!at->is_checked || !same_peer(&at->peer, peer))))
			continue;
		++*count;
		if (oldest == NULL || at->has_request < oldest->has_request ||
		    (at->has_request == oldest->has_request &&
			at->deadline < oldest->deadline))
			oldest = at;
	}
	return oldest;
}

/* The peer is known now: may it ask, and are these not too many? */
static void
check_peer(struct http *http, struct connection *connection)
{
	struct connection *oldest;
	unsigned int count;

	host_peer(
	    bufferevent_getfd(connection->bufferevent), &connection->peer);
	connection->is_checked =
	    access_may_ask(&http->access, &connection->peer);
	if (!connection->is_checked) {
		end(http, connection, &http->counts.refused);
		return;
	}
	oldest = find_oldest(http, &connection->peer, &count);
	if (count > CONNECTIONS_PEER)
		end(http, oldest, &http->counts.displaced);
}

/* Close it if the peer is not allowed or its time is up; then forget it. */
static void
watch_connection(struct http *http, struct connection *connection)
{
	if (!connection->is_checked && !is_over(connection))
		check_peer(http, connection);
	if (connection->bufferevent == NULL)
		return;
	if (!is_over(connection) && host_monotonic_ns() >= connection->deadline)
		end(http, connection, &http->counts.late);
	else
		release(http, connection);
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
	event_add(http->watch, http->connection_count > 0 ? &busy : &idle);
}

static void
on_resume(evutil_socket_t fd, short events, void *argument)
{
	struct http *http = argument;

	(void)fd;
	(void)events;
	http->accepted = 0;
	evconnlistener_enable(http->listener);
}

/* Others wait in the system's backlog meanwhile. */
static void
pause_accepting(struct http *http, long us)
{
	const struct timeval pause = { .tv_usec = us };

	evconnlistener_disable(http->listener);
	event_add(http->resume, &pause);
}

static struct bufferevent *
on_connection(struct event_base *base, void *argument)
{
	struct http *http = argument;
	struct connection *connection = http->connections;
	struct connection *oldest;
	struct bufferevent *bufferevent;
	unsigned int count;

	if (http->connection_count == CONNECTIONS_MAX) {
		oldest = find_oldest(http, NULL, &count);
		if (oldest != NULL)
			end(http, oldest, &http->counts.displaced);
	}
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
	http->connection_count++;
	if (++http->accepted == ACCEPT_MAX)
		pause_accepting(http, ACCEPT_PAUSE_US);
	/* It gets its socket as soon as we return. */
	event_active(http->watch, EV_TIMEOUT, 0);
	return bufferevent;
}

/* NULL if evhttp made its own bufferevent because we were out of memory. */
static struct connection *
find_connection(struct http *http, struct evhttp_request *request)
{
	const struct bufferevent *bufferevent =
	    evhttp_connection_get_bufferevent(
		evhttp_request_get_connection(request));
	struct connection *at = http->connections;

	for (; at < http->connections + CONNECTIONS_MAX; at++)
		if (at->bufferevent == bufferevent)
			return at;
	return NULL;
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
	/* Ours, whatever the client's: RFC 9110, 6.2. */
	request->major = request->minor = 1;
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
answer_error(struct evhttp_request *request, int status, const char *words)
{
	answer(
	    request, status, "text/plain; charset=utf-8", words, strlen(words));
}

static void
answer_path(struct evhttp_request *request, const struct snapshot *snapshot)
{
	const char *path =
	    evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));

	if (path == NULL || strcmp(path, "/") == 0 || *path == '\0')
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
		answer_error(request, HTTP_NOTFOUND, "not found\n");
}

static void
on_request(struct evhttp_request *request, void *argument)
{
	struct http *http = argument;
	struct connection *connection = find_connection(http, request);
	const struct snapshot *snapshot = NULL;
	const char *host = evhttp_request_get_host(request);

	if (connection != NULL && connection->is_checked) {
		connection->has_request = true;
		snapshot = http->source->snapshot(http->source->argument);
	}
	if (snapshot == NULL) {
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
	} else if (host != NULL &&
	    !access_is_our_name(&http->access, host, snapshot->node)) {
		http->counts.misdirected++;
		answer_error(request, MISDIRECTED,
		    "this host has another name: see http-host\n");
	} else if ((evhttp_request_get_command(request) &
		       (EVHTTP_REQ_GET | EVHTTP_REQ_HEAD)) == 0) {
		evhttp_add_header(evhttp_request_get_output_headers(request),
		    "Allow", "GET, HEAD");
		answer_error(request, HTTP_BADMETHOD, "use GET or HEAD\n");
	} else {
		answer_path(request, snapshot);
	}
}

bool
http_configure(
    struct http *http, const struct config_prefixes *allow, const char *hosts)
{
	return access_set(&http->access, allow, hosts);
}

void
http_counts(const struct http *http, struct snapshot_http *counts)
{
	*counts = http->counts;
}

/*
 * Out of file descriptors: make room as if all places were taken, and wait, so
 * that new connections do not keep the loop busy or fill the log.
 */
static void
on_accept_error(struct evconnlistener *listener, void *argument)
{
	struct http *http = argument;
	struct connection *oldest;
	unsigned int count;

	(void)listener;
	log_debug("http: cannot accept a connection: %s",
	    evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	oldest = find_oldest(http, NULL, &count);
	if (oldest != NULL)
		end(http, oldest, &http->counts.displaced);
	pause_accepting(http, ACCEPT_ERROR_US);
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
    const struct config_prefixes *allow, const char *hosts,
    const struct http_source *source)
{
	struct http *http = calloc(1, sizeof(*http));
	char text[MH_ADDRESS_TEXT];

	if (http == NULL || !http_configure(http, allow, hosts))
		goto fail;
	http->source = source;
	http->evhttp = evhttp_new(base);
	if (http->evhttp == NULL)
		goto fail;
	/* Others than GET and HEAD are refused by us, with the right code. */
	evhttp_set_allowed_methods(http->evhttp, METHODS);
	evhttp_set_max_headers_size(http->evhttp, HEADERS_MAX);
	evhttp_set_max_body_size(http->evhttp, BODY_MAX);
	evhttp_set_timeout(http->evhttp, TIMEOUT_SECONDS);
	evhttp_set_gencb(http->evhttp, on_request, http);
	evhttp_set_bevcb(http->evhttp, on_connection, http);
	http->watch = evtimer_new(base, on_watch, http);
	http->resume = evtimer_new(base, on_resume, http);
	if (http->watch != NULL && http->resume != NULL &&
	    listen_on(http, endpoint)) {
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
	if (http->resume != NULL)
		event_free(http->resume);
	access_clear(&http->access);
	free(http);
}
