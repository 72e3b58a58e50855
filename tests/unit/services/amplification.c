/* SPDX-License-Identifier: ISC */
/*
 * The amplification table: for each service a stranger's smallest request that
 * is answered, and how much more goes out on the wire than came in. Service and
 * guard together, without any network.
 */
#include "daemon/path/guard.h"
#include "unit/services/ask.h"

#include "common/bytes.h"

#include <stdio.h>
#include <string.h>

/* As much as one Ethernet datagram carries. */
#define LONGEST 1472

/*
 * Strangers of each family, some of which pretend to be near, and what their
 * frames consist of.
 */
static const struct family {
	const char *name;
	const char *peer, *asked;
	size_t headers; /* Ethernet with its checksum, IP, UDP */
} families[] = {
	{ "IPv4", "198.51.100.9:40000", "192.0.2.1", 18 + 20 + 8 },
	{ "IPv6", "[2001:db8::9]:40000", "2001:db8::1", 18 + 40 + 8 },
	{ "10/8", "10.0.0.9:40000", "192.0.2.1", 18 + 20 + 8 },
	{ "192/16", "192.168.77.77:40000", "192.0.2.1", 18 + 20 + 8 },
	{ "169/16", "169.254.169.254:40000", "192.0.2.1", 18 + 20 + 8 },
	{ "fd00/8", "[fd00::9]:40000", "2001:db8::1", 18 + 40 + 8 },
};

/* The smallest Ethernet frame, and what of each is not the IP packet. */
#define FRAME_MIN 64
#define FRAME_OWN 18

/* The payload of that over IPv4, as which a smaller one counts. */
#define PAYLOAD_MIN 18

static bool
is_ipv6(const struct family *family)
{
	return strchr(family->asked, ':') != NULL;
}

static double
wire_ratio(const struct family *family, size_t request, size_t reply)
{
	request += family->headers;
	reply += family->headers;
	return (double)(reply > FRAME_MIN ? reply : FRAME_MIN) /
	    (double)(request > FRAME_MIN ? request : FRAME_MIN);
}

/* Where nothing fills small packets up: layer 3. */
static double
packet_ratio(const struct family *family, size_t request, size_t reply)
{
	return (double)(family->headers - FRAME_OWN + reply) /
	    (double)(family->headers - FRAME_OWN + request);
}

/* The most of that, as the manual says. */
static double
packet_most(const struct family *family, size_t request)
{
	return !is_ipv6(family) && request < PAYLOAD_MIN
	    ? packet_ratio(family, request, PAYLOAD_MIN)
	    : 1.00;
}

/*
 * How each service is asked: with the bytes, then with blanks; with a reply of
 * full length, and a short one.
 */
static struct service_pattern ping = {
	.bytes = "ping", .mask = { 0xff, 0xff, 0xff, 0xff }, .length = 4
};
static struct service_pattern nothing = { .length = 0 };
static struct service_pattern pong = { .bytes = "pong", .length = 4 };
static struct service_pattern eighteen = { .length = PAYLOAD_MIN };
static struct service_pattern page = { .length = SERVICE_PATTERN_MAX };

/* Version 1, 127 and 63 ns; what follows is one unknown parameter. */
#define IRTT_OPEN "\x14\xa7\x5b\1\1\2\2\x7e\3\x7e"

