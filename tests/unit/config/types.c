/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/types.c: how numbers, times, rates and choices are read and
 * written; and what is true of all types.
 */
#include "daemon/config/types.h"

#include "daemon/config/check.h"
#include "unit/config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct values_row values[] = {
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
	GOOD("reply-dscp", "0", "0"),
	GOOD("reply-dscp", "63", "63"),
	GOOD("reply-dscp", "copy", "copy"),
	BAD("reply-dscp", "64", "must be a number from 0 to 63 or copy"),
	BAD("reply-dscp", "-1", "must be a number from 0 to 63 or copy"),
	BAD("reply-dscp", "", "must be a number from 0 to 63 or copy"),
	BAD("reply-dscp", "EF", "must be a number from 0 to 63 or copy"),

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
	GOOD("fault-drop", "10%", "10%"),
	GOOD("fault-duplicate", "every 5", "every 5"),
	GOOD("fault-reorder", "0.5%", "0.50%"),
	GOOD("fault-source", "none", "none"),
	GOOD("fault-truncate", "10% to 12", "10% to 12"),
	GOOD("fault-delay", "20ms-2s every 5", "20ms-2000ms every 5"),
	GOOD("fault-seed", "4294967295", "4294967295"),
	{ "fault-drop", "10", NULL,
	    "must be like \"10%\", \"every 5\" or none, not \"10\": expected "
	    "%, found the end" },
	{ "fault-drop", "every5", NULL,
	    "must be like \"10%\", \"every 5\" or none, not \"every5\": "
	    "expected a blank, found \"5\"" },
	{ "fault-source", "200ms", NULL,
	    "must be like \"10%\", \"every 5\" or none, not \"200ms\": "
	    "expected 0.01% to 100%, or \"every\", found \"200ms\"" },
	{ "fault-truncate", "4", NULL,
	    "must be like \"10%\", \"every 5\", \"10% to 12\" or none, not "
	    "\"4\": expected %, found the end" },
	{ "fault-delay", "10%", NULL,
	    "must be like \"200ms\", \"20ms-2s 10%\", \"1s every 5\" or none, "
	    "not \"10%\": expected ms or s, found \"%\"" },
	BAD("fault-seed", "x", "must be a number from 0 to 4294967295"),
};

START_TEST(test_reads_and_writes)
{
	values_check(&values[_i]);
}
END_TEST

/* A message stays within its bounds, whatever it is about. */
START_TEST(test_complains_briefly)
{
	const struct config_key *key = &keys_table[_i];
	const struct config_sink sink = { &errors, "" };
	char value[5000];
	const struct config_source source = { CONFIG_COMMAND_LINE, 0, value,
		&sink, 0 };

	if (key->type == NULL || key->type == &types_text ||
	    key->type == &types_path)
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
	suite_add_tcase(suite, tcase);
	return suite;
}
