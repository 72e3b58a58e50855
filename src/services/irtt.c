/* SPDX-License-Identifier: ISC */
/*
 * irtt: the server of Isochronous Round-Trip Tester, protocol version 1.  It
 * agrees with a client on what is measured, and then answers its packets: when
 * each arrived, by the kernel's clock, when the answer left, and which ones
 * arrived.
 *
 * A source may be forged, so only a token that arrived there begins a session;
 * until then there is only a slot in a table that any other open may take.
 */
#include "services/table.h"

#include "common/bytes.h"
#include "common/mac.h"
#include "services/irtt_message.h"
#include "services/irtt_session.h"

#include <stdio.h>
#include <string.h>

#define MILLISECOND INT64_C(1000000)
#define NS (1000 * MILLISECOND)

/* A session goes on for this long after the duration agreed on. */
#define GRACE (2 * NS)

/* No client may be silent for longer than this part of timeout. */
#define TIMEOUT_PART 4

struct irtt_settings {
	unsigned int max_duration; /* seconds; 0: no limit */
	unsigned int min_interval; /* milliseconds */
	unsigned int max_length;
	unsigned int timeout; /* seconds */
	unsigned int sessions;
	unsigned int share; /* 0: not set */
	struct service_file key;
};

static const struct service_key irtt_keys[] = {
	{ "max-duration", SERVICE_SECONDS,
	    offsetof(struct irtt_settings, max_duration), "SECONDS", "0",
	    "the longest test; 0: any" },
	{ "min-interval", SERVICE_NUMBER,
	    offsetof(struct irtt_settings, min_interval), "0-60000", "1",
	    "milliseconds between packets of a test, at least" },
	{ "max-length", SERVICE_NUMBER,
	    offsetof(struct irtt_settings, max_length), "76-65507", "65507",
	    "bytes of a packet, at most" },
	{ "timeout", SERVICE_SECONDS, offsetof(struct irtt_settings, timeout),
	    "SECONDS", "1m", "how long an idle test lasts" },
	{ "sessions", SERVICE_NUMBER, offsetof(struct irtt_settings, sessions),
	    "1-1000000", "1024", "the most of each socket" },
	{ "sessions-per-network", SERVICE_NUMBER,
	    offsetof(struct irtt_settings, share), "1-1000000", NULL,
	    "of these, for each /24 or /48; or a quarter" },
	{ "hmac-key", SERVICE_FILE, offsetof(struct irtt_settings, key), "FILE",
	    NULL, "with the key of clients; others get no answer" },
	{ .name = NULL },
};

enum event {
	SESSION_OPENED,
	SESSION_CLOSED,
	SESSION_EXPIRED,
	NETWORK_FULL,
	OPEN_LOWERED,
	OPEN_REFUSED,
	TOO_FAST
};

static const char *const irtt_events[] = {
	[SESSION_OPENED] = "session-opened",
	[SESSION_CLOSED] = "session-closed",
	[SESSION_EXPIRED] = "session-expired",
	[NETWORK_FULL] = "network-full",
	[OPEN_LOWERED] = "open-lowered",
	[OPEN_REFUSED] = "open-refused",
	[TOO_FAST] = "too-fast",
	NULL,
};

/* A packet of a client. */
struct packet {
	const uint8_t *bytes;
	size_t length;
	unsigned int flags;
	struct irtt_client client;
	struct irtt_fields fields;
	int64_t arrived_utc, arrived; /* the latter monotonic */
};

static struct irtt_limits
limits_of(const struct irtt_settings *settings)
{
	return (struct irtt_limits){
		.duration = settings->max_duration != 0
		    ? settings->max_duration * NS
		    : INT64_MAX,
		.least_interval = settings->min_interval * MILLISECOND,
		.most_interval = settings->timeout * NS / TIMEOUT_PART,
		.length = settings->max_length,
	};
}

/* End what is idle. */
static void
expire(struct service_context *context, const struct packet *packet)
{
	service_event(context, SESSION_EXPIRED,
	    irtt_sessions_expire(context->state, &packet->client));
}

static void
put_head(uint8_t *reply, const struct packet *packet, unsigned int flags,
    uint64_t token)
{
	memcpy(reply, IRTT_MAGIC, IRTT_FLAGS);
	reply[IRTT_FLAGS] =
	    (uint8_t)(flags | IRTT_REPLY | (packet->flags & IRTT_HMAC));
	if ((packet->flags & IRTT_HMAC) != 0)
		memset(reply + IRTT_DIGEST, 0, MAC_SIZE);
	bytes_put_little64(reply + packet->fields.token, token);
}

