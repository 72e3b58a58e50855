/* SPDX-License-Identifier: ISC */
/*
 * mhrun with control groups: a static server that is bound to every address
 * answers from the one that was asked, as long as it is in the group, and
 * nobody else is touched.
 */
#include "build.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "grouprun.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "probe.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* The server's options, and the addresses that it is bound to. */
static const struct {
	const char *options;
	bool ipv4, ipv6;
} servers[] = {
	{ "", true, true }, /* IPv4 as v4-mapped */
	{ "-4", true, false },
	{ "-b :: -t 3", true, true },
};

static bool
is_ready(void)
{
	return harness_needs_root() &&
	    harness_needs(grouprun_top[0] != '\0', "a cgroup2 file system");
}

/* Does the server answer from the address? */
static bool
is_right(struct client *client, const char *address, unsigned int port)
{
	client_send(client, address, port, "right?", 6);
	ck_assert_msg(client_receive(client, HARNESS_PATIENCE_MS),
	    "%s: no answer", address);
	return strcmp(client->source, address) == 0;
}

START_TEST(test_places)
{
	struct grouprun run;
	struct client client;
	struct lan lan;
	int i;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup=%s %s %s", grouprun_mhrun,
	    grouprun_top, grouprun_wildcard, servers[_i].options);
	for (i = 0; i < LAN_PLACES; i++) {
		if (!(lan_places[i].ipv6 ? servers[_i].ipv6 : servers[_i].ipv4))
			continue;
		client_open(&client, lan_places[i].ipv6 ? "::" : "0.0.0.0");
		client_ask(&client, lan_places[i].address, run.port);
		client_close(&client);
	}
	grouprun_kill(&run);
	grouprun_await(grouprun_top, 0);
}
END_TEST

/* What the tests of this file are about: without mhrun it is otherwise. */
START_TEST(test_bare)
{
	struct grouprun run;
	struct client client;
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(
	    &run, lan.server, "%s %s", grouprun_wildcard, servers[_i].options);
	client_open(&client, "0.0.0.0");
	ck_assert(!is_right(&client, "192.0.2.2", run.port));
	ck_assert(!is_right(&client, "198.51.100.1", run.port));
	client_close(&client);
	grouprun_kill(&run);
}
END_TEST

/* The way back is by the other link, whose address the system would take. */
START_TEST(test_second_uplink)
{
	struct grouprun run;
	struct client client;
	struct lan lan;

	if (!is_ready())
		return;
	lan_one_way_back(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup=%s %s", grouprun_mhrun,
	    grouprun_top, grouprun_wildcard);
	client_open(&client, LAN_FAR_IPV4);
	client_ask(&client, "198.18.0.1", run.port);
	client_ask(&client, "192.0.2.1", run.port);
	client_close(&client);
	client_open(&client, LAN_FAR_IPV6);
	client_ask(&client, "2001:db8:3::1", run.port);
	client_ask(&client, "2001:db8:1::2", run.port);
	client_close(&client);
	grouprun_kill(&run);
}
END_TEST

START_TEST(test_local_client)
{
	static const char *const asked[] = { "127.0.0.1", "127.0.0.2",
		"192.0.2.1", "192.0.2.2", "198.51.100.1", "::1",
		"2001:db8:1::1", "2001:db8:1::2", "2001:db8:2::1",
		"fe80::1%v0" };
	struct grouprun run;
	struct client client;
	struct lan lan;
	int i;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup=%s %s", grouprun_mhrun,
	    grouprun_top, grouprun_wildcard);
	netns_enter(lan.server);
	for (i = 0; i < COUNT(asked); i++) {
		client_open(
		    &client, strchr(asked[i], ':') == NULL ? "0.0.0.0" : "::");
		client_ask(&client, asked[i], run.port);
		client_close(&client);
	}
	grouprun_kill(&run);
}
END_TEST

