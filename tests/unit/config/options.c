/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/options.c: argv in, a configuration or a whole sentence
 * out; and the texts generated from the table of keys.
 */
#include "daemon/config/options.h"

#include "daemon/base/log.h"
#include "unit/config/argv.h"
#include "unit/scratch.h"
#include "unit/unit.h"

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
	scratch_remove();
}

static void
parse(const char *line)
{
	struct argv argv;

	argv_make(&argv, line);
	options_parse(&config, argv.count, argv.words, &errors);
}

static const struct {
	const char *line;
	const char *why;
} bad[] = {
	{ "-x echo", "-x: unknown option" },
	{ "-c a --config=b echo",
	    "--config: given twice, a and b: put all into one file" },
	{ "--port-file=a --port-file=b echo", "--port-file: is set twice" },
	{ "--qotd-file=a qotd --qotd-file=b", "--qotd-file: is set twice" },
	{ "--file=a --file=b qotd", "--file: is set twice" },
	/* Two fixed services cannot each get their own this way. */
	{ "fixed:a=:1 --fixed-reply=00 fixed:b=:2 --fixed-reply=01",
	    "--fixed-reply: is set twice" },
	{ "--fixed-request=00 --fixed-request=00 echo",
	    "--fixed-request: is set twice" },
	{ "-vx echo", "-x: unknown option" },
	{ "--bogus echo", "--bogus: unknown option" },
	{ "--bogus=1 echo", "--bogus=1: unknown option" },
	{ "echo --bogus", "--bogus: unknown option" },
	{ "--s=two echo", "--s=two: is ambiguous" },
	{ "--verbose=1 echo", "--verbose=1: takes no value" },
	{ "--version=", "--version=: takes no value" },
	{ "echo --user", "--user: requires a value" },
	{ "echo -u", "-u: requires a value" },
	{ "echo --stack", "--stack: requires a value" },
	{ "--stack=three echo",
	    "--stack: must be one of dual|two|ipv4|ipv6, not \"three\"" },
	{ "--rcvbuf much echo",
	    "--rcvbuf: must be a number of bytes up to 2047M, not \"much\"" },
	{ "--answer-broadcast=maybe echo",
	    "--answer-broadcast: must be yes or no, not \"maybe\"" },
	{ "--user= echo", "--user: must not be empty" },
	{ "--answer-broadcast no", "unknown service \"no\"" },
	{ "echo nosuch", "unknown service \"nosuch\"" },
	{ "-- --stack=two", "unknown service \"--stack\"" },
};

START_TEST(test_refuses)
{
	parse(bad[_i].line);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.lines[0], bad[_i].why);
}
END_TEST

START_TEST(test_names_every_error)
{
	parse("-x --stack=three nosuch echo --bogus");
	ck_assert_uint_eq(errors.count, 4);
}
END_TEST

START_TEST(test_reads_everything)
{
	const struct config_values *v = &config.daemon;

	parse("echo=:7007 --stack two --source=relaxed --answer-broadcast "
	      "--rcvbuf=1M -unobody --port-file ports discard --freebind=yes "
	      "whoami=[::1]:8 -w2 -c file --allow 192.0.2.0/24 "
	      "--allow=2001:db8::/32 --rate none");
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	ck_assert_int_eq(config.action, CONFIG_RUN);
	ck_assert_str_eq(config.path, "file");
	ck_assert_uint_eq(v->stack, MH_STACK_TWO);
	ck_assert_uint_eq(v->source, 1);
	ck_assert_uint_eq(v->reply_interface, 0);
	ck_assert(v->answer_broadcast);
	ck_assert(v->freebind);
	ck_assert_uint_eq(v->receive_buffer, 1 << 20);
	ck_assert_str_eq(v->user, "nobody");
	ck_assert_str_eq(v->port_file, "ports");
	ck_assert_ptr_null(v->node);
	ck_assert_uint_eq(v->workers, 2);
	ck_assert_uint_eq(v->allow.count, 2);
	ck_assert_uint_eq(v->rate.per_second, 0);
	ck_assert_uint_eq(config.service_count, 3);
	ck_assert_str_eq(config.services[0].name, "echo");
	ck_assert_str_eq(config.services[1].name, "discard");
	ck_assert_str_eq(config.services[2].name, "whoami");
	unit_assert_address(
	    &config.services[2].values.listen.items[0], "[::1]:8", "third");
}
END_TEST

