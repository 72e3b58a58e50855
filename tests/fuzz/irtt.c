/* SPDX-License-Identifier: ISC */
/*
 * irtt, with the settings that the first byte chooses; what is left are packets
 * of one client, each after its length, signed if need be, and with the token
 * of the last open if it says so.  A reply is no request, has no more than it
 * may, and its fields are where its token says.
 */
#include "fuzz.h"

#include "common/bytes.h"
#include "common/mac.h"
#include "services/irtt_message.h"
#include "services/table.h"

#include <string.h>

#define NOW (INT64_C(1764177600) * 1000000000)

enum choice {
	WITH_KEY = 1,
	SIGN = 2,
	WITH_TOKEN = 4,
	SHORT = 8,  /* longest test, packet */
	SLOW = 16,  /* one a second */
	LATER = 32, /* between two packets */
	IPV6 = 64
};

static char secret[] = "sixteen or more bytes";

struct irtt_under_test {
	struct service_context context;
	struct mac_key key;
	unsigned int choice;
	uint8_t token[8];
};

static void
set(void *settings, const char *name, unsigned int value)
{
	const struct service_key *key = service_key_find(&service_irtt, name);

	REQUIRE(key != NULL);
	memcpy((char *)settings + key->offset, &value, sizeof(value));
}

static void
set_all(void *settings, unsigned int choice)
{
	const struct service_key *key =
	    service_key_find(&service_irtt, "hmac-key");
	const struct service_file file = { .text = secret,
		.length = sizeof(secret) - 1 };

	set(settings, "max-duration", (choice & SHORT) != 0 ? 1 : 0);
	set(settings, "max-length", (choice & SHORT) != 0 ? 76 : 65507);
	set(settings, "min-interval", (choice & SLOW) != 0 ? 1000 : 0);
	set(settings, "timeout", 4);
	set(settings, "sessions", 1);
	if ((choice & WITH_KEY) != 0)
		memcpy((char *)settings + key->offset, &file, sizeof(file));
}

static bool
is_signed(const uint8_t *packet)
{
	return (packet[IRTT_FLAGS] & IRTT_HMAC) != 0;
}

static void
check_open(const struct mh_datagram *request, const struct service_reply *reply)
{
	const uint8_t *bytes = reply->data;
	const size_t head = irtt_fields_of(0, is_signed(bytes)).sequence;
	struct irtt_params params, again;

	REQUIRE(reply->length <= request->length + 8);
	REQUIRE(reply->length >= head);
	/* What a refusal could not say is left out. */
	if (reply->length == head)
		return;
	REQUIRE(irtt_read_params(&params, bytes + head, reply->length - head));
	REQUIRE(params.version == IRTT_VERSION);
	REQUIRE(
	    irtt_read_params(&again, (const uint8_t *)request->data + head - 8,
		request->length - (head - 8)));
	REQUIRE(params.length <= again.length);
	REQUIRE(params.duration <= again.duration);
}

static void
check_echo(const struct mh_datagram *request, const struct service_reply *reply)
{
	const uint8_t *bytes = reply->data;
	struct irtt_fields fields = irtt_fields_of(0, is_signed(bytes));

	REQUIRE(reply->length <= request->length);
	REQUIRE(reply->length >= fields.end);
	REQUIRE(memcmp(bytes + fields.token,
		    (const uint8_t *)request->data + fields.token, 12) == 0);
	fields = irtt_fields_of(
	    (unsigned int)bytes_get_little64(bytes + fields.token) %
		IRTT_LAYOUTS,
	    is_signed(bytes));
	REQUIRE(reply->length >= fields.end);
	if (fields.count != 0)
		REQUIRE(bytes_get_little32(bytes + fields.count) > 0);
}

