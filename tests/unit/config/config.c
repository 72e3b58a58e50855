/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/config.c, value.c and value_list.c: the table of keys, how
 * values are read and written, and how those of [daemon], services and the
 * command line come together.
 */
#include "daemon/config/config.h"

#include "daemon/config/types.h"
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config config;
static struct config_errors errors;

static void
setup(void)
{
	ck_assert(config_init(&config));
}

static void
teardown(void)
{
	config_clear(&config);
	config_errors_free(&errors);
}

/* A value in the form of the file; good until the next call. */
static const char *
written(const struct config_values *values, const char *name)
{
	static char copy[1024];
	const struct config_key *key = config_key_find(name);
	struct strbuf text = { .text = NULL };

	ck_assert_msg(key != NULL, "a test names a bad key: %s", name);
	key->type->write((const char *)values + key->offset, key, &text);
	snprintf(copy, sizeof(copy), "%s", text.text ? text.text : "");
	free(text.text);
	return copy;
}

static bool
set(struct config_values *values, const char *name, enum config_origin origin,
    const char *text)
{
	struct config_errors ignored = { .lines = NULL };
	const struct config_teller teller = { &ignored, "" };
	bool good =
	    config_set(values, config_key_find(name), origin, text, &teller);

	config_errors_free(&ignored);
	return good;
}

