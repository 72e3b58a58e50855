/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/datagram.c through the public interface: real sockets on
 * loopback.
 */
#include "unit/unit.h"

#include "unit/platform/live.h"
#include "unit/platform/suites.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>
#include <time.h>

/*
 * Which address was asked, and the answer comes from there.
 */

struct ask_case {
	const char *name;
	const char *endpoint;
	enum mh_stack stack;
	const char *peer;
	const char *asked;
	uint32_t flags;
};

static const struct ask_case asks[] = {
	{ "dual, 127.0.0.1", ":0", MH_STACK_DUAL, "127.0.0.3", "127.0.0.1", 0 },
	{ "dual, 127.0.0.2", ":0", MH_STACK_DUAL, "127.0.0.3", "127.0.0.2", 0 },
	{ "dual, 127.255.255.254", ":0", MH_STACK_DUAL, "127.0.0.3",
	    "127.255.255.254", 0 },
	{ "dual, ::1", ":0", MH_STACK_DUAL, "::1", "::1", 0 },
	{ "[::], 127.0.0.2", "[::]:0", MH_STACK_DUAL, "127.0.0.3", "127.0.0.2",
	    0 },
	{ "two, 127.0.0.1", ":0", MH_STACK_TWO, "127.0.0.3", "127.0.0.1", 0 },
	{ "two, 127.0.0.2", ":0", MH_STACK_TWO, "127.0.0.3", "127.0.0.2", 0 },
	{ "two, ::1", ":0", MH_STACK_TWO, "::1", "::1", 0 },
	{ "ipv4, 127.0.0.2", ":0", MH_STACK_IPV4, "127.0.0.3", "127.0.0.2", 0 },
	{ "ipv6, ::1", ":0", MH_STACK_IPV6, "::1", "::1", 0 },
	{ "0.0.0.0, 127.0.0.2", "0.0.0.0:0", MH_STACK_DUAL, "127.0.0.3",
	    "127.0.0.2", 0 },
	{ "127.0.0.2 alone", "127.0.0.2:0", MH_STACK_DUAL, "127.0.0.3",
	    "127.0.0.2", MH_BOUND },
	{ "::1 alone", "[::1]:0", MH_STACK_DUAL, "::1", "::1", MH_BOUND },
};

START_TEST(test_ask)
{
	const struct ask_case *row = &asks[_i];
	const struct mh_datagram *got = live.batch->received;
	struct mh_address local = unit_address(row->asked);
	struct mh_address peer = unit_address(row->peer);
	struct mh_socket *socket;
	int fd;

	live_serve_stack(row->endpoint, row->stack);
	fd = live_peer(row->peer);
	live_peer_send(fd, row->asked, "hello", 5);
	socket = live_receive(row->name);
	local.port = live_port();
	peer.port = live_peer_port(fd);
	ck_assert_msg(memcmp(&got->local, &local, sizeof(local)) == 0,
	    "%s: asked %s", row->name, unit_text(&got->local));
	ck_assert_msg(memcmp(&got->peer, &peer, sizeof(peer)) == 0,
	    "%s: the peer is %s", row->name, unit_text(&got->peer));
	ck_assert_msg(got->flags == row->flags, "%s: flags %#x", row->name,
	    (unsigned int)got->flags);
	ck_assert_msg(got->if_index == if_nametoindex("lo"), "%s: interface %u",
	    row->name, (unsigned int)got->if_index);
	ck_assert_mem_eq(got->data, "hello", 5);
	ck_assert_int_eq(live_echo(socket, &live_strict), 1);
	live_assert_answer(row->name, fd, row->asked, 5);
}
END_TEST

