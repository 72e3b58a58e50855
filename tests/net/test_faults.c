/* SPDX-License-Identifier: ISC */
/*
 * Faults made on purpose, by the real daemon: mhprobe reports each of them,
 * which is also the proof that it would; a stranger sees none; and the same
 * seed makes the same ones.
 */
#include "build.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "probe.h"
#include "reload.h"
#include "server.h"
#include "web.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* The client, to which routers lead: no peer that is trusted by itself. */
#define CLIENT "192.0.2.100, 2001:db8:1::100"

static const char *const asked[] = { "192.0.2.1", "2001:db8:1::1" };

static struct probe probe;

struct scene {
	struct lan lan;
	struct server server;
	struct client client;
	char *path; /* of the file */
	unsigned int port;
};

/* Lines of the file for [echo]; trust: who sees faults. */
static void
scene_open(struct scene *scene, const char *trust, const char *lines)
{
	char line[300];

	memset(scene, 0, sizeof(*scene));
	lan_new(&scene->lan);
	scene->path = reload_file("rate = none\n[echo]\nlisten = :7007\n"
				  "trust = %s\n%s\n",
	    trust, lines);
	snprintf(line, sizeof(line), "-c %s", scene->path);
	scene->server.netns = scene->lan.server;
	server_start(&scene->server, line);
	scene->port = server_port(&scene->server, "echo");
	client_open(&scene->client, "::");
}

static void
scene_close(struct scene *scene)
{
	client_close(&scene->client);
	server_stop(&scene->server);
	free(scene->path);
}

/* Other lines, by a reload. */
static void
scene_reload(struct scene *scene, const char *lines)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "rate = none\n[echo]\nlisten = :7007\n"
	    "trust = " CLIENT "\n%s\n",
	    lines);
	reload_write(scene->path, text);
	reload_now(&scene->server, true);
}

/* For an answer; the machine may stall. */
#define LONG "5"

/* Twelve requests, one each 20 ms. */
static void
probe_it(const struct scene *scene, int family)
{
	probe_start(&probe, "-W " LONG " -c 12 -i 0.02 echo %s%s%s:%u",
	    family != 0 ? "[" : "", asked[family], family != 0 ? "]" : "",
	    scene->port);
}

/* -- each fault: what mhprobe says of it, and what was counted -- */

static const struct {
	const char *line;
	const char *patience; /* for an answer, in seconds */
	int code;
	const char *sum;      /* of both families */
	const char *shows[2]; /* of each */
	const char *counter;
	unsigned long count; /* of both */
} faults[] = {
	{ "fault-drop = every 2", LONG, 0, "24 sent, 12 received",
	    { "12    6  ok" }, "fault-drop", 12 },
	/* There is nothing to wait for. */
	{ "fault-drop = 100%", "0.2", 2, "24 sent, 0 received",
	    { "12    0  no answer" }, "fault-drop", 24 },
	{ "fault-source = every 4", LONG, 1, "24 sent, 24 received",
	    { "12   12  WRONG", "3 from elsewhere" }, "fault-source", 6 },
	{ "fault-duplicate = every 5", LONG, 0, "24 sent, 24 received",
	    { "12   12  ok", "2 duplicate" }, "fault-duplicate", 4 },
	/* The order, which half a second's stall undoes, is below. */
	{ "fault-reorder = every 5", LONG, 0, "24 sent, 24 received",
	    { "12   12  ok" }, "fault-reorder", 4 },
	{ "fault-truncate = every 3", LONG, 0, "24 sent, 16 received",
	    { "12    8  ok", "4 not an answer" }, "fault-truncate", 8 },
};

/* Twelve requests by each family, one each 20 ms. */
START_TEST(test_fault)
{
	struct scene scene;
	const char *at;
	int i;

	scene_open(&scene, CLIENT, faults[_i].line);
	probe_start(&probe, "-W %s -c 12 -i 0.02 echo %s:%u [%s]:%u",
	    faults[_i].patience, asked[0], scene.port, asked[1], scene.port);
	probe_ends(&probe, faults[_i].code, faults[_i].sum);
	for (i = 0; i < 2 && faults[_i].shows[i] != NULL; i++) {
		probe_shows(&probe, faults[_i].shows[i]);
		at = strstr(probe.output, faults[_i].shows[i]);
		ck_assert_ptr_nonnull(strstr(at + 1, faults[_i].shows[i]));
	}
	server_wait_counter(
	    &scene.server, faults[_i].counter, faults[_i].count);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 24);
	scene_close(&scene);
}
END_TEST

