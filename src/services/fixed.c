/* SPDX-License-Identifier: ISC */
/*
 * fixed: one request, one reply, both configured.  Meant for load balancers
 * that compare the reply to a health check byte by byte.
 */
#include "services/table.h"

#include <stdio.h>
#include <string.h>

struct fixed_settings {
	struct service_pattern *request;
	struct service_pattern *reply; /* its mask does not count */
};

static const struct service_key fixed_keys[] = {
	{ "request", SERVICE_WILDCARDS,
	    offsetof(struct fixed_settings, request), "PATTERN", NULL,
	    "what to wait for" },
	{ "reply", SERVICE_PATTERN, offsetof(struct fixed_settings, reply),
	    "BYTES", NULL, "what to answer" },
	{ .name = NULL },
};

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
fixed_check(const void *own, char why[SERVICE_WHY])
{
	const struct fixed_settings *settings = own;
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
		    "is also a request: two such servers would answer each "
		    "other forever");
		return "reply";
	}
	return NULL;
}

static enum service_outcome
fixed_answer(const struct mh_datagram *request, struct service_context *context,
    struct service_reply *reply)
{
	const struct fixed_settings *settings = context->settings;

	if (!matches(settings->request, request->data, request->length))
		return SERVICE_NOT_REQUEST;
	reply->length = settings->reply->length;
	if (reply->length > reply->room)
		return SERVICE_NO_ROOM;
	memcpy(reply->data, settings->reply->bytes, reply->length);
	return SERVICE_REPLY;
}

const struct service service_fixed = {
	.name = "fixed",
	.summary = "a reply of yours to a request of yours",
	.keys = fixed_keys,
	.settings_size = sizeof(struct fixed_settings),
	.check = fixed_check,
	.answer = fixed_answer,
};
