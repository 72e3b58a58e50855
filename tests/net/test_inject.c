/* SPDX-License-Identifier: ISC */
/*
 * The daemon on systems that lack something.  A seccomp filter makes the kernel
 * refuse a system call (see inject.c): a real process, a real refusal.  For
 * systems that lie instead of refusing, see lie.c.
 */
#include "build.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "reload.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* sysexits.h */
#define EX_OSERR 71

#define NO_IPV4 "socket:AF_INET:EAFNOSUPPORT "
#define NO_IPV6 "socket:AF_INET6:EAFNOSUPPORT "

struct scene {
	struct lan lan;
	struct server server;
	char wrapper[512];
};

static void
scene_open(struct scene *scene, const char *rules)
{
	memset(scene, 0, sizeof(*scene));
	lan_new(&scene->lan);
	scene->server.netns = scene->lan.server;
	snprintf(scene->wrapper, sizeof(scene->wrapper), "%s %s --", NET_INJECT,
	    rules);
	scene->server.wrapper = scene->wrapper;
}

/* Dual-stack sockets ignore the source of a reply over IPv4. */
static void
scene_lie(struct scene *scene)
{
	const char *options = getenv("ASAN_OPTIONS");

	scene_open(scene, "");
	/* The sanitizer has to be loaded first. */
	snprintf(scene->wrapper, sizeof(scene->wrapper),
	    "/usr/bin/env LD_PRELOAD=%s "
	    "ASAN_OPTIONS=%s%sverify_asan_link_order=0",
	    NET_LIE, options != NULL ? options : "",
	    options != NULL ? ":" : "");
}

/* Both addresses of a family answer as themselves, or the family is closed. */
static void
expect_family(struct scene *scene, bool ipv6, bool served)
{
	const char *first = ipv6 ? "2001:db8:1::1" : "192.0.2.1";
	const char *second = ipv6 ? "2001:db8:1::2" : "192.0.2.2";
	unsigned int port = server_port(&scene->server, "echo");
	struct client client;

	if (!served) {
		client_expect_refused(first, port);
		return;
	}
	client_open(&client, ipv6 ? "::" : "0.0.0.0");
	client_ask(&client, first, port);
	client_ask(&client, second, port);
	client_close(&client);
}

/* -- it starts with what is left -- */

static const struct {
	const char *rules, *line;
	unsigned int sockets;
	bool ipv4, ipv6;
	const char *said;
	unsigned int warnings;
} starts[] = {
	/* IPv4 is disabled: one notice, no warning. */
	{ "setsockopt:IP_PKTINFO:EINVAL " NO_IPV4, "echo=:0", 1, false, true,
	    "IPv4 is disabled", 0 },
	{ NO_IPV4, "--stack two echo=:0", 1, false, true, "IPv4 is disabled",
	    0 },
	/* No IPv6. */
	{ NO_IPV6, "echo=:0", 1, true, false, "this host has no IPv6", 1 },
	{ NO_IPV6, "--stack two echo=:0", 1, true, false,
	    "this host has no IPv6", 1 },
};

/*
 * IPv4 is only out of the daemon's reach, not off in the kernel: a dual-stack
 * socket would still receive it.  So only the family that is served is asked.
 */
START_TEST(test_starts)
{
	struct scene scene;

	scene_open(&scene, starts[_i].rules);
	server_start(&scene.server, starts[_i].line);
	ck_assert_uint_eq(scene.server.count, starts[_i].sockets);
	if (starts[_i].ipv4)
		expect_family(&scene, false, true);
	if (starts[_i].ipv6)
		expect_family(&scene, true, true);
	ck_assert_uint_eq(server_log_count(&scene.server, starts[_i].said), 1);
	ck_assert_uint_eq(
	    server_log_count(&scene.server, "warning: "), starts[_i].warnings);
	server_stop(&scene.server);
}
END_TEST

/* Two services: still logged once. */
START_TEST(test_said_once)
{
	struct scene scene;

	scene_open(&scene, "setsockopt:IP_PKTINFO:EINVAL " NO_IPV4);
	server_start(&scene.server, "echo=:0 whoami=:0 discard=:0");
	ck_assert_uint_eq(
	    server_log_count(&scene.server, "IPv4 is disabled"), 1);
	server_stop(&scene.server);
	scene_open(&scene, NO_IPV6);
	server_start(&scene.server, "echo=:0 whoami=:0 discard=:0");
	ck_assert_uint_eq(server_log_count(&scene.server, "warning: "), 1);
	server_stop(&scene.server);
}
END_TEST

/* -- a system that spreads datagrams over workers as it likes -- */

