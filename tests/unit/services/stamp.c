/* SPDX-License-Identifier: ISC */
/*
 * src/services/stamp.c: base packets to the octet, times, what is no request,
 * and sessions.  Pure.
 */
#include "common/bytes.h"
#include "common/mac.h"
#include "unit/services/ask.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2026-11-26 17:20:00 UTC, which is ecd1b540 in NTP's count. */
#define NOW (INT64_C(1764177600) * SECOND)
#define NTP_NOW UINT64_C(0xecd1b54000000000)
#define MS INT64_C(1000000)

#define KEY \
	"HEX:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static alignas(max_align_t) uint8_t settings[64];
static alignas(max_align_t) uint8_t state[64 * 1024];
static struct service_counts counts;
static struct service_context context;
static struct mh_datagram request;
static uint8_t bytes[1500], answer[1500];
static struct service_reply reply;

static void
set_number(const char *name, unsigned int value)
{
	unsigned int *member = ask_setting(&service_stamp, settings, name);

	*member = value;
}

static void
set_yes(const char *name)
{
	bool *member = ask_setting(&service_stamp, settings, name);

	*member = true;
}

static void
set_key(const char *text)
{
	struct service_file *file =
	    ask_setting(&service_stamp, settings, "key");

	memcpy(&file->text, &text, sizeof(text));
	file->length = strlen(text);
	ask_prepare(&service_stamp, settings, &context);
}

static void
setup(void)
{
	memset(settings, 0, sizeof(settings));
	memset(&counts, 0, sizeof(counts));
	ck_assert_uint_le(service_stamp.settings_size, sizeof(settings));
	set_number("sessions", 2);
	set_number("sessions-per-network", 2);
	set_number("session-timeout", 10);
	set_yes("dscp");
	context = (struct service_context){
		.now = { NOW + 3 * MS, 100 * SECOND },
		.quality = { .synchronised = true, .dispersion_us = 10000 },
		.settings = settings,
		.node = "",
		.interface = "",
		.state = state,
		.counts = &counts,
	};
	request = (struct mh_datagram){
		.peer = unit_address("198.51.100.9:40000"),
		.local = unit_address("192.0.2.1:862"),
		.ttl = 64,
		.tos = 0,
		.arrived_ns = NOW + SECOND / 4,
		.data = bytes,
	};
	context.now.utc_ns = request.arrived_ns + MS;
}

static void
stateful(void)
{
	static const uint8_t seed[SERVICE_SEED];

	set_number("mode", 1);
	ck_assert_uint_le(service_stamp.state_size(settings), sizeof(state));
	service_stamp.state_init(state, settings, seed);
}

/* Ask, and let the reply depart half a second after the arrival. */
static enum service_outcome
reflect(const char *hex)
{
	enum service_outcome outcome;

	request.length = ask_hex(hex, bytes, sizeof(bytes));
	memset(answer, 0xee, sizeof(answer));
	reply = (struct service_reply){
		.data = answer, .room = ask_room, .tos = -1, .ttl = -1
	};
	outcome = service_stamp.answer(&request, &context, &reply);
	if (outcome != SERVICE_REPLY)
		return outcome;
	ck_assert_uint_le(reply.length, ask_room);
	context.now.utc_ns = NOW + 3 * SECOND / 4;
	service_stamp.depart(&context, &reply);
	ck_assert_uint_eq(answer[reply.length], 0xee);
	return outcome;
}

static void
assert_answer(const char *hex)
{
	uint8_t expected[1500];
	size_t i, length = ask_hex(hex, expected, sizeof(expected));

	ck_assert_uint_eq(reply.length, length);
	for (i = 0; i < length; i++)
		ck_assert_msg(answer[i] == expected[i],
		    "octet %zu is %02x, not %02x", i, answer[i], expected[i]);
}

