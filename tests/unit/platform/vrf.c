/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/vrf.c with the answers of a kernel that has VRFs, which
 * most test machines do not.
 */
#include "platform/linux/vrf.h"

#include "unit/unit.h"

#include "unit/platform/messages.h"
#include "unit/platform/suites.h"
#include "unit/wrap.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

static void
queue(const struct messages *answer)
{
	wrap.answers[wrap.answer_count].data = answer->bytes;
	wrap.answers[wrap.answer_count++].length = answer->length;
}

static int first_free; /* file descriptor */

static void
setup(void)
{
	wrap_reset();
	first_free = wrap_lowest_file();
}

static void
teardown(void)
{
	wrap_reset();
	ck_assert_msg(wrap_lowest_file() == first_free, "a file is left open");
}

START_TEST(test_none)
{
	struct messages answer = { .length = 0 };
	uint32_t *table;

	messages_link(&answer, 1, NULL);
	messages_link(&answer, 2, "bridge");
	messages_link(&answer, 3, "vrfish");
	messages_end(&answer, NLMSG_DONE);
	queue(&answer);
	ck_assert_int_eq(mh__vrf_interfaces(&table), 0);
	ck_assert_ptr_null(table);
}
END_TEST

/* Several buffers, like a dump. */
START_TEST(test_some)
{
	struct messages first = { .length = 0 }, second = first, third = first;
	uint32_t *table;

	messages_link(&first, 1, NULL);
	messages_link(&first, 5, "vrf");
	messages_link(&first, 6, "bridge");
	messages_link(&second, 7, "vrf");
	messages_end(&third, NLMSG_DONE);
	/* Data after the end does not count. */
	messages_link(&third, 8, "vrf");
	queue(&first);
	queue(&second);
	queue(&third);
	ck_assert_int_eq(mh__vrf_interfaces(&table), 2);
	ck_assert_uint_eq(table[0], 5);
	ck_assert_uint_eq(table[1], 7);
	free(table);
}
END_TEST

static const struct {
	const char *name;
	unsigned short end; /* 0: the kernel hangs up */
} failures[] = { { "error", NLMSG_ERROR }, { "end of file", 0 } };

START_TEST(test_fail)
{
	struct messages answer = { .length = 0 };
	uint32_t *table;

	messages_link(&answer, 5, "vrf");
	if (failures[_i].end != 0) {
		messages_end(&answer, failures[_i].end);
		messages_end(&answer, NLMSG_DONE);
	}
	queue(&answer);
	ck_assert_msg(
	    mh__vrf_interfaces(&table) == -1, "%s", failures[_i].name);
}
END_TEST

START_TEST(test_no_socket)
{
	uint32_t *table;

	wrap.socket.error = EMFILE;
	ck_assert_int_eq(mh__vrf_interfaces(&table), -1);
}
END_TEST

/* Messages and attributes that are truncated or lie about their length. */
START_TEST(test_hostile)
{
	struct messages good = { .length = 0 }, bad, end = good;
	uint32_t *table;
	size_t at;
	int n;

	messages_link(&good, 5, "vrf");
	messages_end(&end, NLMSG_DONE);
	for (at = 0; at < good.length; at++) {
		wrap_reset();
		bad = good;
		bad.bytes[at] = (uint8_t)_i;
		queue(&bad);
		queue(&end);
		n = mh__vrf_interfaces(&table);
		ck_assert_msg(n <= 1, "byte %zu is %d: %d", at, _i, n);
		if (n >= 0)
			free(table);
	}
}
END_TEST

Suite *
platform_vrf_suite(void)
{
	Suite *suite = suite_create("vrf");
	TCase *tcase = tcase_create("vrf");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_none);
	tcase_add_test(tcase, test_some);
	tcase_add_loop_test(tcase, test_fail, 0, LENGTH(failures));
	tcase_add_test(tcase, test_no_socket);
	tcase_add_loop_test(tcase, test_hostile, 0, 9);
	tcase_add_loop_test(tcase, test_hostile, 255, 256);
	suite_add_tcase(suite, tcase);
	return suite;
}