static const struct {
	const char *key;
	const char *text;
	const char *written; /* NULL: it is wrong */
	const char *why;
} values[] = {
#define GOOD(key, text, written)         \
	{                                \
		key, text, written, NULL \
	}
#define BAD(key, text, why)                               \
	{                                                 \
		key, text, NULL, why ", not \"" text "\"" \
	}
	GOOD("answer-broadcast", "yes", "yes"),
	GOOD("answer-broadcast", "no", "no"),
	BAD("answer-broadcast", "", "must be yes or no"),
	BAD("answer-broadcast", "1", "must be yes or no"),
	BAD("freebind", "Yes", "must be yes or no"),

	GOOD("stack", "dual", "dual"),
	GOOD("stack", "two", "two"),
	GOOD("stack", "ipv4", "ipv4"),
	GOOD("stack", "ipv6", "ipv6"),
	BAD("stack", "ipv", "must be one of dual|two|ipv4|ipv6"),
	BAD("stack", "ipv44", "must be one of dual|two|ipv4|ipv6"),
	BAD("stack", "dual|two", "must be one of dual|two|ipv4|ipv6"),
	BAD("stack", "", "must be one of dual|two|ipv4|ipv6"),
	GOOD("source", "strict", "strict"),
	GOOD("source", "relaxed", "relaxed"),
	BAD("source", "Strict", "must be one of strict|relaxed"),
	GOOD("reply-interface", "arrival", "arrival"),
	GOOD("log-level", "debug", "debug"),

#define BAD_BYTES(text) \
	BAD("rcvbuf", text, "must be a number of bytes up to 2047M")
	GOOD("rcvbuf", "0", "0"),
	GOOD("rcvbuf", "64k", "65536"),
	GOOD("rcvbuf", "4M", "4194304"),
	GOOD("rcvbuf", "2047M", "2146435072"),
	GOOD("rcvbuf", "2147483647", "2147483647"),
	GOOD("sndbuf", "1M", "1048576"),
	GOOD("batch", "1", "1"),
	GOOD("batch", "1024", "1024"),
	BAD("batch", "0", "must be a number from 1 to 1024"),
	BAD("batch", "1025", "must be a number from 1 to 1024"),
	BAD_BYTES("2147483648"),
	BAD_BYTES("2048M"),
	BAD_BYTES("99999999999999999999999999"),
	BAD_BYTES("18446744073709551617"),
	BAD_BYTES(""),
	BAD_BYTES("M"),
	BAD_BYTES("-1"),
	BAD_BYTES("+1"),
	BAD_BYTES(" 1"),
	BAD_BYTES("1 "),
	BAD_BYTES("1G"),
	BAD_BYTES("1kk"),
	BAD_BYTES("0x10"),
	BAD_BYTES("1.5M"),

	GOOD("rate-prefix-v4", "1", "1"),
	GOOD("rate-prefix-v4", "32", "32"),
	BAD("rate-prefix-v4", "0", "must be a number from 1 to 32"),
	BAD("rate-prefix-v4", "33", "must be a number from 1 to 32"),
	BAD("rate-prefix-v6", "129", "must be a number from 1 to 128"),
	BAD("rate-prefix-v6", "64 bits", "must be a number from 1 to 128"),
	GOOD("workers", "auto", "auto"),
	GOOD("workers", "1", "1"),
	GOOD("workers", "256", "256"),
	BAD("workers", "0", "must be a number from 1 to 256 or auto"),
	BAD("workers", "257", "must be a number from 1 to 256 or auto"),
	BAD("workers", "all", "must be a number from 1 to 256 or auto"),
	GOOD("cpu-affinity", "yes", "yes"),
	BAD("cpu-affinity", "0-3", "must be yes or no"),
	GOOD("drain-time", "0", "0s"),
	GOOD("drain-time", "10s", "10s"),
	GOOD("drain-time", "2m", "120s"),
	GOOD("drain-time", "1440m", "86400s"),
	BAD("drain-time", "1441m", "must be a time like 10s or 2m"),
	BAD("drain-time", "86401", "must be a time like 10s or 2m"),
	BAD("drain-time", "1h", "must be a time like 10s or 2m"),
	BAD("drain-time", "10ss", "must be a time like 10s or 2m"),
	BAD("drain-time", "s", "must be a time like 10s or 2m"),
	GOOD("max-amplification", "1", "1.00"),
	GOOD("max-amplification", "2.2", "2.20"),
	GOOD("max-amplification", "0.05", "0.05"),
	GOOD("max-amplification", "1000", "1000.00"),
	BAD("max-amplification", "1001", "must be a ratio like 1.0 or 2.25"),
	BAD("max-amplification", "1.", "must be a ratio like 1.0 or 2.25"),
	BAD("max-amplification", ".5", "must be a ratio like 1.0 or 2.25"),
	BAD("max-amplification", "1.234", "must be a ratio like 1.0 or 2.25"),
	BAD("max-amplification", "1.x", "must be a ratio like 1.0 or 2.25"),
	BAD("max-amplification", "-1", "must be a ratio like 1.0 or 2.25"),
	GOOD("rate", "100/s burst 200", "100/s burst 200"),
	GOOD("rate", "none", "none"),
	BAD("rate", "fast", "must be a rate like \"100/s burst 200\" or none"),

	GOOD("user", "nobody", "nobody"),
	GOOD("port-file", "some file", "some file"),
	/* What the file could not say. */
	{ "node", "", NULL, "must not be empty" },
	{ "node", " ", NULL, "must not begin or end with a blank" },
	{ "node", "a ", NULL, "must not begin or end with a blank" },
	{ "node", " a", NULL, "must not begin or end with a blank" },
	{ "node", "a\nb = c", NULL, "must not have control characters" },
	{ "node", "a\tb", NULL, "must not have control characters" },
	{ "node", "a\x7f", NULL, "must not have control characters" },
#define COMMENT                                              \
	"must not have a ; at its start or behind a blank, " \
	"where a comment begins"
	{ "node", "a ;b", NULL, COMMENT },
	{ "file", ";", NULL, COMMENT },
	GOOD("node", "a;b #c = [d]: \"e\"", "a;b #c = [d]: \"e\""),
	GOOD("user", "#a", "#a"),
	GOOD("port-file", "= \xc3\xa4", "= \xc3\xa4"),

	GOOD("listen", ":7", ":7"),
	GOOD("listen", ":7, [2001:db8::1]:7,192.0.2.1:7",
	    ":7, [2001:db8::1]:7, 192.0.2.1:7"),
	GOOD("listen", "\t:7 , :8\t", ":7, :8"),
	GOOD("listen", ":7,", ":7"),
	GOOD("listen", "[::ffff:192.0.2.1]:7", "192.0.2.1:7"),
	GOOD("listen", "", ""),
#define BAD_ENDPOINT(text) \
	BAD("listen", text, "must be :PORT, ADDRESS:PORT or [IPV6]:PORT")
	BAD_ENDPOINT("7"),
	BAD_ENDPOINT(":"),
	BAD_ENDPOINT(":65536"),
	BAD_ENDPOINT("localhost:7"),
	BAD_ENDPOINT("192.0.2.1"),
	BAD_ENDPOINT("2001:db8::1"),
	{ "listen", ":7,,:8", NULL,
	    "must be :PORT, ADDRESS:PORT or [IPV6]:PORT, not \"\"" },
	{ "listen", "[fe80::1%nosuch]:7", NULL,
	    "names an interface that is not there: \"[fe80::1%nosuch]:7\"" },
	GOOD("allow", "192.0.2.0/24, 2001:db8::/32",
	    "192.0.2.0/24, 2001:db8::/32"),
	BAD("allow", "192.0.2.1/24",
	    "must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no bits "
	    "beyond the length)"),
	GOOD("refuse-ports", "0, 7,65535", "0, 7, 65535"),
	GOOD("refuse-ports", "", ""),
	BAD("refuse-ports", "65536", "must be port numbers"),
	BAD("refuse-ports", "7-9", "must be port numbers"),
	BAD("refuse-ports", "echo", "must be port numbers"),

	GOOD("request", "\"PING\"", "50494e47"),
	GOOD("request", "50 ?? 4e 47", "50??4e47"),
	GOOD("reply", "\"\"", "\"\""),
};

