/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/startup.c: the exit code for a command line, and what has been
 * opened by then.  What is printed is for tests/net.
 */
#include "daemon/startup.h"

#include "unit/daemon/scene.h"

#include <string.h>

static int
start(const char *line)
{
	static struct argv argv;
	struct command_line command = { .is_reload = false };

	argv_make(&argv, line);
	command.argc = argv.count;
	command.argv = argv.words;
	return startup(&command);
}

static const struct {
	const char *line;
	int user_error;
	int status;
	const char *log; /* its beginning; "": it is empty */
} lines[] = {
	{ "--help", 0, 0, "" },
	{ "--version", 0, 0, "" },
	{ "--dump-config echo=:7", 0, 0, "" },
	{ "-t echo=:7", 0, 0, "" },
	{ "-t --user nobody echo=:7", 0, 0, "" },
	{ "", 0, CONFIG_EXIT_USAGE, "multihomed: error: no service given\n" },
	{ "--no-such", 0, CONFIG_EXIT_USAGE, "multihomed: error: --no-such: " },
	{ "-t whoami", 0, CONFIG_EXIT_USAGE, "multihomed: error: whoami " },
	{ "-c g", 0, CONFIG_EXIT_NOINPUT,
	    "multihomed: error: cannot read g: no such file\n" },
	{ "-t --user nobody echo=:7", MH_EADDRESS, CONFIG_EXIT_NOUSER,
	    "multihomed: error: --user: cannot switch to user nobody: no such "
	    "user\n" },
	{ "--user nobody echo=:7", MH_ESYSTEM, CONFIG_EXIT_NOUSER,
	    "multihomed: error: --user: cannot switch to user nobody: " },
	/* An action that only prints does not look up the user. */
	{ "--dump-config --user nobody echo=:7", MH_EADDRESS, 0, "" },
	/* The command line's errors come first. */
	{ "-t --user nobody whoami", MH_EADDRESS, CONFIG_EXIT_USAGE,
	    "multihomed: error: whoami " },
};

START_TEST(test_exit_codes)
{
	const char *log;

	fake_host.user_check_error = lines[_i].user_error;
	ck_assert_int_eq(start(lines[_i].line), lines[_i].status);
	ck_assert_uint_eq(fake.socket_count, 0);
	ck_assert_str_eq(fake_host.given_up, "");
	log = scratch_log();
	ck_assert_msg(strncmp(log, lines[_i].log, strlen(lines[_i].log)) == 0 &&
		(*lines[_i].log != '\0' || *log == '\0'),
	    "%s", log);
	/* Only a wrong command line is answered with the usage. */
	ck_assert_int_eq(
	    strstr(log, "usage:") != NULL || strstr(log, "Usage:") != NULL,
	    lines[_i].status == CONFIG_EXIT_USAGE);
}
END_TEST

START_TEST(test_self_test)
{
	fake.loopback = true;
	ck_assert_int_eq(start("--self-test"), 0);
	fake.ignores_source = true;
	ck_assert_int_eq(start("--self-test"), CONFIG_EXIT_UNAVAILABLE);
}
END_TEST

static const struct {
	const char *line;
	int status;
} unused[] = {
	{ "echo=:7 echo:lab=:8", CONFIG_EXIT_CONFIG },
	{ "-t echo=:7 echo:lab=:8", CONFIG_EXIT_CONFIG },
	/* That there is no such user is reported as well. */
	{ "-t --user nobody echo=:7 echo:lab=:8", CONFIG_EXIT_NOUSER },
	{ "--dump-config echo=:7", 0 },
};

/* Sockets of the service manager whose names fit no service: no start. */
START_TEST(test_names_unused_sockets)
{
	static const char *const names[] = { "echo", "echo:lab",
		"multihomed.socket" };
	static const char error[] =
	    "multihomed: error: the service manager's socket "
	    "\"multihomed.socket\" (FileDescriptorName=) is not used: ";
	size_t i;

	for (i = 0; i < LENGTH(names); i++)
		fake_host.inherited[i] =
		    (struct fake_inherited){ names[i], 100 + (intptr_t)i };
	fake_host.inherited_count = LENGTH(names);
	fake_host.user_check_error = MH_EADDRESS;
	ck_assert_int_eq(start(unused[_i].line), unused[_i].status);
	ck_assert_int_eq(
	    strstr(scratch_log(), error) != NULL, unused[_i].status != 0);
	ck_assert_uint_eq(fake.socket_count, 0);
	ck_assert_str_eq(fake_host.given_up, "");
}
END_TEST

/* Especially by root: a device would be gone for everybody. */
START_TEST(test_keeps_devices)
{
	fake_host.is_device = true;
	ck_assert_int_eq(
	    start("--port-file=d echo=127.0.0.1:0"), CONFIG_EXIT_CONFIG);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: error: --port-file: d exists and is not a regular "
	    "file: choose another name\n");
	ck_assert_str_eq(fake_host.written, "");
}
END_TEST

Suite *
startup_suite(void)
{
	Suite *suite = suite_create("startup");
	TCase *tcase = scene_tcase("startup");

	tcase_add_loop_test(tcase, test_exit_codes, 0, LENGTH(lines));
	tcase_add_test(tcase, test_self_test);
	tcase_add_loop_test(
	    tcase, test_names_unused_sockets, 0, LENGTH(unused));
	tcase_add_test(tcase, test_keeps_devices);
	suite_add_tcase(suite, tcase);
	return suite;
}