/* Which one is wrong, too; also from a socket that is bound to the right one.
 */
START_TEST(test_wrong_source)
{
	static const char *const wrong[] = { "WRONG 192.0.2.2 ",
		"WRONG 2001:db8:1::2 " };
	struct scene scene;

	scene_open(&scene, CLIENT,
	    "fault-source = 100%\n"
	    "[echo:bound]\nlisten = 192.0.2.1:7008, [2001:db8:1::1]:7008\n"
	    "trust = " CLIENT "\nfault-source = 100%");
	if (_i / 2 != 0)
		scene.port = 7008;
	probe_it(&scene, _i % 2);
	probe_ends(&probe, 1, wrong[_i % 2]);
	probe_shows(&probe, "0 ok, 1 WRONG");
	scene_close(&scene);
}
END_TEST

/* -- the order -- */

enum { BURST = 12 };

/* All of a burst is there at once: however slow the machine is, no reply waits
 * in vain for the next one. */
static void
send_burst(struct scene *scene, int family, const void *bytes, size_t length)
{
	static const char *const to[] = { "::ffff:192.0.2.1", "2001:db8:1::1" };
	unsigned char data[64];
	unsigned char i;

	memcpy(data, bytes, length);
	client_expect_refused(asked[family], 9); /* the link is up */
	server_freeze(&scene->server);
	for (i = 0; i < BURST; i++) {
		data[length] = (unsigned char)('a' + i);
		client_send(
		    &scene->client, to[family], scene->port, data, length + 1);
	}
	client_expect_refused(asked[family], 9);
	server_thaw(&scene->server);
}

/* These are the last bytes of what comes. */
static void
expect_order(struct scene *scene, const char *order)
{
	size_t i;

	for (i = 0; order[i] != '\0'; i++) {
		ck_assert_msg(
		    client_receive(&scene->client, HARNESS_PATIENCE_MS),
		    "nothing after %zu", i);
		ck_assert_msg(
		    scene->client.data[scene->client.length - 1] == order[i],
		    "%zu: %c, not %c", i,
		    scene->client.data[scene->client.length - 1], order[i]);
	}
	ck_assert(!client_receive(&scene->client, 0));
}

static const struct {
	const char *lines, *order;
} orders[] = {
	{ "fault-reorder = every 5", "abcdfeghikjl" },
	{ "fault-reorder = 100%", "badcfehgjilk" },
	{ "fault-duplicate = every 3", "abccdeffghiijkll" },
	{ "fault-reorder = every 4\nfault-duplicate = every 2",
	    "abbceddffgihhjjkll" },
	{ "fault-delay = 1ms", "abcdefghijkl" },
};

START_TEST(test_order)
{
	struct scene scene;

	scene_open(&scene, CLIENT, orders[_i / 2].lines);
	send_burst(&scene, _i % 2, "", 0);
	expect_order(&scene, orders[_i / 2].order);
	scene_close(&scene);
}
END_TEST

/* A reply that another one waits for is not held, and that is counted. */
START_TEST(test_reorder_is_counted)
{
	struct scene scene;

	scene_open(&scene, CLIENT, "fault-reorder = 100%");
	send_burst(&scene, 0, "", 0);
	expect_order(&scene, "badcfehgjilk");
	ck_assert_uint_eq(
	    server_counter(&scene.server, "no-fault-reorder"), BURST / 2);
	ck_assert_uint_eq(
	    server_counter(&scene.server, "fault-reorder"), BURST / 2);
	scene_close(&scene);
}
END_TEST

/* STUN's answers from its other port, by another socket of the same service. */
static const struct {
	const char *line, *order;
	const char *counter;
	unsigned long count;
	unsigned long handed_over; /* with copies */
} elsewhere[] = {
	{ "fault-duplicate = every 3", "abccdeffghiijkll", "fault-duplicate", 4,
	    16 },
	{ "fault-reorder = every 5", "abcdfeghikjl", "fault-reorder", 2, 12 },
	{ "fault-delay = 1ms", "abcdefghijkl", "fault-delay", 12, 12 },
	{ "fault-source = 100%", "abcdefghijkl", "no-fault-source", 12, 12 },
	{ "fault-drop = every 2", "acegik", "fault-drop", 6, 6 },
};