static const struct row {
	const char *service;
	const char *what;
	const char *file;              /* qotd: what is in it */
	struct service_pattern *reply; /* fixed */
	const char *bytes;             /* fixed: "" or "ping" is the request */
	double most; /* 1.00, unless the protocol itself requires more */
	bool silent; /* never answers a stranger */
	int empty;   /* bytes of the reply to an empty datagram over IPv4;
		      * -1: none */
} rows[] = {
	{ "echo", "", NULL, NULL, "", 1.00, false, 0 },
	{ "discard", "", NULL, NULL, "", 1.00, true, -1 },
	{ "whoami", "", NULL, NULL, "", 1.00, false, -1 },
	{ "whoami", "JSON", NULL, NULL, "json", 1.00, false, -1 },
	{ "daytime", "", NULL, NULL, "", 1.00, false, 18 },
	{ "time", "", NULL, NULL, "", 1.00, false, 4 },
	{ "chargen", "", NULL, NULL, "", 1.00, false, 18 },
	{ "qotd", "short", "Less.\n", NULL, "", 1.00, false, 6 },
	{ "qotd", "18", "No more than this\n", NULL, "", 1.00, false, 18 },
	{ "qotd", "long",
	    "Whoever has much to say, and says it to those who did not ask, is "
	    "heard by those who did not want to hear.\n",
	    NULL, "", 1.00, false, -1 },
	{ "fixed", "empty", NULL, &eighteen, "", 1.00, false, 18 },
	{ "fixed", "short", NULL, &pong, "ping", 1.00, false, -1 },
	{ "fixed", "long", NULL, &page, "ping", 1.00, true, -1 },
	{ "stun", "", NULL, NULL, "", 1.60, false, -1 },
	{ "stun", "change", NULL, NULL, "change", 1.60, false, -1 },
	{ "stun", "420", NULL, NULL, "unknown", 1.60, false, -1 },
	{ "stamp", "", NULL, NULL, "", 1.00, false, -1 },
	{ "irtt", "open", NULL, NULL, IRTT_OPEN, 1.22, false, -1 },
	{ "sockperf", "", NULL, NULL, "", 1.00, false, -1 },
	{ "dns", "addr", NULL, NULL, "", 2.00, false, -1 },
	{ "dns", "TXT", NULL, NULL, "", 2.00, false, -1 },
	{ "dns", "cookie", NULL, NULL, "", 2.00, false, -1 },
	{ "dns", "NODATA", NULL, NULL, "", 2.00, false, -1 },
	{ "dns", "CH", NULL, NULL, "", 2.00, false, -1 },
	{ "dns", "other", NULL, NULL, "", 1.00, false, -1 },
	{ "sntp", "", NULL, NULL, "#", 1.00, false, -1 },
	{ "beacon", "", NULL, NULL, "\xff\xff", 1.00, false, -1 },
	{ "beacon", "unity", NULL, NULL, "Y", 1.00, false, -1 },
};

/* IPv6 addresses are longer, and STUN replies consist of those. */
static double
most_of(const struct row *row, const struct family *family)
{
	const unsigned int bound = service_find(row->service)->bound_ipv6;

	return is_ipv6(family) && bound != 0 ? bound / 100.0 : row->most;
}

/*
 * A STUN request of that length, as far as there is one: with an attribute or
 * not, and SOFTWARE to fill it up.
 */
static void
make_stun(const struct row *row, char *data, size_t length)
{
	static const char header[] = "\0\1\0\0\x21\x12\xa4\x42 transaction";
	static const char change[] = "\0\3\0\4\0\0\0\6";
	static const char unknown[] = "\x77\x77\0\0";
	size_t at = 20;

	memcpy(data, header, 20);
	bytes_put16((uint8_t *)data + 2, (unsigned int)(length - 20));
	if (*row->bytes == 'c') {
		memcpy(data + at, change, 8);
		at += 8;
	} else if (*row->bytes == 'u') {
		memcpy(data + at, unknown, 4);
		at += 4;
	}
	if (length < at + 4)
		return;
	memcpy(data + at, "\x80\x22", 2);
	bytes_put16((uint8_t *)data + at + 2, (unsigned int)(length - at - 4));
}

/* One session, which opens do not begin. */
static void
set_irtt(void *settings, struct service_context *context)
{
	static _Alignas(max_align_t) uint8_t state[4096];
	static const uint8_t seed[SERVICE_SEED];
	unsigned int *member = ask_setting(&service_irtt, settings, "sessions");

	*member = 1;
	member = ask_setting(&service_irtt, settings, "timeout");
	*member = 60;
	ck_assert_uint_le(service_irtt.state_size(settings), sizeof(state));
	service_irtt.state_init(state, settings, seed);
	context->state = state;
}

