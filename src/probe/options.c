/* SPDX-License-Identifier: ISC */
/*
 * The options of mhprobe: their table, and how the value of each is read.
 */
#include "probe/options.h"

#include "probe/marks.h"
#include "common/cmdline.h"
#include "common/hex.h"
#include "common/number.h"
#include "common/scope.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What it says goes into why of the same call. */
static_assert(CMDLINE_WHY <= TARGET_WHY, "a reason of the command line fits");
static_assert(THRESHOLD_WHY == TARGET_WHY, "a reason of a threshold fits");

#define SECOND INT64_C(1000000000)

/* A time may be this long. */
#define SECONDS_MAX 86400

/* The largest payload of IPv4: 65535 less the headers. */
#define SIZE_MAX_UDP 65507

#define MEMBER(member) offsetof(struct options, member)

/*
 * Readers.
 */

/* One that the option allows. */
static bool
parse_number(const struct options_key *key, const char *value, uint64_t *number,
    char why[TARGET_WHY])
{
	if (number_parse(value, key->low, key->high, number))
		return true;
	snprintf(why, TARGET_WHY,
	    "must be a number from %u to %u, not \"%.60s\"", key->low,
	    key->high, value);
	return false;
}

static bool
read_number(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	uint64_t number;

	if (!parse_number(key, value, &number, why))
		return false;
	/* Both are of this size; one of them has a sign to tell "not given". */
	*(unsigned int *)((char *)options + key->offset) = (unsigned int)number;
	return true;
}

/* Seconds, with up to nine decimals. */
static bool
read_seconds(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	const char *at = value;
	uint64_t whole = 0, part = 0;
	bool good = number_scan(&at, SECONDS_MAX, &whole);
	int64_t ns;

	/* Also as in .5 and 5. */
	if (*at == '.') {
		at++;
		good = number_scan_places(&at, 9, &part) > 0 || good;
	}
	ns = (int64_t)whole * SECOND + (int64_t)part;
	if (!good || *at != '\0' || ns < SECOND / 1000) {
		snprintf(why, TARGET_WHY,
		    "must be seconds, from 0.001 to %d, not \"%.60s\"",
		    SECONDS_MAX, value);
		return false;
	}
	*(int64_t *)((char *)options + key->offset) = ns;
	return true;
}

static bool
read_switch(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	(void)value;
	(void)why;
	*(bool *)((char *)options + key->offset) = true;
	return true;
}

/*
 * Of two numbers the last one counts, but who gives two names or addresses
 * wants both.  Always false.
 */
static bool
given_twice(char why[TARGET_WHY])
{
	snprintf(why, TARGET_WHY, "given twice: run mhprobe once for each");
	return false;
}

static bool
read_text(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	const char **text = (const char **)((char *)options + key->offset);

	if (*text != NULL)
		return given_twice(why);
	*text = value;
	return true;
}

static bool
read_address(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	struct mh_address *address =
	    (struct mh_address *)((char *)options + key->offset);
	char text[MH_ADDRESS_TEXT];
	int error;

	if (address->family != MH_FAMILY_NONE)
		return given_twice(why);
	error = mh_address_parse(address, value);
	if (error == MH_EZONE)
		snprintf(why, TARGET_WHY,
		    "names an interface that does not exist: \"%.60s\"", value);
	else if (error != 0)
		snprintf(why, TARGET_WHY, "must be an address, not \"%.60s\"",
		    value);
	else if (scope_is_missing(address))
		snprintf(why, TARGET_WHY,
		    "a link-local address needs its interface, as in %s%%eth0",
		    mh_address_format(address, text, sizeof(text)));
	else
		return true;
	return false;
}

/* "A-B". */
static bool
read_range(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	const char *at = value;
	uint64_t from, to;

	(void)key;
	if (!number_scan(&at, SIZE_MAX_UDP, &from) || *at != '-' ||
	    !number_parse(at + 1, from, SIZE_MAX_UDP, &to) || from < 1) {
		snprintf(why, TARGET_WHY,
		    "must be two sizes from 1 to %d, as in 1200-1500, not "
		    "\"%.60s\"",
		    SIZE_MAX_UDP, value);
		return false;
	}
	options->sweep_from = (unsigned int)from;
	options->sweep_to = (unsigned int)to;
	return true;
}

