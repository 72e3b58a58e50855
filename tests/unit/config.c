/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config.c: the table of keys and how their values are read.  Pure.
 */
#include "daemon/config.h"

#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct config config;

static void
teardown(void)
{
	config_clear(&config);
}

static const struct config_key *
key_named(const char *name)
{
	const struct config_key *key;

	for (key = config_keys; key->name != NULL; key++)
		if (strcmp(key->name, name) == 0)
			return key;
	ck_abort_msg("a test names a key that does not exist: %s", name);
	return NULL;
}

/* Where a key's value is: a number or a text. */
#define NUMBER(member) offsetof(struct config, member), sizeof(config.member)
#define SOME_TEXT(member) offsetof(struct config, member), 0

static const struct set_case {
	const char *key;
	const char *value;
	const char *why; /* NULL: it is good */
	size_t offset, size;
	unsigned int number;
} sets[] = {
	{ "stack", "dual", NULL, NUMBER(stack), MH_STACK_DUAL },
	{ "stack", "two", NULL, NUMBER(stack), MH_STACK_TWO },
	{ "stack", "ipv4", NULL, NUMBER(stack), MH_STACK_IPV4 },
	{ "stack", "ipv6", NULL, NUMBER(stack), MH_STACK_IPV6 },
	{ "stack", "ipv", "must be one of dual|two|ipv4|ipv6, not \"ipv\"",
	    NUMBER(stack), 77 },
	{ "stack", "ipv44", "must be one of dual|two|ipv4|ipv6, not \"ipv44\"",
	    NUMBER(stack), 77 },
	{ "stack", "dual|two",
	    "must be one of dual|two|ipv4|ipv6, not \"dual|two\"",
	    NUMBER(stack), 77 },
	{ "stack", "", "must be one of dual|two|ipv4|ipv6, not \"\"",
	    NUMBER(stack), 77 },
	{ "source", "strict", NULL, NUMBER(source), 0 },
	{ "source", "relaxed", NULL, NUMBER(source), 1 },
	{ "source", "Strict", "must be one of strict|relaxed, not \"Strict\"",
	    NUMBER(source), 77 },
	{ "reply-interface", "route", NULL, NUMBER(reply_interface), 0 },
	{ "reply-interface", "arrival", NULL, NUMBER(reply_interface), 1 },

	{ "answer-broadcast", "yes", NULL, NUMBER(answer_broadcast), 1 },
	{ "answer-broadcast", "no", NULL, NUMBER(answer_broadcast), 0 },
	{ "answer-broadcast", "", "must be yes or no, not \"\"",
	    NUMBER(answer_broadcast), 77 },
	{ "answer-broadcast", "1", "must be yes or no, not \"1\"",
	    NUMBER(answer_broadcast), 77 },
	{ "freebind", "yes", NULL, NUMBER(freebind), 1 },
	{ "freebind", "true", "must be yes or no, not \"true\"",
	    NUMBER(freebind), 77 },

	{ "rcvbuf", "0", NULL, NUMBER(receive_buffer), 0 },
	{ "rcvbuf", "65536", NULL, NUMBER(receive_buffer), 65536 },
	{ "rcvbuf", "64k", NULL, NUMBER(receive_buffer), 65536 },
	{ "rcvbuf", "4M", NULL, NUMBER(receive_buffer), 4194304 },
	{ "rcvbuf", "2047M", NULL, NUMBER(receive_buffer), 2146435072 },
	{ "rcvbuf", "2147483647", NULL, NUMBER(receive_buffer), 2147483647 },
#define NOT_BYTES(text)                                                        \
	{                                                                      \
		"rcvbuf", text,                                                \
		    "must be a number of bytes up to 2047M, not \"" text "\"", \
		    NUMBER(receive_buffer), 77                                 \
	}
	NOT_BYTES("2147483648"),
	NOT_BYTES("2048M"),
	NOT_BYTES("99999999999999999999999999"),
	NOT_BYTES("9999999999M"),
	NOT_BYTES(""),
	NOT_BYTES("M"),
	NOT_BYTES("-1"),
	NOT_BYTES("+1"),
	NOT_BYTES(" 1"),
	NOT_BYTES("1 "),
	NOT_BYTES("1G"),
	NOT_BYTES("1kk"),
	NOT_BYTES("1K"),
	NOT_BYTES("0x10"),
	NOT_BYTES("1.5M"),

	{ "port-file", "some file", NULL, SOME_TEXT(port_file), 0 },
	{ "user", "nobody", NULL, SOME_TEXT(user), 0 },
	{ "node", "a", NULL, SOME_TEXT(node), 0 },
	{ "node", "", "must not be empty", SOME_TEXT(node), 0 },
};

