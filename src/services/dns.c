/* SPDX-License-Identifier: ISC */
/*
 * dns: an authoritative server whose zone says who asks: a resolver that is
 * asked for the name tells which address it asks from.  A stranger gets little,
 * because its address may be forged; a peer that sends back the cookie that it
 * was given gets all (RFC 7873).
 */
#include "services/table.h"

#include "services/dns_content.h"
#include "services/dns_cookie.h"

#include <stdio.h>
#include <string.h>

struct dns_settings {
	char *zone;
	char *version; /* NULL: kept secret */
	struct service_file secret;
	bool wildcard;
};

static const struct service_key dns_keys[] = {
	{ "zone", SERVICE_TEXT, offsetof(struct dns_settings, zone), "NAME,...",
	    "whoami", "names that tell who asks for them" },
	{ "wildcard", SERVICE_BOOL, offsetof(struct dns_settings, wildcard),
	    "yes|no", "no", "all names below them do, too" },
	{ "server-version", SERVICE_TEXT,
	    offsetof(struct dns_settings, version), "TEXT", NULL,
	    "what to answer to version.bind" },
	{ "cookie-secret", SERVICE_FILE, offsetof(struct dns_settings, secret),
	    "FILE", NULL, "with the secrets of servers that share an address" },
	{ .name = NULL },
};

enum event {
	COOKIE_GOOD,
	COOKIE_BAD,
	BADCOOKIE,
	TRUNCATED,
	NXDOMAIN,
	REFUSED,
	FORMERR,
	NOTIMP,
	BADVERS
};

static const char *const dns_events[] = {
	[COOKIE_GOOD] = "cookie-good",
	[COOKIE_BAD] = "cookie-bad",
	[BADCOOKIE] = "badcookie",
	[TRUNCATED] = "truncated",
	[NXDOMAIN] = "nxdomain",
	[REFUSED] = "refused",
	[FORMERR] = "formerr",
	[NOTIMP] = "notimp",
	[BADVERS] = "badvers",
	NULL,
};

/* What requests need. */
struct prepared {
	struct dns_zones zones;
	struct dns_secrets secrets; /* none: this process has its own */
};

struct exchange {
	struct dns_query query;
	const struct mh_datagram *request;
	const struct service_context *context;
	bool proven;
	uint8_t cookie[DNS_COOKIE_SIZE]; /* to send back, if one was sent */
	unsigned int code;
	enum dns_content content;
	size_t zone;  /* where it begins in the question */
	size_t limit; /* octets of the response */
};

/* Which parts of a response are there. */
struct shape {
	bool nsid, cookie, content;
};

/* From the whole to what always fits; a content left out makes it truncated. */
static const struct shape shapes[] = {
	{ true, true, true },
	{ false, true, true },
	{ false, true, false },
	{ false, false, false },
};

static const char *
dns_check(const void *own, char why[SERVICE_WHY])
{
	const struct dns_settings *settings = own;
	struct dns_zones zones;
	struct dns_secrets secrets;
	const char *reason;

	if (!dns_zones_read(&zones, settings->zone, why))
		return "zone";
	if (settings->version != NULL &&
	    strlen(settings->version) > DNS_STRING_MAX) {
		snprintf(
		    why, SERVICE_WHY, "has more than %d bytes", DNS_STRING_MAX);
		return "server-version";
	}
	if (settings->secret.text == NULL ||
	    dns_secrets_read(&secrets, settings->secret.text,
		settings->secret.length, &reason))
		return NULL;
	snprintf(why, SERVICE_WHY, "%s", reason);
	return "cookie-secret";
}

/* They have been checked. */
static size_t
dns_prepare(const void *own, void *memory, size_t size)
{
	const struct dns_settings *settings = own;
	struct prepared *prepared = memory;
	char why[SERVICE_WHY];
	const char *reason;

	if (size < sizeof(*prepared))
		return sizeof(*prepared);
	(void)dns_zones_read(&prepared->zones, settings->zone, why);
	prepared->secrets.count = 0;
	if (settings->secret.text != NULL)
		(void)dns_secrets_read(&prepared->secrets,
		    settings->secret.text, settings->secret.length, &reason);
	return sizeof(*prepared);
}

/* Is the cookie good?  A new one goes back either way. */
static void
check_cookie(struct exchange *exchange)
{
	const struct service_context *context = exchange->context;
	const struct prepared *prepared = context->prepared;
	const struct dns_secrets *secrets = &prepared->secrets;
	const struct mh_address *peer = &exchange->request->peer;
	const struct dns_value *sent = &exchange->query.cookie;
	const uint32_t now = (uint32_t)(context->now.utc_ns / 1000000000);
	struct dns_secrets ours = { .count = 1 };

	if (sent->bytes == NULL)
		return;
	if (secrets->count == 0) {
		memcpy(ours.items[0], context->seed, DNS_SECRET_SIZE);
		secrets = &ours;
	}
	exchange->proven =
	    dns_cookie_is_good(secrets, peer, now, sent->bytes, sent->size);
	if (sent->size > DNS_COOKIE_CLIENT)
		service_event(
		    context, exchange->proven ? COOKIE_GOOD : COOKIE_BAD, 1);
	dns_cookie_make(secrets, peer, now, sent->bytes, exchange->cookie);
}

