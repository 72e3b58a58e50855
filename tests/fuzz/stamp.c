/* SPDX-License-Identifier: ISC */
/*
 * stamp, with the settings that the first byte chooses; what is left is a
 * packet, signed if need be.  A reply is as long as the packet, keeps the order
 * and the lengths of TLVs, is signed, and is no request.
 */
#include "fuzz.h"

#include "common/bytes.h"
#include "common/mac.h"
#include "services/table.h"

#include <string.h>

#define NOW (INT64_C(1764177600) * 1000000000)
#define BASE 44
#define SIGNED_BASE 112
#define SIGNED 96

enum choice {
	STATEFUL = 1,
	PTP = 2,
	WITH_KEY = 4,
	AUTHENTICATED = 8,
	DSCP = 16,
	IPV6 = 32,
	SIGN = 64, /* the TLVs */
	ASKED_TWICE = 128
};

static char secret[] = "sixteen or more bytes";

static void
set(void *settings, const char *name, const void *value, size_t size)
{
	const struct service_key *key = service_key_find(&service_stamp, name);

	REQUIRE(key != NULL);
	memcpy((char *)settings + key->offset, value, size);
}

static void
set_all(void *settings, unsigned int choice)
{
	const struct service_file file = { .text = secret,
		.length = sizeof(secret) - 1 };
	const unsigned int stateful = (choice & STATEFUL) != 0;
	const unsigned int ptp = (choice & PTP) != 0, one = 1;
	const bool authenticated = (choice & AUTHENTICATED) != 0;
	const bool dscp = (choice & DSCP) != 0;

	set(settings, "mode", &stateful, sizeof(stateful));
	set(settings, "timestamp", &ptp, sizeof(ptp));
	set(settings, "sessions", &one, sizeof(one));
	set(settings, "session-timeout", &one, sizeof(one));
	set(settings, "authenticated", &authenticated, sizeof(authenticated));
	set(settings, "dscp", &dscp, sizeof(dscp));
	if ((choice & (WITH_KEY | AUTHENTICATED)) != 0)
		set(settings, "key", &file, sizeof(file));
}

/* The next TLV, if it is all there; 0 at the end, or where it is not. */
static size_t
tlv_size(const uint8_t *at, size_t left)
{
	if (left < 4 || bytes_get16(at + 2) > left - 4)
		return 0;
	return 4 + (size_t)bytes_get16(at + 2);
}

/* Sign the base, and the first HMAC TLV. */
static void
sign(const struct mac_key *key, unsigned int choice, uint8_t *packet,
    size_t length)
{
	size_t base = (choice & AUTHENTICATED) != 0 ? SIGNED_BASE : BASE;
	size_t at = base, size;

	if (length < base)
		return;
	if ((choice & AUTHENTICATED) != 0)
		mac_digest(key, NULL, packet, SIGNED, packet + SIGNED);
	if ((choice & SIGN) == 0)
		return;
	for (; (size = tlv_size(packet + at, length - at)) > 0; at += size)
		if (packet[at + 1] == 8 && size == 4 + MAC_SIZE) {
			mac_digest(key, packet, packet + base, at - base,
			    packet + at + 4);
			return;
		}
}

/* The same bytes, but for the digest of an HMAC TLV. */
static bool
is_copy(const uint8_t *packet, const uint8_t *reply, size_t length)
{
	size_t at = 0, size;

	for (; (size = tlv_size(packet + at, length - at)) > 0; at += size) {
		if (memcmp(packet + at, reply + at, 4) != 0)
			return false;
		if (packet[at + 1] != 8 &&
		    memcmp(packet + at, reply + at, size) != 0)
			return false;
	}
	return memcmp(packet + at, reply + at, length - at) == 0;
}

/* The same TLVs in the same places, and nothing but flags and values other. */
static void
check_tlvs(const uint8_t *packet, const uint8_t *reply, size_t length)
{
	size_t at = 0, size;
	bool malformed = false;

	for (; !malformed; at += size) {
		size = tlv_size(packet + at, length - at);
		if (size == 0)
			break;
		REQUIRE(memcmp(packet + at + 1, reply + at + 1, 3) == 0);
		malformed = (reply[at] & 0x40) != 0;
	}
	/* The last one overruns: what it has of a value may be cleared. */
	if (!malformed && length - at >= 4)
		REQUIRE(memcmp(packet + at + 1, reply + at + 1, 3) == 0);
	else
		REQUIRE(is_copy(packet + at, reply + at, length - at));
}

