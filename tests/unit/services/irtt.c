/* SPDX-License-Identifier: ISC */
/*
 * src/services/irtt.c: what irtt 0.9.0 and its server were seen to say to each
 * other, what is lowered, who gets an answer, and sessions.  Pure.
 */
#include "common/bytes.h"
#include "common/mac.h"
#include "unit/services/ask.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2025-11-26 17:20:00 UTC. */
#define NOW (INT64_C(1764177600) * SECOND)
#define MS INT64_C(1000000)

/* Arrival, departure and the middle; by each clock, little endian. */
#define ARRIVED_WALL "80329a2f2e9e7b18"
#define ARRIVED_MONO "c0a5674817000000"
#define MIDDLE_WALL "00e5803e2e9e7b18"
#define MIDDLE_MONO "40584e5717000000"
#define LEFT_WALL "8097674d2e9e7b18"
#define LEFT_MONO "c00a356617000000"

#define MAGIC "14a75b"

/* Version 1, 30 ms, 15 ms, and all there is; an hour. */
#define TIMES "0102 02808ece1c 038087a70e "
#define HOUR "0102 028080c58bc6d101 038087a70e "
#define ALL TIMES "0506 0606 0706"

static alignas(max_align_t) uint8_t settings[64];
static alignas(max_align_t) uint8_t state[64 * 1024];
static struct service_counts counts;
static struct service_context context;
static struct mh_datagram request;
static uint8_t bytes[2000], answer[2000];
static struct service_reply reply;
static struct mac_key key;

static void
set_number(const char *name, unsigned int value)
{
	unsigned int *member = ask_setting(&service_irtt, settings, name);

	*member = value;
}

static void
set_key(const char *text)
{
	struct service_file *file =
	    ask_setting(&service_irtt, settings, "hmac-key");

	memcpy(&file->text, &text, sizeof(text));
	file->length = strlen(text);
}

static void
start(void)
{
	static const uint8_t seed[SERVICE_SEED] = "sixteen bytes !";

	ck_assert_uint_le(service_irtt.state_size(settings), sizeof(state));
	memset(state, 0xee, sizeof(state));
	service_irtt.state_init(state, settings, seed);
}

static void
setup(void)
{
	memset(settings, 0, sizeof(settings));
	memset(&counts, 0, sizeof(counts));
	ck_assert_uint_le(service_irtt.settings_size, sizeof(settings));
	set_number("min-interval", 1);
	set_number("max-length", 65507);
	set_number("timeout", 60);
	set_number("sessions", 2);
	set_number("sessions-per-network", 2);
	context = (struct service_context){
		.now = { NOW + SECOND / 4 + MS, 100 * SECOND },
		.settings = settings,
		.prepared = &key,
		.node = "",
		.interface = "",
		.state = state,
		.counts = &counts,
	};
	request = (struct mh_datagram){
		.peer = unit_address("198.51.100.9:40000"),
		.local = unit_address("192.0.2.1:2112"),
		.ttl = 64,
		.tos = 0,
		.arrived_ns = NOW + SECOND / 4,
		.data = bytes,
	};
	start();
}

static uint64_t
event(const char *name)
{
	size_t i;

	for (i = 0; service_irtt.events[i] != NULL; i++)
		if (strcmp(service_irtt.events[i], name) == 0)
			return counts.events[i];
	ck_abort_msg("no event %s", name);
	return 0;
}

/* All that tells the time goes on; the packet waited for a millisecond. */
static void
pass(int64_t ns)
{
	context.now.utc_ns += ns;
	context.now.monotonic_ns += ns;
	request.arrived_ns += ns;
}

/* Send what is in bytes. */
static enum service_outcome
send(size_t length)
{
	enum service_outcome outcome;

	request.length = length;
	memset(answer, 0xee, sizeof(answer));
	reply = (struct service_reply){
		.data = answer, .room = ask_room, .tos = -2, .ttl = -1
	};
	outcome = service_irtt.answer(&request, &context, &reply);
	if (outcome == SERVICE_REPLY) {
		ck_assert_uint_le(reply.length, ask_room);
		ck_assert_uint_eq(answer[reply.length], 0xee);
		ck_assert_int_eq(reply.from, SERVICE_ASKED);
	}
	return outcome;
}

static enum service_outcome
send_hex(const char *hex)
{
	return send(ask_hex(hex, bytes, sizeof(bytes)));
}

static enum service_outcome
send_params(unsigned int flags, const char *params)
{
	char hex[512];

	snprintf(hex, sizeof(hex), MAGIC "%02x %s", flags, params);
	return send_hex(hex);
}

static void
assert_answer(const char *hex)
{
	uint8_t expected[2000];
	size_t i, length = ask_hex(hex, expected, sizeof(expected));

	ck_assert_uint_eq(reply.length, length);
	for (i = 0; i < length; i++)
		ck_assert_msg(answer[i] == expected[i],
		    "octet %zu is %02x, not %02x", i, answer[i], expected[i]);
}

/* Open with these parameters, which come back as they were: the token. */
static uint64_t
open_with(const char *params)
{
	ck_assert_int_eq(send_params(1, params), SERVICE_REPLY);
	ck_assert_uint_eq(answer[3], 3);
	ck_assert_uint_eq(reply.length, request.length + 8);
	ck_assert_int_eq(memcmp(bytes + 4, answer + 12, request.length - 4), 0);
	return bytes_get_little64(answer + 4);
}