/* What the server chooses stays: by control data, or by bind(2). */
START_TEST(test_own_source)
{
	static const struct {
		const char *options, *from, *asked, *source;
		unsigned int learned;
	} own[] = {
		{ "-4 -s 192.0.2.2", "0.0.0.0", "192.0.2.1", "192.0.2.2", 1 },
		{ "-s ::ffff:192.0.2.2", "0.0.0.0", "192.0.2.1", "192.0.2.2",
		    1 },
		{ "-s 2001:db8:2::1", "::", "2001:db8:1::1", "2001:db8:2::1",
		    1 },
		/* And is not for the table. */
		{ "-4 -b 192.0.2.2 -s 192.0.2.1", "0.0.0.0", "192.0.2.2",
		    "192.0.2.1", 0 },
	};
	struct grouprun run;
	struct client client;
	const char *group;
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup=%s %s %s", grouprun_mhrun,
	    grouprun_top, grouprun_wildcard, own[_i].options);
	group = grouprun_first(grouprun_top);
	client_open(&client, own[_i].from);
	client_ask_group(&client, own[_i].asked, run.port, own[_i].source);
	client_close(&client);
	ck_assert_uint_eq(grouprun_counter(group, "chosen"), 1);
	ck_assert_uint_eq(grouprun_counter(group, "sourced"), 0);
	ck_assert_uint_eq(grouprun_counter(group, "learned"), own[_i].learned);
	grouprun_kill(&run);
}
END_TEST

/*
 * A datagram to all tells nothing: the system picks, also if the same client
 * asked for an address before.
 */
START_TEST(test_groups)
{
	static const struct {
		const char *from, *group;
	} groups[] = {
		{ "192.0.2.100", "192.0.2.255" },
		{ "192.0.2.100", "255.255.255.255" },
		/* In a frame to the server alone. */
		{ "0.0.0.0", "224.0.0.1" },
	};
	struct grouprun run;
	struct client client;
	struct lan lan;
	const char *group;
	int i;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup=%s %s -4", grouprun_mhrun,
	    grouprun_top, grouprun_wildcard);
	netns_ip(lan.client, "route add 224.0.0.1/32 via 192.0.2.1\n");
	for (i = 0; i < COUNT(groups); i++) {
		client_open(&client, groups[i].from);
		client_ask(&client, "192.0.2.2", run.port);
		client_ask_group(
		    &client, groups[i].group, run.port, "192.0.2.1");
		client_close(&client);
	}
	group = grouprun_first(grouprun_top);
	ck_assert_uint_eq(grouprun_counter(group, "ignored"), 3);
	ck_assert_uint_eq(grouprun_counter(group, "learned"), 3);
	ck_assert_uint_eq(grouprun_counter(group, "unasked"), 3);
	grouprun_kill(&run);
}
END_TEST

/* Headers between those of IPv6 and UDP. */
START_TEST(test_extension_headers)
{
	/* Next header, length, and a PadN option that fills it. */
	static const unsigned char options[8] = { 0, 0, 1, 4 };
	static const int kinds[] = { IPV6_DSTOPTS, IPV6_HOPOPTS };
	struct grouprun run;
	struct client client;
	struct lan lan;
	int i;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup=%s %s", grouprun_mhrun,
	    grouprun_top, grouprun_wildcard);
	client_open(&client, "::");
	for (i = 0; i < COUNT(kinds); i++) {
		ck_assert_int_eq(setsockopt(client.fd, IPPROTO_IPV6, kinds[i],
				     options, sizeof(options)),
		    0);
		client_ask(&client, "2001:db8:1::1", run.port);
		client_ask(&client, "2001:db8:2::1", run.port);
	}
	client_close(&client);
	ck_assert_uint_eq(
	    grouprun_counter(grouprun_first(grouprun_top), "learned"), 4);
	grouprun_kill(&run);
}
END_TEST

/*
 * Two links with a client of the same address and port: nobody says which of
 * them is answered, so the system picks.
 */
