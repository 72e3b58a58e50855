/* SPDX-License-Identifier: ISC */
/*
 * daytime, RFC 867: date and time of day, UTC, in ISO 8601.  The basic form
 * just fits the smallest Ethernet frame, so that a stranger's empty datagram
 * is answered, too.
 */
#include "services/table.h"

#include "services/civil.h"

#include <stdio.h>
#include <string.h>

static bool
is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/*
 * Whatever format a server sends the time in, it has two digits in a row; a
 * client has no reason to send that.
 */
static bool
is_reply(const struct mh_datagram *datagram)
{
	const uint8_t *bytes = datagram->data;
	size_t i;

	for (i = 1; i < datagram->length; i++)
		if (is_digit(bytes[i - 1]) && is_digit(bytes[i]))
			return true;
	return false;
}

static enum service_outcome
daytime_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	struct civil_time time = civil_time(context->now.utc_ns);
	char text[80];
	size_t length;

	if (is_reply(request))
		return SERVICE_NOT_REQUEST;
	length = (size_t)snprintf(text, sizeof(text),
	    "%04d-%02d-%02dT%02d:%02d:%02dZ\r\n", time.year, time.month,
	    time.day, time.hour, time.minute, time.second);
	if (length > reply->room)
		length = (size_t)snprintf(text, sizeof(text),
		    "%04d%02d%02dT%02d%02d%02dZ\r\n", time.year, time.month,
		    time.day, time.hour, time.minute, time.second);
	reply->length = length;
	if (length > reply->room)
		return SERVICE_NO_ROOM;
	memcpy(reply->data, text, length);
	return SERVICE_REPLY;
}

const struct service service_daytime = {
	.name = "daytime",
	.summary = "date and time of day, UTC (RFC 867)",
	.port = 13,
	.wants = SERVICE_WANTS_UTC,
	.answer = daytime_answer,
};