/* The number of that offset and size, in memory order. */
static unsigned int
number_at(size_t offset, size_t size)
{
	unsigned int number = 0;

	if (size == sizeof(bool))
		return *(bool *)((char *)&config + offset);
	memcpy(&number, (char *)&config + offset, size);
	return number;
}

START_TEST(set)
{
	const struct set_case *c = &sets[_i];
	char why[CONFIG_WHY] = "nothing was said";
	bool good;

	config.stack = config.source = config.reply_interface = 77;
	config.receive_buffer = 77;
	good = config_set(&config, key_named(c->key), c->value, why);
	ck_assert_msg(good == (c->why == NULL), "%s = %s: %s", c->key, c->value,
	    good ? "accepted" : why);
	if (!good)
		ck_assert_str_eq(why, c->why);
	if (good && c->size == 0)
		ck_assert_str_eq(
		    *(char **)((char *)&config + c->offset), c->value);
	/* What is refused changes nothing. */
	if (c->size == sizeof(unsigned int) || (c->size != 0 && good))
		ck_assert_msg(number_at(c->offset, c->size) == c->number,
		    "%s = %s: %u", c->key, c->value,
		    number_at(c->offset, c->size));
}
END_TEST

START_TEST(set_again)
{
	char why[CONFIG_WHY];

	ck_assert(config_set(&config, key_named("user"), "one", why));
	ck_assert(config_set(&config, key_named("user"), "other", why));
	ck_assert_str_eq(config.user, "other");
	ck_assert(!config_set(&config, key_named("user"), "", why));
	ck_assert_str_eq(config.user, "other");
}
END_TEST

/* A message stays within its bounds, whatever it is about. */
START_TEST(set_long)
{
	static const char *const names[] = { "stack", "rcvbuf", "freebind" };
	char why[CONFIG_WHY], value[5000];

	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	ck_assert(!config_set(&config, key_named(names[_i]), value, why));
	ck_assert_uint_lt(strlen(why), CONFIG_WHY);
	ck_assert_ptr_nonnull(strstr(why, "not \"xxxx"));
}
END_TEST

START_TEST(switches)
{
	char why[CONFIG_WHY];

	ck_assert(config_set(&config, key_named("verbose"), "yes", why));
	ck_assert(config_set(&config, key_named("verbose"), "yes", why));
	ck_assert_int_eq(config.verbosity, 2);
	ck_assert(config_set(&config, key_named("quiet"), "yes", why));
	ck_assert_int_eq(config.verbosity, 1);
	ck_assert_int_eq(config.action, CONFIG_RUN);
	ck_assert(config_set(&config, key_named("self-test"), "yes", why));
	ck_assert_int_eq(config.action, CONFIG_SELF_TEST);
	ck_assert(config_set(&config, key_named("version"), "yes", why));
	ck_assert_int_eq(config.action, CONFIG_VERSION);
	ck_assert(config_set(&config, key_named("help"), "yes", why));
	ck_assert_int_eq(config.action, CONFIG_HELP);
}
END_TEST