/* One batch, several peers and addresses of both families. */
START_TEST(test_ask_many)
{
	static const char *const asked[] = { "127.0.0.1", "::1", "127.0.0.3",
		"127.0.0.2", "::1", "127.0.0.4" };
	enum { COUNT = LENGTH(asked) };
	struct mh_datagram *reply;
	int ipv4, ipv6, i;

	live_serve_stack(":0", MH_STACK_DUAL);
	ipv4 = live_peer("0.0.0.0");
	ipv6 = live_peer("::");
	for (i = 0; i < COUNT; i++)
		live_peer_send(asked[i][0] == ':' ? ipv6 : ipv4, asked[i],
		    asked[i], (size_t)i);
	ck_assert_int_eq(mh_batch_receive(live.batch, live.sockets[0]), COUNT);
	for (i = 0; i < COUNT; i++) {
		reply = mh_batch_reserve(live.batch);
		ck_assert_int_eq(mh_reply_address(reply,
				     &live.batch->received[i], &live_strict),
		    0);
		reply->length = live.batch->received[i].length;
	}
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict), COUNT);
	for (i = 0; i < COUNT; i++)
		live_assert_answer(asked[i], asked[i][0] == ':' ? ipv6 : ipv4,
		    asked[i], (size_t)i);
	ck_assert_int_eq(mh_batch_receive(live.batch, live.sockets[0]), 0);
}
END_TEST

/*
 * Sizes.
 */

static const struct {
	const char *asked;
	size_t size;
} sizes[] = { { "127.0.0.2", 0 }, { "::1", 0 }, { "127.0.0.2", 1 },
	{ "::1", 1 }, { "127.0.0.2", 1472 }, { "127.0.0.2", 9000 },
	{ "127.0.0.2", 65507 }, { "::1", 65507 }, { "::1", 65527 } };

/* Slots of another size, and memory of the caller that nobody may write to. */
START_TEST(test_sized)
{
	static const uint8_t mine[9000] = { 1, 2, 3 };
	static uint8_t back[sizeof(mine)];
	struct mh_address source;
	struct mh_datagram *reply;
	struct mh_socket *socket;
	int fd, i;

	mh_batch_free(live.batch);
	live.batch = mh_batch_new_sized(2, 1500, 0);
	live_serve_stack(":0", MH_STACK_DUAL);
	fd = live_peer("0.0.0.0");
	for (i = 0; i < 2; i++) {
		live_peer_send(fd, "127.0.0.2", mine, 1500 + (size_t)i);
		socket = live_receive("sized");
		ck_assert_uint_eq(live.batch->received[0].length, 1500);
		ck_assert_uint_eq(
		    live.batch->received[0].flags, i == 0 ? 0 : MH_TRUNCATED);
		ck_assert_mem_eq(live.batch->received[0].data, mine, 1500);
	}
	reply = mh_batch_reserve(live.batch);
	ck_assert_ptr_null(reply->data);
	ck_assert_int_eq(
	    mh_reply_address(reply, &live.batch->received[0], &live_strict), 0);
	reply->data = (void *)(uintptr_t)mine;
	reply->length = sizeof(mine);
	ck_assert_int_eq(mh_batch_send(live.batch, socket, &live_strict), 1);
	ck_assert_int_eq(live_peer_receive(fd, back, sizeof(back), &source),
	    (ssize_t)sizeof(mine));
	ck_assert_mem_eq(back, mine, sizeof(mine));
}
END_TEST

START_TEST(test_size)
{
	static uint8_t data[MH_SLOT_SIZE], back[MH_SLOT_SIZE];
	const char *asked = sizes[_i].asked;
	size_t size = sizes[_i].size, i;
	struct mh_address source;
	struct mh_socket *socket;
	int fd;

	for (i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	live_serve_stack(":0", MH_STACK_DUAL);
	fd = live_peer(asked[0] == ':' ? "::" : "0.0.0.0");
	live_peer_send(fd, asked, data, size);
	socket = live_receive(asked);
	ck_assert_uint_eq(live.batch->received[0].length, size);
	ck_assert_uint_eq(live.batch->received[0].flags, 0);
	ck_assert_mem_eq(live.batch->received[0].data, data, size);
	ck_assert_int_eq(live_echo(socket, &live_strict), 1);
	ck_assert_int_eq(
	    live_peer_receive(fd, back, sizeof(back), &source), (ssize_t)size);
	ck_assert_mem_eq(back, data, size);
}
END_TEST

/* One byte more than UDP can carry. */
START_TEST(test_too_big)
{
	struct mh_datagram *reply;

	live_serve_stack(":0", MH_STACK_DUAL);
	reply = mh_batch_reserve(live.batch);
	reply->peer = unit_address(_i == 0 ? "127.0.0.1:9" : "[::1]:9");
	reply->length = _i == 0 ? 65508 : 65528;
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict), 0);
	ck_assert_int_eq(reply->status, MH_ETOOBIG);
}
END_TEST

