/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/fault.c: what can be written, and that the same seed makes
 * the same faults, about as many as it says.
 */
#include "daemon/path/fault.h"

#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define MS INT64_C(1000000)

/*
 * Text.
 */

static const struct {
	enum fault_kind kind;
	const char *text;
	const char *written;
	struct fault_rule rule;
} good[] = {
	{ FAULT_DROP, "10%", "10%", { 1000, 0, 0, 0 } },
	{ FAULT_DROP, "100%", "100%", { 10000, 0, 0, 0 } },
	{ FAULT_DROP, "0.01%", "0.01%", { 1, 0, 0, 0 } },
	{ FAULT_DROP, "12.5%", "12.50%", { 1250, 0, 0, 0 } },
	{ FAULT_DROP, "every 5", "every 5", { 0, 5, 0, 0 } },
	{ FAULT_DROP, "every\t 1 ", "every 1", { 0, 1, 0, 0 } },
	{ FAULT_DROP, "every 1000000000", "every 1000000000",
	    { 0, 1000000000, 0, 0 } },
	{ FAULT_DROP, "none", "none", { 0, 0, 0, 0 } },
	{ FAULT_TRUNCATE, "10%", "10%", { 1000, 0, 0, FAULT_HALF } },
	{ FAULT_TRUNCATE, "every 3 to 0", "every 3 to 0", { 0, 3, 0, 0 } },
	{ FAULT_TRUNCATE, "1.50% to 65535", "1.50% to 65535",
	    { 150, 0, 0, 65535 } },
	{ FAULT_TRUNCATE, "none", "none", { 0, 0, 0, 0 } },
	{ FAULT_DELAY, "200ms", "200ms 100%", { 10000, 0, 200, 200 } },
	{ FAULT_DELAY, "20ms-2s 10%", "20ms-2000ms 10%",
	    { 1000, 0, 20, 2000 } },
	{ FAULT_DELAY, "1ms - 1ms every 7", "1ms every 7", { 0, 7, 1, 1 } },
	{ FAULT_DELAY, "60s", "60000ms 100%", { 10000, 0, 60000, 60000 } },
	{ FAULT_DELAY, "none", "none", { 0, 0, 0, 0 } },
};

START_TEST(test_reads_and_writes)
{
	struct fault_rule rule, again;
	char text[FAULT_TEXT];
	const char *where;

	memset(&rule, 0xff, sizeof(rule));
	ck_assert_pstr_eq(
	    fault_parse(&rule, good[_i].kind, good[_i].text, &where), NULL);
	ck_assert_str_eq(where, "");
	ck_assert_mem_eq(&rule, &good[_i].rule, sizeof(rule));
	ck_assert_str_eq(
	    fault_format(&rule, good[_i].kind, text), good[_i].written);
	ck_assert_pstr_eq(
	    fault_parse(&again, good[_i].kind, text, &where), NULL);
	ck_assert_mem_eq(&again, &rule, sizeof(rule));
}
END_TEST

#define PERCENTAGE "0.01% to 100%, or \"every\""
#define COUNT "1 to 1000000000"
#define TIME "1ms to 60s"
#define NOTHING "nothing more"

