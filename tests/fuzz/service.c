/* SPDX-License-Identifier: ISC */
/*
 * Every service: the first byte chooses one, the second how its settings are
 * cut off the rest; what is left is the request.  A service does not modify the
 * request, stays within its slot, answers the same twice, and does not answer
 * its own reply if its protocol can tell.
 */
#include "fuzz.h"

#include "services/table.h"

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
		/* About every eighth byte may be any. */
		pattern->mask[i] = bytes[i] % 8 == 7 ? 0 : 0xff;
		pattern->bytes[i] = (uint8_t)bytes[i] & pattern->mask[i];
	}
	free(bytes);
}

/* Does the service tell its replies from requests? */
static bool
tells_apart(const struct service *service)
{
	return service == &service_daytime || service == &service_time ||
	    service == &service_qotd || service == &service_fixed ||
	    service == &service_stun || service == &service_sockperf ||
	    service == &service_dns || service == &service_sntp ||
	    service == &service_beacon;
}

static enum service_outcome
answer(const struct service *service, const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	static const uint8_t seed[SERVICE_SEED];
	enum service_outcome outcome;
	size_t length;

	/* Each time as if it were the first, to be the same. */
	if (context->state != NULL)
		service->state_init(context->state, context->settings, seed);
	outcome = service->answer(request, context, reply);
	REQUIRE(outcome <= SERVICE_NO_ROOM);
	if (outcome != SERVICE_REPLY)
		return outcome;
	length = reply->length;
	REQUIRE(length <= reply->room);
	if (service->depart != NULL)
		service->depart(context, reply);
	REQUIRE(reply->length == length);
	return outcome;
}

/* Ask twice, and once with the answer. */
static void
ask(const struct service *service, const struct mh_datagram *request,
    struct service_context *context, size_t room)
{
	static uint8_t first[MH_SLOT_SIZE], second[MH_SLOT_SIZE];
	struct service_reply reply = {
		.data = first, .room = room, .room_proven = room
	};
	struct service_reply again = {
		.data = second, .room = room, .room_proven = room
	};
	struct mh_datagram back = { .peer = request->peer };
	enum service_outcome outcome =
	    answer(service, request, context, &reply);

	REQUIRE(answer(service, request, context, &again) == outcome);
	if (outcome != SERVICE_REPLY)
		return;
	REQUIRE(reply.length == again.length);
	REQUIRE(memcmp(reply.data, again.data, reply.length) == 0);
	if (service == &service_chargen)
		REQUIRE(reply.length <= 512);
	back.data = reply.data;
	back.length = reply.length;
	again = (struct service_reply){
		.data = second, .room = room, .room_proven = room
	};
	outcome = answer(service, &back, context, &again);
	if (tells_apart(service))
		REQUIRE(outcome == SERVICE_NOT_REQUEST);
}

/* A copy with nothing after it, which must not be modified. */
static void
ask_copy(const struct service *service, const struct cut *cut,
    struct service_context *context)
{
	uint8_t *copy = malloc(cut->size > 0 ? cut->size : 1);
	struct mh_datagram request = { .data = copy, .length = cut->size };
	int64_t *now = &context->now.utc_ns;

	REQUIRE(copy != NULL);
	memcpy(copy, cut->data, cut->size);
	request.peer.family = cut->asked % 2 == 0 ? 4 : 6;
	request.peer.port = 7;
	request.ttl = (int16_t)(cut->asked % 256 - 1);
	request.tos = (int16_t)(cut->asked % 256 - 1);
	if (cut->size >= sizeof(*now))
		memcpy(now, copy, sizeof(*now));
	ask(service, &request, context, cut->size > 18 ? cut->size : 18);
	REQUIRE(memcmp(copy, cut->data, cut->size) == 0);
	free(copy);
}

/* Texts that can be set have no NUL and no control characters. */
static char *
cut_text(struct cut *cut)
{
	size_t length, i;
	char *text = cut_piece(cut, SIZE_MAX, &length);

	for (i = 0; i < length; i++)
		if (text[i] < ' ')
			text[i] = ' ';
	text[length] = '\0';
	return text;
}

