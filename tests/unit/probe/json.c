/* SPDX-License-Identifier: ISC */
/*
 * src/probe/json.c: sessions of every kind as JSON, to the byte; and names in
 * any script.
 */
#include "probe/json.h"

#include "unit/probe/suites.h"

#include <stdio.h>
#include <string.h>

static struct session_plan plan;
static struct session *sessions[SUITES_KINDS];

static void
setup(void)
{
	plan = suites_plan();
	suites_kinds(&plan, sessions);
}

static void
teardown(void)
{
	unsigned int i;

	for (i = 0; i < SUITES_KINDS; i++)
		session_free(sessions[i]);
}

static const char *const objects[SUITES_KINDS] = {
	"{\"service\":\"echo\",\"target\":\"192.0.2.1:7\",\"address\":\"192.0."
	"2.1\",\"port\":7,\"source\":\"ok\",\"sent\":2,\"received\":2,\"loss_"
	"percent\":0.00,\"from_elsewhere\":0,\"from_other_port\":0,"
	"\"duplicates\":0,\"reordered\":0,\"late\":0,\"not_an_answer\":0,\"rtt_"
	"ms\":{\"min\":1.000000,\"avg\":2.000000,\"max\":3.000000,\"stddev\":1."
	"000000,\"p50\":1.000000,\"p90\":3.000000,\"p95\":3.000000,\"p99\":3."
	"000000},\"rtt_by_system\":0,\"ttl\":64,\"dscp\":0,\"ecn\":\"not-ect\","
	"\"detail\":\"a \\\"b\\\" \\\\c\"}\n",
	"{\"service\":\"echo\",\"target\":\"192.0.2.2:7\",\"address\":\"192.0."
	"2.2\",\"port\":7,\"source\":\"wrong\",\"sent\":1,\"received\":1,"
	"\"loss_percent\":0.00,\"from_elsewhere\":1,\"from_other_port\":0,"
	"\"duplicates\":0,\"reordered\":0,\"late\":0,\"not_an_answer\":0,\"rtt_"
	"ms\":{\"min\":1.000000,\"avg\":1.000000,\"max\":1.000000,\"stddev\":0."
	"000000,\"p50\":1.000000,\"p90\":1.000000,\"p95\":1.000000,\"p99\":1."
	"000000},\"rtt_by_system\":0,\"answered_from\":\"192.0.2.1\","
	"\"answered_from_port\":7,"
	"\"ttl\":64,\"dscp\":0,\"ecn\":\"not-ect\"}\n",
	"{\"service\":\"echo\",\"target\":\"[2001:db8::2]:7\",\"address\":"
	"\"2001:db8::2\",\"port\":7,\"source\":\"no-answer\",\"sent\":1,"
	"\"received\":0,\"loss_percent\":100.00,\"from_elsewhere\":0,\"from_"
	"other_port\":0,\"duplicates\":0,\"reordered\":0,\"late\":0,\"not_an_"
	"answer\":0}\n",
	"{\"service\":\"echo\",\"target\":\"[2001:db8::3]:7\",\"address\":"
	"\"2001:db8::3\",\"port\":7,\"source\":\"icmp\",\"sent\":1,"
	"\"received\":0,\"loss_percent\":100.00,\"from_elsewhere\":0,\"from_"
	"other_port\":0,\"duplicates\":0,\"reordered\":0,\"late\":0,\"not_an_"
	"answer\":0,\"icmp\":{\"port "
	"unreachable\":1},\"icmp_from\":\"2001:db8::3\"}\n",
	"{\"service\":\"echo\",\"target\":\"example.invalid\",\"name\":"
	"\"example.invalid\",\"port\":0,\"source\":\"error\",\"sent\":0,"
	"\"received\":0,\"loss_percent\":0.00,\"from_elsewhere\":0,\"from_"
	"other_port\":0,\"duplicates\":0,\"reordered\":0,\"late\":0,\"not_an_"
	"answer\":0,\"error\":\"cannot look up: no such name\"}\n",
};

START_TEST(test_json)
{
	FILE *file = suites_output();

	json_print(file, sessions[_i]);
	suites_expect(file, objects[_i]);
}
END_TEST