/* So that a script's options can be followed by others. */
START_TEST(test_last_value_counts)
{
	parse("--stack=two -ua --rate=1/s --allow=::/0 --stack=ipv4 -ub "
	      "--rate=none --allow=0.0.0.0/0 echo=:7 echo=:8");
	ck_assert_uint_eq(errors.count, 0);
	ck_assert_uint_eq(config.daemon.stack, MH_STACK_IPV4);
	ck_assert_str_eq(config.daemon.user, "b");
	ck_assert_uint_eq(config.daemon.rate.per_second, 0);
	/* But lists grow. */
	ck_assert_uint_eq(config.daemon.allow.count, 2);
	ck_assert_uint_eq(config.services[0].values.listen.count, 2);
}
END_TEST

/* What only one service has, by the names of both. */
START_TEST(test_reads_keys_of_services)
{
	parse("--qotd-file=quotes qotd --fixed-request 5049 "
	      "--fixed-reply=504f fixed=:7");
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	ck_assert_uint_eq(config.service_count, 2);
}
END_TEST

/* Nothing is left over from a command line that was given up half-way. */
START_TEST(test_starts_afresh)
{
	parse("-xv echo");
	ck_assert_uint_eq(errors.count, 1);
	config_clear(&config);
	ck_assert(config_init(&config, &errors));
	parse("echo");
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_uint_eq(config.daemon.log_level, LOG_LEVEL_INFO);
}
END_TEST

static const struct {
	const char *line;
	enum log_level level;
} verbosities[] = {
	{ "echo", LOG_LEVEL_INFO },
	{ "-v echo", LOG_LEVEL_DEBUG },
	{ "-vvv echo", LOG_LEVEL_DEBUG },
	{ "-q echo", LOG_LEVEL_WARNING },
	{ "-qq echo", LOG_LEVEL_ERROR },
	{ "-qqqq echo", LOG_LEVEL_ERROR },
	{ "--quiet --verbose echo", LOG_LEVEL_INFO },
	{ "--log-level=error -v echo", LOG_LEVEL_WARNING },
};

START_TEST(test_talks_more_or_less)
{
	parse(verbosities[_i].line);
	ck_assert_uint_eq(errors.count, 0);
	ck_assert_uint_eq(config.daemon.log_level, verbosities[_i].level);
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
	{ "-t", CONFIG_TEST },
	{ "--test-config", CONFIG_TEST },
	{ "--dump-config", CONFIG_DUMP },
	{ "--self-test", CONFIG_SELF_TEST },
	{ "-q echo", CONFIG_RUN },
};

START_TEST(test_knows_what_to_do)
{
	parse(actions[_i].line);
	ck_assert_uint_eq(errors.count, 0);
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

START_TEST(test_prints)
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
	for (key = keys_table; key->name != NULL; key++) {
		snprintf(option, sizeof(option), " --%s", key->name);
		ck_assert_msg(
		    strstr(text, option) != NULL, "%s is missing", option);
	}
}
END_TEST

START_TEST(test_prints_usage)
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

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(bad));
	tcase_add_test(tcase, test_names_every_error);
	tcase_add_test(tcase, test_reads_everything);
	tcase_add_test(tcase, test_last_value_counts);
	tcase_add_test(tcase, test_reads_keys_of_services);
	tcase_add_test(tcase, test_starts_afresh);
	tcase_add_loop_test(
	    tcase, test_talks_more_or_less, 0, LENGTH(verbosities));
	tcase_add_loop_test(tcase, test_knows_what_to_do, 0, LENGTH(actions));
	tcase_add_loop_test(tcase, test_prints, 0, 2);
	tcase_add_test(tcase, test_prints_usage);
	suite_add_tcase(suite, tcase);
	return suite;
}
