/* SPDX-License-Identifier: ISC */
/*
 * src/common/cmdline.c: how a command line is read, and the errors if it is
 * wrong.
 */
#include "common/cmdline.h"

#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 16 };

enum { COUNT, COUNTRY, LOCAL, VERBOSE };

static struct cmdline cmdline;
static char line_copy[256];
static char *words[WORDS_MAX + 1];
static int word_count;

/* The program, and the words of a line. */
static void
start(const char *line)
{
	static char program[] = "program";
	char *word, *rest = line_copy;

	cmdline = (struct cmdline){ .count = 0 };
	cmdline_add(&cmdline, "count", 'c', CMDLINE_VALUE);
	cmdline_add(&cmdline, "country", 0, CMDLINE_VALUE);
	cmdline_add(&cmdline, "local", 'l', CMDLINE_NO_VALUE);
	cmdline_add(&cmdline, "verbose", 'v', CMDLINE_MAY_HAVE_VALUE);
	ck_assert_uint_lt(strlen(line), sizeof(line_copy));
	strcpy(line_copy, line);
	word_count = 0;
	words[word_count++] = program;
	while ((word = strtok_r(rest, " ", &rest)) != NULL)
		words[word_count++] = word;
	words[word_count] = NULL;
}

static const struct {
	const char *line;
	int option;
	const char *value; /* NULL: none */
	int rest;          /* arguments that are no options */
} good[] = {
	{ "-c 5", COUNT, "5", 0 },
	{ "-c5", COUNT, "5", 0 },
	{ "--count=5", COUNT, "5", 0 },
	{ "--count 5", COUNT, "5", 0 },
	{ "--count=", COUNT, "", 0 },
	{ "--countr=5", COUNTRY, "5", 0 },
	{ "a -c 5 b", COUNT, "5", 2 },
	{ "-c -c", COUNT, "-c", 0 },
	{ "--local", LOCAL, NULL, 0 },
	{ "-l", LOCAL, NULL, 0 },
	{ "--lo a", LOCAL, NULL, 1 },
	{ "--verbose", VERBOSE, NULL, 0 },
	{ "--verbose=no", VERBOSE, "no", 0 },
	{ "--verbose no", VERBOSE, NULL, 1 },
	{ "-v", VERBOSE, NULL, 0 },
	{ "-vno", VERBOSE, "no", 0 },
	{ "-l -- -c", LOCAL, NULL, 1 },
};

START_TEST(test_good)
{
	char why[CMDLINE_WHY];
	const char *value;

	start(good[_i].line);
	ck_assert_int_eq(cmdline_next(&cmdline, word_count, words, &value, why),
	    good[_i].option);
	if (good[_i].value == NULL)
		ck_assert_ptr_null(value);
	else
		ck_assert_str_eq(value, good[_i].value);
	ck_assert_int_eq(cmdline_next(&cmdline, word_count, words, &value, why),
	    CMDLINE_END);
	ck_assert_int_eq(word_count - cmdline_rest(), good[_i].rest);
}
END_TEST

static const struct {
	const char *line, *why;
} bad[] = {
	{ "--nonsense", "--nonsense: unknown option" },
	{ "--nonsense=5", "--nonsense=5: unknown option" },
	{ "--counts", "--counts: unknown option" },
	{ "-x", "-x: unknown option" },
	{ "-lx", "-x: unknown option" },
	{ "-c", "-c: requires a value" },
	{ "-lc", "-c: requires a value" },
	{ "--count", "--count: requires a value" },
	{ "--countr", "--countr: requires a value" },
	{ "--local=yes", "--local=yes: takes no value" },
	{ "--local=", "--local=: takes no value" },
	{ "--cou", "--cou: is ambiguous" },
	{ "--cou=5", "--cou=5: is ambiguous" },
};

/* The next that is not the switch -l; which it is. */
static int
next_option(char why[CMDLINE_WHY])
{
	const char *value;
	int option;

	do
		option = cmdline_next(&cmdline, word_count, words, &value, why);
	while (option == LOCAL);
	return option;
}

/* Reported; and what comes after it is read. */
START_TEST(test_bad)
{
	/* A value can be missing only at the end. */
	bool last = strstr(bad[_i].why, "requires") != NULL;
	char why[CMDLINE_WHY], line[128];

	snprintf(line, sizeof(line), "%s%s%s", last ? "-v " : "", bad[_i].line,
	    last ? "" : " -v");
	start(line);
	if (last)
		ck_assert_int_eq(next_option(why), VERBOSE);
	ck_assert_int_eq(next_option(why), CMDLINE_FAULT);
	ck_assert_str_eq(why, bad[_i].why);
	if (!last)
		ck_assert_int_eq(next_option(why), VERBOSE);
	ck_assert_int_eq(next_option(why), CMDLINE_END);
}
END_TEST

/* As many as there is room for, all with letters and optional values. */
START_TEST(test_many)
{
	static char names[CMDLINE_OPTIONS_MAX + 1][8];
	char why[CMDLINE_WHY];
	const char *value;
	int i;

	start("--n511=x --n512=x");
	cmdline.count = 0;
	for (i = 0; i < CMDLINE_OPTIONS_MAX + 1; i++) {
		snprintf(names[i], sizeof(names[i]), "n%03d", i);
		cmdline_add(&cmdline, names[i], (char)('0' + i % 8),
		    CMDLINE_MAY_HAVE_VALUE);
	}
	ck_assert_uint_eq(cmdline.count, CMDLINE_OPTIONS_MAX);
	ck_assert_int_eq(
	    cmdline_next(&cmdline, word_count, words, &value, why), 511);
	ck_assert_str_eq(value, "x");
	ck_assert_int_eq(cmdline_next(&cmdline, word_count, words, &value, why),
	    CMDLINE_FAULT);
}
END_TEST

static const struct {
	const char *name;
	char letter;
	const char *argument, *text;
} formats[] = {
	{ "count", 'c', "COUNT", "-c, --count=COUNT" },
	{ "from", 0, "ADDRESS", "    --from=ADDRESS" },
	{ "local", 0, NULL, "    --local" },
	{ "help", 'h', NULL, "-h, --help" },
};

START_TEST(test_format)
{
	char text[CMDLINE_TEXT];

	ck_assert_str_eq(cmdline_format(formats[_i].name, formats[_i].letter,
			     formats[_i].argument, text),
	    formats[_i].text);
}
END_TEST

Suite *
cmdline_suite(void)
{
	Suite *suite = suite_create("cmdline");
	TCase *tcase = tcase_create("cmdline");

	tcase_add_loop_test(tcase, test_good, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_bad, 0, LENGTH(bad));
	tcase_add_test(tcase, test_many);
	tcase_add_loop_test(tcase, test_format, 0, LENGTH(formats));
	suite_add_tcase(suite, tcase);
	return suite;
}
