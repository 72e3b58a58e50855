/* SPDX-License-Identifier: ISC */
/*
 * What operators and their tools see over HTTP, and that no client that may not
 * ask, or asks badly, keeps the daemon from answering UDP.
 */
#include "build.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "reload.h"
#include "server.h"
#include "web.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

#define EX_USAGE 64
#define EX_UNAVAILABLE 69

/* -- the scene: the test is on the server's host -- */

static struct web_answer answer;

static void
scene_open(struct server *server, struct client *client, const char *line)
{
	struct lan lan;

	lan_new(&lan);
	*server = (struct server){ .netns = lan.server };
	server_start(server, line);
	ck_assert_uint_ne(server->http_port, 0);
	client_open(client, "0.0.0.0");
	netns_enter(lan.server);
}

/* -- metrics -- */

START_TEST(test_metrics)
{
	struct server server;
	struct client client;
	char *file;
	FILE *out;

	scene_open(&server, &client,
	    "--http 127.0.0.1:0 -w 2 echo=:7007 whoami:a.b-c=192.0.2.1:7008 "
	    "discard=[::1]:7009");
	client_ask(&client, "192.0.2.1", 7007);
	client_ask(&client, "198.51.100.1", 7007);
	server_wait_counter(
	    &server, "answered", server_counter(&server, "answered"));
	ck_assert_int_eq(web_get(&answer, server.http_port, "/metrics"), 200);
	ck_assert_ptr_nonnull(
	    strstr(answer.text, "Content-Type: text/plain; version=0.0.4"));
	ck_assert_ptr_nonnull(strstr(answer.text,
	    "multihomed_asked_total{service=\"echo\",endpoint=\"[::]:7007\","
	    "local=\"198.51.100.1\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(answer.text,
	    "multihomed_drops_total{service=\"whoami:a.b-c\","
	    "endpoint=\"192.0.2.1:7008\",reason=\"rate\"} 0\n"));
	ck_assert_ptr_nonnull(
	    strstr(answer.text, "multihomed_queue_delay_seconds_bucket{"));
	ck_assert_ptr_nonnull(
	    strstr(answer.text, "multihomed_build_info{version=\""));
	server_stop(&server);
	if (!harness_needs_tool("promtool"))
		return;
	file = strdup(harness_file("metrics"));
	out = fopen(file, "w");
	ck_assert_ptr_nonnull(out);
	fputs(strstr(answer.text, "\r\n\r\n") + 4, out);
	fclose(out);
	netns_shell(server.netns, "promtool check metrics <%s >&2", file);
	free(file);
}
END_TEST

/* -- pages and methods -- */

/* It counts self-probes apart. */
START_TEST(test_page)
{
	struct server server;
	struct client client;

	scene_open(&server, &client,
	    "--http 127.0.0.1:0 -w 2 echo=192.0.2.1:7007 "
	    "discard=198.51.100.1:7009");
	client_ask(&client, "192.0.2.1", 7007);
	client_send(&client, "198.51.100.1", 7009, "x", 1);
	server_wait_counter(&server, "silent", 1);
	ck_assert_int_eq(web_get(&answer, server.http_port, "/"), 200);
	ck_assert_ptr_nonnull(strstr(answer.text,
	    "<tr><td>echo</td><td>192.0.2.1:7007</td><td>1</td><td>1</td>"));
	server_stop(&server);
}
END_TEST

