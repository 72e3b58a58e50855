/* SPDX-License-Identifier: ISC */
/*
 * src/run/options.c: what mhrun is to do, and what is wrong with a line.
 */
#include "run/options.h"

#include "unit/run/suites.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 16 };

static struct run_options options;
static char why[RUN_WHY];

static bool
read_line(const char *line)
{
	static char copy[1024];
	static char *words[WORDS_MAX + 1];
	static char program[] = "mhrun";
	char *rest = copy;
	int count = 0;

	ck_assert_uint_lt(strlen(line), sizeof(copy));
	strcpy(copy, line);
	words[count++] = program;
	while ((words[count] = strtok_r(rest, " ", &rest)) != NULL)
		ck_assert_int_lt(++count, WORDS_MAX);
	return run_options_read(&options, count, words, why);
}

static const struct {
	const char *line;
	enum run_action action;
	const char *directory; /* NULL: none */
	const char *command;   /* its first word; NULL: none */
} good[] = {
	{ "socat -u", RUN_PRELOAD, NULL, "socat" },
	{ "-- -x", RUN_PRELOAD, NULL, "-x" },
	{ "-v nc --help", RUN_PRELOAD, NULL, "nc" },
	{ "--cgroup nc", RUN_CGROUP, NULL, "nc" },
	{ "--cgroup=/a -- nc", RUN_CGROUP, "/a", "nc" },
	{ "--attach /a", RUN_ATTACH, "/a", NULL },
	{ "--attach=/a", RUN_ATTACH, "/a", NULL },
	{ "--detach /a", RUN_DETACH, "/a", NULL },
	{ "--pin /a", RUN_PIN, "/a", NULL },
	{ "--status", RUN_STATUS, NULL, NULL },
	{ "--status /a", RUN_STATUS, "/a", NULL },
	{ "--status=/a", RUN_STATUS, "/a", NULL },
	{ "-V", RUN_VERSION, NULL, NULL },
	{ "--help", RUN_HELP, NULL, NULL },
};

START_TEST(test_good)
{
	ck_assert_msg(read_line(good[_i].line), "%s: %s", good[_i].line, why);
	ck_assert_int_eq(options.action, good[_i].action);
	ck_assert_pstr_eq(options.directory, good[_i].directory);
	ck_assert_pstr_eq(options.command != NULL ? options.command[0] : NULL,
	    good[_i].command);
}
END_TEST

static const struct {
	const char *line, *why;
} bad[] = {
	{ "", "no command given" },
	{ "--cgroup", "no command given" },
	{ "--entires=5 a", "--entires=5: unknown option" },
	{ "--port=0 a",
	    "--port: must be ports from 1 to 65535, as in 53,5353, not \"0\"" },
	{ "--port=53, a",
	    "--port: must be ports from 1 to 65535, as in 53,5353, not "
	    "\"53,\"" },
	{ "--port=65536 a",
	    "--port: must be ports from 1 to 65535, as in 53,5353, not "
	    "\"65536\"" },
	{ "--entries=63 a",
	    "--entries: must be a number from 64 to 1048576, not \"63\"" },
	{ "--idle=0 a", "--idle: must be a number from 1 to 86400, not \"0\"" },
	{ "--attach /a --pin /b", "--pin: excludes the one before it" },
	{ "--attach=", "--attach: a directory has a name" },
	{ "--attach", "--attach: requires a value" },
	{ "--pin /a b", "b: this starts no command" },
	{ "--status /a b", "/a: this starts no command" },
};

START_TEST(test_bad)
{
	ck_assert_msg(!read_line(bad[_i].line), "%s", bad[_i].line);
	ck_assert_str_eq(why, bad[_i].why);
}
END_TEST

START_TEST(test_values)
{
	ck_assert(read_line("--port=53,5,53 --port 7 --entries=64 --idle=86400 "
			    "--force -vv a"));
	ck_assert_uint_eq(options.port_count, 3);
	ck_assert_uint_eq(options.ports[0], 5);
	ck_assert_uint_eq(options.ports[1], 7);
	ck_assert_uint_eq(options.ports[2], 53);
	ck_assert_uint_eq(options.entries, 64);
	ck_assert_uint_eq(options.idle, 86400);
	ck_assert(options.force);
	ck_assert_uint_eq(options.verbose, 2);
}
END_TEST

START_TEST(test_many_ports)
{
	char line[512] = "--port=1";
	unsigned int i;

	for (i = 2; i <= RUN_PORTS_MAX; i++)
		sprintf(line + strlen(line), ",%u", i);
	strcat(line, " a");
	ck_assert(read_line(line));
	ck_assert_uint_eq(options.port_count, RUN_PORTS_MAX);
	strcpy(strchr(line, ' '), ",65 a");
	ck_assert(!read_line(line));
	ck_assert_str_eq(why, "--port: names more than 64 ports");
}
END_TEST

Suite *
run_options_suite(void)
{
	Suite *suite = suite_create("run options");
	TCase *tcase = tcase_create("options");

	tcase_add_loop_test(tcase, test_good, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_bad, 0, LENGTH(bad));
	tcase_add_test(tcase, test_values);
	tcase_add_test(tcase, test_many_ports);
	suite_add_tcase(suite, tcase);
	return suite;
}
