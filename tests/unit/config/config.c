/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/config.c: whose value counts, what is kept, and how
 * services are named.
 */
#include "daemon/config/config.h"

#include "daemon/config/check.h"
#include "daemon/config/types.h"
#include "unit/config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(test_has_initial_values)
{
	const struct config_key *key;
	const char *value;

	for (key = keys_table; key->name != NULL; key++) {
		if (key->type == NULL || key->type->is_list)
			continue;
		value = written(&config.daemon, key->name);
		ck_assert_msg(
		    strcmp(value, key->initial != NULL ? key->initial : "") ==
			0,
		    "%s is %s at first", key->name, value);
	}
	ck_assert_str_eq(written(&config.daemon, "trust"), "local");
	ck_assert_uint_eq(config.daemon.allow.count, 0);
	ck_assert_uint_gt(config.daemon.refuse_ports.count, 10);
}
END_TEST

/* The command line first, then the file, then what was there before. */
START_TEST(test_knows_who_has_the_last_word)
{
	struct config_values *v = &config.daemon;

	ck_assert(set(v, "stack", CONFIG_FILE, "two"));
	ck_assert_str_eq(written(v, "stack"), "two");
	ck_assert(!set(v, "stack", CONFIG_FILE, "dual")); /* twice */
	ck_assert(set(v, "stack", CONFIG_COMMAND_LINE, "ipv4"));
	ck_assert(set(v, "stack", CONFIG_COMMAND_LINE, "ipv6"));
	ck_assert(set(v, "stack", CONFIG_FILE, "two"));
	ck_assert_str_eq(written(v, "stack"), "ipv6");

	ck_assert(set(v, "user", CONFIG_FILE, "one"));
	ck_assert(set(v, "user", CONFIG_COMMAND_LINE, "other"));
	ck_assert(!set(v, "user", CONFIG_COMMAND_LINE, ""));
	ck_assert_str_eq(written(v, "user"), "other");
}
END_TEST

/* A list grows, but not across origins; an empty one removes all items. */
START_TEST(test_adds_to_lists)
{
	struct config_values *v = &config.daemon;

	ck_assert(set(v, "refuse-ports", CONFIG_FILE, "7"));
	ck_assert(set(v, "refuse-ports", CONFIG_FILE, "9, 10"));
	ck_assert_str_eq(written(v, "refuse-ports"), "7, 9, 10");
	ck_assert(set(v, "refuse-ports", CONFIG_COMMAND_LINE, "1"));
	ck_assert(set(v, "refuse-ports", CONFIG_COMMAND_LINE, "2"));
	ck_assert(set(v, "refuse-ports", CONFIG_FILE, "3"));
	ck_assert_str_eq(written(v, "refuse-ports"), "1, 2");
	ck_assert(set(v, "trust", CONFIG_FILE, ""));
	ck_assert_str_eq(written(v, "trust"), "");
	ck_assert(set(v, "trust", CONFIG_COMMAND_LINE, "::1, local"));
	ck_assert(set(v, "trust", CONFIG_COMMAND_LINE, "192.0.2.0/24"));
	ck_assert_str_eq(written(v, "trust"), "::1/128, local, 192.0.2.0/24");
}
END_TEST

/* Each wrong item of a list is reported, and the others count. */
static const struct {
	const char *key, *text, *written;
	const char *errors[3];
} lists[] = {
	{ "listen", ":7007,bad,worse, [::1]:7", ":7007, [::1]:7",
	    { ">must be :PORT, ADDRESS:PORT or [IPV6]:PORT, not \"bad\"",
		">must be :PORT, ADDRESS:PORT or [IPV6]:PORT, not "
		"\"worse\"" } },
	{ "refuse-ports", "x, 7, 70000,", "7",
	    { ">must be port numbers, not \"x\"",
		">must be port numbers, not \"70000\"" } },
	{ "allow", "::/129, ::1, 1.2.3.4/33,localhost", "::1/128",
	    { ">must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
	      "host bits set), not \"::/129\"",
		">must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
		"host bits set), not \"1.2.3.4/33\"",
		">must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
		"host bits set), not \"localhost\"" } },
};

START_TEST(test_names_each_bad_item)
{
	const struct config_sink sink = { &errors, ">" };
	const struct config_source source = { CONFIG_FILE, 0, lists[_i].text,
		&sink, 0 };
	size_t i, expected = 0;

	ck_assert(
	    !config_set(&config.daemon, keys_find(lists[_i].key), &source));
	while (expected < 3 && lists[_i].errors[expected] != NULL)
		expected++;
	ck_assert_uint_eq(errors.count, expected);
	for (i = 0; i < expected; i++)
		ck_assert_str_eq(errors.lines[i], lists[_i].errors[i]);
	ck_assert_str_eq(
	    written(&config.daemon, lists[_i].key), lists[_i].written);
}
END_TEST

