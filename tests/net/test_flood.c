/* SPDX-License-Identifier: ISC */
/*
 * A million strangers: the daemon needs no more memory for them, and keeps
 * answering those within the rate.
 */
#include "build.h"

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "packet.h"
#include "server.h"

/* -- a flood from everywhere -- */

#define SOURCES 1000000
#define LOT 800

/* Kilobytes of memory in use. */
static long
memory_of(pid_t pid)
{
	char path[64], line[128];
	long kilobytes = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmRSS: %ld", &kilobytes) == 1)
			break;
	fclose(file);
	ck_assert_int_gt(kilobytes, 0);
	return kilobytes;
}

/* Ask once; the answer means that what was sent before is over, too. */
static bool
ask_once(struct client *client, unsigned int number)
{
	client_send(client, "192.0.2.1", 7007, &number, sizeof(number));
	while (client_receive(client, 2000))
		if (client->length == sizeof(number) &&
		    memcmp(client->data, &number, sizeof(number)) == 0)
			return true;
	return false;
}

/*
 * A million sources, one datagram each, in lots that the socket can hold: the
 * next lot goes when a request of ours after the previous one has been
 * answered.
 */
START_TEST(test_flood)
{
	unsigned int sent, asked = 0, answered = 0;
	unsigned long received;
	struct server server = { .netns = -1 };
	struct client client;
	long before = 0, after;
	struct lan lan;

	/* For the receive buffer, which holds a lot. */
	if (!harness_needs_root())
		return;
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "--trust 127.0.0.0/8 --rcvbuf 4M echo=:7007");
	client_open(&client, "0.0.0.0");
	netns_ip(lan.server, "route add 10.0.0.0/8 via 192.0.2.100\n");
	client_ask(&client, "192.0.2.1", 7007);
	for (sent = 0; sent < SOURCES; sent += LOT) {
		/* By now whatever runs our code again has all it needs. */
		if (sent == SOURCES / 10)
			before = memory_of(server.pid);
		packet_flood("192.0.2.1", 7007, sent, LOT);
		asked++;
		answered += ask_once(&client, sent);
	}
	after = memory_of(server.pid);
	received = server_counter(&server, "received");
	ck_assert_msg(received > (SOURCES + asked) / 100 * 99,
	    "only %lu came, so it was no flood", received);
	ck_assert_msg(answered > asked / 100 * 99, "%u of %u", answered, asked);
	ck_assert_msg(
	    after - before < 1024, "memory from %ld to %ld kB", before, after);
	printf("%lu received, %u of %u answered, memory %ld kB, then %ld kB\n",
	    received, answered, asked, before, after);
	server_stop(&server);
}
END_TEST

static Suite *
flood_suite(void)
{
	Suite *suite = suite_create("net flood");
	TCase *tcase = harness_case(suite, "flood");

	tcase_add_test(tcase, test_flood);
	return suite;
}

int
main(void)
{
	return harness_main(flood_suite());
}
