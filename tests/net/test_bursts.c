/* SPDX-License-Identifier: ISC */
/*
 * MH_CAN_BURSTS on an interface whose driver merges datagrams (GRO): many
 * peers, addresses, TTLs and TOSs at once, and each datagram still has its own.
 */
#include "build.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "netns.h"

#include "lib/multihome.h"
#include "lib/multihome_burst.h"

#define COUNT(table) (unsigned int)(sizeof(table) / sizeof((table)[0]))

/* What the server's driver merges before it passes it on, in nanoseconds. */
#define MERGED "100000000"

#define ROUNDS 4
#define SIZE 100

static const char *const places[] = { "192.0.2.1", "192.0.2.2", "198.51.100.1",
	"203.0.113.77", "2001:db8:1::1", "2001:db8:1::2", "2001:db8:2::1" };
static const struct {
	int ttl, tos;
} marks[] = { { 64, 0 }, { 33, 0 }, { 64, 0xb8 } };

/* Two peers for each place and mark. */
#define KINDS (2 * COUNT(places) * COUNT(marks))

struct label {
	uint16_t kind, round;
	uint8_t padding[SIZE - 4];
};

static struct client peers[2][2]; /* of IPv4 and IPv6 */
static unsigned int seen[2 * COUNT(places) * COUNT(marks)][ROUNDS];

static void
ethtool(const char *interface, uint32_t command, uint32_t value)
{
	struct ethtool_value setting = { .cmd = command, .data = value };
	struct ifreq request = { .ifr_data = (void *)&setting };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	strcpy(request.ifr_name, interface);
	ck_assert_msg(ioctl(fd, SIOCETHTOOL, &request) == 0, "ethtool: %s",
	    strerror(errno));
	close(fd);
}

/*
 * Two hosts.  The server's driver merges if the client's does not cut
 * (veth_skb_is_eligible_for_gro()), and if it has GRO before it is up.  False:
 * it does not wait for more, as that can be set in sysfs alone, and an ordinary
 * user in a container cannot mount one.
 */
static bool
network_new(int server, int client)
{
	bool waits;

	netns_ip(server,
	    "link add v0 index 10 type veth peer name v0 netns %s\n"
	    "addr add 192.0.2.1/24 dev v0\n"
	    "addr add 192.0.2.2/24 dev v0\n"
	    "addr add 2001:db8:1::1/64 dev v0 nodad\n"
	    "addr add 2001:db8:1::2/64 dev v0 nodad\n"
	    "addr add 198.51.100.1/32 dev lo\n"
	    "addr add 2001:db8:2::1/128 dev lo nodad\n"
	    "route add local 203.0.113.0/24 dev lo\n",
	    netns_path(client));
	netns_hurry(server, "v0");
	netns_hurry(client, "v0");
	netns_enter(server);
	ethtool("v0", ETHTOOL_SGRO, 1);
	netns_ip(server, "link set v0 up\n");
	waits = system("unshare -m sh -c 'mount -t sysfs none /sys && "
		       "cd /sys/class/net/v0 && "
		       "echo " MERGED " >gro_flush_timeout && "
		       "echo 100 >napi_defer_hard_irqs' 2>/dev/null") == 0;
	netns_enter(client);
	ethtool("v0", ETHTOOL_STSO, 0);
	netns_ip(client,
	    "addr add 192.0.2.100/24 dev v0\n"
	    "addr add 2001:db8:1::100/64 dev v0 nodad\n"
	    "link set v0 up\n"
	    "route add default via 192.0.2.1\n"
	    "route add ::/0 via 2001:db8:1::1\n");
	client_expect_refused("192.0.2.1", 9);
	client_expect_refused("2001:db8:1::1", 9);
	return waits;
}

static struct mh_socket *
serve(int server, int client)
{
	const struct mh_socket_options options = { .stack = MH_STACK_DUAL,
		.want = MH_CAN_BURSTS | MH_CAN_TTL | MH_CAN_TOS };
	const struct mh_address any = { .port = 7 };
	struct mh_socket *sockets[MH_SOCKETS_MAX];

	netns_enter(server);
	ck_assert_int_eq(mh_socket_open(sockets, &any, &options, NULL), 1);
	ck_assert_uint_eq(
	    mh_socket_info(sockets[0])->can & options.want, options.want);
	netns_enter(client);
	return sockets[0];
}

static void
set(int fd, bool ipv6, const int options[2], int value)
{
	ck_assert_int_eq(setsockopt(fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
			     options[ipv6], &value, sizeof(value)),
	    0);
}

/* Two peers of each family. */
static void
peers_open(void)
{
	static const int discover[] = { IP_MTU_DISCOVER, IPV6_MTU_DISCOVER };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		client_open(&peers[i / 2][i % 2], i < 2 ? "0.0.0.0" : "::");
		/* With DF they have no identification that keeps them apart. */
		set(peers[i / 2][i % 2].fd, i >= 2, discover, IP_PMTUDISC_DO);
	}
}

/* What a kind of datagram has. */
static const char *
place_of(unsigned int kind)
{
	return places[kind / 2 % COUNT(places)];
}

static bool
is_ipv6(unsigned int kind)
{
	return strchr(place_of(kind), ':') != NULL;
}

