/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/http.c over loopback, on a port that the system chooses: what
 * each path answers, who may ask, and how little a client can take.  Client and
 * server share one loop, which runs until the client has what it waits for.
 */
#include "daemon/ops/http.h"

#include "unit/fake_host.h"
#include "unit/scratch.h"
#include "unit/ops/sample.h"
#include "unit/unit.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 32, OF_PEER = 16, HEADERS = 8192 };

static struct event_base *base;
static struct http *http;
static bool have_memory; /* for the next text */
static bool fails;       /* libevent's next allocation */

static void *
allocate(size_t size)
{
	if (fails) {
		fails = false;
		return NULL;
	}
	return malloc(size);
}

static void
state(void *argument, struct snapshot *snapshot)
{
	(void)argument;
	*snapshot = sample;
	snapshot->bindings = NULL;
	fails = !have_memory;
}

static void
collect(void *argument, size_t number, struct snapshot_binding *binding)
{
	(void)argument;
	*binding = sample.bindings[number % 2];
}

static const struct render_source source = { state, collect, NULL };
static const struct config_prefixes nobody = { .count = 0 };
static struct config_name proxies[] = { { "metrics.example" } };
static const struct config_names hosts = { proxies, 1 };
static const struct access_rules closed_access = { &nobody, &hosts, "gate" };

static void
setup(void)
{
	struct mh_address wanted[] = { unit_address("127.0.0.1:0"),
		unit_address("127.0.0.2:0") };
	const struct config_endpoints endpoints = { wanted, 2 };

	event_set_mem_functions(allocate, realloc, free);
	fake_host_reset();
	scratch_log_begin();
	sample_make();
	have_memory = true;
	fails = false;
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
	http = http_new(base, &endpoints, &closed_access, &source);
	ck_assert_ptr_nonnull(http);
	ck_assert_uint_eq(http_endpoints(http)->count, 2);
	ck_assert_uint_ne(http_endpoints(http)->items[0].port, 0);
}

static void
teardown(void)
{
	http_free(http);
	event_base_free(base);
	scratch_remove();
}

/* A client. */
struct client {
	struct bufferevent *connection;
	bool connected, closed;
	char text[1 << 20]; /* the answer */
	size_t length;
};

static void
on_read(struct bufferevent *connection, void *argument)
{
	struct client *client = argument;

	client->length +=
	    bufferevent_read(connection, client->text + client->length,
		sizeof(client->text) - 1 - client->length);
	client->text[client->length] = '\0';
}

static void
on_event(struct bufferevent *connection, short what, void *argument)
{
	struct client *client = argument;

	(void)connection;
	if ((what & BEV_EVENT_CONNECTED) != 0)
		client->connected = true;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
		client->closed = true;
}

static void
client_open_at(struct client *client, size_t number)
{
	client->connected = client->closed = false;
	client->length = 0;
	client->text[0] = '\0';
	client->connection =
	    bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	ck_assert_ptr_nonnull(client->connection);
	bufferevent_setcb(client->connection, on_read, NULL, on_event, client);
	bufferevent_enable(client->connection, EV_READ | EV_WRITE);
	ck_assert_int_eq(
	    bufferevent_socket_connect_hostname(client->connection, NULL,
		AF_INET, number == 0 ? "127.0.0.1" : "127.0.0.2",
		http_endpoints(http)->items[number].port),
	    0);
	while (!client->connected)
		event_base_loop(base, EVLOOP_ONCE);
}

static void
client_open(struct client *client)
{
	client_open_at(client, 0);
}

static void
client_send(struct client *client, const char *text)
{
	bufferevent_write(client->connection, text, strlen(text));
}

/* Until the server has closed. */
static void
client_wait(struct client *client)
{
	while (!client->closed)
		event_base_loop(base, EVLOOP_ONCE);
	bufferevent_free(client->connection);
	client->connection = NULL;
}

static struct client one;

/* The whole answer to "GET /path", or to any other line; "": none came. */
static const char *
ask(const char *request)
{
	client_open(&one);
	client_send(&one, request);
	client_send(&one, " HTTP/1.0\r\n\r\n");
	client_wait(&one);
	return one.text;
}

static void
expect_status(const char *answer, int status)
{
	int got = 0;

	ck_assert_msg(
	    sscanf(answer, "HTTP/1.%*d %d ", &got) == 1 && got == status,
	    "%d in place of %d: %s", got, status, answer);
}

