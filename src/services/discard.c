/* SPDX-License-Identifier: ISC */
/*
 * discard, RFC 863: takes everything, says nothing.
 */
#include "services/service.h"

static int
discard_answer(const struct mh_datagram *request,
    const struct service_context *context, struct mh_datagram *reply)
{
	(void)request;
	(void)context;
	(void)reply;
	return SERVICE_SILENT;
}

const struct service service_discard = {
	.name = "discard",
	.summary = "takes everything and says nothing (RFC 863)",
	.port = 9,
	.answer = discard_answer,
};