static const struct {
	enum fault_kind kind;
	const char *text;
	const char *where, *expected;
} bad[] = {
	{ FAULT_DROP, "", "", PERCENTAGE },
	{ FAULT_DROP, "often", "often", PERCENTAGE },
	{ FAULT_DROP, " 10%", " 10%", PERCENTAGE },
	{ FAULT_DROP, "10", "", "%" },
	{ FAULT_DROP, "10 %", " %", "%" },
	{ FAULT_DROP, "0%", "0%", PERCENTAGE },
	{ FAULT_DROP, "0.00%", "0.00%", PERCENTAGE },
	{ FAULT_DROP, "100.01%", "100.01%", PERCENTAGE },
	{ FAULT_DROP, "101%", "101%", PERCENTAGE },
	{ FAULT_DROP, "4294967297%", "4294967297%", PERCENTAGE },
	{ FAULT_DROP, "1.%", "%", "one or two decimals" },
	{ FAULT_DROP, "1.234%", "4%", "%" },
	{ FAULT_DROP, ".5%", ".5%", PERCENTAGE },
	{ FAULT_DROP, "-1%", "-1%", PERCENTAGE },
	{ FAULT_DROP, "+1%", "+1%", PERCENTAGE },
	{ FAULT_DROP, "every", "", "a blank" },
	{ FAULT_DROP, "every5", "5", "a blank" },
	{ FAULT_DROP, "everyone", "one", "a blank" },
	{ FAULT_DROP, "every ", "", COUNT },
	{ FAULT_DROP, "every 0", "0", COUNT },
	{ FAULT_DROP, "every -1", "-1", COUNT },
	{ FAULT_DROP, "every x", "x", COUNT },
	{ FAULT_DROP, "every 1000000001", "1000000001", COUNT },
	{ FAULT_DROP, "every 18446744073709551617", "18446744073709551617",
	    COUNT },
	{ FAULT_DROP, "every 5%", "%", NOTHING },
	{ FAULT_DROP, "every 5x", "x", NOTHING },
	{ FAULT_DROP, "every 5.5", ".5", NOTHING },
	{ FAULT_DROP, "10% every 5", "every 5", NOTHING },
	{ FAULT_DROP, "10% to 4", "to 4", NOTHING },
	{ FAULT_DROP, "none 10%", "10%", NOTHING },
	{ FAULT_DROP, "nonesuch", "such", NOTHING },
	{ FAULT_DROP, "Every 5", "Every 5", PERCENTAGE },
	{ FAULT_DROP, "none,10%", ",10%", NOTHING },
	{ FAULT_DROP, "200ms", "200ms", PERCENTAGE },
	{ FAULT_DROP, "20ms", "ms", "%" },
	{ FAULT_TRUNCATE, "to 4", "to 4", PERCENTAGE },
	{ FAULT_TRUNCATE, "10% to", "", "a blank" },
	{ FAULT_TRUNCATE, "10% to ", "", "0 to 65535, bytes" },
	{ FAULT_TRUNCATE, "5%to3", "to3", "a blank" },
	{ FAULT_TRUNCATE, "5%to 3", "to 3", "a blank" },
	{ FAULT_TRUNCATE, "5% to3", "3", "a blank" },
	{ FAULT_TRUNCATE, "every 5to 3", "to 3", "a blank" },
	{ FAULT_TRUNCATE, "10% tomorrow", "morrow", "a blank" },
	{ FAULT_TRUNCATE, "10% 12", "12", "to" },
	{ FAULT_TRUNCATE, "10% to 65536", "65536", "0 to 65535, bytes" },
	{ FAULT_TRUNCATE, "10% to -1", "-1", "0 to 65535, bytes" },
	{ FAULT_TRUNCATE, "10% to 4 bytes", "bytes", NOTHING },
	{ FAULT_DELAY, "10%", "%", "ms or s" },
	{ FAULT_DELAY, "200", "", "ms or s" },
	{ FAULT_DELAY, "every 5", "every 5", TIME },
	{ FAULT_DELAY, "0ms", "0ms", TIME },
	{ FAULT_DELAY, "61s", "61s", TIME },
	{ FAULT_DELAY, "60001ms", "60001ms", TIME },
	{ FAULT_DELAY, "4294968s", "4294968s", TIME },
	{ FAULT_DELAY, "-5ms", "-5ms", TIME },
	{ FAULT_DELAY, "20 ms", " ms", "ms or s" },
	{ FAULT_DELAY, "200ms-100ms", "100ms",
	    "no less than the first of the range" },
	{ FAULT_DELAY, "2s-1999ms", "1999ms",
	    "no less than the first of the range" },
	{ FAULT_DELAY, "200ms-", "", TIME },
	{ FAULT_DELAY, "200ms--300ms", "-300ms", TIME },
	{ FAULT_DELAY, "200ms-300", "", "ms or s" },
	{ FAULT_DELAY, "20ms10%", "10%", "a blank" },
	{ FAULT_DELAY, "1severy 5", "every 5", "a blank" },
	{ FAULT_DELAY, "1s-2s10%", "10%", "a blank" },
	{ FAULT_DELAY, "1s 2s", "s", "%" },
	{ FAULT_DELAY, "1s every5", "5", "a blank" },
	{ FAULT_DELAY, "1s 0%", "0%", PERCENTAGE },
	{ FAULT_DELAY, "1s 10% to 4", "to 4", NOTHING },
	{ FAULT_DELAY, "200ms 300ms", "300ms", PERCENTAGE },
	{ FAULT_DELAY, "1.5s", ".5s", "ms or s" },
};

START_TEST(test_refuses)
{
	struct fault_rule rule = { 1, 2, 3, 4 };
	const struct fault_rule before = rule;
	const char *where;

	ck_assert_pstr_eq(
	    fault_parse(&rule, bad[_i].kind, bad[_i].text, &where),
	    bad[_i].expected);
	ck_assert_str_eq(where, bad[_i].where);
	ck_assert_mem_eq(&rule, &before, sizeof(rule));
}
END_TEST

static void
set(struct fault_rules *rules, enum fault_kind kind, const char *text)
{
	const char *where;

	ck_assert_pstr_eq(
	    fault_parse(&rules->kinds[kind], kind, text, &where), NULL);
}