static const struct {
	const char *text;
	int status;
	const char *said; /* NULL: anything */
} requests[] = {
	{ "GET / HTTP/1.1\r\nHost: localhost:80\r\n", 200,
	    "<h1>multihomed on " },
	{ "GET /?a=b HTTP/1.0\r\n", 200, "<h1>multihomed on " },
	{ "GET /metrics HTTP/1.0\r\n", 200, "multihomed_ready 1" },
	{ "GET /readyz HTTP/1.0\r\n", 200, "ready\n" },
	{ "GET /nothing HTTP/1.0\r\n", 404, "not found\n" },
	{ "GET /../../etc/passwd HTTP/1.0\r\n", 404, "not found\n" },
	{ "GET /%2e%2e/metrics HTTP/1.0\r\n", 404, "not found\n" },
	{ "GET //metrics HTTP/1.0\r\n", 404, "not found\n" },
	{ "HEAD / HTTP/1.0\r\n", 200, NULL },
	{ "POST / HTTP/1.0\r\nContent-Length: 0\r\n", 405,
	    "\r\nAllow: GET, HEAD\r\n" },
	{ "PUT / HTTP/1.0\r\nContent-Length: 0\r\n", 405,
	    "\r\nAllow: GET, HEAD\r\n" },
	{ "DELETE / HTTP/1.0\r\n", 405, "\r\nAllow: GET, HEAD\r\n" },
	{ "OPTIONS / HTTP/1.0\r\n", 405, "\r\nAllow: GET, HEAD\r\n" },
	{ "TRACE / HTTP/1.0\r\n", 405, "\r\nAllow: GET, HEAD\r\n" },
	{ "CONNECT x:1 HTTP/1.0\r\n", 405, "\r\nAllow: GET, HEAD\r\n" },
	{ "NONSENSE / HTTP/1.0\r\n", 405, "\r\nAllow: GET, HEAD\r\n" },
	{ "GET / HTTP/1.0\r\nContent-Length: 1000000\r\n", 413, NULL },
	{ "\x16\x03\x01\x02 TLS", 400, NULL },
	{ "GET http://192.0.2.1/readyz HTTP/1.1\r\nHost: x\r\n", 200,
	    "ready\n" },
	{ "GET http://x/readyz HTTP/1.1\r\nHost: localhost\r\n", 421,
	    "http-host" },
	{ "GET /metrics HTTP/1.1\r\nHost: rebound.example\r\n", 421,
	    "http-host" },
	{ "GET /metrics HTTP/1.0\r\nHost: localhost.example\r\n", 421, NULL },
	{ "GET /readyz HTTP/1.1\r\nHost: Gate:9853\r\n", 200, "ready\n" },
	{ "GET /readyz HTTP/1.1\r\nHost: metrics.example\r\n", 200, "ready\n" },
	{ "GET /readyz HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n", 200,
	    "ready\n" },
	{ "GET /healthz HTTP/1.1\r\n", 400, NULL },
	{ "GET /healthz HTTP/1.0\r\nHost: localhost\r\nHost: localhost\r\n",
	    400, NULL },
	{ "GET /healthz HTTP/2.0\r\n", 505, NULL },
};

START_TEST(test_requests)
{
	struct server server;
	struct client client;
	char text[512];

	scene_open(&server, &client,
	    "--http 127.0.0.1:0 --http-host metrics.example --node gate "
	    "echo=:7007");
	snprintf(text, sizeof(text), "%s%s\r\n", requests[_i].text,
	    strstr(requests[_i].text, "HTTP/1.1") ? "Connection: close\r\n"
						  : "");
	web_request(&answer, "127.0.0.1", server.http_port, text);
	ck_assert_msg(
	    requests[_i].status == 0 || answer.status == requests[_i].status,
	    "%s: %d: %s", requests[_i].text, answer.status, answer.text);
	if (requests[_i].said != NULL)
		ck_assert_msg(strstr(answer.text, requests[_i].said) != NULL,
		    "%s", answer.text);
	/* For people: no script, nothing from elsewhere. */
	ck_assert_ptr_null(strstr(answer.text, "<script"));
	ck_assert_ptr_null(strstr(answer.text, "src="));
	if (strncmp(requests[_i].text, "HEAD", 4) == 0)
		ck_assert_ptr_null(strstr(answer.text, "<html"));
	client_ask(&client, "192.0.2.1", 7007);
	ck_assert_int_eq(web_get(&answer, server.http_port, "/readyz"), 200);
	server_stop(&server);
}
END_TEST

