/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/load.c: command line and file together, and the exit code
 * that fits the error.
 */
#include "daemon/config/load.h"

#include "daemon/config/keys.h"
#include "unit/config/argv.h"
#include "unit/fake_host.h"
#include "unit/unit.h"

#include <string.h>

static struct config config;
static struct config_errors errors;

static void
teardown(void)
{
	config_clear(&config);
	config_errors_free(&errors);
}

static const struct {
	const char *line;
	const char *file; /* what is in "f" */
	int status;
	const char *error; /* the first; NULL: none */
} loads[] = {
	{ "echo", NULL, 0, NULL },
	{ "-c f", "[echo]\n", 0, NULL },
	{ "-c f discard", "[echo]\n", 0, NULL },
	{ "--config=f -t", "[echo]\n", 0, NULL },
	{ "-h", NULL, 0, NULL },
	{ "--self-test", NULL, 0, NULL },
	{ "", NULL, CONFIG_EXIT_USAGE, "no service given" },
	{ "-t", NULL, CONFIG_EXIT_USAGE, "no service given" },
	{ "-x echo", NULL, CONFIG_EXIT_USAGE, "-x: unknown option" },
	{ "whoami", NULL, CONFIG_EXIT_USAGE,
	    "whoami has no registered port: add one, as in "
	    "whoami=:7008" },
	{ "-c g", "[echo]\n", CONFIG_EXIT_NOINPUT,
	    "cannot read g: no such file" },
	{ "-c f", "stak = two\n[echo]\n", CONFIG_EXIT_CONFIG,
	    "f:1: [daemon] stak: unknown key" },
	{ "-c f", "", CONFIG_EXIT_CONFIG, "f: no [SERVICE] section" },
	{ "-c f", "port-file = f\n[echo]\n", CONFIG_EXIT_CONFIG,
	    "f:1: [daemon] port-file: is the configuration file, which would "
	    "be overwritten" },
	{ "-c f --port-file f", "[echo]\n", CONFIG_EXIT_CONFIG,
	    "--port-file: is the configuration file, which would be "
	    "overwritten" },
	{ "-c f", "[whoami]\n", CONFIG_EXIT_CONFIG,
	    "f:1: [whoami] listen: no registered port: set one, as in "
	    "listen = :7008" },
	/* The first value is not leaked on the way to the error. */
	{ "-c f",
	    "[fixed]\nlisten = :7\nrequest = \"a\"\nreply = \"b\"\n"
	    "reply = \"c\"\n",
	    CONFIG_EXIT_CONFIG, "f:5: [fixed] reply: is set twice" },
	/* A bad command line comes first: it may name the wrong file. */
	{ "-x -c f", "bad\n", CONFIG_EXIT_USAGE, "-x: unknown option" },
};

START_TEST(test_loads_or_says_why_not)
{
	struct argv argv;
	struct command_line command;

	fake_host_reset();
	if (loads[_i].file != NULL) {
		fake_host.path = "f";
		fake_host.text = loads[_i].file;
	}
	argv_make(&argv, loads[_i].line);
	command = (struct command_line){ argv.count, argv.words, false };
	ck_assert_int_eq(
	    load_config(&config, &command, &errors), loads[_i].status);
	ck_assert_uint_eq(errors.count > 0, loads[_i].error != NULL);
	if (loads[_i].error != NULL)
		ck_assert_str_eq(errors.lines[0], loads[_i].error);
}
END_TEST

/*
 * --SERVICE-KEY overrides the file; --KEY is for services that do not set it.
 */
static const struct {
	const char *line;
	const char *replies; /* of [fixed] and [fixed:two] */
} overrides[] = {
	{ "-c f --fixed-reply=58", "XX" },
	{ "-c f --reply=58", "bX" },
	{ "-c f --fixed-reply=58 --reply=59", "XX" },
	{ "-c f --reply=59 --fixed-reply=58", "XX" },
};

