/* SPDX-License-Identifier: ISC */
/*
 * mhrun with control groups: its table of peers over time and under load, and
 * its programs when they are pinned.
 */
#include "build.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "grouprun.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "run/group/attach.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

static bool
is_ready(void)
{
	return harness_needs_root() &&
	    harness_needs(grouprun_top[0] != '\0', "a cgroup2 file system");
}

/* The table of peers of what is attached to a group. */
static int
peers_of(const char *folder)
{
	int program, map, group = open(folder, O_RDONLY | O_CLOEXEC);
	uint32_t i, ids[GROUP_MAPS];
	struct bpf_map_info map_info;
	struct bpf_prog_info info;

	ck_assert_int_ge(group, 0);
	program = attach_find(group, &loader_programs[0]);
	ck_assert_int_ge(program, 0);
	close(group);
	memset(&info, 0, sizeof(info));
	info.nr_map_ids = GROUP_MAPS;
	info.map_ids = (uint64_t)(uintptr_t)ids;
	ck_assert_int_eq(bpf_program_info(program, &info), 0);
	close(program);
	for (i = 0; i < GROUP_MAPS; i++) {
		map = bpf_map_open(ids[i]);
		ck_assert_int_ge(map, 0);
		memset(&map_info, 0, sizeof(map_info));
		ck_assert_int_eq(bpf_map_info(map, &map_info), 0);
		if (strcmp(map_info.name, loader_map_names[GROUP_MAP_PEERS]) ==
		    0)
			return map;
		close(map);
	}
	ck_abort_msg("no table of peers");
	return -1;
}

/* The one peer in the table was last seen this much earlier. */
static void
age(const char *folder, uint64_t seconds)
{
	int map = peers_of(folder);
	struct group_local local;
	struct group_peer peer;

	ck_assert_int_eq(bpf_map_next(map, NULL, &peer), 0);
	ck_assert_int_eq(bpf_map_get(map, &peer, &local), 0);
	local.seen -= seconds * 1000000000;
	ck_assert_int_eq(bpf_map_set(map, &peer, &local), 0);
	close(map);
}

/* The server answers again, at our word; where from. */
static const char *
later_answer(struct client *client, struct grouprun *run)
{
	ck_assert_int_eq(write(run->in, "x", 1), 1);
	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS), "silence");
	return client->source;
}

/* Whoever has been silent for long is answered as if mhrun were not there. */
START_TEST(test_idle)
{
	struct grouprun run;
	struct client client;
	const char *group;
	struct lan lan;
	int i;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup=%s --idle=60 %s -4",
	    grouprun_mhrun, grouprun_top, grouprun_wildcard);
	group = grouprun_first(grouprun_top);
	client_open(&client, "0.0.0.0");
	client_ask_bytes(&client, "192.0.2.2", run.port, "later", 5);
	/* What it is sent counts, too. */
	for (i = 0; i < 2; i++) {
		age(group, 58);
		ck_assert_str_eq(later_answer(&client, &run), "192.0.2.2");
	}
	age(group, 61);
	ck_assert_str_eq(later_answer(&client, &run), "192.0.2.1");
	ck_assert_int_eq(write(run.in, "\n", 1), 1);
	ck_assert_uint_eq(grouprun_counter(group, "expired"), 1);
	client_ask(&client, "192.0.2.2", run.port);
	client_close(&client);
	grouprun_kill(&run);
}
END_TEST

/* -- addresses that go -- */

/* Wait until this many peers are in the table. */
static void
await_peers(int map, unsigned int count)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	struct group_peer peers[8];
	unsigned int found;

	do {
		ck_assert_msg(harness_now() < deadline,
		    "not %u peers are in the table", count);
		sched_yield();
		for (found = 0; found < 8; found++)
			if (bpf_map_next(map,
				found == 0 ? NULL : &peers[found - 1],
				&peers[found]) != 0)
				break;
	} while (found != count);
}

/* Start the server; its table of peers. */
static int
serve(struct grouprun *run, int netns, const char *options)
{
	grouprun_serve(run, netns, "%s --cgroup=%s %s %s", grouprun_mhrun,
	    grouprun_top, grouprun_wildcard, options);
	return peers_of(grouprun_first(grouprun_top));
}

