/* SPDX-License-Identifier: ISC */
/*
 * Peers that may ask and try to keep others from it: with half requests, with
 * answers that they do not read, one of them or many.  The others are still
 * answered, at once, and so is UDP.
 */
#include "build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "server.h"
#include "web.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* Six times as many as there are places. */
#define CROWD 200

/* Peers with one connection each: more than there are places. */
#define PEERS 40

static struct web_answer answer;
static int fds[CROWD];

static const struct {
	const char *http; /* where it listens, for all that are allowed */
	const char *crowd;
	const char *from;  /* of the crowd */
	const char *other; /* who must be answered */
	const char *other_from;
} places[] = {
	/* The same peer. */
	{ "127.0.0.1:0", "127.0.0.1", NULL, "127.0.0.1", NULL },
	{ "127.0.0.1:0", "127.0.0.1", "127.9.9.9", "127.0.0.1", NULL },
	{ "[::1]:0", "::1", NULL, "::1", NULL },
	{ ":0", "192.0.2.1", NULL, "192.0.2.1", NULL },
	{ ":0", "2001:db8:1::1", NULL, "2001:db8:1::1", NULL },
	/* Another peer. */
	{ ":0", "192.0.2.1", NULL, "192.0.2.1", "192.0.2.101" },
	{ ":0", "2001:db8:1::1", NULL, "2001:db8:1::1", "2001:db8:a1::1" },
	{ ":0", "2001:db8:1::1", NULL, "192.0.2.1", NULL },
};

/* Addresses of other peers, and a route back to them. */
static void
add_peers(const struct lan *lan)
{
	unsigned int i;

	for (i = 1; i <= PEERS; i++)
		netns_ip(lan->client,
		    "addr add 192.0.2.%u/24 dev v0\n"
		    "addr add 2001:db8:a%u::1/128 dev lo nodad\n",
		    100 + i, i);
	netns_ip(lan->server, "route add 2001:db8::/32 via 2001:db8:1::100\n");
}

static void
start(struct server *server, struct client *client, const char *http,
    const char *services)
{
	struct lan lan;
	char line[512];

	lan_new(&lan);
	add_peers(&lan);
	*server = (struct server){ .netns = lan.server };
	snprintf(line, sizeof(line),
	    "--http %s --http-allow 0.0.0.0/0,::/0 echo=:7007 %s", http,
	    services);
	server_start(server, line);
	client_open(client, "0.0.0.0");
	if (*http != ':')
		netns_enter(lan.server);
}

static void
ask(const char *from, const char *address, unsigned int port, const char *path)
{
	int fd = web_dial(from, address, port);
	char text[128];

	snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\n\r\n", path);
	ck_assert_int_eq(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	web_hear(fd, &answer);
}

static unsigned int
ended(const char *result)
{
	char name[128];
	const char *at;

	snprintf(name, sizeof(name),
	    "\nmultihomed_http_connections_total{result=\"%s\"} ", result);
	at = strstr(answer.text, name);
	ck_assert_msg(at != NULL, "no %s in %s", name, answer.text);
	return (unsigned int)strtoul(at + strlen(name), NULL, 10);
}

static void
close_all(void)
{
	int i;

	for (i = 0; i < CROWD; i++)
		close(fds[i]);
}

/*
 * Nothing waited until somebody's time was up: that would have been counted.
 * Every connection that was closed to make room was.
 */
START_TEST(test_half_requests)
{
	struct server server;
	struct client client;
	int i;

	start(&server, &client, places[_i].http, "");
	for (i = 0; i < CROWD; i++) {
		fds[i] = web_dial(
		    places[_i].from, places[_i].crowd, server.http_port);
		(void)send(fds[i], "G", 1, MSG_NOSIGNAL);
	}
	client_ask(&client, "192.0.2.1", 7007);
	for (i = 0; i < 5; i++) {
		ask(places[_i].other_from, places[_i].other, server.http_port,
		    "/healthz");
		ck_assert_int_eq(answer.status, 200);
		client_ask(&client, "192.0.2.1", 7007);
	}
	ask(places[_i].other_from, places[_i].other, server.http_port,
	    "/metrics");
	ck_assert_int_eq(answer.status, 200);
	ck_assert_uint_eq(ended("timeout"), 0);
	ck_assert_uint_ge(ended("evicted"), CROWD - 16);
	ck_assert_uint_eq(
	    server_log_count(&server, "http: too many connections"), 1);
	close_all();
	server_stop(&server);
}
END_TEST

/* Many peers with one connection each take all places, but not for long. */
START_TEST(test_many_peers)
{
	struct server server;
	struct client client;
	char from[64];
	int i;

	start(&server, &client, ":0", "");
	for (i = 0; i < PEERS; i++) {
		snprintf(from, sizeof(from),
		    _i == 0 ? "192.0.2.%d" : "2001:db8:a%d::1",
		    _i == 0 ? 101 + i : 1 + i);
		fds[i] = web_dial(from, _i == 0 ? "192.0.2.1" : "2001:db8:1::1",
		    server.http_port);
		(void)send(fds[i], "GET /", 5, MSG_NOSIGNAL);
	}
	ask(NULL, "192.0.2.1", server.http_port, "/healthz");
	ck_assert_int_eq(answer.status, 200);
	ask(NULL, "2001:db8:1::1", server.http_port, "/metrics");
	ck_assert_int_eq(answer.status, 200);
	ck_assert_uint_eq(ended("timeout"), 0);
	ck_assert_uint_ge(ended("evicted"), PEERS - 32 + 1);
	/* Those that came last still have their places. */
	ck_assert_int_gt(
	    send(fds[PEERS - 1], "healthz HTTP/1.0\r\n\r\n", 20, MSG_NOSIGNAL),
	    0);
	web_hear(fds[PEERS - 1], &answer);
	ck_assert_int_eq(answer.status, 200);
	for (i = 0; i < PEERS - 1; i++)
		close(fds[i]);
	server_stop(&server);
}
END_TEST

/* In KiB, the most that it ever was. */
static unsigned int
peak(const struct server *server)
{
	unsigned int value = 0;
	char path[64], line[256];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)server->pid);
	in = fopen(path, "r");
	ck_assert_ptr_nonnull(in);
	while (fgets(line, sizeof(line), in) != NULL)
		if (sscanf(line, "VmHWM: %u", &value) == 1)
			break;
	fclose(in);
	ck_assert_uint_gt(value, 0);
	return value;
}