/* One socket is checked on behalf of all, which is logged once. */
START_TEST(test_no_choice)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	struct scene scene;

	scene_open(&scene, "setsockopt:SO_ATTACH_REUSEPORT_CBPF:ENOPROTOOPT");
	server_start(&scene.server,
	    "--http 127.0.0.1:0 --probe-interval 1s -w 3 echo=:0 whoami=:0");
	ck_assert_uint_eq(server_log_count(&scene.server, "warning: "), 1);
	ck_assert_uint_eq(server_log_count(&scene.server,
			      "the self-probe checks one of them"),
	    1);
	/* At least two rounds of four queries each. */
	while (server_counter(&scene.server, "self-probes") <= 8) {
		ck_assert_msg(harness_now() < deadline, "nobody is asked");
		poll(NULL, 0, 20);
	}
	ck_assert_uint_eq(server_log_count(&scene.server, "not all"), 0);
	server_stop(&scene.server);
}
END_TEST

/* -- a system without dual-stack sockets -- */

static const char *const stuck[] = { "setsockopt:IPV6_V6ONLY:EINVAL",
	"setsockopt:IPV6_V6ONLY:ENOPROTOOPT", "setsockopt:IPV6_V6ONLY:EPERM" };

/* Two sockets by itself, and both families as usual. */
START_TEST(test_not_dual)
{
	struct scene scene;

	scene_open(&scene, stuck[_i]);
	netns_sysctl(scene.lan.server, "ipv6/bindv6only", "1");
	server_start(&scene.server, "echo=:0");
	ck_assert_uint_eq(scene.server.count, 2);
	ck_assert_uint_eq(
	    scene.server.sockets[0].port, scene.server.sockets[1].port);
	expect_family(&scene, false, true);
	expect_family(&scene, true, true);
	server_stop(&scene.server);
}
END_TEST

/*
 * They can be opened, but do not answer from where they should, which only the
 * self-test finds: two sockets again, also for what a reload opens.
 */
START_TEST(test_lying)
{
	char *file = reload_file("[echo]\nlisten = :0\n");
	struct scene scene;
	char line[300];

	scene_lie(&scene);
	snprintf(line, sizeof(line), "--config %s", file);
	server_start(&scene.server, line);
	ck_assert_uint_eq(scene.server.count, 2);
	expect_family(&scene, false, true);
	expect_family(&scene, true, true);
	ck_assert_uint_eq(server_log_count(&scene.server,
			      "warning: sockets for both families do not"),
	    1);
	ck_assert_uint_eq(server_log_count(&scene.server, "warning: "), 1);
	reload_write(file, "[echo]\nlisten = :0\n[discard]\nlisten = :0\n");
	reload_now(&scene.server, true);
	server_read_ports(&scene.server);
	ck_assert_uint_eq(scene.server.count, 4);
	ck_assert_uint_eq(server_log_count(&scene.server, "warning: "), 1);
	server_stop(&scene.server);
	free(file);
}
END_TEST

/* Such a system answers correctly, and --self-test says how. */
START_TEST(test_lying_told)
{
	struct scene scene;

	scene_lie(&scene);
	ck_assert_int_eq(server_run(&scene.server, "--self-test"), 0);
	ck_assert_uint_eq(server_log_count(&scene.server,
			      "a reply from 127.0.0.2 was seen "
			      "to come from 127.0.0.1"),
	    1);
	ck_assert_uint_eq(server_log_count(&scene.server, "IPv4: ok: "), 1);
	/* Nothing to report where two were asked for. */
	ck_assert_int_eq(
	    server_run(&scene.server, "--stack two --self-test"), 0);
	ck_assert_uint_eq(server_log_count(&scene.server, "warning: "), 0);
}
END_TEST

/*
 * If two sockets are no better, there is one, and a warning of what is wrong.
 */
START_TEST(test_lying_all)
{
	struct scene scene;

	setenv("NET_LIE_ALL", "1", 1);
	scene_lie(&scene);
	server_start(&scene.server, "echo=:0");
	ck_assert_uint_eq(scene.server.count, 1);
	ck_assert_uint_eq(
	    server_log_count(&scene.server,
		"warning: this system: IPv4 BROKEN: a reply from 127.0.0.2 was "
		"seen to come from 127.0.0.1"),
	    1);
	ck_assert_uint_eq(server_log_count(&scene.server, "warning: "), 1);
	server_stop(&scene.server);
}
END_TEST

/* The system's default does not matter where the option can be set. */
START_TEST(test_default_v6only)
{
	struct scene scene;

	scene_open(&scene, "");
	netns_sysctl(scene.lan.server, "ipv6/bindv6only", "1");
	server_start(&scene.server, "echo=:0");
	ck_assert_uint_eq(scene.server.count, 1);
	expect_family(&scene, false, true);
	expect_family(&scene, true, true);
	server_stop(&scene.server);
}
END_TEST

/* -- an unexpected error: it does not start, and says what and why -- */

