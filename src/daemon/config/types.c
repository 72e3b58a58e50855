/* SPDX-License-Identifier: ISC */
/*
 * Configuration values: text to value and back.  What a value means is up to
 * its key.
 */
#include "daemon/config/types.h"

#include "common/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
types_no_memory(char why[CONFIG_WHY])
{
	snprintf(why, CONFIG_WHY, "cannot be stored: out of memory");
	return false;
}

/*
 * Scalars.
 */

static bool
bool_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	bool yes = strcmp(text, "yes") == 0;

	(void)argument;
	if (!yes && strcmp(text, "no") != 0) {
		snprintf(
		    why, CONFIG_WHY, "must be yes or no, not \"%.100s\"", text);
		return false;
	}
	*(bool *)value = yes;
	return true;
}

static void
bool_write(const void *value, const char *argument, struct strbuf *text)
{
	(void)argument;
	strbuf_print(text, "%s", *(const bool *)value ? "yes" : "no");
}

static bool
bool_copy(void *to, const void *from)
{
	*(bool *)to = *(const bool *)from;
	return true;
}

const struct config_type types_bool = {
	.is_switch = true,
	.read = bool_read,
	.write = bool_write,
	.copy = bool_copy,
};

/* The word number i among "a|b|c"; its length, 0 if there is none. */
static size_t
word_at(const char *words, unsigned int i, const char **word)
{
	for (; i > 0 && *words != '\0'; i--) {
		words += strcspn(words, "|");
		words += *words == '|';
	}
	*word = words;
	return strcspn(words, "|");
}

static bool
choice_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	size_t length, wanted = strlen(text);
	const char *word;
	unsigned int i;

	for (i = 0; (length = word_at(argument, i, &word)) > 0; i++)
		if (length == wanted && memcmp(word, text, length) == 0) {
			*(unsigned int *)value = i;
			return true;
		}
	snprintf(why, CONFIG_WHY, "must be one of %s, not \"%.100s\"", argument,
	    text);
	return false;
}

static void
choice_write(const void *value, const char *argument, struct strbuf *text)
{
	const char *word;
	size_t length = word_at(argument, *(const unsigned int *)value, &word);

	strbuf_print(text, "%.*s", (int)length, word);
}

static bool
number_copy(void *to, const void *from)
{
	*(unsigned int *)to = *(const unsigned int *)from;
	return true;
}

const struct config_type types_choice = {
	.read = choice_read,
	.write = choice_write,
	.copy = number_copy,
};

static bool
bytes_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	uint64_t bytes;
	const char *rest = text;
	bool good = number_scan(&rest, INT32_MAX, &bytes);

	(void)argument;
	if (good && (*rest == 'k' || *rest == 'M'))
		bytes <<= *rest++ == 'k' ? 10 : 20;
	if (!good || *rest != '\0' || bytes > INT32_MAX) {
		snprintf(why, CONFIG_WHY,
		    "must be a number of bytes up to 2047M, not \"%.100s\"",
		    text);
		return false;
	}
	*(unsigned int *)value = (unsigned int)bytes;
	return true;
}

static void
number_write(const void *value, const char *argument, struct strbuf *text)
{
	(void)argument;
	strbuf_print(text, "%u", *(const unsigned int *)value);
}

const struct config_type types_bytes = {
	.read = bytes_read,
	.write = number_write,
	.copy = number_copy,
};

/* argument is "LOW-HIGH". */
static bool
number_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	const char *bounds = argument;
	uint64_t low = 0, high = 0, number;

	if (!number_scan(&bounds, UINT32_MAX, &low) || *bounds != '-' ||
	    !number_parse(bounds + 1, low, UINT32_MAX, &high) ||
	    !number_parse(text, low, high, &number)) {
		snprintf(why, CONFIG_WHY,
		    "must be a number from %llu to %llu, not \"%.100s\"",
		    (unsigned long long)low, (unsigned long long)high, text);
		return false;
	}
	*(unsigned int *)value = (unsigned int)number;
	return true;
}

