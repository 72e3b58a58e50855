/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/packets.c: the lines, word for word; how many are chosen, and
 * how many are logged.
 */
#include "daemon/path/packets.h"

#include "daemon/base/log.h"
#include "services/table.h"
#include "unit/fake_host.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

static const struct packets_rule as_text = { PACKETS_TEXT, 1 },
				 as_json = { PACKETS_JSON, 1 };

static struct packets packets;
static struct packets_socket one, other;
static struct mh_datagram request;
static struct packets_entry entry;

static void
setup(void)
{
	fake_host_reset();
	fake_host.now = 1764340000 * SECOND + 123456789;
	scratch_log_begin();
	memset(&packets, 0, sizeof(packets));
	memset(&one, 0, sizeof(one));
	memset(&other, 0, sizeof(other));
	request =
	    (struct mh_datagram){ .peer = unit_address("203.0.113.9:4000"),
		    .local = unit_address("198.51.100.1:7"),
		    .length = 4 };
	entry = (struct packets_entry){ .request = &request,
		.service = &service_echo,
		.name = "echo:dup",
		.interface = "eth0",
		.from = unit_address("198.51.100.1:7"),
		.reply = 4 };
}

static void
teardown(void)
{
	log_open(LOG_LEVEL_INFO, false);
	scratch_remove();
}

static void
expect(const struct packets_rule *rule, const char *line)
{
	char whole[1024];

	packets_log(&one, rule, &entry);
	snprintf(whole, sizeof(whole), "multihomed: %s\n", line);
	ck_assert_str_eq(scratch_log(), whole);
}

START_TEST(test_text)
{
	expect(&as_text,
	    "packet: echo:dup from 203.0.113.9:4000 to 198.51.100.1:7 via "
	    "eth0, 4 "
	    "bytes: replied with 4 bytes");
	/* From another port; an interface without a name. */
	entry.from = unit_address("198.51.100.1:8");
	entry.interface = "";
	request.length = 1;
	entry.reply = 0;
	expect(&as_text,
	    "packet: echo:dup from 203.0.113.9:4000 to 198.51.100.1:7, 1 byte: "
	    "replied with 0 bytes from 198.51.100.1:8");
	entry.to_port = 5000;
	expect(&as_text,
	    "packet: echo:dup from 203.0.113.9:4000 to 198.51.100.1:7, 1 byte: "
	    "replied with 0 bytes from 198.51.100.1:8 to port 5000");
	expect(&as_json,
	    "{\"time\":1764340000.123456,\"service\":\"echo:dup\","
	    "\"peer\":\"203.0.113.9:4000\",\"local\":\"198.51.100.1:7\","
	    "\"request_bytes\":1,\"outcome\":\"replied\",\"reply_bytes\":0,"
	    "\"reply_from\":\"198.51.100.1:8\",\"reply_to_port\":5000,"
	    "\"not_logged\":0}");
	entry.to_port = 0;
	/* Another address; and one that the system chooses. */
	entry.from = unit_address("198.51.100.2:7");
	expect(&as_text,
	    "packet: echo:dup from 203.0.113.9:4000 to 198.51.100.1:7, 1 byte: "
	    "replied with 0 bytes from 198.51.100.2:7");
	entry.from = (struct mh_address){ .family = MH_FAMILY_NONE };
	expect(&as_text,
	    "packet: echo:dup from 203.0.113.9:4000 to 198.51.100.1:7, 1 byte: "
	    "replied with 0 bytes");
	entry.outcome = PACKETS_HELD;
	expect(&as_text,
	    "packet: echo:dup from 203.0.113.9:4000 to 198.51.100.1:7, 1 byte: "
	    "a fault holds the reply of 0 bytes");
	entry.outcome = PACKETS_SILENT;
	expect(&as_text,
	    "packet: echo:dup from 203.0.113.9:4000 to 198.51.100.1:7, 1 byte: "
	    "no "
	    "reply");
	request.peer = unit_address("[fe80::9%2]:4000");
	entry.outcome = PACKETS_DROPPED;
	entry.verdict = DROP_TOO_LONG;
	entry.reply = 190;
	expect(&as_text,
	    "packet: echo:dup from [fe80::9%2]:4000 to 198.51.100.1:7, 1 byte: "
	    "dropped (too-long): reply of 190 bytes to a request of 1 byte: "
	    "pad it, or put the peer in trust");
}
END_TEST

START_TEST(test_json)
{
	expect(&as_json,
	    "{\"time\":1764340000.123456,\"service\":\"echo:dup\","
	    "\"peer\":\"203.0.113.9:4000\",\"local\":\"198.51.100.1:7\","
	    "\"interface\":\"eth0\",\"request_bytes\":4,"
	    "\"outcome\":\"replied\",\"reply_bytes\":4,"
	    "\"reply_from\":\"198.51.100.1:7\",\"not_logged\":0}");
	/* The system does not report which address was asked. */
	request.local = entry.from =
	    (struct mh_address){ .family = MH_FAMILY_NONE };
	entry.interface = "";
	entry.outcome = PACKETS_HELD;
	expect(&as_json,
	    "{\"time\":1764340000.123456,\"service\":\"echo:dup\","
	    "\"peer\":\"203.0.113.9:4000\",\"request_bytes\":4,"
	    "\"outcome\":\"held\",\"reply_bytes\":4,\"not_logged\":0}");
	entry.outcome = PACKETS_SILENT;
	expect(&as_json,
	    "{\"time\":1764340000.123456,\"service\":\"echo:dup\","
	    "\"peer\":\"203.0.113.9:4000\",\"request_bytes\":4,"
	    "\"outcome\":\"silent\",\"not_logged\":0}");
	entry.outcome = PACKETS_DROPPED;
	entry.verdict = DROP_MALFORMED;
	expect(&as_json,
	    "{\"time\":1764340000.123456,\"service\":\"echo:dup\","
	    "\"peer\":\"203.0.113.9:4000\",\"request_bytes\":4,"
	    "\"outcome\":\"dropped\",\"reason\":\"malformed\","
	    "\"explanation\":\"the request violates the protocol\","
	    "\"not_logged\":0}");
}
END_TEST

