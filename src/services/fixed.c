/* SPDX-License-Identifier: ISC */
/*
 * fixed: one request, one reply, both configured.  Made for load balancers
 * that compare the answer to a health check byte by byte.
 */
#include "services/service.h"

#include <stdio.h>
#include <string.h>

static bool
matches(
    const struct service_pattern *pattern, const uint8_t *bytes, size_t length)
{
	size_t i;

	if (length != pattern->length)
		return false;
	for (i = 0; i < length; i++)
		if (((bytes[i] ^ pattern->bytes[i]) & pattern->mask[i]) != 0)
			return false;
	return true;
}

static const char *
fixed_check(const struct service_settings *settings, char why[SERVICE_WHY])
{
	const struct service_pattern *reply = settings->reply;

	if (settings->request == NULL) {
		snprintf(why, SERVICE_WHY, "is missing%s",
		    reply == NULL ? ", and so is reply" : "");
		return "request";
	}
	if (reply == NULL) {
		snprintf(why, SERVICE_WHY, "is missing");
		return "reply";
	}
	if (matches(settings->request, reply->bytes, reply->length)) {
		snprintf(why, SERVICE_WHY,
		    "is a request, too: two such servers would answer each "
		    "other for ever");
		return "reply";
	}
	return NULL;
}

static int
fixed_answer(const struct mh_datagram *request,
    const struct service_context *context, struct mh_datagram *reply)
{
	const struct service_settings *settings = context->settings;

	if (!matches(settings->request, request->data, request->length))
		return SERVICE_SILENT;
	memcpy(reply->data, settings->reply->bytes, settings->reply->length);
	return (int)settings->reply->length;
}

const struct service service_fixed = {
	.name = "fixed",
	.summary = "a reply of yours to a request of yours",
	.flags = SERVICE_PATTERNS,
	.check = fixed_check,
	.answer = fixed_answer,
};
