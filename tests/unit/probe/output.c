/* SPDX-License-Identifier: ISC */
/*
 * src/probe/summary.c, table.c, json.c and nagios.c: the same rows in every
 * form, to the byte.
 */
#include "probe/json.h"
#include "probe/nagios.h"
#include "probe/options.h"
#include "probe/table.h"
#include "probe/summary.h"

#include "unit/probe/suites.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 5 };

static struct row_plan plan;
static struct row *rows[ROWS];

/* One of each kind. */
static void
setup(void)
{
	struct mh_icmp_error error = { .kind = MH_ICMP_PORT,
		.reporter = unit_address("2001:db8::3") };
	unsigned int i;

	plan = suites_plan();
	plan.count = 2;
	rows[0] = suites_row(&plan, "192.0.2.1:7");
	suites_send(rows[0], 0);
	suites_answer(rows[0], 0, "192.0.2.1:7", 1);
	suites_send(rows[0], 100);
	suites_answer(rows[0], 1, "192.0.2.1:7", 103);
	strcpy(rows[0]->detail, "a \"b\" \\c");
	rows[1] = suites_row(&plan, "192.0.2.2:7");
	suites_send(rows[1], 0);
	suites_answer(rows[1], 0, "192.0.2.1:7", 1);
	rows[2] = suites_row(&plan, "[2001:db8::2]:7");
	suites_send(rows[2], 0);
	row_expire(rows[2], INT64_C(5000000000));
	rows[3] = suites_row(&plan, "[2001:db8::3]:7");
	suites_send(rows[3], 0);
	row_refuse(rows[3], &error, 0);
	rows[4] = suites_row(&plan, "");
	rows[4]->name = "example.invalid";
	strcpy(rows[4]->error, "cannot look up: no such name");
	for (i = 0; i < ROWS; i++)
		rows[i]->order[0] = i;
}

static void
teardown(void)
{
	unsigned int i;

	for (i = 0; i < ROWS; i++)
		row_free(rows[i]);
}

static FILE *
output(void)
{
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	return file;
}

