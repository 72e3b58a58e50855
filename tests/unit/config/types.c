/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/types.c, types_text.c and types_list.c: how values are read
 * and written.
 */
#include "daemon/config/types.h"

#include "daemon/config/check.h"
#include "unit/config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	{ "node", "a\nb = c", NULL, "must not contain control characters" },
	{ "node", "a\tb", NULL, "must not contain control characters" },
	{ "node", "a\x7f", NULL, "must not contain control characters" },
#define COMMENT                                             \
	"must not have a ; at its start or after a blank, " \
	"where a comment begins"
	{ "node", "a ;b", NULL, COMMENT },
	{ "node", ";", NULL, COMMENT },
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
	    "names an interface that does not exist: \"[fe80::1%nosuch]:7\"" },
	GOOD("allow", "192.0.2.0/24, 2001:db8::/32",
	    "192.0.2.0/24, 2001:db8::/32"),
	BAD("allow", "192.0.2.1/24",
	    "must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
	    "host bits set)"),
	GOOD("trust", "local", "local"),
	GOOD("trust", " local , 192.0.2.0/24", "local, 192.0.2.0/24"),
	GOOD("trust", "", ""),
	BAD("trust", "Local",
	    "must be local or prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
	    "host bits set)"),
	BAD("trust", "192.0.2.1/24",
	    "must be local or prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
	    "host bits set)"),
	BAD("allow", "local",
	    "must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
	    "host bits set)"),
	GOOD("refuse-ports", "0, 7,65535", "0, 7, 65535"),
	GOOD("refuse-ports", "", ""),
	BAD("refuse-ports", "65536", "must be port numbers"),
	BAD("refuse-ports", "7-9", "must be port numbers"),
	BAD("refuse-ports", "echo", "must be port numbers"),

};

START_TEST(test_reads_and_writes)
{
	const struct config_key *key = keys_find(values[_i].key);
	const struct config_sink sink = { &errors, "" };
	const struct config_source source = { CONFIG_COMMAND_LINE, 0,
		values[_i].text, &sink };
	char before[1024];
	bool good;

	ck_assert_msg(key != NULL, "there is no key %s", values[_i].key);
	snprintf(before, sizeof(before), "%s",
	    written(&config.daemon, values[_i].key));
	good = config_set(&config.daemon, key, &source);
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
START_TEST(test_complains_briefly)
{
	const struct config_key *key = &keys_table[_i];
	const struct config_sink sink = { &errors, "" };
	char value[5000];
	const struct config_source source = { CONFIG_COMMAND_LINE, 0, value,
		&sink };

	if (key->type == NULL || key->type == &types_text)
		return;
	memset(value, 'z', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	ck_assert_msg(
	    !config_set(&config.daemon, key, &source), "%s took it", key->name);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_ptr_nonnull(strstr(errors.lines[0], "\"zzzz"));
	ck_assert_uint_lt(strlen(errors.lines[0]), CONFIG_WHY);
}
END_TEST

START_TEST(test_takes_no_endless_text)
{
	char value[4097];

	memset(value, 'z', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	ck_assert(!set(&config.daemon, "node", CONFIG_FILE, value));
	ck_assert(!set(&config.daemon, "port-file", CONFIG_FILE, value));
	value[4095] = '\0';
	ck_assert(set(&config.daemon, "node", CONFIG_COMMAND_LINE, value));
	ck_assert(set(&config.daemon, "port-file", CONFIG_COMMAND_LINE, value));
	check_config(&config, &errors);
	ck_assert_uint_eq(errors.count, 1);
	ck_assert_str_eq(errors.lines[0], "--node: is longer than 255 bytes");
}
END_TEST

/* The same of what services have of their own. */
static const struct {
	const char *service, *key, *text;
	const char *written; /* NULL: it is wrong */
} owns[] = {
	{ "fixed", "request", "\"PING\"", "50494e47" },
	{ "fixed", "request", "50 ?? 4e 47", "50??4e47" },
	{ "fixed", "reply", "\"\"", "\"\"" },
	{ "fixed", "reply", "50 ??", NULL },
	{ "fixed", "request", "\"PING", NULL },
	{ "qotd", "file", "some file", "some file" },
	{ "qotd", "file", "", NULL },
	{ "qotd", "file", ";", NULL },
};

START_TEST(test_own_values)
{
	const struct service *service = service_find(owns[_i].service);
	const struct config_sink sink = { &errors, "" };
	const struct config_source source = { CONFIG_FILE, 3, owns[_i].text,
		&sink };
	struct config_values *defaults = config.defaults;
	struct config_key key;
	size_t row = 0;

	while (service_table[row] != service)
		row++;
	ck_assert(keys_find_own(service, owns[_i].key, &key));
	ck_assert(config_set_defaults(&config, service, key.name, &source));
	ck_assert_uint_eq(errors.count, owns[_i].written == NULL);
	ck_assert_uint_eq(
	    defaults[row].faulty[keys_number(&key)], owns[_i].written == NULL);
	ck_assert_uint_eq(defaults[row].line[keys_number(&key)], 3);
	ck_assert_str_eq(values_written(&defaults[row], &key),
	    owns[_i].written != NULL ? owns[_i].written : "");
}
END_TEST

Suite *
types_suite(void)
{
	Suite *suite = suite_create("types");
	TCase *tcase = values_tcase("types");
	int keys = 0;

	while (keys_table[keys].name != NULL)
		keys++;
	tcase_add_loop_test(tcase, test_reads_and_writes, 0, LENGTH(values));
	tcase_add_loop_test(tcase, test_complains_briefly, 0, keys);
	tcase_add_test(tcase, test_takes_no_endless_text);
	tcase_add_loop_test(tcase, test_own_values, 0, LENGTH(owns));
	suite_add_tcase(suite, tcase);
	return suite;
}
END_TEST
