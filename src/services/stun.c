/* SPDX-License-Identifier: ISC */
/*
 * stun, RFC 8489 with RFC 5389, RFC 3489 and RFC 5780: tells a client the
 * address and port that it is seen with, and answers from the endpoint of this
 * host that it wants to hear from.  A client that gets an answer from elsewhere
 * draws a wrong conclusion about its NAT, so an endpoint that does not exist is
 * refused instead.
 */
#include "services/table.h"

#include "services/stun_message.h"
#include "services/stun_settings.h"

#include <string.h>

static const struct service_key stun_keys[] = {
	{ "other-address", SERVICE_TEXT,
	    offsetof(struct stun_settings, other_address), "ADDRESS,...", NULL,
	    "which other address to answer from when asked to" },
	{ "other-port", SERVICE_NUMBER,
	    offsetof(struct stun_settings, other_port), "1-65535", NULL,
	    "the second port; otherwise the next one" },
	{ "map", SERVICE_TEXT, offsetof(struct stun_settings, map),
	    "PRIVATE PUBLIC,...", NULL,
	    "addresses that a NAT in front translates one to one" },
	{ .name = NULL },
};

static uint16_t
stun_other_port(const void *own, uint16_t port)
{
	const struct stun_settings *settings = own;

	if (settings->other_port != 0)
		return settings->other_port != port
		    ? (uint16_t)settings->other_port
		    : 0;
	return port < UINT16_MAX ? (uint16_t)(port + 1) : 0;
}

static const char *
stun_check(const void *settings, char why[SERVICE_WHY])
{
	struct stun_addresses addresses;

	return stun_settings_read(&addresses, settings, why);
}

/* What requests need. */
struct prepared {
	struct stun_addresses addresses;
	struct service_others others;
	struct stun_crc crc;
};

static size_t
stun_prepare(const void *settings, void *memory, size_t size)
{
	struct prepared *prepared = memory;
	char why[SERVICE_WHY];

	if (size < sizeof(*prepared))
		return sizeof(*prepared);
	/* They have been checked. */
	(void)stun_settings_read(&prepared->addresses, settings, why);
	prepared->others = (struct service_others){
		.named = prepared->addresses.named,
		.named_count = prepared->addresses.named_count,
		.mapped = prepared->addresses.inside,
		.mapped_count = prepared->addresses.mapped_count,
	};
	stun_crc_make(&prepared->crc);
	return sizeof(*prepared);
}

static const struct service_others *
stun_others(const void *memory)
{
	const struct prepared *prepared = memory;

	return &prepared->others;
}

/* A request, and what can be done about it. */
struct exchange {
	struct stun_request request;
	const struct prepared *prepared;
	const struct service_context *context;
	const struct mh_address *peer;
};

/* One of the four; NULL if there is none for this client. */
static const struct mh_address *
end_of(const struct exchange *exchange, enum service_end end)
{
	const struct mh_address *ends = exchange->context->ends;

	if (ends[end].family == MH_FAMILY_NONE)
		return NULL;
	/* On another link, it would mean another host. */
	if (end >= SERVICE_OTHER_ADDRESS &&
	    (mh_address_class(&ends[SERVICE_ASKED]) == MH_CLASS_LINK_LOCAL ||
		mh_address_class(&ends[end]) == MH_CLASS_LINK_LOCAL))
		return NULL;
	return &ends[end];
}

/* RFC 5780, table 1. */
static enum service_end
wanted_end(unsigned int change)
{
	switch (change) {
	case STUN_CHANGE_PORT:
		return SERVICE_OTHER_PORT;
	case STUN_CHANGE_ADDRESS:
		return SERVICE_OTHER_ADDRESS;
	case STUN_CHANGE_ADDRESS | STUN_CHANGE_PORT:
		return SERVICE_OTHER_BOTH;
	default:
		return SERVICE_ASKED;
	}
}

/*
 * May the response go to that port of the client's host?  It is not known to
 * be the client's.
 */
static bool
is_open(const struct exchange *exchange, uint16_t port)
{
	const uint8_t *closed = exchange->context->closed_ports;

	if (port == exchange->peer->port)
		return true;
	return port >= SERVICE_PORT_LEAST && closed != NULL &&
	    (closed[port / 8] & 1u << port % 8) == 0;
}