static void
expect(FILE *file, const char *wanted)
{
	static char text[8192];
	size_t length;

	rewind(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	ck_assert_str_eq(text, wanted);
}

static const char heading[] = "TARGET          SENT RECV  SOURCE            "
			      "RTT MIN/AVG/MAX/DEV, MS TTL\n";
static const char summary[] =
    "5 targets: 1 ok, 1 WRONG, 2 no answer, 1 error; 5 sent, 3 received, "
    "RTT 1.000/1.667/3.000 ms\n";

START_TEST(test_table)
{
	const struct table_style style = { .quiet = false };
	FILE *file = output();
	char wanted[2048];

	snprintf(wanted, sizeof(wanted), "%s%s%s", heading,
	    "192.0.2.1:7        2    2  ok                "
	    "1.000/2.000/3.000/1.000  64  a \"b\" \\c\n"
	    "192.0.2.2:7        1    1  WRONG 192.0.2.1   "
	    "1.000/1.000/1.000/0.000  64\n"
	    "[2001:db8::2]:7    1    0  no answer         -                   "
	    "      -\n"
	    "[2001:db8::3]:7    1    0  port unreachable  -                   "
	    "      -\n"
	    "example.invalid    0    0  error             -                   "
	    "      -  cannot look up: no such name\n",
	    summary);
	table_print(file, rows, ROWS, &style);
	expect(file, wanted);
}

START_TEST(test_table_quiet)
{
	const struct table_style style = { .quiet = true };
	FILE *file = output();

	table_print(file, rows, 2, &style);
	expect(file,
	    "TARGET      SENT RECV  SOURCE           RTT MIN/AVG/MAX/DEV, MS "
	    "TTL\n"
	    "192.0.2.2:7    1    1  WRONG 192.0.2.1  1.000/1.000/1.000/0.000  "
	    "64\n"
	    "2 targets: 1 ok, 1 WRONG, 0 no answer, 0 errors; 3 sent, 3 "
	    "received, RTT 1.000/1.667/3.000 ms\n");
	file = output();
	table_print(file, rows, 1, &style);
	expect(file, "");
}

START_TEST(test_table_fit)
{
	const struct table_style style = { .fit = 1, .colour = true };
	FILE *file = output();

	table_print(file, rows, 2, &style);
	expect(file,
	    "TARGET      SENT RECV  SOURCE           RTT MIN/AVG/MAX/DEV, MS "
	    "TTL\n"
	    "192.0.2.1:7    2    2  \033[32mok             \033[0m  "
	    "1.000/2.000/3.000/1.000  64  a \"b\" \\c\n"
	    "... and 1 more\n"
	    "2 targets: 1 ok, 1 WRONG, 0 no answer, 0 errors; 3 sent, 3 "
	    "received, RTT 1.000/1.667/3.000 ms\n");
}

START_TEST(test_percentiles)
{
	const struct table_style style = { .quiet = false };
	struct row *row;
	FILE *file = output();
	unsigned int i;

	plan.count = 100;
	row = suites_row(&plan, "192.0.2.1:7");
	for (i = 0; i < 100; i++) {
		suites_send(row, 1000 * i);
		suites_answer(row, i, "192.0.2.1:7", 1001 * i + 1);
	}
	table_print(file, &row, 1, &style);
	expect(file,
	    "TARGET      SENT RECV  SOURCE  RTT MIN/AVG/MAX/DEV, MS     TTL\n"
	    "192.0.2.1:7  100  100  ok      1.000/50.500/100.000/28.866  64\n"
	    "  50% in 50.000 ms, 90% in 90.000 ms, 99% in 99.000 ms\n"
	    "1 target: 1 ok, 0 WRONG, 0 no answer, 0 errors; 100 sent, 100 "
	    "received, RTT 1.000/50.500/100.000 ms\n");
	row_free(row);
}

START_TEST(test_line)
{
	FILE *file = output();

	table_print_line(file, "now", rows[1]);
	table_print_line(file, "now", rows[4]);
	expect(file,
	    "now 192.0.2.2:7 sent 1 received 1 WRONG 192.0.2.1 rtt "
	    "1.000/1.000/1.000/0.000\n"
	    "now example.invalid sent 0 received 0 error rtt -  cannot look "
	    "up: no such name\n");
}

static const char *const objects[ROWS] = {
	"{\"service\":\"echo\",\"target\":\"192.0.2.1:7\",\"address\":\"192.0."
	"2.1\",\"port\":7,\"source\":\"ok\",\"sent\":2,\"received\":2,\"loss_"
	"percent\":0.00,\"from_elsewhere\":0,\"from_other_port\":0,"
	"\"duplicates\":0,\"reordered\":0,\"late\":0,\"not_an_answer\":0,\"rtt_"
	"ms\":{\"min\":1.000000,\"avg\":2.000000,\"max\":3.000000,\"stddev\":1."
	"000000,\"p50\":1.000000,\"p90\":3.000000,\"p95\":3.000000,\"p99\":3."
	"000000},\"ttl\":64,\"detail\":\"a \\\"b\\\" \\\\c\"}\n",
	"{\"service\":\"echo\",\"target\":\"192.0.2.2:7\",\"address\":\"192.0."
	"2.2\",\"port\":7,\"source\":\"wrong\",\"sent\":1,\"received\":1,"
	"\"loss_percent\":0.00,\"from_elsewhere\":1,\"from_other_port\":0,"
	"\"duplicates\":0,\"reordered\":0,\"late\":0,\"not_an_answer\":0,\"rtt_"
	"ms\":{\"min\":1.000000,\"avg\":1.000000,\"max\":1.000000,\"stddev\":0."
	"000000,\"p50\":1.000000,\"p90\":1.000000,\"p95\":1.000000,\"p99\":1."
	"000000},\"answered_from\":\"192.0.2.1\",\"answered_from_port\":7,"
	"\"ttl\":64}\n",
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
	FILE *file = output();

	json_print(file, rows[_i]);
	expect(file, objects[_i]);
}

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
	FILE *file = output();
	char text[2048], wanted[128];
	size_t length;

	rows[4]->name = names[_i].name;
	json_print(file, rows[4]);
	rewind(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	snprintf(wanted, sizeof(wanted), ",\"name\":\"%s\",", names[_i].shown);
	ck_assert_msg(strstr(text, wanted) != NULL, "%s", text);
}

/* A bar in a name does not end the text. */
START_TEST(test_nagios_bar)
{
	FILE *file = output();

	rows[4]->name = "a|b\n=1";
	nagios_print(file, &rows[4], 1);
	expect(file,
	    "MHPROBE UNKNOWN: 0 of 1 targets answered from where they were "
	    "asked; a?b?=1 cannot look up: no such name | ok=0;;;0;1 "
	    "wrong=0;;;0;1 no_answer=0;;;0;1 errors=1;;;0;1 "
	    "loss=0.00%;;;0;100\n");
}

static const struct {
	unsigned int first, count;
	int exit;
	const char *line;
} plugins[] = {
	{ 0, 1, OPTIONS_EXIT_OK,
	    "MHPROBE OK: 1 of 1 targets answered from where they were asked | "
	    "ok=1;;;0;1 wrong=0;;;0;1 no_answer=0;;;0;1 errors=0;;;0;1 "
	    "loss=0.00%;;;0;100 rta=2.000ms;;;0 rtmax=3.000ms;;;0\n" },
	{ 0, 2, OPTIONS_EXIT_ELSEWHERE,
	    "MHPROBE WARNING: 1 of 2 targets answered from where they were "
	    "asked; 192.0.2.2:7 WRONG 192.0.2.1 | ok=1;;;0;2 wrong=1;;;0;2 "
	    "no_answer=0;;;0;2 errors=0;;;0;2 loss=0.00%;;;0;100 "
	    "rta=1.667ms;;;0 rtmax=3.000ms;;;0\n" },
	{ 2, 2, OPTIONS_EXIT_SILENT,
	    "MHPROBE CRITICAL: 0 of 2 targets answered from where they were "
	    "asked; [2001:db8::2]:7 no answer; [2001:db8::3]:7 port "
	    "unreachable | ok=0;;;0;2 wrong=0;;;0;2 no_answer=2;;;0;2 "
	    "errors=0;;;0;2 loss=100.00%;;;0;100\n" },
	{ 4, 1, OPTIONS_EXIT_ERROR,
	    "MHPROBE UNKNOWN: 0 of 1 targets answered from where they were "
	    "asked; example.invalid cannot look up: no such name | ok=0;;;0;1 "
	    "wrong=0;;;0;1 no_answer=0;;;0;1 errors=1;;;0;1 "
	    "loss=0.00%;;;0;100\n" },
};

START_TEST(test_nagios)
{
	struct row **first = &rows[plugins[_i].first];
	struct tally tally = tally_rows(first, plugins[_i].count);
	FILE *file = output();

	nagios_print(file, first, plugins[_i].count);
	expect(file, plugins[_i].line);
	ck_assert_int_eq(tally_exit(&tally), plugins[_i].exit);
}

/* Of many in trouble the line names some. */
START_TEST(test_nagios_many)
{
	struct row *many[8] = { rows[2], rows[2], rows[2], rows[2], rows[2],
		rows[2], rows[2], rows[2] };
	FILE *file = output();
	char text[2048];
	size_t length;

	nagios_print(file, many, 8);
	rewind(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	ck_assert(strstr(text, "; and 3 more | ok=0") != NULL);
}

/* The highest of all, and nothing at all is an error. */
START_TEST(test_exit)
{
	static const struct {
		unsigned int set; /* bits: rows */
		int exit;
	} sets[] = {
		{ 0x00, OPTIONS_EXIT_ERROR },
		{ 0x01, OPTIONS_EXIT_OK },
		{ 0x03, OPTIONS_EXIT_ELSEWHERE },
		{ 0x05, OPTIONS_EXIT_SILENT },
		{ 0x09, OPTIONS_EXIT_SILENT },
		{ 0x07, OPTIONS_EXIT_SILENT },
		{ 0x11, OPTIONS_EXIT_ERROR },
		{ 0x1f, OPTIONS_EXIT_ERROR },
	};
	struct row *some[ROWS];
	struct tally tally;
	size_t i, j, count;

	for (i = 0; i < LENGTH(sets); i++) {
		for (j = count = 0; j < ROWS; j++)
			if ((sets[i].set & 1u << j) != 0)
				some[count++] = rows[j];
		tally = tally_rows(some, count);
		ck_assert_msg(
		    tally_exit(&tally) == sets[i].exit, "set %#x", sets[i].set);
	}
}

Suite *
probe_output_suite(void)
{
	Suite *suite = suite_create("probe output");
	TCase *tcase = tcase_create("output");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_table);
	tcase_add_test(tcase, test_table_quiet);
	tcase_add_test(tcase, test_table_fit);
	tcase_add_test(tcase, test_percentiles);
	tcase_add_test(tcase, test_line);
	tcase_add_loop_test(tcase, test_json, 0, ROWS);
	tcase_add_loop_test(tcase, test_json_name, 0, LENGTH(names));
	tcase_add_test(tcase, test_nagios_bar);
	tcase_add_loop_test(tcase, test_nagios, 0, LENGTH(plugins));
	tcase_add_test(tcase, test_nagios_many);
	tcase_add_test(tcase, test_exit);
	suite_add_tcase(suite, tcase);
	return suite;
}