static bool
is_named(const struct dns_name *name, const char *bytes, size_t size)
{
	return name->size == size && memcmp(name->bytes, bytes, size) == 0;
}

#define IS_NAMED(name, bytes) is_named(name, bytes, sizeof(bytes))

/* RFC 4892. */
static enum dns_content
choose_chaos(const struct exchange *exchange)
{
	const struct dns_settings *settings = exchange->context->settings;
	const struct dns_query *query = &exchange->query;
	const struct dns_name *name = &query->name;

	if (query->type != DNS_TXT && query->type != DNS_ANY)
		return DNS_NOTHING;
	if (IS_NAMED(name, "\2id\6server") ||
	    IS_NAMED(name, "\10hostname\4bind"))
		return DNS_NODE;
	if (settings->version != NULL &&
	    (IS_NAMED(name, "\7version\4bind") ||
		IS_NAMED(name, "\7version\6server")))
		return DNS_VERSION;
	return DNS_NOTHING;
}

/* Of a name that tells who asks.  RFC 8482: one of its sets is enough. */
static enum dns_content
choose_record(const struct exchange *exchange)
{
	const bool is_ipv4 = exchange->request->peer.family == MH_FAMILY_IPV4;

	switch (exchange->query.type) {
	case DNS_ANY:
		return DNS_ADDRESS;
	case DNS_A:
		return is_ipv4 ? DNS_ADDRESS : DNS_NEGATIVE;
	case DNS_AAAA:
		return is_ipv4 ? DNS_NEGATIVE : DNS_ADDRESS;
	case DNS_SRV:
		return DNS_PORT;
	case DNS_TXT:
		return DNS_TEXTS;
	case DNS_SOA:
		return exchange->zone == 0 ? DNS_ORIGIN : DNS_NEGATIVE;
	default:
		return DNS_NEGATIVE;
	}
}

static enum dns_content
choose_in_zone(struct exchange *exchange)
{
	static const char udp[] = "\4_udp";
	const struct dns_settings *settings = exchange->context->settings;
	const struct prepared *prepared = exchange->context->prepared;
	const struct dns_query *query = &exchange->query;

	if (query->type == DNS_AXFR || query->type == DNS_IXFR ||
	    dns_zones_find(&prepared->zones, &query->name, &exchange->zone) ==
		NULL)
		return DNS_NOTHING;
	if (exchange->zone == sizeof(udp) - 1 &&
	    memcmp(query->name.bytes, udp, sizeof(udp) - 1) == 0 &&
	    (query->type == DNS_ANY || !settings->wildcard))
		return query->type == DNS_ANY || query->type == DNS_SRV
		    ? DNS_PORT
		    : DNS_NEGATIVE;
	if (exchange->zone == 0 || settings->wildcard)
		return choose_record(exchange);
	exchange->code = DNS_NXDOMAIN;
	return DNS_NEGATIVE;
}

/* The code, and what is said besides. */
static void
choose(struct exchange *exchange)
{
	const struct dns_query *query = &exchange->query;

	exchange->code = query->code;
	exchange->content = DNS_NOTHING;
	if (exchange->code != DNS_NOERROR)
		return;
	if (query->question == 0) {
		if (query->cookie.size > DNS_COOKIE_CLIENT && !exchange->proven)
			exchange->code = DNS_BADCOOKIE;
		return;
	}
	if (query->class == DNS_CH)
		exchange->content = choose_chaos(exchange);
	else if (query->class == DNS_IN)
		exchange->content = choose_in_zone(exchange);
	if (exchange->content == DNS_NOTHING)
		exchange->code = DNS_REFUSED;
}

/* How long may it be?  What is refused gets back what it sent, at most. */
static size_t
limit_of(const struct exchange *exchange, size_t room)
{
	const size_t taken = exchange->query.udp_size;
	size_t limit = taken < DNS_UDP_MAX ? taken : DNS_UDP_MAX;

	if (exchange->code == DNS_REFUSED && exchange->request->length < limit)
		limit = exchange->request->length;
	return limit < room ? limit : room;
}

/* The OPT record, which answers one of the client. */
static void
put_opt(const struct exchange *exchange, struct dns_response *response,
    const struct shape *shape)
{
	const struct dns_query *query = &exchange->query;
	const char *node = exchange->context->node;
	struct dns_record record;

	if (!query->has_opt)
		return;
	record = dns_opt_begin(response, query, exchange->code);
	if (shape->cookie && query->cookie.bytes != NULL)
		dns_put_option(response, DNS_COOKIE, exchange->cookie,
		    sizeof(exchange->cookie));
	if (shape->nsid && query->nsid.bytes != NULL)
		dns_put_option(response, DNS_NSID, node, strlen(node));
	dns_record_end(&record);
}