START_TEST(test_elsewhere)
{
	/* A Binding request with CHANGE-REQUEST: the port.  The last octet of
	 * the transaction comes back at another place than the end. */
	static const unsigned char request[] = { 0, 1, 0, 8, 0x21, 0x12, 0xa4,
		0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 0, 3, 0, 4, 0, 0, 0,
		2 };
	unsigned char data[sizeof(request)];
	const char *order = elsewhere[_i / 2].order;
	struct scene scene;
	char lines[300];
	size_t i;

	snprintf(lines, sizeof(lines),
	    "[stun]\nlisten = :3478\ntrust = " CLIENT "\n%s\n",
	    elsewhere[_i / 2].line);
	scene_open(&scene, CLIENT, lines);
	memcpy(data, request, sizeof(data));
	client_expect_refused(asked[_i % 2], 9);
	server_freeze(&scene.server);
	for (i = 0; i < BURST; i++) {
		data[19] = (unsigned char)('a' + i);
		client_send(&scene.client,
		    _i % 2 == 0 ? "::ffff:192.0.2.1" : asked[1], 3478, data,
		    sizeof(data));
	}
	client_expect_refused(asked[_i % 2], 9);
	server_thaw(&scene.server);
	for (i = 0; order[i] != '\0'; i++) {
		ck_assert(client_receive(&scene.client, HARNESS_PATIENCE_MS));
		ck_assert_uint_eq(scene.client.port, 3479);
		ck_assert_ptr_nonnull(
		    strstr(scene.client.source, asked[_i % 2]));
		ck_assert_int_eq(scene.client.data[19], order[i]);
	}
	ck_assert(!client_receive(&scene.client, 0));
	server_wait_counter(
	    &scene.server, elsewhere[_i / 2].counter, elsewhere[_i / 2].count);
	ck_assert_uint_eq(server_counter(&scene.server, "handed-over"),
	    elsewhere[_i / 2].handed_over);
	ck_assert_uint_eq(server_counter(&scene.server, "taken-over"),
	    elsewhere[_i / 2].handed_over);
	scene_close(&scene);
}
END_TEST

/* -- every service that has something to complete, or to sign -- */

#define SERVICES                                      \
	"[dns]\nlisten = :5300\nzone = who.example\n" \
	"[stun]\nlisten = :3478\n"                    \
	"[stamp]\nlisten = :8620\n"                   \
	"[irtt]\nlisten = :2112\n"                    \
	"[sntp]\nlisten = :1230\n"

static const struct {
	const char *protocol;
	unsigned int port;
} services[] = {
	{ "--name who.example dns", 5300 },
	{ "stun", 3478 },
	{ "stamp", 8620 },
	{ "irtt", 2112 },
	{ "ntp", 1230 },
};

static const struct {
	const char *line;
	int code;
	const char *shows[2];
} verdicts[] = {
	{ "fault-drop = every 2", 0, { "3 sent, 2 received", "0 WRONG" } },
	{ "fault-source = 100%", 1, { "WRONG ", "3 sent, 3 received" } },
	{ "fault-duplicate = every 2", 0, { "1 duplicate", "0 WRONG" } },
	{ "fault-truncate = every 2", 0,
	    { "1 not an answer", "3 sent, 2 received" } },
	{ "fault-truncate = every 2 to 0", 0,
	    { "1 not an answer", "3 sent, 2 received" } },
	{ "fault-delay = 20ms-40ms", 0,
	    { "3 sent, 3 received", "1 ok, 0 WRONG" } },
	{ "fault-delay = 1ms every 2\nfault-source = every 2", 1,
	    { "WRONG ", "1 from elsewhere" } },
};

