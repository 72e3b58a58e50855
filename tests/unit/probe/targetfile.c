/* SPDX-License-Identifier: ISC */
/*
 * src/probe/targetfile.c: targets in a file, and which line is wrong.
 */
#include "probe/targetfile.h"

#include "probe/arguments.h"

#include "unit/probe/suites.h"
#include "unit/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct options options;
static char why[TARGET_WHY];

static void
setup(void)
{
	options = (struct options){ .protocol = &protocol_echo,
		.target_file = SCRATCH_FILE };
	why[0] = '\0';
}

static void
teardown(void)
{
	options_clear(&options);
	scratch_remove();
}

static bool
read_bytes(const char *text, size_t length)
{
	FILE *file = fopen(SCRATCH_FILE, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, length, file), length);
	ck_assert_int_eq(fclose(file), 0);
	return targetfile_read(&options, why);
}

static const struct {
	const char *text;
	const char *targets[4]; /* as they were written */
} good[] = {
	{ "192.0.2.1\n", { "192.0.2.1" } },
	{ "192.0.2.1", { "192.0.2.1" } },
	{ "192.0.2.1\n[2001:db8::1]:9\nexample.net\n192.0.2.0/24",
	    { "192.0.2.1", "[2001:db8::1]:9", "example.net", "192.0.2.0/24" } },
	{ "# all of them\n\n \t\n  192.0.2.1 \t# the first\n#192.0.2.2\n\n",
	    { "192.0.2.1" } },
	{ "192.0.2.1\r\n\r\n# from Windows\r\n192.0.2.2\r\n",
	    { "192.0.2.1", "192.0.2.2" } },
	{ "\xef\xbb\xbf"
	  "192.0.2.1\n",
	    { "192.0.2.1" } },
	/* Within a word it is no comment. */
	{ "a#b\n", { "a#b" } },
};

START_TEST(test_good)
{
	size_t i;

	ck_assert_msg(
	    read_bytes(good[_i].text, strlen(good[_i].text)), "%s", why);
	for (i = 0; i < 4 && good[_i].targets[i] != NULL; i++) {
		ck_assert_uint_lt(i, options.target_count);
		ck_assert_str_eq(options.targets[i].text, good[_i].targets[i]);
		ck_assert_uint_ne(options.targets[i].address.port, 0);
	}
	ck_assert_uint_eq(options.target_count, i);
}
END_TEST

#define NAME SCRATCH_FILE ":"

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", NAME " there is no target in it" },
	{ "# none\n\n", NAME " there is no target in it" },
	{ "192.0.2.1\n\n192.0.2.256\n192.0.2.2\n",
	    NAME "3: 192.0.2.256: a target is ADDRESS" },
	{ "192.0.2.1:0\n", NAME "1: 192.0.2.1:0: a port is 1 to 65535" },
	{ "# x\n192.0.2.1 192.0.2.2\n",
	    NAME "2: 192.0.2.1 192.0.2.2: there is one target to a line" },
	/* The message must not show it. */
	{ "192.0.2.1\n\033[31mevil x\n",
	    NAME "2: there is a control character in it" },
	{ "a\177b\n", NAME "1: there is a control character in it" },
	{ "192.0.2.1\nfe80::1",
	    NAME "2: fe80::1: a link-local address needs its interface" },
};

START_TEST(test_bad)
{
	ck_assert(!read_bytes(bad[_i].text, strlen(bad[_i].text)));
	ck_assert_msg(
	    strncmp(why, bad[_i].why, strlen(bad[_i].why)) == 0, "%s", why);
}
END_TEST

/* A file of another kind. */
START_TEST(test_binary)
{
	ck_assert(!read_bytes("192.0.2.1\n\0\n", 12));
	ck_assert_str_eq(why, NAME " is not a text");
}
END_TEST

/* The service has no port of its own: each line is to say it. */
START_TEST(test_port)
{
	options.protocol = &protocol_whoami;
	ck_assert(!read_bytes("192.0.2.1:9\n192.0.2.1\n", 22));
	ck_assert_ptr_nonnull(
	    strstr(why, NAME "2: whoami has no port of its own: give one"));
}
END_TEST

/* As many lines as there may be, and one more. */
START_TEST(test_many)
{
	const char line[] = "192.0.2.1\n";
	const size_t length = sizeof(line) - 1, all = TARGETFILE_LINES;
	char *text = malloc((all + 1) * length);
	size_t i;

	ck_assert_ptr_nonnull(text);
	for (i = 0; i <= all; i++)
		memcpy(text + i * length, line, length);
	ck_assert_msg(read_bytes(text, all * length), "%s", why);
	ck_assert_uint_eq(options.target_count, all);
	options_clear(&options);
	setup();
	ck_assert(!read_bytes(text, (all + 1) * length));
	ck_assert_str_eq(why, NAME "65537: more than 65536 lines");
	free(text);
}
END_TEST

/* Longer than it may be: not even read. */
START_TEST(test_large)
{
	char *text = malloc(TARGETFILE_BYTES + 1);

	ck_assert_ptr_nonnull(text);
	memset(text, '#', TARGETFILE_BYTES + 1);
	ck_assert(!read_bytes(text, TARGETFILE_BYTES + 1));
	ck_assert_str_eq(why,
	    "--file: cannot read " SCRATCH_FILE
	    ": it has more than 4194304 bytes");
	free(text);
}
END_TEST

/* After those of the command line, of which there need be none. */
START_TEST(test_besides)
{
	ck_assert(arguments_add_target(&options, "192.0.2.9", why));
	ck_assert(read_bytes("192.0.2.1\n", 10));
	ck_assert_uint_eq(options.target_count, 2);
	ck_assert_str_eq(options.targets[0].text, "192.0.2.9");
	ck_assert_str_eq(options.targets[1].text, "192.0.2.1");
	/* And if there is one, the file may be empty. */
	options_clear(&options);
	setup();
	ck_assert(arguments_add_target(&options, "192.0.2.9", why));
	ck_assert(read_bytes("#\n", 2));
	ck_assert_uint_eq(options.target_count, 1);
}
END_TEST

START_TEST(test_none)
{
	ck_assert(!targetfile_read(&options, why));
	ck_assert_ptr_nonnull(
	    strstr(why, "--file: cannot read " SCRATCH_FILE ": "));
	options.target_file = NULL;
	ck_assert(targetfile_read(&options, why));
	/* What is not run needs none. */
	options = (struct options){ .action = OPTIONS_HELP,
		.target_file = SCRATCH_FILE };
	ck_assert(targetfile_read(&options, why));
}
END_TEST

Suite *
probe_targetfile_suite(void)
{
	Suite *suite = suite_create("probe targetfile");
	TCase *tcase = tcase_create("targetfile");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_good, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_bad, 0, LENGTH(bad));
	tcase_add_test(tcase, test_binary);
	tcase_add_test(tcase, test_port);
	tcase_add_test(tcase, test_many);
	tcase_add_test(tcase, test_large);
	tcase_add_test(tcase, test_besides);
	tcase_add_test(tcase, test_none);
	suite_add_tcase(suite, tcase);
	return suite;
}
