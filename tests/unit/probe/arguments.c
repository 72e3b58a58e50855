/* SPDX-License-Identifier: ISC */
/*
 * src/probe/arguments.c: services, targets, ports, and what goes together;
 * options.c's tests have more of it.
 */
#include "probe/arguments.h"

#include "unit/probe/suites.h"

#include <string.h>

static struct options options;
static char why[TARGET_WHY];

static void
teardown(void)
{
	options_clear(&options);
}

/* Read up to five words. */
static bool
parse(const char *const words[5])
{
	static char program[] = "mhprobe", copies[5][64];
	char *argv[7] = { program };
	int argc;

	why[0] = '\0';
	for (argc = 1; argc <= 5 && words[argc - 1] != NULL; argc++) {
		strcpy(copies[argc - 1], words[argc - 1]);
		argv[argc] = copies[argc - 1];
	}
	argv[argc] = NULL;
	return arguments_parse(&options, argc, argv, why);
}

static const struct {
	const char *words[5];
	uint16_t port; /* of the first target or --local; 0: refused */
	const char *why;
} cases[] = {
	{ { "echo", "192.0.2.1" }, 7, "" },
	{ { "echo", "192.0.2.1:9", "192.0.2.2" }, 9, "" },
	{ { "echo", "192.0.2.1", "-c", "5", "192.0.2.2" }, 7, "" },
	{ { "whoami", "192.0.2.1:65535" }, 65535, "" },
	{ { "whoami", "192.0.2.1" }, 0, "whoami has no port of its own" },
	{ { NULL }, 0, "no service given" },
	{ { "echo" }, 0, "no target given" },
	{ { "-f", "x", "echo", "192.0.2.1:9" }, 9, "" },
	{ { "nope", "::1" }, 0, "unknown service \"nope\"" },
	{ { "echo", "::1", "/" }, 0, "/: cannot be read as a target" },
	{ { "--local", "echo" }, 7, "" },
	{ { "--local", "echo", "1" }, 1, "" },
	{ { "--local", "echo", "65535" }, 65535, "" },
	{ { "--local", "echo", "0" }, 0, "0: a port is 1 to 65535" },
	{ { "--local", "echo", "65536" }, 0, "65536: a port is 1 to 65535" },
	{ { "--local", "echo", "7x" }, 0, "7x: a port is 1 to 65535" },
	{ { "--local", "echo", "7", "8" }, 0,
	    "--local: takes SERVICE and PORT" },
	{ { "--local", "whoami" }, 0, "whoami has no port of its own" },
	/* An option that is wrong is reported first. */
	{ { "nope", "--nope" }, 0, "--nope: unknown option" },
	/* Of every size that a request can have, and of none besides. */
	{ { "-s43", "stamp", "::1" }, 0, "stamp: a request cannot have 43" },
	{ { "-s44", "stamp", "::1" }, 862, "" },
	{ { "--sweep-size=43-44", "stamp", "::1" }, 0, "stamp: a request " },
	{ { "--sweep-size=44-44", "stamp", "::1" }, 862, "" },
	{ { "--sweep-size=44-44", "ntp", "::1" }, 0, "ntp: all requests have" },
};

START_TEST(test_parse)
{
	ck_assert_int_eq(parse(cases[_i].words), cases[_i].port != 0);
	ck_assert_msg(
	    strncmp(why, cases[_i].why, strlen(cases[_i].why)) == 0, "%s", why);
	if (cases[_i].port == 0)
		return;
	ck_assert_uint_eq(options.local ? options.local_port
					: options.targets[0].address.port,
	    cases[_i].port);
}
END_TEST

/* Whatever else stands there. */
START_TEST(test_help)
{
	const char *const words[5] = { "nope", "-h" };

	ck_assert(parse(words));
	ck_assert_int_eq(options.action, OPTIONS_HELP);
}
END_TEST

Suite *
probe_arguments_suite(void)
{
	Suite *suite = suite_create("probe arguments");
	TCase *tcase = tcase_create("arguments");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(tcase, test_parse, 0, LENGTH(cases));
	tcase_add_test(tcase, test_help);
	suite_add_tcase(suite, tcase);
	return suite;
}