/* Several hundred endpoints: no socket's buffer takes the whole text. */
static char *
many_services(unsigned int count)
{
	char *text = malloc(count * 24 + 32);
	size_t length;
	unsigned int i;

	ck_assert_ptr_nonnull(text);
	length = (size_t)sprintf(text, "whoami=");
	for (i = 0; i < count; i++)
		length += (size_t)sprintf(text + length, "%s127.1.%u.%u:7008",
		    i == 0 ? "" : ",", i / 100, i % 100 + 1);
	return text;
}

/*
 * They ask for much and read nothing, again and again: it takes memory for a
 * few texts only, and others are answered.
 */
START_TEST(test_slow_readers)
{
	static const int small = 4096;
	char *services = many_services(100), line[4096];
	struct server server = { .netns = netns_new() };
	unsigned int before;
	int i;

	netns_enter(server.netns);
	snprintf(line, sizeof(line), "--http 127.0.0.1:0 %s", services);
	server_start(&server, line);
	ask(NULL, "127.0.0.1", server.http_port, "/metrics");
	before = peak(&server);
	for (i = 0; i < CROWD; i++) {
		fds[i] = web_dial(NULL, "127.0.0.1", server.http_port);
		ck_assert_int_eq(setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF,
				     &small, sizeof(small)),
		    0);
		(void)send(
		    fds[i], "GET /metrics HTTP/1.0\r\n\r\n", 25, MSG_NOSIGNAL);
		ask(NULL, "127.0.0.1", server.http_port, "/readyz");
		ck_assert_int_eq(answer.status, 200);
	}
	/* 16 texts of half a megabyte, not 200. */
	if (!SERVER_SANITIZED)
		ck_assert_uint_lt(peak(&server), before + 24 * 1024);
	ck_assert_uint_eq(
	    server_log_count(&server, "http: too many connections"), 1);
	close_all();
	server_stop(&server);
	free(services);
}
END_TEST

static const char *const takers[] = { "G", "GET /metrics HTTP/1.0\r\n\r\n" };

/*
 * Out of descriptors, by half requests or slow readers: it neither spins nor
 * logs all of it, others are answered, and it recovers.
 */
START_TEST(test_no_descriptors)
{
	static const int small = 4096;
	char *services = many_services(100), line[4096];
	struct server server = { .netns = netns_new() };
	int i;

	if (!harness_needs_tool("prlimit"))
		return;
	netns_enter(server.netns);
	snprintf(line, sizeof(line), "--http 127.0.0.1:0 %s", services);
	server_start(&server, line);
	web_wait_status(server.http_port, "/healthz", 200);
	/* Three more than now, of the low numbers that come next. */
	netns_shell(server.netns,
	    "prlimit --pid %d --nofile=$(($(ls /proc/%d/fd | "
	    "grep -c '^.\\{1,3\\}$') + 3)):",
	    (int)server.pid, (int)server.pid);
	for (i = 0; i < CROWD; i++) {
		fds[i] = web_dial(NULL, "127.0.0.1", server.http_port);
		ck_assert_int_eq(setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF,
				     &small, sizeof(small)),
		    0);
		(void)send(
		    fds[i], takers[_i], strlen(takers[_i]), MSG_NOSIGNAL);
	}
	server_wait_log(&server, "http: cannot accept a connection: ");
	ck_assert_uint_eq(
	    server_log_count(&server, "http: cannot accept a connection"), 1);
	for (i = 0; i < 5; i++) {
		ask(NULL, "127.0.0.1", server.http_port, "/healthz");
		ck_assert_int_eq(answer.status, 200);
	}
	close_all();
	netns_shell(
	    server.netns, "prlimit --pid %d --nofile=512:", (int)server.pid);
	ask(NULL, "127.0.0.1", server.http_port, "/metrics");
	ck_assert_int_eq(answer.status, 200);
	ck_assert_uint_eq(ended("timeout"), 0);
	ck_assert_uint_ge(ended("failed"), 1);
	ck_assert_uint_lt(ended("failed"), CROWD / 4);
	/* Ten times a second at most. */
	ck_assert_uint_lt(ended("failed"), 10 * HARNESS_PATIENCE_MS / 1000);
	server_stop(&server);
	free(services);
}
END_TEST

static Suite *
http_crowd_suite(void)
{
	Suite *suite = suite_create("net http crowd");
	TCase *tcase = harness_case(suite, "crowd");

	tcase_add_loop_test(tcase, test_half_requests, 0, COUNT(places));
	tcase_add_loop_test(tcase, test_many_peers, 0, 2);
	tcase_add_test(tcase, test_slow_readers);
	tcase_add_loop_test(tcase, test_no_descriptors, 0, COUNT(takers));
	return suite;
}

int
main(void)
{
	return harness_main(http_crowd_suite());
}