/*
 * What else is reported about a datagram.
 */

static const struct {
	const char *name;
	enum mh_stack stack;
	const char *asked;
	bool wanted;
} facts[] = {
	{ "IPv4, dual", MH_STACK_DUAL, "127.0.0.1", true },
	{ "IPv6, dual", MH_STACK_DUAL, "::1", true },
	{ "IPv4", MH_STACK_IPV4, "127.0.0.1", true },
	{ "IPv6", MH_STACK_IPV6, "::1", true },
	{ "IPv4, not wanted", MH_STACK_DUAL, "127.0.0.1", false },
	{ "IPv6, not wanted", MH_STACK_DUAL, "::1", false },
};

START_TEST(test_facts)
{
	const struct mh_socket_options options = { .stack = facts[_i].stack,
		.want = facts[_i].wanted ? MH_CAN_OPTIONAL : 0 };
	const char *name = facts[_i].name, *asked = facts[_i].asked;
	const struct mh_datagram *got = live.batch->received;
	bool wanted = facts[_i].wanted, is_ipv6 = asked[0] == ':';
	int fd = live_peer(is_ipv6 ? "::" : "0.0.0.0");
	int64_t now;

	live_serve(":0", &options);
	ck_assert_msg((mh_socket_info(live.sockets[0])->can &
			  MH_CAN_OPTIONAL) == options.want,
	    "%s: can %#x", name, mh_socket_info(live.sockets[0])->can);
	live_set(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
	    is_ipv6 ? IPV6_UNICAST_HOPS : IP_TTL, 33);
	live_set(fd, is_ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
	    is_ipv6 ? IPV6_TCLASS : IP_TOS, 0xb8);
	live_peer_send(fd, asked, "x", 1);
	now = (int64_t)time(NULL) * 1000000000;
	live_receive(name);
	ck_assert_msg(
	    got->ttl == (wanted ? 33 : -1), "%s: TTL %d", name, got->ttl);
	ck_assert_msg(
	    got->tos == (wanted ? 0xb8 : -1), "%s: TOS %d", name, got->tos);
	if (wanted)
		ck_assert_msg(got->arrived_ns > now - 10000000000 &&
			got->arrived_ns < now + 10000000000,
		    "%s: time %lld", name, (long long)got->arrived_ns);
	else
		ck_assert_msg(got->arrived_ns == 0, "%s: time", name);
}
END_TEST

/* The system counts what did not fit.  Its counter wraps; ours does not. */
START_TEST(test_drops)
{
	const struct mh_socket_options options = { .want = MH_CAN_DROPS,
		.receive_buffer = 4096 };
	enum { SENT = 300 };
	const uint64_t before = _i == 0 ? 0 : UINT64_C(0x200000000);
	int fd = live_peer("0.0.0.0"), i, n, got = 0;

	live_serve(":0", &options);
	if (_i == 1)
		live.sockets[0]->udp.drops = before - 5;
	for (i = 0; i < SENT; i++)
		live_peer_send(fd, "127.0.0.1", "hello", 5);
	while ((n = mh_batch_receive(live.batch, live.sockets[0])) > 0)
		got += n;
	ck_assert_int_gt(got, 0);
	ck_assert_int_lt(got, SENT);
	ck_assert_uint_eq(
	    mh_socket_drops(live.sockets[0]), SENT - (uint32_t)got + before);
	/* Reported with the next datagrams as well, counted once. */
	for (i = 0; i < 2; i++) {
		live_peer_send(fd, "127.0.0.1", "hello", 5);
		live_receive("after the drops");
		ck_assert_uint_eq(
		    live.sockets[0]->udp.drops, SENT - (uint32_t)got + before);
	}
	ck_assert_uint_eq(
	    mh_socket_drops(live.sockets[0]), SENT - (uint32_t)got + before);
}
END_TEST

