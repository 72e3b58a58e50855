/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/socketlog.c: what helps where a socket cannot be opened; and each
 * notice in words.
 */
#include "daemon/socketlog.h"

#include "unit/daemon/scene.h"

#include <stdio.h>
#include <string.h>

static const struct {
	struct mh_problem problem;
	bool is_ours;
	int status;
	const char *log;
} problems[] = {
	{ { .code = MH_EPERMISSION, .what = "bind" }, false, CONFIG_EXIT_NOPERM,
	    "echo:a: cannot serve 127.0.0.1:7: bind: not permitted; ports "
	    "below 1024 need root or CAP_NET_BIND_SERVICE, a high port does "
	    "not: echo:a=:7007\n" },
	{ { .code = MH_EPERMISSION, .what = "socket" }, false,
	    CONFIG_EXIT_OSERR,
	    "cannot serve 127.0.0.1:7: socket: not permitted\n" },
	{ { .code = MH_EINUSE, .what = "bind" }, false, CONFIG_EXIT_UNAVAILABLE,
	    "; another program holds this port: look there\n" },
	{ { .code = MH_EINUSE, .what = "bind" }, true, CONFIG_EXIT_UNAVAILABLE,
	    "; the running configuration holds this port: restart\n" },
	{ { .code = MH_EADDRESS, .what = "bind" }, false,
	    CONFIG_EXIT_UNAVAILABLE,
	    "; --freebind binds to addresses that this host does not have "
	    "(yet)\n" },
	{ { .code = MH_EZONE, .what = "bind" }, false, CONFIG_EXIT_UNAVAILABLE,
	    "cannot serve 127.0.0.1:7: bind: no such interface\n" },
	{ { .code = MH_EFAMILY, .what = "stack" }, false,
	    CONFIG_EXIT_UNAVAILABLE,
	    "; the key \"stack\" excludes that family\n" },
	{ { .code = MH_ESYSTEM,
	      .what = "socket",
	      .text = "Too many open files",
	      .family = MH_FAMILY_IPV6 },
	    false, CONFIG_EXIT_OSERR,
	    "cannot serve 127.0.0.1:7: socket (IPv6 socket): Too many open "
	    "files\n" },
};

START_TEST(test_problem)
{
	const struct config_service service = { .name = (char[]){ "echo:a" } };
	const struct mh_address endpoint = unit_address("127.0.0.1:7");
	const char *log;

	ck_assert_int_eq(socketlog_problem(&service, &endpoint,
			     &problems[_i].problem, problems[_i].is_ours),
	    problems[_i].status);
	log = scratch_log();
	ck_assert_msg(strstr(log, problems[_i].log) != NULL, "%s", log);
}
END_TEST

static const struct {
	unsigned int can;
	bool dual_stack;
	const char *families;
} opened[] = {
	{ MH_CAN_IPV4 | MH_CAN_IPV6, true, "IPv4 and IPv6 on one socket" },
	{ MH_CAN_IPV6, true, "IPv6" },
	{ MH_CAN_IPV6, false, "IPv6" },
	{ MH_CAN_IPV4, false, "IPv4" },
};

START_TEST(test_opened)
{
	const struct mh_socket_info info = { .bound = unit_address("[::]:7"),
		.can = opened[_i].can,
		.dual_stack = opened[_i].dual_stack,
		.receive_buffer = 4096 };
	char expected[200];

	socketlog_opened("echo", &info);
	snprintf(expected, sizeof(expected),
	    "multihomed: echo: listening on [::]:7 (%s), receive buffer 4096 "
	    "bytes\n",
	    opened[_i].families);
	ck_assert_str_eq(scratch_log(), expected);
}
END_TEST

START_TEST(test_notices)
{
	socketlog_notices(0, MH_STACK_DUAL);
	socketlog_lacking(0);
	ck_assert_str_eq(scratch_log(), "");
	socketlog_notices(MH_NOTICE_IPV6_ABSENT, MH_STACK_DUAL);
	socketlog_notices(MH_NOTICE_IPV6_ABSENT, MH_STACK_IPV6);
	socketlog_lacking(MH_CAN_TOS);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: this host has no IPv6, not even ::1: serving "
	    "IPv4 only\n"
	    "multihomed: warning: this host has no IPv6, not even ::1: no "
	    "client can reach it\n"
	    "multihomed: warning: this system does not report the TOS of "
	    "datagrams\n");
}
END_TEST

Suite *
socketlog_suite(void)
{
	Suite *suite = suite_create("socketlog");
	TCase *tcase = scene_tcase("socketlog");

	tcase_add_loop_test(tcase, test_problem, 0, LENGTH(problems));
	tcase_add_loop_test(tcase, test_opened, 0, LENGTH(opened));
	tcase_add_test(tcase, test_notices);
	suite_add_tcase(suite, tcase);
	return suite;
}
