/* SPDX-License-Identifier: ISC */
/*
 * sntp: the server's half of SNTP, RFC 5905, section 14, for those who measure
 * this host's clock.  It says of it what the system says, and when that is "not
 * synchronised", so that no client takes its time.
 */
#include "services/table.h"

#include "common/bytes.h"
#include "services/ntptime.h"

#include <string.h>

/* Where the fields are: RFC 5905, figure 8. */
#define STRATUM 1
#define POLL 2
#define PRECISION 3
#define ROOT_DISPERSION 8
#define REFERENCE_ID 12
#define REFERENCE 16
#define ORIGIN 24
#define RECEIVE 32
#define TRANSMIT 40
#define PACKET 48

#define CLIENT 3 /* modes; whatever else comes is no question of a client */
#define SERVER 4

#define LEAP_UNKNOWN 3 /* not synchronised */

/* What is not synchronised may be off by that: MAXDISP, 16 s in 16.16 bits. */
#define DISPERSION_MAX UINT32_C(0x100000)

struct sntp_settings {
	unsigned int stratum;
};

/*
 * The system says that it is synchronised, but not to what.  With a stratum as
 * far down as this, no client prefers it to a server that knows.
 */
static const struct service_key sntp_keys[] = {
	{ "stratum", SERVICE_NUMBER, offsetof(struct sntp_settings, stratum),
	    "1-15", "10", "what to claim while the clock is synchronised" },
	{ .name = NULL },
};

/* Leap indicator: 1, a minute of 61 seconds ends the day; 2, of 59. */
static unsigned int
leap_of(const struct service_quality *quality)
{
	if (!quality->synchronised)
		return LEAP_UNKNOWN;
	if (quality->leap == 0)
		return 0;
	return quality->leap > 0 ? 1 : 2;
}

/*
 * Stratum and what is said of its source.  A stratum of 0 with this code is how
 * NTP itself sends "not synchronised yet".
 */
static void
put_source(
    uint8_t *reply, const struct service_context *context, int64_t arrived)
{
	const struct sntp_settings *settings = context->settings;
	const struct service_quality *quality = &context->quality;
	uint32_t dispersion = ntptime_short(quality->dispersion_us);

	if (!quality->synchronised) {
		bytes_put32(reply + ROOT_DISPERSION, DISPERSION_MAX);
		memcpy(reply + REFERENCE_ID, "INIT", 4);
		return;
	}
	reply[STRATUM] = (uint8_t)settings->stratum;
	bytes_put32(reply + ROOT_DISPERSION, dispersion);
	/* A local clock: that is all that is known of what sets it. */
	memcpy(reply + REFERENCE_ID,
	    settings->stratum == 1 ? "LOCL" : "\x7f\x7f\1\1", 4);
	/* Not after the reply, which clients check. */
	bytes_put64(
	    reply + REFERENCE, ntptime_of(arrived) & ~(uint64_t)UINT32_MAX);
}

static enum service_outcome
sntp_answer(const struct mh_datagram *request, struct service_context *context,
    struct service_reply *reply)
{
	const uint8_t *bytes = request->data;
	uint8_t *to = reply->data;
	const int64_t arrived = service_arrival(request, context);
	unsigned int version;

	if (request->length < 1)
		return SERVICE_MALFORMED;
	if ((bytes[0] & 7) != CLIENT)
		return SERVICE_NOT_REQUEST;
	version = bytes[0] >> 3 & 7;
	if (request->length < PACKET || version < 1 || version > 4)
		return SERVICE_MALFORMED;
	if (reply->room < PACKET)
		return SERVICE_NO_ROOM;
	/* Without what may follow in the request: extensions, a MAC. */
	memset(to, 0, PACKET);
	to[0] =
	    (uint8_t)(leap_of(&context->quality) << 6 | version << 3 | SERVER);
	to[POLL] = bytes[POLL];
	to[PRECISION] = (uint8_t)context->quality.precision;
	put_source(to, context, arrived);
	memcpy(to + ORIGIN, bytes + TRANSMIT, 8);
	bytes_put64(to + RECEIVE, ntptime_of(arrived));
	reply->length = PACKET;
	return SERVICE_REPLY;
}

/* When it leaves; not before it came, though the clock may have been set. */
static void
sntp_depart(const struct service_context *context, struct service_reply *reply)
{
	const uint64_t now = ntptime_of(context->now.utc_ns);
	uint8_t *bytes = reply->data;
	uint64_t arrived;

	/* It may have been cut off since. */
	if (reply->length < TRANSMIT + 8)
		return;
	arrived = bytes_get64(bytes + RECEIVE);
	bytes_put64(
	    bytes + TRANSMIT, (int64_t)(now - arrived) < 0 ? arrived : now);
}

const struct service service_sntp = {
	.name = "sntp",
	.summary = "this host's time, to be measured (RFC 5905, section 14)",
	.port = 123,
	.wants = SERVICE_WANTS_TIME | SERVICE_WANTS_QUALITY | SERVICE_WANTS_UTC,
	.distinct_replies = true,
	.keys = sntp_keys,
	.settings_size = sizeof(struct sntp_settings),
	.answer = sntp_answer,
	.depart = sntp_depart,
};
