/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/http.c over loopback, on a port that the system chooses: what
 * each path answers, who may ask, and how little one who asks can take.  Client
 * and server share one loop, which runs until the client has what it waits for.
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
#include <string.h>

enum { CONNECTIONS = 32, CONNECTIONS_PEER = 16, DEADLINE = 10, HEADERS = 8192 };

static struct event_base *base;
static struct http *http;
static bool have_snapshot;

static const struct snapshot *
take_snapshot(void *argument)
{
	(void)argument;
	return have_snapshot ? &sample : NULL;
}

static const struct http_source source = { take_snapshot, NULL };
static const struct config_prefixes nobody = { .count = 0 };

static void
setup(void)
{
	const struct mh_address endpoint = unit_address("127.0.0.1:0");

	fake_host_reset();
	scratch_log_begin();
	sample_make();
	have_snapshot = true;
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
	http = http_new(base, &endpoint, &nobody, NULL, &source);
	ck_assert_ptr_nonnull(http);
	ck_assert_uint_ne(http_endpoint(http)->port, 0);
}

static void
teardown(void)
{
	http_free(http);
	event_base_free(base);
	scratch_remove();
}

/* One that asks. */
struct client {
	struct bufferevent *connection;
	bool connected, closed;
	char text[65536]; /* the answer */
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
client_open(struct client *client)
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
		AF_INET, "127.0.0.1", http_endpoint(http)->port),
	    0);
	while (!client->connected)
		event_base_loop(base, EVLOOP_ONCE);
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

/* One request a connection, whatever the client asks for. */
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
	ck_assert_ptr_null(strstr(one.text, " 200 "));
}
END_TEST

START_TEST(test_out_of_memory)
{
	have_snapshot = false;
	expect_status(ask("GET /metrics"), 500);
}
END_TEST

/* Whoever may not ask is gone at once, without an answer. */
START_TEST(test_only_those_allowed)
{
	struct prefix items[1];
	const struct config_prefixes allow = { items, 1 };

	ck_assert_int_eq(prefix_parse(&items[0], "198.51.100.0/24"), 0);
	fake_host.peer = unit_address("198.51.100.9");
	ck_assert_str_eq(ask("GET /readyz"), "");
	ck_assert(http_configure(http, &allow, NULL));
	expect_status(ask("GET /readyz"), 200);
	fake_host.peer = unit_address("198.51.101.9");
	ck_assert_str_eq(ask("GET /readyz"), "");
	fake_host.peer = unit_address("::1");
	expect_status(ask("GET /readyz"), 200);
	fake_host.peer = unit_address("198.51.100.9");
	ck_assert(http_configure(http, &nobody, NULL));
	ck_assert_str_eq(ask("GET /readyz"), "");
	/* One that is gone already leads nowhere. */
	fake_host.peer = unit_address("");
	ck_assert_str_eq(ask("GET /readyz"), "");
	fake_host.peer = unit_address("127.0.0.9");
	expect_status(ask("GET /readyz"), 200);
}
END_TEST

/* Where the name in Host can be: in either place it has to be ours. */
static const struct {
	const char *request;
	int status;
} hosts[] = {
	{ "GET /readyz HTTP/1.1\r\nHost: [2001:db8::1]:9853", 200 },
	{ "GET /readyz HTTP/1.1\r\nHost: gate", 200 },
	{ "GET /readyz HTTP/1.1\r\nHost: a.example:80", 200 },
	{ "GET /readyz HTTP/1.1", 200 },
	{ "GET /readyz HTTP/1.1\r\nHost: c.example", 421 },
	{ "GET http://c.example/readyz HTTP/1.1\r\nHost: localhost", 421 },
	{ "POST /readyz HTTP/1.1\r\nHost: c.example", 421 },
};