/* What each row of dns asks for: a name on the wire, a type, a class. */
static const struct {
	const char *what, *name;
	unsigned int type, class;
} questions[] = {
	{ "addr", "\1w", 255, 1 },
	{ "TXT", "\1w", 16, 1 },
	{ "cookie", "\1w", 16, 1 },
	{ "NODATA", "\1x\1w", 15, 1 },
	{ "CH", "\2id\6server", 16, 3 },
	{ "other", "", 2, 1 },
};

/*
 * A query of that length, as far as there is one: filled up by an option that
 * nobody knows, after those for a cookie and the name of this host.
 */
static void
make_dns(const struct row *row, char *data, size_t length)
{
	static const char options[] = "\0\12\0\10clientsp\0\3\0";
	const bool is_more = strcmp(row->what, "cookie") == 0;
	uint8_t *at = (uint8_t *)data + 12;
	size_t left, i = 0;

	if (strcmp(row->service, "dns") != 0 || length < 12)
		return;
	memset(data, 0, length);
	data[5] = 1;
	while (strcmp(questions[i].what, row->what) != 0)
		i++;
	if (length < 12 + strlen(questions[i].name) + 5)
		return;
	memcpy(at, questions[i].name, strlen(questions[i].name));
	at += strlen(questions[i].name) + 5;
	bytes_put16(at - 4, questions[i].type);
	bytes_put16(at - 2, questions[i].class);
	left = length - (size_t)(at - (uint8_t *)data);
	if (left < 11)
		return;
	data[11] = 1;
	bytes_put16(at + 1, 41);
	bytes_put16(at + 3, 65535);
	bytes_put16(at + 9, (unsigned int)(left - 11));
	at += 11;
	left -= 11;
	if (is_more && left >= sizeof(options)) {
		memcpy(at, options, sizeof(options));
		at += sizeof(options);
		left -= sizeof(options);
	}
	if (left < 4)
		return;
	bytes_put16(at, 0xffff);
	bytes_put16(at + 2, (unsigned int)(left - 4));
}

/* What row->bytes and blanks are no request of. */
static void
make_request(const struct row *row, char *data, size_t length)
{
	if (strcmp(row->service, "stun") == 0)
		make_stun(row, data, length);
	else if (strcmp(row->service, "sockperf") == 0) {
		bytes_put16((uint8_t *)data + 8, 3);
		bytes_put32((uint8_t *)data + 10, (uint32_t)length);
	} else if (strcmp(row->service, "dns") == 0) {
		make_dns(row, data, length);
	} else if (*row->bytes == 'Y' && length >= 13 && length < 13 + 256) {
		data[1] = 0;
		data[2] = (char)(length - 13);
	}
}

/* Set the settings of a row, and what the service prepares from them. */
static void
set(const struct row *row, void *settings, struct service_context *context)
{
	const struct service *service = service_find(row->service);
	struct service_pattern *request =
	    *row->bytes != '\0' ? &ping : &nothing;
	struct service_file *file;
	static const char *const zone = "w";

	if (strcmp(row->service, "dns") == 0)
		memcpy(ask_setting(service, settings, "zone"), &zone,
		    sizeof(zone));
	if (row->file != NULL) {
		file = ask_setting(service, settings, "file");
		memcpy(&file->text, &row->file, sizeof(row->file));
		file->length = strlen(row->file);
	}
	if (row->reply != NULL) {
		memcpy(ask_setting(service, settings, "request"), &request,
		    sizeof(request));
		memcpy(ask_setting(service, settings, "reply"), &row->reply,
		    sizeof(row->reply));
	}
	if (service == &service_irtt)
		set_irtt(settings, context);
	ask_prepare(service, settings, context);
}

/* Two addresses with two ports each. */
static struct mh_address ends_ipv4[SERVICE_ENDS], ends_ipv6[SERVICE_ENDS];