/* All of them are asked at once, as they have to wait. */
START_TEST(test_verdict)
{
	static struct probe probes[COUNT(services)];
	char lines[400];
	struct scene scene;
	int i, k;

	snprintf(lines, sizeof(lines), "[daemon]\ntrust = " CLIENT "\n%s\n%s",
	    verdicts[_i].line, SERVICES);
	scene_open(&scene, CLIENT, lines);
	for (i = 0; i < COUNT(services); i++)
		probe_start(&probes[i], "-W " LONG " -i 0.02 %s %s%s%s:%u",
		    services[i].protocol, i % 2 != 0 ? "[" : "", asked[i % 2],
		    i % 2 != 0 ? "]" : "", services[i].port);
	for (i = 0; i < COUNT(services); i++) {
		probe_ends(
		    &probes[i], verdicts[_i].code, verdicts[_i].shows[0]);
		for (k = 1; k < COUNT(verdicts[_i].shows); k++)
			probe_shows(&probes[i], verdicts[_i].shows[k]);
	}
	scene_close(&scene);
}
END_TEST

/* 60 ms, in units of 2^-32 s. */
#define LATE (UINT64_C(60) * 4294967296 / 1000)

static uint64_t
big64(const unsigned char *at)
{
	uint64_t number = 0;
	int i;

	for (i = 0; i < 8; i++)
		number = number << 8 | at[i];
	return number;
}

static void
ask_stamp(struct scene *scene)
{
	static const unsigned char packet[44] = { [7] = 1, [12] = 0x81, 1 };

	client_send(
	    &scene->client, "2001:db8:1::1", 8620, packet, sizeof(packet));
}

/* What STAMP's reply says of when it left, less when its request came. */
static uint64_t
stamp_stay(struct scene *scene)
{
	ck_assert(client_receive(&scene->client, HARNESS_PATIENCE_MS));
	ck_assert_uint_eq(scene->client.length, 44);
	return big64(scene->client.data + 4) - big64(scene->client.data + 16);
}

/* The delay is in the reply, too: it is completed when it leaves. */
START_TEST(test_stamp_says_when_it_left)
{
	struct scene scene;
	uint64_t stay;

	scene_open(&scene, CLIENT,
	    "[stamp]\nlisten = :8620\ntrust = " CLIENT "\nfault-delay = 60ms");
	ask_stamp(&scene);
	stay = stamp_stay(&scene);
	ck_assert_uint_ge(stay, LATE);
	ck_assert_uint_lt(stay, 1000 * LATE);
	scene_close(&scene);
}
END_TEST

/* The same by IRTT: the monotonic times of a reply with all of them. */
START_TEST(test_irtt_says_when_it_left)
{
	static const unsigned char open[] = { 0x14, 0xa7, 0x5b, 1, 1, 2, 2,
		0x80, 0x8e, 0xce, 0x1c, 3, 0x80, 0x87, 0xa7, 0x0e, 5, 6, 6, 6,
		7, 6 };
	unsigned char packet[60] = { 0x14, 0xa7, 0x5b };
	struct scene scene;
	uint64_t came = 0, left = 0;
	int i;

	scene_open(&scene, CLIENT,
	    "[irtt]\nlisten = :2112\ntrust = " CLIENT "\nfault-delay = 60ms");
	client_send(&scene.client, asked[1], 2112, open, sizeof(open));
	ck_assert(client_receive(&scene.client, HARNESS_PATIENCE_MS));
	ck_assert_uint_ge(scene.client.length, 12);
	ck_assert_int_eq(scene.client.data[3], 3);
	memcpy(packet + 4, scene.client.data + 4, 8);
	client_send(&scene.client, asked[1], 2112, packet, sizeof(packet));
	ck_assert(client_receive(&scene.client, HARNESS_PATIENCE_MS));
	ck_assert_uint_eq(scene.client.length, sizeof(packet));
	for (i = 7; i >= 0; i--) {
		came = came << 8 | scene.client.data[36 + i];
		left = left << 8 | scene.client.data[52 + i];
	}
	ck_assert_uint_ge(left - came, 60000000);
	ck_assert_uint_lt(left - came, 60000000000);
	scene_close(&scene);
}
END_TEST

/* The delay is in the round trip. */
START_TEST(test_delay)
{
	struct scene scene;
	const char *rtt;

	scene_open(&scene, CLIENT, "fault-delay = 60ms-80ms");
	probe_start(&probe, "--json -W " LONG " -c 12 -i 0.02 echo %s%s%s:%u",
	    _i != 0 ? "[" : "", asked[_i], _i != 0 ? "]" : "", scene.port);
	probe_ends(&probe, 0, "\"rtt_ms\"");
	rtt = strstr(probe.output, "\"rtt_ms\":{\"min\":");
	ck_assert_ptr_nonnull(rtt);
	ck_assert_double_ge(strtod(strchr(rtt, '{') + 7, NULL), 60);
	server_wait_counter(&scene.server, "fault-delay", 12);
	scene_close(&scene);
}
END_TEST