/* A new client asks; the server answers on a line from the test. */
static void
ask_later(
    struct client *client, const char *from, const char *to, unsigned int port)
{
	client_open(client, from);
	client_ask_bytes(client, to, port, "later", 5);
}

static void
ask_as_other(const char *address, unsigned int port)
{
	struct client client;

	client_open(&client, strchr(address, ':') == NULL ? "0.0.0.0" : "::");
	client_ask(&client, address, port);
	client_close(&client);
}

static const struct {
	const char *options, *from, *asked, *removed, *added;
	const char *picked; /* by the system, then */
} leaving[] = {
	{ "-4", "0.0.0.0", "192.0.2.2", "addr del 192.0.2.2/24 dev v0",
	    "addr add 192.0.2.2/24 dev v0", "192.0.2.1" },
	{ "", "0.0.0.0", "192.0.2.2", "addr del 192.0.2.2/24 dev v0",
	    "addr add 192.0.2.2/24 dev v0", "192.0.2.1" },
	{ "", "::", "2001:db8:1::2", "addr del 2001:db8:1::2/64 dev v0",
	    "addr add 2001:db8:1::2/64 dev v0 nodad", "2001:db8:1::1" },
};

/*
 * The address is gone when the answer is sent: it leaves as without mhrun, and
 * the server, which ends at any error, sees none.  It may come back.
 */
START_TEST(test_gone)
{
	struct grouprun run;
	struct client client;
	struct lan lan;
	int map;

	if (!is_ready())
		return;
	lan_new(&lan);
	map = serve(&run, lan.server, leaving[_i].options);
	ask_as_other("203.0.113.77", run.port);
	ask_later(&client, leaving[_i].from, leaving[_i].asked, run.port);
	ck_assert_str_eq(later_answer(&client, &run), leaving[_i].asked);
	await_peers(map, 2);
	netns_ip(lan.server, "%s", leaving[_i].removed);
	await_peers(map, 1);
	ck_assert_str_eq(later_answer(&client, &run), leaving[_i].picked);
	ck_assert_int_eq(write(run.in, "\n", 1), 1);
	client_ask(&client, leaving[_i].picked, run.port);
	netns_ip(lan.server, "%s", leaving[_i].added);
	/* Linux has the route to it a little later. */
	client_expect_refused(leaving[_i].asked, run.port + 1);
	client_ask(&client, leaving[_i].asked, run.port);
	await_peers(map, 2);
	client_close(&client);
	close(map);
	grouprun_kill(&run);
	grouprun_await(grouprun_top, 0);
}
END_TEST

static const struct {
	const char *from, *asked, *added, *removed;
} staying[] = {
	/* On another interface. */
	{ "0.0.0.0", "192.0.2.2", "addr add 192.0.2.2/32 dev lo",
	    "addr del 192.0.2.2/24 dev v0" },
	{ "::", "2001:db8:1::2", "addr add 2001:db8:1::2/128 dev lo",
	    "addr del 2001:db8:1::2/64 dev v0" },
	/* By a route of type "local". */
	{ "0.0.0.0", "203.0.113.77", "addr add 203.0.113.77/32 dev v0",
	    "addr del 203.0.113.77/32 dev v0" },
};

/* Removed at one place, it is still an address of this host. */
START_TEST(test_gone_elsewhere)
{
	struct grouprun run;
	struct client client;
	struct lan lan;
	int map;

	if (!is_ready())
		return;
	lan_new(&lan);
	netns_ip(lan.server, "%s", staying[_i].added);
	map = serve(&run, lan.server, "");
	ask_as_other("198.51.100.1", run.port);
	ask_as_other("203.0.113.78", run.port);
	ask_later(&client, staying[_i].from, staying[_i].asked, run.port);
	await_peers(map, 3);
	netns_ip(lan.server, "%s", staying[_i].removed);
	/* When that is seen, the one before was. */
	netns_ip(lan.server, "addr del 198.51.100.1/32 dev lo");
	await_peers(map, 2);
	ck_assert_str_eq(later_answer(&client, &run), staying[_i].asked);
	client_close(&client);
	close(map);
	grouprun_kill(&run);
}
END_TEST