static void
make_ends(void)
{
	static const char *const texts[][2] = {
		{ "192.0.2.1:3478", "[2001:db8::1]:3478" },
		{ "192.0.2.1:3479", "[2001:db8::1]:3479" },
		{ "192.0.2.2:3478", "[2001:db8::2]:3478" },
		{ "192.0.2.2:3479", "[2001:db8::2]:3479" },
	};
	size_t i;

	for (i = 0; i < SERVICE_ENDS; i++) {
		ends_ipv4[i] = unit_address(texts[i][0]);
		ends_ipv6[i] = unit_address(texts[i][1]);
	}
}

/*
 * How the daemon treats a request: the length of what it sends, or less than 0.
 * The rules are those of an empty configuration, and the peer is a stranger, or
 * claims to be near.
 */
static int
send_length(const struct row *row, const struct mh_datagram *request)
{
	static _Alignas(max_align_t) uint8_t settings[64];
	static const struct guard_policy policy;
	static const struct guard_own own;
	const struct service *service = service_find(row->service);
	const struct guard_rules rules = { .access_otherwise = GUARD_ALLOW,
		.max_amplification = 100,
		.trust_local = true,
		.amplifies = service->amplifies,
		.bound_ipv4 = service->bound_ipv4,
		.bound_ipv6 = service->bound_ipv6 };
	const struct guard guard = { &policy, &rules, &own, NULL, NULL };
	struct guard_result answer = guard_check(&guard, request, 0);
	struct service_context context = {
		.now.utc_ns = 1709210096 * SECOND,
		.seed = (const uint8_t *)"sixteen or more.",
		.node = "gate.example.net",
		.interface = "eth0",
		.ends = request->local.family == MH_FAMILY_IPV4 ? ends_ipv4
								: ends_ipv6,
	};
	const char *reply;

	ck_assert_uint_le(service->settings_size, sizeof(settings));
	ck_assert_int_eq(answer.verdict, PASS);
	memset(settings, 0, sizeof(settings));
	set(row, settings, &context);
	ask_room = answer.allowance;
	return ask(service, &context, request, &reply);
}

/* All lengths of one request; how the smallest that is answered does. */
START_TEST(test_gives_no_more_than_it_gets)
{
	const struct row *row = &rows[_i % LENGTH(rows)];
	const struct family *family = &families[_i / LENGTH(rows)];
	char data[LONGEST];
	struct mh_datagram request = { .peer = unit_address(family->peer),
		.local = unit_address(family->asked),
		.ttl = 64,
		.tos = 0,
		.data = data };
	int length, first = -1;
	double ratio, worst = 0, packet, worst_packet = 0;
	size_t smallest = 0;

	memset(data, ' ', sizeof(data));
	memcpy(data, row->bytes, strlen(row->bytes));
	for (request.length = strlen(row->bytes); request.length <= LONGEST;
	     request.length++) {
		make_request(row, data, request.length);
		length = send_length(row, &request);
		if (length < 0)
			continue;
		if (first < 0) {
			first = length;
			smallest = request.length;
		}
		ratio = wire_ratio(family, request.length, (size_t)length);
		if (ratio > worst)
			worst = ratio;
		packet = packet_ratio(family, request.length, (size_t)length);
		if (packet > worst_packet)
			worst_packet = packet;
		ck_assert_msg(packet <= most_of(row, family) *
			    packet_most(family, request.length),
		    "%s %s %s: %d bytes to %zu", row->service, row->what,
		    family->name, length, request.length);
	}
	if (first < 0)
		printf("%-8s %-6s %-6s %8s %8s %6s %6s\n", row->service,
		    row->what, family->name, "any", "silence", "-", "-");
	else
		printf("%-8s %-6s %-6s %8zu %8d %6.2f %6.2f\n", row->service,
		    row->what, family->name, smallest, first, worst,
		    worst_packet);
	fflush(stdout);
	ck_assert_msg(worst <= most_of(row, family), "%s %s %s: %.2f",
	    row->service, row->what, family->name, worst);
	/* No other datagram than the empty one is a request of that row. */
	ck_assert_msg((first < 0) ==
		(row->silent || (row->reply == &eighteen && is_ipv6(family))),
	    "%s %s %s: %d", row->service, row->what, family->name, first);
}
END_TEST

