/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/options.c: argv in, a configuration or a whole sentence out; and
 * the texts that are made of the table of keys.
 */
#include "daemon/options.h"

#include "unit/scratch.h"
#include "unit/unit.h"

#include <string.h>

enum { WORDS_MAX = 16 };

static struct config config;

static void
teardown(void)
{
	config_clear(&config);
	scratch_remove();
}

/* The words of a command line, "a b c", behind the program's name. */
static bool
parse(const char *line, char why[CONFIG_WHY])
{
	static char copy[256], name[] = "multihomed";
	char *argv[WORDS_MAX + 2] = { name }, *at = copy;
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	while (*at != '\0' && argc <= WORDS_MAX) {
		argv[argc++] = at;
		at += strcspn(at, " ");
		if (*at == ' ')
			*at++ = '\0';
	}
	return options_parse(&config, argc, argv, why);
}

static const struct {
	const char *line;
	const char *why;
} bad[] = {
	{ "", "no service given" },
	{ "-v", "no service given" },
	{ "--user nobody", "no service given" },
	{ "-x echo", "-x: there is no such option" },
	{ "-vx echo", "-x: there is no such option" },
	{ "--bogus echo", "--bogus: there is no such option" },
	{ "--bogus=1 echo", "--bogus=1: there is no such option" },
	{ "echo --bogus", "--bogus: there is no such option" },
	{ "--s=two echo", "--s=two: there is no such option" },
	{ "echo --user", "--user wants a value" },
	{ "echo -u", "-u wants a value" },
	{ "echo --stack", "--stack wants a value" },
	{ "--stack=three echo",
	    "--stack must be one of dual|two|ipv4|ipv6, not \"three\"" },
	{ "--rcvbuf much echo",
	    "--rcvbuf must be a number of bytes up to 2047M, not \"much\"" },
	{ "--answer-broadcast=maybe echo",
	    "--answer-broadcast must be yes or no, not \"maybe\"" },
	{ "--user= echo", "--user must not be empty" },
	{ "--answer-broadcast no", "there is no service \"no\"" },
	{ "echo nosuch", "there is no service \"nosuch\"" },
	{ "-- --stack=two", "there is no service \"--stack\"" },
};

START_TEST(refuses)
{
	char why[CONFIG_WHY] = "nothing was said";

	ck_assert_msg(!parse(bad[_i].line, why), "%s: accepted", bad[_i].line);
	ck_assert_str_eq(why, bad[_i].why);
}
END_TEST

START_TEST(reads_everything)
{
	char why[CONFIG_WHY] = "";

	ck_assert_msg(parse("echo=:7007 --stack two --source=relaxed -vv "
			    "--answer-broadcast --rcvbuf=1M -unobody "
			    "--port-file ports discard --freebind=yes "
			    "whoami=[::1]:8",
			  why),
	    "%s", why);
	ck_assert_int_eq(config.action, CONFIG_RUN);
	ck_assert_uint_eq(config.stack, MH_STACK_TWO);
	ck_assert_uint_eq(config.source, 1);
	ck_assert_uint_eq(config.reply_interface, 0);
	ck_assert_int_eq(config.verbosity, 2);
	ck_assert(config.answer_broadcast);
	ck_assert(config.freebind);
	ck_assert_uint_eq(config.receive_buffer, 1 << 20);
	ck_assert_str_eq(config.user, "nobody");
	ck_assert_str_eq(config.port_file, "ports");
	ck_assert_ptr_null(config.node);
	ck_assert_uint_eq(config.instance_count, 3);
	ck_assert_str_eq(config.instances[0].service->name, "echo");
	unit_assert_address(&config.instances[0].endpoint, ":7007", "first");
	ck_assert_str_eq(config.instances[1].service->name, "discard");
	unit_assert_address(&config.instances[1].endpoint, ":9", "second");
	ck_assert_str_eq(config.instances[2].service->name, "whoami");
	unit_assert_address(&config.instances[2].endpoint, "[::1]:8", "third");
}
END_TEST

