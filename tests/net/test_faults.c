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

/* Twelve requests, one each 20 ms. */
static void
probe_it(const struct scene *scene, int family)
{
	probe_start(&probe, "-c 12 -i 0.02 echo %s%s%s:%u",
	    family != 0 ? "[" : "", asked[family], family != 0 ? "]" : "",
	    scene->port);
}

/* -- each fault: what mhprobe says of it, and what was counted -- */

static const struct {
	const char *line;
	int code;
	const char *shows[4];
	const char *counter;
	unsigned long count;
} faults[] = {
	{ "fault-drop = every 2", 0, { "12 sent, 6 received", "0 WRONG" },
	    "fault-drop", 6 },
	{ "fault-drop = 100%", 2, { "12 sent, 0 received", "1 no answer" },
	    "fault-drop", 12 },
	{ "fault-source = every 4", 1,
	    { "WRONG ", "3 from elsewhere", "12 sent, 12 received" },
	    "fault-source", 3 },
	{ "fault-duplicate = every 5", 0,
	    { "2 duplicate", "12 sent, 12 received", "0 WRONG" },
	    "fault-duplicate", 2 },
	{ "fault-reorder = every 5", 0,
	    /* The order, which half a second's stall undoes, is below. */
	    { "12 sent, 12 received", "0 WRONG" }, "fault-reorder", 2 },
	{ "fault-truncate = every 3", 0,
	    { "4 not an answer", "12 sent, 8 received", "0 WRONG" },
	    "fault-truncate", 4 },
};

START_TEST(test_fault)
{
	const int family = _i % 2, fault = _i / 2;
	struct scene scene;
	int i;

	scene_open(&scene, CLIENT, faults[fault].line);
	probe_it(&scene, family);
	probe_ends(&probe, faults[fault].code, faults[fault].shows[0]);
	for (i = 1; i < 4 && faults[fault].shows[i] != NULL; i++)
		probe_shows(&probe, faults[fault].shows[i]);
	server_wait_counter(
	    &scene.server, faults[fault].counter, faults[fault].count);
	ck_assert_uint_eq(server_counter(&scene.server, "received"), 12);
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

/*
 * Those that were held follow the next ones.  All requests are there at once:
 * however slow the machine is, no reply waits in vain for the next.
 */
START_TEST(test_reorder)
{
	static const char *const to[] = { "::ffff:192.0.2.1", "2001:db8:1::1" };
	int places[12];
	struct scene scene;
	unsigned char i;

	scene_open(&scene, CLIENT, "fault-reorder = every 5");
	client_expect_refused(asked[_i], 9); /* the link is up */
	server_freeze(&scene.server);
	for (i = 0; i < COUNT(places); i++)
		client_send(&scene.client, to[_i], scene.port, &i, 1);
	client_expect_refused(asked[_i], 9);
	server_thaw(&scene.server);
	for (i = 0; i < COUNT(places); i++) {
		ck_assert(client_receive(&scene.client, HARNESS_PATIENCE_MS));
		ck_assert_uint_lt(scene.client.data[0], COUNT(places));
		places[scene.client.data[0]] = i;
	}
	for (i = 1; i < COUNT(places); i++)
		if (i % 5 == 0)
			ck_assert_int_gt(places[i - 1], places[i]);
		else if (i % 5 != 4)
			ck_assert_int_lt(places[i - 1], places[i]);
	scene_close(&scene);
}
END_TEST

/* The delay is in the round trip. */
START_TEST(test_delay)
{
	struct scene scene;
	const char *rtt;

	scene_open(&scene, CLIENT, "fault-delay = 60ms-80ms");
	probe_start(&probe, "--json -c 12 -i 0.02 echo %s%s%s:%u",
	    _i != 0 ? "[" : "", asked[_i], _i != 0 ? "]" : "", scene.port);
	probe_ends(&probe, 0, "\"rtt_ms\"");
	rtt = strstr(probe.output, "\"rtt_ms\":{\"min\":");
	ck_assert_ptr_nonnull(rtt);
	ck_assert_double_ge(strtod(strchr(rtt, '{') + 7, NULL), 60);
	rtt = strstr(rtt, "\"max\":");
	ck_assert_ptr_nonnull(rtt);
	ck_assert_double_lt(strtod(rtt + 6, NULL), 1000);
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

/* A reload leaves it alone, and a stop sends it. */
START_TEST(test_stop)
{
	struct scene scene;

	scene_open(&scene, CLIENT, "fault-delay = 60s\nfault-duplicate = 100%");
	client_send(&scene.client, "2001:db8:1::1", scene.port, "held", 4);
	while (server_log_count(&scene.server, "fault-delay=1") == 0)
		ck_assert_int_eq(kill(scene.server.pid, SIGUSR1), 0);
	ck_assert(!client_receive(&scene.client, 0));
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

	tcase_add_loop_test(tcase, test_fault, 0, 2 * COUNT(faults));
	tcase_add_loop_test(tcase, test_wrong_source, 0, 4);
	tcase_add_loop_test(tcase, test_reorder, 0, 2);
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
	tcase_add_test(tcase, test_stop);
	return harness_main(suite);
}