/* A packet with a token, and zeros to that length. */
static enum service_outcome
send_token(unsigned int flags, uint64_t token, uint32_t sequence, size_t length)
{
	memset(bytes, 0xaa, sizeof(bytes));
	(void)ask_hex(MAGIC, bytes, 3);
	bytes[3] = (uint8_t)flags;
	bytes_put_little64(bytes + 4, token);
	bytes_put_little32(bytes + 12, sequence);
	return send(length);
}

static enum service_outcome
echo(uint64_t token, uint32_t sequence, size_t length)
{
	return send_token(0, token, sequence, length);
}

static void
leave(void)
{
	context.now.utc_ns = NOW + 3 * SECOND / 4;
	context.now.monotonic_ns = 100 * SECOND + 499 * MS;
	service_irtt.depart(&context, &reply);
	ck_assert_uint_eq(answer[reply.length], 0xee);
}

/*
 * What was captured from the reference.  Its client says these; its server
 * answers the first with its longest duration of 10 s.
 */
static const struct {
	unsigned int flags, duration; /* max-duration */
	const char *params, *agreed;
} opens[] = {
	{ 5, 10, "0102 0280e0ba84bf03 0380a8d6b907 0506 0606 0706",
	    "0102 028090dfc04a 0380a8d6b907 0506 0606 0706" },
	{ 5, 0, "0102 0280e0ba84bf03 0380a8d6b907 0506 0606 0706",
	    "0102 0280e0ba84bf03 0380a8d6b907 0506 0606 0706" },
	{ 1, 0, ALL, ALL },
	{ 1, 0,
	    "0102 0280b48913 0380dac409 04c801 0506 0606 0706 0904 72616e64",
	    "0102 0280b48913 0380dac409 04c801 0506 0606 0706 0904 72616e64" },
	{ 1, 0,
	    "0102 0280b48913 0380dac409 04a001 0506 0606 0706 08f002 090c "
	    "7061747465726e3a30313032",
	    "0102 0280b48913 0380dac409 04a001 0506 0606 0706 08f002 090c "
	    "7061747465726e3a30313032" },
};

START_TEST(test_opens)
{
	char hex[512];

	set_number("max-duration", opens[_i].duration);
	ck_assert_int_eq(
	    send_params(opens[_i].flags, opens[_i].params), SERVICE_REPLY);
	leave();
	snprintf(hex, sizeof(hex), MAGIC "%02x %016llx %s", opens[_i].flags | 2,
	    (unsigned long long)bytes_get64(answer + 4), opens[_i].agreed);
	assert_answer(hex);
	ck_assert_int_eq(bytes_get64(answer + 4) == 0, opens[_i].flags == 5);
	ck_assert_int_eq(reply.tos, -2);
	ck_assert_uint_eq(event("session-opened"), 0);
	ck_assert_uint_eq(event("open-refused"), 0);
	ck_assert_uint_eq(event("open-lowered"), _i == 0);
}
END_TEST

/* Every mode: what is after sequence number 7 of the first packet. */
static const struct {
	const char *params, *fields;
} modes[] = {
	{ TIMES "0506 0606 0706",
	    "01000000 0100000000000000" ARRIVED_WALL ARRIVED_MONO LEFT_WALL
		LEFT_MONO },
	{ TIMES "0502", "01000000" },
	{ TIMES "0504", "0100000000000000" },
	{ TIMES "0506", "01000000 0100000000000000" },
	{ TIMES, "" },
	{ TIMES "0506 0706", "01000000 0100000000000000" },
	{ TIMES "0602", "" },
	{ TIMES "0602 0702", LEFT_WALL },
	{ TIMES "0604 0704", ARRIVED_MONO },
	{ TIMES "0606 0702", ARRIVED_WALL LEFT_WALL },
	{ TIMES "0606 0704", ARRIVED_MONO LEFT_MONO },
	{ TIMES "0608 0706", MIDDLE_WALL MIDDLE_MONO },
	/* smokeping's probe. */
	{ TIMES "0608 0704", MIDDLE_MONO },
	{ TIMES "0502 0608 0702", "01000000" MIDDLE_WALL },
};

START_TEST(test_modes)
{
	const uint64_t token = open_with(modes[_i].params);
	uint8_t fields[64];
	const size_t size = ask_hex(modes[_i].fields, fields, sizeof(fields));
	char hex[512];

	/* Its fields must have room in the request. */
	ck_assert_int_eq(echo(token, 7, 16 + size - 1), SERVICE_MALFORMED);
	ck_assert_int_eq(echo(token, 7, 16 + size), SERVICE_REPLY);
	/* Not sent at once: the same again, and not half of that. */
	context.now.utc_ns += 100 * MS;
	context.now.monotonic_ns += 100 * MS;
	service_irtt.depart(&context, &reply);
	leave();
	snprintf(hex, sizeof(hex), MAGIC "02 %016llx 07000000 %s",
	    (unsigned long long)__builtin_bswap64(token), modes[_i].fields);
	assert_answer(hex);
	ck_assert_uint_eq(event("session-opened"), 1);
}
END_TEST

