/* SPDX-License-Identifier: ISC */
/*
 * src/platform/stream.c: the two ends of a connection, seen from the other
 * side.
 */
#include "platform/stream.h"

#include "unit/platform/live.h"
#include "unit/platform/suites.h"
#include "unit/unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static int ours, theirs;

static void
setup(void)
{
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	union live_name name;
	socklen_t length = live_name("127.0.0.1", 0, &name);

	theirs = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, &name.any, length), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(getsockname(listener, &name.any, &length), 0);
	ck_assert_int_eq(connect(theirs, &name.any, length), 0);
	ours = accept(listener, NULL, NULL);
	ck_assert_int_ge(ours, 0);
	close(listener);
}

static void
teardown(void)
{
	close(theirs);
}

/* A reader that reads nothing costs no more than that. */
START_TEST(test_limit)
{
	static char bytes[65536];
	int size = 0;
	socklen_t length = sizeof(size);

	host_stream_limit(ours, 16384);
	ck_assert_int_eq(
	    getsockopt(ours, SOL_SOCKET, SO_SNDBUF, &size, &length), 0);
	ck_assert_int_eq(size, 2 * 16384);
	while (send(ours, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		continue;
	ck_assert(host_stream_is_dry());
	close(ours);
	ck_assert_int_lt(send(ours, bytes, 1, MSG_DONTWAIT), 0);
	ck_assert(!host_stream_is_dry());
}
END_TEST

/* What was sent arrives, followed by the end, and we can still receive. */
START_TEST(test_finish)
{
	char byte;

	ck_assert_int_eq(send(ours, "a", 1, 0), 1);
	host_stream_finish(ours);
	ck_assert_int_eq(recv(theirs, &byte, 1, 0), 1);
	ck_assert_int_eq(recv(theirs, &byte, 1, 0), 0);
	ck_assert_int_eq(send(theirs, "b", 1, 0), 1);
	ck_assert_int_eq(recv(ours, &byte, 1, 0), 1);
	close(ours);
}
END_TEST

START_TEST(test_abort)
{
	char byte;

	host_stream_abort(ours);
	close(ours);
	ck_assert_int_eq(recv(theirs, &byte, 1, 0), -1);
	ck_assert_int_eq(errno, ECONNRESET);
}
END_TEST

Suite *
platform_stream_suite(void)
{
	Suite *suite = suite_create("stream");
	TCase *tcase = tcase_create("stream");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_limit);
	tcase_add_test(tcase, test_finish);
	tcase_add_test(tcase, test_abort);
	suite_add_tcase(suite, tcase);
	return suite;
}