static struct client *
peer_of(unsigned int kind)
{
	return &peers[is_ipv6(kind)][kind % 2];
}

static unsigned int
mark_of(unsigned int kind)
{
	return kind / 2 / COUNT(places);
}

static void
send_kind(unsigned int kind, unsigned int round)
{
	static const int ttl[] = { IP_TTL, IPV6_UNICAST_HOPS };
	static const int tos[] = { IP_TOS, IPV6_TCLASS };
	const struct label label = { .kind = (uint16_t)kind,
		.round = (uint16_t)round };
	struct client *peer = peer_of(kind);

	set(peer->fd, is_ipv6(kind), ttl, marks[mark_of(kind)].ttl);
	set(peer->fd, is_ipv6(kind), tos, marks[mark_of(kind)].tos);
	client_send(peer, place_of(kind), 7, &label, sizeof(label));
}

/* All peers and places by turns; the marks change now and then. */
static void
send_all(void)
{
	const unsigned int kinds = KINDS / COUNT(marks);
	unsigned int mark, round, kind;

	for (mark = 0; mark < COUNT(marks); mark++)
		for (round = 0; round < ROUNDS; round++)
			for (kind = 0; kind < kinds; kind++)
				send_kind(mark * kinds + kind, round);
}

/* Is that one what was sent? */
static void
check(const struct mh_datagram *one)
{
	struct mh_address place;
	struct label label;

	ck_assert_uint_eq(one->length, sizeof(label));
	memcpy(&label, one->data, sizeof(label));
	ck_assert_uint_lt(label.kind, KINDS);
	ck_assert_uint_lt(label.round, ROUNDS);
	ck_assert_int_eq(mh_address_parse(&place, place_of(label.kind)), 0);
	ck_assert_msg(mh_address_compare(&one->local, &place) == 0,
	    "to %s: another", place_of(label.kind));
	ck_assert_uint_eq(one->peer.port, client_port(peer_of(label.kind)));
	ck_assert_int_eq(one->ttl, marks[mark_of(label.kind)].ttl);
	ck_assert_int_eq(one->tos, marks[mark_of(label.kind)].tos);
	ck_assert_uint_eq(seen[label.kind][label.round]++, 0);
}

/* Check each, and send them back as they came; how many were merged? */
static unsigned int
answer_all(struct mh_socket *socket)
{
	const struct mh_source_policy policy = { .relaxed = false };
	long long end = harness_now() + HARNESS_PATIENCE_MS;
	struct mh_batch *batch = mh_batch_new(64);
	unsigned int received = 0, merged = 0, i, n;
	struct mh_datagram one, *reply;

	ck_assert_ptr_nonnull(batch);
	while (received < KINDS * ROUNDS) {
		ck_assert_msg(harness_now() < end, "only %u of them", received);
		mh_batch_receive(batch, socket);
		for (i = 0; i < batch->received_count; i++) {
			one = (struct mh_datagram){ .data = NULL };
			for (n = 0; mh_burst_next(&one, &batch->received[i]);
			     n++)
				check(&one);
			received += n;
			merged += n > 1 ? n : 0;
			reply = mh_batch_reserve(batch);
			ck_assert_int_eq(mh_reply_address(reply,
					     &batch->received[i], &policy),
			    0);
			reply->data = batch->received[i].data;
			reply->length = batch->received[i].length;
			reply->segment = batch->received[i].segment;
		}
		mh_batch_send(batch, socket, &policy);
	}
	mh_batch_free(batch);
	return merged;
}

/* Each has its answer, from where it was asked. */
static void
expect_answers(struct client *client)
{
	struct label label;

	while (client_receive(client, 0)) {
		ck_assert_uint_eq(client->length, sizeof(label));
		memcpy(&label, client->data, sizeof(label));
		ck_assert_str_eq(client->source, place_of(label.kind));
		ck_assert_uint_eq(seen[label.kind][label.round]++, 1);
	}
}

START_TEST(test_bursts)
{
	int server = netns_new(), client = netns_new();
	long long end = harness_now() + HARNESS_PATIENCE_MS;
	struct mh_socket *socket;
	unsigned int i, merged, answered = 0;
	bool waits = network_new(server, client);

	socket = serve(server, client);
	peers_open();
	send_all();
	merged = answer_all(socket);
	/* How many depends on how busy the system is. */
	ck_assert(merged > 0 || !waits);
	while (answered < KINDS * ROUNDS) {
		ck_assert_msg(harness_now() < end, "%u answers", answered);
		for (i = 0; i < 4; i++)
			expect_answers(&peers[i / 2][i % 2]);
		for (answered = i = 0; i < KINDS * ROUNDS; i++)
			answered += seen[i / ROUNDS][i % ROUNDS] == 2;
	}
	for (i = 0; i < 4; i++)
		client_close(&peers[i / 2][i % 2]);
	mh_socket_close(socket);
}
END_TEST

static Suite *
bursts_suite(void)
{
	Suite *suite = suite_create("bursts");
	TCase *tcase = harness_case(suite, "bursts");

	tcase_add_test(tcase, test_bursts);
	return suite;
}

int
main(void)
{
	return harness_main(bursts_suite());
}
