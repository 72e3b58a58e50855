/* SPDX-License-Identifier: ISC */
/*
 * stamp: a Session-Reflector of STAMP, RFC 8762 and RFC 8972, which TWAMP-Light
 * senders (RFC 5357, appendix I) can use as well.  It says when a test packet
 * arrived, by the kernel's clock, and when it went back.
 */
#include "services/table.h"

#include "common/bytes.h"
#include "services/ntptime.h"
#include "services/session.h"
#include "services/stamp_clock.h"
#include "services/stamp_layout.h"
#include "services/stamp_loss.h"
#include "services/stamp_tlv.h"

#include <stdio.h>
#include <string.h>

/* A field that says when a reply was made says so for this many seconds. */
#define REPLY_AGE 16

enum mode { STATELESS, STATEFUL };
enum timestamp { NTP, PTP };

struct stamp_settings {
	unsigned int mode;           /* enum mode */
	unsigned int timestamp;      /* enum timestamp */
	unsigned int sessions, idle; /* idle: seconds */
	unsigned int share;          /* 0: not set */
	struct service_file key;
	bool authenticated, dscp;
};

static const struct service_key stamp_keys[] = {
	{ "mode", SERVICE_CHOICE, offsetof(struct stamp_settings, mode),
	    "stateless|stateful", "stateless",
	    "stateful: number the replies of each session" },
	{ "timestamp", SERVICE_CHOICE,
	    offsetof(struct stamp_settings, timestamp), "ntp|ptp", "ntp",
	    "format of timestamps" },
	{ "sessions", SERVICE_NUMBER, offsetof(struct stamp_settings, sessions),
	    "1-1000000", "1024", "stateful: the most of each socket" },
	{ "sessions-per-network", SERVICE_NUMBER,
	    offsetof(struct stamp_settings, share), "1-1000000", NULL,
	    "stateful: of these, for each /24 or /48; or a quarter" },
	{ "session-timeout", SERVICE_SECONDS,
	    offsetof(struct stamp_settings, idle), "SECONDS", "15m",
	    "stateful: how long an idle session lasts" },
	{ "authenticated", SERVICE_BOOL,
	    offsetof(struct stamp_settings, authenticated), "yes|no", "no",
	    "take packets of the authenticated mode alone" },
	{ "key", SERVICE_FILE, offsetof(struct stamp_settings, key), "FILE",
	    NULL, "with the key of senders" },
	{ "dscp", SERVICE_BOOL, offsetof(struct stamp_settings, dscp), "yes|no",
	    "yes", "send replies with the DSCP that senders ask for" },
	{ .name = NULL },
};

enum event {
	SESSION_OPENED,
	SESSION_EXPIRED,
	NETWORK_FULL,
	LOST,
	OUT_OF_ORDER,
	DUPLICATE,
	TLV_UNRECOGNIZED,
	TLV_MALFORMED,
	TLV_NOT_AUTHENTIC
};

static const char *const stamp_events[] = {
	[SESSION_OPENED] = "session-opened",
	[SESSION_EXPIRED] = "session-expired",
	[NETWORK_FULL] = "network-full",
	[LOST] = "lost",
	[OUT_OF_ORDER] = "out-of-order",
	[DUPLICATE] = "duplicate",
	[TLV_UNRECOGNIZED] = "tlv-unrecognized",
	[TLV_MALFORMED] = "tlv-malformed",
	[TLV_NOT_AUTHENTIC] = "tlv-not-authentic",
	NULL,
};

/* By settings->authenticated. */
static const char *const stamp_modes[] = { "unauthenticated", "authenticated",
	NULL };

/* What a session has. */
struct progress {
	struct stamp_loss loss;
	uint32_t sent;   /* packets */
	bool follows_up; /* the sender asks when replies left... */
	int64_t left_ns; /* ...and the last one did then; UTC, or 0 */
};

static const struct stamp_layout *
layout_of(const struct stamp_settings *settings)
{
	return stamp_layout(settings->authenticated);
}

static uint64_t
timestamp_of(const struct stamp_settings *settings, int64_t utc_ns)
{
	return stamp_clock_timestamp(utc_ns, settings->timestamp == PTP);
}

/* In a note, what the reply is like; the rest is when its request arrived. */
#define SHAPE 7

/*
 * By the time that a reply leaves, a reload may have changed what replies are
 * like: 1 to 4, for no other service's is.
 */
