/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/datagram.c: several replies that leave as one datagram,
 * which the system segments.
 */
#include "unit/unit.h"

#include "unit/platform/live.h"
#include "unit/platform/suites.h"

#include <errno.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>

/* Ask that often, and echo it all in one batch. */
static void
echo_many(int fd, const char *asked, size_t size, unsigned int count)
{
	uint8_t data[2048];
	struct mh_datagram *reply;
	unsigned int i;

	for (i = 0; i < count; i++) {
		memset(data, (int)i, size);
		live_peer_send(fd, asked, data, size);
	}
	ck_assert_int_eq(
	    mh_batch_receive(live.batch, live_wait(LIVE_PATIENCE_MS)),
	    (int)count);
	for (i = 0; i < count; i++) {
		reply = mh_batch_reserve(live.batch);
		ck_assert_int_eq(mh_reply_address(reply,
				     &live.batch->received[i], &live_strict),
		    0);
		reply->data = live.batch->received[i].data;
		reply->length = live.batch->received[i].length;
	}
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict),
	    (int)count);
}

static void
assert_from(const struct mh_address *source, const char *asked)
{
	const struct mh_address expected = unit_address(asked);

	ck_assert_msg(mh_address_compare(source, &expected) == 0,
	    "asked %s, answered from %s", asked, unit_text(source));
}

static const struct {
	const char *asked;
	size_t size;
	unsigned int count;
	unsigned int wholes; /* datagrams at a peer that merges them */
} segments[] = {
	{ "127.0.0.2", 64, 1, 1 },
	{ "127.0.0.2", 64, 2, 1 },
	{ "127.0.0.2", 64, 32, 1 },
	{ "::1", 64, 32, 1 },
	{ "127.0.0.2", 0, 3, 3 },
	{ "127.0.0.2", 1, 32, 1 },
	{ "127.0.0.2", 1232, 32, 1 },
	{ "::1", 1232, 32, 1 },
	{ "127.0.0.2", 1233, 2, 2 },
};

/* A peer that does not ask for it does not notice. */
START_TEST(test_segments)
{
	const char *asked = segments[_i].asked;
	uint8_t data[2048], expected[2048];
	struct mh_address source;
	unsigned int i;
	int fd;

	live_serve_stack(":0", MH_STACK_DUAL);
	fd = live_peer(asked[0] == ':' ? "::" : "0.0.0.0");
	echo_many(fd, asked, segments[_i].size, segments[_i].count);
	for (i = 0; i < segments[_i].count; i++) {
		memset(expected, (int)i, sizeof(expected));
		ck_assert_int_eq(
		    live_peer_receive(fd, data, sizeof(data), &source),
		    (int)segments[_i].size);
		ck_assert_mem_eq(data, expected, segments[_i].size);
		assert_from(&source, asked);
	}
}
END_TEST

/* How many datagrams a peer gets that lets the system merge them. */
static unsigned int
wholes(int fd, size_t total)
{
	static uint8_t data[MH_SLOT_SIZE];
	struct mh_address source;
	unsigned int count = 0;
	size_t seen = 0;
	ssize_t n;

	do {
		n = live_peer_receive(fd, data, sizeof(data), &source);
		ck_assert_int_ge(n, 0);
		count++;
		seen += (size_t)n;
	} while (seen < total);
	ck_assert_uint_eq(seen, total);
	return count;
}

static int
peer_open_whole(const char *address)
{
	int fd = live_peer(address), on = 1;

	ck_assert_int_eq(setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof(on)), 0);
	return fd;
}

START_TEST(test_segments_whole)
{
	const char *asked = segments[_i].asked;
	size_t size = segments[_i].size;
	int fd;

	if (size == 0)
		return;
	live_serve_stack(":0", MH_STACK_DUAL);
	fd = peer_open_whole(asked[0] == ':' ? "::" : "0.0.0.0");
	echo_many(fd, asked, size, segments[_i].count);
	ck_assert_uint_eq(
	    wholes(fd, size * segments[_i].count), segments[_i].wholes);
}
END_TEST

START_TEST(test_unsegmented)
{
	const struct mh_socket_options options = { .unsegmented = true };
	int fd;

	live_serve(":0", &options);
	fd = peer_open_whole("0.0.0.0");
	echo_many(fd, "127.0.0.2", 10, 4);
	ck_assert_uint_eq(wholes(fd, 40), 4);
}
END_TEST