/* Room for a payload of at most size bytes. */
static bool
new_payload(struct options *options, size_t size, char why[TARGET_WHY])
{
	if (options->payload != NULL) {
		snprintf(why, TARGET_WHY,
		    "the payload is given already: run mhprobe once for each");
		return false;
	}
	if (size > SIZE_MAX_UDP) {
		snprintf(
		    why, TARGET_WHY, "is longer than %d bytes", SIZE_MAX_UDP);
		return false;
	}
	options->payload = malloc(size + 1);
	if (options->payload == NULL)
		snprintf(why, TARGET_WHY, "cannot be stored: out of memory");
	return options->payload != NULL;
}

static bool
read_payload_text(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	(void)key;
	if (!new_payload(options, strlen(value), why))
		return false;
	options->payload_length = strlen(value);
	memcpy(options->payload, value, options->payload_length);
	return true;
}

/* Pairs of digits; blanks and colons between them do not matter. */
static bool
read_payload_hex(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	int byte;

	(void)key;
	if (!new_payload(options, strlen(value) / 2, why))
		return false;
	while (*(value += strspn(value, " :")) != '\0') {
		byte = hex_byte(value);
		if (byte < 0) {
			snprintf(why, TARGET_WHY,
			    "must be pairs of hexadecimal digits, not at "
			    "\"%.40s\"",
			    value);
			return false;
		}
		options->payload[options->payload_length++] = (uint8_t)byte;
		value += 2;
	}
	return true;
}

/* All of it; also as in 0xb8. */
static bool
read_tos(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	uint64_t number;

	if (strncmp(value, "0x", 2) == 0 && strlen(value) == 4 &&
	    hex_byte(value + 2) >= 0)
		number = (uint64_t)hex_byte(value + 2);
	else if (!parse_number(key, value, &number, why))
		return false;
	options->tos = (unsigned int)number;
	return true;
}

/* Its upper six bits. */
static bool
read_dscp(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	uint64_t number;

	if (!parse_number(key, value, &number, why))
		return false;
	options->tos = (unsigned int)number << 2 | (options->tos & 3);
	return true;
}

/* Its lower two bits. */
static bool
read_ecn(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	unsigned int i;

	(void)key;
	for (i = 0; i < MARKS_ECNS; i++)
		if (strcmp(value, marks_ecn_names[i]) == 0) {
			options->tos = (options->tos & ~3u) | i;
			return true;
		}
	snprintf(why, TARGET_WHY,
	    "must be not-ect, ect0, ect1 or ce, not \"%.60s\"", value);
	return false;
}

/* Names, with commas between them. */
static bool
read_tlvs(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	static const struct {
		const char *name;
		enum protocol_tlv tlv;
	} names[] = {
		{ "cos", PROTOCOL_TLV_COS },
		{ "location", PROTOCOL_TLV_LOCATION },
		{ "node", PROTOCOL_TLV_NODE },
		{ "time", PROTOCOL_TLV_TIME },
		{ "direct", PROTOCOL_TLV_DIRECT },
		{ "hmac", PROTOCOL_TLV_HMAC },
	};
	const size_t count = sizeof(names) / sizeof(names[0]);
	const char *at = value;
	size_t i, length;

	(void)key;
	for (;; at += length + 1) {
		length = strcspn(at, ",");
		for (i = 0; i < count; i++)
			if (strlen(names[i].name) == length &&
			    strncmp(names[i].name, at, length) == 0)
				break;
		if (i == count) {
			snprintf(why, TARGET_WHY,
			    "must be some of cos,location,node,time,direct,"
			    "hmac, not \"%.60s\"",
			    value);
			return false;
		}
		options->tlvs |= names[i].tlv;
		if (at[length] == '\0')
			return true;
	}
}

static bool
read_threshold(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	struct threshold *threshold =
	    (struct threshold *)((char *)options + key->offset);

	return threshold_parse(threshold, value, why);
}

static bool
read_version(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	(void)key;
	(void)value;
	(void)why;
	options->action = OPTIONS_VERSION;
	return true;
}

static bool
read_help(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	(void)key;
	(void)value;
	(void)why;
	options->action = OPTIONS_HELP;
	return true;
}

