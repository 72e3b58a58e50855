/* SPDX-License-Identifier: ISC */
/*
 * src/probe/arguments.c: services, targets and ports; options.c's tests have
 * whole command lines.
 */
#include "probe/arguments.h"

#include "unit/probe/suites.h"

#include <stdlib.h>
#include <string.h>

static struct options options;
static char why[TARGET_WHY];

static void
setup(void)
{
	options = (struct options){ .size = -1 };
	why[0] = '\0';
}

static void
teardown(void)
{
	options_clear(&options);
}

/* Read up to three arguments. */
static bool
read_arguments(const char *const words[3])
{
	static char copies[3][64];
	char *argv[4];
	int argc;

	for (argc = 0; argc < 3 && words[argc] != NULL; argc++) {
		strcpy(copies[argc], words[argc]);
		argv[argc] = copies[argc];
	}
	argv[argc] = NULL;
	return arguments_read(&options, argc, argv, why);
}

static const struct {
	bool local;
	const char *words[3];
	uint16_t port; /* of the first target or --local; 0: refused */
	const char *why;
} cases[] = {
	{ false, { "echo", "192.0.2.1" }, 7, "" },
	{ false, { "echo", "192.0.2.1:9", "192.0.2.2" }, 9, "" },
	{ false, { "whoami", "192.0.2.1:65535" }, 65535, "" },
	{ false, { "whoami", "192.0.2.1" }, 0, "whoami has no port of its" },
	{ false, { NULL }, 0, "no service given" },
	{ false, { "echo" }, 0, "no target given" },
	{ false, { "nope", "::1" }, 0, "there is no service \"nope\"" },
	{ false, { "echo", "::1", "/" }, 0, "/: cannot be read as a target" },
	{ true, { "echo" }, 7, "" },
	{ true, { "echo", "1" }, 1, "" },
	{ true, { "echo", "65535" }, 65535, "" },
	{ true, { "echo", "0" }, 0, "0: a port is 1 to 65535" },
	{ true, { "echo", "65536" }, 0, "65536: a port is 1 to 65535" },
	{ true, { "echo", "7x" }, 0, "7x: a port is 1 to 65535" },
	{ true, { "echo", "7", "8" }, 0, "--local takes SERVICE and PORT" },
	{ true, { "whoami" }, 0, "whoami has no port of its own" },
};

START_TEST(test_read)
{
	options.local = cases[_i].local;
	ck_assert_int_eq(read_arguments(cases[_i].words), cases[_i].port != 0);
	ck_assert_msg(
	    strncmp(why, cases[_i].why, strlen(cases[_i].why)) == 0, "%s", why);
	if (cases[_i].port == 0)
		return;
	ck_assert_uint_eq(options.local ? options.local_port
					: options.targets[0].address.port,
	    cases[_i].port);
}
END_TEST

/* Of every size that a request can have, and of none besides. */
START_TEST(test_check_size)
{
	options.protocol = &protocol_stamp;
	options.size = 43;
	ck_assert(!arguments_check(&options, why));
	ck_assert_str_eq(why, "stamp: a request cannot have 43 bytes");
	options.size = 44;
	ck_assert(arguments_check(&options, why));
	options.size = -1;
	options.sweep_from = 43;
	options.sweep_to = 44;
	ck_assert(!arguments_check(&options, why));
	options.sweep_from = 44;
	ck_assert(arguments_check(&options, why));
	options.protocol = &protocol_ntp;
	ck_assert(!arguments_check(&options, why));
	ck_assert_str_eq(why, "ntp: all requests have one size");
}
END_TEST

Suite *
probe_arguments_suite(void)
{
	Suite *suite = suite_create("probe arguments");
	TCase *tcase = tcase_create("arguments");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_read, 0, LENGTH(cases));
	tcase_add_test(tcase, test_check_size);
	suite_add_tcase(suite, tcase);
	return suite;
}