static const struct {
	const char *text;
	const char *name; /* NULL: refused */
	const char *listen_or_why;
} adds[] = {
	{ "echo", "echo", ":7" },
	{ "discard", "discard", ":9" },
	{ "echo=:7007", "echo", ":7007" },
	{ "echo=:0", "echo", ":0" },
	{ "echo:lab=:7007", "echo:lab", ":7007" },
	{ "whoami=192.0.2.1:7008", "whoami", "192.0.2.1:7008" },
	{ "echo=:7007,[2001:db8::1]:7", "echo", ":7007, [2001:db8::1]:7" },
	{ "echo=[fe80::1%2]:7", "echo", "[fe80::1%2]:7" },
	{ "", NULL, "unknown service \"\"" },
	{ "=:7", NULL, "unknown service \"\"" },
	{ "ech", NULL, "unknown service \"ech\"" },
	{ "echoo", NULL, "unknown service \"echoo\"" },
	{ "Echo", NULL, "unknown service \"Echo\"" },
	{ "echo:", NULL, "unknown service \"echo:\"" },
	{ "echo:a\"b", NULL,
	    "\"echo:a\"b\": a label may have only letters, digits, \".\", "
	    "\"_\" and "
	    "\"-\"" },
	{ "echo:a b=:7", NULL,
	    "\"echo:a b\": a label may have only letters, digits, \".\", \"_\" "
	    "and "
	    "\"-\"" },
/* Truncated, it would be another name. */
#define LONG_NAME                                           \
	"echo:a-label-that-is-longer-than-the-sixty-three-" \
	"characters-that-a-name-can-have"
	{ LONG_NAME "=:7", NULL,
	    "\"" LONG_NAME "\": a name may have at most 63 characters" },
	{ "echo ", NULL, "unknown service \"echo \"" },
	{ "daemon", NULL, "unknown service \"daemon\"" },
	{ "a-name-that-is-longer-than-any-service=:7", NULL,
	    "unknown service \"a-name-that-is-longer-than-any-service\"" },
	{ "echo=7", NULL,
	    "echo: an endpoint must be :PORT, ADDRESS:PORT or [IPV6]:PORT, "
	    "not \"7\"" },
	{ "echo=0.1.2.3:7", NULL,
	    "echo: an endpoint cannot be \"0.1.2.3:7\": no host has an address "
	    "in 0.0.0.0/8; 0.0.0.0 alone means every IPv4 address" },
	{ "echo==:7", NULL,
	    "echo: an endpoint must be :PORT, ADDRESS:PORT or [IPV6]:PORT, "
	    "not \"=:7\"" },
	{ "echo=[fe80::1%nosuch]:7", NULL,
	    "echo: an endpoint names an interface that does not exist: "
	    "\"[fe80::1%nosuch]:7\"" },
	{ "echo=[fe80::1]:7", NULL,
	    "echo: an endpoint needs the interface of its link-local address, "
	    "as in [fe80::1%eth0]:7" },
	{ "echo=[ff02::1]:0", NULL,
	    "echo: an endpoint needs the interface of its link-local address, "
	    "as in [ff02::1%eth0]:0" },
};

START_TEST(test_adds_services)
{
	bool good = config_add(&config, adds[_i].text, &errors);

	ck_assert_msg(good == (adds[_i].name != NULL), "%s: %s", adds[_i].text,
	    good ? "accepted" : errors.lines[0]);
	ck_assert_uint_eq(errors.count, !good);
	if (!good) {
		ck_assert_str_eq(errors.lines[0], adds[_i].listen_or_why);
		return;
	}
	check_config(&config, &errors);
	ck_assert_uint_eq(errors.count, 0);
	ck_assert_uint_eq(config.service_count, 1);
	ck_assert_str_eq(config.services[0].name, adds[_i].name);
	ck_assert_str_eq(written(&config.services[0].values, "listen"),
	    adds[_i].listen_or_why);
}
END_TEST

START_TEST(test_adds_many_services)
{
	char text[32];
	unsigned int i;

	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "echo:%u=:%u", i, 1000 + i);
		ck_assert(config_add(&config, text, &errors));
	}
	ck_assert(config_add(&config, "echo:7=:7", &errors));
	ck_assert_uint_eq(config.service_count, 100);
	ck_assert_str_eq(
	    written(&config.services[7].values, "listen"), ":1007, :7");
}
END_TEST