/* Without a kernel's time: that of the batch; and none before it came. */
START_TEST(test_times)
{
	const uint64_t token = open_with(ALL);

	request.arrived_ns = 0;
	ck_assert_int_eq(echo(token, 0, 60), SERVICE_REPLY);
	ck_assert_int_eq(
	    (int64_t)bytes_get_little64(answer + 28), context.now.utc_ns);
	ck_assert_int_eq(
	    (int64_t)bytes_get_little64(answer + 36), 100 * SECOND);
	/* The clock was set back since. */
	request.arrived_ns = context.now.utc_ns + SECOND;
	ck_assert_int_eq(echo(token, 1, 60), SERVICE_REPLY);
	ck_assert_int_eq(
	    (int64_t)bytes_get_little64(answer + 28), context.now.utc_ns);
	ck_assert_int_eq(
	    (int64_t)bytes_get_little64(answer + 36), 100 * SECOND);
	context.now.utc_ns -= SECOND;
	service_irtt.depart(&context, &reply);
	ck_assert_uint_eq(
	    bytes_get_little64(answer + 44), bytes_get_little64(answer + 28));
}
END_TEST

/* To clients 0 is none. */
START_TEST(test_monotonic_zero)
{
	uint64_t token;

	context.now.monotonic_ns = 0;
	request.arrived_ns = 0;
	token = open_with(ALL);
	ck_assert_int_eq(echo(token, 0, 60), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get_little64(answer + 36), 1);
	service_irtt.depart(&context, &reply);
	ck_assert_uint_eq(bytes_get_little64(answer + 52), 1);
}
END_TEST

/* Of the reference with the key "secret": open, echo and close. */
/* A reply was made without a key: one that comes by a reload leaves it so. */
START_TEST(test_unsigned_reply_stays)
{
	const uint64_t token = open_with(ALL);

	ck_assert_int_eq(echo(token, 1, 60), SERVICE_REPLY);
	set_key("secret");
	leave();
	ck_assert_uint_eq(answer[3], 2);
	ck_assert_uint_eq(bytes_get_little64(answer + 4), token);
	ck_assert_uint_eq(bytes_get_little32(answer + 12), 1);
	ck_assert_int_eq(
	    (int64_t)bytes_get_little64(answer + 52), 100 * SECOND + 499 * MS);
}
END_TEST

static const struct {
	const char *packet;
	enum service_outcome outcome;
} signed_ones[] = {
	{ MAGIC "09 0885d8bd417d201bb83abab1e0c5a415 0102 0280b48913 "
		"0380dac409 0506 0606 0706",
	    SERVICE_REPLY },
	{ MAGIC "09 0885d8bd417d201bb83abab1e0c5a416 0102 0280b48913 "
		"0380dac409 0506 0606 0706",
	    SERVICE_NOT_AUTHENTIC },
	{ MAGIC "09 0885d8bd417d201bb83abab1e0c5a415 0102 0280b48913 "
		"0380dac409 0506 0606 0704",
	    SERVICE_NOT_AUTHENTIC },
	{ MAGIC "01 0102 0280b48913 0380dac409 0506 0606 0706",
	    SERVICE_NOT_AUTHENTIC },
	{ MAGIC "09 0885d8bd417d201bb83abab1e0c5a4", SERVICE_MALFORMED },
	{ MAGIC "08 c2df0cdbeacab5b57434b10f799f0698 d692aa2d7649a21f 00*48",
	    SERVICE_NO_SESSION },
	{ MAGIC "08 c2df0cdbeacab5b57434b10f799f0698 d692aa2d7649a2",
	    SERVICE_MALFORMED },
	{ MAGIC "0c 40cd4e09fc4ab6fcd977cb5b617b1746 d692aa2d7649a21f",
	    SERVICE_NO_SESSION },
	{ MAGIC "0c 40cd4e09fc4ab6fcd977cb5b617b1746 d692aa2d7649a21e",
	    SERVICE_NOT_AUTHENTIC },
	/* And the reply of its server. */
	{ MAGIC "0b ca6a5fd37af7872f647e7fc9164d928c d692aa2d7649a21f 0102 "
		"0280b48913 0380dac409 0506 0606 0706",
	    SERVICE_NOT_REQUEST },
};

START_TEST(test_signed_ones)
{
	set_key("secret");
	mac_md5_set_key(&key, (const uint8_t *)"secret", 6);
	if (mac_is_available())
		ck_assert_int_eq(
		    send_hex(signed_ones[_i].packet), signed_ones[_i].outcome);
	else
		ck_assert_int_ne(
		    send_hex(signed_ones[_i].packet), SERVICE_REPLY);
}
END_TEST

static void
sign(size_t length)
{
	mac_md5_digest(&key, bytes, length, 4, bytes + 4);
}

static void
assert_signed(void)
{
	uint8_t digest[MAC_SIZE];

	mac_md5_digest(&key, answer, reply.length, 4, digest);
	ck_assert_int_eq(memcmp(digest, answer + 4, MAC_SIZE), 0);
}