START_TEST(test_nothing)
{
	live_serve_stack(":0", MH_STACK_DUAL);
	ck_assert_int_eq(mh_batch_receive(live.batch, live.sockets[0]), 0);
	ck_assert_uint_eq(live.batch->received_count, 0);
}
END_TEST

/*
 * IPv4 broadcast and multicast.  For IPv6 groups the loopback has no route:
 * the tests in namespaces have them.
 */

static const struct {
	const char *name;
	enum mh_stack stack;
	const char *asked;
	const char *local; /* the answer comes from there */
	uint32_t flags;
} groups[] = {
	{ "broadcast, dual", MH_STACK_DUAL, "127.255.255.255", "127.0.0.1",
	    MH_TO_BROADCAST },
	{ "broadcast", MH_STACK_IPV4, "127.255.255.255", "127.0.0.1",
	    MH_TO_BROADCAST },
	{ "IPv4 multicast, dual", MH_STACK_DUAL, "239.1.2.3", "127.0.0.1",
	    MH_TO_MULTICAST },
	{ "IPv4 multicast", MH_STACK_IPV4, "239.1.2.3", "127.0.0.1",
	    MH_TO_MULTICAST },
};

/*
 * Make the peer a member and send there over loopback.  The server has not
 * joined any group: it gets what is sent to those that this host is in.
 */
static void
join(int fd, const char *group)
{
	struct ip_mreqn request = { .imr_ifindex = (int)if_nametoindex("lo") };

	live_set(fd, SOL_SOCKET, SO_BROADCAST, 1);
	inet_pton(AF_INET, group, &request.imr_multiaddr);
	if (!IN_MULTICAST(ntohl(request.imr_multiaddr.s_addr)))
		return;
	ck_assert_int_eq(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request,
			     sizeof(request)),
	    0);
	ck_assert_int_eq(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
			     sizeof(request)),
	    0);
}

START_TEST(test_group)
{
	const char *name = groups[_i].name, *asked = groups[_i].asked;
	const struct mh_datagram *got = live.batch->received;
	struct mh_address local = unit_address(groups[_i].local);
	struct mh_socket *socket;
	int fd = live_peer("127.0.0.1");

	live_serve_stack(":0", groups[_i].stack);
	join(fd, asked);
	live_peer_send(fd, asked, "hello", 5);
	socket = live_receive(name);
	ck_assert_msg(got->flags == groups[_i].flags, "%s: flags %#x", name,
	    (unsigned int)got->flags);
	ck_assert_msg(mh_address_compare(&got->local, &local) == 0,
	    "%s: local is %s", name, unit_text(&got->local));
	ck_assert_msg(got->if_index == if_nametoindex("lo"), "%s: interface %u",
	    name, (unsigned int)got->if_index);
	ck_assert_int_eq(live_echo(socket, &live_strict), 1);
	live_assert_answer(name, fd, groups[_i].local, 5);
}
END_TEST

/*
 * Send errors.
 */

static const struct {
	const char *name;
	const char *peer;
	const char *good, *gone, *natural; /* sources */
	bool relaxed;
} sources[] = {
	{ "IPv4", "127.0.0.1", "127.0.0.2", "198.51.100.77", "127.0.0.1",
	    false },
	{ "IPv6", "::1", "::1", "2001:db8:77::77", "::1", false },
	{ "IPv4, relaxed", "127.0.0.1", "127.0.0.2", "198.51.100.77",
	    "127.0.0.1", true },
	{ "IPv6, relaxed", "::1", "::1", "2001:db8:77::77", "::1", true },
};

