/* SPDX-License-Identifier: ISC */
/*
 * echo, RFC 862: the same bytes back.
 */
#include "services/table.h"

static enum service_outcome
echo_answer(const struct mh_datagram *request, struct service_context *context,
    struct service_reply *reply)
{
	(void)context;
	if (request->length > reply->room)
		return SERVICE_NO_ROOM;
	/* Straight from the receive slot: nothing is copied. */
	reply->data = request->data;
	reply->length = request->length;
	return SERVICE_REPLY;
}

const struct service service_echo = {
	.name = "echo",
	.summary = "sends back what it receives (RFC 862)",
	.port = 7,
	.answer = echo_answer,
};