/* A whole session with a key; nothing of it goes without. */
START_TEST(test_signed_session)
{
	uint8_t token[8];

	set_key("secret");
	mac_md5_set_key(&key, (const uint8_t *)"secret", 6);
	if (!mac_is_available())
		return;
	ck_assert_int_eq(send_hex(signed_ones[0].packet), SERVICE_REPLY);
	leave();
	ck_assert_uint_eq(answer[3], 0x0b);
	ck_assert_uint_eq(reply.length, request.length + 8);
	assert_signed();
	memcpy(token, answer + 20, 8);
	(void)ask_hex(MAGIC "08 00*88", bytes, sizeof(bytes));
	memcpy(bytes + 20, token, 8);
	sign(80);
	ck_assert_int_eq(send(80), SERVICE_REPLY);
	leave();
	ck_assert_uint_eq(answer[3], 0x0a);
	/* The header is all that was agreed on. */
	ck_assert_uint_eq(reply.length, 76);
	ck_assert_int_eq(memcmp(answer + 20, token, 8), 0);
	ck_assert_int_eq(
	    (int64_t)bytes_get_little64(answer + 68), 100 * SECOND + 499 * MS);
	assert_signed();
	bytes[3] = 0x0c;
	sign(28);
	ck_assert_int_eq(send(28), SERVICE_QUIET);
	/* A key that was there when it was made, and is not now. */
	set_key("");
	reply.length = 19;
	service_irtt.depart(&context, &reply);
	reply.length = 11;
	service_irtt.depart(&context, &reply);
}
END_TEST

static const struct {
	const char *packet;
	enum service_outcome outcome;
} wrong_ones[] = {
	{ "", SERVICE_NOT_REQUEST },
	{ MAGIC, SERVICE_NOT_REQUEST },
	{ "14a75c01" ALL, SERVICE_NOT_REQUEST },
	{ "04a75b01" ALL, SERVICE_NOT_REQUEST },
	{ MAGIC "02 00*60", SERVICE_NOT_REQUEST },
	{ MAGIC "03" ALL, SERVICE_NOT_REQUEST },
	{ MAGIC "07" ALL, SERVICE_NOT_REQUEST },
	{ MAGIC "11" ALL, SERVICE_MALFORMED },
	{ MAGIC "81" ALL, SERVICE_MALFORMED },
	{ MAGIC "09 00*16 " ALL, SERVICE_NOT_AUTHENTIC },
	{ MAGIC "00", SERVICE_MALFORMED },
	{ MAGIC "00 01*7", SERVICE_MALFORMED },
	{ MAGIC "00 01*11", SERVICE_MALFORMED },
	{ MAGIC "00 00*60", SERVICE_NO_SESSION },
	{ MAGIC "00 ff*90", SERVICE_NO_SESSION },
	{ MAGIC "04 01*7", SERVICE_MALFORMED },
	{ MAGIC "04 01*8", SERVICE_NO_SESSION },
	{ MAGIC "01", SERVICE_MALFORMED },
	{ MAGIC "01 0102", SERVICE_MALFORMED },
	{ MAGIC "01" ALL "05", SERVICE_MALFORMED },
};

START_TEST(test_wrong_ones)
{
	ck_assert_int_eq(
	    send_hex(wrong_ones[_i].packet), wrong_ones[_i].outcome);
}
END_TEST

/* What is lowered, and what the reply says of it. */
static const struct {
	unsigned int duration, interval, length, timeout;
	const char *params, *agreed;
	unsigned int flags; /* of the reply to an open */
} limits[] = {
	/* None of these is touched. */
	{ 10, 5, 1000, 60, "0102 028090dfc04a 038087a70e 04d00f",
	    "0102 028090dfc04a 038087a70e 04d00f", 3 },
	{ 0, 0, 65507, 4, "0102 02feffffffffffffffff01 0302",
	    "0102 02feffffffffffffffff01 0302", 3 },
	/* 11 s to 10 s, 15 ms to 16 ms. */
	{ 10, 16, 1000, 60, "0102 0280b8b5fa51 038087a70e 04d20f",
	    "0102 028090dfc04a 038090a10f 04d00f", 3 },
	/* 2 s to a quarter of the timeout. */
	{ 0, 0, 1000, 4, "0102 0280b8b5fa51 0380d0acf30e",
	    "0102 0280b8b5fa51 0380a8d6b907", 3 },
	/* 1 ms to 10 ms takes another octet: without statistics then. */
	{ 0, 10, 1000, 60, "0102 02808ece1c 0380897a 0506",
	    "0102 02808ece1c 0380dac409", 7 },
	{ 0, 10, 1000, 60, "0102 02808ece1c 0380897a", "", 7 },
	/* Fills that nobody knows. */
	{ 0, 0, 1000, 60, TIMES "0904 72616e65", TIMES, 3 },
	{ 0, 0, 1000, 60, TIMES "0904 6e6f6e65", TIMES "0904 6e6f6e65", 3 },
	/* What is not known, and zeros, are left out; the order is ours. */
	{ 0, 0, 1000, 60, "038087a70e 02808ece1c 0a04 0500 7f80808001 0102",
	    "0102 02808ece1c 038087a70e", 3 },
	/* The last one counts. */
	{ 0, 0, 1000, 60, TIMES "0502 0504", TIMES "0504", 3 },
	/* Version 2: there is 1. */
	{ 0, 0, 1000, 60, "0104 02808ece1c 038087a70e",
	    "0102 02808ece1c 038087a70e", 7 },
};