/* Different replies must not be merged. */
START_TEST(test_segments_differ)
{
	static const struct {
		const char *asked;
		unsigned int peer;
		size_t size;
	} steps[] = {
		{ "127.0.0.2", 0, 8 },
		{ "127.0.0.2", 0, 8 },
		{ "127.0.0.3", 0, 8 }, /* another source */
		{ "127.0.0.3", 1, 8 }, /* another peer */
		{ "127.0.0.3", 1, 9 }, /* another size */
		{ "127.0.0.3", 1, 8 },
		{ "127.0.0.2", 0, 8 },
	};
	uint8_t data[64];
	struct mh_address source;
	struct mh_datagram *reply;
	int fds[2];
	unsigned int i;

	live_serve_stack(":0", MH_STACK_DUAL);
	fds[0] = live_peer("0.0.0.0");
	fds[1] = live_peer("0.0.0.0");
	for (i = 0; i < LENGTH(steps); i++) {
		memset(data, (int)i, sizeof(data));
		live_peer_send(
		    fds[steps[i].peer], steps[i].asked, data, steps[i].size);
	}
	ck_assert_int_eq(
	    mh_batch_receive(live.batch, live.sockets[0]), (int)LENGTH(steps));
	for (i = 0; i < LENGTH(steps); i++) {
		reply = mh_batch_reserve(live.batch);
		mh_reply_address(reply, &live.batch->received[i], &live_strict);
		reply->data = live.batch->received[i].data;
		reply->length = live.batch->received[i].length;
	}
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict),
	    (int)LENGTH(steps));
	for (i = 0; i < LENGTH(steps); i++) {
		ck_assert_int_eq(live_peer_receive(fds[steps[i].peer], data,
				     sizeof(data), &source),
		    (int)steps[i].size);
		ck_assert_int_eq(data[0], (int)i);
		assert_from(&source, steps[i].asked);
	}
}
END_TEST

/* A system that cannot segment: all arrives, and it is not tried again. */
START_TEST(test_segments_refused)
{
	int fd, off = 1;

	live_serve_stack(":0", MH_STACK_IPV4);
	fd = peer_open_whole("0.0.0.0");
	/* No checksums, no segments: udp_send_skb() says EINVAL. */
	ck_assert_int_eq(setsockopt((int)mh_socket_handle(live.sockets[0]),
			     SOL_SOCKET, SO_NO_CHECK, &off, sizeof(off)),
	    0);
	echo_many(fd, "127.0.0.2", 10, 4);
	ck_assert_uint_eq(wholes(fd, 40), 4);
	off = 0;
	setsockopt((int)mh_socket_handle(live.sockets[0]), SOL_SOCKET,
	    SO_NO_CHECK, &off, sizeof(off));
	echo_many(fd, "127.0.0.2", 10, 4);
	ck_assert_uint_eq(wholes(fd, 40), 4);
}
END_TEST

/* A source that is gone looks the same, but says nothing about segments. */
START_TEST(test_segments_source_gone)
{
	struct mh_datagram *reply;
	unsigned int i;
	int fd;

	live_serve_stack(":0", MH_STACK_DUAL);
	fd = peer_open_whole("::");
	for (i = 0; i < 3; i++) {
		reply = mh_batch_reserve(live.batch);
		reply->peer = unit_address("[::1]:9");
		reply->peer.port = live_peer_port(fd);
		reply->local = unit_address("[2001:db8::77]:0");
		reply->length = 10;
	}
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict), 0);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(live.batch->outgoing[i].status, MH_EGONE);
	echo_many(fd, "::1", 10, 4);
	ck_assert_uint_eq(wholes(fd, 40), 1);
}
END_TEST

Suite *
platform_datagram_segments_suite(void)
{
	Suite *suite = suite_create("datagram segments");
	TCase *tcase;

	tcase = live_case(suite, "segments");
	tcase_add_loop_test(tcase, test_segments, 0, LENGTH(segments));
	tcase_add_loop_test(tcase, test_segments_whole, 0, LENGTH(segments));
	tcase_add_test(tcase, test_unsegmented);
	tcase_add_test(tcase, test_segments_differ);
	tcase_add_test(tcase, test_segments_refused);
	tcase_add_test(tcase, test_segments_source_gone);
	return suite;
}