/* Sequence number 7, a time, error 8105, SSID 1234. */
#define HEAD "00000007 eeb2ea1380000000 8105"
#define SENDER_44 HEAD "1234 00*28 "

START_TEST(test_unauthenticated)
{
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	assert_answer("00000007 ecd1b540c0000000 92a4 1234 ecd1b54040000000"
		      "00000007 eeb2ea1380000000 8105 0000 40 000000");
	ck_assert_int_eq(reply.from, SERVICE_ASKED);
	ck_assert_int_eq(reply.tos, -1);
	ck_assert_int_eq(reply.ttl, 255);
	/* The DSCP of the request, without its ECN. */
	request.tos = 46 << 2 | 2;
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	ck_assert_int_eq(reply.tos, 46 << 2);
	request.tos = 2;
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	ck_assert_int_eq(reply.tos, -1);
	request.tos = -1;
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	ck_assert_int_eq(reply.tos, -1);
	/* The mark of replies goes first: it ends loops. */
	context.marked = true;
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	ck_assert_int_eq(reply.ttl, -1);
}
END_TEST

/* Seconds and nanoseconds since 1970; Z, and the sender's format as it is. */
START_TEST(test_ptp)
{
	set_number("timestamp", 1);
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	assert_answer("00000007 692736c02cb41780 d2a4 1234 692736c00ee6b280"
		      "00000007 eeb2ea1380000000 8105 0000 40 000000");
}
END_TEST

static const struct {
	const char *request;
	size_t length;
	const char *tail; /* of the reply */
} lengths[] = {
	/* TWAMP-Light: no SSID then; one octet is none either. */
	{ HEAD, 44, "8105 0000 40 000000" },
	{ HEAD "aa", 44, "8105 0000 40 000000" },
	{ HEAD "1234", 44, "8105 0000 40 000000" },
	{ HEAD "ff*27", 44, "8105 0000 40 000000" },
	{ HEAD "ff*30", 44, "8105 0000 40 000000" },
	{ HEAD "ff*30 aabbcc", 47, "40 000000 aabbcc" },
	{ HEAD "00*30 8001 0004 aabbccdd", 52, "40 000000 0001 0004 aabbccdd" },
	{ HEAD "00*30 00*1000", 1044, "80000000 80000000" },
};

START_TEST(test_length)
{
	uint8_t tail[64];
	size_t size = ask_hex(lengths[_i].tail, tail, sizeof(tail));

	ck_assert_int_eq(reflect(lengths[_i].request), SERVICE_REPLY);
	ck_assert_uint_eq(reply.length, lengths[_i].length);
	ck_assert_int_eq(memcmp(answer + reply.length - size, tail, size), 0);
	ck_assert_uint_eq(bytes_get16(answer + 14),
	    request.length >= 16 ? bytes_get16(bytes + 14) : 0);
	/* No more than the request, without a reason to trust it. */
	ask_room = request.length;
	ck_assert_int_eq(reflect(lengths[_i].request),
	    request.length < 44 ? SERVICE_NO_ROOM : SERVICE_REPLY);
}
END_TEST

START_TEST(test_too_short)
{
	char hex[64];

	snprintf(hex, sizeof(hex), "00*%d", _i);
	ck_assert_int_eq(reflect(_i == 0 ? "" : hex), SERVICE_MALFORMED);
	if (_i == 0 && mac_is_available()) {
		set_yes("authenticated");
		set_key(KEY);
		ck_assert_int_eq(reflect("00*111"), SERVICE_MALFORMED);
	}
}
END_TEST

START_TEST(test_ttl)
{
	static const int16_t ttls[] = { 1, 64, 255, -1 };

	request.ttl = ttls[_i];
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	ck_assert_uint_eq(answer[40], ttls[_i] < 0 ? 255 : ttls[_i]);
}
END_TEST

