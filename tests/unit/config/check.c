/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/check.c: what [daemon] sets for all services, and what
 * cannot be served together.
 */
#include "daemon/config/check.h"

#include "unit/config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_hands_values_down)
{
	struct config_values *v;

	ck_assert(config_add(&config, "echo", &errors));
	ck_assert(config_add(&config, "discard", &errors));
	ck_assert(set(&config.daemon, "allow", CONFIG_FILE, "192.0.2.0/24"));
	ck_assert(set(&config.daemon, "rate", CONFIG_FILE, "5/s burst 6"));
	ck_assert(set(&config.services[1].values, "allow", CONFIG_FILE, ""));
	ck_assert(set(
	    &config.services[1].values, "rate", CONFIG_FILE, "7/s burst 8"));
	check_config(&config, &errors);
	ck_assert_uint_eq(errors.count, 0);
	v = &config.services[0].values;
	ck_assert_str_eq(written(v, "allow"), "192.0.2.0/24");
	ck_assert_str_eq(written(v, "rate"), "5/s burst 6");
	ck_assert_str_eq(written(v, "max-amplification"), "1.00");
	v = &config.services[1].values;
	ck_assert_str_eq(written(v, "allow"), "");
	ck_assert_str_eq(written(v, "rate"), "7/s burst 8");
}
END_TEST

static const struct {
	const char *service;
	const char *http, *http_allow;
	const char *error; /* NULL: none */
} wholes[] = {
	{ "echo", NULL, NULL, NULL },
	{ "whoami", NULL, NULL,
	    "whoami has no registered port: add one, as in "
	    "whoami=:7008" },
	{ "echo", "127.0.0.1:9853", NULL, NULL },
	{ "echo", "[::1]:9853", NULL, NULL },
	{ "echo", "192.0.2.1:9853", "10.0.0.0/8", NULL },
	{ "echo", ":9853", "10.0.0.0/8", NULL },
#define NOT_LOOPBACK                                                   \
	"--http: must be on loopback, such as 127.0.0.1:9853, unless " \
	"http-allow is set"
	{ "echo", "192.0.2.1:9853", NULL, NOT_LOOPBACK },
	{ "echo", ":9853", NULL, NOT_LOOPBACK },
	{ "echo", "0.0.0.0:9853", NULL, NOT_LOOPBACK },
	{ "echo", "127.0.0.1:1, 127.0.0.1:2, [::1]:1", NULL, NULL },
	{ "echo", "127.0.0.1:0, 127.0.0.1:0", NULL, NULL },
	{ "echo", "127.0.0.1:1, 192.0.2.1:1", NULL, NOT_LOOPBACK },
	{ "echo", "127.0.0.1:1, [::1]:1, 127.0.0.1:1", NULL,
	    "--http: 127.0.0.1:1 overlaps one before it" },
	{ "echo", ":1, 0.0.0.0:1", "10.0.0.0/8",
	    "--http: 0.0.0.0:1 overlaps one before it" },
};

START_TEST(test_checks_the_whole)
{
	ck_assert(config_add(&config, wholes[_i].service, &errors));
	if (wholes[_i].http != NULL)
		ck_assert(
		    set(&config.daemon, "http", CONFIG_FILE, wholes[_i].http));
	if (wholes[_i].http_allow != NULL)
		ck_assert(set(&config.daemon, "http-allow", CONFIG_FILE,
		    wholes[_i].http_allow));
	check_config(&config, &errors);
	ck_assert_uint_eq(errors.count, wholes[_i].error != NULL);
	if (wholes[_i].error != NULL)
		ck_assert_str_eq(errors.lines[0], wholes[_i].error);
}
END_TEST

/*
 * What the system does not bind twice; with several workers it would, and
 * spread datagrams over them.  In every order, with every stack.
 */
#define DUAL (1u << MH_STACK_DUAL)
#define TWO (1u << MH_STACK_TWO)
#define IPV4 (1u << MH_STACK_IPV4)
#define IPV6 (1u << MH_STACK_IPV6)
#define ALL (DUAL | TWO | IPV4 | IPV6)

