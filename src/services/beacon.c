/* SPDX-License-Identifier: ISC */
/*
 * beacon: what games ask several places before they choose one to play at.
 * There are two protocols, which tell their requests from each other's: that of
 * PlayFab and Xbox, and that of Unity's Multiplay.
 */
#include "services/table.h"

#include "common/bytes.h"

#include <string.h>

/* PlayFab: two octets, of which the reply has others, and data. */
#define PLAYFAB_REQUEST 0xffff
#define PLAYFAB_REPLY 0x0000
#define PLAYFAB_LEAST 2
#define PLAYFAB_MOST 32

/*
 * Multiplay: magic, version and flow control, a title that is preceded by its
 * length and that of the length; and number, identifier and time, which are the
 * client's own.
 */
#define UNITY_REQUEST 0x59
#define UNITY_REPLY 0x95
#define VERSION 1
#define VERSION_0 0 /* and nothing against the rate of this client */
#define TITLE 2
#define TITLE_LEAST 2
#define OWN 11
#define UNITY_LEAST (TITLE + TITLE_LEAST + OWN)

enum protocol { ANY, PLAYFAB, UNITY };

struct beacon_settings {
	unsigned int protocol; /* enum protocol */
};

static const struct service_key beacon_keys[] = {
	{ "protocol", SERVICE_CHOICE,
	    offsetof(struct beacon_settings, protocol), "any|playfab|unity",
	    "any", "whose requests to answer" },
	{ .name = NULL },
};

static enum service_outcome
answer_playfab(const struct mh_datagram *request, struct service_reply *reply)
{
	if (request->length > PLAYFAB_MOST)
		return SERVICE_MALFORMED;
	if (request->length > reply->room)
		return SERVICE_NO_ROOM;
	memcpy(reply->data, request->data, request->length);
	bytes_put16(reply->data, PLAYFAB_REPLY);
	reply->length = request->length;
	return SERVICE_REPLY;
}

static enum service_outcome
answer_unity(const struct mh_datagram *request, struct service_reply *reply)
{
	const uint8_t *bytes = request->data;
	uint8_t *to = reply->data;

	if (request->length < UNITY_LEAST || bytes[TITLE] < TITLE_LEAST ||
	    request->length != (size_t)TITLE + bytes[TITLE] + OWN ||
	    bytes[VERSION] >> 4 != VERSION_0)
		return SERVICE_MALFORMED;
	if (reply->room < TITLE + OWN)
		return SERVICE_NO_ROOM;
	to[0] = UNITY_REPLY;
	to[VERSION] = VERSION_0;
	memcpy(to + TITLE, bytes + TITLE + bytes[TITLE], OWN);
	reply->length = TITLE + OWN;
	return SERVICE_REPLY;
}

static enum service_outcome
beacon_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	const struct beacon_settings *settings = context->settings;
	const uint8_t *bytes = request->data;

	if (settings->protocol != UNITY && request->length >= PLAYFAB_LEAST &&
	    bytes_get16(bytes) == PLAYFAB_REQUEST)
		return answer_playfab(request, reply);
	if (settings->protocol != PLAYFAB && request->length > 0 &&
	    bytes[0] == UNITY_REQUEST)
		return answer_unity(request, reply);
	return SERVICE_NOT_REQUEST;
}

const struct service service_beacon = {
	.name = "beacon",
	.summary = "game clients measure latency: PlayFab, Unity Multiplay",
	.port = 3075,
	.distinct_replies = true,
	.keys = beacon_keys,
	.settings_size = sizeof(struct beacon_settings),
	.answer = beacon_answer,
};
