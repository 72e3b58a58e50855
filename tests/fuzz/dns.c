/* SPDX-License-Identifier: ISC */
/*
 * dns: the first byte chooses who asks and with what settings; what is left is
 * the query, with a good cookie if it has room for one and the byte says so.  A
 * response is well-formed, has the query's id and question, no time to live,
 * and no more bytes than this peer may have; it is no query.
 */
#include "fuzz.h"

#include "common/bytes.h"
#include "services/dns_cookie.h"
#include "services/dns_message.h"
#include "services/table.h"

#include <string.h>

/* Bits of the first byte. */
enum {
	IPV6 = 1,
	TRUSTED = 2,
	WILDCARD = 4,
	VERSION = 8,
	GOOD_COOKIE = 16,
	LONG_NODE = 32,
	ROOT = 64,
	SECRET = 128
};

#define NOW UINT32_C(1764177600)

static char secret[] = "e5e973e5a6b2a43f48e7dc849e37bfcf\n"
		       "445536bcd2513298075a5d379663c962\n";
static const uint8_t seed[SERVICE_SEED] = "sixteen or less";

static void
set(void *settings, const char *name, const void *value, size_t size)
{
	const struct service_key *key = service_key_find(&service_dns, name);

	REQUIRE(key != NULL);
	memcpy((char *)settings + key->offset, value, size);
}

static void
set_all(void *settings, unsigned int choice)
{
	const char *zone = (choice & ROOT) != 0 ? "a.b,." : "whoami,a.b";
	const char *version = "1";
	const struct service_file file = { .text = secret,
		.length = sizeof(secret) - 1 };
	const bool wildcard = (choice & WILDCARD) != 0;

	set(settings, "zone", &zone, sizeof(zone));
	set(settings, "wildcard", &wildcard, sizeof(wildcard));
	if ((choice & VERSION) != 0)
		set(settings, "server-version", &version, sizeof(version));
	if ((choice & SECRET) != 0)
		set(settings, "cookie-secret", &file, sizeof(file));
}

/* Make the cookie of a query that has one of our size a good one. */
static void
sign(struct mh_datagram *request, unsigned int choice)
{
	struct dns_secrets secrets = { .count = 1 };
	struct dns_query query;
	uint8_t cookie[DNS_COOKIE_SIZE];
	const char *why;

	if ((choice & GOOD_COOKIE) == 0 ||
	    dns_read(&query, request->data, request->length) != SERVICE_REPLY ||
	    query.cookie.size != DNS_COOKIE_SIZE)
		return;
	memcpy(secrets.items[0], seed, sizeof(seed));
	if ((choice & SECRET) != 0)
		REQUIRE(dns_secrets_read(
		    &secrets, secret, sizeof(secret) - 1, &why));
	dns_cookie_make(
	    &secrets, &request->peer, NOW, query.cookie.bytes, cookie);
	memcpy(
	    (uint8_t *)(uintptr_t)query.cookie.bytes, cookie, sizeof(cookie));
}

/* The octets of a name, which may end in a pointer to an earlier place. */
static size_t
name_size(const uint8_t *bytes, size_t length, size_t at)
{
	size_t i = at;

	while (i < length && bytes[i] != 0 && bytes[i] < 0xc0)
		i += 1 + (size_t)bytes[i];
	REQUIRE(i < length);
	if (bytes[i] == 0)
		return i + 1 - at;
	REQUIRE(i + 2 <= length);
	REQUIRE((bytes_get16(bytes + i) & 0x3fff) < at);
	return i + 2 - at;
}

/* All that the counts say is there, and nothing else. */
static void
check_form(const uint8_t *bytes, size_t length)
{
	size_t at = 12, size, i;
	unsigned int count[4], record, records;

	for (i = 0; i < 4; i++)
		count[i] = bytes_get16(bytes + 4 + 2 * i);
	REQUIRE(count[0] <= 1 && count[3] <= 1);
	if (count[0] == 1)
		at += name_size(bytes, length, at) + 4;
	records = count[1] + count[2] + count[3];
	/* One set of one record, or one that says there is none. */
	REQUIRE(count[1] + count[2] <= 1);
	for (record = 0; record < records; record++) {
		at += name_size(bytes, length, at);
		REQUIRE(at + 10 <= length);
		if (bytes_get16(bytes + at) != DNS_OPT)
			REQUIRE(bytes_get32(bytes + at + 4) == 0);
		size = bytes_get16(bytes + at + 8);
		at += 10 + size;
		REQUIRE(at <= length);
	}
	REQUIRE(at == length);
	/* Nothing is cut in its middle. */
	if ((bytes[2] & 2) != 0)
		REQUIRE(count[1] + count[2] == 0);
}