START_TEST(test_overrides)
{
	const struct service_pattern *pattern;
	struct argv argv;
	struct command_line command;
	struct config_key key;
	size_t i;

	fake_host_reset();
	fake_host.path = "f";
	fake_host.text = "[fixed]\nlisten = :7\nrequest = \"a\"\n"
			 "reply = \"b\"\n"
			 "[fixed:two]\nlisten = :8\nrequest = \"a\"\n";
	argv_make(&argv, overrides[_i].line);
	command = (struct command_line){ argv.count, argv.words, false };
	ck_assert_int_eq(load_config(&config, &command, &errors), 0);
	ck_assert_uint_eq(config.service_count, 2);
	ck_assert(keys_find_own(config.services[0].service, "reply", &key));
	for (i = 0; i < 2; i++) {
		memcpy(&pattern, config_value(&config.services[i].values, &key),
		    sizeof(pattern));
		ck_assert_int_eq(pattern->bytes[0], overrides[_i].replies[i]);
	}
}
END_TEST

/* Text after a NUL byte would be ignored silently. */
START_TEST(test_names_nul_bytes)
{
	static const char text[] = "[echo]\nlisten = :7\0\n[bogus]\n";
	struct argv argv;
	struct command_line command;

	fake_host_reset();
	fake_host.path = "f";
	fake_host.text = text;
	fake_host.more = sizeof(text) - 1 - strlen(text);
	argv_make(&argv, "-t -c f");
	command = (struct command_line){ argv.count, argv.words, false };
	ck_assert_int_eq(
	    load_config(&config, &command, &errors), CONFIG_EXIT_CONFIG);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(
	    errors.lines[0], "f:2: contains a NUL byte: binary, or UTF-16");
}
END_TEST

/* A reload reads argv again. */
START_TEST(test_loads_again)
{
	struct argv argv;
	struct command_line command;

	fake_host_reset();
	fake_host.path = "f";
	argv_make(&argv, "discard --stack two -c f echo=:7007");
	command = (struct command_line){ argv.count, argv.words, false };
	fake_host.text = "[echo]\nlisten = :1\n";
	ck_assert_int_eq(load_config(&config, &command, &errors), 0);
	ck_assert_uint_eq(config.service_count, 2);
	config_clear(&config);
	command.is_reload = true;
	fake_host.text = "stack = dual\n[echo]\n[echo:new]\nlisten = :2\n";
	ck_assert_int_eq(load_config(&config, &command, &errors), 0);
	ck_assert_uint_eq(config.service_count, 3);
	ck_assert_uint_eq(config.daemon.stack, MH_STACK_TWO);
	unit_assert_address(
	    &config.services[1].values.listen.items[0], ":7007", "echo");
}
END_TEST

/* A shell's pipe is read at start, but a reload waits for nobody. */
START_TEST(test_reads_pipes_at_start)
{
	struct argv argv;
	struct command_line command;

	fake_host_reset();
	fake_host.path = "f";
	fake_host.text = "[echo]\n";
	fake_host.is_pipe = true;
	argv_make(&argv, "-c f");
	command = (struct command_line){ argv.count, argv.words, false };
	ck_assert_int_eq(load_config(&config, &command, &errors), 0);
	config_clear(&config);
	command.is_reload = true;
	ck_assert_int_eq(
	    load_config(&config, &command, &errors), CONFIG_EXIT_NOINPUT);
	ck_assert_str_eq(errors.lines[0], "cannot read f: it is a pipe");
}
END_TEST

Suite *
load_suite(void)
{
	Suite *suite = suite_create("load");
	TCase *tcase = tcase_create("load");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(
	    tcase, test_loads_or_says_why_not, 0, LENGTH(loads));
	tcase_add_loop_test(tcase, test_overrides, 0, LENGTH(overrides));
	tcase_add_test(tcase, test_names_nul_bytes);
	tcase_add_test(tcase, test_loads_again);
	tcase_add_test(tcase, test_reads_pipes_at_start);
	suite_add_tcase(suite, tcase);
	return suite;
}
