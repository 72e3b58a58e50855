/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/selftest.c over the fake system: what people read about a
 * system that works, lacks something, or lies.
 */
#include "daemon/ops/selftest.h"

#include "daemon/config/config.h"
#include "unit/fake_host.h"
#include "unit/fixture.h"
#include "unit/scratch.h"
#include "platform/network.h"

#include <stdio.h>
#include <string.h>

static void
setup(void)
{
	fake_host_reset();
	scratch_log_begin();
	fake.loopback = true;
}

static void
teardown(void)
{
	scratch_remove();
}

#define PREFIX "multihomed: this system: "
#define WARNING "multihomed: warning: this system: "
#define IPV4_OK "IPv4 ok: a reply from 127.0.0.2 was seen to come from there"
#define IPV6_REPORTED                                                          \
	"IPv6 not verified: the queried address is reported, but there is no " \
	"second address to verify a reply's source with"
#define OPTIONS "; TTL yes, TOS yes, receive time yes, drop counter yes\n"

START_TEST(test_good_system)
{
	enum mh_stack stack = MH_STACK_DUAL;

	selftest_log(&stack);
	ck_assert_int_eq(stack, MH_STACK_DUAL);
	ck_assert_str_eq(
	    scratch_log(), PREFIX IPV4_OK "; " IPV6_REPORTED OPTIONS);
}
END_TEST

/* What is disabled is not reported on, whatever its state. */
START_TEST(test_left_out)
{
	enum mh_stack stack = _i == 0 ? MH_STACK_IPV4 : MH_STACK_IPV6;

	selftest_log(&stack);
	ck_assert_str_eq(scratch_log(),
	    _i == 0 ? PREFIX IPV4_OK "; IPv6 excluded" OPTIONS
		    : PREFIX "IPv4 excluded; " IPV6_REPORTED OPTIONS);
}
END_TEST

/* What a socket cannot report is named, without a warning. */
static const struct {
	enum mh__option option;
	const char *words;
} lacking[] = {
	{ MH__RECV_TTL, "TTL no, TOS yes, receive time yes, drop counter yes" },
	{ MH__RECV_TOS, "TTL yes, TOS no, receive time yes, drop counter yes" },
	{ MH__RECV_TIME,
	    "TTL yes, TOS yes, receive time no, drop counter yes" },
	{ MH__RECV_DROPS,
	    "TTL yes, TOS yes, receive time yes, drop counter no" },
};

START_TEST(test_lacks_an_option)
{
	const struct fake_fault fault = { .call = FAKE_SET,
		.option = lacking[_i].option,
		.code = MH_EUNSUPPORTED };
	enum mh_stack stack = MH_STACK_DUAL;
	const char *log;

	fake_fault(&fault);
	selftest_log(&stack);
	log = scratch_log();
	ck_assert_msg(strstr(log, lacking[_i].words) != NULL, "%s", log);
	ck_assert_ptr_null(strstr(log, "warning"));
}
END_TEST

/* A system that accepts a source and ignores it; one that reports nothing. */
START_TEST(test_lying_system)
{
	enum mh_stack stack = MH_STACK_DUAL;
	const char *log;

	fake.ignores_source = _i == 0;
	fake.tells_nothing = _i == 1;
	selftest_log(&stack);
	ck_assert_int_eq(stack, MH_STACK_DUAL);
	log = scratch_log();
	ck_assert_msg(strncmp(log, WARNING, strlen(WARNING)) == 0, "%s", log);
	ck_assert_msg(
	    strstr(log,
		_i == 0 ? "IPv4 BROKEN: a reply from 127.0.0.2 was seen to "
			  "come from 127.0.0.1"
			: "IPv4 BROKEN: the system does not report that a "
			  "datagram was sent to 127.0.0.1") != NULL,
	    "%s", log);
}
END_TEST

/* Where only dual-stack sockets lie, two sockets replace them. */
START_TEST(test_only_dual_lies)
{
	enum mh_stack stack = MH_STACK_DUAL;
	const char *log;

	fake.ignores_source = fake.only_dual = true;
	selftest_log(&stack);
	ck_assert_int_eq(stack, MH_STACK_TWO);
	log = scratch_log();
	ck_assert_ptr_nonnull(strstr(
	    log, "warning: sockets for both families do not reply correctly"));
	ck_assert_ptr_nonnull(
	    strstr(log, "\n" PREFIX IPV4_OK "; " IPV6_REPORTED OPTIONS));
}
END_TEST

/* Without a socket there is nothing to test, and the exit code says so. */
static const struct {
	bool lies, no_socket;
	int status;
} printed[] = {
	{ false, false, 0 },
	{ true, false, CONFIG_EXIT_UNAVAILABLE },
	{ false, true, CONFIG_EXIT_UNAVAILABLE },
};

START_TEST(test_exit_code)
{
	static const struct fake_fault none = { .call = FAKE_CREATE,
		.code = MH_ESYSTEM };

	fake.ignores_source = printed[_i].lies;
	if (printed[_i].no_socket)
		fake_fault(&none);
	ck_assert_int_eq(selftest_print(MH_STACK_DUAL), printed[_i].status);
}
END_TEST

/* An IPv6 address other than ::1 to answer from, if there is one. */
static const struct {
	const char *address;
	bool local; /* not tentative */
	bool verified;
} seconds[] = {
	{ "2001:db8::1", true, true },
	{ "fd00::1", true, true },
	{ "2001:db8::1", false, false },
	{ "fe80::1%2", true, false },
	{ "192.0.2.1", true, false },
};

START_TEST(test_second_address)
{
	const struct host_address address = { .address = unit_address(
						  seconds[_i].address) };
	enum mh_stack stack = MH_STACK_DUAL;
	char words[128];

	fake_host.addresses = &address;
	fake_host.address_count = 1;
	if (seconds[_i].local)
		fake_local_add(&address.address);
	selftest_log(&stack);
	snprintf(words, sizeof(words),
	    "IPv6 ok: a reply from %s was seen to come from there",
	    seconds[_i].address);
	ck_assert_int_eq(
	    strstr(scratch_log(), words) != NULL, seconds[_i].verified);
}
END_TEST

START_TEST(test_cannot_read_addresses)
{
	enum mh_stack stack = MH_STACK_DUAL;

	fake_host.network_error = MH_ESYSTEM;
	selftest_log(&stack);
	ck_assert_ptr_nonnull(strstr(scratch_log(),
	    "warning: cannot read the addresses of this host\n"));
}
END_TEST

Suite *
selftest_suite(void)
{
	Suite *suite = suite_create("selftest");
	TCase *tcase = fixture_tcase("selftest");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_good_system);
	tcase_add_loop_test(tcase, test_left_out, 0, 2);
	tcase_add_loop_test(tcase, test_lacks_an_option, 0, LENGTH(lacking));
	tcase_add_loop_test(tcase, test_lying_system, 0, 2);
	tcase_add_test(tcase, test_only_dual_lies);
	tcase_add_loop_test(tcase, test_exit_code, 0, LENGTH(printed));
	tcase_add_loop_test(tcase, test_second_address, 0, LENGTH(seconds));
	tcase_add_test(tcase, test_cannot_read_addresses);
	suite_add_tcase(suite, tcase);
	return suite;
}