/* Less than the least is the zero of a number that is not set. */
static void
bounded_write(const void *value, const char *argument, struct strbuf *text)
{
	const char *bounds = argument;
	uint64_t low = 0;

	(void)number_scan(&bounds, UINT32_MAX, &low);
	if (*(const unsigned int *)value >= low)
		number_write(value, argument, text);
}

const struct config_type types_number = {
	.read = number_read,
	.write = bounded_write,
	.copy = number_copy,
};

static bool
seconds_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	uint64_t seconds;
	const char *rest = text;
	bool good = number_scan(&rest, 86400, &seconds);

	(void)argument;
	if (good && *rest == 'm')
		seconds *= 60, rest++;
	else if (good && *rest == 's')
		rest++;
	if (!good || *rest != '\0' || seconds > 86400) {
		snprintf(why, CONFIG_WHY,
		    "must be a time like 10s or 2m, not \"%.100s\"", text);
		return false;
	}
	*(unsigned int *)value = (unsigned int)seconds;
	return true;
}

static void
seconds_write(const void *value, const char *argument, struct strbuf *text)
{
	(void)argument;
	strbuf_print(text, "%us", *(const unsigned int *)value);
}

const struct config_type types_seconds = {
	.read = seconds_read,
	.write = seconds_write,
	.copy = number_copy,
};

static bool
workers_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	uint64_t number;

	(void)argument;
	if (strcmp(text, "auto") == 0)
		number = 0;
	else if (!number_parse(text, 1, 256, &number)) {
		snprintf(why, CONFIG_WHY,
		    "must be a number from 1 to 256 or auto, not \"%.100s\"",
		    text);
		return false;
	}
	*(unsigned int *)value = (unsigned int)number;
	return true;
}

static void
workers_write(const void *value, const char *argument, struct strbuf *text)
{
	if (*(const unsigned int *)value == 0)
		strbuf_print(text, "auto");
	else
		number_write(value, argument, text);
}

const struct config_type types_workers = {
	.read = workers_read,
	.write = workers_write,
	.copy = number_copy,
};

static bool
dscp_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	uint64_t number = CONFIG_DSCP_COPY;

	(void)argument;
	if (strcmp(text, "copy") != 0 && !number_parse(text, 0, 63, &number)) {
		snprintf(why, CONFIG_WHY,
		    "must be a number from 0 to 63 or copy, not \"%.100s\"",
		    text);
		return false;
	}
	*(unsigned int *)value = (unsigned int)number;
	return true;
}

static void
dscp_write(const void *value, const char *argument, struct strbuf *text)
{
	if (*(const unsigned int *)value == CONFIG_DSCP_COPY)
		strbuf_print(text, "copy");
	else
		number_write(value, argument, text);
}

const struct config_type types_dscp = {
	.read = dscp_read,
	.write = dscp_write,
	.copy = number_copy,
};

/* In octal, as for chmod(1); reading and writing alone mean anything. */
static bool
mode_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	const size_t length = strlen(text);

	(void)argument;
	if (length < 3 || length > 4 || strspn(text, "01234567") != length ||
	    (length == 4 && *text != '0')) {
		snprintf(why, CONFIG_WHY,
		    "must be a mode like 0660, not \"%.100s\"", text);
		return false;
	}
	*(unsigned int *)value = (unsigned int)strtoul(text, NULL, 8);
	return true;
}

static void
mode_write(const void *value, const char *argument, struct strbuf *text)
{
	(void)argument;
	strbuf_print(text, "%04o", *(const unsigned int *)value);
}

const struct config_type types_mode = {
	.read = mode_read,
	.write = mode_write,
	.copy = number_copy,
};

/* Up to two decimals. */
static bool
ratio_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	uint64_t whole, part = 0;
	const char *rest = text;
	bool good = number_scan(&rest, 1000, &whole);

	(void)argument;
	if (good && *rest == '.') {
		rest++;
		good = number_scan_places(&rest, 2, &part) > 0;
	}
	if (!good || *rest != '\0') {
		snprintf(why, CONFIG_WHY,
		    "must be a ratio like 1.0 or 2.25, not \"%.100s\"", text);
		return false;
	}
	*(unsigned int *)value = (unsigned int)(whole * 100 + part);
	return true;
}