/* -- all of them, for somebody else -- */

#define ALL                                             \
	"fault-drop = 20%\nfault-source = 50%\n"        \
	"fault-truncate = 50%\nfault-duplicate = 50%\n" \
	"fault-reorder = 50%\nfault-delay = 10ms-50ms 50%"

START_TEST(test_strangers)
{
	static const char *const others[] = { "198.51.100.0/24", "local", "" };
	const int family = _i % 2;
	struct scene scene;

	scene_open(&scene, others[_i / 2], ALL);
	probe_it(&scene, family);
	probe_ends(&probe, 0, "12 sent, 12 received");
	probe_shows(&probe, "1 ok, 0 WRONG");
	ck_assert_ptr_null(strstr(probe.output, "duplicate"));
	ck_assert_ptr_null(strstr(probe.output, "out of order"));
	ck_assert_ptr_null(strstr(probe.output, "not an answer"));
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 12);
	scene_close(&scene);
}
END_TEST

/* -- the run -- */

enum { REQUESTS = 60 };

/* Which of the first requests get an answer: 'x', or '.'. */
static void
run(const char *lines, int family, char answered[REQUESTS + 1])
{
	struct scene scene;
	unsigned char i;

	scene_open(&scene, CLIENT, lines);
	client_close(&scene.client);
	client_open(&scene.client, family != 0 ? "::" : "0.0.0.0");
	memset(answered, '.', REQUESTS);
	answered[REQUESTS] = '\0';
	for (i = 0; i < REQUESTS; i++)
		client_send(&scene.client, asked[family], scene.port, &i, 1);
	server_wait_counter(&scene.server, "received", REQUESTS);
	while (client_receive(&scene.client, 0)) {
		ck_assert_uint_lt(scene.client.data[0], REQUESTS);
		answered[scene.client.data[0]] = 'x';
	}
	scene_close(&scene);
}

START_TEST(test_run_is_repeated)
{
	char first[REQUESTS + 1], again[REQUESTS + 1], other[REQUESTS + 1];

	run("fault-drop = 50%\nfault-seed = 7", _i, first);
	run("fault-drop = 50%\nfault-seed = 7", _i, again);
	run("fault-drop = 50%\nfault-seed = 8", _i, other);
	ck_assert_str_eq(first, again);
	ck_assert_str_ne(first, other);
	ck_assert_ptr_nonnull(strchr(first, 'x'));
	ck_assert_ptr_nonnull(strchr(first, '.'));
}
END_TEST

/* As the manual says: of two queries the second needs another try. */
START_TEST(test_resolver)
{
	struct server server = { .netns = netns_new() };
	char *path, line[300];
	int i;

	if (!harness_needs_tool("dig"))
		return;
	path = reload_file("[dns]\nlisten = :5300\nzone = who.example\n"
			   "fault-drop = every 2\n");
	snprintf(line, sizeof(line), "-c %s", path);
	server_start(&server, line);
	for (i = 0; i < 2; i++)
		netns_shell(server.netns,
		    "dig -p 5300 @127.0.0.1 +tries=2 +timeout=1 who.example "
		    "| grep -q 'status: NOERROR'");
	ck_assert_uint_eq(server_counter(&server, "received"), 3);
	ck_assert_uint_eq(server_counter(&server, "fault-drop"), 1);
	server_stop(&server);
	free(path);
}
END_TEST

/* Each worker makes them, and counts them. */
START_TEST(test_workers)
{
	struct client clients[16];
	struct scene scene;
	int i, round;

	scene_open(
	    &scene, CLIENT, "fault-drop = every 2\n[daemon]\nworkers = 3");
	for (i = 0; i < COUNT(clients); i++)
		client_open(&clients[i], "0.0.0.0");
	for (round = 0; round < 6; round++)
		for (i = 0; i < COUNT(clients); i++)
			client_send(&clients[i], asked[0], scene.port, "?", 1);
	server_wait_counter(&scene.server, "received", 96);
	/* Half of each worker's, of an odd number one less. */
	ck_assert_uint_ge(server_counter(&scene.server, "fault-drop"), 47);
	ck_assert_uint_le(server_counter(&scene.server, "fault-drop"), 48);
	for (i = 0; i < COUNT(clients); i++)
		client_close(&clients[i]);
	scene_close(&scene);
}
END_TEST

