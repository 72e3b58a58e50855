/* SPDX-License-Identifier: ISC */
/*
 * evhttp in front of report.c.  It shares the loop of the main thread, so
 * whoever may ask gets little: GET and HEAD, small headers, a short time.
 */
#include "daemon/http.h"

#include "daemon/log.h"
#include "daemon/prefix.h"
#include "platform/host.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS_MAX 8192
#define TIMEOUT_SECONDS 5

struct http {
	struct evhttp *evhttp;
	const struct http_source *source;
	struct prefix_table *allow; /* NULL: loopback alone */
	struct mh_address endpoint;
};

static bool
may_ask(const struct http *http, struct evhttp_request *request)
{
	struct evhttp_connection *connection =
	    evhttp_request_get_connection(request);
	struct mh_address peer;
	char *text = NULL;
	ev_uint16_t port;

	evhttp_connection_get_peer(connection, &text, &port);
	if (text == NULL || mh_address_parse(&peer, text) != 0)
		return false;
	return mh_address_class(&peer) == MH_CLASS_LOOPBACK ||
	    (http->allow != NULL &&
		prefix_table_find(http->allow, &peer, 0) != 0);
}

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
    const struct report *report,
    void (*print)(const struct report *report, struct text *text))
{
	struct text text = { .text = NULL };

	print(report, &text);
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
	const struct report *report;

	if (!may_ask(http, request)) {
		answer(request, 403, "text/plain; charset=utf-8",
		    "not allowed\n", 12);
		return;
	}
	report = http->source->report(http->source->argument);
	if (report == NULL)
		evhttp_send_error(request, HTTP_INTERNAL, NULL);
	else if (path == NULL || strcmp(path, "/") == 0 || *path == '\0')
		answer_text(
		    request, "text/html; charset=utf-8", report, report_page);
	else if (strcmp(path, "/metrics") == 0)
		answer_text(request, "text/plain; version=0.0.4; charset=utf-8",
		    report, report_metrics);
	else if (strcmp(path, "/healthz") == 0)
		answer_plain(request, report->healthy,
		    report->healthy ? "healthy\n"
				    : "a socket does not answer\n");
	else if (strcmp(path, "/readyz") == 0)
		answer_plain(request, report->ready,
		    report->ready ? "ready\n" : "draining\n");
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

static void
on_resume(evutil_socket_t fd, short events, void *argument)
{
	(void)fd;
	(void)events;
	evconnlistener_enable(argument);
}

/*
 * Too many connections: new ones wait, and neither keep the loop busy nor fill
 * the log.
 */
static void
on_accept_error(struct evconnlistener *listener, void *argument)
{
	static const struct timeval later = { .tv_sec = 1 };

	(void)argument; /* evhttp's */
	log_debug("http: cannot accept a connection: %s",
	    evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	if (event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT,
		on_resume, listener, &later) == 0)
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
	evconnlistener_set_error_cb(
	    evhttp_bound_socket_get_listener(bound), on_accept_error);
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
	if (listen_on(http, endpoint))
		return http;
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
	if (http == NULL)
		return;
	if (http->evhttp != NULL)
		evhttp_free(http->evhttp);
	prefix_table_free(http->allow);
	free(http);
}
