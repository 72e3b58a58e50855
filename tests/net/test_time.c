/* SPDX-License-Identifier: ISC */
/*
 * When datagrams left, by way of a real device: those that a firewall keeps
 * here use up a number of the kernel's, and those whose neighbour is not known
 * yet leave after others.  The library itself runs here, as if the kernel let
 * it choose the numbers or, as before Linux 6.13, not.
 */
#include "build.h"

#include <poll.h>
#include <string.h>

#include "harness.h"
#include "lan.h"
#include "netns.h"

#include "lib/multihome_report.h"
#include "lib/socket.h"
#include "platform/clock.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* A port that a firewall lets nobody reach. */
#define CLOSED 9999

static struct lan lan;
static struct mh_socket *sockets[MH_SOCKETS_MAX];
static struct mh_batch *batch;

static const char *const peers[] = { "192.0.2.100:7007",
	"[2001:db8:1::100]:7007" };

/* On the server's side, with numbers that the kernel chooses or not. */
static void
setup(bool counted)
{
	const struct mh_socket_options options = { .want = MH_CAN_SEND_TIME };
	const struct mh_address any = { .port = 0 };

	lan_new(&lan);
	netns_enter(lan.server);
	batch = mh_batch_new(8);
	ck_assert_ptr_nonnull(batch);
	ck_assert_int_eq(mh_socket_open(sockets, &any, &options, NULL), 1);
	ck_assert((mh_socket_info(sockets[0])->can & MH_CAN_SEND_TIME) != 0);
	sockets[0]->udp.reports.is_probed = counted;
}

static void
teardown(void)
{
	mh_socket_close(sockets[0]);
	mh_batch_free(batch);
}

/* Reserve one to there. */
static struct mh_datagram *
add(const char *peer, bool report_sent)
{
	struct mh_datagram *datagram = mh_batch_reserve(batch);

	ck_assert_int_eq(mh_endpoint_parse(&datagram->peer, peer), 0);
	datagram->length = 100 + batch->outgoing_count;
	datagram->report_sent = report_sent;
	return datagram;
}

/* Send them; returns the time before that. */
static int64_t
flush(int expected)
{
	static const struct mh_source_policy policy;
	int64_t before = host_realtime_ns();

	ck_assert_int_eq(mh_batch_send(batch, sockets[0], &policy), expected);
	return before;
}

/* Wait for the next report, of this datagram; returns when it left. */
static int64_t
take(uint64_t id)
{
	struct pollfd poller = { .fd = (int)mh_socket_handle(sockets[0]) };
	struct mh_report report;

	ck_assert_int_eq(poll(&poller, 1, HARNESS_PATIENCE_MS), 1);
	ck_assert_int_eq(poller.revents, POLLERR);
	ck_assert_int_eq(mh_socket_report(sockets[0], &report), 1);
	ck_assert_int_eq(report.kind, MH_REPORT_SENT);
	ck_assert_uint_eq(report.sent_id, id);
	ck_assert_int_le(report.sent_ns, host_realtime_ns());
	return report.sent_ns;
}

static void
assert_none(void)
{
	struct mh_report report;

	ck_assert_int_eq(mh_socket_report(sockets[0], &report), 0);
}

/* The firewall's refusal comes after the kernel has counted. */
START_TEST(test_firewall)
{
	const bool counted = _i / 2 != 0;
	struct mh_datagram *closed, *last;
	int64_t before, first;

	if (!harness_needs_tool("nft"))
		return;
	setup(counted);
	netns_shell(lan.server,
	    "nft 'table inet t { chain c { type filter hook output priority "
	    "0; udp dport %u drop; }; }'",
	    CLOSED);
	add(peers[_i % 2], true);
	add(peers[1 - _i % 2], false);
	closed = add(peers[_i % 2], true);
	closed->peer.port = CLOSED;
	before = flush(2);
	ck_assert_int_eq(closed->status, MH_EPERMISSION);
	ck_assert_uint_eq(closed->sent_id, 0);
	first = take(1);
	ck_assert_int_ge(first, before);
	assert_none();
	/* It was counted each time that it was tried: that is mended. */
	last = add(peers[1 - _i % 2], true);
	before = flush(1);
	ck_assert_uint_eq(last->sent_id, 2);
	ck_assert_int_ge(take(2), before);
	add(peers[0], true);
	add(peers[1], true);
	flush(2);
	ck_assert_int_le(take(3), take(4));
	assert_none();
	if (counted)
		ck_assert_uint_gt(sockets[0]->udp.reports.next_number, 4);
	teardown();
}
END_TEST

/* It waits for its neighbour, and others do not. */
static const struct {
	const char *endpoint, *address, *key;
} absent[] = {
	{ "192.0.2.77:7007", "192.0.2.77", "ipv4/neigh/v0/mcast_solicit" },
	{ "[2001:db8:1::77]:7007", "2001:db8:1::77",
	    "ipv6/neigh/v0/mcast_solicit" },
};

START_TEST(test_unresolved)
{
	const int row = _i % 2;
	int64_t between;

	setup(_i / 2 != 0);
	netns_sysctl(lan.server, absent[row].key, "100000");
	add(absent[row].endpoint, true);
	add(peers[0], true);
	add(peers[1], true);
	flush(3);
	ck_assert_int_le(take(2), take(3));
	assert_none();
	between = host_realtime_ns();
	netns_ip(lan.server,
	    "neigh replace %s lladdr 02:00:00:00:00:77 dev v0\n",
	    absent[row].address);
	ck_assert_int_ge(take(1), between);
	assert_none();
	teardown();
}
END_TEST

/* It comes late, to a program that ignores reports: it must not stay awake. */
START_TEST(test_ignored)
{
	struct pollfd poller;
	const int row = _i % 2;
	int i;

	setup(_i / 2 != 0);
	poller = (struct pollfd){ .fd = (int)mh_socket_handle(sockets[0]) };
	netns_sysctl(lan.server, absent[row].key, "100000");
	add(absent[row].endpoint, true);
	flush(1);
	ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 0);
	netns_ip(lan.server,
	    "neigh replace %s lladdr 02:00:00:00:00:77 dev v0\n",
	    absent[row].address);
	ck_assert_int_eq(poll(&poller, 1, HARNESS_PATIENCE_MS), 1);
	for (i = 0; i < 16; i++)
		ck_assert_int_eq(mh_batch_receive(batch, sockets[0]), 0);
	ck_assert_int_eq(poll(&poller, 1, 0), 0);
	teardown();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("time");
	TCase *tcase = harness_case(suite, "time");

	tcase_add_loop_test(tcase, test_firewall, 0, 4);
	tcase_add_loop_test(tcase, test_unresolved, 0, 4);
	tcase_add_loop_test(tcase, test_ignored, 0, 4);
	return harness_main(suite);
}
