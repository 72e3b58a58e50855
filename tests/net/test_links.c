/* SPDX-License-Identifier: ISC */
/*
 * A host of many links, addresses and services, as of containers that come and
 * go.  What a change costs is counted: it is read once, however many workers
 * and services there are; many changes make one new table; and the list of all
 * there is is read at the start alone.  Meanwhile every request is answered.
 */
#include "build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "server.h"

#define LINKS 400
#define ADDRESSES 8000
#define SERVICES 20

/* Each adds and removes this many links, and addresses on them. */
#define ROUNDS 20
#define ROUND_LINKS 2

/* Between two tables (see netwatch.c), less what a timer may be early. */
#define TABLE_MS 45

#define ALL_READ "all addresses and interfaces read"
#define CHANGED "addresses or interfaces changed"

static struct lan lan;
static struct server server;
static struct client client;

/* Text that grows. */
struct lines {
	char *text;
	size_t length;
	FILE *file;
};

static void
lines_open(struct lines *lines)
{
	lines->file = open_memstream(&lines->text, &lines->length);
	ck_assert_ptr_nonnull(lines->file);
}

static void
lines_run(struct lines *lines, int netns)
{
	ck_assert_int_eq(fclose(lines->file), 0);
	netns_ip(netns, "%s", lines->text);
	free(lines->text);
}

static void
host_new(void)
{
	struct lines lines;
	unsigned int i;

	lan_new(&lan);
	/* No addresses that come later by themselves. */
	netns_sysctl(lan.server, "ipv6/conf/default/addr_gen_mode", "1");
	lines_open(&lines);
	for (i = 0; i < LINKS / 2; i++)
		fprintf(lines.file,
		    "link add a%u type veth peer name b%u\n"
		    "link set a%u up\n"
		    "link set b%u up\n",
		    i, i, i, i);
	for (i = 0; i < ADDRESSES; i++)
		fprintf(lines.file, "addr add 172.20.%u.%u/32 dev a%u\n",
		    i / 256, i % 256, i % (LINKS / 2));
	lines_run(&lines, lan.server);
	netns_sysctl(lan.server, "ipv6/conf/default/addr_gen_mode", "0");
	netns_ip(lan.client, "route add 172.20.0.0/16 via 192.0.2.1\n");
}

static void
start(unsigned int workers)
{
	char line[16 * SERVICES + 64];
	int length =
	    snprintf(line, sizeof(line), "-v -w %u --rate none", workers);
	unsigned int i;

	for (i = 0; i < SERVICES; i++)
		length += snprintf(line + length, sizeof(line) - (size_t)length,
		    " echo:s%u=:0", i);
	server = (struct server){ .netns = lan.server };
	server_start(&server, line);
	ck_assert_uint_eq(server.count, SERVICES);
	client_open(&client, "0.0.0.0");
}

/* An address of each kind, of one service after the other. */
static void
ask_some(unsigned int round)
{
	char address[32];

	snprintf(address, sizeof(address), "172.20.%u.%u", round % 31,
	    round * 7 % 256);
	client_ask(&client, address, server.sockets[round % SERVICES].port);
	client_ask(
	    &client, "192.0.2.2", server.sockets[(round + 7) % SERVICES].port);
}

static void
change_some(void)
{
	struct lines lines;
	unsigned int i;

	lines_open(&lines);
	for (i = 0; i < ROUND_LINKS; i++)
		fprintf(lines.file,
		    "link add x%u type veth peer name y%u\n"
		    "link set x%u up\n"
		    "link set y%u up\n"
		    "addr add 172.21.0.%u/32 dev x%u\n",
		    i, i, i, i, i, i);
	for (i = 0; i < ROUND_LINKS; i++)
		fprintf(lines.file, "link del x%u\n", i);
	lines_run(&lines, lan.server);
}

static const unsigned int workers[] = { 1, 4 };

START_TEST(test_come_and_go)
{
	unsigned int round, tables;
	long long begin;

	host_new();
	start(workers[_i]);
	begin = harness_now();
	for (round = 0; round < ROUNDS; round++) {
		change_some();
		ask_some(round);
	}
	tables = server_log_count(&server, CHANGED);
	fprintf(stderr, "%u workers: %u tables in %lld ms\n", workers[_i],
	    tables, harness_now() - begin);
	ck_assert_uint_eq(server_log_count(&server, ALL_READ), 1);
	ck_assert_uint_le(
	    tables, (unsigned int)(harness_now() - begin) / TABLE_MS + 2);
	ck_assert_uint_eq(server_counter(&server, "received"),
	    server_counter(&server, "answered"));
	ck_assert_uint_ge(server_counter(&server, "answered"), 2 * ROUNDS);
	server_stop(&server);
}
END_TEST

static Suite *
links_suite(void)
{
	Suite *suite = suite_create("net links");
	TCase *tcase = harness_case(suite, "links");

	tcase_add_loop_test(tcase, test_come_and_go, 0, 2);
	return suite;
}

int
main(void)
{
	return harness_main(links_suite());
}
