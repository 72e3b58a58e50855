/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/datagram.c: several datagrams that arrive as one, if that
 * is wanted.  Here the sender makes the bursts, as loopback merges nothing by
 * itself; tests/net/test_bursts.c has a network that does.
 */
#include "unit/unit.h"

#include "unit/platform/live.h"
#include "unit/platform/suites.h"

#include "lib/multihome_burst.h"

#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#define WANTED \
	(MH_CAN_BURSTS | MH_CAN_TTL | MH_CAN_TOS | MH_CAN_TIME | MH_CAN_DROPS)

static void
serve(enum mh_stack stack, unsigned int want)
{
	const struct mh_socket_options options = { .stack = stack,
		.want = want };

	live_serve(":0", &options);
	ck_assert_uint_eq(mh_socket_info(live.sockets[0])->can & WANTED, want);
}

/* A burst of those bytes, from a peer whose datagrams have that size. */
static void
send_burst(int fd, const char *asked, int size, size_t length, int value)
{
	uint8_t data[20000];

	memset(data, value, length);
	live_set(fd, SOL_UDP, UDP_SEGMENT, size);
	live_peer_send(fd, asked, data, length);
}

static const struct {
	enum mh_stack stack;
	const char *asked;
	int size;
	size_t length;
	unsigned int count;
} bursts[] = {
	{ MH_STACK_DUAL, "127.0.0.1", 100, 1050, 11 },
	{ MH_STACK_DUAL, "127.0.0.2", 1, 64, 64 },
	{ MH_STACK_DUAL, "::1", 1200, 12000, 10 },
	{ MH_STACK_DUAL, "::1", 1200, 1201, 2 },
	{ MH_STACK_IPV4, "127.0.0.2", 100, 1050, 11 },
	{ MH_STACK_IPV6, "::1", 100, 1050, 11 },
	/* No bursts. */
	{ MH_STACK_DUAL, "127.0.0.2", 100, 100, 1 },
	{ MH_STACK_DUAL, "127.0.0.2", 100, 0, 1 },
	{ MH_STACK_DUAL, "::1", 0, 12000, 1 },
};

/* To that address, whatever the port. */
static void
assert_to(const struct mh_datagram *received, const char *asked)
{
	const struct mh_address expected = unit_address(asked);

	ck_assert_msg(mh_address_compare(&received->local, &expected) == 0,
	    "asked %s, not %s", asked, unit_text(&received->local));
}

/* It arrives as one, is what was sent, and goes back as it came. */
START_TEST(test_burst)
{
	const char *asked = bursts[_i].asked;
	const bool is_burst = bursts[_i].count > 1;
	size_t size = (size_t)bursts[_i].size, left = bursts[_i].length;
	const struct mh_datagram *received;
	struct mh_datagram *reply;
	int fd;

	serve(bursts[_i].stack, WANTED);
	fd = live_peer(asked[0] == ':' ? "::" : "0.0.0.0");
	send_burst(fd, asked, bursts[_i].size, bursts[_i].length, 'b');
	live_receive(asked);
	received = &live.batch->received[0];
	ck_assert_uint_eq(received->length, bursts[_i].length);
	ck_assert_uint_eq(received->segment, is_burst ? size : 0);
	ck_assert_uint_eq(received->flags, 0);
	ck_assert_int_eq(received->ttl, 64);
	ck_assert_int_eq(received->tos, 0);
	ck_assert_int_gt(received->arrived_ns, 0);
	assert_to(received, asked);
	reply = mh_batch_reserve(live.batch);
	ck_assert_int_eq(mh_reply_address(reply, received, &live_strict), 0);
	reply->data = received->data;
	reply->length = received->length;
	reply->segment = received->segment;
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict), 1);
	for (; is_burst && left > size; left -= size)
		live_assert_answer(asked, fd, asked, size);
	live_assert_answer(asked, fd, asked, left);
}
END_TEST

/* Who does not ask for it does not notice. */
START_TEST(test_not_wanted)
{
	struct mh_socket *socket;
	unsigned int i;
	int fd;

	serve(MH_STACK_DUAL, WANTED & ~MH_CAN_BURSTS);
	fd = live_peer("0.0.0.0");
	send_burst(fd, "127.0.0.2", 100, 1050, 'b');
	socket = live_wait(LIVE_PATIENCE_MS);
	ck_assert_ptr_nonnull(socket);
	ck_assert_int_eq(mh_batch_receive(live.batch, socket), 11);
	for (i = 0; i < 11; i++) {
		ck_assert_uint_eq(live.batch->received[i].segment, 0);
		ck_assert_uint_eq(
		    live.batch->received[i].length, i < 10 ? 100 : 50);
	}
}
END_TEST