static void
ratio_write(const void *value, const char *argument, struct strbuf *text)
{
	unsigned int ratio = *(const unsigned int *)value;

	(void)argument;
	strbuf_print(text, "%u.%02u", ratio / 100, ratio % 100);
}

const struct config_type types_ratio = {
	.read = ratio_read,
	.write = ratio_write,
	.copy = number_copy,
};

static bool
rate_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	(void)argument;
	if (limit_rate_parse(value, text) == 0)
		return true;
	snprintf(why, CONFIG_WHY,
	    "must be a rate like \"100/s burst 200\" or none, not \"%.100s\"",
	    text);
	return false;
}

static void
rate_write(const void *value, const char *argument, struct strbuf *text)
{
	char rate[LIMIT_TEXT];

	(void)argument;
	strbuf_print(text, "%s", limit_rate_format(value, rate));
}

static bool
rate_copy(void *to, const void *from)
{
	*(struct limit_rate *)to = *(const struct limit_rate *)from;
	return true;
}

const struct config_type types_rate = {
	.read = rate_read,
	.write = rate_write,
	.copy = rate_copy,
};

/* How often a fault is made, and what more its kind has. */
static bool
read_fault(
    void *value, enum fault_kind kind, const char *text, char why[CONFIG_WHY])
{
	static const char *const examples[FAULT_KINDS] = {
		[FAULT_TRUNCATE] = "\"10%\", \"every 5\", \"10% to 12\"",
		[FAULT_DELAY] = "\"200ms\", \"20ms-2s 10%\", \"1s every 5\"",
	};
	const char *example = examples[kind], *expected, *where;

	expected = fault_parse(value, kind, text, &where);
	if (expected == NULL)
		return true;
	if (example == NULL)
		example = "\"10%\", \"every 5\"";
	snprintf(why, CONFIG_WHY,
	    "must be like %s or none, not \"%.60s\": expected %s, found "
	    "%s%.20s%s",
	    example, text, expected, *where != '\0' ? "\"" : "",
	    *where != '\0' ? where : "the end", *where != '\0' ? "\"" : "");
	return false;
}

static void
write_fault(const void *value, enum fault_kind kind, struct strbuf *text)
{
	char rule[FAULT_TEXT];

	strbuf_print(text, "%s", fault_format(value, kind, rule));
}

static bool
fault_copy(void *to, const void *from)
{
	*(struct fault_rule *)to = *(const struct fault_rule *)from;
	return true;
}

/* Those that have nothing but when are all alike. */
static bool
fault_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	(void)argument;
	return read_fault(value, FAULT_DROP, text, why);
}

static void
fault_write(const void *value, const char *argument, struct strbuf *text)
{
	(void)argument;
	write_fault(value, FAULT_DROP, text);
}

const struct config_type types_fault = {
	.read = fault_read,
	.write = fault_write,
	.copy = fault_copy,
};

static bool
delay_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	(void)argument;
	return read_fault(value, FAULT_DELAY, text, why);
}

static void
delay_write(const void *value, const char *argument, struct strbuf *text)
{
	(void)argument;
	write_fault(value, FAULT_DELAY, text);
}

const struct config_type types_fault_delay = {
	.read = delay_read,
	.write = delay_write,
	.copy = fault_copy,
};

static bool
truncate_read(
    void *value, const char *argument, const char *text, char why[CONFIG_WHY])
{
	(void)argument;
	return read_fault(value, FAULT_TRUNCATE, text, why);
}

static void
truncate_write(const void *value, const char *argument, struct strbuf *text)
{
	(void)argument;
	write_fault(value, FAULT_TRUNCATE, text);
}

const struct config_type types_fault_truncate = {
	.read = truncate_read,
	.write = truncate_write,
	.copy = fault_copy,
};