/* More than anybody needs is refused, not stored. */
START_TEST(test_oversized)
{
	static char text[65536];
	struct server server;
	struct client client;
	int fd;

	scene_open(&server, &client, "--http 127.0.0.1:0 echo=:7007");
	memset(text, 'a', sizeof(text));
	memcpy(text, "GET / HTTP/1.0\r\nX: ", 19);
	if (_i == 1)
		memcpy(text, "GET /aaaaaaaaaaaaaaa", 20);
	fd = web_dial(NULL, "127.0.0.1", server.http_port);
	(void)send(fd, text, sizeof(text), MSG_NOSIGNAL);
	web_hear(fd, &answer);
	ck_assert_int_eq(answer.status, _i == 1 ? 414 : 431);
	client_ask(&client, "192.0.2.1", 7007);
	ck_assert_int_eq(web_get(&answer, server.http_port, "/readyz"), 200);
	server_stop(&server);
}
END_TEST

/* -- slow, many, gone -- */

#define SLOW 64

START_TEST(test_slow)
{
	struct server server;
	struct client client;
	struct linger now = { .l_onoff = 1 };
	int fds[SLOW], i;

	scene_open(&server, &client, "--http 127.0.0.1:0 echo=:7007");
	for (i = 0; i < SLOW; i++) {
		fds[i] = web_dial(NULL, "127.0.0.1", server.http_port);
		ck_assert_int_eq(send(fds[i], "GET /met", 8, MSG_NOSIGNAL), 8);
		client_ask(&client, "192.0.2.1", 7007);
	}
	/* Ask for much, read nothing, and reset the connection. */
	for (i = 0; i < SLOW; i++) {
		(void)send(fds[i], "rics HTTP/1.1\r\n\r\n", 17, MSG_NOSIGNAL);
		(void)send(
		    fds[i], "GET /metrics HTTP/1.1\r\n\r\n", 25, MSG_NOSIGNAL);
		client_ask(&client, "192.0.2.1", 7007);
		ck_assert_int_eq(setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &now,
				     sizeof(now)),
		    0);
		close(fds[i]);
	}
	client_ask(&client, "192.0.2.1", 7007);
	ck_assert_int_eq(web_get(&answer, server.http_port, "/readyz"), 200);
	server_stop(&server);
}
END_TEST

/* Fewer than the connections that come, and than it has places for. */
static const int limits[] = { 40, 32 };

/* More connections than descriptors: the log does not fill, UDP goes on. */
START_TEST(test_many)
{
	char wrapper[64];
	struct server server = { .wrapper = wrapper };
	struct client client;
	int fds[SLOW], i;
	struct lan lan;

	if (!harness_needs_tool("prlimit"))
		return;
	lan_new(&lan);
	snprintf(wrapper, sizeof(wrapper), "/usr/bin/env prlimit --nofile=%d",
	    limits[_i]);
	server.netns = lan.server;
	server_start(&server, "--http 127.0.0.1:0 --rate none echo=:7007");
	client_open(&client, "0.0.0.0");
	netns_enter(lan.server);
	for (i = 0; i < SLOW; i++)
		fds[i] = web_dial(NULL, "127.0.0.1", server.http_port);
	for (i = 0; i < 1000; i++)
		client_ask(&client, "192.0.2.1", 7007);
	ck_assert_uint_le(server_log_count(&server, "libevent: "), 2);
	for (i = 0; i < SLOW; i++)
		close(fds[i]);
	web_wait_status(server.http_port, "/readyz", 200);
	server_stop(&server);
}
END_TEST

/* -- who drips -- */

/* The descriptors that it has. */
static int
count_files(pid_t pid)
{
	struct dirent *entry;
	DIR *directory;
	char path[64];
	int count = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	directory = opendir(path);
	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

/* Send another byte; false if the connection is gone. */
static bool
drip(int fd)
{
	char bytes[512];

	(void)send(fd, "a", 1, MSG_NOSIGNAL);
	return recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) < 0 &&
	    errno == EAGAIN;
}

#define HTTP_CONNECTIONS 32