/* Without a kernel's time: that of the batch; never a reply before that. */
START_TEST(test_times)
{
	request.arrived_ns = 0;
	context.now.utc_ns = NOW + SECOND / 2;
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get64(answer + 16), NTP_NOW + (1u << 31));
	ck_assert_uint_eq(
	    bytes_get64(answer + 4), NTP_NOW + UINT64_C(0xc0000000));
	request.arrived_ns = NOW + SECOND;
	context.now.utc_ns = NOW + SECOND;
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	ck_assert_uint_eq(
	    bytes_get64(answer + 16), NTP_NOW + (UINT64_C(1) << 32));
	ck_assert_uint_eq(bytes_get64(answer + 4), bytes_get64(answer + 16));
}
END_TEST

/* The count of NTP ends in 2036, and begins anew. */
START_TEST(test_era)
{
	request.arrived_ns = INT64_C(2085978496) * SECOND - 1;
	context.now.utc_ns = request.arrived_ns;
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	ck_assert_uint_eq(
	    bytes_get64(answer + 16), UINT64_C(0xfffffffffffffffb));
	context.now.utc_ns = request.arrived_ns + 1;
	service_stamp.depart(&context, &reply);
	ck_assert_uint_eq(bytes_get64(answer + 4), 0);
}
END_TEST

/* A reply of 44 octets as a request: its T2, or the time of our reply. */
START_TEST(test_is_no_request)
{
	static const struct {
		const char *request;
		enum service_outcome outcome;
	} replies[] = {
		/* Our own, sent back by an echo. */
		{ "00*14 1234 ecd1b54000000000 00*20", SERVICE_NOT_REQUEST },
		{ "00*14 1234 ecd1b53200000000 00*20", SERVICE_NOT_REQUEST },
		/* A reflector whose clock is off has our time, though. */
		{ "00*14 1234 11111111ffffffff 00000007 ecd1b53f00000000 00*8",
		    SERVICE_NOT_REQUEST },
		{ "00*14 1234 00*12 ecd1b54100000000 00*8 00*500",
		    SERVICE_NOT_REQUEST },
		/* One with the other format. */
		{ "00*14 1234 692736c000000000 00*20", SERVICE_NOT_REQUEST },
		{ "00*14 1234 692736b000000000 00*20", SERVICE_REPLY },
		/* Old, or of the future, or somewhere else: padding. */
		{ "00*14 1234 ecd1b53000000000 00*20", SERVICE_REPLY },
		{ "00*14 1234 ecd1b54200000000 00*20", SERVICE_REPLY },
		{ "00*4 ecd1b54000000000 00*32", SERVICE_REPLY },
		{ "00*14 1234 ecd1b54000000000 00*19", SERVICE_REPLY },
		{ "00*14 1234 ff*28", SERVICE_REPLY },
	};
	size_t i;

	for (i = 0; i < LENGTH(replies); i++) {
		context.now.utc_ns = NOW;
		ck_assert_msg(reflect(replies[i].request) == replies[i].outcome,
		    "%s", replies[i].request);
	}
}
END_TEST

/* What it answers, it does not answer again, in either mode and format. */
START_TEST(test_two_reflectors)
{
	set_number("timestamp", _i & 1);
	if ((_i & 2) != 0) {
		if (!mac_is_available())
			return;
		set_yes("authenticated");
		set_key(KEY);
		ck_assert_int_eq(reflect("00000007 00*12 eeb2ea1380000000"
					 "8105 1234 00*68 "
					 "396220a058013f61654d4daa8a2935af"),
		    SERVICE_REPLY);
	} else
		ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	memcpy(bytes, answer, reply.length);
	request.length = reply.length;
	ck_assert_int_eq(service_stamp.answer(&request, &context, &reply),
	    SERVICE_NOT_REQUEST);
}
END_TEST

#define SENDER_112 "00000007 00*12 eeb2ea1380000000 8105 1234 00*68 "