static void
check_reply(const struct mh_datagram *request,
    const struct service_reply *reply, unsigned int choice)
{
	const uint8_t *asked = request->data, *bytes = reply->data;
	const unsigned int code = bytes[3] & 15;
	struct dns_query query;

	REQUIRE(reply->length >= 12 && reply->length <= DNS_UDP_MAX);
	REQUIRE(memcmp(asked, bytes, 2) == 0);
	REQUIRE((bytes[2] & 0xf9) == (0x80 | (asked[2] & 0x79)));
	REQUIRE((bytes[3] & 0xf0) == 0);
	check_form(bytes, reply->length);
	REQUIRE(dns_read(&query, asked, request->length) == SERVICE_REPLY);
	REQUIRE((bytes[5] == 1) == (query.question > 0));
	REQUIRE(memcmp(asked + 12, bytes + 12, query.question) == 0);
	REQUIRE((bytes[11] == 1) == query.has_opt);
	REQUIRE(query.has_opt || reply->length <= 512);
	REQUIRE(reply->length <= query.udp_size);
	if (code == DNS_FORMERR || code == DNS_NOTIMP || code == DNS_REFUSED)
		REQUIRE(reply->length <= request->length);
	REQUIRE(!reply->proven || (choice & GOOD_COOKIE) != 0);
	REQUIRE(reply->length <=
	    (reply->proven ? reply->room_proven : reply->room));
}

static void
ask(const struct mh_datagram *request, struct service_context *context,
    unsigned int choice)
{
	static uint8_t slot[MH_SLOT_SIZE];
	const size_t bound =
	    2 * request->length + ((choice & IPV6) != 0 ? 48 : 28);
	const size_t room = (choice & TRUSTED) != 0 ? 65507 : bound;
	struct service_reply reply = { .data = slot,
		.room = room,
		.room_proven = room < 1232 ? 1232 : room };
	struct mh_datagram back = { .peer = request->peer };
	enum service_outcome outcome =
	    service_dns.answer(request, context, &reply);

	if (outcome != SERVICE_REPLY) {
		/* There is always room for something. */
		REQUIRE(outcome == SERVICE_NOT_REQUEST ||
		    outcome == SERVICE_MALFORMED);
		REQUIRE(request->length < 12 ||
		    (((uint8_t *)request->data)[2] & 0x80) != 0);
		return;
	}
	check_reply(request, &reply, choice);
	back.data = reply.data;
	back.length = reply.length;
	REQUIRE(
	    service_dns.answer(&back, context, &reply) == SERVICE_NOT_REQUEST);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char node[256];
	struct service_context context = { .now.utc_ns =
					       NOW * INT64_C(1000000000),
		.seed = seed,
		.node = "gate",
		.interface = "" };
	struct mh_datagram request = { .ttl = 64, .tos = 0 };
	void *settings, *prepared;
	size_t needed;

	if (size < 1 || size > 65507)
		return 0;
	memset(node, 'n', 255);
	if ((data[0] & LONG_NODE) != 0)
		context.node = node;
	request.peer.family =
	    (data[0] & IPV6) != 0 ? MH_FAMILY_IPV6 : MH_FAMILY_IPV4;
	request.peer.ip[0] = 32;
	request.peer.port = 53;
	request.local = request.peer;
	request.length = size - 1;
	settings = calloc(1, service_dns.settings_size);
	/* Of exactly its size, so that sanitizers see reads beyond it. */
	request.data = malloc(size - 1 > 0 ? size - 1 : 1);
	REQUIRE(settings != NULL && request.data != NULL);
	memcpy(request.data, data + 1, size - 1);
	set_all(settings, data[0]);
	needed = service_dns.prepare(settings, NULL, 0);
	prepared = malloc(needed);
	REQUIRE(prepared != NULL);
	service_dns.prepare(settings, prepared, needed);
	context.settings = settings;
	context.prepared = prepared;
	sign(&request, data[0]);
	ask(&request, &context, data[0]);
	free(request.data);
	free(prepared);
	free(settings);
	return 0;
}