/* Clients that never finish a request: not too many, and not forever. */
START_TEST(test_drip)
{
	long long deadline = harness_now() + 10000 + HARNESS_PATIENCE_MS;
	struct server server;
	struct client client;
	int fds[SLOW], i, before, there = SLOW;

	scene_open(&server, &client, "--http 127.0.0.1:0 echo=:7007");
	before = count_files(server.pid);
	/* All at once. */
	server_freeze(&server);
	for (i = 0; i < SLOW; i++)
		fds[i] = web_dial(NULL, "127.0.0.1", server.http_port);
	server_thaw(&server);
	for (i = 0; i < 100; i++)
		client_ask(&client, "192.0.2.1", 7007);
	ck_assert_int_le(count_files(server.pid), before + HTTP_CONNECTIONS);
	/* Until the first ones are over: then the others have their turn. */
	while (there > SLOW - HTTP_CONNECTIONS) {
		ck_assert_msg(harness_now() < deadline, "%d go on", there);
		poll(NULL, 0, 500);
		for (i = there = 0; i < SLOW; i++)
			there += drip(fds[i]);
		client_ask(&client, "192.0.2.1", 7007);
	}
	for (i = 0; i < SLOW; i++)
		close(fds[i]);
	web_wait_status(server.http_port, "/readyz", 200);
	ck_assert_int_le(count_files(server.pid), before + HTTP_CONNECTIONS);
	server_stop(&server);
}
END_TEST

/*
 * Clients that may not ask take nothing from those that may, nor from a reload.
 */
START_TEST(test_strangers)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	struct server server = { .wrapper =
				     "/usr/bin/env prlimit --nofile=48" };
	struct pollfd gone = { .events = POLLIN };
	int fds[SLOW], i;
	struct lan lan;

	if (!harness_needs_tool("prlimit"))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "--http :0 --http-allow 203.0.113.1 -c %s",
	    path);
	server_start(&server, line);
	netns_enter(lan.server);
	for (i = 0; i < SLOW; i++) {
		fds[i] = web_dial(NULL, "192.0.2.1", server.http_port);
		(void)drip(fds[i]);
	}
	for (i = 0; i < SLOW; i++) {
		gone.fd = fds[i];
		ck_assert_int_eq(
		    poll(&gone, 1, (int)(deadline - harness_now())), 1);
		ck_assert(!drip(fds[i]));
	}
	ck_assert_int_eq(web_get(&answer, server.http_port, "/readyz"), 200);
	reload_now(&server, true);
	server_read_ports(&server);
	server_stop(&server);
	free(path);
}
END_TEST

/* -- health -- */

static const char *const healthy[] = {
	"echo=:7007",
	"--stack two echo=:7007",
	"-w 2 echo=192.0.2.1:7007 discard=[2001:db8:1::1]:7008",
	"-w 3 --cpu-affinity --stack two echo=:7007 whoami=127.0.0.1:7008",
	"-w 64 echo=:7007",
	/* Rules that refuse even our own queries. */
	"--allow 192.0.2.0/24 echo=:7007",
	"--serve 192.0.2.0/24 --trust= --max-amplification 0 echo=:7007",
	"--deny 0.0.0.0/0,::/0 --rate 1/s echo=:7007",
	"--freebind echo=192.0.2.99:7007",
	/* The second address of its interface and family, or one of many. */
	"discard=192.0.2.2:7007 whoami=[2001:db8:1::2]:7007",
	"-w 3 discard=192.0.2.2:7007",
	"discard=203.0.113.7:7007 whoami=198.51.100.1:7007",
	"discard=[fe80::1%v0]:7007",
	/* Loopback, but not the address that we query from. */
	"echo=127.0.0.2:7007",
	"-w 2 discard=127.0.0.2:7007 whoami=127.255.255.254:7008",
};

START_TEST(test_healthy)
{
	struct server server;
	struct client client;
	char line[256];

	snprintf(line, sizeof(line),
	    "--http 127.0.0.1:0 --probe-interval 1s %s", healthy[_i]);
	scene_open(&server, &client, line);
	web_wait_status(server.http_port, "/healthz", 200);
	server_stop(&server);
}
END_TEST

struct wildcards {
	unsigned int count;
	/* Of the last one: */
	unsigned int port;
	char line[256]; /* in the table */
};

