/* SPDX-License-Identifier: ISC */
/*
 * src/probe/describe.c: sessions in words; session.c's tests have those for
 * each case.
 */
#include "probe/describe.h"

#include "unit/probe/suites.h"

#include <string.h>

static const struct {
	const char *peer, *name, *zone, *label;
} labels[] = {
	{ "192.0.2.1:7", "", "", "192.0.2.1:7" },
	{ "[2001:db8::1]:7", "", "", "[2001:db8::1]:7" },
	{ "[fe80::1%1]:7", "", "%eth0", "[fe80::1%eth0]:7" },
	{ "192.0.2.1:7", "", "%eth0", "192.0.2.1%eth0:7" },
	{ "192.0.2.1:7", "example.net", "", "example.net 192.0.2.1:7" },
	{ "", "example.invalid", "", "example.invalid" },
};

START_TEST(test_label)
{
	struct session_plan plan = suites_plan();
	struct session *session = suites_session(&plan, labels[_i].peer);
	char text[DESCRIBE_TEXT];

	session->name = labels[_i].name;
	strcpy(session->zone, labels[_i].zone);
	ck_assert_str_eq(describe_label(session, text), labels[_i].label);
	session_free(session);
}
END_TEST

/* The longest name possible; and all notes, cut where the room ends. */
START_TEST(test_long)
{
	struct session_plan plan = suites_plan();
	struct session *session = suites_session(&plan, "[2001:db8::1]:7");
	char name[256], text[DESCRIBE_TEXT + 1];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	session->name = name;
	ck_assert_str_eq(
	    describe_label(session, text) + 255, " [2001:db8::1]:7");
	memset(session->error, 'e', sizeof(session->error) - 1);
	memset(session->note, 'n', sizeof(session->note) - 1);
	memset(session->detail, 'd', sizeof(session->detail) - 1);
	session->stray = session->late = session->duplicates = UINT32_MAX;
	text[DESCRIBE_TEXT] = '!';
	ck_assert_uint_eq(
	    strlen(describe_notes(session, text)), DESCRIBE_TEXT - 1);
	ck_assert_int_eq(text[DESCRIBE_TEXT], '!');
	session_free(session);
}
END_TEST

/* The kind of error that came most often, and the others as notes. */
START_TEST(test_icmp)
{
	struct session_plan plan = suites_plan();
	struct session *session = suites_session(&plan, "192.0.2.1:7");
	char text[DESCRIBE_TEXT];

	session->icmp[MH_ICMP_HOST] = 1;
	session->icmp[MH_ICMP_PORT] = 2;
	session->reporter = unit_address("192.0.2.1:9");
	ck_assert_str_eq(describe_source(session, text), "port unreachable");
	ck_assert_str_eq(describe_notes(session, text), "1 host unreachable");
	session->reporter = unit_address("192.0.2.254");
	ck_assert_str_eq(describe_notes(session, text),
	    "1 host unreachable, says 192.0.2.254");
	session_free(session);
}
END_TEST

/* Silence may be about the length, over IPv6 and from 1233 bytes on. */
static const struct {
	const char *peer;
	int size;
	bool dont_fragment;
	const char *notes;
} silences[] = {
	{ "[2001:db8::1]:7", 1233, false,
	    "long replies are lost until the server knows the path MTU: "
	    "compare with -s 1232" },
	{ "[2001:db8::1]:7", 1232, false, "" },
	{ "[2001:db8::1]:7", 1400, true, "" },
	{ "192.0.2.1:7", 1400, false, "" },
};

START_TEST(test_too_long)
{
	struct session_plan plan = suites_plan();
	struct session *session;
	char text[DESCRIBE_TEXT];

	plan.dont_fragment = silences[_i].dont_fragment;
	session = suites_session(&plan, silences[_i].peer);
	session->query.size = silences[_i].size;
	ck_assert_str_eq(describe_notes(session, text), "");
	suites_send(session, 0);
	ck_assert_str_eq(describe_notes(session, text), silences[_i].notes);
	suites_answer(session, 0, silences[_i].peer, 1);
	ck_assert_str_eq(describe_notes(session, text), "");
	session->path_mtu = 1280;
	ck_assert_str_eq(describe_notes(session, text), "path MTU 1280");
	session_free(session);
}
END_TEST