START_TEST(test_two_links)
{
	struct grouprun run;
	struct client client;
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	lan_second_cable(&lan);
	netns_ip(lan.server, "addr add fe80::2/64 dev v1 nodad\n");
	netns_ip(lan.client, "addr add fe80::100/64 dev v1 nodad\n");
	grouprun_serve(&run, lan.server, "%s --cgroup=%s %s", grouprun_mhrun,
	    grouprun_top, grouprun_wildcard);
	client_open(&client, "::");
	client_ask(&client, "fe80::1%v0", run.port);
	client_ask(&client, "fe80::2%v1", run.port);
	client_ask(&client, "fe80::1%v0", run.port);
	client_close(&client);
	ck_assert_uint_eq(
	    grouprun_counter(grouprun_first(grouprun_top), "unclear"), 2);
	grouprun_kill(&run);
}
END_TEST

/* Only the ports that the command line names. */
START_TEST(test_ports)
{
	struct grouprun run;
	struct client client;
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup=%s --port=9,10 %s",
	    grouprun_mhrun, grouprun_top, grouprun_wildcard);
	client_open(&client, "0.0.0.0");
	ck_assert(!is_right(&client, "192.0.2.2", run.port));
	client_close(&client);
	grouprun_check(&run, lan.server, 0, ", ports 9 10\n", "%s --status %s",
	    grouprun_mhrun, grouprun_first(grouprun_top));
}
END_TEST

/* More clients than there is room for; each that asks is answered at once. */
START_TEST(test_entries)
{
	struct grouprun run;
	struct client client;
	unsigned int peers;
	struct lan lan;
	int i;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup=%s --entries=64 %s",
	    grouprun_mhrun, grouprun_top, grouprun_wildcard);
	for (i = 0; i < 500; i++) {
		client_open(&client, "0.0.0.0");
		client_ask(&client, "192.0.2.2", run.port);
		client_close(&client);
	}
	grouprun_check(&run, lan.server, 0, " of 64 peers, idle 300 s, all",
	    "%s --status %s", grouprun_mhrun, grouprun_first(grouprun_top));
	ck_assert_int_eq(
	    sscanf(strstr(run.output, ": "), ": %u of", &peers), 1);
	ck_assert_uint_le(peers, 64);
}
END_TEST

static void
ask_to(struct client *client, const char *what, unsigned int port)
{
	client_send(client, "192.0.2.2", port, what, strlen(what));
}

/* The exit code is the command's, and nothing of the group is left. */
START_TEST(test_ends)
{
	struct grouprun run;
	struct client client;
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	client_open(&client, "0.0.0.0");
	grouprun_serve(&run, lan.server, "%s --cgroup=%s -- %s", grouprun_mhrun,
	    grouprun_top, grouprun_wildcard);
	ck_assert_uint_eq(grouprun_count(grouprun_top), 1);
	ask_to(&client, "exit", run.port);
	ck_assert_int_eq(grouprun_end(&run), 7);
	grouprun_await(grouprun_top, 0);
	/* What it leaves running is still repaired. */
	grouprun_serve(&run, lan.server, "%s --cgroup=%s %s", grouprun_mhrun,
	    grouprun_top, grouprun_wildcard);
	ask_to(&client, "fork", run.port);
	ck_assert_int_eq(kill(run.pid, 0), 0);
	client_close(&client);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.2", run.port);
	ck_assert_uint_eq(grouprun_count(grouprun_top), 1);
	ask_to(&client, "exit", run.port);
	ck_assert_int_eq(grouprun_end(&run), 8);
	grouprun_await(grouprun_top, 0);
	client_close(&client);
	grouprun_check(&run, lan.server, 127,
	    "mhrun: ./nothing: ", "%s --cgroup=%s ./nothing", grouprun_mhrun,
	    grouprun_top);
	grouprun_await(grouprun_top, 0);
}
END_TEST

/* Without =DIR, in the group that mhrun is in; and in that once more. */
START_TEST(test_nested)
{
	char outer[256];
	struct grouprun run;
	struct client client;
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s --cgroup %s --cgroup %s",
	    grouprun_mhrun, grouprun_mhrun, grouprun_wildcard);
	ck_assert_uint_eq(grouprun_count(grouprun_top), 1);
	snprintf(outer, sizeof(outer), "%.250s", grouprun_first(grouprun_top));
	ck_assert_uint_eq(grouprun_count(outer), 1);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.2", run.port);
	client_ask(&client, "198.51.100.1", run.port);
	client_close(&client);
	/* Whichever comes first; the other leaves it. */
	ck_assert_uint_eq(grouprun_counter(outer, "sourced") +
		grouprun_counter(grouprun_first(outer), "sourced"),
	    2);
	ck_assert_uint_eq(grouprun_counter(outer, "chosen") +
		grouprun_counter(grouprun_first(outer), "chosen"),
	    2);
	grouprun_kill(&run);
	grouprun_await(grouprun_top, 0);
}
END_TEST

