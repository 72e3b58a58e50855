/* SPDX-License-Identifier: ISC */
/*
 * What is random is a keyed hash of the number of the reply: nothing has to be
 * kept from one to the next, and the same number always gets the same answer.
 */
#include "daemon/path/fault.h"

#include "common/bytes.h"
#include "common/number.h"
#include "common/siphash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WHOLE 10000 /* hundredths of a percent */
#define MS INT64_C(1000000)

/* More than any datagram has. */
#define LENGTH_MAX 65535

/* As many replies as anybody waits for. */
#define EVERY_MAX 1000000000

const char *
fault_name(enum fault_kind kind)
{
	static const char *const names[] = {
		[FAULT_DROP] = "drop",
		[FAULT_SOURCE] = "source",
		[FAULT_TRUNCATE] = "truncate",
		[FAULT_DUPLICATE] = "duplicate",
		[FAULT_REORDER] = "reorder",
		[FAULT_DELAY] = "delay",
	};

	return names[kind];
}

/*
 * Text.
 */

/* A text being read; at: also what is wrong once something is. */
struct reader {
	const char *at;
	const char *expected; /* there, but it was not; NULL: all is well */
};

static bool
fail(struct reader *text, const char *at, const char *expected)
{
	text->at = at;
	text->expected = expected;
	return false;
}

/* Are there any? */
static bool
skip_blanks(struct reader *text)
{
	const size_t count = strspn(text->at, " \t");

	text->at += count;
	return count > 0;
}

static bool
need_blank(struct reader *text)
{
	return skip_blanks(text) || fail(text, text->at, "a blank");
}

static bool
take_word(struct reader *text, const char *word)
{
	const size_t length = strlen(word);

	if (strncmp(text->at, word, length) != 0)
		return false;
	text->at += length;
	return true;
}

static bool
take_number(struct reader *text, uint64_t low, uint64_t high, uint32_t *number,
    const char *expected)
{
	const char *start = text->at;
	uint64_t n;

	if (!number_scan(&text->at, high, &n) || n < low)
		return fail(text, start, expected);
	*number = (uint32_t)n;
	return true;
}

/* "10%", "0.25%" */
static bool
take_percentage(struct reader *text, uint32_t *hundredths)
{
	static const char expected[] = "0.01% to 100%, or \"every\"";
	const char *start = text->at;
	uint64_t part = 0;

	if (!take_number(text, 0, 100, hundredths, expected))
		return false;
	if (take_word(text, ".") &&
	    number_scan_places(&text->at, 2, &part) == 0)
		return fail(text, text->at, "one or two decimals");
	if (!take_word(text, "%"))
		return fail(text, text->at, "%");
	*hundredths = *hundredths * 100 + (uint32_t)part;
	return (*hundredths > 0 && *hundredths <= WHOLE) ||
	    fail(text, start, expected);
}

/* "10%", "every 5" */
static bool
take_when(struct reader *text, struct fault_rule *rule)
{
	if (!take_word(text, "every"))
		return take_percentage(text, &rule->hundredths);
	return need_blank(text) &&
	    take_number(text, 1, EVERY_MAX, &rule->every, "1 to 1000000000");
}

/* "20ms", "2s" */
static bool
take_time(struct reader *text, uint32_t least, uint32_t *ms)
{
	static const char range[] = "1ms to 60s";
	const char *start = text->at;

	if (!take_number(text, 1, FAULT_DELAY_MAX, ms, range))
		return false;
	if (take_word(text, "s"))
		*ms *= 1000;
	else if (!take_word(text, "ms"))
		return fail(text, text->at, "ms or s");
	if (*ms > FAULT_DELAY_MAX)
		return fail(text, start, range);
	return *ms >= least ||
	    fail(text, start, "no less than the first of the range");
}

