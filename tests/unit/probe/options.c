/* SPDX-License-Identifier: ISC */
/*
 * src/probe/options.c: the option table, command lines that are accepted, and
 * the errors for those that are not.
 */
#include "probe/options.h"

#include "probe/arguments.h"

#include "unit/probe/suites.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 32 };

/* Split a line at blanks; a word may be '' for nothing. */
static int
split(char *line, char *words[WORDS_MAX])
{
	static char program[] = "mhprobe", empty[] = "";
	char *word, *rest = line;
	int count = 1;

	words[0] = program;
	for (word = strtok_r(line, " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest)) {
		ck_assert_int_lt(count, WORDS_MAX - 1);
		words[count++] = strcmp(word, "''") == 0 ? empty : word;
	}
	words[count] = NULL;
	return count;
}

static char line_copy[512];

static bool
parse(struct options *options, const char *line, char why[TARGET_WHY])
{
	char *words[WORDS_MAX];

	ck_assert_uint_lt(strlen(line), sizeof(line_copy));
	strcpy(line_copy, line);
	why[0] = '\0';
	return arguments_parse(options, split(line_copy, words), words, why);
}

static const char *const good[] = {
	"echo 192.0.2.1",
	"echo 192.0.2.1:7 [2001:db8::1]:7 example.net:7 192.0.2.0/24",
	"whoami 192.0.2.1:7008",
	"-c 5 -i 0.01 -W 0.5 -s 100 echo ::1",
	"-i .5 -W .25 echo ::1",
	"--count=5 --interval=2 --timeout=3.25 --size=0 echo ::1",
	"echo ::1 -c 5",
	"--local echo",
	"--local echo 7007",
	"--local whoami 7008",
	"--local dns --json",
	"-4 echo example.net",
	"-6 --from ::1 echo example.net",
	"--sweep-ports 16 echo 192.0.2.1",
	"--sweep-size 1200-1500 echo 192.0.2.1",
	"--sweep-size 1-65507 echo 192.0.2.1",
	"--sweep-size 44-9000 stamp 192.0.2.1",
	"-s 100 daytime 192.0.2.1",
	"-s 100 dns 192.0.2.1",
	"-s 100 stamp 192.0.2.1",
	"--tlv cos stamp 192.0.2.1",
	"--tlv cos,location,node,time,direct,hmac --key file stamp 192.0.2.1",
	"--tlv cos --tlv direct -s 44 --dscp 10 stamp 192.0.2.1 -s 88",
	"-s 100 time 192.0.2.1",
	"-s 100 whoami 192.0.2.1:7008",
	"--dscp 46 --df echo 192.0.2.1",
	"--tos 0 --ecn not-ect echo 192.0.2.1",
	"-f targets echo",
	"--file - echo 192.0.2.1",
	"--nagios --warning 100,20% --critical 500,60% echo ::1",
	"--nagios --warning 100,20% --critical 100,20% echo ::1",
	"--nagios --warning 100 --critical 60% echo ::1",
	"dns 192.0.2.1",
	"--name id.server dns 192.0.2.1",
	"--name example.net. dns 192.0.2.1",
	"-s 300 dns 192.0.2.1",
	"--hex 00ff raw 192.0.2.1:9",
	"--hex '' raw 192.0.2.1:9",
	"--text hello raw 192.0.2.1:9",
	"--nagios -q ntp 192.0.2.1",
	"--watch stun 192.0.2.1",
	"daytime 192.0.2.1",
	"time 192.0.2.1",
	"irtt 192.0.2.1",
	"snmp 192.0.2.1",
	"sip 192.0.2.1",
	"coap 192.0.2.1",
	"--help",
	"-V",
	"-h nonsense",
};

START_TEST(test_good)
{
	struct options options;
	char why[TARGET_WHY];

	ck_assert_msg(parse(&options, good[_i], why), "%s: %s", good[_i], why);
	options_clear(&options);
}
END_TEST

static const struct {
	const char *line, *why;
} bad[] = {
	{ "", "no service" },
	{ "echo", "no target" },
	{ "ehco ::1", "unknown service \"ehco\"" },
	{ "--nonsense echo ::1", "--nonsense: unknown option" },
	{ "-x echo ::1", "-x: unknown option" },
	{ "echo ::1 -c", "-c: requires a value" },
	{ "echo ::1 --count", "--count: requires a value" },
	{ "--local=yes echo", "--local=yes: takes no value" },
	{ "--sweep echo ::1", "--sweep: is ambiguous" },
	{ "--sweep=1 echo ::1", "--sweep=1: is ambiguous" },
	{ "--sweep-x=1 echo ::1", "--sweep-x=1: unknown option" },
	{ "--counts 5 echo ::1", "--counts: unknown option" },
	{ "-c 0 echo ::1", "--count: must be a number from 1" },
	{ "-c -1 echo ::1", "--count: must be" },
	{ "-c 1x echo ::1", "--count: must be" },
	{ "-c '' echo ::1", "--count: must be" },
	{ "-c 99999999999999999999 echo ::1", "--count: must be" },
	{ "-i 0 echo ::1", "--interval: must be seconds" },
	{ "-i 0.0001 echo ::1", "--interval: must be seconds" },
	{ "-i 1s echo ::1", "--interval: must be seconds" },
	{ "-i 1e3 echo ::1", "--interval: must be seconds" },
	{ "-W 86401 echo ::1", "--timeout: must be seconds" },
	{ "-W .x echo ::1", "--timeout: must be seconds" },
	{ "-W -.5 echo ::1", "--timeout: must be seconds" },
	{ "-W .. echo ::1", "--timeout: must be seconds" },
	{ "-W . echo ::1", "--timeout: must be seconds" },
	{ "-s 65508 echo ::1", "--size: must be" },
	{ "--from nowhere echo ::1", "--from: must be an address" },
	{ "--from 192.0.2.1:7 echo ::1", "--from: must be an address" },
	{ "--sweep-ports 0 echo ::1", "--sweep-ports: must be" },
	{ "--sweep-ports 257 echo ::1", "--sweep-ports: must be" },
	{ "--sweep-size 1500 echo ::1", "--sweep-size: must be two sizes" },
	{ "--sweep-size 1500-1200 echo ::1", "--sweep-size: must be" },
	{ "--sweep-size 0-10 echo ::1", "--sweep-size: must be" },
	{ "--sweep-size 1-65508 echo ::1", "--sweep-size: must be" },
	{ "--sweep-size 43-100 stamp ::1", "cannot have 43 bytes" },
	{ "--tlv cos,location -s 99 stamp ::1", "cannot have 99 bytes" },
	{ "--key f -s 111 stamp ::1", "cannot have 111 bytes" },
	{ "--tlv '' stamp ::1", "--tlv: must be some of cos,location,node" },
	{ "--tlv cos, stamp ::1", "--tlv: must be some of" },
	{ "--tlv co stamp ::1", "--tlv: must be some of" },
	{ "--tlv cos echo ::1", "--tlv and --key: are for the service stamp" },
	{ "--key f echo ::1", "--tlv and --key: are for the service stamp" },
	{ "--tlv cos,hmac stamp ::1", "--tlv: hmac needs --key" },
	{ "--key f --key g stamp ::1", "--key: given twice" },
	{ "--sweep-size 100-200 ntp ::1", "one size" },
	{ "--sweep-size 1-9 -s 5 echo ::1", "--sweep-size: excludes" },
	{ "--sweep-size 1-9 -s 0 echo ::1", "--sweep-size: excludes" },
	{ "--sweep-size 1-9 --sweep-ports 5 echo ::1", "excludes" },
	{ "--sweep-size 1-9 --watch echo ::1", "excludes" },
	{ "--dscp 64 echo ::1", "--dscp: must be a number from 0 to 63" },
	{ "--tos 256 echo ::1", "--tos: must be a number from 0 to 255" },
	{ "--tos 0x echo ::1", "--tos: must be" },
	{ "--tos 0x100 echo ::1", "--tos: must be" },
	{ "--tos 0xg0 echo ::1", "--tos: must be" },
	{ "--tos -1 echo ::1", "--tos: must be" },
	{ "--ecn ect echo ::1",
	    "--ecn: must be not-ect, ect0, ect1 or ce, not \"ect\"" },
	{ "-f a -f b echo", "--file: given twice" },
	{ "--local -f a echo", "--local and --file are mutually exclusive" },
	{ "--warning 100 echo ::1", "--warning and --critical: are for" },
	{ "--critical 5% --json echo ::1", "are for --nagios" },
	{ "--nagios --warning 5ms echo ::1",
	    "--warning: must be milliseconds and percent, as in 100,20%" },
	{ "--nagios --critical 101% echo ::1", "--critical: must be" },
	{ "--nagios --warning 101 --critical 100 echo ::1",
	    "--warning: its time is above that of --critical" },
	{ "--nagios --warning 21% --critical 9,20% echo ::1",
	    "--warning: its loss is above that of --critical" },
	{ "-4 -6 echo ::1", "are mutually exclusive" },
	{ "--json --nagios echo ::1", "are mutually exclusive" },
	{ "--json --watch echo ::1", "are mutually exclusive" },
	{ "--name x echo ::1", "--name: is for the service dns" },
	{ "--name a..b dns ::1",
	    "--name: must be a domain name, not \"a..b\"" },
	{ "--name .a dns ::1", "must be a domain name" },
	{ "-s 100 ntp ::1", "one size" },
	{ "-s 20 dns ::1", "cannot have 20 bytes" },
	{ "raw 192.0.2.1:9", "raw and --hex or --text" },
	{ "--text x echo ::1", "raw and --hex or --text" },
	{ "--hex 0 raw 192.0.2.1:9", "--hex: must be pairs" },
	{ "--hex 0g raw 192.0.2.1:9", "--hex: must be pairs" },
	{ "--text x raw 192.0.2.1", "raw has no port of its own" },
	{ "whoami 192.0.2.1", "whoami has no port of its own" },
	{ "--local whoami", "whoami has no port of its own" },
	{ "--from fe80::1 echo ::1",
	    "--from: a link-local address needs its interface, as in "
	    "fe80::1%eth0" },
	{ "--from fe80::1%no-such echo ::1",
	    "--from: names an interface that does not exist: "
	    "\"fe80::1%no-such\"" },
	/* Nothing that was to be asked is dropped. */
	{ "--from ::1 --from ::2 echo ::1",
	    "--from: given twice: run mhprobe once for each" },
	{ "--name a --name b dns ::1", "--name: given twice" },
	{ "--hex 00 --hex 00 raw [::1]:9", "--hex: the payload is given" },
	{ "--hex '' --text ab raw [::1]:9",
	    "--text: the payload is given already: run mhprobe once for "
	    "each" },
	{ "--local", "no service" },
	{ "--local echo 0", "a port is" },
	{ "--local echo 65536", "a port is" },
	{ "--local echo x", "a port is" },
	{ "--local echo 7 8", "SERVICE and PORT only" },
	{ "echo 192.0.2.1:99999", "a port is" },
	{ "echo 10.0.0.0/8", "more than 65536" },
};

START_TEST(test_bad)
{
	struct options options;
	char why[TARGET_WHY];

	ck_assert_msg(
	    !parse(&options, bad[_i].line, why), "%s: taken", bad[_i].line);
	ck_assert_msg(
	    strstr(why, bad[_i].why) != NULL, "%s: %s", bad[_i].line, why);
	options_clear(&options);
}
END_TEST

START_TEST(test_values)
{
	struct options options;
	char why[TARGET_WHY];

	ck_assert(parse(&options,
	    "-c 5 -i .25 -W 1.5 -s 64 --from 127.0.0.2 --dscp 46 --df -q "
	    "--json -4 echo 192.0.2.1 192.0.2.2:9",
	    why));
	ck_assert_uint_eq(options.count, 5);
	ck_assert_int_eq(options.interval, 250000000);
	ck_assert_int_eq(options.timeout, 1500000000);
	ck_assert_int_eq(options.size, 64);
	unit_assert_address(&options.from, "127.0.0.2", "from");
	ck_assert_uint_eq(options.tos, 46 << 2);
	ck_assert(options.dont_fragment && options.quiet && options.json);
	ck_assert(options.only_ipv4 && !options.only_ipv6);
	ck_assert(!options.nagios && !options.watch && !options.local);
	ck_assert_uint_eq(options.target_count, 2);
	unit_assert_address(
	    &options.targets[0].address, "192.0.2.1:7", "registered port");
	unit_assert_address(
	    &options.targets[1].address, "192.0.2.2:9", "given port");
	options_clear(&options);
}
END_TEST

/* Of numbers, the last one counts. */
START_TEST(test_last)
{
	struct options options;
	char why[TARGET_WHY];

	ck_assert(parse(&options,
	    "-c 5 -i 2 -s 9 --sweep-ports 2 --dscp 4 -c 6 --interval=3 -s 0 "
	    "--sweep-ports 3 --dscp 0 echo ::1",
	    why));
	ck_assert_uint_eq(options.count, 6);
	ck_assert_int_eq(options.interval, 3000000000);
	ck_assert_int_eq(options.size, 0);
	ck_assert_uint_eq(options.sweep_ports, 3);
	ck_assert_uint_eq(options.tos, 0);
	options_clear(&options);
}
END_TEST

static const struct {
	const char *line;
	unsigned int tos;
} classes[] = {
	{ "--tos 0xb8", 0xb8 },
	{ "--tos 0xFF", 255 },
	{ "--tos 184", 0xb8 },
	{ "--dscp 46", 0xb8 },
	{ "--ecn ect1", 1 },
	{ "--ecn ect0", 2 },
	{ "--ecn ce", 3 },
	{ "--ecn not-ect", 0 },
	/* Each has its own bits, and the last one counts. */
	{ "--dscp 46 --ecn ect0", 0xba },
	{ "--ecn ect0 --dscp 46", 0xba },
	{ "--tos 0xb8 --ecn ce", 0xbb },
	{ "--tos 0x03 --dscp 1", 0x07 },
	{ "--dscp 46 --ecn ce --tos 8", 8 },
	{ "--tos 0xff --dscp 0 --ecn not-ect", 0 },
};

START_TEST(test_class)
{
	struct options options;
	char why[TARGET_WHY], line[128];

	snprintf(line, sizeof(line), "%s echo ::1", classes[_i].line);
	ck_assert_msg(parse(&options, line, why), "%s: %s", line, why);
	ck_assert_uint_eq(options.tos, classes[_i].tos);
	options_clear(&options);
}
END_TEST

START_TEST(test_defaults)
{
	struct options options;
	char why[TARGET_WHY];

	ck_assert(parse(&options, "echo ::1", why));
	ck_assert_uint_eq(options.count, 0);
	ck_assert_int_eq(options.interval, 300000000);
	ck_assert_int_eq(options.timeout, 1000000000);
	ck_assert_int_eq(options.size, -1);
	ck_assert(!options.dont_fragment);
	options_clear(&options);
	ck_assert(parse(&options, "--watch echo ::1", why));
	ck_assert_int_eq(options.interval, 1000000000);
	options_clear(&options);
	ck_assert(parse(&options, "--sweep-size 1-9 echo ::1", why));
	ck_assert(options.dont_fragment);
	options_clear(&options);
}
END_TEST

static const struct {
	const char *line;
	size_t length;
	const char *bytes;
} payloads[] = {
	{ "--hex 00ffA5 raw ::1", 3, "\x00\xff\xa5" },
	{ "--hex 00:ff:a5 raw ::1", 3, "\x00\xff\xa5" },
	{ "--hex '' raw ::1", 0, "" },
	{ "--text hello raw ::1", 5, "hello" },
};

START_TEST(test_payload)
{
	struct options options;
	char why[TARGET_WHY], line[128];

	strcpy(line, payloads[_i].line);
	strcpy(strstr(line, "::1"), "[::1]:9");
	ck_assert_msg(parse(&options, line, why), "%s: %s", line, why);
	ck_assert_uint_eq(options.payload_length, payloads[_i].length);
	ck_assert_mem_eq(
	    options.payload, payloads[_i].bytes, payloads[_i].length);
	options_clear(&options);
}
END_TEST

/* Names and letters are unique, and described. */
START_TEST(test_table)
{
	const struct options_key *key, *other;

	for (key = options_keys; key->name != NULL; key++) {
		ck_assert_msg(key->help != NULL && key->help[0] != '\0' &&
			key->read != NULL &&
			(key->letter == 0 || key->letter >= '0'),
		    "--%s", key->name);
		for (other = options_keys; other < key; other++)
			ck_assert_msg(strcmp(key->name, other->name) != 0 &&
				(key->letter == 0 ||
				    key->letter != other->letter),
			    "--%s and --%s", key->name, other->name);
	}
}
END_TEST

Suite *
probe_options_suite(void)
{
	Suite *suite = suite_create("probe options");
	TCase *tcase = tcase_create("options");

	tcase_add_loop_test(tcase, test_good, 0, LENGTH(good));
	tcase_add_loop_test(tcase, test_bad, 0, LENGTH(bad));
	tcase_add_test(tcase, test_values);
	tcase_add_test(tcase, test_last);
	tcase_add_loop_test(tcase, test_class, 0, LENGTH(classes));
	tcase_add_test(tcase, test_defaults);
	tcase_add_loop_test(tcase, test_payload, 0, LENGTH(payloads));
	tcase_add_test(tcase, test_table);
	suite_add_tcase(suite, tcase);
	return suite;
}