static const struct {
	const char *request;
	bool healthy, ready;
	int status;
	const char *type, *body;
} requests[] = {
	{ "GET /", true, true, 200, "text/html; charset=utf-8",
	    "<h1>multihomed on gate &lt;1&gt;" },
	{ "GET /metrics", true, true, 200,
	    "text/plain; version=0.0.4; charset=utf-8",
	    "\nmultihomed_healthy 1\n" },
	{ "GET /metrics?a=b", false, true, 200,
	    "text/plain; version=0.0.4; charset=utf-8",
	    "\nmultihomed_healthy 0\n" },
	{ "GET /healthz", true, false, 200, "text/plain; charset=utf-8",
	    "\r\n\r\nhealthy\n" },
	{ "GET /healthz", false, true, 503, "text/plain; charset=utf-8",
	    "\r\n\r\na socket does not answer\n" },
	{ "GET /readyz", false, true, 200, "text/plain; charset=utf-8",
	    "\r\n\r\nready\n" },
	{ "GET /readyz", true, false, 503, "text/plain; charset=utf-8",
	    "\r\n\r\ndraining\n" },
	{ "GET /metrics/", true, true, 404, "text/plain; charset=utf-8",
	    "\r\n\r\nnot found\n" },
};

START_TEST(test_answers_each_path)
{
	char type[128];
	const char *answer;

	sample.healthy = requests[_i].healthy;
	sample.ready = requests[_i].ready;
	answer = ask(requests[_i].request);
	expect_status(answer, requests[_i].status);
	snprintf(
	    type, sizeof(type), "\r\nContent-Type: %s\r\n", requests[_i].type);
	ck_assert_msg(strstr(answer, type) != NULL, "%s", answer);
	ck_assert_msg(strstr(answer, requests[_i].body) != NULL, "%s", answer);
	ck_assert_ptr_nonnull(
	    strstr(answer, "\r\nCache-Control: no-store\r\n"));
	ck_assert_ptr_nonnull(
	    strstr(answer, "\r\nX-Content-Type-Options: nosniff\r\n"));
}
END_TEST

/* The length of the body, but no body. */
START_TEST(test_answers_head)
{
	const char *answer = ask("HEAD /readyz");

	expect_status(answer, 200);
	ck_assert_ptr_nonnull(strstr(answer, "\r\nContent-Length: 6\r\n"));
	ck_assert_str_eq(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
}
END_TEST

/* One request per connection, whatever the client asks for. */
START_TEST(test_closes_after_one)
{
	client_open(&one);
	client_send(&one,
	    "GET /readyz HTTP/1.1\r\nHost: localhost\r\n"
	    "Connection: keep-alive\r\n\r\n");
	client_wait(&one);
	expect_status(one.text, 200);
	ck_assert_ptr_nonnull(strstr(one.text, "\r\nConnection: close\r\n"));
}
END_TEST

static const char *const methods[] = { "POST /", "PUT /metrics",
	"DELETE /healthz", "OPTIONS /", "TRACE /", "PATCH /" };

START_TEST(test_refuses_other_methods)
{
	const char *answer = ask(methods[_i]);

	expect_status(answer, 405);
	ck_assert_ptr_nonnull(strstr(answer, "\r\nAllow: GET, HEAD\r\n"));
	ck_assert_ptr_null(strstr(answer, "multihomed_"));
}
END_TEST

START_TEST(test_refuses_large_headers)
{
	char text[2 * HEADERS];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	client_open(&one);
	client_send(&one, "GET /readyz HTTP/1.0\r\nX: ");
	client_send(&one, text);
	client_send(&one, "\r\n\r\n");
	client_wait(&one);
	expect_status(one.text, 431);
}
END_TEST

START_TEST(test_out_of_memory)
{
	have_memory = false;
	expect_status(ask("GET /metrics"), 500);
}
END_TEST

/* A client that may not ask is disconnected at once, without an answer. */
START_TEST(test_only_those_allowed)
{
	struct prefix items[1];
	const struct config_prefixes allow = { items, 1 };
	const struct access_rules access = { &allow, &hosts, "gate" };

	ck_assert_int_eq(prefix_parse(&items[0], "198.51.100.0/24"), 0);
	fake_host.peer = unit_address("198.51.100.9");
	ck_assert_str_eq(ask("GET /readyz"), "");
	ck_assert(http_configure(http, &access));
	expect_status(ask("GET /readyz"), 200);
	fake_host.peer = unit_address("198.51.101.9");
	ck_assert_str_eq(ask("GET /readyz"), "");
	fake_host.peer = unit_address("::1");
	expect_status(ask("GET /readyz"), 200);
	fake_host.peer = unit_address("198.51.100.9");
	ck_assert(http_configure(http, &closed_access));
	ck_assert_str_eq(ask("GET /readyz"), "");
	/* A connection that is gone already has no peer. */
	fake_host.peer = unit_address("");
	ck_assert_str_eq(ask("GET /readyz"), "");
	fake_host.peer = unit_address("127.0.0.9");
	expect_status(ask("GET /readyz"), 200);
}
END_TEST

static const struct {
	const char *host; /* NULL: none */
	int status;
} named[] = {
	{ NULL, 200 },
	{ "localhost", 200 },
	{ "127.0.0.1:9853", 200 },
	{ "[::1]:9853", 200 },
	{ "gate:9853", 200 },       /* node */
	{ "fake", 200 },            /* host_name() */
	{ "Metrics.Example", 200 }, /* http-host */
	{ "rebound.example", 421 },
	{ "gate.rebound.example", 421 },
	{ "", 421 },
};

/*
 * A site whose name leads here is not answered; nor is one with another path.
 */
START_TEST(test_host)
{
	static const char *const paths[] = { "/", "/metrics", "/healthz",
		"/readyz", "/nothing" };
	char text[256];
	size_t i;

	sample.healthy = true;
	for (i = 0; i < LENGTH(paths); i++) {
		if (named[_i].host == NULL)
			snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\n\r\n",
			    paths[i]);
		else
			snprintf(text, sizeof(text),
			    "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", paths[i],
			    named[_i].host);
		client_open(&one);
		client_send(&one, text);
		client_wait(&one);
		expect_status(one.text,
		    named[_i].status == 200 && i == 4 ? 404 : named[_i].status);
		if (named[_i].status == 421)
			ck_assert_ptr_null(strstr(one.text, "multihomed"));
	}
}
END_TEST