/* A time or a range, and after it perhaps how often: else always. */
static bool
take_delay(struct reader *text, struct fault_rule *rule)
{
	bool blank;

	if (!take_time(text, 0, &rule->low))
		return false;
	rule->high = rule->low;
	blank = skip_blanks(text);
	if (take_word(text, "-")) {
		skip_blanks(text);
		if (!take_time(text, rule->low, &rule->high))
			return false;
		blank = skip_blanks(text);
	}
	if (*text->at == '\0') {
		rule->hundredths = WHOLE;
		return true;
	}
	return (blank || need_blank(text)) && take_when(text, rule);
}

/* How often, and after it perhaps what length: else half. */
static bool
take_truncate(struct reader *text, struct fault_rule *rule)
{
	bool blank;

	if (!take_when(text, rule))
		return false;
	rule->high = FAULT_HALF;
	blank = skip_blanks(text);
	if (*text->at == '\0')
		return true;
	if (!blank)
		return need_blank(text);
	if (!take_word(text, "to"))
		return fail(text, text->at, "to");
	return need_blank(text) &&
	    take_number(text, 0, LENGTH_MAX, &rule->high, "0 to 65535, bytes");
}

static bool
take_rule(struct reader *text, enum fault_kind kind, struct fault_rule *rule)
{
	bool good;

	if (take_word(text, "none"))
		good = true;
	else if (kind == FAULT_DELAY)
		good = take_delay(text, rule);
	else if (kind == FAULT_TRUNCATE)
		good = take_truncate(text, rule);
	else
		good = take_when(text, rule);
	if (!good)
		return false;
	skip_blanks(text);
	return *text->at == '\0' || fail(text, text->at, "nothing more");
}

const char *
fault_parse(struct fault_rule *rule, enum fault_kind kind, const char *text,
    const char **where)
{
	struct fault_rule parsed = { .every = 0 };
	struct reader reader = { .at = text };

	if (take_rule(&reader, kind, &parsed))
		*rule = parsed;
	*where = reader.at;
	return reader.expected;
}

static void
format_when(const struct fault_rule *rule, char text[FAULT_TEXT])
{
	if (rule->every != 0)
		snprintf(text, FAULT_TEXT, "every %" PRIu32, rule->every);
	else if (rule->hundredths % 100 == 0)
		snprintf(
		    text, FAULT_TEXT, "%" PRIu32 "%%", rule->hundredths / 100);
	else
		snprintf(text, FAULT_TEXT, "%" PRIu32 ".%02" PRIu32 "%%",
		    rule->hundredths / 100, rule->hundredths % 100);
}

char *
fault_format(
    const struct fault_rule *rule, enum fault_kind kind, char text[FAULT_TEXT])
{
	char when[FAULT_TEXT / 4], range[FAULT_TEXT / 4];

	format_when(rule, text);
	if (!fault_is_set(rule)) {
		snprintf(text, FAULT_TEXT, "none");
	} else if (kind == FAULT_TRUNCATE && rule->high != FAULT_HALF) {
		snprintf(when, sizeof(when), "%.19s", text);
		snprintf(text, FAULT_TEXT, "%s to %" PRIu32, when, rule->high);
	} else if (kind == FAULT_DELAY) {
		snprintf(when, sizeof(when), "%.19s", text);
		snprintf(range, sizeof(range), "-%" PRIu32 "ms", rule->high);
		snprintf(text, FAULT_TEXT, "%" PRIu32 "ms%s %s", rule->low,
		    rule->high != rule->low ? range : "", when);
	}
	return text;
}

bool
fault_is_set(const struct fault_rule *rule)
{
	return rule->hundredths != 0 || rule->every != 0;
}

bool
fault_any(const struct fault_rules *rules)
{
	size_t i;

	for (i = 0; i < FAULT_KINDS; i++)
		if (fault_is_set(&rules->kinds[i]))
			return true;
	return false;
}