/* An empty datagram: over IPv6 it gets no more than it is. */
START_TEST(test_answers_empty_ones)
{
	const struct row *row = &rows[_i % LENGTH(rows)];
	const struct family *family = &families[_i / LENGTH(rows)];
	char data[1] = "";
	const struct mh_datagram request = { .peer = unit_address(family->peer),
		.local = unit_address(family->asked),
		.ttl = 64,
		.data = data };
	int length = send_length(row, &request);

	if (is_ipv6(family))
		ck_assert_int_le(length, 0);
	else
		ck_assert_int_eq(length < 0 ? -1 : length, row->empty);
	/* The manual says so: 46 bytes for 28. */
	if (length >= 0)
		ck_assert(packet_ratio(family, 0, (size_t)length) < 1.645);
}
END_TEST

/* A near peer may ask an amplifier, and gets no more than a stranger. */
START_TEST(test_amplifies_for_nobody)
{
	static const char *const near[][2] = { { "10.0.0.9:1", "10.0.0.1" },
		{ "[fd00::9]:1", "fd00::1" }, { "[fe80::9%2]:1", "fe80::1%2" },
		{ "127.0.0.1:1", "127.0.0.1" } };
	const struct row *row = &rows[_i % LENGTH(rows)];
	char data[LONGEST];
	struct mh_datagram request = { .ttl = 64, .data = data };
	int length;
	size_t i;

	if (!service_find(row->service)->amplifies)
		return;
	memset(data, ' ', sizeof(data));
	for (i = 0; i < LENGTH(near); i++) {
		request.peer = unit_address(near[i][0]);
		request.local = unit_address(near[i][1]);
		for (request.length = 18; request.length <= LONGEST;
		     request.length++) {
			length = send_length(row, &request);
			ck_assert_int_le(length, (int)request.length);
		}
	}
}
END_TEST

/* RFC 864 and RFC 865: long replies to requests of any length. */
START_TEST(test_knows_amplifiers)
{
	const struct service *const *service;

	for (service = service_table; *service != NULL; service++)
		ck_assert_int_eq((*service)->amplifies,
		    strcmp((*service)->name, "chargen") == 0 ||
			strcmp((*service)->name, "qotd") == 0);
}
END_TEST

/* No service is without a row. */
START_TEST(test_misses_none)
{
	const struct service *const *service;
	size_t i;

	for (service = service_table; *service != NULL; service++) {
		for (i = 0; i < LENGTH(rows); i++)
			if (strcmp(rows[i].service, (*service)->name) == 0)
				break;
		ck_assert_msg(i < LENGTH(rows), "%s is not in the table",
		    (*service)->name);
	}
}
END_TEST

static void
print_heading(void)
{
	printf("smallest request of a stranger that is answered, in bytes:\n"
	       "%-8s %-6s %-6s %8s %8s %6s %6s\n",
	    "service", "", "", "request", "reply", "wire", "packet");
	fflush(stdout);
}

Suite *
amplification_suite(void)
{
	Suite *suite = suite_create("amplification");
	TCase *tcase = ask_tcase("amplification");

	tcase_set_tags(tcase, "long");
	tcase_add_unchecked_fixture(tcase, print_heading, NULL);
	tcase_add_checked_fixture(tcase, make_ends, NULL);
	tcase_add_loop_test(tcase, test_gives_no_more_than_it_gets, 0,
	    LENGTH(rows) * LENGTH(families));
	tcase_add_loop_test(
	    tcase, test_answers_empty_ones, 0, LENGTH(rows) * LENGTH(families));
	tcase_add_loop_test(tcase, test_amplifies_for_nobody, 0, LENGTH(rows));
	tcase_add_test(tcase, test_knows_amplifiers);
	tcase_add_test(tcase, test_misses_none);
	suite_add_tcase(suite, tcase);
	return suite;
}