START_TEST(test_limits)
{
	char hex[256];

	set_number("max-duration", limits[_i].duration);
	set_number("min-interval", limits[_i].interval);
	set_number("max-length", limits[_i].length);
	set_number("timeout", limits[_i].timeout);
	ck_assert_int_eq(send_params(1, limits[_i].params), SERVICE_REPLY);
	ck_assert_uint_le(reply.length, request.length + 8);
	snprintf(hex, sizeof(hex), MAGIC "%02x %016llx %s", limits[_i].flags,
	    (unsigned long long)bytes_get64(answer + 4), limits[_i].agreed);
	assert_answer(hex);
	ck_assert_int_eq(bytes_get64(answer + 4) == 0, limits[_i].flags == 7);
	ck_assert_uint_eq(event("open-refused"), limits[_i].flags == 7);
	/* No room for the token. */
	ask_room = reply.length - 1;
	ck_assert_int_eq(send_params(1, limits[_i].params), SERVICE_NO_ROOM);
}
END_TEST

/* As agreed; never shorter than its fields, nor longer than the request. */
START_TEST(test_length)
{
	uint64_t token;

	set_number("max-length", 100);
	ck_assert_int_eq(send_params(1, ALL " 04a01f"), SERVICE_REPLY);
	token = bytes_get_little64(answer + 4);
	ck_assert_int_eq(echo(token, 0, 59), SERVICE_MALFORMED);
	ck_assert_int_eq(echo(token, 0, 60), SERVICE_REPLY);
	ck_assert_uint_eq(reply.length, 60);
	ck_assert_int_eq(echo(token, 1, 99), SERVICE_REPLY);
	ck_assert_uint_eq(reply.length, 99);
	ck_assert_int_eq(echo(token, 2, 1500), SERVICE_REPLY);
	ck_assert_uint_eq(reply.length, 100);
	ask_room = 99;
	ck_assert_int_eq(echo(token, 3, 1500), SERVICE_NO_ROOM);
	ask_room = ASK_ANY;
	/* Less than the fields was agreed on. */
	token = open_with(TIMES "0402 0506 0606 0706");
	ck_assert_int_eq(echo(token, 0, 1500), SERVICE_REPLY);
	ck_assert_uint_eq(reply.length, 60);
}
END_TEST

/* The whole octet; without one, whatever the socket has. */
START_TEST(test_tos)
{
	uint64_t token = open_with(TIMES "08f002");

	ck_assert_int_eq(echo(token, 0, 16), SERVICE_REPLY);
	ck_assert_int_eq(reply.tos, 0xb8);
	token = open_with(TIMES);
	ck_assert_int_eq(echo(token, 0, 16), SERVICE_REPLY);
	ck_assert_int_eq(reply.tos, -2);
}
END_TEST

/* Never the client's own bytes, which are aa, unless it asked for those. */
static const struct {
	const char *fill, *expected;
} fills[] = {
	{ "", "00*9" },
	{ "0904 6e6f6e65", "00*9" },
	{ "090c 7061747465726e3a30313032", "010201020102010201" },
	{ "090a 7061747465726e3a6161", "aa*9" },
	{ "0909 7061747465726e3a30", "00*9" },
	{ "090a 7061747465726e3a3067", "00*9" },
	{ "0908 7061747465726e3a", "00*9" },
	{ "0920 "
	  "7061747465726e3a303030313032303330343035303630373038303930613062",
	    "000102030405060708" },
};

START_TEST(test_fill)
{
	char hex[256];
	uint64_t token;

	snprintf(hex, sizeof(hex), TIMES "0432 %s", fills[_i].fill);
	ck_assert_int_eq(send_params(1, hex), SERVICE_REPLY);
	token = bytes_get_little64(answer + 4);
	ck_assert_int_eq(echo(token, 7, 25), SERVICE_REPLY);
	leave();
	snprintf(hex, sizeof(hex), MAGIC "02 %016llx 07000000 %s",
	    (unsigned long long)__builtin_bswap64(token), fills[_i].expected);
	assert_answer(hex);
}
END_TEST

START_TEST(test_random_fill)
{
	const uint64_t token = open_with(TIMES "04a01f 0904 72616e64");
	static uint8_t first[984];
	unsigned int seen[256] = { 0 };
	size_t i;

	ck_assert_int_eq(echo(token, 0, 1000), SERVICE_REPLY);
	memcpy(first, answer + 16, sizeof(first));
	ck_assert_int_eq(echo(token, 1, 1000), SERVICE_REPLY);
	ck_assert_int_ne(memcmp(first, answer + 16, sizeof(first)), 0);
	for (i = 0; i < sizeof(first); i++)
		seen[first[i]]++;
	for (i = 0; i < 256; i++)
		ck_assert_uint_le(seen[i], 20);
}
END_TEST

/* Only the right one, from where it was asked for and to where that was. */
START_TEST(test_token)
{
	static const char *const others[][2] = {
		{ "198.51.100.9:40001", "192.0.2.1:2112" },
		{ "198.51.100.8:40000", "192.0.2.1:2112" },
		{ "198.51.100.9:40000", "192.0.2.2:2112" },
		{ "198.51.100.9:40000", "192.0.2.1:2113" },
	};
	const uint64_t token = open_with(ALL);
	const struct mh_datagram from = request;
	size_t i;

	for (i = 0; i < 64; i++) {
		ck_assert_int_eq(
		    echo(token ^ UINT64_C(1) << i, 0, 200), SERVICE_NO_SESSION);
		ck_assert_int_eq(send_token(4, token ^ UINT64_C(1) << i, 0, 12),
		    SERVICE_NO_SESSION);
	}
	for (i = 0; i < 2 * LENGTH(others); i++) {
		if (i == LENGTH(others))
			ck_assert_int_eq(echo(token, 0, 60), SERVICE_REPLY);
		request.peer = unit_address(others[i % LENGTH(others)][0]);
		request.local = unit_address(others[i % LENGTH(others)][1]);
		ck_assert_int_eq(echo(token, 1, 60), SERVICE_NO_SESSION);
		ck_assert_int_eq(
		    send_token(4, token, 0, 12), SERVICE_NO_SESSION);
		request = from;
	}
	ck_assert_int_eq(echo(token, 1, 60), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get_little32(answer + 16), 2);
}
END_TEST