static const struct {
	const char *rules, *line, *option, *why;
} refused[] = {
	{ "setsockopt:IP_PKTINFO:EINVAL", "echo=:0", "IP_PKTINFO",
	    "Invalid argument" },
	{ "setsockopt:IP_PKTINFO:EPERM", "echo=:0", "IP_PKTINFO",
	    "Operation not permitted" },
	/* Without IPv4 only "invalid" is the expected refusal. */
	{ "setsockopt:IP_PKTINFO:ENOMEM " NO_IPV4, "echo=:0", "IP_PKTINFO",
	    "Cannot allocate memory" },
	{ "setsockopt:IP_PKTINFO:EINVAL", "--stack two echo=:0", "IP_PKTINFO",
	    "Invalid argument" },
	{ "setsockopt:IP_PKTINFO:EINVAL", "--stack ipv4 echo=:0", "IP_PKTINFO",
	    "Invalid argument" },
	{ "setsockopt:IP_PKTINFO:EINVAL socket:AF_INET:EPERM", "echo=:0",
	    "IP_PKTINFO", "Invalid argument" },
	{ "setsockopt:IPV6_RECVPKTINFO:EINVAL", "echo=:0", "IPV6_RECVPKTINFO",
	    "Invalid argument" },
	{ "setsockopt:IPV6_RECVPKTINFO:ENOPROTOOPT", "--stack two echo=:0",
	    "IPV6_RECVPKTINFO", "Protocol not available" },
	{ "setsockopt:IPV6_RECVPKTINFO:EPERM", "--stack ipv6 echo=:0",
	    "IPV6_RECVPKTINFO", "Operation not permitted" },
};

START_TEST(test_refused)
{
	struct scene scene;

	scene_open(&scene, refused[_i].rules);
	ck_assert_int_eq(server_run(&scene.server, refused[_i].line), EX_OSERR);
	ck_assert_uint_ge(
	    server_log_count(&scene.server, refused[_i].option), 1);
	ck_assert_uint_ge(server_log_count(&scene.server, refused[_i].why), 1);
	ck_assert_int_ne(access(scene.server.port_file, F_OK), 0);
}
END_TEST

/* -- options that it can do without -- */

/* It starts and answers correctly, and what is missing is logged once. */
static const struct {
	const char *rules, *missing;
} optional[] = {
	{ "setsockopt:SO_TIMESTAMPNS:ENOPROTOOPT", "receive time" },
	{ "setsockopt:SO_RXQ_OVFL:ENOPROTOOPT", "drop counter" },
	{ "setsockopt:IP_RECVTTL:EINVAL setsockopt:IPV6_RECVHOPLIMIT:EINVAL",
	    "TTL" },
	{ "setsockopt:IP_RECVTOS:EINVAL setsockopt:IPV6_RECVTCLASS:EINVAL",
	    "TOS" },
};

START_TEST(test_optional)
{
	struct scene scene;
	char warning[80];

	snprintf(warning, sizeof(warning),
	    "warning: this system does not report the %s of datagrams",
	    optional[_i].missing);
	scene_open(&scene, optional[_i].rules);
	server_start(&scene.server, "echo=:0 whoami=:0 whoami=192.0.2.1:0");
	expect_family(&scene, false, true);
	expect_family(&scene, true, true);
	ck_assert_uint_eq(server_log_count(&scene.server, warning), 1);
	ck_assert_uint_eq(server_log_count(&scene.server, "warning: "), 1);
	server_stop(&scene.server);
}
END_TEST

/* -- calls that take many datagrams, where only those for one may be made -- */

static const char *const singly[] = {
	"recvmmsg:any:ENOSYS sendmmsg:any:ENOSYS",
	"recvmmsg:any:EPERM sendmmsg:any:EPERM",
	"recvmmsg:any:ENOSYS",
	"sendmmsg:any:EPERM",
};

/* Nothing is amiss: also not for the self-tests. */
START_TEST(test_singly)
{
	struct scene scene;

	scene_open(&scene, singly[_i]);
	ck_assert_int_eq(server_run(&scene.server, "--self-test"), 0);
	server_start(&scene.server, "echo=:0");
	expect_family(&scene, false, true);
	expect_family(&scene, true, true);
	ck_assert_uint_eq(server_log_count(&scene.server, "warning: "), 0);
	ck_assert_uint_eq(server_counter(&scene.server, "answered"), 4);
	server_stop(&scene.server);
}
END_TEST

static Suite *
inject_suite(void)
{
	Suite *suite = suite_create("net inject");
	TCase *tcase = harness_case(suite, "inject");

	tcase_add_loop_test(tcase, test_starts, 0, COUNT(starts));
	tcase_add_test(tcase, test_said_once);
	tcase_add_test(tcase, test_no_choice);
	tcase_add_loop_test(tcase, test_not_dual, 0, COUNT(stuck));
	tcase_add_test(tcase, test_lying);
	tcase_add_test(tcase, test_lying_told);
	tcase_add_test(tcase, test_lying_all);
	tcase_add_test(tcase, test_default_v6only);
	tcase_add_loop_test(tcase, test_refused, 0, COUNT(refused));
	tcase_add_loop_test(tcase, test_optional, 0, COUNT(optional));
	tcase_add_loop_test(tcase, test_singly, 0, COUNT(singly));
	return suite;
}

int
main(void)
{
	return harness_main(inject_suite());
}
