/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/include.c: what is included is read as if it stood in the
 * file, errors name the place in the right one, and nothing goes round for
 * ever.
 */
#include "daemon/config/include.h"

#include "daemon/config/load.h"
#include "unit/config/argv.h"
#include "unit/fake_host.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct config config;
static struct config_errors errors;

static void
setup(void)
{
	fake_host_reset();
}

static void
teardown(void)
{
	config_clear(&config);
	config_errors_free(&errors);
}

/* Load the file "etc/m", and those beside it. */
static int
load(const char *text, const struct fake_file *files, bool is_reload)
{
	struct argv argv;
	struct command_line command;

	fake_host.path = "etc/m";
	fake_host.text = text;
	fake_host.others = files;
	argv_make(&argv, "-c etc/m");
	command = (struct command_line){ argv.count, argv.words, is_reload };
	return load_config(&config, &command, &errors);
}

#define FILES 4

static const struct {
	const char *text; /* of etc/m */
	struct fake_file files[FILES];
	const char *services; /* as read; or the only error, if it has a ":" */
} includes[] = {
	{ "include = d/*.conf\n", { { "etc/d/a.conf", "[echo]\n" } }, "echo" },
	{ "include = /d/*.conf\n[daemon]\ninclude=b\n[time]\n",
	    { { "etc/b", "[daytime]\n" }, { "/d/a.conf", "[echo]\n" } },
	    "time echo daytime" },
	/* A section of both, and a list of both. */
	{ "deny = 192.0.2.1\ninclude = d/*.conf\n[echo]\nlisten = :7\n",
	    { { "etc/d/a.conf", "deny = 192.0.2.2\n[echo]\nlisten = :8\n" } },
	    "echo" },
	/* Each from where the one before it is. */
	{ "include = d/a\n",
	    { { "etc/d/a", "include = e/b\n" },
		{ "etc/d/e/b", "include = ../c\n" },
		{ "etc/d/e/../c", "[echo]\n" } },
	    "echo" },
	{ "include = d/*.conf\n[echo]\n", { { "etc/d/a.cnf", "x\n" } },
	    "echo" },
	{ "[echo]\n[daemon]\ninclude = d/a\n", { { NULL, NULL } },
	    "etc/m:3: [daemon] include: cannot read etc/d/a: no such file" },
	{ "[echo]\ninclude = d/a\n", { { "etc/d/a", "" } },
	    "etc/m:2: [echo] include: belongs in [daemon]" },
	{ "include =\n[echo]\n", { { NULL, NULL } },
	    "etc/m:1: [daemon] include: requires a value" },
	{ "include = a\n  b\n[echo]\n", { { "etc/a", "" } },
	    "etc/m:2: [daemon] include: only a list can continue on an "
	    "indented line" },
	/* Of the file that has the line, also once all have been read. */
	{ "include = a\n[echo]\n", { { "etc/a", "\nstak = two\n" } },
	    "etc/a:2: [daemon] stak: unknown key" },
	{ "include = a\n[echo]\n", { { "etc/a", "[time]\nrate = 1\n" } },
	    "etc/a:2: [time] rate: must be a rate like \"100/s burst 200\" or "
	    "none, not \"1\"" },
	{ "include = a\n[echo]\n", { { "etc/a", "\n\n[whoami]\n" } },
	    "etc/a:3: [whoami] listen: no registered port: set one, as in "
	    "listen = :7008" },
	{ "include = a\nport-file = etc/a\n[echo]\n", { { "etc/a", "" } },
	    "etc/m:2: [daemon] port-file: is the configuration file, which "
	    "would be overwritten" },
	{ "include = a\n[echo]\n", { { "etc/a", "\nhttp = :80\n" } },
	    "etc/a:2: [daemon] http: must be on loopback, such as "
	    "127.0.0.1:9853, unless http-allow is set" },
	{ "stack = two\ninclude = a\n[echo]\n",
	    { { "etc/a", "stack = two\n" } },
	    "etc/a:1: [daemon] stack: is set twice" },
	/* Round and round. */
	{ "include = m\n[echo]\n", { { NULL, NULL } },
	    "etc/m:1: [daemon] include: a loop: etc/m includes this file" },
	{ "include = a\n[echo]\n",
	    { { "etc/a", "include = b\n" }, { "etc/b", "\ninclude = a\n" } },
	    "etc/b:2: [daemon] include: a loop: etc/a includes this file" },
	{ "include = a\n\ninclude = *\n[echo]\n", { { "etc/a", "" } },
	    "etc/m:3: [daemon] include: etc/a has been included at etc/m:1" },
};