/* A source that is not there costs its own reply and no other. */
START_TEST(test_source_gone)
{
	const char *name = sources[_i].name, *peer = sources[_i].peer;
	const struct mh_source_policy rule = { .relaxed = sources[_i].relaxed };
	struct mh_datagram *bad;
	int fd = live_peer(peer);

	live_serve_stack(":0", MH_STACK_DUAL);
	live_reply(fd, peer, sources[_i].good);
	bad = live_reply(fd, peer, sources[_i].gone);
	live_reply(fd, peer, sources[_i].good);
	ck_assert_int_eq(mh_batch_send(live.batch, live.sockets[0], &rule),
	    rule.relaxed ? 3 : 2);
	ck_assert_int_eq(
	    bad->status, rule.relaxed ? MH_SENT_UNPINNED : MH_EGONE);
	live_assert_answer(name, fd, sources[_i].good, 1);
	if (rule.relaxed)
		live_assert_answer(name, fd, sources[_i].natural, 2);
	live_assert_answer(name, fd, sources[_i].good, 3);
}
END_TEST

/*
 * An interface that does not lead there is not required, nor is one that does
 * not exist.
 */
START_TEST(test_no_interface)
{
	struct mh_datagram *reply;
	int fd = live_peer("127.0.0.1");

	live_serve_stack(":0", MH_STACK_DUAL);
	reply = live_reply(fd, "127.0.0.1", "127.0.0.2");
	reply->if_index = 0x7ffffff0;
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict), 1);
	ck_assert_int_eq(reply->status, MH_SENT);
	live_assert_answer("no such interface", fd, "127.0.0.2", 1);
	reply = live_reply(fd, "127.0.0.1", "127.0.0.2");
	reply->if_index = 0x7ffffff0;
	reply->flags = MH_VIA_VRF;
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict), 0);
	ck_assert_int_eq(reply->status, MH_EUNREACHABLE);
}
END_TEST

/* Nobody listens there: neither this nor the next reply fails for it. */
START_TEST(test_dead_peer)
{
	struct mh_datagram *dead;
	int fd, i;

	live_serve_stack(":0", MH_STACK_DUAL);
	fd = live_peer("127.0.0.1");
	for (i = 0; i < 3; i++) {
		dead = live_reply(fd, "127.0.0.1", "");
		dead->peer = unit_address("127.0.0.77:1");
		live_reply(fd, "127.0.0.1", "127.0.0.2");
		ck_assert_int_eq(
		    mh_batch_send(live.batch, live.sockets[0], &live_strict),
		    2);
		live_assert_answer("after a dead peer", fd, "127.0.0.2", 2);
		ck_assert_int_eq(
		    mh_batch_receive(live.batch, live.sockets[0]), 0);
	}
}
END_TEST

/* A v4-mapped address never reaches a single-family socket. */
START_TEST(test_other_family)
{
	struct mh_datagram *reply;

	live_serve_stack(":0", _i == 0 ? MH_STACK_IPV4 : MH_STACK_IPV6);
	reply = mh_batch_reserve(live.batch);
	reply->peer = unit_address(_i == 0 ? "[::1]:9" : "127.0.0.1:9");
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict), 0);
	ck_assert_int_eq(reply->status, MH_EFAMILY);
}
END_TEST

/* Nor does IPv4 arrive at an IPv6-only one. */
START_TEST(test_only_ipv6)
{
	int fd = live_peer("0.0.0.0");

	live_serve_stack(":0", MH_STACK_IPV6);
	live_peer_send(fd, "127.0.0.1", "hello", 5);
	ck_assert_ptr_null(live_wait(50));
}
END_TEST

/*
 * For sockets that ask.
 */

static const struct {
	const char *asked, *bind;
} askers[] = {
	{ "127.0.0.1", "0.0.0.0:0" },
	{ "127.0.0.1", ":0" },
	{ "::1", ":0" },
};