/* Another seed, other tokens: nobody can tell them in advance. */
START_TEST(test_token_of_seed)
{
	static const uint8_t seed[SERVICE_SEED] = "another sixteen";
	const uint64_t token = open_with(ALL);

	service_irtt.state_init(state, settings, seed);
	ck_assert_int_eq(echo(token, 0, 60), SERVICE_NO_SESSION);
	ck_assert_uint_ne(open_with(ALL) >> 15, token >> 15);
}
END_TEST

START_TEST(test_close)
{
	uint64_t token = open_with(ALL);

	ck_assert_int_eq(echo(token, 0, 60), SERVICE_REPLY);
	ck_assert_int_eq(send_token(4, token, 0, 12), SERVICE_QUIET);
	ck_assert_uint_eq(event("session-closed"), 1);
	/* What was under way does not begin it anew. */
	ck_assert_int_eq(echo(token, 1, 60), SERVICE_NO_SESSION);
	ck_assert_int_eq(send_token(4, token, 0, 12), SERVICE_NO_SESSION);
	/* Nor if it was never used. */
	token = open_with(ALL);
	ck_assert_int_eq(send_token(4, token, 0, 12), SERVICE_QUIET);
	ck_assert_int_eq(echo(token, 1, 60), SERVICE_NO_SESSION);
	ck_assert_uint_eq(event("session-closed"), 1);
	ck_assert_uint_eq(event("session-opened"), 1);
}
END_TEST

/* A client that did not close asks again from its port: a new count. */
START_TEST(test_opens_again)
{
	const uint64_t first = open_with(ALL), second = open_with(ALL);

	ck_assert_uint_ne(first, second);
	ck_assert_int_eq(echo(first, 0, 60), SERVICE_REPLY);
	ck_assert_int_eq(echo(first, 1, 60), SERVICE_REPLY);
	ck_assert_int_eq(echo(second, 0, 60), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get_little32(answer + 16), 1);
	ck_assert_uint_eq(bytes_get_little64(answer + 20), 1);
	ck_assert_int_eq(echo(first, 2, 60), SERVICE_NO_SESSION);
	ck_assert_int_eq(echo(second, 1, 60), SERVICE_REPLY);
	ck_assert_uint_eq(event("session-opened"), 2);
	ck_assert_uint_eq(event("session-closed"), 1);
}
END_TEST

/* Unused: for a timeout at least; idle: for that. */
START_TEST(test_timeout)
{
	uint64_t token = open_with(HOUR "0506 0606 0706");

	pass(60 * SECOND - 1);
	ck_assert_int_eq(echo(token, 0, 60), SERVICE_REPLY);
	pass(60 * SECOND - 1);
	ck_assert_int_eq(echo(token, 1, 60), SERVICE_REPLY);
	pass(60 * SECOND);
	ck_assert_int_eq(echo(token, 2, 60), SERVICE_NO_SESSION);
	ck_assert_uint_eq(event("session-expired"), 1);
	token = open_with(ALL);
	pass(120 * SECOND);
	ck_assert_int_eq(echo(token, 0, 60), SERVICE_NO_SESSION);
}
END_TEST

/* 30 ms, and two seconds more; the reply after that is the last. */
START_TEST(test_duration)
{
	const uint64_t token = open_with(ALL);

	ck_assert_int_eq(echo(token, 0, 60), SERVICE_REPLY);
	pass(2 * SECOND + 30 * MS);
	ck_assert_int_eq(echo(token, 1, 60), SERVICE_REPLY);
	ck_assert_uint_eq(answer[3], 2);
	pass(1);
	ck_assert_int_eq(echo(token, 2, 60), SERVICE_REPLY);
	ck_assert_uint_eq(answer[3], 6);
	ck_assert_uint_eq(bytes_get_little32(answer + 16), 3);
	ck_assert_int_eq(echo(token, 3, 60), SERVICE_NO_SESSION);
	ck_assert_uint_eq(event("session-closed"), 1);
}
END_TEST

/* At 10 ms: a second's worth at once, and then one every 10 ms. */
START_TEST(test_pace)
{
	const uint64_t token = open_with(TIMES "0502");
	uint32_t sequence;

	set_number("min-interval", 10);
	for (sequence = 0; sequence <= 100; sequence++)
		ck_assert_int_eq(echo(token, sequence, 20), SERVICE_REPLY);
	ck_assert_int_eq(echo(token, sequence, 20), SERVICE_QUIET);
	ck_assert_uint_eq(event("too-fast"), 1);
	/* The daemon did not run, but they arrived in time. */
	context.now.utc_ns += 20 * MS;
	context.now.monotonic_ns += 20 * MS;
	request.arrived_ns += 10 * MS;
	ck_assert_int_eq(echo(token, sequence, 20), SERVICE_REPLY);
	ck_assert_int_eq(echo(token, sequence, 20), SERVICE_QUIET);
	request.arrived_ns += 10 * MS;
	ck_assert_int_eq(echo(token, sequence, 20), SERVICE_REPLY);
	/* All that came count. */
	ck_assert_uint_eq(bytes_get_little32(answer + 16), 105);
	/* Of a longer interval than a second, five. */
	set_number("min-interval", 15000);
	start();
	ck_assert_int_eq(
	    send_params(1, "0102 02808ece1c 0380d88ee16f 0502 0606"),
	    SERVICE_REPLY);
	for (sequence = 0; sequence <= 5; sequence++)
		ck_assert_int_eq(
		    echo(bytes_get_little64(answer + 4), sequence, 20),
		    SERVICE_REPLY);
	ck_assert_int_eq(
	    echo(bytes_get_little64(answer + 4), sequence, 20), SERVICE_QUIET);
}
END_TEST