static int64_t
shape_of(const struct stamp_settings *settings)
{
	return 1 + settings->authenticated + 2 * (int64_t)settings->timestamp;
}

/*
 * Is that a time of the last few seconds, in either format?  The next may have
 * begun there.  Zero is no time, even when NTP's count begins anew.
 */
static bool
is_recent(uint32_t now, const uint8_t *field)
{
	const uint32_t age = now - bytes_get32(field) + 1;

	return (age <= REPLY_AGE || age + NTPTIME_EPOCH <= REPLY_AGE) &&
	    bytes_get64(field) != 0;
}

/*
 * A reply reads as a request would, and whatever answers it makes another one.
 * But requests have zeros, or anything, where replies have times: this one that
 * of its arrival at a reflector, or that of our own reply before.
 */
static bool
is_reply(const struct mh_datagram *request,
    const struct service_context *context, const struct stamp_layout *layout)
{
	const uint8_t *bytes = request->data;
	uint32_t now = (uint32_t)(context->now.utc_ns / 1000000000);

	return request->length >= layout->size &&
	    (is_recent(now, bytes + layout->receive_timestamp) ||
		is_recent(now, bytes + layout->sender_timestamp));
}

static bool
is_authentic(const struct mac_key *key, const uint8_t *bytes)
{
	uint8_t expected[MAC_SIZE];

	mac_digest(key, NULL, bytes, STAMP_HMAC, expected);
	return mac_is_same(expected, bytes + STAMP_HMAC);
}

/* SERVICE_REPLY if it is a request. */
static enum service_outcome
check_request(const struct mh_datagram *request,
    const struct service_context *context, const struct stamp_layout *layout)
{
	if (request->length < layout->least)
		return SERVICE_MALFORMED;
	if (is_reply(request, context, layout))
		return SERVICE_NOT_REQUEST;
	if (layout->size > STAMP_HMAC &&
	    !is_authentic(context->prepared, request->data))
		return SERVICE_NOT_AUTHENTIC;
	return SERVICE_REPLY;
}

/* What the sequence number says of those before it. */
static void
follow(struct service_context *context, struct progress *progress,
    uint32_t sequence)
{
	const struct stamp_settings *settings = context->settings;
	uint64_t lost;
	enum stamp_arrival arrival =
	    stamp_loss_follow(&progress->loss, sequence, &lost);

	service_event(context, LOST, lost);
	service_lost(context, settings->authenticated, lost);
	service_event(context, DUPLICATE, arrival == STAMP_DUPLICATE);
	service_event(context, OUT_OF_ORDER, arrival == STAMP_OUT_OF_ORDER);
}

/* The most sessions of each network. */
static uint32_t
share_of(const struct stamp_settings *settings)
{
	return settings->share != 0 ? settings->share
				    : (settings->sessions + 3) / 4;
}

/* The session of a request, which may begin one; NULL: there is no room. */
static struct progress *
find_session(const struct mh_datagram *request, struct service_context *context,
    unsigned int ssid)
{
	const struct stamp_settings *settings = context->settings;
	struct session_table *table = context->state;
	const int64_t idle = settings->idle * INT64_C(1000000000);
	const int64_t now = context->now.monotonic_ns;
	struct session_key key = session_key_of(request, (uint16_t)ssid);
	uint32_t before = session_count(table), opened = 0;
	struct progress *progress = session_find(table, &key, now, idle);

	if (progress == NULL) {
		progress =
		    session_add(table, &key, share_of(settings), now, idle);
		opened = progress != NULL;
	}
	(void)session_expire(table, now, idle);
	service_event(context, SESSION_OPENED, opened);
	service_event(
	    context, SESSION_EXPIRED, before + opened - session_count(table));
	service_event(context, NETWORK_FULL,
	    progress == NULL && session_count(table) < settings->sessions);
	return progress;
}

/* The reply but for its TLVs, and what depart() fills in. */
static void
put_base(uint8_t *reply, const struct mh_datagram *request,
    const struct service_context *context, uint32_t sequence)
{
	const struct stamp_settings *settings = context->settings;
	const struct stamp_layout *layout = layout_of(settings);
	const uint8_t *bytes = request->data;

	memset(reply, 0, layout->size);
	bytes_put32(reply, sequence);
	bytes_put16(reply + layout->error,
	    stamp_clock_error(&context->quality, settings->timestamp == PTP));
	if (request->length >= layout->ssid + 2)
		memcpy(reply + layout->ssid, bytes + layout->ssid, 2);
	bytes_put64(reply + layout->receive_timestamp,
	    timestamp_of(settings, service_arrival(request, context)));
	memcpy(reply + layout->sender_sequence, bytes, 4);
	memcpy(reply + layout->sender_timestamp, bytes + layout->timestamp, 8);
	memcpy(reply + layout->sender_error, bytes + layout->error, 2);
	/* RFC 5357, section 4.2.1: 255 if it cannot be read. */
	reply[layout->sender_ttl] =
	    (uint8_t)(request->ttl >= 0 ? request->ttl : UINT8_MAX);
}