/* What a reload cannot change: is it different, and does the old value stay? */
static const struct {
	const char *key, *before, *after;
	bool differs;
} kept[] = {
	{ "workers", "2", "2", false },
	{ "workers", "2", "3", true },
	{ "stack", "two", "ipv4", true },
	{ "user", "one", "one", false },
	{ "user", "one", "other", true },
	{ "user", "one", NULL, true },
	{ "user", NULL, "other", true },
	{ "user", NULL, NULL, false },
	{ "http", "127.0.0.1:1", "127.0.0.1:2", true },
	{ "http", "127.0.0.1:1", NULL, true },
};

/* What a service's author wrote is an error that says where. */
static const struct {
	enum service_type type;
	const char *initial;
	const char *why; /* NULL: it is fine */
} initials[] = {
	{ SERVICE_NUMBER, "1", NULL },
	{ SERVICE_NUMBER, NULL, NULL },
	{ SERVICE_PATTERN, "504f", NULL },
	{ SERVICE_FILE, "quotes", NULL },
	{ SERVICE_NUMBER, "",
	    "built-in default of --made-up-key: must be a number from 1 to 9, "
	    "not \"\"" },
	{ SERVICE_NUMBER, "10",
	    "built-in default of --made-up-key: must be a number from 1 to 9, "
	    "not \"10\"" },
};

START_TEST(test_initial)
{
	const struct service_key keys[] = {
		{ .name = "key",
		    .type = initials[_i].type,
		    .argument = "1-9",
		    .initial = initials[_i].initial },
		{ .name = NULL },
	};
	const struct service service = { .name = "made-up",
		.keys = keys,
		.settings_size = sizeof(struct service_file) };
	struct config_key key = keys_own(&service, 0);
	struct config_values values = { .own = NULL };
	const char *why = initials[_i].why;

	ck_assert(config_init_own(&values, &service, &errors) == (why == NULL));
	ck_assert_uint_eq(errors.count, why != NULL);
	if (why != NULL)
		ck_assert_str_eq(errors.lines[0], why);
	config_clear_value(&values, &key);
	free(values.own);
}
END_TEST

/* No existing service has such a default. */
START_TEST(test_initial_of_services)
{
	struct config_values values = { .own = NULL };
	struct config_key key;
	size_t i, j;

	for (i = 0; service_table[i] != NULL; i++) {
		ck_assert_msg(
		    config_init_own(&values, service_table[i], &errors),
		    "%s: %s", service_table[i]->name,
		    errors.count > 0 ? errors.lines[0] : "out of memory");
		ck_assert_uint_eq(errors.count, 0);
		for (j = 0; j < service_key_count(service_table[i]); j++) {
			key = keys_own(service_table[i], j);
			config_clear_value(&values, &key);
		}
		free(values.own);
	}
}
END_TEST

START_TEST(test_keeps_what_was)
{
	const struct config_key *key = keys_find(kept[_i].key);
	struct config fresh;
	char before[256];

	ck_assert(config_init(&fresh, &errors));
	ck_assert(kept[_i].before == NULL ||
	    set(&config.daemon, key->name, CONFIG_FILE, kept[_i].before));
	ck_assert(kept[_i].after == NULL ||
	    set(&fresh.daemon, key->name, CONFIG_FILE, kept[_i].after));
	ck_assert(config_keep(&fresh.daemon, &config.daemon, key) ==
	    kept[_i].differs);
	snprintf(
	    before, sizeof(before), "%s", written(&config.daemon, key->name));
	ck_assert_str_eq(written(&fresh.daemon, key->name), before);
	/* Each has its own: no double free. */
	config_clear(&fresh);
}
END_TEST

Suite *
config_suite(void)
{
	Suite *suite = suite_create("config");
	TCase *tcase = values_tcase("config");

	tcase_add_test(tcase, test_has_initial_values);
	tcase_add_test(tcase, test_knows_who_has_the_last_word);
	tcase_add_test(tcase, test_adds_to_lists);
	tcase_add_loop_test(tcase, test_names_each_bad_item, 0, LENGTH(lists));
	tcase_add_loop_test(tcase, test_adds_services, 0, LENGTH(adds));
	tcase_add_test(tcase, test_adds_many_services);
	tcase_add_loop_test(tcase, test_initial, 0, LENGTH(initials));
	tcase_add_test(tcase, test_initial_of_services);
	tcase_add_loop_test(tcase, test_keeps_what_was, 0, LENGTH(kept));
	suite_add_tcase(suite, tcase);
	return suite;
}