/* Nobody is there: who was asked, who reports it, what it is. */
START_TEST(test_icmp)
{
	const struct mh_socket_options options = { .want = MH_CAN_ERRORS };
	const struct mh_source_policy rule = { .relaxed = false };
	struct mh_address peer = unit_address(askers[_i].asked);
	struct mh_report report;
	const struct mh_icmp_error *error = &report.icmp;
	struct mh_datagram *request;

	live_serve(askers[_i].bind, &options);
	ck_assert((mh_socket_info(live.sockets[0])->can & MH_CAN_ERRORS) != 0);
	ck_assert_int_eq(mh_socket_report(live.sockets[0], &report), 0);
	peer.port = 9; /* nobody listens here in tests */
	request = mh_batch_reserve(live.batch);
	request->peer = peer;
	request->length = 1;
	ck_assert_int_eq(mh_batch_send(live.batch, live.sockets[0], &rule), 1);
	ck_assert_ptr_nonnull(live_wait(LIVE_PATIENCE_MS));
	ck_assert_int_eq(mh_socket_report(live.sockets[0], &report), 1);
	ck_assert_int_eq(report.kind, MH_REPORT_ICMP);
	ck_assert_int_eq(error->kind, MH_ICMP_PORT);
	ck_assert_int_eq(mh_address_compare(&error->peer, &peer), 0);
	ck_assert_uint_eq(error->peer.port, 9);
	unit_assert_address(&error->reporter, askers[_i].asked, "reporter");
	ck_assert_int_eq(mh_socket_report(live.sockets[0], &report), 0);
	/* And afterwards the socket is as before. */
	ck_assert_int_eq(mh_batch_receive(live.batch, live.sockets[0]), 0);
}
END_TEST

/* A burst arrives as the datagrams that it was cut into, however many. */

static const struct {
	const char *name;
	enum mh_stack stack;
	const char *asked;
	size_t length;
	uint32_t segment;
	bool unsegmented;
} bursts[] = {
	{ "IPv4, dual", MH_STACK_DUAL, "127.0.0.1", 1050, 100, false },
	{ "IPv6, dual", MH_STACK_DUAL, "::1", 1050, 100, false },
	{ "IPv4", MH_STACK_IPV4, "127.0.0.1", 300, 100, false },
	{ "IPv6", MH_STACK_IPV6, "::1", 300, 100, false },
	{ "as large as Ethernet", MH_STACK_DUAL, "::1", 14000, 1400, false },
	{ "alone otherwise", MH_STACK_DUAL, "127.0.0.1", 1050, 100, true },
	{ "more than the system cuts", MH_STACK_DUAL, "::1", 200, 1, false },
	{ "one", MH_STACK_DUAL, "127.0.0.1", 100, 100, false },
};

START_TEST(test_burst)
{
	const struct mh_socket_options options = { .stack = bursts[_i].stack,
		.unsegmented = bursts[_i].unsegmented };
	static uint8_t data[14000], got[sizeof(data)];
	size_t at, wanted, length = bursts[_i].length;
	bool is_ipv6 = bursts[_i].asked[0] == ':';
	struct mh_address source;
	struct mh_datagram *burst;
	int fd;

	live_serve(":0", &options);
	fd = live_peer(is_ipv6 ? "::" : "0.0.0.0");
	for (at = 0; at < length; at++)
		data[at] = (uint8_t)(at * 7 + at / 256);
	burst = live_reply(fd, bursts[_i].asked, bursts[_i].asked);
	burst->data = data;
	burst->length = length;
	burst->segment = bursts[_i].segment;
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict), 1);
	ck_assert_int_eq(burst->status, MH_SENT);
	for (at = 0; at < length; at += wanted) {
		wanted = length - at < bursts[_i].segment ? length - at
							  : bursts[_i].segment;
		ck_assert_msg(live_peer_receive(fd, got, sizeof(got),
				  &source) == (ssize_t)wanted,
		    "%s: at %zu", bursts[_i].name, at);
		ck_assert_mem_eq(got, data + at, wanted);
	}
}
END_TEST

/* A datagram's own TTL and TOS, as the one who receives it sees them. */

