/* SPDX-License-Identifier: ISC */
/*
 * echo, RFC 862: the same bytes back.
 */
#include "services/service.h"

static int
echo_answer(const struct mh_datagram *request,
    const struct service_context *context, struct mh_datagram *reply)
{
	(void)context;
	/* Straight out of the receive slot: nothing is copied. */
	reply->data = request->data;
	return (int)request->length;
}

const struct service service_echo = {
	.name = "echo",
	.summary = "sends back what it gets (RFC 862)",
	.port = 7,
	.answer = echo_answer,
};
