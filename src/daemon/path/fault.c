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

static void
skip_blanks(const char **text)
{
	*text += strspn(*text, " \t");
}

/* A word, and the blanks after it. */
static bool
take_word(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0)
		return false;
	*text += length;
	skip_blanks(text);
	return true;
}

/* "10%", "0.25%" */
static bool
take_percentage(const char **text, uint32_t *hundredths)
{
	uint64_t whole, part = 0;

	if (!number_scan(text, 100, &whole))
		return false;
	if (take_word(text, ".") && number_scan_places(text, 2, &part) == 0)
		return false;
	*hundredths = (uint32_t)(whole * 100 + part);
	return take_word(text, "%") && *hundredths > 0 && *hundredths <= WHOLE;
}

/* "10%", "every 5" */
static bool
take_when(const char **text, struct fault_rule *rule)
{
	uint64_t number;

	if (!take_word(text, "every"))
		return take_percentage(text, &rule->hundredths);
	if (!number_scan(text, EVERY_MAX, &number) || number == 0)
		return false;
	skip_blanks(text);
	rule->every = (uint32_t)number;
	return true;
}

/* "20ms", "2s" */
static bool
take_time(const char **text, uint32_t *ms)
{
	uint64_t number;

	if (!number_scan(text, FAULT_DELAY_MAX, &number))
		return false;
	if (take_word(text, "s"))
		number *= 1000;
	else if (!take_word(text, "ms"))
		return false;
	*ms = (uint32_t)number;
	return number > 0 && number <= FAULT_DELAY_MAX;
}

/* A time or a range, and after it perhaps how often: else always. */
static bool
take_delay(const char **text, struct fault_rule *rule)
{
	if (!take_time(text, &rule->low))
		return false;
	rule->high = rule->low;
	if (take_word(text, "-") &&
	    (!take_time(text, &rule->high) || rule->high < rule->low))
		return false;
	rule->hundredths = **text == '\0' ? WHOLE : 0;
	return **text == '\0' || take_when(text, rule);
}

static bool
take_length(const char **text, struct fault_rule *rule)
{
	uint64_t bytes;

	rule->high = FAULT_HALF;
	if (!take_word(text, "to"))
		return true;
	if (!number_scan(text, LENGTH_MAX, &bytes))
		return false;
	skip_blanks(text);
	rule->high = (uint32_t)bytes;
	return true;
}

bool
fault_parse(struct fault_rule *rule, enum fault_kind kind, const char *text)
{
	struct fault_rule parsed = { .every = 0 };
	bool good;

	if (take_word(&text, "none"))
		good = true;
	else if (kind == FAULT_DELAY)
		good = take_delay(&text, &parsed);
	else
		good = take_when(&text, &parsed) &&
		    (kind != FAULT_TRUNCATE || take_length(&text, &parsed));
	if (!good || *text != '\0')
		return false;
	*rule = parsed;
	return true;
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