START_TEST(reads_and_writes)
{
	const struct config_key *key = config_key_find(values[_i].key);
	const struct config_teller teller = { &errors, "" };
	char before[1024];
	bool good;

	ck_assert_msg(key != NULL, "there is no key %s", values[_i].key);
	snprintf(before, sizeof(before), "%s",
	    written(&config.daemon, values[_i].key));
	good = config_set(
	    &config.daemon, key, CONFIG_COMMAND_LINE, values[_i].text, &teller);
	ck_assert_msg(good == (values[_i].written != NULL), "%s = %s: %s",
	    values[_i].key, values[_i].text,
	    good ? "accepted" : errors.lines[0]);
	ck_assert_uint_eq(errors.count, !good);
	if (good)
		ck_assert_str_eq(written(&config.daemon, values[_i].key),
		    values[_i].written);
	else
		ck_assert_str_eq(errors.lines[0], values[_i].why);
	/* What is refused changes nothing. */
	if (!good && !key->type->is_list)
		ck_assert_str_eq(
		    written(&config.daemon, values[_i].key), before);
}
END_TEST

/* A message stays within its bounds, whatever it is about. */
START_TEST(complains_briefly)
{
	const struct config_key *key = &config_keys[_i];
	const struct config_teller teller = { &errors, "" };
	char value[5000];

	if (key->type == NULL || key->type == &types_text)
		return;
	memset(value, 'z', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	ck_assert_msg(!config_set(&config.daemon, key, CONFIG_COMMAND_LINE,
			  value, &teller),
	    "%s took it", key->name);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_ptr_nonnull(strstr(errors.lines[0], "\"zzzz"));
	ck_assert_uint_lt(strlen(errors.lines[0]), CONFIG_WHY);
}
END_TEST

START_TEST(takes_no_endless_text)
{
	char value[4097];

	memset(value, 'z', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	ck_assert(!set(&config.daemon, "node", CONFIG_FILE, value));
	ck_assert(!set(&config.daemon, "port-file", CONFIG_FILE, value));
	value[4095] = '\0';
	ck_assert(set(&config.daemon, "node", CONFIG_COMMAND_LINE, value));
	ck_assert(set(&config.daemon, "port-file", CONFIG_COMMAND_LINE, value));
	config_finish(&config, &errors);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.lines[0], "--node: is longer than 255 bytes");
}
END_TEST

START_TEST(has_initial_values)
{
	const struct config_key *key;
	const char *value;

	for (key = config_keys; key->name != NULL; key++) {
		if (key->type == NULL || key->type->is_list)
			continue;
		value = written(&config.daemon, key->name);
		ck_assert_msg(
		    strcmp(value, key->initial != NULL ? key->initial : "") ==
			0,
		    "%s is %s at first", key->name, value);
	}
	ck_assert_uint_eq(config.daemon.trust.count, 8);
	ck_assert_uint_eq(config.daemon.allow.count, 0);
	ck_assert_uint_gt(config.daemon.refuse_ports.count, 10);
}
END_TEST

/* The command line, then the file, then what was there before. */
START_TEST(knows_who_has_the_last_word)
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

/* A list grows, but not across origins; an empty one takes all away. */
START_TEST(adds_to_lists)
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
}
END_TEST