START_TEST(test_refuses_other_names)
{
	struct snapshot_http counts;

	sample.node = "gate";
	ck_assert(http_configure(http, &nobody, "a.example"));
	client_open(&one);
	client_send(&one, hosts[_i].request);
	client_send(&one, "\r\nConnection: close\r\n\r\n");
	client_wait(&one);
	expect_status(one.text, hosts[_i].status);
	http_counts(http, &counts);
	ck_assert_uint_eq(counts.misdirected, hosts[_i].status == 421);
}
END_TEST

static struct client idle[CONNECTIONS];

/* All there is to do now, and after the longest pause in accepting. */
static void
run(void)
{
	static const struct timeval pause = { .tv_usec = 2000 };

	event_base_loopexit(base, &pause);
	event_base_dispatch(base);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Connections with half a request, one after the other: from that network. */
static void
crowd(size_t count, const char *network)
{
	size_t i;

	for (i = 0; i < count; i++) {
		fake_host.peer = unit_address(network);
		fake_host.peer.ip[3] = (uint8_t)(network[0] == '1' ? 1 : i);
		client_open(&idle[i]);
		client_send(&idle[i], "GET /");
		run();
		fake_host.monotonic_ns++;
	}
}

static void
leave(size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (idle[i].connection != NULL)
			bufferevent_free(idle[i].connection);
}

/* Of one peer, or of many: the oldest one gives way, and only that. */
static const struct {
	const char *network; /* 1: a single peer */
	size_t count;
} crowds[] = {
	{ "127.0.0.0", CONNECTIONS_PEER },
	{ "203.0.113.0", CONNECTIONS },
};

START_TEST(test_oldest_gives_way)
{
	const size_t count = crowds[_i].count;
	struct prefix all;
	const struct config_prefixes allow = { &all, 1 };
	struct snapshot_http counts;
	size_t i;

	ck_assert_int_eq(prefix_parse(&all, "203.0.113.0/24"), 0);
	ck_assert(http_configure(http, &allow, NULL));
	crowd(count, crowds[_i].network);
	for (i = 0; i < count; i++)
		ck_assert(!idle[i].closed);
	if (_i == 1)
		fake_host.peer = unit_address("::1");
	expect_status(ask("GET /readyz"), 200);
	ck_assert(idle[0].closed);
	for (i = 1; i < count; i++)
		ck_assert(!idle[i].closed);
	/* The others can still complete theirs. */
	client_send(&idle[7], " HTTP/1.0\r\n\r\n");
	client_wait(&idle[7]);
	expect_status(idle[7].text, 200);
	http_counts(http, &counts);
	ck_assert_uint_eq(counts.displaced, 1);
	ck_assert_uint_eq(counts.refused, 0);
	leave(count);
}
END_TEST

/* Nobody holds a place for longer than that, whatever drips. */
START_TEST(test_not_for_ever)
{
	struct snapshot_http counts;
	size_t i;

	crowd(CONNECTIONS_PEER, "127.0.0.0");
	fake_host.monotonic_ns += INT64_C(1000000000) * DEADLINE;
	for (i = 0; i < CONNECTIONS_PEER; i++)
		client_wait(&idle[i]);
	http_counts(http, &counts);
	ck_assert_uint_eq(counts.late, CONNECTIONS_PEER);
	expect_status(ask("GET /readyz"), 200);
}
END_TEST

/* A port that is taken; the log says why. */
START_TEST(test_cannot_listen)
{
	ck_assert_ptr_null(
	    http_new(base, http_endpoint(http), &nobody, NULL, &source));
	ck_assert_ptr_nonnull(
	    strstr(scratch_log(), "error: http: cannot listen on 127.0.0.1:"));
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
	tcase_add_loop_test(tcase, test_refuses_other_names, 0, LENGTH(hosts));
	tcase_add_loop_test(tcase, test_oldest_gives_way, 0, LENGTH(crowds));
	tcase_add_test(tcase, test_not_for_ever);
	tcase_add_test(tcase, test_cannot_listen);
	suite_add_tcase(suite, tcase);
	return suite;
}
