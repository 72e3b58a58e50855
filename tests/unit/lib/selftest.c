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
	int system_code;
};

struct selftest_case {
	const char *name;
	const char *own[3]; /* addresses of this host; the rest NULL */
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
	.ipv4 = { true, true, true, MH_VERIFIED, "127.0.0.2", "127.0.0.2", 0 }
#define IPV6_GOOD                                                              \
	.ipv6 = { true, true, true, MH_VERIFIED, "2001:db8::2", "2001:db8::2", \
		0 }
#define IPV6_ALONE \
	.ipv6 = { true, true, true, MH_NOT_VERIFIED, "::1", "::1", 0 }
#define ABSENT                                   \
	{                                        \
		false, .source = MH_NOT_VERIFIED \
	}

/*
 * The answer with a source, counted from 0, is refused; times 0: and others.
 * From a global IPv6 address the library tries twice.
 */
#define REFUSED_FROM(number, number_of_times)                                  \
	{                                                                      \
		.call = FAKE_SEND, .condition = FAKE_WITH_SOURCE,              \
		.skip = number, .times = number_of_times, .code = MH_EINVALID, \
		.system_code = 10022                                           \
	}

/*
 * The waits of a socket for both families: 0 and 1 for the requests to
 * 127.0.0.1 and 127.0.0.2; 2 and 3 for ::1 and its answer; 4 and 5 for the
 * second address and its answer.  The clients of IPv4 wait for the answers.  A
 * wait that was lost does not count.
 */
#define LOST(fam, number)                                                     \
	{                                                                     \
		.call = FAKE_WAIT, .family = fam, .skip = number, .times = 1, \
		.code = MH_ESYSTEM                                            \
	}

static const struct selftest_case cases[] = {
	{ "good", { "2001:db8::2" }, LOOPBACK, IPV4_GOOD, IPV6_GOOD },
	{ "no second address", { NULL }, LOOPBACK, IPV4_GOOD, IPV6_ALONE },
	{ "none that others could ask",
	    { "fe80::2%2", "ff02::1", "169.254.0.9" }, LOOPBACK, IPV4_GOOD,
	    IPV6_ALONE },
	{ "no IPv6 address", { NULL }, LOOPBACK, .no_ipv6_address = true,
	    IPV4_GOOD, .ipv6 = ABSENT },
	{ "no ::1 but another", { "2001:db8::2" }, LOOPBACK,
	    .no_ipv6_address = true, IPV4_GOOD,
	    .ipv6 = { true, true, true, MH_NOT_VERIFIED, "2001:db8::2",
		"2001:db8::2", 0 } },
	{ "no ::1 but two others", { "2001:db8::1", "2001:db8::2" }, LOOPBACK,
	    .no_ipv6_address = true, IPV4_GOOD, IPV6_GOOD },
	{ "no second socket", { NULL }, LOOPBACK,
	    .faults = { { .call = FAKE_CREATE,
		.family = MH_FAMILY_IPV4,
		.times = 1,
		.code = MH_ESYSTEM } },
	    .code = MH_ESYSTEM, IPV6_ALONE },
	{ "source ignored", { "2001:db8::2" }, LOOPBACK, .ignores_source = true,
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.2", "127.0.0.1",
		0 },
	    .ipv6 = { true, true, true, MH_BROKEN, "2001:db8::2", "::1", 0 } },
	{ "source ignored, no second address", { NULL }, LOOPBACK,
	    .ignores_source = true, .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.2", "127.0.0.1",
		0 },
	    IPV6_ALONE },
	{ "second address is the loopback again", { "::1" }, LOOPBACK,
	    .ignores_source = true, .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.2", "127.0.0.1",
		0 },
	    IPV6_ALONE },
	{ "address not told", { "2001:db8::2" }, LOOPBACK,
	    .tells_nothing = true, .code = MH_ESYSTEM,
	    .ipv4 = { true, true, false, .source = MH_BROKEN },
	    .ipv6 = { true, true, false, .source = MH_BROKEN } },
	{ "source refused", { "2001:db8::2" }, LOOPBACK,
	    .faults = { REFUSED_FROM(0, 0) }, .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.1", "", 10022 },
	    .ipv6 = { true, true, true, MH_BROKEN, "::1", "", 10022 } },

	/* As Windows does: 127.0.0.2 is received on, but is no source. */
	{ "127.0.0.2 refused, no other", { "192.0.2.1" }, LOOPBACK,
	    .faults = { REFUSED_FROM(1, 1) },
	    .ipv4 = { true, true, true, MH_NOT_VERIFIED, "127.0.0.1",
		"127.0.0.1", 10022 },
	    IPV6_ALONE },
	{ "127.0.0.2 refused, the same twice", { "192.0.2.1", "192.0.2.1" },
	    LOOPBACK, .faults = { REFUSED_FROM(1, 1) },
	    .ipv4 = { true, true, true, MH_NOT_VERIFIED, "127.0.0.1",
		"127.0.0.1", 10022 },
	    IPV6_ALONE },
	{ "127.0.0.2 refused, two others",
	    { "192.0.2.1", "fe80::2%2", "192.0.2.2" }, LOOPBACK,
	    .faults = { REFUSED_FROM(1, 1) },
	    .ipv4 = { true, true, true, MH_VERIFIED, "192.0.2.2", "192.0.2.2",
		0 },
	    IPV6_ALONE },
	{ "private ones", { "10.0.0.1", "192.168.0.1" }, LOOPBACK,
	    .faults = { REFUSED_FROM(1, 1) },
	    .ipv4 = { true, true, true, MH_VERIFIED, "192.168.0.1",
		"192.168.0.1", 0 },
	    IPV6_ALONE },
	{ "127.0.0.2 refused, and another", { "192.0.2.1", "192.0.2.2" },
	    LOOPBACK, .stack = MH_STACK_IPV4, .faults = { REFUSED_FROM(1, 0) },
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "192.0.2.2", "", 10022 },
	    .ipv6 = ABSENT },
	{ "nothing to ::1 but from it", { "2001:db8::2" }, LOOPBACK,
	    .stack = MH_STACK_IPV6, .faults = { REFUSED_FROM(1, 2) },
	    .ipv4 = ABSENT,
	    .ipv6 = { true, true, true, MH_NOT_VERIFIED, "::1", "::1",
		10022 } },
	{ "nothing to ::1, two others", { "2001:db8::1", "2001:db8::2" },
	    LOOPBACK, .stack = MH_STACK_IPV6, .faults = { REFUSED_FROM(1, 2) },
	    .ipv4 = ABSENT, IPV6_GOOD },
	{ "nothing to ::1, the others lie", { "fd00::1", "fd00::2" }, LOOPBACK,
	    .stack = MH_STACK_IPV6, .ignores_source = true,
	    .faults = { REFUSED_FROM(1, 2) }, .code = MH_ESYSTEM,
	    .ipv4 = ABSENT,
	    .ipv6 = { true, true, true, MH_BROKEN, "fd00::2", "::1", 0 } },

	{ "::1 not answered", { "2001:db8::2" }, LOOPBACK,
	    .faults = { LOST(MH_FAMILY_IPV6, 3) }, .code = MH_ESYSTEM,
	    IPV4_GOOD, .ipv6 = { true, true, true, MH_BROKEN, "::1", "", 0 } },
	{ "127.0.0.1 not answered", { NULL }, LOOPBACK,
	    .faults = { LOST(MH_FAMILY_IPV4, 0) }, .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.1", "", 0 },
	    IPV6_ALONE },
	{ "127.0.0.1 not reached", { NULL }, LOOPBACK,
	    .faults = { LOST(MH_FAMILY_IPV6, 0) }, .code = MH_ESYSTEM,
	    .ipv4 = { true, false, false, MH_BROKEN, "127.0.0.1", "", 0 },
	    .ipv6 = { true, true, true, .source = MH_NOT_VERIFIED } },
	{ "127.0.0.2 not answered", { NULL }, LOOPBACK,
	    .faults = { LOST(MH_FAMILY_IPV4, 1) },
	    .ipv4 = { true, true, true, MH_NOT_VERIFIED, "127.0.0.1",
		"127.0.0.1", 0 },
	    IPV6_ALONE },
	{ "127.0.0.2 not reached", { NULL }, LOOPBACK,
	    .faults = { LOST(MH_FAMILY_IPV6, 1) },
	    .ipv4 = { true, true, true, MH_NOT_VERIFIED, "127.0.0.1",
		"127.0.0.1", 0 },
	    IPV6_ALONE },
	{ "second not answered", { "2001:db8::2" }, LOOPBACK,
	    .faults = { LOST(MH_FAMILY_IPV6, 5) }, IPV4_GOOD, IPV6_ALONE },
	{ "second not answered, third not reached",
	    { "2001:db8::1", "2001:db8::2" }, LOOPBACK,
	    .faults = { LOST(MH_FAMILY_IPV6, 5), LOST(MH_FAMILY_IPV6, 5) },
	    IPV4_GOOD, IPV6_ALONE },
	{ "127.0.0.2 refused, others not reached", { "192.0.2.1", "192.0.2.2" },
	    LOOPBACK, .faults = { REFUSED_FROM(1, 1), LOST(MH_FAMILY_IPV6, 2) },
	    .ipv4 = { true, true, true, MH_NOT_VERIFIED, "127.0.0.1",
		"127.0.0.1", 10022 },
	    IPV6_ALONE },
	{ "second and third not answered", { "2001:db8::1", "2001:db8::2" },
	    LOOPBACK,
	    .faults = { LOST(MH_FAMILY_IPV6, 5), LOST(MH_FAMILY_IPV6, 6) },
	    .code = MH_ESYSTEM, IPV4_GOOD,
	    .ipv6 = { true, true, true, MH_BROKEN, "2001:db8::2", "", 0 } },

	{ "two sockets", { "2001:db8::2" }, LOOPBACK, .stack = MH_STACK_TWO,
	    IPV4_GOOD, IPV6_GOOD },
	{ "IPv4 alone", { "2001:db8::2" }, LOOPBACK, .stack = MH_STACK_IPV4,
	    IPV4_GOOD, .ipv6 = ABSENT },
	{ "IPv6 alone", { "2001:db8::2" }, LOOPBACK, .stack = MH_STACK_IPV6,
	    .ipv4 = ABSENT, IPV6_GOOD },
	/* What makes a server use two sockets. */
	{ "source ignored on dual", { NULL }, LOOPBACK, .ignores_source = true,
	    .only_dual = true, .code = MH_ESYSTEM,
	    .ipv4 = { true, true, true, MH_BROKEN, "127.0.0.2", "127.0.0.1",
		0 },
	    IPV6_ALONE },
	{ "source ignored on dual alone", { NULL }, LOOPBACK,
	    .ignores_source = true, .only_dual = true, .stack = MH_STACK_TWO,
	    IPV4_GOOD, IPV6_ALONE },
	{ "address not told on dual alone", { NULL }, LOOPBACK,
	    .tells_nothing = true, .only_dual = true, .stack = MH_STACK_TWO,
	    IPV4_GOOD, IPV6_ALONE },
	{ "cannot receive", { NULL }, LOOPBACK,
	    .faults = { { .call = FAKE_RECEIVE, .code = MH_EREFUSED } },
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, false, false, .source = MH_BROKEN },
	    .ipv6 = { true, false, false, .source = MH_BROKEN } },
	{ "nothing can be sent", { "2001:db8::2" }, LOOPBACK,
	    .faults = { { .call = FAKE_SEND,
		.code = MH_EPERMISSION,
		.system_code = 1 } },
	    .code = MH_ESYSTEM,
	    .ipv4 = { true, false, false, .source = MH_BROKEN,
		.system_code = 1 },
	    .ipv6 = { true, false, false, .source = MH_BROKEN,
		.system_code = 1 } },
	{ "nothing arrives", { "2001:db8::2" }, .code = MH_ESYSTEM,
	    .ipv4 = { true, false, false, .source = MH_BROKEN },
	    .ipv6 = { true, false, false, .source = MH_BROKEN } },
	{ "no IPv6", { NULL }, LOOPBACK, .faults = { NO(MH_FAMILY_IPV6) },
	    IPV4_GOOD, .ipv6 = ABSENT },
	{ "no IPv4", { "2001:db8::2" }, LOOPBACK,
	    .faults = { NO(MH_FAMILY_IPV4),
		{ .call = FAKE_SET,
		    .option = MH__RECV_IPV4,
		    .code = MH_EINVALID } },
	    .ipv4 = ABSENT, IPV6_GOOD },
	{ "neither", { NULL }, LOOPBACK,
	    .faults = { NO(MH_FAMILY_IPV4), NO(MH_FAMILY_IPV6) },
	    .code = MH_ESYSTEM },
	{ "IPv4 cannot be opened", { NULL }, LOOPBACK,
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
		ck_assert_msg(                                                \
		    (result).which.system_code == (row)->which.system_code,   \
		    "%s: " #which " system error %d", (row)->name,            \
		    (int)(result).which.system_code);                         \
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
	struct mh_address loopback = unit_address("::1");
	struct mh_address own[LENGTH(row->own)];
	struct mh_self_test result;
	size_t i, count = 0;
	int code;

	fake.loopback = row->loopback;
	fake.ignores_source = row->ignores_source;
	fake.tells_nothing = row->tells_nothing;
	fake.only_dual = row->only_dual;
	for (i = 0; i < LENGTH(row->faults); i++) {
		if (row->faults[i].code != 0)
			fake_fault(&row->faults[i]);
	}
	for (i = 0; i < LENGTH(row->own) && row->own[i] != NULL; i++) {
		own[count] = unit_address(row->own[i]);
		fake_local_add(&own[count++]);
	}
	if (row->no_ipv6_address)
		fake_local_remove(&loopback);
	code = mh_self_test(&result, row->stack, own, count);
	ck_assert_msg(code == row->code, "%s: %d", row->name, code);
	ASSERT_FAMILY(row, result, ipv4);
	ASSERT_FAMILY(row, result, ipv6);
	ck_assert_msg(waited() <= 2000, "%s: %u ms", row->name, waited());
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
	ck_assert_int_eq(mh_self_test(&result, MH_STACK_DUAL, &second, 1), 0);
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
	    mh_self_test(&result, MH_STACK_DUAL, NULL, 0), MH_ESYSTEM);
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