/* What is not said is as the man page says. */
START_TEST(has_defaults)
{
	char why[CONFIG_WHY];

	ck_assert(parse("echo", why));
	ck_assert_uint_eq(config.stack, MH_STACK_DUAL);
	ck_assert_uint_eq(config.source, 0);
	ck_assert_uint_eq(config.reply_interface, 0);
	ck_assert(!config.answer_broadcast);
	ck_assert(!config.freebind);
	ck_assert_uint_eq(config.receive_buffer, 0);
	ck_assert_int_eq(config.verbosity, 0);
	ck_assert_ptr_null(config.port_file);
	ck_assert_ptr_null(config.user);
	ck_assert_ptr_null(config.node);
}
END_TEST

/* Nothing is left over from a command line that was given up half-way. */
START_TEST(starts_afresh)
{
	char why[CONFIG_WHY];

	ck_assert(!parse("-xv echo", why));
	ck_assert(parse("echo", why));
	ck_assert_int_eq(config.verbosity, 0);
}
END_TEST

static const struct {
	const char *line;
	enum config_action action;
} actions[] = {
	{ "-h", CONFIG_HELP },
	{ "--help", CONFIG_HELP },
	{ "-V", CONFIG_VERSION },
	{ "--version", CONFIG_VERSION },
	{ "--self-test", CONFIG_SELF_TEST },
	{ "-q echo", CONFIG_RUN },
};

START_TEST(needs_no_service_to_act)
{
	char why[CONFIG_WHY] = "";

	ck_assert_msg(
	    parse(actions[_i].line, why), "%s: %s", actions[_i].line, why);
	ck_assert_int_eq(config.action, actions[_i].action);
}
END_TEST

/* Lines fit on a terminal, and the whole table is there. */
static void
assert_page(const char *text)
{
	const struct service *const *service;
	const char *line;
	size_t length;

	for (line = text; *line != '\0'; line += length + 1) {
		length = strcspn(line, "\n");
		ck_assert_msg(
		    length <= 100, "too wide: %.*s", (int)length, line);
		ck_assert_msg(line[length] == '\n', "no end of line");
	}
	for (service = service_table; *service != NULL; service++)
		ck_assert_ptr_nonnull(strstr(text, (*service)->name));
}

START_TEST(prints)
{
	static void (*const printers[])(
	    FILE *) = { options_print_help, options_print_version };
	FILE *file = fopen(SCRATCH_FILE, "w");
	const struct config_key *key;
	const char *text;
	char option[64];

	ck_assert_ptr_nonnull(file);
	printers[_i](file);
	fclose(file);
	text = scratch_read(SCRATCH_FILE);
	assert_page(text);
	if (printers[_i] == options_print_version) {
		ck_assert_ptr_nonnull(strstr(text, mh_version()));
		return;
	}
	for (key = config_keys; key->name != NULL; key++) {
		snprintf(option, sizeof(option), " --%s", key->name);
		ck_assert_msg(
		    strstr(text, option) != NULL, "%s is missing", option);
	}
}
END_TEST

START_TEST(prints_usage)
{
	FILE *file = fopen(SCRATCH_FILE, "w");
	const char *text;

	ck_assert_ptr_nonnull(file);
	options_print_usage(file);
	fclose(file);
	text = scratch_read(SCRATCH_FILE);
	ck_assert_int_eq(strncmp(text, "usage: multihomed ", 18), 0);
	ck_assert_ptr_nonnull(strstr(text, "  multihomed echo=:7007 "));
}
END_TEST

Suite *
options_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("options");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(tcase, refuses, 0, LENGTH(bad));
	tcase_add_test(tcase, reads_everything);
	tcase_add_test(tcase, has_defaults);
	tcase_add_test(tcase, starts_afresh);
	tcase_add_loop_test(tcase, needs_no_service_to_act, 0, LENGTH(actions));
	tcase_add_loop_test(tcase, prints, 0, 2);
	tcase_add_test(tcase, prints_usage);
	suite_add_tcase(suite, tcase);
	return suite;
}
