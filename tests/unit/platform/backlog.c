/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/backlog.c: the kernel's messages about queues; and the
 * kernel itself, which has none that long.
 */
#include "platform/linux/backlog.h"

#include "unit/unit.h"

#include "unit/platform/messages.h"
#include "unit/platform/suites.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

static struct nlmsghdr *
begin(struct messages *messages, unsigned short type, int if_index)
{
	const struct tcmsg header = { .tcm_ifindex = if_index };

	messages->length = 0;
	return messages_begin(messages, type, &header, sizeof(header));
}

static void
add_stats(struct messages *messages, struct nlmsghdr *message, uint32_t backlog,
    size_t size)
{
	const struct tc_stats stats = { .qlen = 7, .backlog = backlog };

	messages_attribute(messages, message, TCA_KIND, "tbf", 4);
	messages_attribute(messages, message, TCA_STATS, &stats, size);
}

START_TEST(test_decode)
{
	struct host_backlog backlog;
	struct messages messages;
	struct nlmsghdr *message = begin(&messages, RTM_NEWQDISC, 3);

	add_stats(&messages, message, 5000, sizeof(struct tc_stats));
	ck_assert(backlog_decode(message, &backlog));
	ck_assert_uint_eq(backlog.if_index, 3);
	ck_assert_uint_eq(backlog.bytes, 5000);
}
END_TEST

START_TEST(test_decode_others)
{
	struct host_backlog backlog;
	struct messages messages;
	struct nlmsghdr *message = begin(&messages, RTM_DELQDISC, 3);

	add_stats(&messages, message, 5000, sizeof(struct tc_stats));
	ck_assert(!backlog_decode(message, &backlog));
	/* Without statistics, or with a part of them. */
	message = begin(&messages, RTM_NEWQDISC, 3);
	ck_assert(!backlog_decode(message, &backlog));
	add_stats(&messages, message, 5000, sizeof(struct tc_stats) - 8);
	ck_assert(!backlog_decode(message, &backlog));
	/* And without a header. */
	message = begin(&messages, RTM_NEWQDISC, 3);
	add_stats(&messages, message, 5000, sizeof(struct tc_stats));
	message->nlmsg_len = NLMSG_LENGTH(sizeof(struct tcmsg)) - 1;
	ck_assert(!backlog_decode(message, &backlog));
}
END_TEST

START_TEST(test_longest_counts)
{
	static const struct host_backlog found[] = { { 3, 100 }, { 2, 50 },
		{ 3, 700 }, { 3, 400 }, { 9, 1000 } };
	struct host_backlog table[2];
	unsigned int count = 0, i;

	for (i = 0; i < LENGTH(found); i++)
		backlog_add(table, LENGTH(table), &count, &found[i]);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(table[0].if_index, 3);
	ck_assert_uint_eq(table[0].bytes, 700);
	ck_assert_uint_eq(table[1].if_index, 2);
	ck_assert_uint_eq(table[1].bytes, 50);
}
END_TEST

START_TEST(test_system)
{
	struct host_backlog table[4];
	intptr_t handle = host_backlog_open();

	ck_assert_int_ge(handle, 0);
	ck_assert_int_eq(
	    host_backlog_read(handle, UINT32_MAX, table, LENGTH(table)), 0);
	/* Each list ends where the next one begins. */
	ck_assert_int_eq(
	    host_backlog_read(handle, UINT32_MAX, table, LENGTH(table)), 0);
	host_backlog_close(handle);
	ck_assert_int_eq(
	    host_backlog_read(handle, UINT32_MAX, table, LENGTH(table)), -1);
	host_backlog_close(-1);
}
END_TEST

Suite *
platform_backlog_suite(void)
{
	Suite *suite = suite_create("platform/linux/backlog");
	TCase *tcase = tcase_create("backlog");

	tcase_add_test(tcase, test_decode);
	tcase_add_test(tcase, test_decode_others);
	tcase_add_test(tcase, test_longest_counts);
	tcase_add_test(tcase, test_system);
	suite_add_tcase(suite, tcase);
	return suite;
}