/*
 * A server in another network namespace: what mhrun's own one loses is not what
 * that one has.
 */
START_TEST(test_gone_namespace)
{
	struct group_peer peer = { .cookie = UINT64_MAX, .family = GROUP_IPV4 };
	struct group_local local = { .ip = { 198, 18, 7, 7 } };
	struct grouprun run;
	struct client client;
	struct lan lan;
	int map, netns;

	if (!is_ready())
		return;
	lan_new(&lan);
	netns = netns_new();
	netns_ip(netns, "link set lo up\naddr add 198.18.7.7/32 dev lo\n");
	grouprun_serve(&run, netns,
	    "%s --cgroup=%s nsenter --net=/proc/%d/fd/%d %s", grouprun_mhrun,
	    grouprun_top, (int)getpid(), lan.server, grouprun_wildcard);
	map = peers_of(grouprun_first(grouprun_top));
	client_open(&client, "0.0.0.0");
	client_ask_bytes(&client, "192.0.2.2", run.port, "later", 5);
	/* One that shows when the change was seen. */
	ck_assert_int_eq(bpf_map_set(map, &peer, &local), 0);
	await_peers(map, 2);
	netns_ip(netns, "addr del 198.18.7.7/32 dev lo\n");
	await_peers(map, 1);
	ck_assert_str_eq(later_answer(&client, &run), "192.0.2.2");
	client_close(&client);
	close(map);
	grouprun_kill(&run);
}
END_TEST

/* -- load -- */

#define CLIENTS 8
#define REQUESTS 1000

static const char *const asked[] = { "192.0.2.1", "192.0.2.2", "198.51.100.1",
	"203.0.113.77", "2001:db8:1::1", "2001:db8:1::2", "2001:db8:2::1" };

struct asker {
	pthread_t thread;
	struct client ipv4, ipv6;
	unsigned int port, right;
};

static void *
ask_often(void *argument)
{
	struct asker *asker = argument;
	struct client *client;
	const char *address;
	unsigned int i;

	for (i = 0; i < REQUESTS; i++) {
		address = asked[i % (sizeof(asked) / sizeof(asked[0]))];
		client =
		    strchr(address, ':') == NULL ? &asker->ipv4 : &asker->ipv6;
		client_send(client, address, asker->port, &i, sizeof(i));
		if (!client_receive(client, HARNESS_PATIENCE_MS))
			break;
		asker->right += strcmp(client->source, address) == 0 &&
		    client->length == sizeof(i) &&
		    memcmp(client->data, &i, sizeof(i)) == 0;
	}
	return NULL;
}

/* Eight clients at once, each a thousand times, one address after another. */
START_TEST(test_load)
{
	static struct asker askers[CLIENTS];
	unsigned int i, right = 0;
	struct grouprun run;
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup=%s %s -t 4",
	    grouprun_mhrun, grouprun_top, grouprun_wildcard);
	for (i = 0; i < CLIENTS; i++) {
		client_open(&askers[i].ipv4, "0.0.0.0");
		client_open(&askers[i].ipv6, "::");
		askers[i].port = run.port;
		askers[i].right = 0;
	}
	for (i = 0; i < CLIENTS; i++)
		ck_assert_int_eq(pthread_create(&askers[i].thread, NULL,
				     ask_often, &askers[i]),
		    0);
	for (i = 0; i < CLIENTS; i++) {
		pthread_join(askers[i].thread, NULL);
		right += askers[i].right;
	}
	ck_assert_uint_eq(right, CLIENTS * REQUESTS);
	grouprun_kill(&run);
	grouprun_await(grouprun_top, 0);
}
END_TEST