/* What is reported about source ports that did not answer at all. */
START_TEST(test_ports)
{
	struct session_plan plan = suites_plan();
	struct session *session;
	char text[DESCRIBE_TEXT];

	plan.paths = 4;
	session = suites_session(&plan, "192.0.2.1:7");
	ck_assert_str_eq(
	    describe_notes(session, text), "0 of 4 source ports answered");
	strcpy(session->error, "no way");
	ck_assert_str_eq(describe_notes(session, text),
	    "no way, 0 of 4 source ports answered");
	session_free(session);
}
END_TEST

/* How much fits there and back, from the first answer on. */
START_TEST(test_sweep)
{
	struct session_plan plan = suites_plan();
	struct session *session;
	char text[DESCRIBE_TEXT];

	plan.sweep_from = 500;
	plan.sweep_to = 501;
	session = suites_session(&plan, "192.0.2.1:7");
	ck_assert_str_eq(describe_notes(session, text), "");
	session->received = 1;
	session->largest_request = 500;
	session->largest_answer = 100;
	ck_assert_str_eq(describe_notes(session, text),
	    "500 bytes sent, 100 bytes received");
	session_free(session);
}
END_TEST

static const struct {
	uint8_t asked;
	struct marks marks;
	const char *notes;
} classes[] = {
	{ 0, { 64, 0, 0 }, "" },
	/* Nobody asked for it. */
	{ 0, { 64, 0xb8, 0 }, "" },
	{ 0xb8, { 64, 0xb8, 0 }, "answer with DSCP 46 ECN not-ect" },
	{ 0x02, { 64, 0, 0 }, "answer with DSCP 0 ECN not-ect" },
	{ 0x02, { 64, 0x03, 2 },
	    "answer with DSCP 0 ECN ce, 2 congestion experienced" },
	{ 0, { 64, 0, 1 }, "1 congestion experienced" },
	/* There was no answer, or the system does not tell. */
	{ 0xb8, { -1, -1, 0 }, "" },
};

START_TEST(test_class)
{
	struct session_plan plan = suites_plan();
	struct session *session = suites_session(&plan, "192.0.2.1:7");
	char text[DESCRIBE_TEXT];

	plan.tos = classes[_i].asked;
	session->marks = classes[_i].marks;
	ck_assert_str_eq(describe_notes(session, text), classes[_i].notes);
	session_free(session);
}
END_TEST

/* Both directions, and how good the other clock is. */
START_TEST(test_oneway)
{
	struct session_plan plan = suites_plan();
	struct session *session = suites_session(&plan, "192.0.2.1:7");
	char text[DESCRIBE_TEXT];

	session->oneway = (struct oneway){ .count = 3,
		.there = { 1000000, 3000000, 2000000 },
		.back = { -1500, 2000000, 1234567 } };
	ck_assert_str_eq(describe_notes(session, text),
	    "there 1.000/2.000/3.000 ms, back -0.002/1.235/2.000 ms, its clock "
	    "not synchronised");
	session->oneway.synchronised = true;
	session->oneway.error_ns = 12500000;
	session->oneway.numbered = true;
	session->oneway.requests = 10;
	session->oneway.replies = 8;
	session->oneway.answers = 7;
	ck_assert_str_eq(describe_notes(session, text),
	    "lost 2 there and 1 back, there 1.000/2.000/3.000 ms, back "
	    "-0.002/1.235/2.000 ms, its clock within 12.500 ms");
	/* Each source port has a session of its own. */
	session->oneway.count = 0;
	plan.paths = 2;
	ck_assert_str_eq(
	    describe_notes(session, text), "0 of 2 source ports answered");
	session_free(session);
}
END_TEST

Suite *
probe_describe_suite(void)
{
	Suite *suite = suite_create("probe describe");
	TCase *tcase = tcase_create("describe");

	tcase_add_loop_test(tcase, test_label, 0, LENGTH(labels));
	tcase_add_test(tcase, test_long);
	tcase_add_test(tcase, test_icmp);
	tcase_add_loop_test(tcase, test_too_long, 0, LENGTH(silences));
	tcase_add_test(tcase, test_ports);
	tcase_add_test(tcase, test_oneway);
	tcase_add_test(tcase, test_sweep);
	tcase_add_loop_test(tcase, test_class, 0, LENGTH(classes));
	suite_add_tcase(suite, tcase);
	return suite;
}
