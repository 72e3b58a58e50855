/* SPDX-License-Identifier: ISC */
/*
 * discard, RFC 863: takes everything, replies to nothing.
 */
#include "services/table.h"

static enum service_outcome
discard_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	(void)request;
	(void)context;
	(void)reply;
	return SERVICE_QUIET;
}

const struct service service_discard = {
	.name = "discard",
	.summary = "takes everything and never replies (RFC 863)",
	.port = 9,
	.answer = discard_answer,
};