/* The wildcard sockets in that table, which is of this namespace. */
static struct wildcards
wildcards(const struct server *server, const char *table)
{
	struct wildcards found = { 0 };
	char path[64], line[256], address[64];
	unsigned int port;
	FILE *file;

	snprintf(
	    path, sizeof(path), "/proc/%d/net/%s", (int)server->pid, table);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, " %*d: %63[0-9A-F]:%x", address, &port) != 2 ||
		    strspn(address, "0") != strlen(address))
			continue;
		found.count++;
		found.port = port;
		memcpy(found.line, line, sizeof(line));
	}
	ck_assert(feof(file));
	fclose(file);
	return found;
}

/* No stranger can reach the sockets that the queries come from. */
START_TEST(test_no_open_socket)
{
	struct server server;
	struct client client;

	scene_open(&server, &client,
	    "--http 127.0.0.1:0 --probe-interval 1s echo=127.0.0.1:7007 "
	    "echo=192.0.2.1:7008 echo=[2001:db8:1::1]:7009");
	web_wait_status(server.http_port, "/healthz", 200);
	ck_assert_uint_eq(wildcards(&server, "udp").count, 0);
	ck_assert_uint_eq(wildcards(&server, "udp6").count, 0);
	server_stop(&server);
	/* It would have been seen by now. */
	scene_open(&server, &client, "--http 127.0.0.1:0 echo=:7007");
	ck_assert_uint_eq(wildcards(&server, "udp6").count, 1);
	server_stop(&server);
}
END_TEST

/* Datagrams that the system dropped at the last of those sockets. */
static unsigned int
dropped(const struct wildcards *found)
{
	const char *drops = strrchr(found->line, ' ');

	ck_assert_uint_eq(found->count, 1);
	ck_assert_ptr_nonnull(drops);
	return (unsigned int)strtoul(drops, NULL, 10);
}

/* Until exactly that many are dropped. */
static void
wait_dropped(const struct server *server, unsigned int wanted)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	struct wildcards found = wildcards(server, "udp6");

	while (dropped(&found) < wanted) {
		ck_assert_msg(harness_now() < deadline, "%u dropped, not %u",
		    dropped(&found), wanted);
		poll(NULL, 0, 5);
		found = wildcards(server, "udp6");
	}
	ck_assert_uint_eq(dropped(&found), wanted);
}

/*
 * A link-local address is queried from the wildcard, which strangers can reach:
 * the system drops what they send, and puts none of it into the buffer.
 */
START_TEST(test_strangers_at_the_probe)
{
	enum { STRANGERS = 100, QUERY_SIZE = 24 };
	static const char junk[QUERY_SIZE + 1] = "not the secret";
	struct server server;
	struct client client;
	struct wildcards found;
	struct lan lan;
	unsigned int i;

	lan_new(&lan);
	server = (struct server){ .netns = lan.server };
	server_start(&server,
	    "--http 127.0.0.1:0 --probe-interval 1s echo=[fe80::1%v0]:7007");
	client_open(&client, "::");
	netns_enter(lan.server);
	web_wait_status(server.http_port, "/healthz", 200);
	found = wildcards(&server, "udp6");
	ck_assert_uint_eq(dropped(&found), 0);
	for (i = 0; i < STRANGERS; i++)
		client_send(&client, "2001:db8:1::1", found.port, junk,
		    i % 2 ? QUERY_SIZE : sizeof(junk));
	wait_dropped(&server, STRANGERS);
	web_wait_status(server.http_port, "/healthz", 200);
	server_stop(&server);
}
END_TEST

/* A firewall's hook and rule: no query arrives, or no reply leaves. */
static const char *const walls[][2] = {
	{ "input", "udp dport 7008" },
	{ "output", "udp sport 7008" },
};

/* What /healthz says of what nobody can ask. */
static const struct {
	const char *option;
	int status;
} unasked[] = {
	{ "", 200 },
	{ "--health-unasked pass", 200 },
	{ "--health-unasked fail", 503 },
};

/* The metric of how many endpoints cannot be queried. */
static void
expect_unasked(const struct server *server, unsigned int count)
{
	char line[60];

	snprintf(
	    line, sizeof(line), "\nmultihomed_unasked_endpoints %u\n", count);
	ck_assert_int_eq(web_get(&answer, server->http_port, "/metrics"), 200);
	ck_assert_msg(strstr(answer.text, line) != NULL, "not %s", line + 1);
}

