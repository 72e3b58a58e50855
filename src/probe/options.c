/* SPDX-License-Identifier: ISC */
/*
 * The command line of mhprobe: the table of options, how their values are
 * read, and what goes together.
 */
#include "probe/options.h"

#include "build.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 64

#define SECOND INT64_C(1000000000)

/* A time may be this long. */
#define SECONDS_MAX 86400

/* The largest payload of IPv4: 65535 less the headers. */
#define SIZE_MAX_UDP 65507

#define MEMBER(member) offsetof(struct options, member)

/*
 * Readers.
 */

static bool
digits(const char *text, unsigned long max, unsigned long *number,
    const char **rest)
{
	unsigned long n = 0;

	if (*text < '0' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		n = n * 10 + (unsigned long)(*text - '0');
		if (n > max)
			return false;
	}
	*number = n;
	*rest = text;
	return true;
}

static bool
read_number(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	unsigned long number;
	const char *rest;

	if (!digits(value, key->high, &number, &rest) || *rest != '\0' ||
	    number < key->low) {
		snprintf(why, TARGET_WHY,
		    "must be a number from %u to %u, not \"%.60s\"", key->low,
		    key->high, value);
		return false;
	}
	/* Both are of this size; one of them has a sign to tell "not given". */
	*(unsigned int *)((char *)options + key->offset) = (unsigned int)number;
	return true;
}

