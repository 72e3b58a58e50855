/* SPDX-License-Identifier: ISC */
/*
 * time, RFC 868: seconds since 1900 in 32 bits.  They run out on 2036-02-07 at
 * 06:28:16 UTC; from then on this service is silent.
 */
#include "services/service.h"

/* From 1900-01-01 to 1970-01-01, as the RFC gives it. */
#define EPOCH INT64_C(2208988800)

#define TIME_LENGTH 4

static int
time_answer(const struct mh_datagram *request,
    const struct service_context *context, struct mh_datagram *reply)
{
	int64_t seconds = context->now_ns / 1000000000 + EPOCH;
	uint8_t *bytes = reply->data;
	int i;

	/* A reply is told from a request by nothing but its length. */
	if (request->length == TIME_LENGTH)
		return SERVICE_SILENT;
	if (seconds < 0 || seconds > UINT32_MAX)
		return SERVICE_SILENT;
	for (i = 0; i < TIME_LENGTH; i++)
		bytes[i] = (uint8_t)(seconds >> (24 - 8 * i));
	return TIME_LENGTH;
}

const struct service service_time = {
	.name = "time",
	.summary = "seconds since 1900; silent from 2036 on (RFC 868)",
	.port = 37,
	.answer = time_answer,
};
