/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/file.c: sections, keys and lines; every error of a file is
 * reported, with its place.
 */
#include "daemon/config/file.h"

#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct config config;
static struct config_errors errors;

static void
setup(void)
{
	ck_assert(config_init(&config, &errors));
}

static void
teardown(void)
{
	config_clear(&config);
	config_errors_free(&errors);
}

START_TEST(test_reads_sections)
{
	file_read_config(&config, "x",
	    "; a comment\n"
	    "# another\n"
	    "stack = two   ; after a value\n"
	    "\n"
	    "[daemon]\n"
	    "node=here\n"
	    "[echo]\n"
	    "listen = :7007\n"
	    "listen = :7009\n"
	    "[echo:lab]\n"
	    "listen : 192.0.2.9:7007\n"
	    "[discard]\n"
	    "[daemon]\n"
	    "user = me",
	    &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	ck_assert_uint_eq(config.daemon.stack, MH_STACK_TWO);
	ck_assert_str_eq(config.daemon.node, "here");
	ck_assert_str_eq(config.daemon.user, "me");
	ck_assert_uint_eq(config.service_count, 3);
	ck_assert_str_eq(config.services[0].name, "echo");
	ck_assert_uint_eq(config.services[0].values.listen.count, 2);
	ck_assert_str_eq(config.services[1].name, "echo:lab");
	unit_assert_address(&config.services[1].values.listen.items[0],
	    "192.0.2.9:7007", "lab");
	/* A section without keys is a service, too. */
	ck_assert_str_eq(config.services[2].name, "discard");
}
END_TEST

/* A list continues on indented lines. */
START_TEST(test_reads_long_lists)
{
	file_read_config(&config, "x",
	    "[echo]\n"
	    "allow = 192.0.2.0/24,\n"
	    "    198.51.100.0/24,\n"
	    "\t2001:db8::/32\n"
	    "deny = 192.0.2.9\n",
	    &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	ck_assert_uint_eq(config.services[0].values.allow.count, 3);
	ck_assert_uint_eq(config.services[0].values.deny.count, 1);
}
END_TEST

static const struct {
	const char *text;
	const char *errors[4];
} bad[] = {
	{ "stak = two\n", { "x:1: [daemon] stak: unknown key" } },
	{ "[echo]\n\nstack = two\n",
	    { "x:3: [echo] stack: belongs in [daemon]" } },
	{ "config = other\n",
	    { "x:1: [daemon] config: is an option, not a key" } },
	{ "[echo]\nfile = quotes\n",
	    { "x:2: [echo] file: is not a key of this service" } },
	{ "[nosuch]\nlisten = :7\nstack = two\n",
	    { "x:1: [nosuch]: unknown service \"nosuch\"" } },
	{ "[echo:]\n", { "x:1: [echo:]: unknown service \"echo:\"" } },
	{ "[echo\n",
	    { "x:1: a section must be [daemon], [SERVICE] or "
	      "[SERVICE:LABEL]" } },
	{ "stack = two\nstack = dual\n",
	    { "x:2: [daemon] stack: is set twice" } },
	{ "just words\n",
	    { "x:1: [daemon]: expected [SECTION] or KEY = VALUE" } },
	{ "[echo]\n\n= :7\nwords ; x = y\n",
	    { "x:3: [echo]: expected [SECTION] or KEY = VALUE",
		"x:4: [echo]: expected [SECTION] or KEY = VALUE" } },
	{ "[nosuch]\nwords\n",
	    { "x:1: [nosuch]: unknown service \"nosuch\"",
		"x:2: expected [SECTION] or KEY = VALUE" } },
	/* Text after a section header would be lost. */
	{ "[echo] listen = :7007\nrate = fast\n",
	    { "x:1: [echo]: a key must start on a new line: \"listen = :7007\"",
		"x:2: [echo] rate: must be a rate like \"100/s burst "
		"200\" or none, not \"fast\"" } },
	{ "[echo]]\n",
	    { "x:1: [echo]: a key must start on a new line: \"]\"" } },
	{ "[nosuch] x\n",
	    { "x:1: [nosuch]: a key must start on a new line: \"x\"",
		"x:1: [nosuch]: unknown service \"nosuch\"" } },
	/* What only looks like a key, or like a section. */
	{ "[echo]\nlisten = :7007\n  rate = 5/s\n\t[whoami]\n",
	    { "x:3: [echo] listen: must be :PORT, ADDRESS:PORT or "
	      "[IPV6]:PORT, not \"rate = 5/s\"",
		"x:4: [echo] listen: must be :PORT, ADDRESS:PORT or "
		"[IPV6]:PORT, not \"[whoami]\"" } },
	{ "node = a\n b\nstak = two\n more\n",
	    { "x:2: [daemon] node: only a list can continue on an indented "
	      "line",
		"x:3: [daemon] stak: unknown key" } },
	{ "node = a\033[2Jb\n[echo]\nlisten = :7\1\n[who\177ami]\n",
	    { "x:1: [daemon]: contains a control character",
		"x:3: [echo]: contains a control character",
		"x:4: [echo]: contains a control character" } },
	{ "node = a\rstack = two\r",
	    { "x:1: [daemon]: contains a control character" } },
	{ "\xef\xbb\xbf\xef\xbb\xbfnode = a\n\xef\xbb\xbfuser = me\n",
	    { "x:2: [daemon] \xef\xbb\xbfuser: unknown key" } },
	/* All of them, not just the first. */
	{ "rcvbuf = much\n[echo]\nlisten = here\n[bogus]\n[echo:lab]\nrate = "
	  "fast\n",
	    { "x:1: [daemon] rcvbuf: must be a number of bytes up to 2047M, "
	      "not \"much\"",
		"x:3: [echo] listen: must be :PORT, ADDRESS:PORT or "
		"[IPV6]:PORT, not \"here\"",
		"x:4: [bogus]: unknown service \"bogus\"",
		"x:6: [echo:lab] rate: must be a rate like \"100/s burst "
		"200\" or none, not \"fast\"" } },
};

START_TEST(test_names_every_error)
{
	size_t i, expected = 0;

	file_read_config(&config, "x", bad[_i].text, &errors);
	while (expected < LENGTH(bad[_i].errors) &&
	    bad[_i].errors[expected] != NULL)
		expected++;
	for (i = 0; i < errors.count && i < expected; i++)
		ck_assert_str_eq(errors.lines[i], bad[_i].errors[i]);
	ck_assert_uint_eq(errors.count, expected);
}
END_TEST

START_TEST(test_reads_nothing)
{
	file_read_config(&config, "x", "", &errors);
	ck_assert_uint_eq(errors.count, 0);
	ck_assert_uint_eq(config.service_count, 0);
}
END_TEST

/* Editors of all kinds, and people who like it tidy. */
static const struct {
	const char *text;
	unsigned int listen, rate; /* the lines where these end */
} good[] = {
	{ "\xef\xbb\xbf[echo]\nlisten = :7007, [::1]:7008\nrate = 5/s\n", 2,
	    3 },
	{ "[echo]\r\n\r\nlisten = :7007, [::1]:7008\r\n  \r\nrate = "
	  "5/s\r\n",
	    3, 5 },
	{ " \t\n\f\n\v\n[echo] \t; x\n listen = :7007,\n\t \n  "
	  "[::1]:7008\n\f\n# x\nrate = 5/s",
	    7, 10 },
	{ "[echo]\nlisten = :7007,\n; x\n  ; y\n  [::1]:7008 ; "
	  "z\nrate=5/s ;",
	    5, 6 },
	{ "  [echo]\n   listen = :7007\nlisten = [::1]:7008\nrate : 5/s", 3,
	    4 },
	{ "[echo]\nlisten =\n  :7007,\n\n  [::1]:7008,\nrate = 5/s\n", 5, 6 },
};

static unsigned int
line_of(const struct config_values *values, const char *key)
{
	return values->line[keys_number(keys_find(key))];
}

START_TEST(test_reads_any_layout)
{
	const struct config_values *values;

	file_read_config(&config, "x", good[_i].text, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	ck_assert_uint_eq(config.service_count, 1);
	values = &config.services[0].values;
	ck_assert_uint_eq(values->listen.count, 2);
	unit_assert_address(&values->listen.items[0], ":7007", "first");
	unit_assert_address(&values->listen.items[1], "[::1]:7008", "second");
	ck_assert_uint_eq(line_of(values, "listen"), good[_i].listen);
	ck_assert_uint_eq(line_of(values, "rate"), good[_i].rate);
}
END_TEST

/* Text of that length, with every allowed byte in every position. */
static void
fill(char *text, size_t length, size_t shift)
{
	static const char bytes[] = "a ;;[]=:#\"\xc3\xa4 ,b";
	size_t i;

	for (i = 0; i < length; i++)
		text[i] = bytes[(i + shift) % (sizeof(bytes) - 1)];
	text[length] = '\0';
}

/* However long a line is, wherever inih would cut it. */
START_TEST(test_reads_long_lines)
{
	size_t length = 150 + (size_t)_i;
	char text[1200], value[1000], *at;

	fill(value, length, length);
	value[0] = 'x';
	value[length - 1] = 'x';
	while ((at = strstr(value, " ;")) != NULL)
		*at = '_';
	snprintf(text, sizeof(text), "node =%*s%s  ; no\nuser = me\n",
	    _i % 7 == 0 ? 400 - _i : 1, "", value);
	file_read_config(&config, "x", text, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	ck_assert_str_eq(config.daemon.node, value);
	ck_assert_str_eq(config.daemon.user, "me");
}
END_TEST

/* Long lists, in continued lines and in one. */
START_TEST(test_reads_very_long_lists)
{
	static char text[200000];
	size_t length = 0, i;

	for (i = 0; i < 10000; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    "%s10.%zu.%zu.0/24",
		    i == 0              ? "allow = "
			: i % 1000 == 0 ? ",\n "
					: ", ",
		    i / 256, i % 256);
	file_read_config(&config, "x", text, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	ck_assert_uint_eq(config.daemon.allow.count, 10000);
	/* A bad item in the middle of a line, and its place. */
	text[120000] = '/';
	file_read_config(&config, "x", text, &errors);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_int_eq(
	    strncmp(errors.lines[0], "x:8: [daemon] allow: ", 21), 0);
}
END_TEST

Suite *
file_suite(void)
{
	Suite *suite = suite_create("file");
	TCase *tcase = tcase_create("file");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_reads_sections);
	tcase_add_test(tcase, test_reads_long_lists);
	tcase_add_loop_test(tcase, test_names_every_error, 0, LENGTH(bad));
	tcase_add_test(tcase, test_reads_nothing);
	tcase_add_loop_test(tcase, test_reads_any_layout, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_reads_long_lines, 0, 300);
	tcase_add_test(tcase, test_reads_very_long_lists);
	suite_add_tcase(suite, tcase);
	return suite;
}