static void
use_port(unsigned int port)
{
	request.peer.port = (uint16_t)port;
}

/*
 * Opens from everywhere take no session's place; and a client whose slot they
 * took begins one nevertheless, with the layout that its token has.
 */
START_TEST(test_forged_opens)
{
	uint64_t used = open_with(ALL), unused;
	unsigned int port;

	ck_assert_int_eq(echo(used, 0, 60), SERVICE_REPLY);
	use_port(50000);
	unused = open_with(TIMES "048201 0506 0606 0706 08f002 0904 72616e64");
	for (port = 1; port < 10000; port++) {
		use_port(port);
		(void)open_with(ALL);
	}
	use_port(40000);
	ck_assert_int_eq(echo(used, 1, 60), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get_little32(answer + 16), 2);
	use_port(50000);
	ck_assert_int_eq(echo(unused, 0, 65), SERVICE_REPLY);
	ck_assert_uint_eq(reply.length, 65);
	ck_assert_uint_eq(answer[60], 0);
	ck_assert_int_eq(reply.tos, -2);
	ck_assert_uint_eq(bytes_get_little32(answer + 16), 1);
	ck_assert_uint_eq(event("session-opened"), 2);
	ck_assert_int_eq(send_token(4, unused, 0, 12), SERVICE_QUIET);
	ck_assert_int_eq(echo(unused, 1, 65), SERVICE_NO_SESSION);
}
END_TEST

/* Two sessions are all; who only asks gets a reply, and a close makes room. */
START_TEST(test_full)
{
	uint64_t tokens[3];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		use_port(40000 + i);
		tokens[i] = open_with(ALL);
	}
	for (i = 0; i < 2; i++) {
		use_port(40000 + i);
		ck_assert_int_eq(echo(tokens[i], 0, 60), SERVICE_REPLY);
	}
	use_port(40002);
	ck_assert_int_eq(echo(tokens[2], 0, 60), SERVICE_NO_SPACE);
	ck_assert_int_eq(send_params(1, ALL), SERVICE_NO_SPACE);
	ck_assert_int_eq(send_params(5, ALL), SERVICE_REPLY);
	for (i = 0; i < 2; i++) {
		use_port(40000 + i);
		ck_assert_int_eq(echo(tokens[i], 1, 60), SERVICE_REPLY);
	}
	ck_assert_int_eq(send_token(4, tokens[1], 0, 12), SERVICE_QUIET);
	use_port(40002);
	ck_assert_int_eq(echo(open_with(ALL), 0, 60), SERVICE_REPLY);
	/* What is idle makes room, too. */
	pass(60 * SECOND);
	(void)open_with(ALL);
	ck_assert_uint_eq(event("session-expired"), 2);
	ck_assert_uint_eq(event("session-opened"), 3);
}
END_TEST

/* One of two for each network, unless more are set. */
START_TEST(test_share)
{
	uint64_t token;

	set_number("sessions-per-network", 0);
	ck_assert_int_eq(echo(open_with(ALL), 0, 60), SERVICE_REPLY);
	request.peer = unit_address("198.51.100.7:40000");
	ck_assert_int_eq(echo(open_with(ALL), 0, 60), SERVICE_NO_SPACE);
	ck_assert_uint_eq(event("network-full"), 1);
	request.peer = unit_address("198.51.101.7:40000");
	token = open_with(ALL);
	ck_assert_int_eq(echo(token, 0, 60), SERVICE_REPLY);
	/* Whoever ends one may begin another. */
	ck_assert_int_eq(send_token(4, token, 0, 12), SERVICE_QUIET);
	ck_assert_int_eq(echo(open_with(ALL), 0, 60), SERVICE_REPLY);
	ck_assert_uint_eq(event("network-full"), 1);
}
END_TEST

/* Count and window of each packet. */
static const struct {
	uint32_t sequence;
	uint64_t window;
} packets[] = {
	{ 0, 1 },
	{ 1, 3 },
	{ 1, 3 },    /* twice */
	{ 4, 0x19 }, /* 2 and 3 are missing */
	{ 2, 0 },    /* late */
	{ 5, 0x3b }, /* but it came */
	{ 68, UINT64_C(0x8000000000000001) },
	{ 4, 0 }, /* too late to tell */
	{ 69, 3 },
	{ 133, 1 },                  /* none of the 64 */
	{ UINT32_C(0x80000085), 0 }, /* not ahead */
	{ UINT32_C(0x80000084), 1 },
	{ UINT32_C(0xffffffff), 1 },
	{ 0, 3 }, /* from the beginning */
	{ 1, 7 },
};

