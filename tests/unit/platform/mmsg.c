/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/mmsg.c: one datagram at a time, counted as the elder calls
 * count.  Over a pair of sockets; refusals by a real filter are in
 * tests/net/test_inject.c.
 */
#include "platform/linux/mmsg.h"

#include "unit/platform/suites.h"
#include "unit/unit.h"
#include "unit/wrap.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 3 };

static int pair[2];
static char bytes[COUNT][8];
static struct iovec data[COUNT];
static struct mmsghdr headers[COUNT];

static void
setup(void)
{
	unsigned int i;

	wrap_reset();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	memset(headers, 0, sizeof(headers));
	for (i = 0; i < COUNT; i++) {
		memset(bytes[i], 'a' + (int)i, sizeof(bytes[i]));
		data[i] = (struct iovec){ bytes[i], i + 1 };
		headers[i].msg_hdr.msg_iov = &data[i];
		headers[i].msg_hdr.msg_iovlen = 1;
	}
}

static void
teardown(void)
{
	wrap_reset();
	close(pair[0]);
	close(pair[1]);
}

START_TEST(test_refused)
{
	ck_assert(mh__mmsg_is_refused(ENOSYS));
	ck_assert(mh__mmsg_is_refused(EPERM));
	ck_assert(!mh__mmsg_is_refused(EAGAIN));
	ck_assert(!mh__mmsg_is_refused(EINVAL));
	ck_assert(!mh__mmsg_is_refused(ENOBUFS));
}
END_TEST

/* All of them, then those that there are, then none. */
START_TEST(test_both)
{
	unsigned int i;

	ck_assert_int_eq(mh__mmsg_send(pair[0], headers, COUNT), COUNT);
	memset(bytes, 0, sizeof(bytes));
	for (i = 0; i < COUNT; i++)
		data[i].iov_len = sizeof(bytes[i]);
	ck_assert_int_eq(mh__mmsg_receive(pair[1], headers, 1), 1);
	ck_assert_str_eq(bytes[0], "a");
	ck_assert_int_eq(mh__mmsg_receive(pair[1], headers, COUNT), 2);
	ck_assert_str_eq(bytes[0], "bb");
	ck_assert_str_eq(bytes[1], "ccc");
	ck_assert_uint_eq(headers[1].msg_len, 3);
	ck_assert_int_eq(mh__mmsg_receive(pair[1], headers, COUNT), -1);
	ck_assert_int_eq(errno, EAGAIN);
}
END_TEST

/* An interrupted call is made again; what fails first is the error. */
START_TEST(test_errors)
{
	wrap.sendmsg.error = EINTR;
	wrap.sendmsg.times = 1;
	ck_assert_int_eq(mh__mmsg_send(pair[0], headers, COUNT), COUNT);
	ck_assert_uint_eq(wrap.sendmsg.calls, COUNT + 1);
	wrap.recvmsg.error = EINTR;
	wrap.recvmsg.times = 1;
	ck_assert_int_eq(mh__mmsg_receive(pair[1], headers, 1), 1);
	ck_assert_uint_eq(wrap.recvmsg.calls, 2);
	wrap.sendmsg.error = wrap.recvmsg.error = EPERM;
	wrap.sendmsg.times = wrap.recvmsg.times = 0;
	ck_assert_int_eq(mh__mmsg_send(pair[0], headers, COUNT), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(mh__mmsg_receive(pair[1], headers, COUNT), -1);
	ck_assert_int_eq(errno, EPERM);
}
END_TEST

Suite *
platform_mmsg_suite(void)
{
	Suite *suite = suite_create("platform mmsg");
	TCase *tcase = tcase_create("mmsg");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_refused);
	tcase_add_test(tcase, test_both);
	tcase_add_test(tcase, test_errors);
	suite_add_tcase(suite, tcase);
	return suite;
}
