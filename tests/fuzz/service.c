/* SPDX-License-Identifier: ISC */
/*
 * Every service: the first byte says which, the second how its settings are
 * cut off the rest; what is left is the request.  A service leaves the request
 * alone, stays within its slot, says the same twice, and does not answer what
 * it said itself if its protocol can tell.
 */
#include "fuzz.h"

#include "services/service.h"

#include <string.h>

/* What is cut off for settings. */
struct cut {
	const uint8_t *data;
	size_t size;
	size_t asked; /* of the size, for each piece */
};

static char *
cut_piece(struct cut *cut, size_t most, size_t *length)
{
	char *piece;

	*length = cut->asked < cut->size ? cut->asked : cut->size;
	if (*length > most)
		*length = most;
	piece = malloc(*length + 1);
	REQUIRE(piece != NULL);
	memcpy(piece, cut->data, *length);
	cut->data += *length;
	cut->size -= *length;
	return piece;
}

static void
cut_pattern(struct cut *cut, struct service_pattern *pattern)
{
	char *bytes = cut_piece(cut, SERVICE_PATTERN_MAX, &pattern->length);
	size_t i;

	for (i = 0; i < pattern->length; i++) {
		/* Every eighth byte or so may be any. */
		pattern->mask[i] = bytes[i] % 8 == 7 ? 0 : 0xff;
		pattern->bytes[i] = (uint8_t)bytes[i] & pattern->mask[i];
	}
	free(bytes);
}

/* Is it a service that tells its replies from requests? */
static bool
tells_apart(const struct service *service)
{
	return service == &service_daytime || service == &service_time ||
	    service == &service_qotd || service == &service_fixed;
}

static int
answer(const struct service *service, const struct mh_datagram *request,
    const struct service_context *context, struct mh_datagram *reply)
{
	int length = service->answer(request, context, reply);

	REQUIRE(length == SERVICE_SILENT || length >= 0);
	REQUIRE(length <= MH_SLOT_SIZE);
	return length;
}

/* Ask twice, and once with the answer. */
static void
ask(const struct service *service, const struct mh_datagram *request,
    const struct service_context *context)
{
	static uint8_t first[MH_SLOT_SIZE], second[MH_SLOT_SIZE];
	struct mh_datagram reply = { .data = first };
	struct mh_datagram again = { .data = second };
	int length = answer(service, request, context, &reply);

	REQUIRE(answer(service, request, context, &again) == length);
	if (length < 0)
		return;
	REQUIRE(memcmp(reply.data, again.data, (size_t)length) == 0);
	if (service == &service_chargen)
		REQUIRE((size_t)length <= context->allowed && length <= 512);
	reply.length = (size_t)length;
	reply.peer = request->peer;
	length = answer(service, &reply, context, &again);
	if (tells_apart(service))
		REQUIRE(length == SERVICE_SILENT);
}

/* A copy with nothing behind it, and see that it is left alone. */
static void
ask_copy(const struct service *service, const struct cut *cut,
    struct service_context *context)
{
	uint8_t *copy = malloc(cut->size > 0 ? cut->size : 1);
	struct mh_datagram request = { .data = copy, .length = cut->size };

	REQUIRE(copy != NULL);
	memcpy(copy, cut->data, cut->size);
	request.peer.family = cut->asked % 2 == 0 ? 4 : 6;
	request.peer.port = 7;
	request.ttl = (int16_t)(cut->asked % 256 - 1);
	request.tos = (int16_t)(cut->asked % 256 - 1);
	context->allowed = cut->size > 18 ? cut->size : 18;
	if (cut->size >= sizeof(context->now_ns))
		memcpy(&context->now_ns, copy, sizeof(context->now_ns));
	ask(service, &request, context);
	REQUIRE(memcmp(copy, cut->data, cut->size) == 0);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct service_pattern request = { .length = 0 }, reply = request;
	struct service_settings settings = { .request = &request,
		.reply = &reply };
	struct service_context context = {
		.node = "gate", .interface = "eth0", .settings = &settings
	};
	const struct service *service;
	uint32_t *parts = NULL;
	char *text, why[SERVICE_WHY];
	size_t count = 0;
	struct cut cut;

	if (size < 2 || size > 65507)
		return 0;
	while (service_table[count] != NULL)
		count++;
	service = service_table[data[0] % count];
	cut = (struct cut){ data + 2, size - 2, data[1] };
	if ((service->flags & SERVICE_PATTERNS) != 0) {
		cut_pattern(&cut, &request);
		cut_pattern(&cut, &reply);
	}
	/* Files are longer than other things. */
	if ((service->flags & SERVICE_FILE) != 0)
		cut.asked *= 16;
	else
		cut.asked = 0;
	text = cut_piece(&cut, SIZE_MAX, &settings.text_length);
	settings.text = text;
	if (service->index != NULL) {
		settings.part_count = service->index(&settings, NULL, 0);
		parts = calloc(settings.part_count + 1, sizeof(*parts));
		if (parts == NULL)
			abort();
		service->index(&settings, parts, settings.part_count);
		settings.parts = parts;
	}
	if (service->check == NULL || service->check(&settings, why) == NULL)
		ask_copy(service, &cut, &context);
	free(parts);
	free(text);
	return 0;
}