START_TEST(test_count_and_window)
{
	const uint64_t token = open_with(TIMES "0506");
	size_t i;

	for (i = 0; i < LENGTH(packets); i++) {
		ck_assert_int_eq(
		    echo(token, packets[i].sequence, 28), SERVICE_REPLY);
		ck_assert_uint_eq(
		    bytes_get_little32(answer + 12), packets[i].sequence);
		ck_assert_uint_eq(bytes_get_little32(answer + 16), i + 1);
		ck_assert_msg(
		    bytes_get_little64(answer + 20) == packets[i].window,
		    "%zu: %llx", i,
		    (unsigned long long)bytes_get_little64(answer + 20));
	}
	/* It need not begin with 0. */
	ck_assert_int_eq(
	    echo(open_with(TIMES "0504"), 1000, 24), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get_little64(answer + 16), 1);
}
END_TEST

/* No answer to an answer. */
START_TEST(test_is_no_request)
{
	const uint64_t token = open_with(ALL);

	memcpy(bytes, answer, reply.length);
	ck_assert_int_eq(send(reply.length), SERVICE_NOT_REQUEST);
	ck_assert_int_eq(echo(token, 0, 60), SERVICE_REPLY);
	memcpy(bytes, answer, reply.length);
	ck_assert_int_eq(send(reply.length), SERVICE_NOT_REQUEST);
	ck_assert(service_irtt.distinct_replies);
}
END_TEST

static const struct {
	const char *key;
	unsigned int timeout, interval;
	const char *wrong, *why;
} checks[] = {
	{ NULL, 4, 1000, NULL, NULL },
	{ NULL, 3, 1, "timeout", "must be at least 4 seconds" },
	{ NULL, 4, 1001, "min-interval", "is more than a quarter of timeout" },
	{ "secret", 60, 1, "hmac-key",
	    "line 1 has a key of less than 16 bytes" },
	{ "sixteen or more bytes\n", 60, 1, NULL, NULL },
};

START_TEST(test_check)
{
	char why[SERVICE_WHY] = "";
	const char *wrong;

	set_number("timeout", checks[_i].timeout);
	set_number("min-interval", checks[_i].interval);
	if (checks[_i].key != NULL)
		set_key(checks[_i].key);
	wrong = service_irtt.check(settings, why);
	if (checks[_i].key != NULL && !mac_is_available()) {
		ck_assert_pstr_eq(wrong, "hmac-key");
		ck_assert_str_eq(why, "needs a build with nettle");
		return;
	}
	ck_assert_pstr_eq(wrong, checks[_i].wrong);
	if (wrong != NULL)
		ck_assert_mem_eq(why, checks[_i].why, strlen(checks[_i].why));
}
END_TEST

/* The key that is prepared is that of the file. */
START_TEST(test_prepare)
{
	static const char text[] = "ASCII:sixteen or more bytes\n";
	struct mac_key expected, prepared;

	ck_assert_uint_eq(service_irtt.prepare(settings, NULL, 0), 0);
	set_key(text);
	ck_assert_uint_eq(
	    service_irtt.prepare(settings, NULL, 0), sizeof(prepared));
	memset(&expected, 0, sizeof(expected));
	memset(&prepared, 0, sizeof(prepared));
	mac_md5_set_key(&expected, (const uint8_t *)text + 6, 21);
	service_irtt.prepare(settings, &prepared, sizeof(prepared));
	ck_assert_int_eq(memcmp(&expected, &prepared, sizeof(expected)), 0);
}
END_TEST

Suite *
irtt_suite(void)
{
	Suite *suite = suite_create("irtt");
	TCase *tcase = ask_tcase("irtt");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, test_opens, 0, LENGTH(opens));
	tcase_add_loop_test(tcase, test_modes, 0, LENGTH(modes));
	tcase_add_test(tcase, test_times);
	tcase_add_test(tcase, test_monotonic_zero);
	tcase_add_loop_test(tcase, test_signed_ones, 0, LENGTH(signed_ones));
	tcase_add_test(tcase, test_signed_session);
	tcase_add_test(tcase, test_unsigned_reply_stays);
	tcase_add_loop_test(tcase, test_wrong_ones, 0, LENGTH(wrong_ones));
	tcase_add_loop_test(tcase, test_limits, 0, LENGTH(limits));
	tcase_add_test(tcase, test_length);
	tcase_add_test(tcase, test_tos);
	tcase_add_loop_test(tcase, test_fill, 0, LENGTH(fills));
	tcase_add_test(tcase, test_random_fill);
	tcase_add_test(tcase, test_token);
	tcase_add_test(tcase, test_token_of_seed);
	tcase_add_test(tcase, test_close);
	tcase_add_test(tcase, test_opens_again);
	tcase_add_test(tcase, test_timeout);
	tcase_add_test(tcase, test_duration);
	tcase_add_test(tcase, test_pace);
	tcase_add_test(tcase, test_full);
	tcase_add_test(tcase, test_share);
	tcase_add_test(tcase, test_count_and_window);
	tcase_add_test(tcase, test_is_no_request);
	tcase_add_loop_test(tcase, test_check, 0, LENGTH(checks));
	tcase_add_test(tcase, test_prepare);
	suite_add_tcase(suite, tcase);
	tcase = unit_long_tcase("flood");
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_forged_opens);
	suite_add_tcase(suite, tcase);
	return suite;
}