/* The vector's reply with times and an error of ours; and its own digest. */
START_TEST(test_authenticated)
{
	static const char vector[] =
	    "00000007 00*12 eeb2ea1380004000 010a 1234 00*4 eeb2ea1380002000"
	    "00*8 00000007 00*12 eeb2ea1380000000 8105 00*6 40 00*15 "
	    "3cadf669c064a9594b82c73e7d4c17ed";
	uint8_t expected[112], digest[MAC_SIZE];

	if (!mac_is_available())
		return;
	set_yes("authenticated");
	set_key(KEY);
	ck_assert_uint_eq(ask_hex(vector, expected, sizeof(expected)), 112);
	mac_digest(context.prepared, NULL, expected, 96, digest);
	ck_assert_int_eq(memcmp(digest, expected + 96, MAC_SIZE), 0);
	bytes_put64(expected + 16, NTP_NOW + UINT64_C(0xc0000000));
	bytes_put16(expected + 24, 0x92a4);
	bytes_put64(expected + 32, NTP_NOW + UINT64_C(0x40000000));
	mac_digest(context.prepared, NULL, expected, 96, expected + 96);
	ck_assert_int_eq(reflect(SENDER_112 "396220a058013f61654d4daa8a2935af"),
	    SERVICE_REPLY);
	ck_assert_uint_eq(reply.length, 112);
	ck_assert_int_eq(memcmp(answer, expected, 112), 0);
}
END_TEST

/* One wrong bit anywhere, or another key: silence. */
START_TEST(test_not_authentic)
{
	if (!mac_is_available())
		return;
	set_yes("authenticated");
	set_key(KEY);
	ck_assert_int_eq(reflect(SENDER_112 "396220a058013f61654d4daa8a2935af"),
	    SERVICE_REPLY);
	bytes[_i] ^= 0x10;
	context.now.utc_ns = NOW;
	ck_assert_int_eq(service_stamp.answer(&request, &context, &reply),
	    SERVICE_NOT_AUTHENTIC);
	bytes[_i] ^= 0x10;
	ck_assert_int_eq(
	    service_stamp.answer(&request, &context, &reply), SERVICE_REPLY);
	set_key("another key than that one");
	ck_assert_int_eq(service_stamp.answer(&request, &context, &reply),
	    SERVICE_NOT_AUTHENTIC);
}
END_TEST

/* With the vector's TLVs, and whoever asks for a DSCP gets it. */
START_TEST(test_tlvs)
{
	if (!mac_is_available())
		return;
	set_key(KEY);
	request.tos = 46 << 2 | 2;
	ck_assert_int_eq(
	    reflect(SENDER_44 "8004 0004 28000000"
			      "8008 0010 f4a72bd7e0b18ea64a512ca9207c6563"
			      "8001 0001 aa 80ff 0000"),
	    SERVICE_REPLY);
	ck_assert_int_eq(reply.tos, 46 << 2);
	ck_assert_uint_eq(counts.events[8], 1);
	ck_assert_int_eq(
	    reflect(SENDER_44 "8004 0004 28000000"
			      "8008 0010 f4a72bd7e0b18ea64a512ca9207c6563"
			      "8001 0001 aa"),
	    SERVICE_REPLY);
	ck_assert_int_eq(reply.tos, 10 << 2);
	ck_assert_uint_eq(bytes_get32(answer + 44 + 4), 0x2ae80000);
	ck_assert_int_eq(
	    reflect(SENDER_44 "80ff 0000 8005 000c 00*12 8004 0003 000000"),
	    SERVICE_REPLY);
	ck_assert_uint_eq(counts.events[6], 2);
	ck_assert_uint_eq(counts.events[7], 1);
	ck_assert_uint_eq(counts.events[8], 1);
}
END_TEST

/* -- sessions -- */