static const struct {
	const char *one, *other;
	unsigned int refused; /* with these */
} pairs[] = {
	{ ":7007", ":7008", 0 },
	{ ":0", ":0", 0 },
	{ "192.0.2.1:0", ":0", IPV6 },
	{ ":7007", ":7007", ALL },
	{ ":7007", "[::]:7007", ALL },
	{ ":7007", "0.0.0.0:7007", ALL },
	{ ":7007", "192.0.2.1:7007", ALL },
	{ ":7007", "[::1]:7007", ALL },
	{ "[::]:7007", "192.0.2.1:7007", ALL },
	{ "[::]:7007", "[::1]:7007", ALL },
	{ "0.0.0.0:7007", "192.0.2.1:7007", ALL },
	{ "0.0.0.0:7007", "[::1]:7007", IPV4 | IPV6 },
	{ "192.0.2.1:7007", "192.0.2.1:7007", ALL },
	{ "192.0.2.1:7007", "192.0.2.2:7007", IPV6 },
	{ "192.0.2.1:7007", "[::ffff:192.0.2.1]:7007", ALL },
	{ "192.0.2.1:7007", "[2001:db8::1]:7007", IPV4 | IPV6 },
	{ "[2001:db8::1]:7007", "[2001:db8::2]:7007", IPV4 },
	{ "[fe80::1%1]:7007", "[fe80::1%2]:7007", IPV4 },
	{ "[fe80::1%2]:7007", "[fe80::1%2]:7007", ALL },
	{ "[fe80::1%2]:7007", "[::]:7007", ALL },
};

START_TEST(test_gives_an_endpoint_once)
{
	const char *first = _i % 2 ? pairs[_i / 2].one : pairs[_i / 2].other;
	const char *second = _i % 2 ? pairs[_i / 2].other : pairs[_i / 2].one;
	static const char *const stacks[] = { "dual", "two", "ipv4", "ipv6" };
	unsigned int stack;
	char text[80];

	for (stack = 0; stack < LENGTH(stacks); stack++) {
		ck_assert(
		    set(&config.daemon, "stack", CONFIG_FILE, stacks[stack]));
		snprintf(text, sizeof(text), "echo=%s", first);
		ck_assert(config_add(&config, text, &errors));
		snprintf(text, sizeof(text), "whoami=%s", second);
		ck_assert(config_add(&config, text, &errors));
		check_config(&config, &errors);
		ck_assert_msg((errors.count > 0) ==
			((pairs[_i / 2].refused & 1u << stack) != 0),
		    "%s and %s: stack %s: %s", first, second, stacks[stack],
		    errors.count > 0 ? errors.lines[0] : "taken");
		values_reset();
	}
}
END_TEST

/* In these words. */
static const struct {
	const char *stack, *first, *second;
	const char *error;
} clashes[] = {
	{ "dual", "echo=:7007", "whoami=:7007",
	    "whoami: listen: echo already listens on :7007" },
	{ "dual", "echo=[::1]:7007", "echo:lab=:9,[::1]:7007",
	    "echo:lab: listen: echo already listens on [::1]:7007" },
	{ "dual", "echo=:7007,:7007", "whoami=:7008",
	    "echo: listen: echo already listens on :7007" },
	{ "two", "echo=:7007", "whoami=192.0.2.1:7007",
	    "whoami: listen: echo already listens on :7007, which overlaps "
	    "192.0.2.1:7007" },
	{ "ipv4", "echo=[::1]:7", "whoami=:7008",
	    "echo: listen: [::1]:7 is of the family that the key \"stack\" "
	    "excludes" },
};

/* The table of endpoints grows as each of these is added. */
START_TEST(test_names_the_first_of_many)
{
	char text[80];
	unsigned int i;

	for (i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "echo:n%u=127.0.0.1:%u", i,
		    i % 2 == 0 ? 1 : 1000 + i);
		ck_assert(config_add(&config, text, &errors));
	}
	check_config(&config, &errors);
	ck_assert_uint_eq(errors.count, 99);
	for (i = 0; i < errors.kept; i++)
		ck_assert_ptr_nonnull(strstr(errors.lines[i],
		    ": listen: echo:n0 already listens on 127.0.0.1:1"));
}
END_TEST

START_TEST(test_names_the_clash)
{
	ck_assert(set(&config.daemon, "stack", CONFIG_FILE, clashes[_i].stack));
	ck_assert(config_add(&config, clashes[_i].first, &errors));
	ck_assert(config_add(&config, clashes[_i].second, &errors));
	check_config(&config, &errors);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.lines[0], clashes[_i].error);
}
END_TEST

Suite *
check_suite(void)
{
	Suite *suite = suite_create("check");
	TCase *tcase = values_tcase("check");

	tcase_add_test(tcase, test_hands_values_down);
	tcase_add_loop_test(tcase, test_checks_the_whole, 0, LENGTH(wholes));
	tcase_add_loop_test(
	    tcase, test_gives_an_endpoint_once, 0, 2 * LENGTH(pairs));
	tcase_add_loop_test(tcase, test_names_the_clash, 0, LENGTH(clashes));
	tcase_add_test(tcase, test_names_the_first_of_many);
	suite_add_tcase(suite, tcase);
	return suite;
}