/* Each item of a list that is wrong is named, and those that are not count. */
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
	    { ">must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no bits "
	      "beyond the length), not \"::/129\"",
		">must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no bits "
		"beyond the length), not \"1.2.3.4/33\"",
		">must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no bits "
		"beyond the length), not \"localhost\"" } },
};

START_TEST(names_each_bad_item)
{
	const struct config_teller teller = { &errors, ">" };
	size_t i, expected = 0;

	ck_assert(!config_set(&config.daemon, config_key_find(lists[_i].key),
	    CONFIG_FILE, lists[_i].text, &teller));
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
	{ "", NULL, "there is no service \"\"" },
	{ "=:7", NULL, "there is no service \"\"" },
	{ "ech", NULL, "there is no service \"ech\"" },
	{ "echoo", NULL, "there is no service \"echoo\"" },
	{ "Echo", NULL, "there is no service \"Echo\"" },
	{ "echo:", NULL, "there is no service \"echo:\"" },
	{ "echo:a\"b", NULL,
	    "\"echo:a\"b\": a label has letters, digits, \".\", \"_\" and "
	    "\"-\"" },
	{ "echo:a b=:7", NULL,
	    "\"echo:a b\": a label has letters, digits, \".\", \"_\" and "
	    "\"-\"" },
/* Cut, it would be another name. */
#define LONG_NAME                                           \
	"echo:a-label-that-is-longer-than-the-sixty-three-" \
	"characters-that-a-name-can-have"
	{ LONG_NAME "=:7", NULL,
	    "\"" LONG_NAME "\": a name has at most 63 characters" },
	{ "echo ", NULL, "there is no service \"echo \"" },
	{ "daemon", NULL, "there is no service \"daemon\"" },
	{ "a-name-that-is-longer-than-any-service=:7", NULL,
	    "there is no service \"a-name-that-is-longer-than-any-service\"" },
	{ "echo=7", NULL,
	    "echo: an endpoint must be :PORT, ADDRESS:PORT or [IPV6]:PORT, "
	    "not \"7\"" },
	{ "echo==:7", NULL,
	    "echo: an endpoint must be :PORT, ADDRESS:PORT or [IPV6]:PORT, "
	    "not \"=:7\"" },
	{ "echo=[fe80::1%nosuch]:7", NULL,
	    "echo: an endpoint names an interface that is not there: "
	    "\"[fe80::1%nosuch]:7\"" },
};

START_TEST(adds_services)
{
	bool good = config_add(&config, adds[_i].text, &errors);

	ck_assert_msg(good == (adds[_i].name != NULL), "%s: %s", adds[_i].text,
	    good ? "accepted" : errors.lines[0]);
	ck_assert_uint_eq(errors.count, !good);
	if (!good) {
		ck_assert_str_eq(errors.lines[0], adds[_i].listen_or_why);
		return;
	}
	config_finish(&config, &errors);
	ck_assert_uint_eq(errors.count, 0);
	ck_assert_uint_eq(config.service_count, 1);
	ck_assert_str_eq(config.services[0].name, adds[_i].name);
	ck_assert_str_eq(written(&config.services[0].values, "listen"),
	    adds[_i].listen_or_why);
}
END_TEST

START_TEST(adds_many_services)
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

