/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/reuseport.c: which of two sockets on one port gets what.
 */
#include "unit/unit.h"

#include "unit/platform/live.h"
#include "unit/platform/suites.h"

#include "platform/linux/reuseport.h"

#include <sched.h>

static const char *const taken[] = { ":0", "127.0.0.1:0", "[::1]:0" };

/* Sockets share a port only if all of them say so. */
START_TEST(test_share_port)
{
	const struct mh_socket_options share = { .share_port = true };
	const struct mh_socket_options alone = { .share_port = false };
	struct mh_address endpoint = unit_address(taken[_i]);
	struct mh_socket *second[MH_SOCKETS_MAX];

	live_serve(taken[_i], &share);
	endpoint.port = live_port();
	ck_assert_int_eq(
	    mh_socket_open(second, &endpoint, &alone, NULL), MH_EINUSE);
	ck_assert_int_eq(mh_socket_open(second, &endpoint, &share, NULL), 1);
	ck_assert_uint_eq(mh_socket_info(second[0])->bound.port, live_port());
	mh_socket_close(second[0]);
}
END_TEST

/* Move to that processor, or fail. */
static bool
go_to(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}

/* Where to ask what is bound to taken[]. */
static const char *const targets[] = { "::1", "127.0.0.1", "::1" };

/* Two sockets on one port, and peers. */
static void
serve_by_two(unsigned int number, unsigned int processors)
{
	const struct mh_socket_options first = { .share_port = true,
		.processors = processors };
	const struct mh_socket_options share = { .share_port = true };
	struct mh_address endpoint = unit_address(taken[number]);
	struct mh_socket *second[MH_SOCKETS_MAX];
	unsigned int i;

	live_serve(taken[number], &first);
	endpoint.port = live_port();
	ck_assert_int_eq(mh_socket_open(second, &endpoint, &share, NULL), 1);
	live.sockets[live.socket_count++] = second[0];
	for (i = 0; i < LENGTH(live.peers); i++)
		live_peer(targets[number]);
}

/*
 * What is sent over loopback arrives on the sender's processor; whatever the
 * source port, that decides which socket of a group it is for.
 */
START_TEST(test_share_by_cpu)
{
	unsigned int cpu, i;

	serve_by_two((unsigned int)_i, 2);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		for (i = 0; go_to(cpu) && i < LENGTH(live.peers); i++) {
			live_peer_send(live.peers[i], targets[_i], "hello", 5);
			ck_assert_ptr_eq(
			    live_receive(targets[_i]), live.sockets[cpu % 2]);
		}
	}
}
END_TEST

static const uint8_t secret[] = "0123456789abcdef";

/* Not quite the secret, or the size, or a number. */
static const struct {
	const char *data;
	size_t size;
} others[] = {
	{ "", 0 },
	{ "0", 1 },
	{ "0123456789abcdef\0\1", 18 },
	{ "0123456789abcdef\0\1\0\0QQQ", 23 },
	{ "0123456789abcdef\0\1\0\0QQQQQ", 25 },
	{ "1123456789abcdef\0\1\0\0QQQQ", 24 },
	{ "0123456789abcdeF\0\1\0\0QQQQ", 24 },
	{ "0123x56789abcdef\0\1\0\0QQQQ", 24 },
	/* There is no such socket. */
	{ "0123456789abcdef\0\2\0\0QQQQ", 24 },
	{ "0123456789abcdef\1\1\0\0QQQQ", 24 },
};

/* The secret lets one choose; for all others nothing changes. */
START_TEST(test_secret)
{
	static const char *const choices[] = { "0123456789abcdef\0\0\0\0QQQQ",
		"0123456789abcdef\0\1xxQQQQ" };
	struct mh_socket *before;
	unsigned int i, j;

	serve_by_two((unsigned int)_i, 0);
	for (i = 0; i < LENGTH(live.peers); i++) {
		ck_assert_int_eq(
		    mh_share_select(live.sockets[i % 2], secret), 0);
		live_peer_send(live.peers[i], targets[_i], "hello", 5);
		before = live_receive(targets[_i]);
		for (j = 0; j < 2; j++) {
			live_peer_send(
			    live.peers[i], targets[_i], choices[j], 24);
			ck_assert_ptr_eq(
			    live_receive(targets[_i]), live.sockets[j]);
		}
		for (j = 0; j < LENGTH(others); j++) {
			live_peer_send(live.peers[i], targets[_i],
			    others[j].data, others[j].size);
			ck_assert_ptr_eq(live_receive(targets[_i]), before);
		}
	}
}
END_TEST

/* The same if the processor decides for the others. */
START_TEST(test_secret_by_cpu)
{
	unsigned int cpu, i;

	serve_by_two((unsigned int)_i, 2);
	ck_assert_int_eq(mh_share_select(live.sockets[0], secret), 0);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		for (i = 0; go_to(cpu) && i < LENGTH(others) - 2; i++) {
			live_peer_send(live.peers[0], targets[_i],
			    others[i].data, others[i].size);
			ck_assert_ptr_eq(
			    live_receive(targets[_i]), live.sockets[cpu % 2]);
			live_peer_send(live.peers[0], targets[_i],
			    "0123456789abcdef\0\1\0\0QQQQ", 24);
			ck_assert_ptr_eq(
			    live_receive(targets[_i]), live.sockets[1]);
		}
	}
}
END_TEST

/*
 * Everything without the secret is dropped.  What has it is sent last, so
 * anything else would have arrived before it.
 */
START_TEST(test_only_the_secret)
{
	static const char *const strangers[] = { "0123456789abcdef\0\1\0\0QQQ",
		"1123456789abcdef\0\1\0\0QQQQ",
		"0123456789abcdeF\0\1\0\0QQQQ" };
	static const char ours[] = "0123456789abcdef\1\1\0\0QQQQ";
	const struct mh_socket_options options = { .share_port = false };
	unsigned int i;

	live_serve(taken[_i], &options);
	ck_assert_int_eq(mh_share_restrict(live.sockets[0], secret), 0);
	live_peer(targets[_i]);
	live_peer_send(live.peers[0], targets[_i], "", 0);
	live_peer_send(live.peers[0], targets[_i], strangers[0], 23);
	for (i = 1; i < LENGTH(strangers); i++)
		live_peer_send(live.peers[0], targets[_i], strangers[i], 24);
	live_peer_send(live.peers[0], targets[_i], ours, 25);
	live_peer_send(live.peers[0], targets[_i], ours, 24);
	live_receive(targets[_i]);
	ck_assert_uint_eq(live.batch->received[0].length, 24);
	ck_assert_mem_eq(live.batch->received[0].data, ours, 24);
}
END_TEST

Suite *
platform_reuseport_suite(void)
{
	Suite *suite = suite_create("reuseport");
	TCase *tcase;

	tcase = live_case(suite, "reuseport");
	tcase_add_loop_test(tcase, test_share_port, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_share_by_cpu, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_secret, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_secret_by_cpu, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_only_the_secret, 0, LENGTH(taken));
	return suite;
}