/* The rest of the packet: TLVs, or somebody's padding, which reads as some. */
static void
put_tlvs(uint8_t *reply, const struct mh_datagram *request,
    struct service_context *context, struct progress *progress, int16_t *tos)
{
	const struct stamp_settings *settings = context->settings;
	const struct stamp_layout *layout = layout_of(settings);
	struct stamp_tlvs tlvs = {
		.request = request,
		.quality = &context->quality,
		.key = settings->key.text != NULL ? context->prepared : NULL,
		.authenticated = settings->authenticated,
		.dscp_allowed = settings->dscp,
		.stateful = progress != NULL,
		.received = progress != NULL ? progress->loss.received : 0,
		.sent = progress != NULL ? progress->sent : 0,
		.previous_left = progress != NULL && progress->left_ns != 0
		    ? timestamp_of(settings, progress->left_ns)
		    : 0,
		.sequence = request->data,
		.reply_sequence = reply,
		.tos = -1,
	};
	size_t length = request->length - layout->size;

	memcpy(reply + layout->size,
	    (const uint8_t *)request->data + layout->size, length);
	stamp_tlv_reflect(&tlvs, reply + layout->size, length);
	if (tlvs.tos >= 0)
		*tos = tlvs.tos;
	if (tlvs.follows_up)
		progress->follows_up = true;
	service_event(context, TLV_UNRECOGNIZED, tlvs.unrecognized);
	service_event(context, TLV_MALFORMED, tlvs.malformed);
	service_event(context, TLV_NOT_AUTHENTIC, tlvs.not_authentic);
}

/*
 * RFC 5357, section 3.5: the DSCP of the request.  ECN is about one way only.
 * Without one it is the socket's.
 */
static int16_t
dscp_of(const struct mh_datagram *request)
{
	const int16_t dscp = request->tos & 0xfc;

	return request->tos > 0 && dscp != 0 ? dscp : -1;
}

/* This reply is the session's last one now: when will it have left? */
static void
follow_up(struct service_context *context, struct progress *progress,
    struct service_reply *reply)
{
	if (progress == NULL || !progress->follows_up)
		return;
	progress->left_ns = 0;
	reply->report = session_ticket(context->state, progress);
}

static void
stamp_sent(void *state, uint64_t report, int64_t utc_ns)
{
	struct progress *progress = session_of_ticket(state, report);

	if (progress != NULL)
		progress->left_ns = utc_ns;
}

static enum service_outcome
stamp_answer(const struct mh_datagram *request, struct service_context *context,
    struct service_reply *reply)
{
	const struct stamp_settings *settings = context->settings;
	const struct stamp_layout *layout = layout_of(settings);
	const uint8_t *bytes = request->data;
	enum service_outcome outcome = check_request(request, context, layout);
	struct progress *progress = NULL;
	uint32_t sequence;

	if (outcome != SERVICE_REPLY)
		return outcome;
	service_packet(context, settings->authenticated);
	reply->length =
	    request->length > layout->size ? request->length : layout->size;
	if (reply->length > reply->room)
		return SERVICE_NO_ROOM;
	sequence = bytes_get32(bytes);
	if (settings->mode == STATEFUL) {
		progress = find_session(request, context,
		    request->length >= layout->ssid + 2
			? bytes_get16(bytes + layout->ssid)
			: 0);
		if (progress == NULL)
			return SERVICE_NO_SPACE;
		follow(context, progress, sequence);
		sequence = progress->sent++;
	}
	put_base(reply->data, request, context, sequence);
	reply->note =
	    (service_arrival(request, context) & ~SHAPE) | shape_of(settings);
	reply->tos = dscp_of(request);
	if (request->length > layout->size)
		put_tlvs(reply->data, request, context, progress, &reply->tos);
	follow_up(context, progress, reply);
	/* RFC 5357, section 4.2.1, where nothing else needs the TTL. */
	reply->ttl = context->marked ? -1 : UINT8_MAX;
	return SERVICE_REPLY;
}