START_TEST(hands_values_down)
{
	struct config_values *v;

	ck_assert(config_add(&config, "echo", &errors));
	ck_assert(config_add(&config, "discard", &errors));
	ck_assert(set(&config.daemon, "allow", CONFIG_FILE, "192.0.2.0/24"));
	ck_assert(set(&config.daemon, "rate", CONFIG_FILE, "5/s burst 6"));
	ck_assert(set(&config.services[1].values, "allow", CONFIG_FILE, ""));
	ck_assert(set(
	    &config.services[1].values, "rate", CONFIG_FILE, "7/s burst 8"));
	config_finish(&config, &errors);
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
	    "whoami has no registered port: give it one, as in "
	    "whoami=:7008" },
	{ "echo", "127.0.0.1:9853", NULL, NULL },
	{ "echo", "[::1]:9853", NULL, NULL },
	{ "echo", "192.0.2.1:9853", "10.0.0.0/8", NULL },
	{ "echo", ":9853", "10.0.0.0/8", NULL },
#define NOT_LOOPBACK                                                         \
	"--http: must be on loopback, as 127.0.0.1:9853, unless http-allow " \
	"says who may ask"
	{ "echo", "192.0.2.1:9853", NULL, NOT_LOOPBACK },
	{ "echo", ":9853", NULL, NOT_LOOPBACK },
	{ "echo", "0.0.0.0:9853", NULL, NOT_LOOPBACK },
	{ "echo", "127.0.0.1:1, 127.0.0.1:2", NULL,
	    "--http: must be one endpoint" },
};

START_TEST(checks_the_whole)
{
	ck_assert(config_add(&config, wholes[_i].service, &errors));
	if (wholes[_i].http != NULL)
		ck_assert(
		    set(&config.daemon, "http", CONFIG_FILE, wholes[_i].http));
	if (wholes[_i].http_allow != NULL)
		ck_assert(set(&config.daemon, "http-allow", CONFIG_FILE,
		    wholes[_i].http_allow));
	config_finish(&config, &errors);
	ck_assert_uint_eq(errors.count, wholes[_i].error != NULL);
	if (wholes[_i].error != NULL)
		ck_assert_str_eq(errors.lines[0], wholes[_i].error);
}
END_TEST

/*
 * What the system does not bind twice; with several workers it would, and deal
 * out.  In every order, with every stack.
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

START_TEST(gives_an_endpoint_once)
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
		config_finish(&config, &errors);
		ck_assert_msg((errors.count > 0) ==
			((pairs[_i / 2].refused & 1u << stack) != 0),
		    "%s and %s: stack %s: %s", first, second, stacks[stack],
		    errors.count > 0 ? errors.lines[0] : "taken");
		teardown();
		setup();
	}
}
END_TEST

/* In these words. */
static const struct {
	const char *stack, *first, *second;
	const char *error;
} clashes[] = {
	{ "dual", "echo=:7007", "whoami=:7007",
	    "whoami: listen: echo has :7007 already" },
	{ "dual", "echo=[::1]:7007", "echo:lab=:9,[::1]:7007",
	    "echo:lab: listen: echo has [::1]:7007 already" },
	{ "dual", "echo=:7007,:7007", "whoami=:7008",
	    "echo: listen: echo has :7007 already" },
	{ "two", "echo=:7007", "whoami=192.0.2.1:7007",
	    "whoami: listen: echo has :7007, which has a part in common with "
	    "192.0.2.1:7007" },
	{ "ipv4", "echo=[::1]:7", "whoami=:7008",
	    "echo: listen: [::1]:7 is of the family that the key \"stack\" "
	    "leaves out" },
};

START_TEST(names_the_clash)
{
	ck_assert(set(&config.daemon, "stack", CONFIG_FILE, clashes[_i].stack));
	ck_assert(config_add(&config, clashes[_i].first, &errors));
	ck_assert(config_add(&config, clashes[_i].second, &errors));
	config_finish(&config, &errors);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.lines[0], clashes[_i].error);
}
END_TEST

/* What a reload cannot change: does it differ, and what was before stays. */
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