static const struct add_case {
	const char *text;
	const char *service; /* NULL: refused */
	const char *endpoint_or_why;
} adds[] = {
	{ "echo", "echo", ":7" },
	{ "discard", "discard", ":9" },
	{ "echo=:7007", "echo", ":7007" },
	{ "echo=:0", "echo", ":0" },
	{ "whoami=192.0.2.1:7008", "whoami", "192.0.2.1:7008" },
	{ "echo=[2001:db8::1]:7", "echo", "[2001:db8::1]:7" },
	{ "echo=[fe80::1%2]:7", "echo", "[fe80::1%2]:7" },
	{ "echo=[::ffff:192.0.2.1]:7", "echo", "192.0.2.1:7" },
	{ "whoami", NULL,
	    "whoami has no registered port: give it one, as in whoami=:7008" },
	{ "", NULL, "there is no service \"\"" },
	{ "=:7", NULL, "there is no service \"\"" },
	{ "ech", NULL, "there is no service \"ech\"" },
	{ "echoo", NULL, "there is no service \"echoo\"" },
	{ "Echo", NULL, "there is no service \"Echo\"" },
	{ "echo:7", NULL, "there is no service \"echo:7\"" },
	{ "echo ", NULL, "there is no service \"echo \"" },
	{ "a-name-that-is-longer-than-any-service=:7", NULL,
	    "there is no service \"a-name-that-is-longer-than-any-\"" },
#define NOT_ENDPOINT(text)                                                     \
	{                                                                      \
		text, NULL,                                                    \
		    text ": an endpoint is :PORT, ADDRESS:PORT or [IPV6]:PORT" \
	}
	NOT_ENDPOINT("echo="),
	NOT_ENDPOINT("echo=7"),
	NOT_ENDPOINT("echo=:"),
	NOT_ENDPOINT("echo=:65536"),
	NOT_ENDPOINT("echo=:7 "),
	NOT_ENDPOINT("echo==:7"),
	NOT_ENDPOINT("echo=localhost:7"),
	NOT_ENDPOINT("echo=2001:db8::1"),
	NOT_ENDPOINT("echo=192.0.2.1"),
	{ "echo=[fe80::1%nosuch]:7", NULL,
	    "echo=[fe80::1%nosuch]:7: there is no such interface" },
};

START_TEST(add)
{
	const struct add_case *c = &adds[_i];
	char why[CONFIG_WHY] = "nothing was said";
	bool good = config_add(&config, c->text, why);

	ck_assert_msg(good == (c->service != NULL), "%s: %s", c->text,
	    good ? "accepted" : why);
	if (!good) {
		ck_assert_str_eq(why, c->endpoint_or_why);
		ck_assert_uint_eq(config.instance_count, 0);
		return;
	}
	ck_assert_uint_eq(config.instance_count, 1);
	ck_assert_str_eq(config.instances[0].service->name, c->service);
	unit_assert_address(
	    &config.instances[0].endpoint, c->endpoint_or_why, c->text);
}
END_TEST

START_TEST(add_many)
{
	char why[CONFIG_WHY], text[32];
	unsigned int i;

	for (i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "echo=:%u", i);
		ck_assert(config_add(&config, text, why));
	}
	ck_assert_uint_eq(config.instance_count, 100);
	for (i = 0; i < 100; i++)
		ck_assert_uint_eq(config.instances[i].endpoint.port, i);
	config_clear(&config);
	ck_assert_uint_eq(config.instance_count, 0);
	ck_assert_ptr_null(config.instances);
}
END_TEST

/* What the help, getopt and the man page rely on. */
START_TEST(keys_are_sound)
{
	const struct config_key *key, *other;

	for (key = config_keys; key->name != NULL; key++) {
		for (other = config_keys; other < key; other++) {
			ck_assert_str_ne(key->name, other->name);
			ck_assert_msg(
			    key->letter == 0 || key->letter != other->letter,
			    "-%c is both --%s and --%s", key->letter, key->name,
			    other->name);
		}
		ck_assert_msg(key->help != NULL && key->help[0] != '\0',
		    "--%s has no help", key->name);
		ck_assert_msg(
		    (key->argument == NULL) == (key->type >= CONFIG_MORE),
		    "--%s: a value, or none", key->name);
	}
}
END_TEST

Suite *
config_suite(void)
{
	Suite *suite = suite_create("config");
	TCase *tcase = tcase_create("config");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(tcase, set, 0, LENGTH(sets));
	tcase_add_test(tcase, set_again);
	tcase_add_loop_test(tcase, set_long, 0, 3);
	tcase_add_test(tcase, switches);
	tcase_add_loop_test(tcase, add, 0, LENGTH(adds));
	tcase_add_test(tcase, add_many);
	tcase_add_test(tcase, keys_are_sound);
	suite_add_tcase(suite, tcase);
	return suite;
}