/* When it leaves; not before it came, though the clock may have been set. */
static void
stamp_depart(const struct service_context *context, struct service_reply *reply)
{
	const struct stamp_settings *settings = context->settings;
	const struct stamp_layout *layout = layout_of(settings);
	uint64_t arrived, now = timestamp_of(settings, context->now.utc_ns);
	uint8_t *bytes = reply->data;

	/* It may have been cut off since. */
	if ((reply->note & SHAPE) != shape_of(settings) ||
	    reply->length < layout->size)
		return;
	arrived = bytes_get64(bytes + layout->receive_timestamp);
	bytes_put64(bytes + layout->timestamp,
	    (int64_t)(now - arrived) < 0 ? arrived : now);
	if (settings->authenticated)
		mac_digest(context->prepared, NULL, bytes, STAMP_HMAC,
		    bytes + STAMP_HMAC);
}

/* T3 - T2 of a reply, in the mode that it was made in; 0 where T3 is T2. */
static void
stamp_departed(
    const struct service_context *context, const struct service_reply *reply)
{
	const int64_t shape = reply->note & SHAPE;

	if (shape != 0)
		service_residence(context, (unsigned int)(shape - 1) & 1,
		    context->now.utc_ns - (reply->note & ~SHAPE));
}

/* NULL: the key can be used, or none is needed. */
static const char *
check_key(const struct stamp_settings *settings, char why[SERVICE_WHY])
{
	const struct service_file *file = &settings->key;
	uint8_t key[MAC_KEY_MAX];
	const char *reason;

	if (file->text == NULL) {
		if (!settings->authenticated)
			return NULL;
		snprintf(
		    why, SERVICE_WHY, "is missing: authenticated needs one");
	} else if (!mac_is_available())
		snprintf(why, SERVICE_WHY, "needs a build with nettle");
	else if (mac_read_key(file->text, file->length, key, &reason) == 0)
		snprintf(why, SERVICE_WHY, "%.90s: %s",
		    file->path != NULL ? file->path : "", reason);
	else
		return NULL;
	return "key";
}

static const char *
stamp_check(const void *own, char why[SERVICE_WHY])
{
	const struct stamp_settings *settings = own;

	if (settings->idle == 0) {
		snprintf(why, SERVICE_WHY, "must be at least a second");
		return "session-timeout";
	}
	return check_key(settings, why);
}

static size_t
stamp_prepare(const void *own, void *prepared, size_t size)
{
	const struct stamp_settings *settings = own;
	uint8_t key[MAC_KEY_MAX];
	const char *why;
	size_t n;

	if (settings->key.text == NULL)
		return 0;
	n = mac_read_key(settings->key.text, settings->key.length, key, &why);
	if (size > 0)
		mac_set_key(prepared, key, n);
	return sizeof(struct mac_key);
}

static size_t
stamp_state_size(const void *own)
{
	const struct stamp_settings *settings = own;

	return settings->mode == STATEFUL
	    ? session_table_size(settings->sessions, sizeof(struct progress))
	    : 0;
}

static void
stamp_state_init(void *state, const void *own, const uint8_t seed[SERVICE_SEED])
{
	const struct stamp_settings *settings = own;

	if (settings->mode == STATEFUL)
		session_table_init(
		    state, settings->sessions, sizeof(struct progress), seed);
}

static struct session_table *
stamp_sessions(void *state, const void *own)
{
	const struct stamp_settings *settings = own;

	return settings->mode == STATEFUL ? state : NULL;
}

const struct service service_stamp = {
	.name = "stamp",
	.summary = "measures delay and loss: STAMP, TWAMP-Light (RFC 8762)",
	.port = 862,
	.wants = SERVICE_WANTS_TTL | SERVICE_WANTS_TOS | SERVICE_WANTS_TIME |
	    SERVICE_WANTS_QUALITY | SERVICE_WANTS_UTC,
	.keys = stamp_keys,
	.settings_size = sizeof(struct stamp_settings),
	.events = stamp_events,
	.modes = stamp_modes,
	.check = stamp_check,
	.prepare = stamp_prepare,
	.state_size = stamp_state_size,
	.state_init = stamp_state_init,
	.sessions = stamp_sessions,
	.answer = stamp_answer,
	.depart = stamp_depart,
	.departed = stamp_departed,
	.sent = stamp_sent,
};