/* A reload brings other names. */
START_TEST(test_other_hosts)
{
	const struct config_names none = { NULL, 0 };
	const struct access_rules access = { &nobody, &none, "port" };

	expect_status(ask("GET http://gate/readyz"), 200);
	expect_status(ask("GET http://metrics.example/readyz"), 200);
	expect_status(ask("GET http://port/readyz"), 421);
	ck_assert(http_configure(http, &access));
	expect_status(ask("GET http://gate/readyz"), 421);
	expect_status(ask("GET http://metrics.example/readyz"), 421);
	expect_status(ask("GET http://port/readyz"), 200);
}
END_TEST

static struct client idle[CONNECTIONS];

/* Whatever there is to do now. */
static void
run(void)
{
	int i;

	for (i = 0; i < CONNECTIONS; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
idle_close(void)
{
	size_t i;

	for (i = 0; i < CONNECTIONS; i++)
		if (idle[i].connection != NULL) {
			bufferevent_free(idle[i].connection);
			idle[i].connection = NULL;
		}
}

/* Half requests of one peer, more of them than it may have. */
static void
crowd(void)
{
	size_t i;

	for (i = 0; i < CONNECTIONS; i++) {
		client_open(&idle[i]);
		client_send(&idle[i], "GET /");
	}
	run();
}

/* The others get no place, but whole requests are answered. */
START_TEST(test_crowd)
{
	size_t i;

	crowd();
	for (i = 0; i < CONNECTIONS; i++)
		ck_assert_int_eq(idle[i].closed, i < CONNECTIONS - OF_PEER);
	for (i = 0; i < 100; i++)
		expect_status(ask("GET /readyz"), 200);
	client_send(&idle[CONNECTIONS - 1], "readyz HTTP/1.0\r\n\r\n");
	client_wait(&idle[CONNECTIONS - 1]);
	expect_status(idle[CONNECTIONS - 1].text, 200);
	ck_assert_ptr_nonnull(
	    strstr(ask("GET /metrics"), "{result=\"evicted\"} 17\n"));
	idle_close();
}
END_TEST

/* All clients that ask at once get the same text, each all of it. */
START_TEST(test_shares_texts)
{
	size_t i;

	for (i = 0; i < OF_PEER; i++) {
		client_open(&idle[i]);
		client_send(&idle[i],
		    i % 4 == 0       ? "GET / HTTP/1.0\r\n\r\n"
			: i % 4 == 1 ? "HEAD /metrics HTTP/1.0\r\n\r\n"
				     : "GET /metrics HTTP/1.0\r\n\r\n");
	}
	for (i = 0; i < OF_PEER; i++) {
		client_wait(&idle[i]);
		expect_status(idle[i].text, 200);
		if (i % 4 == 1)
			ck_assert_str_eq(
			    strstr(idle[i].text, "\r\n\r\n"), "\r\n\r\n");
		else
			ck_assert_ptr_nonnull(strstr(idle[i].text,
			    i % 4 == 0 ? "</html>\n" : "_build_info{"));
	}
}
END_TEST

/* A reload in the middle of it: the text is from after it. */
START_TEST(test_reload)
{
	client_open(&one);
	client_send(&one, "GET /metrics HTTP/1.0\r\n\r\n");
	sample.node = NULL;
	while (fake_host.monotonic_ns++ % 5 != 0)
		event_base_loop(base, EVLOOP_NONBLOCK);
	sample.reloads = 77;
	ck_assert(http_configure(http, &closed_access));
	client_wait(&one);
	ck_assert_ptr_nonnull(strstr(one.text, "{result=\"good\"} 77\n"));
}
END_TEST

/* Slow readers of different large texts: only a few of these are kept. */
START_TEST(test_large_texts)
{
	enum { MANY = 1500, READERS = 8 };
	size_t i, closed = 0, length = 0;

	sample.binding_count = MANY;
	for (i = 0; i < READERS; i++) {
		client_open(&idle[i]);
		client_send(&idle[i], "GET /metrics HTTP/1.0\r\n\r\n");
		while (idle[i].length == 0)
			event_base_loop(base, EVLOOP_ONCE);
		bufferevent_disable(idle[i].connection, EV_READ);
	}
	sample.binding_count = 2;
	ck_assert_ptr_nonnull(
	    strstr(ask("GET /metrics"), "{result=\"evicted\"} "));
	sscanf(strstr(one.text, "{result=\"evicted\"} "),
	    "{result=\"evicted\"} %zu", &closed);
	sscanf(strstr(idle[0].text, "Content-Length: "), "Content-Length: %zu",
	    &length);
	ck_assert_uint_gt(length, 5000000);
	/* A few of several megabytes. */
	ck_assert_uint_eq(closed, READERS - (32 << 20) / length);
	idle_close();
}
END_TEST

/* What follows the request is not answered and does not harm the answer. */
START_TEST(test_pipelined)
{
	const char *second;

	client_open(&one);
	client_send(
	    &one, "GET /readyz HTTP/1.0\r\n\r\nGET /metrics HTTP/1.0\r\n\r\n");
	client_wait(&one);
	expect_status(one.text, 200);
	second = strstr(one.text + 1, "HTTP/1.");
	ck_assert_ptr_null(second);
	ck_assert_ptr_nonnull(strstr(one.text, "\r\n\r\nready\n"));
}
END_TEST

/* Everywhere the same, and each has its turn. */
START_TEST(test_endpoints)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		client_open_at(&one, i);
		client_send(&one, "GET /readyz HTTP/1.0\r\n\r\n");
		client_wait(&one);
		expect_status(one.text, 200);
	}
}
END_TEST