static const struct {
	const char *name;
	enum mh_stack stack;
	const char *asked;
	int16_t ttl, tos;
} marks[] = {
	{ "IPv4, dual", MH_STACK_DUAL, "127.0.0.1", 33, 0xb9 },
	{ "IPv4, dual, TTL", MH_STACK_DUAL, "127.0.0.1", 33, -1 },
	{ "IPv4, dual, ECN", MH_STACK_DUAL, "127.0.0.1", -1, 2 },
	{ "IPv4", MH_STACK_IPV4, "127.0.0.1", 255, 1 },
	{ "IPv6, dual", MH_STACK_DUAL, "::1", 33, 0xb9 },
	{ "IPv6, dual, TTL", MH_STACK_DUAL, "::1", 33, -1 },
	{ "IPv6, dual, ECN", MH_STACK_DUAL, "::1", -1, 2 },
	{ "IPv6", MH_STACK_IPV6, "::1", 255, 1 },
};

static void
assert_marks(const char *name, int ttl, int tos)
{
	struct mh_socket *socket = live_receive(name);
	const struct mh_datagram *got = live.batch->received;

	ck_assert_ptr_eq(socket, live.sockets[0]);
	ck_assert_msg(got->ttl == ttl, "%s: TTL %d", name, got->ttl);
	ck_assert_msg(got->tos == tos, "%s: TOS %d", name, got->tos);
}

START_TEST(test_marks)
{
	const struct mh_socket_options options = { .stack = marks[_i].stack,
		.want = MH_CAN_OPTIONAL };
	const struct mh_address any = { .port = 0 };
	const char *name = marks[_i].name;
	char data[] = "x";
	struct mh_socket *senders[MH_SOCKETS_MAX];
	struct mh_batch *batch = mh_batch_new_sized(3, 1, 0);
	struct mh_datagram *sent;
	int i;

	live_serve(":0", &options);
	ck_assert_int_eq(mh_socket_open(senders, &any, &options, NULL), 1);
	ck_assert_uint_eq(
	    mh_socket_info(senders[0])->can & MH_CAN_OPTIONAL, MH_CAN_OPTIONAL);
	/* Of the same size, so that nothing else keeps them apart. */
	for (i = 0; i < 3; i++) {
		sent = mh_batch_reserve(batch);
		sent->peer = unit_address(marks[_i].asked);
		sent->peer.port = live_port();
		sent->data = data;
		sent->length = 1;
		if (i == 1) {
			sent->ttl = marks[_i].ttl;
			sent->tos = marks[_i].tos;
		}
	}
	ck_assert_int_eq(mh_batch_send(batch, senders[0], &live_strict), 3);
	mh_batch_free(live.batch);
	live.batch = mh_batch_new(1);
	assert_marks(name, 64, 0);
	assert_marks(name, marks[_i].ttl > 0 ? marks[_i].ttl : 64,
	    marks[_i].tos >= 0 ? marks[_i].tos : 0);
	assert_marks(name, 64, 0);
	mh_socket_close(senders[0]);
	mh_batch_free(batch);
}
END_TEST

/* Neither is of any effect if nobody asked for it: alike on all systems. */
START_TEST(test_marks_unasked)
{
	const unsigned int wants[] = { 0, MH_CAN_SEND_TTL, MH_CAN_SEND_TOS };
	const struct mh_socket_options options = { .want = MH_CAN_OPTIONAL };
	const struct mh_socket_options own = { .want = wants[_i % 3] };
	const struct mh_address any = { .port = 0 };
	struct mh_socket *senders[MH_SOCKETS_MAX];
	struct mh_batch *batch = mh_batch_new(1);
	struct mh_datagram *sent;

	live_serve(":0", &options);
	ck_assert_int_eq(mh_socket_open(senders, &any, &own, NULL), 1);
	sent = mh_batch_reserve(batch);
	sent->peer = unit_address(_i < 3 ? "127.0.0.2" : "::1");
	sent->peer.port = live_port();
	sent->ttl = 33;
	sent->tos = 0xb9;
	ck_assert_int_eq(mh_batch_send(batch, senders[0], NULL), 1);
	assert_marks("unasked", own.want == MH_CAN_SEND_TTL ? 33 : 64,
	    own.want == MH_CAN_SEND_TOS ? 0xb9 : 0);
	mh_socket_close(senders[0]);
	mh_batch_free(batch);
}
END_TEST