/* No reason is too long for a line, with the longest of everything else. */
START_TEST(test_longest)
{
	const struct packets_rule *rules[] = { &as_text, &as_json };
	const char *log;
	int i;

	request.peer = unit_address("[fe80:1111:2222:3333:4444:5555:6666:7777%"
				    "4294967295]:65535");
	request.local = entry.from = request.peer;
	entry.interface = "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"";
	entry.outcome = PACKETS_DROPPED;
	entry.verdict = (enum verdict)_i;
	entry.reply = request.length = 65527;
	for (i = 0; i < 2; i++) {
		one.unlogged = UINT64_MAX;
		packets_log(&one, rules[i], &entry);
		log = scratch_log();
		ck_assert_ptr_nonnull(strstr(log, "18446744073709551615"));
		ck_assert_str_eq(log + strlen(log) - 2,
		    rules[i] == &as_json ? "}\n" : ")\n");
	}
}
END_TEST

static unsigned int
lines(void)
{
	const char *at = scratch_log();
	unsigned int n = 0;

	for (; (at = strchr(at, '\n')) != NULL; at++)
		n++;
	return n;
}

static void
log_some(struct packets_socket *socket, unsigned int count, int64_t now)
{
	while (count-- > 0)
		if (packets_choose(&packets, socket, &as_text, now))
			packets_log(socket, &as_text, &entry);
}

/* What is beyond the bound is counted, and the next line has the number. */
START_TEST(test_bound)
{
	log_some(&one, PACKETS_OF_SOCKET + 7, 100 * SECOND);
	ck_assert_uint_eq(lines(), PACKETS_OF_SOCKET);
	log_some(&one, 5, 101 * SECOND - 1);
	ck_assert_uint_eq(lines(), 0);
	log_some(&one, 1, 101 * SECOND);
	ck_assert_ptr_nonnull(
	    strstr(scratch_log(), " (12 more were not logged)\n"));
	log_some(&one, 1, 101 * SECOND);
	ck_assert_ptr_null(strstr(scratch_log(), "more"));
	log_some(&one, PACKETS_OF_SOCKET, 101 * SECOND);
	ck_assert_uint_eq(lines(), PACKETS_OF_SOCKET - 2);
}
END_TEST

/* A flood of one socket does not hide another one, nor has it its losses. */
START_TEST(test_bound_of_all)
{
	struct packets_socket third = { .unlogged = 0 };

	log_some(&one, 1000, 100 * SECOND);
	ck_assert_uint_eq(lines(), PACKETS_OF_SOCKET);
	log_some(&other, 1000, 100 * SECOND);
	ck_assert_uint_eq(lines(), PACKETS_OF_THREAD - PACKETS_OF_SOCKET);
	log_some(&third, 3, 100 * SECOND);
	ck_assert_uint_eq(lines(), 0);
	log_some(&third, 1, 101 * SECOND);
	ck_assert_ptr_nonnull(
	    strstr(scratch_log(), " (3 more were not logged)\n"));
}
END_TEST

/* At a higher level there is nothing, nor is anything missing. */
START_TEST(test_level)
{
	log_open(LOG_LEVEL_WARNING, false);
	log_some(&one, PACKETS_OF_SOCKET + 1, 100 * SECOND);
	ck_assert_uint_eq(lines(), 0);
	log_open(LOG_LEVEL_INFO, false);
	log_some(&one, 1, 100 * SECOND);
	ck_assert_ptr_null(strstr(scratch_log(), "more"));
}
END_TEST

static const unsigned int samples[] = { 1, 2, 10, 100 };

/* About one in N, but not every Nth. */
START_TEST(test_sample)
{
	const struct packets_rule rule = { PACKETS_TEXT, samples[_i] };
	unsigned int i, last = 0, chosen = 0, exact = 0;

	for (i = 1; i <= 10000 * samples[_i]; i++)
		if (packets_choose(&packets, &one, &rule, i * SECOND)) {
			exact += i - last == samples[_i];
			last = i;
			chosen++;
		}
	ck_assert_uint_ge(chosen, samples[_i] == 1 ? 10000 : 9500);
	ck_assert_uint_le(chosen, samples[_i] == 1 ? 10000 : 10500);
	ck_assert(samples[_i] == 1 || exact < chosen * 3 / 4);
}
END_TEST

Suite *
packets_suite(void)
{
	Suite *suite = suite_create("packets");
	TCase *tcase = tcase_create("packets");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_text);
	tcase_add_test(tcase, test_json);
	tcase_add_loop_test(tcase, test_longest, 0, VERDICT_COUNT);
	tcase_add_test(tcase, test_bound);
	tcase_add_test(tcase, test_bound_of_all);
	tcase_add_test(tcase, test_level);
	tcase_add_loop_test(tcase, test_sample, 0, LENGTH(samples));
	suite_add_tcase(suite, tcase);
	return suite;
}