/* Bytes of any open reply but for the parameters; its end is put_head()'s. */
#define OPEN_ROOM (IRTT_DIGEST + MAC_SIZE + 8)

/* A token for what was agreed on; 0: there are too many sessions. */
static uint64_t
agree(struct service_context *context, const struct packet *packet,
    const struct irtt_params *params, const struct irtt_fill *fill)
{
	const struct irtt_settings *settings = context->settings;
	const struct irtt_agreement agreement = { .duration = params->duration,
		.length = (uint16_t)params->length,
		.tos = params->tos,
		.fill = *fill };

	expire(context, packet);
	if (irtt_sessions_count(context->state) >= settings->sessions)
		return 0;
	return irtt_sessions_agree(context->state, &packet->client,
	    irtt_layout_of(params), &agreement);
}

/*
 * The parameters of the reply, which are no longer than those of the request.
 * An interval that is raised may be; then there is no session, and the client
 * learns of it in the place of the statistics.  Returns their length.
 */
static size_t
put_params(uint8_t *bytes, struct irtt_params *params, size_t room,
    unsigned int *flags)
{
	size_t size;

	if (params->version != IRTT_VERSION)
		*flags |= IRTT_CLOSE;
	params->version = IRTT_VERSION;
	size = irtt_write_params(params, bytes);
	if (size <= room)
		return size;
	*flags |= IRTT_CLOSE;
	params->stats = 0;
	size = irtt_write_params(params, bytes);
	return size <= room ? size : 0;
}

/* A client may only ask what it would get: IRTT_CLOSE.  No token then. */
static enum service_outcome
open_session(struct service_context *context, struct packet *packet,
    struct service_reply *reply)
{
	const struct irtt_limits limits = limits_of(context->settings);
	const unsigned int asked = packet->flags & (IRTT_OPEN | IRTT_CLOSE);
	const size_t head = packet->fields.token;
	uint8_t bytes[OPEN_ROOM + IRTT_PARAMS_MAX];
	struct irtt_params params;
	struct irtt_fill fill;
	unsigned int flags = asked;
	uint64_t token = 0;
	bool is_lowered;

	if (!irtt_read_params(
		&params, packet->bytes + head, packet->length - head))
		return SERVICE_MALFORMED;
	is_lowered = irtt_lower_params(&params, &limits, &fill);
	reply->length = head + 8 +
	    put_params(
		bytes + head + 8, &params, packet->length - head, &flags);
	if (reply->length > reply->room)
		return SERVICE_NO_ROOM;
	if ((flags & IRTT_CLOSE) == 0) {
		token = agree(context, packet, &params, &fill);
		if (token == 0)
			return SERVICE_NO_SPACE;
	}
	put_head(bytes, packet, flags, token);
	memcpy(reply->data, bytes, reply->length);
	service_event(context, OPEN_LOWERED, is_lowered);
	service_event(context, OPEN_REFUSED, flags != asked);
	return SERVICE_REPLY;
}

/* Not inlined: only the first packet of a session needs it. */
static __attribute__((noinline)) enum service_outcome
begin_session(struct service_context *context, const struct packet *packet,
    struct irtt_session **session)
{
	const uint32_t before = irtt_sessions_count(context->state);
	const struct irtt_settings *settings = context->settings;
	const struct irtt_limits limits = limits_of(settings);
	/* If another open has taken its slot: as if nothing was asked for. */
	const struct irtt_agreement otherwise = { .duration = limits.duration,
		.length = (uint16_t)limits.length };
	enum service_outcome outcome = irtt_sessions_begin(
	    context->state, &packet->client, &otherwise, session);

	service_event(context, NETWORK_FULL,
	    outcome == SERVICE_NO_SPACE && before < settings->sessions);
	if (outcome != SERVICE_REPLY)
		return outcome;
	service_event(context, SESSION_OPENED, 1);
	/* One that the client did not close. */
	service_event(context, SESSION_CLOSED,
	    before + 1 - irtt_sessions_count(context->state));
	return SERVICE_REPLY;
}

static enum service_outcome
close_session(struct service_context *context, const struct packet *packet)
{
	const uint32_t before = irtt_sessions_count(context->state);

	if (!irtt_sessions_end(context->state, &packet->client))
		return SERVICE_NO_SESSION;
	service_event(context, SESSION_CLOSED,
	    before - irtt_sessions_count(context->state));
	return SERVICE_QUIET;
}

static bool
is_over(const struct irtt_session *session, int64_t arrived)
{
	return arrived - session->began - GRACE > session->agreement.duration;
}

