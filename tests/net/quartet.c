/* SPDX-License-Identifier: ISC */
/*
 * A service that uses all of the contract, in a daemon of its own with the real
 * main(): a key, a second port, state, all four ends, clock quality, and what
 * is written last.
 *
 * The request is one digit, the end to answer from, and padding.  The reply is
 * a line: how often this socket was asked, the value of a key, where the four
 * ends are, the clock's quality, and when it left.
 */
#include "services/service.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct quartet_settings {
	char *word;
	unsigned int sessions;
};

struct state {
	uint64_t asked;
	unsigned int most;
	uint8_t seed[SERVICE_SEED];
};

static const struct service_key quartet_keys[] = {
	{ "word", SERVICE_TEXT, offsetof(struct quartet_settings, word), "WORD",
	    "none", "what to say" },
	{ "sessions", SERVICE_NUMBER,
	    offsetof(struct quartet_settings, sessions), "1-1000", "100",
	    "requests for each socket to answer" },
	{ .name = NULL },
};

static uint16_t
quartet_other_port(const void *settings, uint16_t port)
{
	(void)settings;
	return port == UINT16_MAX ? 0 : (uint16_t)(port + 1);
}

static const char *
quartet_check(const void *own, char why[SERVICE_WHY])
{
	const struct quartet_settings *settings = own;

	if (strcmp(settings->word, "bad") != 0)
		return NULL;
	snprintf(why, SERVICE_WHY, "is bad");
	return "word";
}

/* The word in capitals, so that no request has to wait for that. */
static size_t
quartet_prepare(const void *own, void *prepared, size_t size)
{
	const struct quartet_settings *settings = own;
	size_t i, needed = strlen(settings->word) + 1;
	char *capitals = prepared;

	for (i = 0; size > 0 && i < needed; i++) {
		capitals[i] = settings->word[i];
		if (capitals[i] >= 'a' && capitals[i] <= 'z')
			capitals[i] = (char)(capitals[i] - 'a' + 'A');
	}
	return needed;
}

/* The size is the most sessions there may be: a new number means a new size. */
static size_t
quartet_state_size(const void *own)
{
	const struct quartet_settings *settings = own;

	return sizeof(struct state) + settings->sessions;
}

static void
quartet_state_init(
    void *memory, const void *own, const uint8_t seed[SERVICE_SEED])
{
	const struct quartet_settings *settings = own;
	struct state *state = memory;

	state->most = settings->sessions;
	memcpy(state->seed, seed, sizeof(state->seed));
}

/*
 * Where departures are written: a number with this many digits, and a newline.
 */
#define DIGITS 20

static enum service_outcome
quartet_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	const uint8_t *digit = request->data;
	char text[1024], ends[SERVICE_ENDS][MH_ADDRESS_TEXT];
	struct state *state = context->state;
	int i, length;

	if (request->length == 0 || *digit == '?')
		return SERVICE_NOT_REQUEST;
	if (*digit < '0' || *digit >= '0' + SERVICE_ENDS)
		return SERVICE_MALFORMED;
	if (state->asked == state->most)
		return SERVICE_NO_SPACE;
	reply->from = (enum service_end)(*digit - '0');
	if (context->ends[reply->from].family == MH_FAMILY_NONE)
		return SERVICE_NO_SESSION;
	for (i = 0; i < SERVICE_ENDS; i++)
		mh_endpoint_format(&context->ends[i], ends[i], sizeof(ends[i]));
	length = snprintf(text, sizeof(text),
	    "asked %" PRIu64 " word %s ends %s %s %s %s clock %d %d %" PRIu32
	    " left "
	    "%0*d\n",
	    ++state->asked, (const char *)context->prepared, ends[0], ends[1],
	    ends[2], ends[3], context->quality.precision,
	    context->quality.synchronised, context->quality.dispersion_us,
	    DIGITS, 0);
	if ((size_t)length > reply->room)
		return SERVICE_NO_ROOM;
	memcpy(reply->data, text, (size_t)length);
	reply->length = (size_t)length;
	/* Marked as the second and third bytes say, if they are digits. */
	if (request->length > 2 && digit[1] >= '0' && digit[1] <= '9')
		reply->tos = (int16_t)((digit[1] - '0') << 2);
	if (request->length > 2 && digit[2] >= '0' && digit[2] <= '9')
		reply->ttl = (int16_t)(100 + digit[2] - '0');
	return SERVICE_REPLY;
}

/* When it left, which no request could know. */
static void
quartet_depart(
    const struct service_context *context, struct service_reply *reply)
{
	char text[DIGITS + 1];

	snprintf(text, sizeof(text), "%0*" PRId64, DIGITS,
	    context->now.monotonic_ns);
	memcpy((char *)reply->data + reply->length - 1 - DIGITS, text, DIGITS);
}

static const struct service service_quartet = {
	.name = "quartet",
	.summary = "everything at once",
	.wants = SERVICE_WANTS_TTL | SERVICE_WANTS_ENDS | SERVICE_WANTS_QUALITY,
	.distinct_replies = true,
	.keys = quartet_keys,
	.settings_size = sizeof(struct quartet_settings),
	.other_port = quartet_other_port,
	.check = quartet_check,
	.prepare = quartet_prepare,
	.state_size = quartet_state_size,
	.state_init = quartet_state_init,
	.answer = quartet_answer,
	.depart = quartet_depart,
};

static enum service_outcome
silence_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	(void)request;
	(void)context;
	(void)reply;
	return SERVICE_QUIET;
}

static const struct service service_silence = {
	.name = "silence",
	.summary = "nothing at all",
	.answer = silence_answer,
};

const struct service *const service_table[] = { &service_quartet,
	&service_silence, NULL };