/* A firewall in front of a socket, which /healthz reports if it shall. */
START_TEST(test_unhealthy)
{
	const char *const *wall = walls[_i % 2];
	int status = unasked[_i / 2].status;
	struct server server;
	struct client client;
	char line[200];

	if (!harness_needs_tool("nft"))
		return;
	snprintf(line, sizeof(line),
	    "--http 127.0.0.1:0 --probe-interval 1s %s echo=:7007 "
	    "whoami=:7008",
	    unasked[_i / 2].option);
	scene_open(&server, &client, line);
	web_wait_status(server.http_port, "/healthz", 200);
	expect_unasked(&server, 0);
	netns_shell(server.netns,
	    "nft 'add table inet t; add chain inet t c { type filter hook %s "
	    "priority 0; }; add rule inet t c %s drop'",
	    wall[0], wall[1]);
	server_wait_log(&server, "self-probe: cannot query [::]:7008: ");
	expect_unasked(&server, 1);
	web_wait_status(server.http_port, "/healthz", status);
	client_ask(&client, "192.0.2.1", 7007);
	netns_shell(server.netns, "nft delete table inet t");
	server_wait_log(&server, "all sockets can be queried again");
	web_wait_status(server.http_port, "/healthz", 200);
	expect_unasked(&server, 0);
	server_stop(&server);
}
END_TEST

#define BLOCK                                                                 \
	"nft 'add table inet t; add chain inet t c { type filter hook input " \
	"priority 0; }; add rule inet t c udp dport 7007 drop'"

/* A socket that was not queried is not healthy. */
START_TEST(test_unhealthy_at_start)
{
	struct server server;
	struct lan lan;

	if (!harness_needs_tool("nft"))
		return;
	lan_new(&lan);
	server = (struct server){ .netns = lan.server };
	netns_shell(lan.server, BLOCK);
	server_start(&server,
	    "--http 127.0.0.1:0 --probe-interval 4s --health-unasked fail "
	    "echo=:7007");
	netns_enter(lan.server);
	ck_assert_int_eq(web_get(&answer, server.http_port, "/healthz"), 503);
	netns_shell(lan.server, "nft delete table inet t");
	web_wait_status(server.http_port, "/healthz", 200);
	server_stop(&server);
}
END_TEST

/* A socket whose address is gone answers nobody, here. */
START_TEST(test_unhealthy_without_address)
{
	struct server server;
	struct lan lan;
	char line[200];

	lan_new(&lan);
	server = (struct server){ .netns = lan.server };
	netns_ip(lan.server, "addr add 198.18.0.7/32 dev lo\n");
	snprintf(line, sizeof(line),
	    "--http 127.0.0.1:0 --probe-interval 1s %s echo=198.18.0.7:7007",
	    unasked[_i].option);
	server_start(&server, line);
	netns_enter(lan.server);
	web_wait_status(server.http_port, "/healthz", 200);
	netns_ip(lan.server, "addr del 198.18.0.7/32 dev lo\n");
	server_wait_log(&server, "self-probe: cannot query 198.18.0.7:7007: ");
	web_wait_status(server.http_port, "/healthz", unasked[_i].status);
	netns_ip(lan.server, "addr add 198.18.0.7/32 dev lo\n");
	web_wait_status(server.http_port, "/healthz", 200);
	server_stop(&server);
}
END_TEST

static const char *const stuck[] = {
	"-w 3 echo=:7007 whoami=:7008",
	"-w 3 --stack two --cpu-affinity echo=:7007",
	"-w 3 echo=192.0.2.1:7007",
};