/* As long as agreed, and never longer than the request. */
static size_t
reply_length(
    const struct packet *packet, const struct irtt_agreement *agreement)
{
	size_t length = agreement->length > packet->fields.end
	    ? agreement->length
	    : packet->fields.end;

	return length < packet->length ? length : packet->length;
}

/* All but what depart() fills in. */
static void
put_reply(struct service_reply *reply, const struct packet *packet,
    const struct irtt_session *session, unsigned int flags, uint64_t window)
{
	const struct irtt_fields *fields = &packet->fields;
	uint8_t *bytes = reply->data;

	put_head(bytes, packet, flags, packet->client.token);
	memcpy(bytes + fields->sequence, packet->bytes + fields->sequence, 4);
	memset(bytes + fields->sequence + 4, 0,
	    fields->end - fields->sequence - 4);
	if (fields->count != 0)
		bytes_put_little32(bytes + fields->count, session->received);
	if (fields->window != 0)
		bytes_put_little64(bytes + fields->window, window);
	irtt_put_time(bytes, fields->receive, fields->clock,
	    packet->arrived_utc, packet->arrived);
	irtt_fill(&session->agreement.fill,
	    packet->client.token ^ session->received, bytes + fields->end,
	    reply->length - fields->end);
	reply->note = packet->arrived;
	if (session->agreement.tos != 0)
		reply->tos = session->agreement.tos;
}

static enum service_outcome
echo(struct service_context *context, struct packet *packet,
    struct service_reply *reply)
{
	const struct irtt_settings *settings = context->settings;
	struct irtt_session *session;
	enum service_outcome outcome = SERVICE_REPLY;
	unsigned int flags = 0;
	uint64_t window;

	if (packet->length < packet->fields.end)
		return SERVICE_MALFORMED;
	expire(context, packet);
	session = irtt_sessions_find(context->state, &packet->client);
	if (session == NULL)
		outcome = begin_session(context, packet, &session);
	if (outcome != SERVICE_REPLY)
		return outcome;
	window = irtt_session_follow(session,
	    bytes_get_little32(packet->bytes + packet->fields.sequence));
	if (!irtt_session_keeps_pace(session,
		settings->min_interval * MILLISECOND, packet->arrived)) {
		service_event(context, TOO_FAST, 1);
		return SERVICE_QUIET;
	}
	reply->length = reply_length(packet, &session->agreement);
	if (reply->length > reply->room)
		return SERVICE_NO_ROOM;
	if (is_over(session, packet->arrived))
		flags |= IRTT_CLOSE;
	put_reply(reply, packet, session, flags, window);
	return (flags & IRTT_CLOSE) == 0 ||
		close_session(context, packet) == SERVICE_QUIET
	    ? SERVICE_REPLY
	    : SERVICE_NO_SESSION;
}

/* SERVICE_REPLY if it is a request, which has a token unless it is to open. */
static enum service_outcome
read_packet(const struct service_context *context, struct packet *packet)
{
	const struct irtt_settings *settings = context->settings;
	const bool is_signed = settings->key.text != NULL;
	uint8_t digest[MAC_SIZE];
	size_t least;

	if (packet->length < IRTT_LEAST ||
	    memcmp(packet->bytes, IRTT_MAGIC, IRTT_FLAGS) != 0)
		return SERVICE_NOT_REQUEST;
	packet->flags = packet->bytes[IRTT_FLAGS];
	if ((packet->flags & ~(unsigned int)IRTT_FLAGS_ALL) != 0)
		return SERVICE_MALFORMED;
	if ((packet->flags & IRTT_REPLY) != 0)
		return SERVICE_NOT_REQUEST;
	if (is_signed != ((packet->flags & IRTT_HMAC) != 0))
		return SERVICE_NOT_AUTHENTIC;
	packet->fields = irtt_fields_of(0, is_signed);
	least =
	    packet->fields.token + ((packet->flags & IRTT_OPEN) != 0 ? 0 : 8);
	if (packet->length < least)
		return SERVICE_MALFORMED;
	if (is_signed) {
		mac_md5_digest(context->prepared, packet->bytes, packet->length,
		    IRTT_DIGEST, digest);
		if (!mac_is_same(digest, packet->bytes + IRTT_DIGEST))
			return SERVICE_NOT_AUTHENTIC;
	}
	return SERVICE_REPLY;
}

/* The most sessions of each network. */
static uint32_t
share_of(const struct irtt_settings *settings)
{
	return settings->share != 0 ? settings->share
				    : (settings->sessions + 3) / 4;
}