/* Append one of our endpoints as clients see it; NULL: nothing. */
static void
put_end(const struct exchange *exchange, struct stun_response *response,
    enum stun_attribute type, const struct mh_address *end)
{
	struct mh_address outside;

	if (end == NULL)
		return;
	outside = stun_settings_outside(&exchange->prepared->addresses, end);
	(void)stun_put_endpoint(response, type, &outside);
}

/* What matters most comes first, the rest as far as there is room. */
static bool
put_success(const struct exchange *exchange, struct stun_response *response,
    enum service_end from)
{
	const struct stun_request *request = &exchange->request;
	const bool is_classic = request->is_classic;

	if (!stun_begin(response, request, STUN_SUCCESS) ||
	    !stun_put_endpoint(response,
		is_classic ? STUN_MAPPED_ADDRESS : STUN_XOR_MAPPED_ADDRESS,
		exchange->peer))
		return false;
	put_end(exchange, response,
	    is_classic ? STUN_CHANGED_ADDRESS : STUN_OTHER_ADDRESS,
	    end_of(exchange, SERVICE_OTHER_BOTH));
	put_end(exchange, response,
	    is_classic ? STUN_SOURCE_ADDRESS : STUN_RESPONSE_ORIGIN,
	    end_of(exchange, from));
	if (!is_classic)
		(void)stun_put_endpoint(
		    response, STUN_MAPPED_ADDRESS, exchange->peer);
	if (request->has_padding)
		stun_put_padding(response);
	return true;
}

/* The service's own choice of a response; false if there is no room for it. */
static bool
respond(const struct exchange *exchange, struct stun_response *response,
    struct service_reply *reply)
{
	const struct stun_request *request = &exchange->request;
	const enum service_end from = wanted_end(request->change);
	const bool refuses_change =
	    from != SERVICE_ASKED && end_of(exchange, from) == NULL;
	const bool refuses_port = request->has_response_port &&
	    !is_open(exchange, request->response_port);

	if (request->has_unknown || refuses_change || refuses_port)
		return stun_begin(response, request, STUN_ERROR) &&
		    stun_put_error(response, 420) &&
		    stun_put_unknown(response, refuses_change, refuses_port);
	/* RFC 5780, section 6.1. */
	if (request->has_response_port && request->has_padding)
		return stun_begin(response, request, STUN_ERROR) &&
		    stun_put_error(response, 400);
	reply->from = from;
	if (request->has_response_port &&
	    request->response_port != exchange->peer->port)
		reply->to_port = request->response_port;
	return put_success(exchange, response, from);
}

static enum service_outcome
stun_answer(const struct mh_datagram *datagram, struct service_context *context,
    struct service_reply *reply)
{
	struct exchange exchange = { .prepared = context->prepared,
		.context = context,
		.peer = &datagram->peer };
	const struct stun_crc *crc = &exchange.prepared->crc;
	struct stun_response response = { .bytes = reply->data,
		.room = reply->room };
	enum service_outcome outcome =
	    stun_read(&exchange.request, crc, datagram->data, datagram->length);

	if (outcome != SERVICE_REPLY)
		return outcome;
	if (!respond(&exchange, &response, reply))
		return SERVICE_NO_ROOM;
	reply->length = stun_end(&response, crc);
	return SERVICE_REPLY;
}

/*
 * A request is 20 bytes, and what a client needs to know of its NAT is longer:
 * the bounds are XOR-MAPPED-ADDRESS and OTHER-ADDRESS, over IPv6 with
 * RESPONSE-ORIGIN.
 */
const struct service service_stun = {
	.name = "stun",
	.summary = "tells clients their public address (RFC 8489, RFC 5780)",
	.port = 3478,
	.wants = SERVICE_WANTS_ENDS,
	.distinct_replies = true,
	.bound_ipv4 = 160,
	.bound_ipv6 = 220,
	.keys = stun_keys,
	.settings_size = sizeof(struct stun_settings),
	.other_port = stun_other_port,
	.others = stun_others,
	.check = stun_check,
	.prepare = stun_prepare,
	.answer = stun_answer,
};
