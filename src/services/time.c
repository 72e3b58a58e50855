/* SPDX-License-Identifier: ISC */
/*
 * time, RFC 868: seconds since 1900 in 32 bits.  They run out on 2036-02-07 at
 * 06:28:16 UTC; from then on this service is silent.
 */
#include "services/table.h"

#include "common/bytes.h"

/* From 1900-01-01 to 1970-01-01, as the RFC gives it. */
#define EPOCH INT64_C(2208988800)

#define TIME_LENGTH 4

static enum service_outcome
time_answer(const struct mh_datagram *request, struct service_context *context,
    struct service_reply *reply)
{
	int64_t seconds = context->now.utc_ns / 1000000000 + EPOCH;

	/* Nothing but the length distinguishes a reply from a request. */
	if (request->length == TIME_LENGTH)
		return SERVICE_NOT_REQUEST;
	if (seconds < 0 || seconds > UINT32_MAX)
		return SERVICE_QUIET;
	reply->length = TIME_LENGTH;
	if (reply->room < TIME_LENGTH)
		return SERVICE_NO_ROOM;
	bytes_put32(reply->data, (uint32_t)seconds);
	return SERVICE_REPLY;
}

const struct service service_time = {
	.name = "time",
	.summary = "seconds since 1900; silent from 2036 on (RFC 868)",
	.port = 37,
	.wants = SERVICE_WANTS_UTC,
	.answer = time_answer,
};