/* Killed in the middle of it, and started again, nothing is left over. */
START_TEST(test_killed)
{
	struct asker asker = { .right = 0 };
	struct grouprun run;
	struct lan lan;
	int i;

	if (!is_ready())
		return;
	lan_new(&lan);
	for (i = 0; i < 3; i++) {
		grouprun_serve(&run, lan.server, "%s --cgroup=%s %s -t 2",
		    grouprun_mhrun, grouprun_top, grouprun_wildcard);
		client_open(&asker.ipv4, "0.0.0.0");
		/* Requests that wait, and answers on their way. */
		for (asker.right = 0; asker.right < 100; asker.right++)
			client_send(&asker.ipv4, "192.0.2.2", run.port,
			    &asker.right, sizeof(asker.right));
		grouprun_kill(&run);
		grouprun_await(grouprun_top, 0);
		while (client_receive(&asker.ipv4, 0))
			ck_assert_str_eq(asker.ipv4.source, "192.0.2.2");
		client_close(&asker.ipv4);
	}
}
END_TEST

/* -- pinned -- */

/* What systemd does for BPFProgram=. */
static void
attach_pinned(const char *pins)
{
	int i, program, group = open(grouprun_top, O_RDONLY | O_CLOEXEC);
	char path[256];

	ck_assert_int_ge(group, 0);
	for (i = 0; i < LOADER_PROGRAMS; i++) {
		snprintf(
		    path, sizeof(path), "%s/%s", pins, loader_programs[i].pin);
		program = bpf_pinned(path);
		ck_assert_msg(program >= 0, "%s: %s", path, strerror(-program));
		ck_assert_int_eq(
		    bpf_attach(group, program, loader_programs[i].code.place),
		    0);
		close(program);
	}
	close(group);
}

static void
check_pins(const char *pins, int netns)
{
	struct grouprun run;
	char path[256];

	grouprun_check(
	    &run, netns, 0, "", "%s --pin %s --port=7", grouprun_mhrun, pins);
	grouprun_check(&run, netns, 0, ": 0 of 65536 peers, idle 300 s, port 7",
	    "%s --status %s", grouprun_mhrun, pins);
	grouprun_check(&run, netns, 125, "/ingress: File exists: remove it ",
	    "%s --pin %s", grouprun_mhrun, pins);
	/* Nothing is left of what did not succeed. */
	snprintf(path, sizeof(path), "%s/ingress", pins);
	ck_assert_int_eq(unlink(path), 0);
	grouprun_check(&run, netns, 125, "/sendmsg4: File exists: remove it",
	    "%s --pin %s", grouprun_mhrun, pins);
	ck_assert_int_ne(access(path, F_OK), 0);
	netns_shell(netns, "rm -r %s", pins);
}

START_TEST(test_pin)
{
	char point[128], pins[160];
	struct grouprun run;
	struct client client;
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	snprintf(point, sizeof(point), "%s", harness_file("bpf"));
	snprintf(pins, sizeof(pins), "%s/mhrun", point);
	ck_assert_int_eq(mkdir(point, 0700), 0);
	if (!harness_needs(
		mount("none", point, "bpf", 0, NULL) == 0, "a BPF file system"))
		return;
	check_pins(pins, lan.server);
	grouprun_check(
	    &run, lan.server, 0, "", "%s --pin %s", grouprun_mhrun, pins);
	attach_pinned(pins);
	grouprun_serve(&run, lan.server, "%s", grouprun_wildcard);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.2", run.port);
	client_close(&client);
	ck_assert_uint_eq(grouprun_counter(pins, "sourced"), 1);
	grouprun_kill(&run);
	grouprun_check(&run, lan.server, 0, "", "%s --detach %s",
	    grouprun_mhrun, grouprun_top);
	ck_assert_int_eq(umount2(point, 0), 0);
}
END_TEST

static Suite *
run_table_suite(void)
{
	Suite *suite = suite_create("net run table");
	TCase *tcase = harness_case(suite, "table");

	tcase_add_unchecked_fixture(tcase, grouprun_setup, grouprun_teardown);
	tcase_add_test(tcase, test_idle);
	tcase_add_loop_test(tcase, test_gone, 0, COUNT(leaving));
	tcase_add_loop_test(tcase, test_gone_elsewhere, 0, COUNT(staying));
	tcase_add_test(tcase, test_gone_namespace);
	tcase_add_test(tcase, test_load);
	tcase_add_test(tcase, test_killed);
	tcase_add_test(tcase, test_pin);
	return suite;
}

int
main(void)
{
	return harness_main(run_table_suite());
}