/* Nor does the socket of somebody else, who did. */
START_TEST(test_not_wanted_of_adopted)
{
	const struct mh_socket_options options = { .want = 0 };
	union live_name name;
	socklen_t length = live_name("127.0.0.1", 0, &name);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct mh_socket *socket;

	ck_assert_int_ge(fd, 0);
	live_set(fd, SOL_UDP, UDP_GRO, 1);
	ck_assert_int_eq(bind(fd, &name.any, length), 0);
	ck_assert_int_eq(
	    mh_socket_adopt(&live.sockets[0], fd, &options, NULL), 0);
	live.socket_count = 1;
	send_burst(live_peer("0.0.0.0"), "127.0.0.1", 100, 300, 'b');
	socket = live_wait(LIVE_PATIENCE_MS);
	ck_assert_ptr_nonnull(socket);
	ck_assert_int_eq(mh_batch_receive(live.batch, socket), 3);
}
END_TEST

/* From whom, to where, and with what: one burst of each, in this order. */
static const struct {
	unsigned int peer; /* 0 and 1: IPv4; 2 and 3: IPv6 */
	const char *asked;
	int ttl, tos;
} senders[] = {
	{ 0, "127.0.0.1", 64, 0 },
	{ 1, "127.0.0.1", 64, 0 },
	{ 0, "127.0.0.2", 64, 0 },
	{ 2, "::1", 64, 0 },
	{ 0, "127.0.0.2", 33, 0 },
	{ 3, "::1", 64, 0 },
	{ 0, "127.0.0.2", 33, 0xb9 },
	{ 3, "::1", 33, 2 },
	{ 1, "127.0.0.2", 64, 1 },
};

static void
send_as(unsigned int number)
{
	int fd = live.peers[senders[number].peer];
	bool is_ipv6 = senders[number].peer >= 2;

	live_set(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
	    is_ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, senders[number].ttl);
	live_set(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
	    is_ipv6 ? IPV6_TCLASS : IP_TOS, senders[number].tos);
	send_burst(fd, senders[number].asked, 100, 1050, (int)number);
}

/* In one batch each has what is its own. */
START_TEST(test_many)
{
	const struct mh_datagram *received;
	struct mh_datagram one;
	unsigned int i, count;

	serve(MH_STACK_DUAL, WANTED);
	for (i = 0; i < 4; i++)
		live_peer(i < 2 ? "0.0.0.0" : "::");
	for (i = 0; i < LENGTH(senders); i++)
		send_as(i);
	ck_assert_int_eq(mh_batch_receive(live.batch, live.sockets[0]),
	    (int)LENGTH(senders));
	for (i = 0; i < LENGTH(senders); i++) {
		received = &live.batch->received[i];
		one = (struct mh_datagram){ .data = NULL };
		for (count = 0; mh_burst_next(&one, received); count++) {
			ck_assert_int_eq(*(uint8_t *)one.data, (int)i);
			ck_assert_uint_eq(one.length, count < 10 ? 100 : 50);
			ck_assert_uint_eq(one.peer.port,
			    live_peer_port(live.peers[senders[i].peer]));
			assert_to(&one, senders[i].asked);
			ck_assert_int_eq(one.ttl, senders[i].ttl);
			ck_assert_int_eq(one.tos, senders[i].tos);
		}
		ck_assert_uint_eq(count, 11);
	}
}
END_TEST

/* What is longer than a slot is cut off, and says so. */
START_TEST(test_truncated)
{
	struct mh_datagram one = { .data = NULL };
	const struct mh_datagram *received;
	unsigned int count = 0;

	serve(MH_STACK_DUAL, WANTED);
	mh_batch_free(live.batch);
	live.batch = mh_batch_new_sized(4, 1000, 0);
	send_burst(live_peer("0.0.0.0"), "127.0.0.1", 150, 1500, 'b');
	live_receive("127.0.0.1");
	received = &live.batch->received[0];
	ck_assert_uint_eq(received->length, 1000);
	ck_assert_uint_eq(received->segment, 150);
	ck_assert_uint_eq(received->flags, MH_TRUNCATED);
	for (; mh_burst_next(&one, received); count++) {
		ck_assert_uint_eq(one.length, count < 6 ? 150 : 100);
		ck_assert_uint_eq(one.flags, count < 6 ? 0 : MH_TRUNCATED);
	}
	ck_assert_uint_eq(count, 7);
}
END_TEST

Suite *
platform_datagram_bursts_suite(void)
{
	Suite *suite = suite_create("datagram bursts");
	TCase *tcase;

	tcase = live_case(suite, "bursts");
	tcase_add_loop_test(tcase, test_burst, 0, LENGTH(bursts));
	tcase_add_test(tcase, test_not_wanted);
	tcase_add_test(tcase, test_not_wanted_of_adopted);
	tcase_add_test(tcase, test_many);
	tcase_add_test(tcase, test_truncated);
	return suite;
}