/* A TTL or TOS that there is not is no matter of the source. */
START_TEST(test_marks_invalid)
{
	const struct mh_socket_options own = { .want = MH_CAN_OPTIONAL };
	const struct mh_address any = { .port = 0 };
	struct mh_socket *senders[MH_SOCKETS_MAX];
	struct mh_batch *batch = mh_batch_new(2);
	struct mh_datagram *sent;
	unsigned int i;

	live_serve(":0", &own);
	ck_assert_int_eq(mh_socket_open(senders, &any, &own, NULL), 1);
	for (i = 0; i < 2; i++) {
		sent = mh_batch_reserve(batch);
		sent->peer = unit_address(_i < 2 ? "127.0.0.2" : "::1");
		sent->peer.port = live_port();
		sent->ttl = i == 0 && _i % 2 == 0 ? 256 : -1;
		sent->tos = i == 0 && _i % 2 == 1 ? 256 : -1;
	}
	ck_assert_int_eq(mh_batch_send(batch, senders[0], NULL), 1);
	ck_assert_int_eq(batch->outgoing[0].status, MH_EINVALID);
	ck_assert_int_eq(batch->outgoing[1].status, MH_SENT);
	mh_socket_close(senders[0]);
	mh_batch_free(batch);
}
END_TEST

/* The system keeps what was set; tests/net sends over a real network. */
START_TEST(test_outgoing)
{
	const struct mh_socket_options options = { .dont_fragment = true,
		.tos = 0xb8 };
	socklen_t size = sizeof(int);
	int fd, value = 0;

	live_serve(askers[_i].bind, &options);
	fd = (int)mh_socket_handle(live.sockets[0]);
	ck_assert_int_eq(
	    getsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &value, &size), 0);
	ck_assert_int_eq(value, IP_PMTUDISC_PROBE);
	ck_assert_int_eq(getsockopt(fd, IPPROTO_IP, IP_TOS, &value, &size), 0);
	ck_assert_int_eq(value, 0xb8);
	if (_i == 0)
		return;
	ck_assert_int_eq(
	    getsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &value, &size), 0);
	ck_assert_int_eq(value, IPV6_PMTUDISC_PROBE);
	ck_assert_int_eq(
	    getsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &value, &size), 0);
	ck_assert_int_eq(value, 0xb8);
}
END_TEST

Suite *
platform_datagram_suite(void)
{
	Suite *suite = suite_create("datagram");
	TCase *tcase;

	tcase = live_case(suite, "datagrams");
	tcase_add_loop_test(tcase, test_ask, 0, LENGTH(asks));
	tcase_add_test(tcase, test_ask_many);
	tcase_add_test(tcase, test_sized);
	tcase_add_loop_test(tcase, test_size, 0, LENGTH(sizes));
	tcase_add_loop_test(tcase, test_too_big, 0, 2);
	tcase_add_loop_test(tcase, test_facts, 0, LENGTH(facts));
	tcase_add_loop_test(tcase, test_drops, 0, 2);
	tcase_add_test(tcase, test_nothing);
	tcase_add_loop_test(tcase, test_group, 0, LENGTH(groups));
	tcase = live_case(suite, "send errors");
	tcase_add_loop_test(tcase, test_source_gone, 0, LENGTH(sources));
	tcase_add_test(tcase, test_no_interface);
	tcase_add_test(tcase, test_dead_peer);
	tcase_add_loop_test(tcase, test_other_family, 0, 2);
	tcase_add_test(tcase, test_only_ipv6);
	tcase = live_case(suite, "errors of others");
	tcase_add_loop_test(tcase, test_icmp, 0, LENGTH(askers));
	tcase_add_loop_test(tcase, test_burst, 0, LENGTH(bursts));
	tcase_add_loop_test(tcase, test_marks, 0, LENGTH(marks));
	tcase_add_loop_test(tcase, test_marks_unasked, 0, 6);
	tcase_add_loop_test(tcase, test_marks_invalid, 0, 4);
	tcase_add_loop_test(tcase, test_outgoing, 0, LENGTH(askers));
	return suite;
}