/* How long that will be. */
static size_t
opt_size(const struct exchange *exchange, const struct shape *shape)
{
	const struct dns_query *query = &exchange->query;
	size_t size = query->has_opt ? DNS_OPT_SIZE : 0;

	if (shape->cookie && query->cookie.bytes != NULL)
		size += DNS_OPTION_HEAD + DNS_COOKIE_SIZE;
	if (shape->nsid && query->nsid.bytes != NULL)
		size += DNS_OPTION_HEAD + strlen(exchange->context->node);
	return size;
}

static enum dns_fit
write_response(const struct exchange *exchange, struct dns_response *response,
    const struct shape *shape)
{
	const struct service_context *context = exchange->context;
	const struct dns_settings *settings = context->settings;
	const struct dns_subject subject = { exchange->request,
		&exchange->query, context->node, settings->version,
		exchange->zone };
	const size_t size = opt_size(exchange, shape);
	enum dns_fit fit = DNS_WHOLE;

	if (size > exchange->limit)
		return DNS_LOST;
	response->room = exchange->limit - size;
	dns_begin(response, &exchange->query);
	dns_set_code(response, exchange->code);
	if (exchange->content != DNS_NOTHING)
		dns_set_authoritative(response);
	if (shape->content)
		fit = dns_content_put(exchange->content, &subject, response);
	else if (exchange->content != DNS_NOTHING)
		dns_set_truncated(response);
	response->room = exchange->limit;
	put_opt(exchange, response, shape);
	return response->lost ? DNS_LOST : fit;
}

/* May more be sent to this client once it has shown a cookie? */
static bool
is_held_back(const struct exchange *exchange, const struct service_reply *reply)
{
	return exchange->query.cookie.bytes != NULL && !exchange->proven &&
	    limit_of(exchange, reply->room) <
	    limit_of(exchange, reply->room_proven);
}

/* The first of the shapes that fits. */
static enum service_outcome
respond(struct exchange *exchange, struct service_reply *reply)
{
	struct dns_response response = { .bytes = reply->data };
	enum dns_fit fit = DNS_LOST;
	size_t i;

	exchange->limit = limit_of(
	    exchange, exchange->proven ? reply->room_proven : reply->room);
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		fit = write_response(exchange, &response, &shapes[i]);
		if (fit != DNS_WHOLE && is_held_back(exchange, reply)) {
			exchange->code = DNS_BADCOOKIE;
			exchange->content = DNS_NOTHING;
		} else if (fit != DNS_LOST)
			break;
	}
	if (fit == DNS_LOST)
		return SERVICE_NO_ROOM;
	if (exchange->content != DNS_NOTHING && !shapes[i].content)
		service_event(exchange->context, TRUNCATED, 1);
	reply->proven = exchange->proven;
	reply->length = response.length;
	return SERVICE_REPLY;
}

static void
count_code(const struct exchange *exchange)
{
	static const struct {
		enum dns_code code;
		enum event event;
	} events[] = {
		{ DNS_FORMERR, FORMERR },
		{ DNS_NXDOMAIN, NXDOMAIN },
		{ DNS_NOTIMP, NOTIMP },
		{ DNS_REFUSED, REFUSED },
		{ DNS_BADVERS, BADVERS },
		{ DNS_BADCOOKIE, BADCOOKIE },
	};
	size_t i;

	if (exchange->code == DNS_NOERROR)
		return;
	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i].code == exchange->code)
			service_event(exchange->context, events[i].event, 1);
}

static enum service_outcome
dns_answer(const struct mh_datagram *request, struct service_context *context,
    struct service_reply *reply)
{
	struct exchange exchange;
	enum service_outcome outcome =
	    dns_read(&exchange.query, request->data, request->length);

	if (outcome != SERVICE_REPLY)
		return outcome;
	exchange.request = request;
	exchange.context = context;
	exchange.proven = false;
	exchange.zone = 0;
	check_cookie(&exchange);
	choose(&exchange);
	outcome = respond(&exchange, reply);
	if (outcome == SERVICE_REPLY)
		count_code(&exchange);
	return outcome;
}

/*
 * A question with the least that answers it is longer than the question; this
 * is the most to who may have a forged address.
 */
const struct service service_dns = {
	.name = "dns",
	.summary = "whoami and id.server as a name server (RFC 1035)",
	.port = 53,
	.wants = SERVICE_WANTS_TTL | SERVICE_WANTS_TOS | SERVICE_WANTS_UTC |
	    SERVICE_WANTS_ROOM_PROVEN,
	.distinct_replies = true,
	.bound_ipv4 = 200,
	.bound_ipv6 = 200,
	.keys = dns_keys,
	.settings_size = sizeof(struct dns_settings),
	.events = dns_events,
	.check = dns_check,
	.prepare = dns_prepare,
	.answer = dns_answer,
};
