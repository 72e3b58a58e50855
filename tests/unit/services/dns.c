/* SPDX-License-Identifier: ISC */
/*
 * src/services/dns.c: what is answered, and how much of it to whom.  Pure;
 * dns_message.c has what is no query.
 */
#include "unit/services/ask.h"

#include "common/bytes.h"
#include "common/hex.h"
#include "services/dns_cookie.h"
#include "services/dns_message.h"

#include <stdio.h>
#include <string.h>

#define PEER "192.0.2.53:38972"
#define PEER6 "[2001:db8::53]:38972"
#define SECRET "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define NOW 0x6b086cd2

/* The settings, as their keys have them. */
static _Alignas(max_align_t) uint8_t settings[64];
static struct service_context context;
static uint8_t reply[MH_SLOT_SIZE + 1];
static size_t reply_length;
static bool reply_proven;
static struct service_counts counts;

static void
set_text(const char *key, const char *value)
{
	memcpy(ask_setting(&service_dns, settings, key), &value, sizeof(value));
	ask_prepare(&service_dns, settings, &context);
}

static void
set_secret(const char *text)
{
	struct service_file *file =
	    ask_setting(&service_dns, settings, "cookie-secret");

	memcpy(&file->text, &text, sizeof(text));
	file->length = strlen(text);
	ask_prepare(&service_dns, settings, &context);
}

static void
forget_secret(void)
{
	memset(ask_setting(&service_dns, settings, "cookie-secret"), 0,
	    sizeof(struct service_file));
	ask_prepare(&service_dns, settings, &context);
}

static void
setup(void)
{
	static const uint8_t seed[SERVICE_SEED] = { 1 };

	memset(settings, 0, sizeof(settings));
	memset(&counts, 0, sizeof(counts));
	context = (struct service_context){ .now.utc_ns = NOW * SECOND,
		.seed = seed,
		.node = "pop7.example",
		.counts = &counts };
	set_text("zone", "whoami.test, example");
	set_secret(SECRET "\n");
}

/* Append a question, and an OPT record with options in hexadecimal. */
struct question {
	const char *name;
	unsigned int type, class;
	const char *options; /* NULL: no OPT record */
	unsigned int udp_size;
};

static size_t
make_query(const struct question *question, uint8_t *bytes)
{
	const char *name = question->name;
	size_t at = 12, label, size;

	memset(bytes, 0, at);
	memcpy(bytes, "\x53\x4b\x01\x20", 4);
	bytes[5] = name != NULL;
	while (name != NULL && *name != '\0') {
		label = strcspn(name, ".");
		bytes[at++] = (uint8_t)label;
		memcpy(bytes + at, name, label);
		at += label;
		name += label + (name[label] == '.');
	}
	if (name != NULL) {
		bytes[at++] = 0;
		bytes_put16(bytes + at, question->type);
		bytes_put16(bytes + at + 2, question->class);
		at += 4;
	}
	if (question->options == NULL)
		return at;
	bytes[11] = 1;
	memcpy(bytes + at, "\0\0\x29\0\0\0\0\0\0", 9);
	bytes_put16(bytes + at + 3,
	    question->udp_size != 0 ? question->udp_size : 1232);
	size = ask_hex(question->options, bytes + at + 11, 512);
	bytes_put16(bytes + at + 9, (unsigned int)size);
	return at + 11 + size;
}

/* A stranger gets twice the packet; a proven one, 1232 bytes. */
static enum service_outcome
send_query(const uint8_t *bytes, size_t length, const char *peer, bool trusted)
{
	struct mh_datagram request = { .peer = unit_address(peer),
		.local = unit_address(
		    *peer == '[' ? "[2001:db8::1]:53" : "192.0.2.1:53"),
		.ttl = 64,
		.tos = 0xb8,
		.data = (void *)(uintptr_t)bytes,
		.length = length };
	const size_t headers = *peer == '[' ? 48 : 28;
	const size_t room = trusted ? ASK_ANY : 2 * length + headers;
	struct service_reply made = { .data = reply,
		.room = room,
		.room_proven = room < 1232 ? 1232 : room,
		.tos = -1,
		.ttl = -1 };
	enum service_outcome outcome;

	memset(reply, 0xee, sizeof(reply));
	outcome = service_dns.answer(&request, &context, &made);
	if (outcome != SERVICE_REPLY)
		return outcome;
	ck_assert_uint_le(
	    made.length, made.proven ? made.room_proven : made.room);
	if (!trusted)
		ck_assert_uint_eq(
		    reply[made.proven ? made.room_proven : room], 0xee);
	ck_assert_ptr_eq(made.data, reply);
	reply_length = made.length;
	reply_proven = made.proven;
	return outcome;
}