/* A service that is running already, in a group of somebody else. */
START_TEST(test_attach)
{
	const char *top = grouprun_top;
	struct grouprun run, other;
	struct client client;
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	client_open(&client, "0.0.0.0");
	grouprun_serve(&run, lan.server, "%s", grouprun_wildcard);
	ck_assert(!is_right(&client, "192.0.2.2", run.port));
	grouprun_check(&other, lan.server, 125, "nothing of mhrun's is att",
	    "%s --detach %s", grouprun_mhrun, top);
	grouprun_check(&other, lan.server, 125, "nothing of mhrun's is att",
	    "%s --status %s", grouprun_mhrun, top);
	grouprun_check(&other, lan.server, 0, "", "%s --attach %s --idle=60",
	    grouprun_mhrun, top);
	ck_assert_str_eq(other.output, "");
	/* Once more is instead of that. */
	grouprun_check(&other, lan.server, 0, "", "%s --attach %s --idle=70",
	    grouprun_mhrun, top);
	client_ask(&client, "192.0.2.2", run.port);
	grouprun_check(&other, lan.server, 0, ": 1 of 65536 peers, idle 70 s, ",
	    "%s --status %s", grouprun_mhrun, top);
	/* All groups that there are. */
	grouprun_check(&other, lan.server, 0, strrchr(top, '/'), "%s --status",
	    grouprun_mhrun);
	grouprun_check(
	    &other, lan.server, 0, "", "%s --detach %s", grouprun_mhrun, top);
	ck_assert(!is_right(&client, "192.0.2.2", run.port));
	client_close(&client);
	grouprun_kill(&run);
}
END_TEST

/* On a terminal, mhprobe names the server of that port, and the command. */
static void
probe_local(struct probe *probe, const struct lan *lan, unsigned int port)
{
	probe->terminal = 24;
	netns_enter(lan->server);
	probe_start(probe, "-q -4 -c 1 --local echo %u", port);
	netns_enter(lan->client);
	ck_assert_int_eq(probe_end(probe), 1);
}

/* The command is what is to be typed: the rest of the line after "  mhrun". */
static const char *
printed_command(struct probe *probe)
{
	static const char before[] = "\n  mhrun ";
	char *at = strstr(probe->output, before);

	ck_assert_msg(at != NULL, "%s", probe_tail(probe));
	at += strlen(before);
	at[strcspn(at, "\r\n")] = '\0';
	return at;
}

START_TEST(test_remedy)
{
	static struct probe probe;
	struct grouprun run, again;
	struct client client;
	char text[64];
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server, "%s -b 0.0.0.0 -4", grouprun_wildcard);
	probe_local(&probe, &lan, run.port);
	snprintf(text, sizeof(text), "Port %u belongs to wildcard, process %d.",
	    run.port, (int)run.pid);
	probe_shows(&probe, text);
	ck_assert_ptr_null(strstr(probe.output, "mhrun(1) makes"));
	grouprun_kill(&run);
	grouprun_serve(&again, lan.server, "%s %s", grouprun_mhrun,
	    printed_command(&probe));
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.2", again.port);
	client_close(&client);
	grouprun_kill(&again);
}
END_TEST

/* A service of systemd is repaired as it is. */
START_TEST(test_remedy_service)
{
	static struct probe probe;
	struct grouprun run, other;
	struct client client;
	struct lan lan;

	if (!is_ready())
		return;
	lan_new(&lan);
	grouprun_serve(&run, lan.server,
	    "sh -c 'mkdir \"$0\"; echo 0 >\"$0\"/cgroup.procs; exec %s' "
	    "%s/a.service",
	    grouprun_wildcard, grouprun_top);
	probe_local(&probe, &lan, run.port);
	probe_shows(&probe, ", of a.service.");
	client_open(&client, "0.0.0.0");
	ck_assert(!is_right(&client, "192.0.2.2", run.port));
	grouprun_check(&other, lan.server, 0, "", "%s %s", grouprun_mhrun,
	    printed_command(&probe));
	client_ask(&client, "192.0.2.2", run.port);
	client_close(&client);
	grouprun_kill(&run);
}
END_TEST