/* The same moment by both clocks. */
static void
read_arrival(
    const struct service_clock *now, int64_t arrived, struct packet *packet)
{
	packet->arrived_utc =
	    arrived != 0 && arrived < now->utc_ns ? arrived : now->utc_ns;
	packet->arrived =
	    now->monotonic_ns - (now->utc_ns - packet->arrived_utc);
}

static enum service_outcome
irtt_answer(const struct mh_datagram *request, struct service_context *context,
    struct service_reply *reply)
{
	const struct irtt_settings *settings = context->settings;
	struct packet packet = { .bytes = request->data,
		.length = request->length };
	enum service_outcome outcome = read_packet(context, &packet);

	if (outcome != SERVICE_REPLY)
		return outcome;
	packet.client = (struct irtt_client){ .key = session_key_of(request, 0),
		.now = context->now.monotonic_ns,
		.timeout = settings->timeout * NS,
		.share = share_of(settings) };
	if ((packet.flags & IRTT_OPEN) != 0)
		return open_session(context, &packet, reply);
	packet.client.token =
	    bytes_get_little64(packet.bytes + packet.fields.token);
	if ((packet.flags & IRTT_CLOSE) != 0)
		return close_session(context, &packet);
	packet.fields = irtt_fields_of(packet.client.token % IRTT_LAYOUTS,
	    (packet.flags & IRTT_HMAC) != 0);
	read_arrival(&context->now, request->arrived_ns, &packet);
	return echo(context, &packet, reply);
}

static void
irtt_depart(const struct service_context *context, struct service_reply *reply)
{
	const struct irtt_settings *settings = context->settings;
	uint8_t *bytes = reply->data;

	if (reply->length < OPEN_ROOM - MAC_SIZE)
		return;
	if ((bytes[IRTT_FLAGS] & IRTT_OPEN) == 0)
		irtt_put_departure(bytes, reply->length, context->now.utc_ns,
		    context->now.monotonic_ns, reply->note);
	/* A reload may have come between. */
	if ((bytes[IRTT_FLAGS] & IRTT_HMAC) != 0 &&
	    settings->key.text != NULL && reply->length >= OPEN_ROOM)
		mac_md5_digest(context->prepared, bytes, reply->length,
		    IRTT_DIGEST, bytes + IRTT_DIGEST);
}

static const char *
irtt_check(const void *own, char why[SERVICE_WHY])
{
	const struct irtt_settings *settings = own;
	uint8_t key[MAC_KEY_MAX];
	const char *reason = "needs a build with nettle";

	if (settings->timeout < TIMEOUT_PART) {
		snprintf(why, SERVICE_WHY, "must be at least 4 seconds");
		return "timeout";
	}
	if (settings->min_interval * MILLISECOND >
	    settings->timeout * NS / TIMEOUT_PART) {
		snprintf(why, SERVICE_WHY, "is more than a quarter of timeout");
		return "min-interval";
	}
	if (settings->key.text == NULL ||
	    (mac_is_available() &&
		mac_read_key(settings->key.text, settings->key.length, key,
		    &reason) != 0))
		return NULL;
	snprintf(why, SERVICE_WHY, "%s", reason);
	return "hmac-key";
}

static size_t
irtt_prepare(const void *own, void *prepared, size_t size)
{
	const struct irtt_settings *settings = own;
	uint8_t key[MAC_KEY_MAX];
	const char *why;
	size_t n;

	if (settings->key.text == NULL)
		return 0;
	n = mac_read_key(settings->key.text, settings->key.length, key, &why);
	if (size > 0)
		mac_md5_set_key(prepared, key, n);
	return sizeof(struct mac_key);
}

static size_t
irtt_state_size(const void *own)
{
	const struct irtt_settings *settings = own;

	return irtt_sessions_size(settings->sessions);
}

static void
irtt_state_init(void *state, const void *own, const uint8_t seed[SERVICE_SEED])
{
	const struct irtt_settings *settings = own;

	irtt_sessions_init(state, settings->sessions, seed);
}

const struct service service_irtt = {
	.name = "irtt",
	.summary = "round-trip times, one-way delay and loss: IRTT's protocol",
	.port = 2112,
	.wants = SERVICE_WANTS_TIME | SERVICE_WANTS_UTC,
	.distinct_replies = true,
	/* An open reply is 8 bytes longer than its request. */
	.bound_ipv4 = 122,
	.bound_ipv6 = 114,
	.keys = irtt_keys,
	.settings_size = sizeof(struct irtt_settings),
	.events = irtt_events,
	.check = irtt_check,
	.prepare = irtt_prepare,
	.state_size = irtt_state_size,
	.state_init = irtt_state_init,
	.sessions = irtt_sessions_of,
	.answer = irtt_answer,
	.depart = irtt_depart,
};