static void
check_reply(const struct mh_datagram *request,
    const struct service_context *context, const struct service_reply *reply,
    unsigned int choice)
{
	size_t base = (choice & AUTHENTICATED) != 0 ? SIGNED_BASE : BASE;
	const uint8_t *packet = request->data, *bytes = reply->data;
	uint8_t digest[MAC_SIZE];

	REQUIRE(
	    reply->length == (request->length > base ? request->length : base));
	REQUIRE(reply->from == SERVICE_ASKED);
	REQUIRE(memcmp(packet, bytes + (base == BASE ? 24 : 48), 4) == 0);
	if (request->length > base)
		check_tlvs(packet + base, bytes + base, request->length - base);
	if (base == BASE)
		return;
	mac_digest(context->prepared, NULL, bytes, SIGNED, digest);
	REQUIRE(memcmp(digest, bytes + SIGNED, MAC_SIZE) == 0);
}

/* Ask; let the reply depart; ask with the reply. */
static void
ask(struct mh_datagram *request, struct service_context *context,
    unsigned int choice)
{
	static uint8_t slot[MH_SLOT_SIZE];
	struct service_reply reply = {
		.data = slot, .room = 65507, .tos = -1, .ttl = -1
	};
	enum service_outcome outcome =
	    service_stamp.answer(request, context, &reply);

	REQUIRE(outcome <= SERVICE_NO_ROOM);
	if (outcome != SERVICE_REPLY)
		return;
	REQUIRE(reply.tos == -1 || (reply.tos >= 0 && reply.tos % 4 == 0));
	service_stamp.depart(context, &reply);
	check_reply(request, context, &reply, choice);
	request->data = slot;
	request->length = reply.length;
	REQUIRE(service_stamp.answer(request, context, &reply) ==
	    SERVICE_NOT_REQUEST);
}

static void
ask_with(
    const void *settings, unsigned int choice, uint8_t *packet, size_t length)
{
	static const uint8_t seed[SERVICE_SEED];
	struct mac_key key;
	struct service_context context = {
		.now = { NOW, NOW },
		.node = "",
		.interface = "",
		.settings = settings,
		.prepared = &key,
		.state = malloc(service_stamp.state_size(settings) + 1),
	};
	struct mh_datagram request = { .tos = 0xb8,
		.ttl = 64,
		.arrived_ns = NOW,
		.data = packet,
		.length = length };
	uint8_t *copy = malloc(length + 1);

	REQUIRE(context.state != NULL && copy != NULL);
	request.peer.family = request.local.family =
	    (choice & IPV6) != 0 ? MH_FAMILY_IPV6 : MH_FAMILY_IPV4;
	service_stamp.prepare(settings, &key, sizeof(key));
	service_stamp.state_init(context.state, settings, seed);
	if ((choice & (WITH_KEY | AUTHENTICATED)) != 0)
		sign(&key, choice, packet, length);
	memcpy(copy, packet, length);
	if ((choice & ASKED_TWICE) != 0) {
		ask(&request, &context, choice);
		request.data = packet;
		request.length = length;
	}
	ask(&request, &context, choice);
	REQUIRE(memcmp(copy, packet, length) == 0);
	free(copy);
	free(context.state);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int choice;
	char why[SERVICE_WHY];
	uint8_t *packet;
	void *settings;

	if (size < 1 || size > 65507)
		return 0;
	choice = data[0];
	settings = calloc(1, service_stamp.settings_size);
	/* Of exactly its size, so that sanitizers see reads beyond it. */
	packet = malloc(size - 1 > 0 ? size - 1 : 1);
	REQUIRE(settings != NULL && packet != NULL);
	memcpy(packet, data + 1, size - 1);
	set_all(settings, choice);
	if (service_stamp.check(settings, why) == NULL)
		ask_with(settings, choice, packet, size - 1);
	free(packet);
	free(settings);
	return 0;
}
