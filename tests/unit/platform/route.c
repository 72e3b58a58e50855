/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/route.c: with the kernel's own answers about loopback, and
 * with others that this host would not give.
 */
#include "platform/linux/route.h"

#include "unit/unit.h"

#include "unit/platform/messages.h"
#include "unit/platform/suites.h"
#include "unit/wrap.h"

#include <errno.h>
#include <string.h>

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

static void
queue(const struct messages *answer)
{
	wrap.answers[wrap.answer_count].data = answer->bytes;
	wrap.answers[wrap.answer_count++].length = answer->length;
}

static enum mh__route_owner
owner_of(const char *text)
{
	const struct mh_address address = unit_address(text);

	return mh__route_owner(&address, 0);
}

/* Any of 127.0.0.0/8 is ours by its route alone. */
START_TEST(test_kernel)
{
	ck_assert_int_eq(owner_of("127.0.0.1"), ROUTE_LOCAL);
	ck_assert_int_eq(owner_of("127.1.2.3"), ROUTE_LOCAL);
	ck_assert_int_eq(owner_of("198.51.100.77"), ROUTE_OTHER);
	ck_assert_int_eq(owner_of("2001:db8:77::77"), ROUTE_OTHER);
	ck_assert_int_eq(owner_of("0.0.0.1"), ROUTE_OTHER);
}
END_TEST

static const struct {
	const char *name;
	int type;
	enum mh__route_owner owner;
} types[] = {
	{ "local", RTN_LOCAL, ROUTE_LOCAL },
	{ "unicast", RTN_UNICAST, ROUTE_OTHER },
	{ "anycast", RTN_ANYCAST, ROUTE_OTHER },
	{ "broadcast", RTN_BROADCAST, ROUTE_OTHER },
	{ "unreachable", RTN_UNREACHABLE, ROUTE_OTHER },
};

START_TEST(test_type)
{
	const struct rtmsg route = { .rtm_type =
					 (unsigned char)types[_i].type };
	struct messages answer = { .length = 0 };

	messages_begin(&answer, RTM_NEWROUTE, &route, sizeof(route));
	queue(&answer);
	ck_assert_msg(
	    owner_of("192.0.2.1") == types[_i].owner, "%s", types[_i].name);
}
END_TEST

static const struct {
	int error;
	enum mh__route_owner owner;
} errors[] = {
	{ ENETUNREACH, ROUTE_OTHER },
	{ EHOSTUNREACH, ROUTE_OTHER },
	{ EACCES, ROUTE_OTHER },
	{ EINVAL, ROUTE_OTHER },
	{ ENODEV, ROUTE_OTHER },
	{ EOPNOTSUPP, ROUTE_UNKNOWN },
	{ EPERM, ROUTE_UNKNOWN },
	{ ENOBUFS, ROUTE_UNKNOWN },
	{ 0, ROUTE_UNKNOWN },
};

START_TEST(test_error)
{
	const struct nlmsgerr error = { .error = -errors[_i].error };
	struct messages answer = { .length = 0 };

	messages_begin(&answer, NLMSG_ERROR, &error, sizeof(error));
	queue(&answer);
	ck_assert_msg(owner_of("192.0.2.1") == errors[_i].owner, "%s",
	    strerror(errors[_i].error));
}
END_TEST

/* No answer, one that is cut, and one to another question. */
START_TEST(test_no_answer)
{
	const struct rtmsg route = { .rtm_type = RTN_LOCAL };
	struct messages answer = { .length = 0 };
	size_t whole;

	messages_begin(&answer, RTM_NEWROUTE, &route, sizeof(route));
	for (whole = answer.length; answer.length > 0; answer.length--) {
		wrap_reset();
		queue(&answer);
		ck_assert_int_eq(owner_of("192.0.2.1"),
		    answer.length == whole ? ROUTE_LOCAL : ROUTE_UNKNOWN);
	}
	wrap_reset();
	messages_link(&answer, 1, NULL);
	queue(&answer);
	ck_assert_int_eq(owner_of("192.0.2.1"), ROUTE_UNKNOWN);
	wrap_reset();
	wrap.socket.error = EMFILE;
	ck_assert_int_eq(owner_of("127.0.0.1"), ROUTE_UNKNOWN);
}
END_TEST

Suite *
platform_route_suite(void)
{
	Suite *suite = suite_create("route");
	TCase *tcase = tcase_create("route");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_kernel);
	tcase_add_loop_test(tcase, test_type, 0, LENGTH(types));
	tcase_add_loop_test(tcase, test_error, 0, LENGTH(errors));
	tcase_add_test(tcase, test_no_answer);
	suite_add_tcase(suite, tcase);
	return suite;
}