/* A packet of that number; the reply's. */
static uint32_t
number_of_reply(uint32_t number, unsigned int ssid)
{
	char hex[128];

	snprintf(hex, sizeof(hex),
	    "%08x eeb2ea1380000000 8105 %04x 00*28 8005 000c 00*12", number,
	    ssid);
	ck_assert_int_eq(reflect(hex), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get32(answer + 24), number);
	return bytes_get32(answer);
}

static void
assert_events(unsigned int lost, unsigned int late, unsigned int twice)
{
	ck_assert_uint_eq(counts.events[3], lost);
	ck_assert_uint_eq(counts.modes[0].lost, lost);
	ck_assert_uint_eq(counts.events[4], late);
	ck_assert_uint_eq(counts.events[5], twice);
}

START_TEST(test_numbers_replies)
{
	stateful();
	ck_assert_uint_eq(number_of_reply(1000, 1), 0);
	ck_assert_uint_eq(number_of_reply(1002, 1), 1);
	ck_assert_uint_eq(number_of_reply(1003, 1), 2);
	/* Received and sent, with this one. */
	ck_assert_uint_eq(bytes_get32(answer + 44 + 8), 3);
	ck_assert_uint_eq(bytes_get32(answer + 44 + 12), 3);
	/* Another SSID, another session. */
	ck_assert_uint_eq(number_of_reply(5, 2), 0);
	ck_assert_uint_eq(number_of_reply(1004, 1), 3);
	ck_assert_uint_eq(counts.events[0], 2);
	/* A third one has no room; others have what they had. */
	request.local = unit_address("192.0.2.2:862");
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_NO_SPACE);
	request.local = unit_address("192.0.2.1:862");
	ck_assert_uint_eq(number_of_reply(6, 2), 1);
	/* Until one is idle. */
	context.now.monotonic_ns += 9 * SECOND;
	ck_assert_uint_eq(number_of_reply(1005, 1), 4);
	context.now.monotonic_ns += SECOND;
	ck_assert_uint_eq(number_of_reply(7, 3), 0);
	ck_assert_uint_eq(number_of_reply(1006, 1), 5);
	ck_assert_uint_eq(counts.events[0], 3);
	ck_assert_uint_eq(counts.events[1], 1);
}
END_TEST

/* What has no room takes no number either. */
START_TEST(test_numbers_what_is_sent)
{
	stateful();
	ck_assert_uint_eq(number_of_reply(1, 1), 0);
	ask_room = 43;
	ck_assert_int_eq(reflect("00000002"
				 "00*10 "
				 "0001"),
	    SERVICE_NO_ROOM);
	ask_room = ASK_ANY;
	ck_assert_uint_eq(number_of_reply(3, 1), 1);
}
END_TEST

/* A packet with a Follow-Up TLV: the reply's token. */
static uint64_t
ask_follow_up(void)
{
	ck_assert_int_eq(reflect(SENDER_44 "8007 0010 00*16"), SERVICE_REPLY);
	return reply.report;
}

/* The TLV of the reply. */
static void
assert_follow_up(uint32_t number, uint64_t timestamp)
{
	ck_assert_uint_eq(bytes_get32(answer + 44), 0x00070010);
	ck_assert_uint_eq(bytes_get32(answer + 48), number);
	ck_assert_uint_eq(bytes_get64(answer + 52), timestamp);
	ck_assert_uint_eq(
	    bytes_get32(answer + 60), timestamp != 0 ? 0x02000000 : 0);
}

/* When the previous reply left, once somebody wants to know. */
START_TEST(test_follow_up)
{
	uint64_t first, second, third;

	stateful();
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	ck_assert_uint_eq(reply.report, 0);
	first = ask_follow_up();
	ck_assert_uint_ne(first, 0);
	assert_follow_up(0, 0);
	service_stamp.sent(state, first, NOW + SECOND / 2);
	/* From now on of each one, whatever it carries. */
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	second = reply.report;
	ck_assert_uint_ne(second, 0);
	/* Too late. */
	service_stamp.sent(state, first, NOW + SECOND / 2);
	third = ask_follow_up();
	assert_follow_up(2, 0);
	/* The later one counts. */
	service_stamp.sent(state, third, NOW + SECOND / 4);
	service_stamp.sent(state, third, NOW + SECOND / 2);
	service_stamp.sent(state, second, NOW + SECOND / 8);
	ck_assert_uint_ne(ask_follow_up(), 0);
	assert_follow_up(3, NTP_NOW + (UINT64_C(1) << 31));
	(void)ask_follow_up();
	assert_follow_up(4, 0);
}
END_TEST

