/* SPDX-License-Identifier: ISC */
/*
 * sockperf: what its server answers to the clients of that tool.  A message is
 * a number in 8 octets, flags in 2, its own length in 4, and data.
 */
#include "services/table.h"

#include "common/bytes.h"

#include <string.h>

#define FLAGS 8
#define LENGTH 10
#define HEADER 14

#define OF_CLIENT 1  /* a server's message lacks it: no loops */
#define WANTS_PONG 2 /* throughput and most of under-load do not */
#define WARM_UP 4    /* never answered */

static enum service_outcome
sockperf_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	const uint8_t *bytes = request->data;
	unsigned int flags;

	(void)context;
	if (request->length < HEADER)
		return SERVICE_MALFORMED;
	flags = bytes_get16(bytes + FLAGS);
	if ((flags & OF_CLIENT) == 0)
		return SERVICE_NOT_REQUEST;
	/* The original waits for the rest of it, from whoever comes next. */
	if (bytes_get32(bytes + LENGTH) != request->length)
		return SERVICE_MALFORMED;
	if ((flags & (WANTS_PONG | WARM_UP)) != WANTS_PONG)
		return SERVICE_QUIET;
	if (request->length > reply->room)
		return SERVICE_NO_ROOM;
	memcpy(reply->data, bytes, request->length);
	bytes_put16((uint8_t *)reply->data + FLAGS, flags & ~OF_CLIENT);
	reply->length = request->length;
	return SERVICE_REPLY;
}

const struct service service_sockperf = {
	.name = "sockperf",
	.summary = "what the clients of sockperf measure: latency and loss",
	.port = 11111,
	.distinct_replies = true,
	.answer = sockperf_answer,
};