/* Each direction by itself. */
START_TEST(test_oneway)
{
	FILE *file = suites_output();
	struct oneway *oneway = &sessions[2]->oneway;

	*oneway = (struct oneway){ .count = 3,
		.there = { 1000000, 3000000, 2000000 },
		.back = { -1500, 2000000, 1250000 },
		.error_ns = 12500000,
		.numbered = true,
		.requests = 10,
		.replies = 8,
		.answers = 7 };
	json_print(file, sessions[2]);
	suites_expect(file,
	    "{\"service\":\"echo\",\"target\":\"[2001:db8::2]:7\",\"address\":"
	    "\"2001:db8::2\",\"port\":7,\"source\":\"no-answer\",\"sent\":1,"
	    "\"received\":0,\"loss_percent\":100.00,\"from_elsewhere\":0,"
	    "\"from_other_port\":0,\"duplicates\":0,\"reordered\":0,\"late\":0,"
	    "\"not_an_answer\":0,\"lost_there\":2,\"lost_back\":1,"
	    "\"there_ms\":{\"min\":1.000000,\"avg\":2.000000,\"max\":3.000000},"
	    "\"back_ms\":{\"min\":-0.001500,\"avg\":1.250000,\"max\":2.000000},"
	    "\"clock_synchronised\":false,\"clock_error_ms\":12.500000}\n");
}
END_TEST

/* How many of the times are the system's. */
START_TEST(test_json_system)
{
	FILE *file = suites_output();

	sessions[0]->rtt.by_system = 1;
	json_print(file, sessions[0]);
	ck_assert_ptr_nonnull(
	    strstr(suites_printed(file), "},\"rtt_by_system\":1,\"ttl\""));
}
END_TEST

static const struct {
	const char *name, *shown;
} names[] = {
	{ "a.example", "a.example" },
	{ "b\303\274cher.example", "b\303\274cher.example" },
	{ "\342\202\254\360\237\230\200", "\342\202\254\360\237\230\200" },
	{ "\364\217\277\277", "\364\217\277\277" },
	/* Not UTF-8: Latin 1, cut off, overlong, a surrogate, too high. */
	{ "b\374cher", "b\\u00fccher" },
	{ "\303", "\\u00c3" },
	{ "\342\202", "\\u00e2\\u0082" },
	{ "\360\237\230", "\\u00f0\\u009f\\u0098" },
	{ "\300\257", "\\u00c0\\u00af" },
	{ "\355\240\200", "\\u00ed\\u00a0\\u0080" },
	{ "\364\220\200\200", "\\u00f4\\u0090\\u0080\\u0080" },
	{ "\001\177", "\\u0001\\u007f" },
};

/* Names in any script, and in none. */
START_TEST(test_json_name)
{
	FILE *file = suites_output();
	const char *text;
	char wanted[128];

	sessions[4]->name = names[_i].name;
	json_print(file, sessions[4]);
	text = suites_printed(file);
	snprintf(wanted, sizeof(wanted), ",\"name\":\"%s\",", names[_i].shown);
	ck_assert_msg(strstr(text, wanted) != NULL, "%s", text);
}
END_TEST

/* What marks came back; nothing of what is unknown. */
START_TEST(test_json_marks)
{
	FILE *file = suites_output();
	const char *text;

	sessions[1]->marks = (struct marks){ -1, 0xbb, 2 };
	json_print(file, sessions[1]);
	text = suites_printed(file);
	ck_assert_msg(strstr(text,
			  ":7,\"dscp\":46,\"ecn\":\"ce\","
			  "\"congestion_experienced\":2}\n") != NULL,
	    "%s", text);
	file = suites_output();
	sessions[1]->marks = marks_none;
	json_print(file, sessions[1]);
	text = suites_printed(file);
	ck_assert_msg(
	    strstr(text, "\"answered_from_port\":7}\n") != NULL, "%s", text);
}
END_TEST

/* What a search for sizes has in addition. */
START_TEST(test_json_sweep)
{
	FILE *file = suites_output();

	plan.sweep_from = plan.sweep_to = 500;
	sessions[0]->largest_request = 500;
	sessions[0]->largest_answer = 100;
	json_print(file, sessions[0]);
	ck_assert_ptr_nonnull(strstr(suites_printed(file),
	    ",\"largest_request\":500,\"largest_answer\":100,\"ttl\":64"));
}
END_TEST

Suite *
probe_json_suite(void)
{
	Suite *suite = suite_create("probe json");
	TCase *tcase = tcase_create("json");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_oneway);
	tcase_add_loop_test(tcase, test_json, 0, SUITES_KINDS);
	tcase_add_loop_test(tcase, test_json_name, 0, LENGTH(names));
	tcase_add_test(tcase, test_json_system);
	tcase_add_test(tcase, test_json_marks);
	tcase_add_test(tcase, test_json_sweep);
	suite_add_tcase(suite, tcase);
	return suite;
}