/* In the format of the other times. */
START_TEST(test_follow_up_format)
{
	set_number("timestamp", 1);
	stateful();
	service_stamp.sent(state, ask_follow_up(), NOW + SECOND / 2);
	(void)ask_follow_up();
	assert_follow_up(0, UINT64_C(0x692736c01dcd6500));
}
END_TEST

/* Of a session that has ended, even if another one has its place. */
START_TEST(test_follow_up_of_another)
{
	uint64_t before;

	stateful();
	before = ask_follow_up();
	context.now.monotonic_ns += 10 * SECOND;
	service_stamp.sent(state, before, NOW);
	ck_assert_uint_ne(ask_follow_up(), before);
	assert_follow_up(0, 0);
	service_stamp.sent(state, before, NOW);
	(void)ask_follow_up();
	assert_follow_up(0, 0);
}
END_TEST

START_TEST(test_no_follow_up)
{
	ck_assert_uint_eq(ask_follow_up(), 0);
	(void)ask_follow_up();
	assert_follow_up(0, 0);
}
END_TEST

/* Each is counted: stamp_loss.c has what they mean. */
START_TEST(test_loss)
{
	stateful();
	number_of_reply(1, 1);
	number_of_reply(3, 1);
	number_of_reply(2, 1);
	number_of_reply(2, 1);
	number_of_reply(70, 1);
	assert_events(3, 1, 1);
}
END_TEST

#define OPENS 100000

/* From that port of 198.51.100.0/24, with that SSID. */
static enum service_outcome
open_from(unsigned int host, unsigned int port, unsigned int ssid)
{
	request.peer.ip[3] = (uint8_t)host;
	request.peer.port = (uint16_t)port;
	bytes_put16(bytes + 14, ssid);
	reply = (struct service_reply){ .data = answer, .room = ask_room };
	return service_stamp.answer(&request, &context, &reply);
}

/*
 * Somebody who opens sessions from all over a network takes the network's share
 * and no more: others get in, and who is there goes on counting.
 */
START_TEST(test_one_network_takes_its_share)
{
	unsigned int i, opened = 0;

	set_number("sessions", 200);
	set_number("sessions-per-network", (unsigned int)_i);
	stateful();
	ck_assert_uint_eq(number_of_reply(1, 1), 0);
	for (i = 0; i < OPENS; i++) {
		if (open_from(i % 256, i / 256 + 1, i % 3) == SERVICE_REPLY)
			opened++;
		else
			ck_assert_int_eq(open_from(9, 40000, 1), SERVICE_REPLY);
	}
	ck_assert_uint_eq(opened, _i == 0 ? 49 : _i - 1);
	ck_assert_uint_eq(counts.events[0], opened + 1);
	ck_assert_uint_eq(counts.events[2], OPENS - opened);
	/* Others get in; and the one before has had all these replies. */
	request.peer = unit_address("198.51.101.9:40000");
	ck_assert_uint_eq(number_of_reply(5, 1), 0);
	request.peer = unit_address("[2001:db8::9]:40000");
	ck_assert_uint_eq(number_of_reply(5, 1), 0);
	request.peer = unit_address("198.51.100.9:40000");
	ck_assert_uint_eq(number_of_reply(9, 1), 1 + OPENS - opened);
	/* Idle ones make room for the network, too. */
	context.now.monotonic_ns += 10 * SECOND;
	ck_assert_uint_eq(number_of_reply(1, 7), 0);
}
END_TEST