START_TEST(keeps_what_was)
{
	const struct config_key *key = config_key_find(kept[_i].key);
	struct config fresh;
	char before[256];

	ck_assert(config_init(&fresh));
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

/* What is dumped is a file, and reading it gives the same. */
static const char *const files[] = {
	"[echo]\n",
	"[echo]\nlisten = :7007\n[echo:lab]\nlisten = [::1]:8\n"
	"allow = 192.0.2.0/24\nrate = none\n[whoami]\nlisten = :9\n",
	"user = me\nnode = a b \"c\"\nrcvbuf = 4M\nworkers = auto\n"
	"drain-time = 2m\nstack = two\nsource = relaxed\n"
	"answer-broadcast = yes\nhttp = 127.0.0.1:1\ntrust =\n"
	"refuse-ports = 1, 2\nrate-total = 60/m burst 3\n[discard]\n"
	"max-amplification = 2.25\ntrust = fd00::/8\n",
};

/* Every value at its longest. */
START_TEST(dumps_long_values)
{
	char *text = malloc(65536), *dump;
	size_t length = 0, i;
	struct config again;

	ck_assert_ptr_nonnull(text);
	length += (size_t)sprintf(text,
	    "node = %0255d\nport-file = %04095d\n"
	    "allow = ::1",
	    0, 0);
	for (i = 0; i < 1000; i++)
		length += (size_t)sprintf(
		    text + length, ", 10.%zu.%zu.0/24", i / 256, i % 256);
	length += (size_t)sprintf(
	    text + length, "\n[fixed]\nlisten = :7\nreply = \"\"\nrequest =");
	for (i = 0; i < SERVICE_PATTERN_MAX; i++)
		length += (size_t)sprintf(
		    text + length, i % 5 == 0 ? " ??" : " %02zx", i % 256);
	config_read(&config, "file", text, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	ck_assert_uint_eq(config.daemon.allow.count, 1001);
	config_finish(&config, &errors);
	free(text);
	text = config_dump(&config);
	ck_assert_ptr_nonnull(text);
	ck_assert(config_init(&again));
	config_read(&again, "dump", text, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	config_finish(&again, &errors);
	dump = config_dump(&again);
	ck_assert_str_eq(text, dump);
	free(text);
	free(dump);
	config_clear(&again);
}
END_TEST

START_TEST(dumps_what_it_reads)
{
	struct config again;
	char *first, *second;

	config_read(&config, "file", files[_i], &errors);
	config_finish(&config, &errors);
	ck_assert_uint_eq(errors.count, 0);
	first = config_dump(&config);
	ck_assert_ptr_nonnull(first);
	ck_assert(config_init(&again));
	config_read(&again, "dump", first, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	config_finish(&again, &errors);
	second = config_dump(&again);
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
	config_clear(&again);
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
		    (key->type == NULL) == (key->scope == CONFIG_OPTION),
		    "--%s: a value, or an option", key->name);
		ck_assert_ptr_eq(config_key_find(key->name), key);
	}
	ck_assert_ptr_null(config_key_find(""));
	ck_assert_ptr_null(config_key_find("stac"));
}
END_TEST

Suite *
config_suite(void)
{
	Suite *suite = suite_create("config");
	TCase *tcase = tcase_create("config");
	int keys = 0;

	while (config_keys[keys].name != NULL)
		keys++;
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, reads_and_writes, 0, LENGTH(values));
	tcase_add_loop_test(tcase, complains_briefly, 0, keys);
	tcase_add_test(tcase, takes_no_endless_text);
	tcase_add_test(tcase, has_initial_values);
	tcase_add_test(tcase, knows_who_has_the_last_word);
	tcase_add_test(tcase, adds_to_lists);
	tcase_add_loop_test(tcase, names_each_bad_item, 0, LENGTH(lists));
	tcase_add_loop_test(tcase, adds_services, 0, LENGTH(adds));
	tcase_add_test(tcase, adds_many_services);
	tcase_add_test(tcase, hands_values_down);
	tcase_add_loop_test(tcase, checks_the_whole, 0, LENGTH(wholes));
	tcase_add_loop_test(
	    tcase, gives_an_endpoint_once, 0, 2 * LENGTH(pairs));
	tcase_add_loop_test(tcase, names_the_clash, 0, LENGTH(clashes));
	tcase_add_loop_test(tcase, keeps_what_was, 0, LENGTH(kept));
	tcase_add_loop_test(tcase, dumps_what_it_reads, 0, LENGTH(files));
	tcase_add_test(tcase, dumps_long_values);
	tcase_add_test(tcase, keys_are_sound);
	suite_add_tcase(suite, tcase);
	return suite;
}