const struct options_key options_keys[] = {
	{ "count", 'c', read_number, MEMBER(count), 1, 1000000, "COUNT",
	    "requests to each target; 3, or unlimited with --watch" },
	{ "interval", 'i', read_seconds, MEMBER(interval), 0, 0, "SECONDS",
	    "between two requests; 0.3, with --watch 1" },
	{ "timeout", 'W', read_seconds, MEMBER(timeout), 0, 0, "SECONDS",
	    "how long to wait for an answer; 1" },
	{ "size", 's', read_number, MEMBER(size), 0, SIZE_MAX_UDP, "BYTES",
	    "of each request, without headers" },
	{ "file", 'f', read_text, MEMBER(target_file), 0, 0, "FILE",
	    "more targets, one a line; - is standard input" },
	{ "from", 0, read_address, MEMBER(from), 0, 0, "ADDRESS",
	    "ask from this address of this host" },
	{ "local", 0, read_switch, MEMBER(local), 0, 0, NULL,
	    "ask every address of this host: SERVICE [PORT]" },
	{ "sweep-ports", 0, read_number, MEMBER(sweep_ports), 1, 256, "N",
	    "source ports to ask from: every ECMP path" },
	{ "sweep-size", 0, read_range, 0, 0, 0, "A-B",
	    "find the largest request that is answered, with --df" },
	{ "tos", 0, read_tos, 0, 0, 255, "N",
	    "type of service of requests: DSCP and ECN" },
	{ "dscp", 0, read_dscp, 0, 0, 63, "N",
	    "differentiated services code point of requests" },
	{ "ecn", 0, read_ecn, 0, 0, 0, "ect0|ect1|ce",
	    "congestion notification codepoint of requests" },
	{ "df", 0, read_switch, MEMBER(dont_fragment), 0, 0, NULL,
	    "do not let requests be fragmented" },
	{ "ipv4", '4', read_switch, MEMBER(only_ipv4), 0, 0, NULL,
	    "IPv4 addresses only" },
	{ "ipv6", '6', read_switch, MEMBER(only_ipv6), 0, 0, NULL,
	    "IPv6 addresses only" },
	{ "name", 0, read_text, MEMBER(name), 0, 0, "NAME",
	    "dns: ask for this name; \".\"" },
	{ "hex", 0, read_payload_hex, 0, 0, 0, "BYTES",
	    "raw: send these bytes, in hexadecimal" },
	{ "text", 0, read_payload_text, 0, 0, 0, "TEXT", "raw: send this" },
	{ "tlv", 0, read_tlvs, 0, 0, 0, "TLV,...",
	    "stamp: cos, location, node, time, direct, hmac" },
	{ "key", 0, read_text, MEMBER(key_file), 0, 0, "FILE",
	    "stamp: sign requests with the key in there" },
	{ "json", 0, read_switch, MEMBER(json), 0, 0, NULL,
	    "print a JSON object for each target" },
	{ "nagios", 0, read_switch, MEMBER(nagios), 0, 0, NULL,
	    "print the line of a monitoring plugin" },
	{ "warning", 0, read_threshold, MEMBER(warning), 0, 0, "RTA,LOSS%",
	    "nagios: of a target, in ms and percent" },
	{ "critical", 0, read_threshold, MEMBER(critical), 0, 0, "RTA,LOSS%",
	    "nagios: the same" },
	{ "quiet", 'q', read_switch, MEMBER(quiet), 0, 0, NULL,
	    "print only what is not ok" },
	{ "watch", 0, read_switch, MEMBER(watch), 0, 0, NULL,
	    "keep going until interrupted, on a live screen" },
	{ "version", 'V', read_version, 0, 0, 0, NULL, "version and build" },
	{ "help", 'h', read_help, 0, 0, 0, NULL, "this text" },
	{ .name = NULL },
};

/* What is not given is as the manual says. */
static void
set_defaults(struct options *options)
{
	if (options->interval == 0)
		options->interval = options->watch ? SECOND : 3 * (SECOND / 10);
	if (options->sweep_to != 0)
		options->dont_fragment = true;
}

int
options_read(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY])
{
	struct cmdline cmdline = { .count = 0 };
	const struct options_key *key;
	char reason[TARGET_WHY];
	const char *value;
	int i;

	*options = (struct options){ .timeout = SECOND, .size = -1 };
	for (key = options_keys; key->name != NULL; key++)
		cmdline_add(&cmdline, key->name, key->letter,
		    key->argument != NULL ? CMDLINE_VALUE : CMDLINE_NO_VALUE);
	while ((i = cmdline_next(&cmdline, argc, argv, &value, why)) !=
	    CMDLINE_END) {
		if (i == CMDLINE_FAULT)
			return -1;
		key = &options_keys[i];
		if (!key->read(options, key, value, reason)) {
			snprintf(
			    why, TARGET_WHY, "--%s: %.150s", key->name, reason);
			return -1;
		}
	}
	set_defaults(options);
	return cmdline_rest();
}

void
options_clear(struct options *options)
{
	free(options->targets);
	free(options->target_text);
	free(options->payload);
	free(options->key);
	*options = (struct options){ .action = OPTIONS_RUN };
}
