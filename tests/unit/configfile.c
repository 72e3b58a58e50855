/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/configfile.c: sections, keys and lines; every error of a file is
 * named, with where it is.
 */
#include "daemon/config.h"

#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct config config;
static struct config_errors errors;

static void
setup(void)
{
	ck_assert(config_init(&config));
}

static void
teardown(void)
{
	config_clear(&config);
	config_errors_free(&errors);
}

START_TEST(reads_sections)
{
	config_read(&config, "x",
	    "; a comment\n"
	    "# another\n"
	    "stack = two   ; behind a value\n"
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
	/* A section alone is a service, too. */
	ck_assert_str_eq(config.services[2].name, "discard");
}
END_TEST

/* A list goes on in lines that are indented. */
START_TEST(reads_long_lists)
{
	config_read(&config, "x",
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
	{ "stak = two\n", { "x:1: [daemon] stak: there is no such key" } },
	{ "[echo]\n\nstack = two\n",
	    { "x:3: [echo] stack: belongs into [daemon]" } },
	{ "config = other\n",
	    { "x:1: [daemon] config: is an option, not a key" } },
	{ "[echo]\nfile = quotes\n",
	    { "x:2: [echo] file: is not a key of this service" } },
	{ "[nosuch]\nlisten = :7\nstack = two\n",
	    { "x:1: [nosuch]: there is no service \"nosuch\"" } },
	{ "[echo:]\n", { "x:1: [echo:]: there is no service \"echo:\"" } },
	{ "[echo\n",
	    { "x:1: a section is [daemon], [SERVICE] or [SERVICE:LABEL]" } },
	{ "stack = two\nstack = dual\n",
	    { "x:2: [daemon] stack: is given twice" } },
	{ "just words\n", { "x:1: neither [SECTION] nor KEY = VALUE" } },
	/* All of them, not just the first. */
	{ "rcvbuf = much\n[echo]\nlisten = here\n[bogus]\n[echo:lab]\nrate = "
	  "fast\n",
	    { "x:1: [daemon] rcvbuf: must be a number of bytes up to 2047M, "
	      "not \"much\"",
		"x:3: [echo] listen: must be :PORT, ADDRESS:PORT or "
		"[IPV6]:PORT, not \"here\"",
		"x:4: [bogus]: there is no service \"bogus\"",
		"x:6: [echo:lab] rate: must be a rate like \"100/s burst "
		"200\" or none, not \"fast\"" } },
};

START_TEST(names_every_error)
{
	size_t i, expected = 0;

	config_read(&config, "x", bad[_i].text, &errors);
	while (expected < LENGTH(bad[_i].errors) &&
	    bad[_i].errors[expected] != NULL)
		expected++;
	for (i = 0; i < errors.count && i < expected; i++)
		ck_assert_str_eq(errors.lines[i], bad[_i].errors[i]);
	ck_assert_uint_eq(errors.count, expected);
}
END_TEST

START_TEST(reads_nothing)
{
	config_read(&config, "x", "", &errors);
	ck_assert_uint_eq(errors.count, 0);
	ck_assert_uint_eq(config.service_count, 0);
}
END_TEST

/* A line that is cut is an error: half a value would be another value. */
START_TEST(names_long_lines)
{
	static char text[20000];

	memset(text, ' ', sizeof(text) - 1);
	memcpy(text, "node = ", 7);
	memset(text + 7, 'n', 15000);
	config_read(&config, "x", text, &errors);
	ck_assert_uint_ge(errors.count, 1);
	ck_assert_int_eq(strncmp(errors.lines[0], "x:1: longer than ", 17), 0);
}
END_TEST

Suite *
configfile_suite(void)
{
	Suite *suite = suite_create("configfile");
	TCase *tcase = tcase_create("configfile");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, reads_sections);
	tcase_add_test(tcase, reads_long_lists);
	tcase_add_loop_test(tcase, names_every_error, 0, LENGTH(bad));
	tcase_add_test(tcase, reads_nothing);
	tcase_add_test(tcase, names_long_lines);
	suite_add_tcase(suite, tcase);
	return suite;
}