/* Seconds, with up to nine decimals. */
static bool
read_seconds(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	unsigned long whole;
	int64_t ns, place = SECOND;
	const char *at = value;
	bool good = digits(value, SECONDS_MAX, &whole, &at);

	/* As in .5 */
	if (!good && value[0] == '.' && value[1] >= '0' && value[1] <= '9') {
		whole = 0;
		good = true;
	}
	ns = good ? (int64_t)whole * SECOND : 0;
	if (good && *at == '.')
		for (at++; *at >= '0' && *at <= '9' && place > 1; at++) {
			place /= 10;
			ns += (*at - '0') * place;
		}
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

static bool
read_text(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	(void)why;
	*(const char **)((char *)options + key->offset) = value;
	return true;
}

static bool
read_address(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	if (mh_address_parse(
		(struct mh_address *)((char *)options + key->offset), value) ==
	    0)
		return true;
	snprintf(why, TARGET_WHY, "must be an address, not \"%.60s\"", value);
	return false;
}

/* "A-B". */
static bool
read_range(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	unsigned long from, to;
	const char *rest;

	(void)key;
	if (!digits(value, SIZE_MAX_UDP, &from, &rest) || *rest != '-' ||
	    !digits(rest + 1, SIZE_MAX_UDP, &to, &rest) || *rest != '\0' ||
	    from < 1 || to < from) {
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
	if (size > SIZE_MAX_UDP) {
		snprintf(
		    why, TARGET_WHY, "is longer than %d bytes", SIZE_MAX_UDP);
		return false;
	}
	free(options->payload);
	options->payload_length = 0;
	options->payload = malloc(size + 1);
	if (options->payload == NULL)
		snprintf(why, TARGET_WHY, "cannot be kept: out of memory");
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

static int
hex_value(char digit)
{
	static const char digits16[] = "0123456789abcdef";
	const char *at;

	if (digit >= 'A' && digit <= 'F')
		digit = (char)(digit - 'A' + 'a');
	at = digit == '\0' ? NULL : strchr(digits16, digit);
	return at == NULL ? -1 : (int)(at - digits16);
}

/* Pairs of digits; blanks and colons between them do not matter. */
static bool
read_payload_hex(struct options *options, const struct options_key *key,
    const char *value, char why[TARGET_WHY])
{
	int high, low;

	(void)key;
	if (!new_payload(options, strlen(value) / 2, why))
		return false;
	while (*(value += strspn(value, " :")) != '\0') {
		high = hex_value(value[0]);
		low = high < 0 ? -1 : hex_value(value[1]);
		if (low < 0) {
			snprintf(why, TARGET_WHY,
			    "must be pairs of hexadecimal digits, not at "
			    "\"%.40s\"",
			    value);
			return false;
		}
		options->payload[options->payload_length++] =
		    (uint8_t)(high << 4 | low);
		value += 2;
	}
	return true;
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
	    "requests to each target; 3, with --watch no end" },
	{ "interval", 'i', read_seconds, MEMBER(interval), 0, 0, "SECONDS",
	    "between two requests; 0.3, with --watch 1" },
	{ "timeout", 'W', read_seconds, MEMBER(timeout), 0, 0, "SECONDS",
	    "wait so long for an answer; 1" },
	{ "size", 's', read_number, MEMBER(size), 0, SIZE_MAX_UDP, "BYTES",
	    "of each request, without headers" },
	{ "from", 0, read_address, MEMBER(from), 0, 0, "ADDRESS",
	    "ask from this address of this host" },
	{ "local", 0, read_switch, MEMBER(local), 0, 0, NULL,
	    "ask every address of this host: SERVICE [PORT]" },
	{ "sweep-ports", 0, read_number, MEMBER(sweep_ports), 1, 256, "N",
	    "ask from so many source ports: every ECMP path" },
	{ "sweep-size", 0, read_range, 0, 0, 0, "A-B",
	    "search the largest request that is answered, with --df" },
	{ "dscp", 0, read_number, MEMBER(dscp), 0, 63, "N",
	    "differentiated services code point of requests" },
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
	{ "json", 0, read_switch, MEMBER(json), 0, 0, NULL,
	    "print a JSON object for each target" },
	{ "nagios", 0, read_switch, MEMBER(nagios), 0, 0, NULL,
	    "print the line of a monitoring plugin" },
	{ "quiet", 'q', read_switch, MEMBER(quiet), 0, 0, NULL,
	    "print only what is not ok" },
	{ "watch", 0, read_switch, MEMBER(watch), 0, 0, NULL,
	    "go on until interrupted, and show it" },
	{ "version", 'V', read_version, 0, 0, 0, NULL, "version and build" },
	{ "help", 'h', read_help, 0, 0, 0, NULL, "this text" },
	{ .name = NULL },
};

/*
 * getopt_long() over the table.
 */

/* The value with which getopt_long() returns key number i. */
#define VALUE_OF(i) (256 + (int)(i))

struct getopt_tables {
	struct option options[KEYS_MAX + 1];
	char letters[2 * KEYS_MAX + 2];
};

static void
make_tables(struct getopt_tables *tables)
{
	const struct options_key *key;
	char *letter = tables->letters;
	size_t i;

	*letter++ = ':'; /* tell a missing argument from an unknown option */
	for (i = 0; i < KEYS_MAX && options_keys[i].name != NULL; i++) {
		key = &options_keys[i];
		tables->options[i] = (struct option){
			.name = key->name,
			.has_arg = key->argument == NULL ? no_argument
							 : required_argument,
			.val = VALUE_OF(i),
		};
		if (key->letter == 0)
			continue;
		*letter++ = key->letter;
		if (key->argument != NULL)
			*letter++ = ':';
	}
	tables->options[i] = (struct option){ .name = NULL };
	*letter = '\0';
}

static const struct options_key *
key_of(int value)
{
	const struct options_key *key;

	if (value >= VALUE_OF(0))
		return &options_keys[value - VALUE_OF(0)];
	for (key = options_keys; key->name != NULL; key++)
		if (key->letter == value)
			return key;
	return NULL;
}

/* Is it the beginning of several names, "--sweep" or "--sweep=5"? */
static bool
is_ambiguous(const char *word)
{
	const struct options_key *key;
	unsigned int count = 0;

	if (strncmp(word, "--", 2) != 0)
		return false;
	for (key = options_keys; key->name != NULL; key++)
		if (strncmp(key->name, word + 2, strcspn(word + 2, "=")) == 0)
			count++;
	return count > 1;
}

/* What getopt_long() did not like. */
static bool
bad_option(char *argv[], int value, char why[TARGET_WHY])
{
	const char *problem = "there is no such option";
	const char *word = argv[optind - 1];
	/* Systems differ in what they return for "--local=yes". */
	bool has_value = strncmp(word, "--", 2) == 0 && strchr(word, '=');

	if (value == ':' && !has_value)
		problem = "wants a value";
	else if (value == ':' || optopt >= VALUE_OF(0))
		problem = "takes no value";
	else if (optopt == 0 && is_ambiguous(word))
		problem = "is ambiguous";
	if (optopt > 0 && optopt < VALUE_OF(0))
		snprintf(why, TARGET_WHY, "-%c: %s", optopt, problem);
	else
		snprintf(
		    why, TARGET_WHY, "%.80s: %s", argv[optind - 1], problem);
	return false;
}

static bool
read_options(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY])
{
	const struct options_key *key;
	struct getopt_tables tables;
	char reason[TARGET_WHY];
	int value;

	make_tables(&tables);
	opterr = 0;
	optind = 0; /* start afresh, also in GNU's reading of it */
	while ((value = getopt_long(
		    argc, argv, tables.letters, tables.options, NULL)) != -1) {
		key = key_of(value);
		if (key == NULL) /* '?' or ':' */
			return bad_option(argv, value, why);
		if (!key->read(options, key, optarg, reason)) {
			snprintf(
			    why, TARGET_WHY, "--%s %.150s", key->name, reason);
			return false;
		}
	}
	return true;
}

/*
 * Arguments, and what goes together.
 */

static bool
complain(char why[TARGET_WHY], const char *text)
{
	snprintf(why, TARGET_WHY, "%s", text);
	return false;
}

static bool
read_local(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY])
{
	unsigned long port = options->ask->port;
	const char *rest = "";

	if (argc > 1)
		return complain(why, "--local takes SERVICE and PORT only");
	if (argc == 1 &&
	    (!digits(argv[0], UINT16_MAX, &port, &rest) || *rest != '\0' ||
		port == 0)) {
		snprintf(
		    why, TARGET_WHY, "%.80s: a port is 1 to 65535", argv[0]);
		return false;
	}
	if (port == 0) {
		snprintf(why, TARGET_WHY,
		    "%s has no port of its own: give one, as in --local %s "
		    "7007",
		    options->ask->name, options->ask->name);
		return false;
	}
	options->local_port = (uint16_t)port;
	return true;
}