void
fault_describe(const struct fault_rules *rules, struct strbuf *text)
{
	const char *separator = "";
	char rule[FAULT_TEXT];
	size_t i;

	for (i = 0; i < FAULT_KINDS; i++) {
		if (!fault_is_set(&rules->kinds[i]))
			continue;
		strbuf_print(text, "%s%s %s", separator, fault_name(i),
		    fault_format(&rules->kinds[i], i, rule));
		separator = ", ";
	}
	strbuf_print(text, "; seed %" PRIu32, rules->seed);
}

bool
fault_equal(const struct fault_rules *a, const struct fault_rules *b)
{
	/* Numbers of one size: there is no padding. */
	return memcmp(a, b, sizeof(*a)) == 0;
}

/*
 * Chance.
 */

/* What a random number is for; after enum fault_kind. */
enum { HOW_LONG = FAULT_KINDS };

static uint64_t
random_for(const struct fault_rules *rules, unsigned int purpose,
    const struct fault_draw *draw)
{
	uint8_t key[16] = { 0 }, data[5];

	bytes_put32(key, rules->seed);
	bytes_put32(key + 4, draw->worker);
	data[0] = (uint8_t)purpose;
	bytes_put32(data + 1, draw->number);
	return siphash(key, data, sizeof(data));
}

bool
fault_hits(const struct fault_rules *rules, enum fault_kind kind,
    const struct fault_draw *draw)
{
	const struct fault_rule *rule = &rules->kinds[kind];

	if (rule->every != 0)
		return draw->number % rule->every == 0;
	return rule->hundredths != 0 &&
	    random_for(rules, kind, draw) % WHOLE < rule->hundredths;
}

int64_t
fault_delay(const struct fault_rules *rules, const struct fault_draw *draw)
{
	const struct fault_rule *rule = &rules->kinds[FAULT_DELAY];
	uint64_t steps = rule->high - rule->low + UINT64_C(1);

	return (int64_t)(rule->low +
		   random_for(rules, HOW_LONG, draw) % steps) *
	    MS;
}

size_t
fault_length(const struct fault_rules *rules, size_t length)
{
	const uint32_t most = rules->kinds[FAULT_TRUNCATE].high;

	if (most == FAULT_HALF)
		return length / 2;
	return length < most ? length : most;
}

/*
 * The wrong source.
 */

/* Linux and Windows: all of 127.0.0.0/8 is this host. */
static bool
other_loopback(struct mh_address *source, const struct mh_address *asked)
{
	*source = *asked;
	source->ip[3] = asked->ip[3] == 2 ? 1 : 2;
	return true;
}

/* Can what asked that address be answered from this one? */
static bool
may_answer(const struct mh_address *address, const struct mh_address *asked)
{
	const enum mh_class kind = mh_address_class(address);

	if (address->family != asked->family ||
	    mh_address_compare(address, asked) == 0)
		return false;
	/* Those reach only their own link, and that only this host. */
	return kind != MH_CLASS_LOOPBACK &&
	    (kind != MH_CLASS_LINK_LOCAL ||
		(mh_address_class(asked) == MH_CLASS_LINK_LOCAL &&
		    asked->scope == address->scope));
}

/* One of the same kind before another; then the lowest, whatever the order. */
static bool
is_better(const struct mh_address *a, const struct mh_address *b,
    const struct mh_address *asked)
{
	const enum mh_class kind = mh_address_class(asked);
	const bool is_same = mh_address_class(a) == kind;

	if (is_same != (mh_address_class(b) == kind))
		return is_same;
	return mh_address_compare(a, b) < 0;
}

bool
fault_source(struct mh_address *source, const struct mh_address *addresses,
    size_t count, const struct mh_address *asked)
{
	const struct mh_address *at = addresses, *end = at + count;
	const struct mh_address *best = NULL;

	if (asked->family == MH_FAMILY_IPV4 &&
	    mh_address_class(asked) == MH_CLASS_LOOPBACK)
		return other_loopback(source, asked);
	for (; at < end; at++)
		if (may_answer(at, asked) &&
		    (best == NULL || is_better(at, best, asked)))
			best = at;
	if (best == NULL)
		return false;
	*source = *best;
	source->port = asked->port;
	return true;
}