/* -- what is said -- */

#define SAID "echo: makes faults on purpose in its replies to peers in trust: "

START_TEST(test_log)
{
	struct scene scene;

	scene_open(&scene, CLIENT, "");
	ck_assert_uint_eq(server_log_count(&scene.server, "fault"), 0);
	scene_reload(&scene, "fault-drop = 100%\nfault-seed = 3");
	server_wait_log(&scene.server, "warning: " SAID "drop 100%; seed 3");
	probe_it(&scene, 0);
	probe_ends(&probe, 2, "12 sent, 0 received");
	/* The same again is said again, as any reload is. */
	scene_reload(&scene, "fault-drop = 100%\nfault-seed = 3");
	ck_assert_uint_eq(server_log_count(&scene.server, SAID), 2);
	scene_reload(&scene, "");
	server_wait_log(
	    &scene.server, "no faults are made on purpose any more");
	client_ask(&scene.client, "::ffff:192.0.2.1", scene.port);
	scene_close(&scene);
}
END_TEST

#define HTTP "[daemon]\nhttp = 127.0.0.1:0"

/* Who only checks the configuration sees it, too. */
START_TEST(test_checked)
{
	struct server server = { .netns = netns_new() };

	ck_assert_int_eq(
	    server_run(&server, "-t --fault-drop=1% echo=:7007"), 0);
	ck_assert_uint_eq(server_log_count(&server, SAID "drop 1%; seed 1"), 1);
	ck_assert_int_eq(server_run(&server, "-t echo=:7007"), 0);
	ck_assert_uint_eq(server_log_count(&server, "fault"), 0);
}
END_TEST

/* In plain words, and in numbers. */
START_TEST(test_page)
{
	static struct web_answer answer;
	struct scene scene;

	scene_open(&scene, CLIENT,
	    "fault-drop = every 2\nfault-delay = 1ms 1%\n" HTTP);
	probe_it(&scene, 0);
	probe_ends(&probe, 0, "12 sent, 6 received");
	netns_enter(scene.lan.server);
	ck_assert_int_eq(web_get(&answer, scene.server.http_port, "/"), 200);
	ck_assert_ptr_nonnull(strstr(answer.text,
	    "This service makes faults on purpose in its replies to peers in "
	    "trust: drop every 2, delay 1ms 1%; seed 1"));
	ck_assert_int_eq(
	    web_get(&answer, scene.server.http_port, "/metrics"), 200);
	ck_assert_ptr_nonnull(strstr(answer.text,
	    "multihomed_faults_total{service=\"echo\",endpoint=\"[::]:7007\","
	    "fault=\"drop\"} 6\n"));
	ck_assert_ptr_nonnull(strstr(answer.text,
	    "multihomed_drops_total{service=\"echo\",endpoint=\"[::]:7007\","
	    "reason=\"fault-drop\"} 6\n"));
	netns_enter(scene.lan.client);
	scene_close(&scene);
}
END_TEST

/* The daemon's own queries are spared: it is healthy, though it drops all. */
START_TEST(test_healthy)
{
	struct scene scene;

	scene_open(&scene, "local",
	    "fault-drop = 100%\n" HTTP "\nprobe-interval = 1s");
	netns_enter(scene.lan.server);
	web_wait_status(scene.server.http_port, "/healthz", 200);
	netns_enter(scene.lan.client);
	server_wait_counter(&scene.server, "fault-drop", 0);
	scene_close(&scene);
}
END_TEST

