/* SPDX-License-Identifier: ISC */
/*
 * src/lib/selftest.c over the fake system's loopback, which can be made to lie
 * as real ones do.
 */
#include "unit/fixture.h"

struct expected_family {
	bool available;
	bool reached;
	bool asked;
	enum mh_verified source;
	const char *address; /* the source that was tried; NULL: any */
	const char *seen;    /* by the peer; NULL: any */
};

struct selftest_case {
	const char *name;
	const char *second; /* NULL: none */
	bool loopback;
	bool ignores_source;
	bool tells_nothing;
	bool only_dual;
	enum mh_stack stack;
	bool no_ipv6_address;
	struct fake_fault faults[3];
	int code;
	struct expected_family ipv4, ipv6;
};

#define LOOPBACK .loopback = true
#define NO(fam)                                                        \
	{                                                              \
		.call = FAKE_CREATE, .family = fam, .code = MH_EFAMILY \
	}
#define IPV4_GOOD \
	.ipv4 = { true, true, true, MH_VERIFIED, "127.0.0.2", "127.0.0.2" }

static const struct selftest_case cases[] = {
	{ "good", "2001:db8::2", LOOPBACK, IPV4_GOOD,
	    .ipv6 = { true, true, true, MH_VERIFIED, "2001:db8::2",
		"2001:db8::2" } },
	{ "no second address", NULL, LOOPBACK, IPV4_GOOD,
	    .ipv6 = { true, true, true, MH_NOT_VERIFIED, "::1", "::1" } },
	{ "no IPv6 address", NULL, LOOPBACK, .no_ipv6_address = true, IPV4_GOOD,
	    .ipv6 = { false, false, false, .source = MH_NOT_VERIFIED } },
	{ "no ::1 but another", "2001:db8::2", LOOPBACK,
	    .no_ipv6_address = true, IPV4_GOOD,
	    .ipv6 = { true, true, true, MH_NOT_VERIFIED, "2001:db8::2",
		"2001:db8::2" } },
	{ "no second socket", NULL, LOOPBACK,
	    .faults = { { .call = FAKE_CREATE,
		.family = MH_FAMILY_IPV6,
		.skip = 1,
		.times = 1,
		.code = MH_ESYSTEM } },
	    .code = MH_ESYSTEM,
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
	/*
	 * Both families come through the same socket: IPv4 waits three times.
	 */
	{ "first answer lost", "2001:db8::2", LOOPBACK,
	    .faults = { { .call = FAKE_WAIT,
		.family = MH_FAMILY_IPV6,
		.skip = 4,
		.times = 1,
		.code = MH_ESYSTEM } },
	    .code = MH_ESYSTEM, IPV4_GOOD,
	    .ipv6 = { true, true, true, MH_BROKEN, NULL, "" } },
	{ "source ignored", "2001:db8::2", LOOPBACK, .ignores_source = true,
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.2", "127.0.0.1" },
	    .ipv6 = { true, true, true, MH_BROKEN, "2001:db8::2", "::1" } },
	{ "source ignored, no second address", NULL, LOOPBACK,
	    .ignores_source = true, .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.2", "127.0.0.1" },
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
	{ "second address is the loopback again", "::1", LOOPBACK,
	    .ignores_source = true, .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.2", "127.0.0.1" },
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
	{ "address not told", "2001:db8::2", LOOPBACK, .tells_nothing = true,
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, true, false, .source = MH_BROKEN },
	    .ipv6 = { true, true, false, .source = MH_BROKEN } },
	{ "source refused", "2001:db8::2", LOOPBACK,
	    .faults = { { .call = FAKE_SEND,
		.condition = FAKE_WITH_SOURCE,
		.code = MH_EADDRESS } },
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.2", "" },
	    .ipv6 = { true, true, true, MH_BROKEN, "::1", "" } },
	{ "answer lost", NULL, LOOPBACK,
	    .faults = { { .call = FAKE_WAIT,
		.family = MH_FAMILY_IPV6,
		.skip = 2,
		.times = 1,
		.code = MH_ESYSTEM } },
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.2", "" },
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
	{ "second answer lost", "2001:db8::2", LOOPBACK,
	    .faults = { { .call = FAKE_WAIT,
		.family = MH_FAMILY_IPV6,
		.skip = 5,
		.code = MH_ESYSTEM } },
	    .code = MH_ESYSTEM, IPV4_GOOD,
	    .ipv6 = { true, true, true, MH_BROKEN, NULL, "" } },
	{ "127.0.0.1 does not answer", NULL, LOOPBACK,
	    .faults = { { .call = FAKE_WAIT,
		.family = MH_FAMILY_IPV6,
		.times = 1,
		.code = MH_ESYSTEM } },
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, false, false, MH_BROKEN, "127.0.0.1", "" },
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
	{ "127.0.0.2 does not answer", NULL, LOOPBACK,
	    .faults = { { .call = FAKE_WAIT,
		.family = MH_FAMILY_IPV6,
		.skip = 1,
		.times = 1,
		.code = MH_ESYSTEM } },
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, false, false, MH_BROKEN, "127.0.0.2", "" },
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
	{ "two sockets", "2001:db8::2", LOOPBACK, .stack = MH_STACK_TWO,
	    IPV4_GOOD,
	    .ipv6 = { true, true, true, MH_VERIFIED, "2001:db8::2",
		"2001:db8::2" } },
	{ "IPv4 alone", "2001:db8::2", LOOPBACK, .stack = MH_STACK_IPV4,
	    IPV4_GOOD,
	    .ipv6 = { false, false, false, .source = MH_NOT_VERIFIED } },
	{ "IPv6 alone", "2001:db8::2", LOOPBACK, .stack = MH_STACK_IPV6,
	    .ipv4 = { false, false, false, .source = MH_NOT_VERIFIED },
	    .ipv6 = { true, true, true, MH_VERIFIED, "2001:db8::2",
		"2001:db8::2" } },
	/* What makes a server use two sockets. */
	{ "source ignored on dual", NULL, LOOPBACK, .ignores_source = true,
	    .only_dual = true, .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.2", "127.0.0.1" },
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
	{ "source ignored on dual alone", NULL, LOOPBACK,
	    .ignores_source = true, .only_dual = true, .stack = MH_STACK_TWO,
	    IPV4_GOOD,
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
	{ "address not told on dual alone", NULL, LOOPBACK,
	    .tells_nothing = true, .only_dual = true, .stack = MH_STACK_TWO,
	    IPV4_GOOD,
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
	{ "cannot receive", NULL, LOOPBACK,
	    .faults = { { .call = FAKE_RECEIVE, .code = MH_EREFUSED } },
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, false, false, .source = MH_BROKEN },
	    .ipv6 = { true, false, false, .source = MH_BROKEN } },
	{ "nothing can be sent", "2001:db8::2", LOOPBACK,
	    .faults = { { .call = FAKE_SEND, .code = MH_EPERMISSION } },
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, false, false, .source = MH_BROKEN },
	    .ipv6 = { true, false, false, .source = MH_BROKEN } },
	{ "nothing arrives", "2001:db8::2", .code = MH_ESYSTEM,
	    .ipv4 = { true, false, false, .source = MH_BROKEN },
	    .ipv6 = { true, false, false, .source = MH_BROKEN } },
	{ "no IPv6", NULL, LOOPBACK, .faults = { NO(MH_FAMILY_IPV6) },
	    IPV4_GOOD,
	    .ipv6 = { false, false, false, .source = MH_NOT_VERIFIED } },
	{ "no IPv4", "2001:db8::2", LOOPBACK,
	    .faults = { NO(MH_FAMILY_IPV4),
		{ .call = FAKE_SET,
		    .option = MH__RECV_IPV4,
		    .code = MH_EINVALID } },
	    .ipv4 = { false, false, false, .source = MH_NOT_VERIFIED },
	    .ipv6 = { true, true, true, MH_VERIFIED, "2001:db8::2",
		"2001:db8::2" } },
	{ "neither", NULL, LOOPBACK,
	    .faults = { NO(MH_FAMILY_IPV4), NO(MH_FAMILY_IPV6) },
	    .code = MH_ESYSTEM },
	{ "IPv4 cannot be opened", NULL, LOOPBACK,
	    .faults = { { .call = FAKE_BIND,
		.times = 1,
		.code = MH_EPERMISSION,
		.system_code = 13 } },
	    .code = MH_ESYSTEM,
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
};

static void
assert_address(const char *name, struct mh_address address, const char *text)
{
	if (text == NULL)
		return;
	address.port = 0;
	unit_assert_address(&address, text, name);
}

/* The type of mh_self_test.ipv4 and .ipv6 has no name. */
#define ASSERT_FAMILY(row, result, which)                                     \
	do {                                                                  \
		ck_assert_msg(                                                \
		    (result).which.available == (row)->which.available,       \
		    "%s: " #which " available: %d", (row)->name,              \
		    (result).which.available);                                \
		ck_assert_msg((result).which.reached == (row)->which.reached, \
		    "%s: " #which " reached: %d", (row)->name,                \
		    (result).which.reached);                                  \
		ck_assert_msg((result).which.asked == (row)->which.asked,     \
		    "%s: " #which " asked: %d", (row)->name,                  \
		    (result).which.asked);                                    \
		ck_assert_msg((result).which.source == (row)->which.source,   \
		    "%s: " #which " source: %d", (row)->name,                 \
		    (int)(result).which.source);                              \
		assert_address((row)->name, (result).which.address,           \
		    (row)->which.address);                                    \
		assert_address(                                               \
		    (row)->name, (result).which.seen, (row)->which.seen);     \
	} while (0)

static unsigned int
waited(void)
{
	unsigned int i, milliseconds = 0;

	for (i = 0; i < fake.event_count; i++) {
		if (fake.events[i].call == FAKE_WAIT)
			milliseconds += fake.events[i].value;
	}
	return milliseconds;
}

START_TEST(test_case)
{
	const struct selftest_case *row = &cases[_i];
	struct mh_address second = unit_address(row->second ? row->second : "");
	struct mh_address loopback = unit_address("::1");
	struct mh_self_test result;
	unsigned int i;
	int code;

	fake.loopback = row->loopback;
	fake.ignores_source = row->ignores_source;
	fake.tells_nothing = row->tells_nothing;
	fake.only_dual = row->only_dual;
	for (i = 0; i < LENGTH(row->faults); i++) {
		if (row->faults[i].code != 0)
			fake_fault(&row->faults[i]);
	}
	fake_local_add(&second);
	if (row->no_ipv6_address)
		fake_local_remove(&loopback);
	code = mh_self_test(&result, row->stack, row->second ? &second : NULL);
	ck_assert_msg(code == row->code, "%s: %d", row->name, code);
	ASSERT_FAMILY(row, result, ipv4);
	ASSERT_FAMILY(row, result, ipv6);
	ck_assert_msg(waited() <= 1000, "%s: %u ms", row->name, waited());
	ck_assert_msg(code != 0 || result.problem.code == 0, "%s: problem %d",
	    row->name, result.problem.code);
}
END_TEST

#define REFUSED(opt)                                                      \
	{                                                                 \
		.call = FAKE_SET, .option = opt, .code = MH_EUNSUPPORTED, \
		.system_code = 92                                         \
	}

/* Datagrams of others are not taken for its own. */
START_TEST(test_strangers)
{
	const struct mh_address second = unit_address("2001:db8::2");
	struct mh_self_test result;

	fake.loopback = true;
	fake.strangers = true;
	fake_local_add(&second);
	ck_assert_int_eq(mh_self_test(&result, MH_STACK_DUAL, &second), 0);
	ck_assert_int_eq(result.ipv4.source, MH_VERIFIED);
	ck_assert_int_eq(result.ipv6.source, MH_VERIFIED);
}
END_TEST

/* Why a socket could not be opened is reported; an absent family is fine. */
static const struct {
	struct fake_fault faults[2];
	const char *what;
} problems[] = {
	{ { REFUSED(MH__RECV_IPV4) }, "IP_PKTINFO" },
	{ { REFUSED(MH__RECV_IPV6) }, "IPV6_RECVPKTINFO" },
	{ { REFUSED(MH__RECV_IPV6), NO(MH_FAMILY_IPV4) }, "IPV6_RECVPKTINFO" },
	{ { REFUSED(MH__RECV_IPV4), NO(MH_FAMILY_IPV6) }, "IP_PKTINFO" },
	/* Of two, the first: IPv4 is tried before IPv6. */
	{ { REFUSED(MH__RECV_IPV4),
	      { .call = FAKE_SET,
		  .option = MH__RECV_IPV6,
		  .skip = 1,
		  .code = MH_EUNSUPPORTED,
		  .system_code = 92 } },
	    "IP_PKTINFO" },
};

START_TEST(test_problem)
{
	struct mh_self_test result;

	fake.loopback = true;
	fake_fault(&problems[_i].faults[0]);
	fake_fault(&problems[_i].faults[1]);
	ck_assert_int_eq(
	    mh_self_test(&result, MH_STACK_DUAL, NULL), MH_ESYSTEM);
	ck_assert_int_eq(result.problem.code, MH_EUNSUPPORTED);
	ck_assert_int_eq(result.problem.system_code, 92);
	ck_assert_str_eq(result.problem.what, problems[_i].what);
}
END_TEST

Suite *
selftest_suite(void)
{
	Suite *suite = suite_create("selftest");
	TCase *tcase = fixture_tcase("selftest");

	tcase_add_loop_test(tcase, test_case, 0, LENGTH(cases));
	tcase_add_test(tcase, test_strangers);
	tcase_add_loop_test(tcase, test_problem, 0, LENGTH(problems));
	suite_add_tcase(suite, tcase);
	return suite;
}