/* A value that needs none of the input. */
static bool
set_plain(const struct service_key *key, char *settings, size_t asked)
{
	const bool yes = asked % 3 == 1;
	const unsigned int number = key->type == SERVICE_CHOICE
	    ? asked % 2
	    : 1 + (unsigned int)(asked % 8);

	if (key->type == SERVICE_BOOL)
		memcpy(settings + key->offset, &yes, sizeof(yes));
	else if (key->type == SERVICE_CHOICE || key->type == SERVICE_NUMBER ||
	    key->type == SERVICE_SECONDS)
		memcpy(settings + key->offset, &number, sizeof(number));
	else
		return false;
	return true;
}

/* Cut the values of a service's own keys off; they are freed by clear(). */
static void
set(const struct service *service, char *settings, struct cut *cut)
{
	const struct service_key *key = service->keys;
	struct service_pattern *pattern;
	struct service_file file = { .path = NULL };
	char *text;

	for (; key != NULL && key->name != NULL; key++) {
		if (key->type == SERVICE_TEXT) {
			text = cut_text(cut);
			memcpy(settings + key->offset, &text, sizeof(text));
			continue;
		}
		if (key->type == SERVICE_FILE) {
			file.text = cut_piece(cut, SIZE_MAX, &file.length);
			/* An empty one stands for none. */
			if (file.length == 0) {
				free(file.text);
				file.text = NULL;
			}
			memcpy(settings + key->offset, &file, sizeof(file));
			continue;
		}
		if (set_plain(key, settings, cut->asked))
			continue;
		REQUIRE(key->type == SERVICE_PATTERN ||
		    key->type == SERVICE_WILDCARDS);
		pattern = calloc(1, sizeof(*pattern));
		REQUIRE(pattern != NULL);
		cut_pattern(cut, pattern);
		memcpy(settings + key->offset, &pattern, sizeof(pattern));
	}
}

static void
clear(const struct service *service, char *settings)
{
	const struct service_key *key = service->keys;
	struct service_file file;
	void *pointer;

	for (; key != NULL && key->name != NULL; key++)
		if (key->type == SERVICE_FILE) {
			memcpy(&file, settings + key->offset, sizeof(file));
			free(file.text);
		} else if (key->type == SERVICE_PATTERN ||
		    key->type == SERVICE_WILDCARDS ||
		    key->type == SERVICE_TEXT) {
			memcpy(
			    &pointer, settings + key->offset, sizeof(pointer));
			free(pointer);
		}
	free(settings);
}

/* Once with these settings, if they are valid. */
static void
ask_with(
    const struct service *service, const void *settings, const struct cut *cut)
{
	static const struct mh_address ends[SERVICE_ENDS];
	static const uint8_t seed[SERVICE_SEED];
	struct service_context context = { .node = "gate",
		.seed = seed,
		.interface = "eth0",
		.quality = { .synchronised = cut->asked % 2 != 0,
		    .leap = (int8_t)(cut->asked % 3 - 1) },
		.settings = settings,
		.ends = ends };
	void *prepared = NULL;
	char why[SERVICE_WHY];
	size_t size;

	if (service->check != NULL && service->check(settings, why) != NULL)
		return;
	if (service->prepare != NULL) {
		size = service->prepare(settings, NULL, 0);
		prepared = malloc(size);
		REQUIRE(prepared != NULL);
		REQUIRE(service->prepare(settings, prepared, size) == size);
		context.prepared = prepared;
	}
	if (service->state_size != NULL) {
		context.state = malloc(service->state_size(settings) + 1);
		REQUIRE(context.state != NULL);
	}
	ask_copy(service, cut, &context);
	free(context.state);
	free(prepared);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct service *service;
	size_t count = 0;
	struct cut cut;
	char *settings;

	if (size < 2 || size > 65507)
		return 0;
	while (service_table[count] != NULL)
		count++;
	service = service_table[data[0] % count];
	cut = (struct cut){ data + 2, size - 2, data[1] };
	/* Files are longer than other things. */
	if (service->prepare != NULL)
		cut.asked *= 16;
	settings = calloc(1, service->settings_size + 1);
	REQUIRE(settings != NULL);
	set(service, settings, &cut);
	ask_with(service, settings, &cut);
	clear(service, settings);
	return 0;
}
