/* SPDX-License-Identifier: ISC */
/*
 * Thousands of addresses come and go, one by one, as on a load balancer that
 * takes over its services.  Meanwhile every request is answered from the
 * address that was asked; afterwards the daemon knows which addresses are its
 * own.
 */
#include "build.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "packet.h"
#include "server.h"

#define ADDRESSES 8000 /* 172.20.0.0 and so on */
#define STEP 50        /* between two requests */
#define LO 1           /* its index */

#define LAST "172.20.31.63" /* number ADDRESSES - 1 */

struct scene {
	struct lan lan;
	struct server server;
	struct client client;
	unsigned int port;
	int netlink;
	long long worst; /* answer, in ms */
};

static const char *const lines[] = { "-w 1 --rate none echo=:0",
	"-w 4 --rate none echo=:0" };

static void
scene_open(struct scene *scene, const char *line)
{
	memset(scene, 0, sizeof(*scene));
	lan_new(&scene->lan);
	scene->server.netns = scene->lan.server;
	server_start(&scene->server, line);
	scene->port = server_port(&scene->server, "echo");
	client_open(&scene->client, "0.0.0.0");
	netns_enter(scene->lan.server);
	scene->netlink =
	    socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	netns_enter(scene->lan.client);
	ck_assert_int_ge(scene->netlink, 0);
	netns_ip(scene->lan.client, "route add 172.20.0.0/16 via 192.0.2.1\n");
}

static void
scene_close(struct scene *scene)
{
	close(scene->netlink);
	client_close(&scene->client);
	server_stop(&scene->server);
}

/* A request to add or remove one address. */
struct change {
	struct nlmsghdr header;
	struct ifaddrmsg address;
	struct rtattr local;
	unsigned char ip[4];
};

static struct change
make_change(unsigned short type, unsigned int number)
{
	return (struct change){
		.header = { .nlmsg_len = sizeof(struct change),
		    .nlmsg_type = type,
		    .nlmsg_flags = NLM_F_REQUEST |
			(type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0) },
		.address = { .ifa_family = AF_INET,
		    .ifa_prefixlen = 32,
		    .ifa_index = LO },
		.local = { .rta_len = RTA_LENGTH(4), .rta_type = IFA_LOCAL },
		.ip = { 172, 20, (unsigned char)(number / 256),
		    (unsigned char)(number % 256) },
	};
}

/*
 * Change STEP addresses, starting with that one; each by a message of its own.
 */
static void
change_some(int netlink, unsigned short type, unsigned int first)
{
	struct change changes[STEP];
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;
	unsigned int i;

	for (i = 0; i < STEP; i++)
		changes[i] = make_change(type, first + i);
	/* When the kernel confirms the last, it has done them all. */
	changes[STEP - 1].header.nlmsg_flags |= NLM_F_ACK;
	ck_assert_int_eq(
	    send(netlink, changes, sizeof(changes), 0), sizeof(changes));
	ck_assert_int_ge(recv(netlink, &answer, sizeof(answer), MSG_TRUNC),
	    (int)sizeof(answer));
	ck_assert_int_eq(answer.header.nlmsg_type, NLMSG_ERROR);
	ck_assert_int_eq(answer.error.error, 0);
}

static void
ask(struct scene *scene, const char *address)
{
	long long start = harness_now(), took;

	client_ask(&scene->client, address, scene->port);
	took = harness_now() - start;
	if (took > scene->worst)
		scene->worst = took;
}

/*
 * Change all; client_ask() checks that each answer comes, and from that
 * address.
 */
static void
change_all(struct scene *scene, unsigned short type)
{
	unsigned int i;

	for (i = 0; i < ADDRESSES; i += STEP) {
		change_some(scene->netlink, type, i);
		ask(scene, "192.0.2.1");
		ask(scene, "198.51.100.1");
	}
}

/*
 * Send datagrams from that address and our own port, from the server's host or
 * from the client, until one is dropped for that reason.
 */
static void
expect_reason(
    struct scene *scene, int from, const char *address, const char *reason)
{
	const struct packet packet = { .from = address,
		.to = "192.0.2.1",
		.from_port = scene->port,
		.to_port = scene->port };
	long long end = harness_now() + HARNESS_PATIENCE_MS;
	unsigned long before = server_counter(&scene->server, reason);

	do {
		ck_assert_msg(harness_now() < end, "%s: %s", address, reason);
		netns_enter(from);
		packet_send(&packet);
		netns_enter(scene->lan.client);
		client_ask(&scene->client, "192.0.2.1", scene->port);
	} while (server_counter(&scene->server, reason) == before);
}

static void
expect_ours(struct scene *scene)
{
	client_ask(&scene->client, LAST, scene->port);
	client_ask(&scene->client, "172.20.0.0", scene->port);
	expect_reason(scene, scene->lan.server, LAST, "own-endpoint");
}

static void
expect_forgotten(struct scene *scene)
{
	expect_reason(scene, scene->lan.client, LAST, "refused-port");
}

START_TEST(test_storm)
{
	struct scene scene;

	scene_open(&scene, lines[_i]);
	change_all(&scene, RTM_NEWADDR);
	expect_ours(&scene);
	change_all(&scene, RTM_DELADDR);
	expect_forgotten(&scene);
	fprintf(stderr, "%s, %d addresses added and removed: worst %lld ms\n",
	    lines[_i], ADDRESSES, scene.worst);
	ck_assert_uint_eq(server_counter(&scene.server, "answered") +
		server_counter(&scene.server, "dropped"),
	    server_counter(&scene.server, "received"));
	scene_close(&scene);
}
END_TEST

/*
 * While the daemon is stopped, more changes than the system queues for it: it
 * has to read the whole list.
 */
START_TEST(test_overflow)
{
	struct scene scene;
	unsigned int i;

	scene_open(&scene, lines[_i]);
	server_freeze(&scene.server);
	for (i = 0; i < ADDRESSES; i += STEP)
		change_some(scene.netlink, RTM_NEWADDR, i);
	server_thaw(&scene.server);
	expect_ours(&scene);
	server_freeze(&scene.server);
	for (i = 0; i < ADDRESSES; i += STEP)
		change_some(scene.netlink, RTM_DELADDR, i);
	server_thaw(&scene.server);
	expect_forgotten(&scene);
	scene_close(&scene);
}
END_TEST

static Suite *
addresses_suite(void)
{
	Suite *suite = suite_create("net addresses");
	TCase *tcase = harness_case(suite, "threads");

	tcase_add_loop_test(tcase, test_storm, 0, 2);
	tcase_add_loop_test(tcase, test_overflow, 0, 2);
	return suite;
}

int
main(void)
{
	return harness_main(addresses_suite());
}