static bool
read_target(struct options *options, const char *text, char why[TARGET_WHY])
{
	struct target *target = &options->targets[options->target_count];

	if (!target_parse(target, text, why))
		return false;
	if (target->address.port == 0)
		target->address.port = options->ask->port;
	if (target->address.port == 0) {
		snprintf(why, TARGET_WHY,
		    "%s has no port of its own: give one, as in 192.0.2.1:7007 "
		    "or [2001:db8::1]:7007",
		    options->ask->name);
		return false;
	}
	options->target_count++;
	return true;
}

static bool
read_arguments(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY])
{
	int i;

	if (argc < 1)
		return complain(why, "no service given");
	options->ask = ask_find(argv[0]);
	if (options->ask == NULL) {
		snprintf(
		    why, TARGET_WHY, "there is no service \"%.40s\"", argv[0]);
		return false;
	}
	if (options->local)
		return read_local(options, argc - 1, argv + 1, why);
	if (argc < 2)
		return complain(why, "no target given");
	options->targets = calloc((size_t)argc, sizeof(*options->targets));
	if (options->targets == NULL)
		return complain(why, "out of memory");
	for (i = 1; i < argc; i++)
		if (!read_target(options, argv[i], why))
			return false;
	return true;
}

/* Can requests be made at all, and of this size? */
static bool
check_size(const struct options *options, int size, char why[TARGET_WHY])
{
	struct ask_question question = {
		.name = options->name != NULL ? options->name : ".",
		.payload = options->payload,
		.payload_length = options->payload_length,
		.size = -1,
	};
	uint8_t *request = malloc(MH_SLOT_SIZE);
	bool named = false, sized = false;

	if (request != NULL) {
		named = options->ask->build(&question, 0, request) >= 0;
		question.size = size;
		sized = options->ask->build(&question, 0, request) >= 0;
	}
	free(request);
	if (!named)
		snprintf(why, TARGET_WHY, "--name is no domain name: %.80s",
		    question.name);
	else if (!sized)
		snprintf(why, TARGET_WHY, "%s: a request cannot have %d bytes",
		    options->ask->name, size);
	return sized;
}