/* Names of all services, with blanks between. */
static const char *
services(void)
{
	static char names[256];
	size_t i, used = 0;

	for (i = 0; i < config.service_count; i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used,
		    "%s%s", i > 0 ? " " : "", config.services[i].name);
	return names;
}

START_TEST(test_includes)
{
	const char *expected = includes[_i].services;
	int status;

	status = load(includes[_i].text, includes[_i].files, false);
	if (strchr(expected, ':') == NULL) {
		ck_assert_msg(
		    status == 0, "%s", errors.count > 0 ? errors.lines[0] : "");
		ck_assert_str_eq(services(), expected);
		return;
	}
	ck_assert_int_eq(status, CONFIG_EXIT_CONFIG);
	ck_assert_str_eq(errors.lines[0], expected);
	ck_assert_uint_eq(errors.count, 1);
}
END_TEST

/* The parts of a list come together, and so do those of a section. */
START_TEST(test_combines)
{
	static const struct fake_file files[] = {
		{ "etc/a", "deny = 192.0.2.2\n[echo]\nlisten = :8\n" },
		{ NULL, NULL },
	};

	ck_assert_int_eq(load("deny = 192.0.2.1\ninclude = a\n"
			      "[echo]\nlisten = :7\n",
			     files, false),
	    0);
	ck_assert_uint_eq(config.daemon.deny.count, 2);
	ck_assert_uint_eq(config.services[0].values.listen.count, 2);
}
END_TEST

/* By other names it is not seen to be a loop, but it ends. */
START_TEST(test_depth)
{
	static char paths[12][32], texts[12][32];
	struct fake_file files[13] = { { NULL, NULL } };
	size_t i;

	for (i = 0; i < 12; i++) {
		snprintf(paths[i], sizeof(paths[i]), "etc/%zu", i);
		snprintf(texts[i], sizeof(texts[i]), "include = %zu", i + 1);
		files[i] = (struct fake_file){ paths[i], texts[i] };
	}
	ck_assert_int_eq(
	    load("include = 0\n[echo]\n", files, false), CONFIG_EXIT_CONFIG);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.lines[0],
	    "etc/7:1: [daemon] include: etc/8: more than 8 files deep: a "
	    "loop?");
	config_clear(&config);
	config_errors_free(&errors);
	texts[7][0] = '#';
	ck_assert_int_eq(load("include = 0\n[echo]\n", files, false), 0);
}
END_TEST

/* One error, and an end, however many there are. */
START_TEST(test_count)
{
	enum { MANY = 5000 };
	static char paths[MANY][16];
	static struct fake_file files[MANY + 1];
	size_t i;

	for (i = 0; i < MANY; i++) {
		snprintf(paths[i], sizeof(paths[i]), "etc/d/%zu", i);
		files[i] = (struct fake_file){ paths[i], "" };
	}
	ck_assert_int_eq(
	    load("include = d/*\ninclude = d/*\n[echo]\n", files, false),
	    CONFIG_EXIT_CONFIG);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.lines[0],
	    "etc/m:1: [daemon] include: etc/d/4095: more than 4096 files");
}
END_TEST

START_TEST(test_secret)
{
	fake_host.is_secret = true;
	ck_assert_int_eq(
	    load("include = d/*\n[echo]\n", NULL, false), CONFIG_EXIT_CONFIG);
	ck_assert_str_eq(errors.lines[0],
	    "etc/m:1: [daemon] include: cannot list etc/d/*: permission "
	    "denied");
}
END_TEST

/* At a reload all of them are read by the privileged helper. */
START_TEST(test_reload)
{
	static const struct fake_file files[] = {
		{ "etc/d/a", "[echo]\n" },
		{ "etc/d/b", "" },
		{ NULL, NULL },
	};

	ck_assert_int_eq(load("include = d/*\n", files, true), 0);
	ck_assert_str_eq(fake_host.files_read, "etc/m,etc/d/a,etc/d/b");
}
END_TEST

Suite *
include_suite(void)
{
	Suite *suite = suite_create("include");
	TCase *tcase = tcase_create("include");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_includes, 0, LENGTH(includes));
	tcase_add_test(tcase, test_combines);
	tcase_add_test(tcase, test_depth);
	tcase_add_test(tcase, test_count);
	tcase_add_test(tcase, test_secret);
	tcase_add_test(tcase, test_reload);
	suite_add_tcase(suite, tcase);
	return suite;
}