/* Where there is no other address, it is said, counted, and answered. */
START_TEST(test_no_other_address)
{
	struct server server = { .netns = netns_new() };
	struct client client;

	server_start(&server, "--fault-source=100% echo=:0");
	netns_enter(server.netns);
	client_open(&client, "::1");
	client_ask(&client, "::1", server_port(&server, "echo"));
	ck_assert_uint_eq(server_counter(&server, "no-fault-source"), 1);
	ck_assert_uint_eq(server_counter(&server, "fault-source"), 0);
	server_wait_log(&server,
	    "echo: fault-source is not possible for requests to ::1: this host "
	    "has no second IPv6 address to answer from");
	/* All of 127.0.0.0/8 is this host. */
	client_close(&client);
	client_open(&client, "127.0.0.1");
	client_send(&client, "127.0.0.1", server_port(&server, "echo"), "?", 1);
	ck_assert(client_receive(&client, HARNESS_PATIENCE_MS));
	ck_assert_str_eq(client.source, "127.0.0.2");
	client_close(&client);
	server_stop(&server);
}
END_TEST

/* -- what is held -- */

static void
wait_held(struct scene *scene)
{
	while (server_log_count(&scene->server, "fault-delay=1") == 0)
		ck_assert_int_eq(kill(scene->server.pid, SIGUSR1), 0);
	ck_assert(!client_receive(&scene->client, 0));
}

/*
 * What its service completes leaves at a reload, before others could do that;
 * be they other settings, none of the faults, or another service.
 */
START_TEST(test_reload_completes)
{
	static const char *const lines[] = {
		"[stamp]\nlisten = :8620\ntrust = " CLIENT
		"\ntimestamp = ptp\nfault-delay = 60s",
		"[stamp]\nlisten = :8620",
		"[echo:other]\nlisten = :8620",
	};
	struct scene scene;
	uint64_t stay;

	scene_open(&scene, CLIENT,
	    "[stamp]\nlisten = :8620\ntrust = " CLIENT "\nfault-delay = 60s");
	ask_stamp(&scene);
	wait_held(&scene);
	scene_reload(&scene, lines[_i]);
	stay = stamp_stay(&scene);
	ck_assert_uint_gt(stay, 0);
	ck_assert_uint_lt(stay, 1000 * LATE);
	scene_close(&scene);
}
END_TEST

/* A reload leaves it alone, and a stop sends it. */
START_TEST(test_stop)
{
	struct scene scene;

	scene_open(&scene, CLIENT, "fault-delay = 60s\nfault-duplicate = 100%");
	client_send(&scene.client, "2001:db8:1::1", scene.port, "held", 4);
	wait_held(&scene);
	scene_reload(&scene, "");
	client_ask(&scene.client, "2001:db8:1::1", scene.port);
	server_stop(&scene.server);
	ck_assert(client_receive(&scene.client, HARNESS_PATIENCE_MS));
	ck_assert_uint_eq(scene.client.length, 4);
	ck_assert_mem_eq(scene.client.data, "held", 4);
	ck_assert_str_eq(scene.client.source, "2001:db8:1::1");
	ck_assert(client_receive(&scene.client, HARNESS_PATIENCE_MS));
	ck_assert_mem_eq(scene.client.data, "held", 4);
	client_close(&scene.client);
	free(scene.path);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net/faults");
	TCase *tcase = harness_case(suite, "faults");

	tcase_add_loop_test(tcase, test_fault, 0, COUNT(faults));
	tcase_add_loop_test(tcase, test_wrong_source, 0, 4);
	tcase_add_loop_test(tcase, test_order, 0, 2 * COUNT(orders));
	tcase_add_test(tcase, test_reorder_is_counted);
	tcase_add_loop_test(tcase, test_elsewhere, 0, 2 * COUNT(elsewhere));
	tcase_add_loop_test(tcase, test_verdict, 0, COUNT(verdicts));
	tcase_add_test(tcase, test_stamp_says_when_it_left);
	tcase_add_test(tcase, test_irtt_says_when_it_left);
	tcase_add_loop_test(tcase, test_delay, 0, 2);
	tcase_add_loop_test(tcase, test_strangers, 0, 6);
	tcase_add_loop_test(tcase, test_run_is_repeated, 0, 2);
	tcase_add_test(tcase, test_resolver);
	tcase_add_test(tcase, test_workers);
	tcase_add_test(tcase, test_log);
	tcase_add_test(tcase, test_checked);
	tcase_add_test(tcase, test_page);
	tcase_add_test(tcase, test_healthy);
	tcase_add_test(tcase, test_no_other_address);
	tcase_add_loop_test(tcase, test_reload_completes, 0, 3);
	tcase_add_test(tcase, test_stop);
	return harness_main(suite);
}