static enum service_outcome
ask_for(const struct question *question, const char *peer, bool trusted)
{
	uint8_t bytes[1024];

	return send_query(bytes, make_query(question, bytes), peer, trusted);
}

/* The reply without its question, in hexadecimal. */
static const char *
rest(const struct question *question)
{
	static char text[4096];
	struct strbuf buffer = strbuf_over(text, sizeof(text));
	uint8_t query[1024];
	struct question plain = *question;
	size_t at;

	plain.options = NULL;
	at = reply[5] == 1 ? make_query(&plain, query) : 12;
	ck_assert_uint_le(at, reply_length);
	/* Octet for octet, whatever the case of its letters. */
	if (reply[5] == 1)
		ck_assert_mem_eq(reply + 12, query + 12, at - 12);
	hex_print(&buffer, reply + 2, 10, "");
	strbuf_print(&buffer, " ");
	hex_print(&buffer, reply + at, reply_length - at, "");
	return text;
}

#define SOA_DATA "0000 00000001 00000e10 00000258 00015180 00000000"
#define COOKIE "000a 0008 0102030405060708"

static const struct example {
	const char *name;
	struct question question;
	const char *peer;
	const char *reply; /* flags and counts; what follows the question */
} examples[] = {
	{ "A", { "whoami.test", 1, 1, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0001 0001 00000000 0004 c0000235" },
	{ "A of IPv6", { "whoami.test", 1, 1, NULL, 0 }, PEER6,
	    "8500 0001 0000 0001 0000 c00c 0006 0001 00000000 0016" SOA_DATA },
	{ "AAAA", { "whoami.test", 28, 1, NULL, 0 }, PEER6,
	    "8500 0001 0001 0000 0000 c00c 001c 0001 00000000 0010"
	    "20010db8000000000000000000000053" },
	{ "AAAA of IPv4", { "whoami.test", 28, 1, NULL, 0 }, PEER,
	    "8500 0001 0000 0001 0000 c00c 0006 0001 00000000 0016" SOA_DATA },
	{ "ANY", { "whoami.test", 255, 1, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0001 0001 00000000 0004 c0000235" },
	{ "ANY, IPv6", { "whoami.test", 255, 1, NULL, 0 }, PEER6,
	    "8500 0001 0001 0000 0000 c00c 001c 0001 00000000 0010"
	    "20010db8000000000000000000000053" },
	{ "0x20", { "wHoAmI.TeSt", 1, 1, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0001 0001 00000000 0004 c0000235" },
	{ "the other zone", { "EXAMPLE", 1, 1, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0001 0001 00000000 0004 c0000235" },
	{ "SRV", { "whoami.test", 33, 1, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0021 0001 00000000 0007"
	    "0000 0000 983c 00" },
	{ "_udp SRV", { "_UDP.whoami.test", 33, 1, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0021 0001 00000000 0007"
	    "0000 0000 983c 00" },
	{ "_udp ANY", { "_udp.whoami.test", 255, 1, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0021 0001 00000000 0007"
	    "0000 0000 983c 00" },
	{ "_udp A", { "_udp.whoami.test", 1, 1, NULL, 0 }, PEER,
	    "8500 0001 0000 0001 0000 c011 0006 0001 00000000 0016" SOA_DATA },
	{ "_tcp SRV", { "_tcp.whoami.test", 33, 1, NULL, 0 }, PEER,
	    "8503 0001 0000 0001 0000 c011 0006 0001 00000000 0016" SOA_DATA },
	{ "SOA", { "whoami.test", 6, 1, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0006 0001 00000000 0016" SOA_DATA },
	{ "NS", { "whoami.test", 2, 1, NULL, 0 }, PEER,
	    "8500 0001 0000 0001 0000 c00c 0006 0001 00000000 0016" SOA_DATA },
	{ "below", { "x.whoami.test", 1, 1, NULL, 0 }, PEER,
	    "8503 0001 0000 0001 0000 c00e 0006 0001 00000000 0016" SOA_DATA },
	{ "TXT", { "whoami.test", 16, 1, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0010 0001 00000000 002c"
	    /* "client 192.0.2.53#38972" "server 192.0.2.1#53" */
	    "17 636c69656e74203139322e302e322e3533233338393732"
	    "13 736572766572203139322e302e322e31233533" },

	{ "id.server", { "id.server", 16, 3, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0010 0003 00000000 000d"
	    "0c 706f70372e6578616d706c65" },
	{ "hostname.bind", { "HOSTNAME.bind", 255, 3, NULL, 0 }, PEER,
	    "8500 0001 0001 0000 0000 c00c 0010 0003 00000000 000d"
	    "0c 706f70372e6578616d706c65" },
	{ "id.server of another type", { "id.server", 1, 3, NULL, 0 }, PEER,
	    "8105 0001 0000 0000 0000" },
	{ "version.bind", { "version.bind", 16, 3, NULL, 0 }, PEER,
	    "8105 0001 0000 0000 0000" },
	{ "id.server of IN", { "id.server", 16, 1, NULL, 0 }, PEER,
	    "8105 0001 0000 0000 0000" },
	{ "a zone of CH", { "whoami.test", 1, 3, NULL, 0 }, PEER,
	    "8105 0001 0000 0000 0000" },
	{ "class ANY", { "whoami.test", 1, 255, NULL, 0 }, PEER,
	    "8105 0001 0000 0000 0000" },
	{ "elsewhere", { "test", 1, 1, NULL, 0 }, PEER,
	    "8105 0001 0000 0000 0000" },
	{ "the root", { "", 2, 1, NULL, 0 }, PEER, "8105 0001 0000 0000 0000" },
	{ "AXFR", { "whoami.test", 252, 1, NULL, 0 }, PEER,
	    "8105 0001 0000 0000 0000" },
	{ "IXFR", { "whoami.test", 251, 1, NULL, 0 }, PEER,
	    "8105 0001 0000 0000 0000" },

	{ "an OPT record", { "whoami.test", 1, 1, "", 0 }, PEER,
	    "8500 0001 0001 0000 0001 c00c 0001 0001 00000000 0004 c0000235"
	    "00 0029 04d0 00000000 0000" },
	{ "unknown options", { "whoami.test", 1, 1, "ffff 0001 00", 0 }, PEER,
	    "8500 0001 0001 0000 0001 c00c 0001 0001 00000000 0004 c0000235"
	    "00 0029 04d0 00000000 0000" },
	{ "NSID and cookie", { "whoami.test", 1, 1, "0003 0000" COOKIE, 0 },
	    PEER,
	    "8500 0001 0001 0000 0001 c00c 0001 0001 00000000 0004 c0000235"
	    "00 0029 04d0 00000000 002c 000a 0018 0102030405060708 01000000"
	    "6b086cd2 bb290647c865dfb8 0003 000c 706f70372e6578616d706c65" },
	{ "a cookie alone", { NULL, 0, 0, COOKIE, 0 }, PEER,
	    "8100 0000 0000 0000 0001 00 0029 04d0 00000000 001c 000a 0018"
	    "0102030405060708 01000000 6b086cd2 bb290647c865dfb8" },
	{ "a bad cookie alone",
	    { NULL, 0, 0, "000a 0018 0102030405060708 00*16", 0 }, PEER,
	    "8107 0000 0000 0000 0001 00 0029 04d0 01000000 001c 000a 0018"
	    "0102030405060708 01000000 6b086cd2 bb290647c865dfb8" },
	{ "a good cookie alone",
	    { NULL, 0, 0,
		"000a 0018 0102030405060708 01000000 6b086cd2 "
		"bb290647c865dfb8",
		0 },
	    PEER,
	    "8100 0000 0000 0000 0001 00 0029 04d0 00000000 001c 000a 0018"
	    "0102030405060708 01000000 6b086cd2 bb290647c865dfb8" },
	{ "TXT and a cookie", { "whoami.test", 16, 1, COOKIE, 0 }, PEER,
	    "8107 0001 0000 0000 0001 00 0029 04d0 01000000 001c 000a 0018"
	    "0102030405060708 01000000 6b086cd2 bb290647c865dfb8" },
	/* What is refused is no longer than its question. */
	{ "refused", { "test", 1, 1, "", 0 }, PEER,
	    "8105 0001 0000 0000 0001 00 0029 04d0 00000000 0000" },
	{ "refused, with a cookie", { "test", 1, 1, COOKIE, 0 }, PEER,
	    "8105 0001 0000 0000 0001 00 0029 04d0 00000000 0000" },
	{ "refused, with both",
	    { "test", 1, 1, "0003 0000 000a 0018 0102030405060708 00*16", 0 },
	    PEER,
	    "8105 0001 0000 0000 0001 00 0029 04d0 00000000 001c 000a 0018"
	    "0102030405060708 01000000 6b086cd2 bb290647c865dfb8" },
};

START_TEST(test_examples)
{
	const struct example *c = &examples[_i];
	uint8_t expected[512];
	size_t size = ask_hex(c->reply, expected, sizeof(expected));
	char text[1100];
	struct strbuf buffer = strbuf_over(text, sizeof(text));

	hex_print(&buffer, expected, 10, "");
	strbuf_print(&buffer, " ");
	hex_print(&buffer, expected + 10, size - 10, "");
	ck_assert_int_eq(ask_for(&c->question, c->peer, false), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get16(reply), 0x534b);
	ck_assert_msg(strcmp(rest(&c->question), text) == 0, "%s: %s\nnot %s",
	    c->name, rest(&c->question), text);
}
END_TEST

/* The bits of a response that a query does not choose, and those it does. */
START_TEST(test_flags)
{
	const struct question question = { "whoami.test", 1, 1, "", 0 };
	uint8_t bytes[1024];
	size_t length = make_query(&question, bytes);

	bytes[2] = 0x07; /* AA, TC, RD */
	bytes[3] = 0xff; /* RA, Z, AD, CD, a code */
	bytes[12 + 13 + 4 + 7] = 0x80;
	send_query(bytes, length, PEER, false);
	ck_assert_uint_eq(bytes_get16(reply + 2), 0x8500);
	/* DO is copied (RFC 3225), the rest of the flags is not. */
	ck_assert_uint_eq(bytes_get16(reply + reply_length - 4), 0x8000);
	bytes[2] = 0;
	send_query(bytes, length, PEER, false);
	ck_assert_uint_eq(bytes_get16(reply + 2), 0x8400);
	/* NOTIMP and FORMERR: a header. */
	bytes[2] = 0x21;
	send_query(bytes, length, PEER, false);
	ck_assert_uint_eq(bytes_get16(reply + 2), 0xa104);
	ck_assert_uint_eq(reply_length, 12);
	ck_assert_mem_eq(reply + 4, "\0\0\0\0\0\0\0", 8);
	bytes[2] = 1;
	send_query(bytes, length - 1, PEER, false);
	ck_assert_uint_eq(bytes_get16(reply + 2), 0x8101);
	ck_assert_uint_eq(reply_length, 12);
	ck_assert_mem_eq(reply + 4, "\0\0\0\0\0\0\0", 8);
	bytes[2] = 0x80;
	ck_assert_int_eq(
	    send_query(bytes, length, PEER, true), SERVICE_NOT_REQUEST);
}
END_TEST

START_TEST(test_badvers)
{
	const struct question question = { "whoami.test", 16, 1, "ffff 0000",
		0 };
	uint8_t bytes[1024];
	size_t length = make_query(&question, bytes);

	bytes[12 + 13 + 4 + 6] = 1;
	ck_assert_int_eq(send_query(bytes, length, PEER, false), SERVICE_REPLY);
	ck_assert_str_eq(rest(&question),
	    "81000001000000000001 00002904d00100000000"
	    "00");
}
END_TEST

/* The strings of the TXT record, one to a line. */
static const char *
strings(const struct question *question)
{
	static char text[2048];
	uint8_t query[1024];
	struct question plain = *question;
	size_t at, end, n = 0;

	plain.options = NULL;
	ck_assert_uint_eq(bytes_get16(reply + 6), 1);
	at = make_query(&plain, query) + 10;
	end = at + 2 + bytes_get16(reply + at);
	ck_assert_uint_le(end, reply_length);
	for (at += 2; at < end; at += 1 + (size_t)reply[at])
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s\n",
		    reply[at], (char *)reply + at + 1);
	ck_assert_uint_eq(at, end);
	return text;
}

/* What the text of a TXT record is, for whom, and from which room. */
static const struct texts {
	const char *name;
	const char *peer;
	bool trusted;
	const char *options;
	const char *expected;
} texts[] = {
	{ "all", PEER, true, NULL,
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\n" },
	{ "all, IPv6", PEER6, true, "",
	    "client 2001:db8::53#38972\nserver 2001:db8::1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\n" },
	{ "a stranger", PEER, false, NULL,
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n" },
	{ "a stranger, IPv6", PEER6, false, NULL,
	    "client 2001:db8::53#38972\nserver 2001:db8::1#53\n" },
	/* Padding (RFC 7830) pays for more. */
	{ "who sends more", PEER, false, "000c 0020 00*32",
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\n" },
	{ "a good cookie", PEER, false,
	    "000a 0018 0102030405060708 01000000 6b086cd2 bb290647c865dfb8",
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\n" },
	{ "a subnet", PEER, true, "0008 0007 0001 18 00 c63364",
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\necs 198.51.100.0/24\n" },
	{ "an IPv6 subnet", PEER, true, "0008 0008 0002 20 00 20010db8",
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\necs 2001:db8::/32\n" },
	{ "no subnet", PEER, true, "0008 0004 0001 00 00",
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\necs 0.0.0.0/0\n" },
	{ "an odd subnet", PEER, true, "0008 0006 0001 18 00 c633",
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\n" },
	{ "of 33 bits", PEER, true, "0008 0009 0001 21 00 c633640000",
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\n" },
	{ "of family 3", PEER, true, "0008 0004 0003 00 00",
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\n" },
	{ "of family 257", PEER, true, "0008 0004 0101 00 00",
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\n" },
	{ "too short", PEER, true, "0008 0003 0001 00",
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n"
	    "node pop7.example\nttl 64\ndscp 46\n" },
};

START_TEST(test_texts)
{
	const struct texts *c = &texts[_i];
	const struct question question = { "whoami.test", 16, 1, c->options,
		0 };

	ck_assert_int_eq(
	    ask_for(&question, c->peer, c->trusted), SERVICE_REPLY);
	ck_assert_msg(strcmp(strings(&question), c->expected) == 0, "%s: %s",
	    c->name, strings(&question));
	ck_assert_uint_eq(reply[2] & 2, 0);
}
END_TEST

/* Only a good cookie of this very address makes a difference. */
static const struct {
	const char *name, *peer, *cookie;
	bool good;
} cookies[] = {
	{ "good", PEER, "01000000 6b086cd2 bb290647c865dfb8", true },
	{ "another address", "192.0.2.54:38972",
	    "01000000 6b086cd2 bb290647c865dfb8", false },
	{ "another family", PEER6, "01000000 6b086cd2 bb290647c865dfb8",
	    false },
	{ "another time", PEER, "01000000 6b086cd3 bb290647c865dfb8", false },
	{ "long", PEER, "01000000 6b086cd2 bb290647c865dfb8 00*16", false },
	{ "short", PEER, "01000000 6b086cd2", false },
};

START_TEST(test_cookies)
{
	char options[200];
	const struct question question = { "whoami.test", 16, 1, options, 0 };
	static char long_node[201];
	uint8_t bytes[64];

	memset(long_node, 'n', 200);
	context.node = long_node;
	snprintf(options, sizeof(options), "000a %04x 0102030405060708 %s",
	    (unsigned int)ask_hex(cookies[_i].cookie, bytes, sizeof(bytes)) + 8,
	    cookies[_i].cookie);
	ck_assert_int_eq(
	    ask_for(&question, cookies[_i].peer, false), SERVICE_REPLY);
	ck_assert_msg(reply_proven == cookies[_i].good, "%s", cookies[_i].name);
	ck_assert_uint_eq(reply[3], cookies[_i].good ? 0 : 7);
	ck_assert_uint_eq(reply[7], cookies[_i].good);
	/* cookie-good, cookie-bad, badcookie. */
	ck_assert_uint_eq(counts.events[0], cookies[_i].good);
	ck_assert_uint_eq(counts.events[1], !cookies[_i].good);
	ck_assert_uint_eq(counts.events[2], !cookies[_i].good);
	/* Whoever is trusted needs none. */
	ck_assert_int_eq(
	    ask_for(&question, cookies[_i].peer, true), SERVICE_REPLY);
	ck_assert_uint_eq(reply[3], 0);
	ck_assert_uint_eq(reply[7], 1);
}
END_TEST

/* Whatever does not fit: another cookie would not help, so none is asked for.
 */
START_TEST(test_proven_need_no_cookie)
{
	static char long_node[251];
	const struct question question = { "id.server", 16, 3,
		"0003 0000"
		"000a 0018 0102030405060708 01000000 6b086cd2 bb290647c865dfb8",
		512 };

	memset(long_node, 'n', 250);
	context.node = long_node;
	ck_assert_int_eq(ask_for(&question, PEER, false), SERVICE_REPLY);
	ck_assert(reply_proven);
	ck_assert_uint_eq(bytes_get16(reply + 2), 0x8500);
	ck_assert_uint_eq(reply[7], 1);
	ck_assert_uint_le(reply_length, 512);
}
END_TEST

/* A cookie of ours can be sent back, whoever made the secret. */
START_TEST(test_makes_good_cookies)
{
	char options[200] = COOKIE;
	const struct question question = { "whoami.test", 16, 1, options, 0 };
	struct strbuf buffer;
	int round;

	for (round = 0; round < 2; round++) {
		if (round == 1)
			forget_secret();
		snprintf(options, sizeof(options), "%s", COOKIE);
		ck_assert_int_eq(
		    ask_for(&question, PEER6, false), SERVICE_REPLY);
		ck_assert_uint_eq(reply[3], 7);
		buffer = strbuf_over(options, sizeof(options));
		strbuf_print(&buffer, "000a0018");
		hex_print(&buffer, reply + reply_length - 24, 24, "");
		context.now.utc_ns += 3600 * SECOND;
		ask_for(&question, PEER6, false);
		ck_assert(reply_proven);
		context.now.utc_ns += SECOND;
		ask_for(&question, PEER6, false);
		ck_assert(!reply_proven);
	}
}
END_TEST

/* Without a file, the process's seed is the secret: others do not know it. */
START_TEST(test_secret_of_its_own)
{
	static const uint8_t other[SERVICE_SEED] = { 2 };
	char options[200] = COOKIE;
	const struct question question = { "whoami.test", 16, 1, options, 0 };
	struct strbuf buffer;

	forget_secret();
	ask_for(&question, PEER, false);
	buffer = strbuf_over(options, sizeof(options));
	strbuf_print(&buffer, "000a0018");
	hex_print(&buffer, reply + reply_length - 24, 24, "");
	ask_for(&question, PEER, false);
	ck_assert(reply_proven);
	context.seed = other;
	ask_for(&question, PEER, false);
	ck_assert(!reply_proven);
}
END_TEST

/* What is longer than the client takes is cut short, but not the question. */
START_TEST(test_truncates)
{
	static char long_node[251], zone[250];
	struct question question = { "id.server", 16, 3, NULL, 0 };
	int i;

	memset(long_node, 'n', 250);
	context.node = long_node;
	ck_assert_int_eq(ask_for(&question, PEER, false), SERVICE_REPLY);
	ck_assert_str_eq(rest(&question), "87000001000000000000 ");
	ck_assert_uint_eq(counts.events[3], 1);
	ck_assert_int_eq(ask_for(&question, PEER, true), SERVICE_REPLY);
	ck_assert_uint_eq(reply[7], 1);
	/* With an NSID it does not fit 512; which is not worth a TC. */
	question.options = "0003 0000";
	question.udp_size = 512;
	ck_assert_int_eq(ask_for(&question, PEER, true), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get16(reply + 2), 0x8500);
	ck_assert_uint_lt(reply_length, 320);
	question.udp_size = 1232;
	ck_assert_int_eq(ask_for(&question, PEER, true), SERVICE_REPLY);
	ck_assert_uint_gt(reply_length, 520);
	/* Nor do many strings, after such a long name. */
	for (i = 0; i < 240; i++)
		zone[i] = i % 60 == 59 ? '.' : 'z';
	zone[239] = '\0';
	set_text("zone", zone);
	question = (struct question){ zone, 16, 1, NULL, 0 };
	ck_assert_int_eq(ask_for(&question, PEER, true), SERVICE_REPLY);
	ck_assert_uint_le(reply_length, 512);
	ck_assert_str_eq(strings(&question),
	    "client 192.0.2.53#38972\nserver 192.0.2.1#53\n");
	question.options = "";
	ck_assert_int_eq(ask_for(&question, PEER, true), SERVICE_REPLY);
	ck_assert_ptr_nonnull(strstr(strings(&question), "\ndscp 46\n"));
}
END_TEST

/* The manual has the length of a node that any stranger can ask for. */
START_TEST(test_node_for_strangers)
{
	static char node[44];
	const struct question question = { "id.server", 16, 3, NULL, 0 };

	memset(node, 'n', 42);
	context.node = node;
	ck_assert_int_eq(ask_for(&question, PEER, false), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get16(reply + 2), 0x8500);
	memset(node, 'n', 43);
	ck_assert_int_eq(ask_for(&question, PEER, false), SERVICE_REPLY);
	ck_assert_uint_eq(bytes_get16(reply + 2), 0x8700);
}
END_TEST

/* At most 1232 bytes, whatever the client takes and whoever it is. */
START_TEST(test_never_longer)
{
	static char long_node[256];
	const struct question question = { "id.server", 16, 3, "0003 0000",
		65535 };

	memset(long_node, 'n', 255);
	context.node = long_node;
	ck_assert_int_eq(ask_for(&question, PEER, true), SERVICE_REPLY);
	ck_assert_uint_le(reply_length, 1232);
	ck_assert_uint_gt(reply_length, 520);
}
END_TEST

START_TEST(test_wildcard)
{
	struct question question = { "n0nce.whoami.test", 1, 1, NULL, 0 };
	bool *wildcard = ask_setting(&service_dns, settings, "wildcard");

	*wildcard = true;
	ask_for(&question, PEER, false);
	ck_assert_str_eq(rest(&question),
	    "85000001000100000000 c00c00010001000000000004c0000235");
	question.type = 16;
	ask_for(&question, PEER, true);
	ck_assert_ptr_nonnull(strstr(strings(&question), "client 192.0.2.53"));
	/* There is no zone there. */
	question.type = 6;
	ask_for(&question, PEER, false);
	ck_assert_str_eq(rest(&question),
	    "85000001000000010000 c0120006000100000000001600000000000100000e10"
	    "000002580001518000000000");
	question.name = "_udp.whoami.test";
	question.type = 33;
	ask_for(&question, PEER, false);
	ck_assert_uint_eq(reply[7], 1);
	question.type = 255;
	ask_for(&question, PEER, false);
	ck_assert_uint_eq(reply[7], 1);
	question.name = "a.b.c.whoami.test";
	ask_for(&question, PEER, false);
	ck_assert_uint_eq(reply[7], 1);
}
END_TEST

START_TEST(test_root_zone)
{
	struct question question = { "", 1, 1, NULL, 0 };

	set_text("zone", ".");
	ask_for(&question, PEER, false);
	ck_assert_str_eq(rest(&question),
	    "85000001000100000000 c00c00010001000000000004c0000235");
	question.name = "x";
	ask_for(&question, PEER, false);
	ck_assert_str_eq(rest(&question),
	    "85030001000000010000 c00e0006000100000000001600000000000100000e10"
	    "000002580001518000000000");
}
END_TEST

START_TEST(test_version)
{
	struct question question = { "version.bind", 16, 3, NULL, 0 };

	set_text("server-version", "1");
	ask_for(&question, PEER, false);
	ck_assert_str_eq(rest(&question),
	    "85000001000100000000 c00c00100003000000000002"
	    "0131");
	question.name = "version.server";
	ask_for(&question, PEER, false);
	ck_assert_uint_eq(reply[7], 1);
}
END_TEST

/* No room even for a header; never more room than there is. */
START_TEST(test_no_room)
{
	const struct question question = { "whoami.test", 16, 1, COOKIE, 0 };
	uint8_t bytes[1024];
	size_t length = make_query(&question, bytes);
	const char *got;
	int n;

	for (ask_room = 0; ask_room < 400; ask_room++) {
		n = ask_bytes(&service_dns, &context, bytes, length, &got);
		if (ask_room < length - 12 || n < 0)
			ck_assert_int_eq(n, -SERVICE_NO_ROOM);
	}
	ask_room = 11;
	bytes[2] = 0x20;
	ck_assert_int_eq(ask_bytes(&service_dns, &context, bytes, length, &got),
	    -SERVICE_NO_ROOM);
	ask_room = 12;
	ck_assert_int_eq(
	    ask_bytes(&service_dns, &context, bytes, length, &got), 12);
}
END_TEST

static char *no_zone = (char[]){ "" };
static char longest[257];

START_TEST(test_checks)
{
	char why[SERVICE_WHY];

	ck_assert_ptr_null(service_dns.check(settings, why));
	set_text("zone", no_zone);
	ck_assert_str_eq(service_dns.check(settings, why), "zone");
	set_text("zone", "whoami");
	memset(longest, 'v', 255);
	set_text("server-version", longest);
	ck_assert_ptr_null(service_dns.check(settings, why));
	memset(longest, 'v', 256);
	ck_assert_str_eq(service_dns.check(settings, why), "server-version");
	ck_assert_str_eq(why, "has more than 255 bytes");
	set_text("server-version", NULL);
	set_secret("secret");
	ck_assert_str_eq(service_dns.check(settings, why), "cookie-secret");
	ck_assert_str_eq(why, "has a line that is not 32 hexadecimal digits");
}
END_TEST

Suite *
dns_suite(void)
{
	Suite *suite = suite_create("dns");
	TCase *tcase = ask_tcase("dns");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, test_examples, 0, LENGTH(examples));
	tcase_add_test(tcase, test_flags);
	tcase_add_test(tcase, test_badvers);
	tcase_add_loop_test(tcase, test_texts, 0, LENGTH(texts));
	tcase_add_loop_test(tcase, test_cookies, 0, LENGTH(cookies));
	tcase_add_test(tcase, test_proven_need_no_cookie);
	tcase_add_test(tcase, test_makes_good_cookies);
	tcase_add_test(tcase, test_secret_of_its_own);
	tcase_add_test(tcase, test_truncates);
	tcase_add_test(tcase, test_node_for_strangers);
	tcase_add_test(tcase, test_never_longer);
	tcase_add_test(tcase, test_wildcard);
	tcase_add_test(tcase, test_root_zone);
	tcase_add_test(tcase, test_version);
	tcase_add_test(tcase, test_no_room);
	tcase_add_test(tcase, test_checks);
	suite_add_tcase(suite, tcase);
	return suite;
}