/* What may not be seen is not guessed. */
START_TEST(test_remedy_unseen)
{
	static struct probe probe;
	struct grouprun run;
	char program[512];
	struct lan lan;

	if (!is_ready() || !harness_needs_tool("setpriv"))
		return;
	lan_new(&lan);
	snprintf(program, sizeof(program), "setpriv --bounding-set=-all %s",
	    NET_PROBE);
	ck_assert_int_eq(setenv("MH_PROBE", program, 1), 0);
	grouprun_serve(&run, lan.server, "%s -4", grouprun_wildcard);
	probe_local(&probe, &lan, run.port);
	probe_shows(&probe, "\nmhrun(1) makes a server on Linux answer ");
	ck_assert_ptr_null(strstr(probe.output, "process"));
	grouprun_kill(&run);
}
END_TEST

/* Who may not, or names something else, reads why. */
START_TEST(test_refusals)
{
	static const char unable[] = "setpriv --bounding-set=-all";
	struct grouprun run;
	int netns;

	if (!is_ready() || !harness_needs_tool("setpriv"))
		return;
	netns = netns_new();
	grouprun_check(&run, netns, 125, "not a control group of cgroup2\n",
	    "%s --attach .", grouprun_mhrun);
	grouprun_check(&run, netns, 125, "not a control group of cgroup2\n",
	    "%s --cgroup=. true", grouprun_mhrun);
	grouprun_check(&run, netns, 125, "/none: No such file or directory\n",
	    "%s --attach %s/none", grouprun_mhrun, grouprun_top);
	grouprun_check(&run, netns, 125, "/none: No such file or directory\n",
	    "%s --cgroup=%s/none true", grouprun_mhrun, grouprun_top);
	grouprun_check(&run, netns, 125, "needs root, or CAP_BPF and CAP_NET_",
	    "%s %s --attach %s", unable, grouprun_mhrun, grouprun_top);
	grouprun_check(&run, netns, 125, "needs root, or CAP_BPF and CAP_NET_",
	    "%s %s --cgroup=%s true", unable, grouprun_mhrun, grouprun_top);
	grouprun_check(&run, netns, 125, "not in a BPF file system",
	    "%s --pin ./none", grouprun_mhrun);
	ck_assert_int_ne(access("none", F_OK), 0);
	ck_assert_uint_eq(grouprun_count(grouprun_top), 0);
}
END_TEST

static Suite *
run_group_suite(void)
{
	Suite *suite = suite_create("net run group");
	TCase *tcase = harness_case(suite, "group");

	tcase_add_unchecked_fixture(tcase, grouprun_setup, grouprun_teardown);
	tcase_add_loop_test(tcase, test_places, 0, COUNT(servers));
	tcase_add_loop_test(tcase, test_bare, 0, COUNT(servers));
	tcase_add_test(tcase, test_second_uplink);
	tcase_add_test(tcase, test_local_client);
	tcase_add_loop_test(tcase, test_own_source, 0, 4);
	tcase_add_test(tcase, test_groups);
	tcase_add_test(tcase, test_extension_headers);
	tcase_add_test(tcase, test_two_links);
	tcase_add_test(tcase, test_ports);
	tcase_add_test(tcase, test_entries);
	tcase_add_test(tcase, test_ends);
	tcase_add_test(tcase, test_nested);
	tcase_add_test(tcase, test_attach);
	tcase_add_test(tcase, test_remedy);
	tcase_add_test(tcase, test_remedy_service);
	tcase_add_test(tcase, test_remedy_unseen);
	tcase_add_test(tcase, test_refusals);
	return suite;
}

int
main(void)
{
	return harness_main(run_group_suite());
}