static bool
check(const struct options *options, char why[TARGET_WHY])
{
	const struct ask *ask = options->ask;

	if (options->only_ipv4 && options->only_ipv6)
		return complain(why, "-4 and -6 exclude each other");
	if (options->json + options->nagios + options->watch > 1)
		return complain(
		    why, "--json, --nagios and --watch exclude each other");
	if (options->name != NULL && ask != &ask_dns)
		return complain(why, "--name is for the service dns");
	if ((options->payload != NULL) != (ask == &ask_raw))
		return complain(why, "raw and --hex or --text go together");
	if ((options->size >= 0 || options->sweep_to != 0) && !ask->sized) {
		snprintf(why, TARGET_WHY, "%s: all requests have one size",
		    ask->name);
		return false;
	}
	if (options->sweep_to != 0 &&
	    (options->size >= 0 || options->sweep_ports != 0 || options->watch))
		return complain(why,
		    "--sweep-size excludes --size, --sweep-ports and --watch");
	if (options->sweep_to != 0 &&
	    !check_size(options, (int)options->sweep_from, why))
		return false;
	return check_size(options, options->size, why);
}

bool
options_parse(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY])
{
	*options = (struct options){ .timeout = SECOND, .size = -1 };
	if (!read_options(options, argc, argv, why))
		return false;
	if (options->action != OPTIONS_RUN)
		return true;
	if (options->interval == 0)
		options->interval = options->watch ? SECOND : 3 * (SECOND / 10);
	if (options->sweep_to != 0)
		options->dont_fragment = true;
	return read_arguments(options, argc - optind, argv + optind, why) &&
	    check(options, why);
}

void
options_clear(struct options *options)
{
	free(options->targets);
	free(options->payload);
	*options = (struct options){ .action = OPTIONS_RUN };
}

/*
 * Texts.
 */

void
options_print_usage(FILE *file)
{
	fputs("usage: mhprobe [options] SERVICE TARGET...\n"
	      "       mhprobe [options] --local SERVICE [PORT]\n"
	      "\n"
	      "  mhprobe dns 192.0.2.53 2001:db8::53   is each answer from "
	      "there?\n"
	      "  mhprobe --local echo 7007             every address of this "
	      "host\n"
	      "\n"
	      "mhprobe --help lists all options and services.\n",
	    file);
}

static void
print_key(FILE *file, const struct options_key *key)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s",
	    key->letter != 0 ? '-' : ' ', key->letter != 0 ? key->letter : ' ',
	    key->letter != 0 ? "," : " ", key->name,
	    key->argument != NULL ? "=" : "",
	    key->argument != NULL ? key->argument : "");
	fprintf(file, "  %-26s %s\n", left, key->help);
}

void
options_print_help(FILE *file)
{
	const struct options_key *key;
	const struct ask *const *ask;

	fputs("usage: mhprobe [options] SERVICE TARGET...\n"
	      "       mhprobe [options] --local SERVICE [PORT]\n"
	      "\n"
	      "Asks a UDP service on every address, and tells whether each\n"
	      "answer came from the address that was asked.\n"
	      "\n"
	      "TARGET is ADDRESS, ADDRESS%IF, PREFIX/BITS or NAME (all its\n"
	      "addresses), each with :PORT if it is not the service's own;\n"
	      "IPv6 with a port is [ADDRESS]:PORT.\n"
	      "\n"
	      "Services:\n",
	    file);
	for (ask = ask_table; *ask != NULL; ask++)
		fprintf(file, "  %-8s %s\n", (*ask)->name, (*ask)->summary);
	fputs("\nOptions:\n", file);
	for (key = options_keys; key->name != NULL; key++)
		print_key(file, key);
	fputs("\nExit code: 0 all answered from where they were asked, 1 an\n"
	      "answer from elsewhere, 2 no answer, 3 bad usage or an error of\n"
	      "this host; the highest of all targets.  See mhprobe(1).\n",
	    file);
}

void
options_print_version(FILE *file)
{
	fprintf(file, "mhprobe %s\nfeatures: %s\nbuild: %s\n", mh_version(),
	    MH_FEATURES, MH_BUILD);
}