START_TEST(test_describes)
{
	struct fault_rules rules = { .seed = 7 };
	struct strbuf text = { .text = NULL };

	ck_assert(!fault_any(&rules));
	set(&rules, FAULT_DELAY, "20ms-2s 10%");
	set(&rules, FAULT_DROP, "every 5");
	ck_assert(fault_any(&rules));
	fault_describe(&rules, &text);
	ck_assert_str_eq(
	    text.text, "drop every 5, delay 20ms-2000ms 10%; seed 7");
	free(text.text);
}
END_TEST

/*
 * Chance.
 */

static struct fault_rules
rules_of(enum fault_kind kind, const char *text, uint32_t seed)
{
	struct fault_rules rules = { .seed = seed };

	set(&rules, kind, text);
	return rules;
}

static bool
hits(const struct fault_rules *rules, enum fault_kind kind, uint32_t number,
    uint32_t worker)
{
	const struct fault_draw draw = { number, worker };

	return fault_hits(rules, kind, &draw);
}

/* How many of the first that many are hit. */
static unsigned int
hits_of(const struct fault_rules *rules, enum fault_kind kind, uint32_t count)
{
	unsigned int sum = 0;
	uint32_t i;

	for (i = 1; i <= count; i++)
		sum += hits(rules, kind, i, 0);
	return sum;
}

/* Four standard deviations around what is written. */
static const struct {
	const char *text;
	unsigned int least, most; /* of 10000 */
} shares[] = {
	{ "0.10%", 1, 23 },
	{ "10%", 880, 1120 },
	{ "50%", 4800, 5200 },
	{ "99.90%", 9977, 9999 },
	{ "100%", 10000, 10000 },
	{ "none", 0, 0 },
	{ "every 1", 10000, 10000 },
	{ "every 7", 1428, 1428 },
};

START_TEST(test_as_often_as_it_says)
{
	uint32_t seed;
	unsigned int hit;

	for (seed = 0; seed < 20; seed++) {
		const struct fault_rules rules =
		    rules_of(FAULT_REORDER, shares[_i].text, seed);

		hit = hits_of(&rules, FAULT_REORDER, 10000);
		ck_assert_uint_ge(hit, shares[_i].least);
		ck_assert_uint_le(hit, shares[_i].most);
	}
}
END_TEST

/* Of every five the last one, from the first on. */
START_TEST(test_every_fifth)
{
	const struct fault_rules rules = rules_of(FAULT_DROP, "every 5", 1);
	uint32_t i;

	for (i = 1; i <= 100; i++)
		ck_assert_int_eq(hits(&rules, FAULT_DROP, i, 3), i % 5 == 0);
}
END_TEST

/* The same on every machine, and in every version: people note their seeds. */
START_TEST(test_never_changes)
{
	static const char expected[] =
	    "xxxx-xx-xxx-xx-xxxxxx-------x-x-xxx---x-";
	const struct fault_rules rules = rules_of(FAULT_DROP, "50%", 1);
	char text[sizeof(expected)] = "";
	size_t i;

	for (i = 0; i + 1 < sizeof(expected); i++)
		text[i] =
		    hits(&rules, FAULT_DROP, (uint32_t)i + 1, 0) ? 'x' : '-';
	ck_assert_str_eq(text, expected);
}
END_TEST

/* Half of the hits of two that have nothing to do with each other are alike. */
static void
assert_unrelated(const struct fault_rules *a, enum fault_kind kind,
    const struct fault_rules *b, enum fault_kind other, uint32_t worker)
{
	unsigned int alike = 0;
	uint32_t i;

	for (i = 1; i <= 10000; i++)
		alike += hits(a, kind, i, 0) == hits(b, other, i, worker);
	ck_assert_uint_ge(alike, 4800);
	ck_assert_uint_le(alike, 5200);
}

START_TEST(test_seed_and_worker_and_kind_matter)
{
	struct fault_rules one = rules_of(FAULT_DROP, "50%", 1);
	const struct fault_rules two = rules_of(FAULT_DROP, "50%", 2);

	one.kinds[FAULT_DUPLICATE] = one.kinds[FAULT_DROP];
	assert_unrelated(&one, FAULT_DROP, &two, FAULT_DROP, 0);
	assert_unrelated(&one, FAULT_DROP, &one, FAULT_DROP, 1);
	assert_unrelated(&one, FAULT_DROP, &one, FAULT_DUPLICATE, 0);
}
END_TEST