/* One worker hangs and all others answer: /healthz says so. */
START_TEST(test_unhealthy_worker)
{
	struct server server;
	struct client client;
	char line[256];

	snprintf(line, sizeof(line),
	    "--http 127.0.0.1:0 --probe-interval 1s %s", stuck[_i]);
	scene_open(&server, &client, line);
	web_wait_status(server.http_port, "/healthz", 200);
	ck_assert_uint_eq(server_log_count(&server, "self-probe: "), 0);
	server_freeze_thread(&server);
	web_wait_status(server.http_port, "/healthz", 503);
	server_wait_log(&server, "of worker 3 of 3");
	ck_assert_uint_eq(server_log_count(&server, "of worker 1 of 3"), 0);
	ck_assert_uint_eq(server_log_count(&server, "of worker 2 of 3"), 0);
	ck_assert_int_eq(web_get(&answer, server.http_port, "/metrics"), 200);
	server_thaw_thread(&server);
	web_wait_status(server.http_port, "/healthz", 200);
	/* The sum is right again, too. */
	ck_assert_uint_gt(server_counter(&server, "self-probes"), 0);
	server_stop(&server);
}
END_TEST

/*
 * Such a worker cannot be queried: a reload is refused, a stop does not wait
 * for it.
 */
START_TEST(test_stuck_reload)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[256];
	struct server server;
	struct client client;

	snprintf(line, sizeof(line), "--http 127.0.0.1:0 -w 3 -c %s", path);
	scene_open(&server, &client, line);
	server_freeze_thread(&server);
	reload_now(&server, false);
	ck_assert_uint_eq(
	    server_log_count(&server, "error: worker 3 of 3 is stuck"), 1);
	ck_assert_int_eq(web_get(&answer, server.http_port, "/metrics"), 200);
	ck_assert_ptr_nonnull(strstr(
	    answer.text, "\nmultihomed_reloads_total{result=\"refused\"} 1\n"));
	server_thaw_thread(&server);
	reload_now(&server, true);
	server_stop(&server);
	free(path);
}
END_TEST

START_TEST(test_stuck_stop)
{
	struct server server;
	struct client client;

	scene_open(&server, &client, "--http 127.0.0.1:0 -w 3 echo=:7007");
	server_freeze_thread(&server);
	server_stop_frozen(&server, SIGTERM, 71);
}
END_TEST

/* -- drain -- */

START_TEST(test_drain)
{
	struct server server;
	struct client client;

	scene_open(&server, &client,
	    _i == 0 ? "--http 127.0.0.1:0 echo=:7007"
		    : "--http 127.0.0.1:0 -w 2 --drain-time 60 echo=:7007");
	ck_assert_int_eq(web_get(&answer, server.http_port, "/readyz"), 200);
	ck_assert_int_eq(kill(server.pid, _i == 0 ? SIGUSR2 : SIGTERM), 0);
	web_wait_status(server.http_port, "/readyz", 503);
	web_wait_status(server.http_port, "/healthz", 200);
	client_ask(&client, "192.0.2.1", 7007);
	client_ask(&client, "192.0.2.2", 7007);
	if (_i == 0) {
		ck_assert_int_eq(kill(server.pid, SIGUSR2), 0);
		web_wait_status(server.http_port, "/readyz", 200);
	}
	/* A second signal ends the wait. */
	server_stop(&server);
}
END_TEST

/* -- who may ask -- */

static const struct {
	const char *line, *said;
	int code;
} refused[] = {
	{ "--http 192.0.2.1:0 echo=:0", "on loopback", EX_USAGE },
	{ "--http :0 echo=:0", "on loopback", EX_USAGE },
	{ "--http [2001:db8:1::1]:0 echo=:0", "on loopback", EX_USAGE },
	{ "--http 127.0.0.1:0,192.0.2.1:0 echo=:0", "on loopback", EX_USAGE },
};

START_TEST(test_refused)
{
	struct server server = { .netns = netns_new() };
	char said[80];

	ck_assert_int_eq(
	    server_run(&server, refused[_i].line), refused[_i].code);
	snprintf(said, sizeof(said), "http: must be %s", refused[_i].said);
	ck_assert_uint_ge(server_log_count(&server, said), 1);
}
END_TEST