/* A port that is taken, even one of several; the log says which, and why. */
START_TEST(test_cannot_listen)
{
	struct mh_address wanted[] = { unit_address("127.0.0.1:0"),
		http_endpoints(http)->items[1] };
	const struct config_endpoints endpoints = { wanted, 2 };

	ck_assert_ptr_null(http_new(base, &endpoints, &closed_access, &source));
	ck_assert_ptr_nonnull(
	    strstr(scratch_log(), "error: http: cannot listen on 127.0.0.2:"));
	http_free(NULL);
}
END_TEST

Suite *
http_suite(void)
{
	Suite *suite = suite_create("http");
	TCase *tcase = tcase_create("http");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_answers_each_path, 0, LENGTH(requests));
	tcase_add_test(tcase, test_answers_head);
	tcase_add_test(tcase, test_closes_after_one);
	tcase_add_loop_test(
	    tcase, test_refuses_other_methods, 0, LENGTH(methods));
	tcase_add_test(tcase, test_refuses_large_headers);
	tcase_add_test(tcase, test_out_of_memory);
	tcase_add_test(tcase, test_only_those_allowed);
	tcase_add_loop_test(tcase, test_host, 0, LENGTH(named));
	tcase_add_test(tcase, test_other_hosts);
	tcase_add_test(tcase, test_crowd);
	tcase_add_test(tcase, test_shares_texts);
	tcase_add_test(tcase, test_reload);
	tcase_add_test(tcase, test_pipelined);
	tcase_add_test(tcase, test_endpoints);
	tcase_add_test(tcase, test_cannot_listen);
	suite_add_tcase(suite, tcase);
	tcase = unit_long_tcase("large");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_large_texts);
	suite_add_tcase(suite, tcase);
	return suite;
}