/* -- settings -- */

static const struct {
	const char *key; /* NULL: none */
	bool authenticated;
	unsigned int idle;
	const char *wrong, *why;
} checks[] = {
	{ NULL, false, 10, NULL, "" },
	{ KEY, false, 10, NULL, "" },
	{ KEY, true, 10, NULL, "" },
	{ NULL, true, 10, "key", "is missing: authenticated needs one" },
	{ "short", false, 10, "key",
	    "secrets: line 1 has a key of less than 16 bytes; expected HEX: "
	    "and 32 to 128 hexadecimal digits, upper or lower case, or 16 to "
	    "64 characters" },
	{ NULL, false, 0, "session-timeout", "must be at least a second" },
};

START_TEST(test_check)
{
	char why[SERVICE_WHY] = "";

	if (!mac_is_available() && checks[_i].key != NULL)
		return;
	if (checks[_i].authenticated)
		set_yes("authenticated");
	set_number("session-timeout", checks[_i].idle);
	if (checks[_i].key != NULL && checks[_i].wrong == NULL)
		set_key(checks[_i].key);
	else if (checks[_i].key != NULL) {
		struct service_file *file =
		    ask_setting(&service_stamp, settings, "key");

		memcpy(&file->path, &(const char *){ "secrets" },
		    sizeof(file->path));
		memcpy(&file->text, &checks[_i].key, sizeof(file->text));
		file->length = strlen(checks[_i].key);
	}
	ck_assert_pstr_eq(service_stamp.check(settings, why), checks[_i].wrong);
	ck_assert_str_eq(why, checks[_i].why);
	/* State only where it is needed. */
	ck_assert_uint_eq(service_stamp.state_size(settings), 0);
}
END_TEST

/*
 * A reload that makes packets longer, or timestamps others, leaves a reply as
 * it was made before, however long that is; and the next one is complete.
 */
START_TEST(test_departs_after_a_reload)
{
	uint8_t before[140];

	if (!mac_is_available())
		return;
	ck_assert_int_eq(
	    reflect(_i == 0 ? SENDER_44 : SENDER_44 "00*96"), SERVICE_REPLY);
	memcpy(before, answer, sizeof(before));
	if (_i == 2) {
		set_number("timestamp", 1);
	} else {
		set_yes("authenticated");
		set_key(KEY);
	}
	context.now.utc_ns += 3 * SECOND;
	service_stamp.depart(&context, &reply);
	ck_assert_mem_eq(before, answer, sizeof(before));
}
END_TEST

/* What a fault has cut off is left as it is, though it could hold the time. */
START_TEST(test_departs_cut_off)
{
	uint8_t before[44];

	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	memcpy(before, answer, sizeof(before));
	reply.length = 43;
	context.now.utc_ns += 3 * SECOND;
	service_stamp.depart(&context, &reply);
	ck_assert_mem_eq(before, answer, sizeof(before));
}
END_TEST