/* Each of several, in one list or in two. */
START_TEST(test_several)
{
	struct server server = { .netns = -1 };
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server,
	    "--http 192.0.2.1:9853,[2001:db8:1::1]:9853 --http 192.0.2.2:9854 "
	    "--http-allow 192.0.2.0/24,2001:db8:1::/64 echo=:7007");
	ck_assert_uint_eq(server_log_count(&server, "http: listening on "), 3);
	web_request(&answer, "192.0.2.1", 9853, "GET /readyz HTTP/1.0\r\n\r\n");
	ck_assert_int_eq(answer.status, 200);
	web_request(
	    &answer, "2001:db8:1::1", 9853, "GET /readyz HTTP/1.0\r\n\r\n");
	ck_assert_int_eq(answer.status, 200);
	web_request(&answer, "192.0.2.2", 9854, "GET /readyz HTTP/1.0\r\n\r\n");
	ck_assert_int_eq(answer.status, 200);
	server_stop(&server);
}
END_TEST

/* One that cannot be had is an error, whatever the others are. */
START_TEST(test_one_of_several)
{
	struct server server = { .netns = netns_new() };

	ck_assert_int_eq(server_run(&server,
			     "--http 127.0.0.1:9853 --http 192.0.2.99:9853 "
			     "--http-allow 192.0.2.0/24 echo=:7007"),
	    EX_UNAVAILABLE);
	ck_assert_uint_eq(server_log_count(&server,
			      "http: cannot listen on 192.0.2.99:9853: "),
	    1);
}
END_TEST

static const struct {
	const char *line, *address;
	int status;
} asking[] = {
	/* 0: closed without a word */
	{ "--http :0 --http-allow 192.0.2.0/24", "192.0.2.1", 200 },
	{ "--http :0 --http-allow 192.0.2.0/24", "2001:db8:1::1", 0 },
	{ "--http :0 --http-allow 198.51.100.0/24", "192.0.2.1", 0 },
	{ "--http 192.0.2.1:0 --http-allow 192.0.2.100", "192.0.2.1", 200 },
	{ "--http [2001:db8:1::1]:0 --http-allow 2001:db8:1::/64",
	    "2001:db8:1::1", 200 },
};

START_TEST(test_allow)
{
	struct server server = { .netns = -1 };
	char line[256];
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "%s echo=:7007", asking[_i].line);
	server_start(&server, line);
	web_request(&answer, asking[_i].address, server.http_port,
	    "GET /metrics HTTP/1.0\r\n\r\n");
	ck_assert_int_eq(answer.status, asking[_i].status);
	ck_assert_int_eq(
	    strstr(answer.text, "multihomed_") != NULL, answer.status == 200);
	server_stop(&server);
}
END_TEST

static Suite *
http_suite(void)
{
	Suite *suite = suite_create("net http");
	TCase *tcase = harness_case(suite, "http");
	TCase *threads = harness_case(suite, "threads");

	tcase_add_test(tcase, test_metrics);
	tcase_add_test(tcase, test_page);
	tcase_add_loop_test(tcase, test_requests, 0, COUNT(requests));
	tcase_add_loop_test(tcase, test_oversized, 0, 2);
	tcase_add_test(tcase, test_slow);
	tcase_add_loop_test(tcase, test_many, 0, COUNT(limits));
	tcase_add_test(tcase, test_drip);
	tcase_add_test(tcase, test_strangers);
	tcase_add_loop_test(threads, test_healthy, 0, COUNT(healthy));
	tcase_add_test(tcase, test_no_open_socket);
	tcase_add_test(tcase, test_strangers_at_the_probe);
	tcase_add_loop_test(
	    tcase, test_unhealthy, 0, COUNT(walls) * COUNT(unasked));
	tcase_add_loop_test(threads, test_unhealthy_worker, 0, COUNT(stuck));
	tcase_add_test(threads, test_stuck_reload);
	tcase_add_test(threads, test_stuck_stop);
	tcase_add_test(tcase, test_unhealthy_at_start);
	tcase_add_loop_test(
	    tcase, test_unhealthy_without_address, 0, COUNT(unasked));
	tcase_add_loop_test(threads, test_drain, 0, 2);
	tcase_add_test(tcase, test_several);
	tcase_add_test(tcase, test_one_of_several);
	tcase_add_loop_test(tcase, test_refused, 0, COUNT(refused));
	tcase_add_loop_test(tcase, test_allow, 0, COUNT(asking));
	return suite;
}

int
main(void)
{
	return harness_main(http_suite());
}