/* Everything in the range, and nothing else; as it was the first time. */
START_TEST(test_delays)
{
	const struct fault_rules rules = rules_of(FAULT_DELAY, "20ms-29ms", 1);
	unsigned int seen[10] = { 0 };
	struct fault_draw draw = { 0, 0 };
	int64_t delay;
	size_t i;

	for (draw.number = 1; draw.number <= 1000; draw.number++) {
		delay = fault_delay(&rules, &draw);
		ck_assert_int_eq(delay % MS, 0);
		ck_assert_int_ge(delay, 20 * MS);
		ck_assert_int_le(delay, 29 * MS);
		ck_assert_int_eq(fault_delay(&rules, &draw), delay);
		seen[delay / MS - 20]++;
	}
	for (i = 0; i < LENGTH(seen); i++)
		ck_assert_uint_gt(seen[i], 50);
}
END_TEST

static const struct {
	const char *text;
	size_t length, left;
} lengths[] = {
	{ "10%", 0, 0 },
	{ "10%", 1, 0 },
	{ "10%", 9, 4 },
	{ "10%", 65507, 32753 },
	{ "10% to 8", 7, 7 },
	{ "10% to 8", 9, 8 },
	{ "10% to 0", 9, 0 },
};

START_TEST(test_lengths)
{
	const struct fault_rules rules =
	    rules_of(FAULT_TRUNCATE, lengths[_i].text, 1);

	ck_assert_uint_eq(
	    fault_length(&rules, lengths[_i].length), lengths[_i].left);
}
END_TEST

/*
 * The wrong source.
 */

static const struct {
	const char *asked;
	const char *addresses[5];
	const char *source; /* NULL: none */
} sources[] = {
	{ "192.0.2.1", { "192.0.2.1", "127.0.0.1", "2001:db8::1" }, NULL },
	{ "192.0.2.1", { "192.0.2.3", "192.0.2.2", "192.0.2.1" }, "192.0.2.2" },
	{ "192.0.2.2", { "192.0.2.3", "192.0.2.2", "192.0.2.1" }, "192.0.2.1" },
	{ "192.0.2.2", { "10.0.0.1", "192.0.2.2", "192.0.2.3" }, "192.0.2.3" },
	{ "10.0.0.2", { "10.0.0.1", "10.0.0.2", "192.0.2.2" }, "10.0.0.1" },
	{ "192.0.2.1", { "10.0.0.1", "192.0.2.1" }, "10.0.0.1" },
	{ "192.0.2.1", { "169.254.0.1", "192.0.2.1" }, NULL },
	{ "127.0.0.1", { "127.0.0.1" }, "127.0.0.2" },
	{ "127.0.0.2", { "127.0.0.1" }, "127.0.0.1" },
	{ "::1", { "::1", "fe80::1%2", "192.0.2.1" }, NULL },
	{ "::1", { "::1", "2001:db8::1" }, "2001:db8::1" },
	{ "2001:db8::1", { "::1", "fe80::1%2", "2001:db8::1" }, NULL },
	{ "2001:db8::1", { "2001:db8::1", "fd00::1", "2001:db8::2" },
	    "2001:db8::2" },
	{ "fe80::1%2", { "fe80::1%2", "fe80::1%3", "2001:db8::1" },
	    "2001:db8::1" },
	{ "fe80::1%2", { "fe80::1%2", "fe80::2%2", "2001:db8::1" },
	    "fe80::2%2" },
};

/* In whatever order the system lists them. */
START_TEST(test_source)
{
	struct mh_address addresses[5], source;
	struct mh_address asked = unit_address(sources[_i].asked);
	size_t i, count, order;

	for (count = 0; sources[_i].addresses[count] != NULL; count++)
		continue;
	asked.port = 7;
	for (order = 0; order < 2; order++) {
		for (i = 0; i < count; i++)
			addresses[order == 0 ? i : count - 1 - i] =
			    unit_address(sources[_i].addresses[i]);
		ck_assert_int_eq(
		    fault_source(&source, addresses, count, &asked),
		    sources[_i].source != NULL);
		if (sources[_i].source == NULL)
			continue;
		ck_assert_uint_eq(source.port, 7);
		source.port = 0;
		unit_assert_address(
		    &source, sources[_i].source, sources[_i].asked);
	}
}
END_TEST

Suite *
fault_suite(void)
{
	Suite *suite = suite_create("fault");
	TCase *tcase = tcase_create("fault");

	tcase_add_loop_test(tcase, test_reads_and_writes, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(bad));
	tcase_add_test(tcase, test_describes);
	tcase_add_loop_test(tcase, test_as_often_as_it_says, 0, LENGTH(shares));
	tcase_add_test(tcase, test_every_fifth);
	tcase_add_test(tcase, test_never_changes);
	tcase_add_test(tcase, test_seed_and_worker_and_kind_matter);
	tcase_add_test(tcase, test_delays);
	tcase_add_loop_test(tcase, test_lengths, 0, LENGTH(lengths));
	tcase_add_loop_test(tcase, test_source, 0, LENGTH(sources));
	suite_add_tcase(suite, tcase);
	return suite;
}