static void
check_reply(struct irtt_under_test *test, const struct mh_datagram *request,
    const struct service_reply *reply)
{
	const uint8_t *bytes = reply->data;
	uint8_t digest[MAC_SIZE];

	REQUIRE(memcmp(bytes, IRTT_MAGIC, IRTT_FLAGS) == 0);
	REQUIRE(is_signed(bytes) == ((test->choice & WITH_KEY) != 0));
	if (is_signed(bytes)) {
		mac_md5_digest(
		    &test->key, bytes, reply->length, IRTT_DIGEST, digest);
		REQUIRE(memcmp(digest, bytes + IRTT_DIGEST, MAC_SIZE) == 0);
	}
	if ((bytes[IRTT_FLAGS] & IRTT_OPEN) != 0) {
		check_open(request, reply);
		memcpy(test->token,
		    bytes + irtt_fields_of(0, is_signed(bytes)).token, 8);
	} else {
		check_echo(request, reply);
	}
}

/* Make it better than chance would. */
static void
complete(const struct irtt_under_test *test, uint8_t *packet, size_t length)
{
	size_t at = IRTT_LEAST;

	if ((test->choice & WITH_KEY) != 0)
		at += MAC_SIZE;
	if (length < at)
		return;
	if ((test->choice & WITH_TOKEN) != 0 && length >= at + 8 &&
	    (packet[IRTT_FLAGS] & IRTT_OPEN) == 0)
		memcpy(packet + at, test->token, 8);
	if ((test->choice & (WITH_KEY | SIGN)) == (WITH_KEY | SIGN))
		mac_md5_digest(&test->key, packet, length, IRTT_DIGEST,
		    packet + IRTT_DIGEST);
}

static void
ask(struct irtt_under_test *test, uint8_t *packet, size_t length)
{
	static uint8_t slot[MH_SLOT_SIZE];
	struct service_reply reply = {
		.data = slot, .room = 65507, .tos = -1, .ttl = -1
	};
	struct mh_datagram request = { .arrived_ns =
					   test->context.now.utc_ns - 1000,
		.data = packet,
		.length = length };
	uint8_t *copy = malloc(length + 1);

	REQUIRE(copy != NULL);
	request.peer.family = request.local.family =
	    (test->choice & IPV6) != 0 ? MH_FAMILY_IPV6 : MH_FAMILY_IPV4;
	complete(test, packet, length);
	memcpy(copy, packet, length);
	if (service_irtt.answer(&request, &test->context, &reply) ==
	    SERVICE_REPLY) {
		service_irtt.depart(&test->context, &reply);
		check_reply(test, &request, &reply);
		request.data = slot;
		request.length = reply.length;
		REQUIRE(service_irtt.answer(&request, &test->context, &reply) ==
		    SERVICE_NOT_REQUEST);
	}
	REQUIRE(memcmp(copy, packet, length) == 0);
	free(copy);
}

/* Each packet in memory of exactly its size, so that sanitizers see reads
 * beyond it. */
static void
ask_all(struct irtt_under_test *test, const uint8_t *data, size_t size)
{
	size_t length;
	uint8_t *packet;

	while (size > 0) {
		length = *data++;
		size--;
		if (length > size)
			length = size;
		packet = malloc(length > 0 ? length : 1);
		REQUIRE(packet != NULL);
		memcpy(packet, data, length);
		ask(test, packet, length);
		free(packet);
		data += length;
		size -= length;
		if ((test->choice & LATER) != 0) {
			test->context.now.utc_ns += 1000000000;
			test->context.now.monotonic_ns += 1000000000;
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[SERVICE_SEED];
	struct irtt_under_test test = { .token = { 0 } };
	void *settings = calloc(1, service_irtt.settings_size);
	char why[SERVICE_WHY];

	REQUIRE(settings != NULL);
	if (size > 0 && size < 65507) {
		test.choice = data[0];
		set_all(settings, test.choice);
		test.context = (struct service_context){
			.now = { NOW, NOW },
			.node = "",
			.interface = "",
			.settings = settings,
			.prepared = &test.key,
			.state = malloc(service_irtt.state_size(settings)),
		};
		REQUIRE(test.context.state != NULL);
		service_irtt.state_init(test.context.state, settings, seed);
		if (service_irtt.check(settings, why) == NULL) {
			service_irtt.prepare(
			    settings, &test.key, sizeof(test.key));
			ask_all(&test, data + 1, size - 1);
		}
		free(test.context.state);
	}
	free(settings);
	return 0;
}