/* Packets, losses and T3 - T2 of each mode; T3 of every attempt, but once. */
START_TEST(test_counts_by_mode)
{
	const struct service_mode *plain = &counts.modes[0];
	const struct service_mode *authentic = &counts.modes[1];

	ck_assert_str_eq(service_stamp.modes[0], "unauthenticated");
	ck_assert_str_eq(service_stamp.modes[1], "authenticated");
	ck_assert_int_eq(reflect("00*13"), SERVICE_MALFORMED);
	ck_assert_uint_eq(plain->packets, 0);
	ck_assert_int_eq(reflect(SENDER_44), SERVICE_REPLY);
	ck_assert_uint_eq(plain->packets, 1);
	ck_assert_uint_eq(plain->residence_sum, 0);
	context.now.utc_ns = request.arrived_ns + 30000;
	service_stamp.depart(&context, &reply);
	service_stamp.departed(&context, &reply);
	ck_assert_uint_eq(plain->residences[3], 1);
	ck_assert_uint_eq(plain->residence_sum, 30000);
	/* T3 is not before T2. */
	context.now.utc_ns = request.arrived_ns - 1;
	service_stamp.departed(&context, &reply);
	ck_assert_uint_eq(plain->residences[0], 1);
	ck_assert_uint_eq(plain->residence_sum, 30000);
	if (!mac_is_available())
		return;
	set_yes("authenticated");
	set_key(KEY);
	/* It counts for the mode that it was made in. */
	service_stamp.departed(&context, &reply);
	ck_assert_uint_eq(authentic->residences[0], 0);
	ck_assert_uint_eq(plain->residences[0], 2);
	ck_assert_int_eq(reflect("00*112"), SERVICE_NOT_AUTHENTIC);
	ck_assert_uint_eq(authentic->packets, 0);
	ck_assert_int_eq(reflect(SENDER_112 "396220a058013f61654d4daa8a2935af"),
	    SERVICE_REPLY);
	service_stamp.departed(&context, &reply);
	ck_assert_uint_eq(authentic->packets, 1);
	ck_assert_uint_eq(authentic->residences[11], 1);
	ck_assert_uint_eq(authentic->residence_sum, SECOND / 2);
	ck_assert_uint_eq(plain->packets, 1);
	ck_assert_uint_eq(plain->residences[0], 2);
	/* Another service's. */
	reply.note = 0;
	service_stamp.departed(&context, &reply);
	ck_assert_uint_eq(plain->residences[0], 2);
	ck_assert_uint_eq(authentic->residence_sum, SECOND / 2);
}
END_TEST

static void
add_sessions(Suite *suite)
{
	TCase *tcase = ask_tcase("sessions");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_numbers_replies);
	tcase_add_test(tcase, test_numbers_what_is_sent);
	tcase_add_test(tcase, test_follow_up);
	tcase_add_test(tcase, test_follow_up_format);
	tcase_add_test(tcase, test_follow_up_of_another);
	tcase_add_test(tcase, test_no_follow_up);
	tcase_add_test(tcase, test_loss);
	tcase_add_loop_test(tcase, test_check, 0, LENGTH(checks));
	tcase_add_loop_test(tcase, test_departs_after_a_reload, 0, 3);
	tcase_add_test(tcase, test_departs_cut_off);
	tcase_add_test(tcase, test_counts_by_mode);
	suite_add_tcase(suite, tcase);
	tcase = unit_long_tcase("shares");
	tcase_add_checked_fixture(tcase, setup, NULL);
	/* A quarter, unless it is set. */
	tcase_add_loop_test(tcase, test_one_network_takes_its_share, 0, 1);
	tcase_add_loop_test(tcase, test_one_network_takes_its_share, 20, 21);
	suite_add_tcase(suite, tcase);
}

Suite *
stamp_suite(void)
{
	Suite *suite = suite_create("stamp");
	TCase *tcase = ask_tcase("packets");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_unauthenticated);
	tcase_add_test(tcase, test_ptp);
	tcase_add_loop_test(tcase, test_length, 0, LENGTH(lengths));
	tcase_add_loop_test(tcase, test_too_short, 0, 14);
	tcase_add_loop_test(tcase, test_ttl, 0, 4);
	tcase_add_test(tcase, test_times);
	tcase_add_test(tcase, test_era);
	tcase_add_test(tcase, test_is_no_request);
	tcase_add_loop_test(tcase, test_two_reflectors, 0, 4);
	tcase_add_test(tcase, test_authenticated);
	tcase_add_loop_test(tcase, test_not_authentic, 0, 112);
	tcase_add_test(tcase, test_tlvs);
	suite_add_tcase(suite, tcase);
	add_sessions(suite);
	return suite;
}
