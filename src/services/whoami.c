/* SPDX-License-Identifier: ISC */
/*
 * whoami: what this host saw of the request.  Meant for netcat: lines of
 * "name value"; a request that starts with "json" gets the same as one JSON
 * object.  What is not known is omitted from both.  Its own replies, which an
 * echo server sends back, are not answered.
 */
#include "services/table.h"

#include "common/json.h"
#include "services/civil.h"

#include <stdio.h>
#include <string.h>

/* Room for any reply: a node of 255 bytes takes six times that in JSON. */
#define TEXT_MAX 4096

/* A reply being written, as text or as JSON. */
struct page {
	struct strbuf *text;
	bool json;
};

static void
put_name(struct page *page, const char *name)
{
	if (page->json)
		strbuf_print(page->text,
		    "%s\"%s\":", page->text->length == 0 ? "{" : ",", name);
	else
		strbuf_print(page->text, "%s ", name);
}

static void
put_string(struct page *page, const char *name, const char *value)
{
	if (*value == '\0')
		return;
	put_name(page, name);
	if (page->json)
		json_string(page->text, value);
	else
		strbuf_print(page->text, "%s\n", value);
}

static void
put_number(struct page *page, const char *name, long value)
{
	if (value < 0)
		return;
	put_name(page, name);
	strbuf_print(page->text, page->json ? "%ld" : "%ld\n", value);
}

static void
put_endpoint(
    struct page *page, const char *name, const struct mh_address *endpoint)
{
	char text[MH_ADDRESS_TEXT];

	/* All that is known of an IPv6 group is that it was one. */
	if (mh_address_class(endpoint) <= MH_CLASS_UNSPECIFIED)
		return;
	put_string(
	    page, name, mh_endpoint_format(endpoint, text, sizeof(text)));
}

/* RFC 3339, UTC, microseconds. */
static void
put_time(struct page *page, const char *name, int64_t ns)
{
	struct civil_time time = civil_time(ns);
	char text[64];

	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
	    time.year, time.month, time.day, time.hour, time.minute,
	    time.second, time.nanosecond / 1000);
	put_string(page, name, text);
}

/* A reply of whoami, as an echo server sends it back. */
static bool
is_reply(const struct mh_datagram *datagram)
{
	static const char text[] = "you ", json[] = "{\"you\":";

	return (datagram->length >= sizeof(json) - 1 &&
		   memcmp(datagram->data, json, sizeof(json) - 1) == 0) ||
	    (datagram->length >= sizeof(text) - 1 &&
		memcmp(datagram->data, text, sizeof(text) - 1) == 0);
}

static enum service_outcome
whoami_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	char buffer[TEXT_MAX];
	struct strbuf text = strbuf_over(buffer, sizeof(buffer));
	const bool json =
	    request->length >= 4 && memcmp(request->data, "json", 4) == 0;
	struct page page = { &text, json };

	if (is_reply(request))
		return SERVICE_NOT_REQUEST;
	put_endpoint(&page, "you", &request->peer);
	put_endpoint(&page, "asked", &request->local);
	put_string(&page, "via", context->interface);
	put_string(&page, "family",
	    request->peer.family == MH_FAMILY_IPV4 ? "IPv4" : "IPv6");
	put_number(&page, "ttl", request->ttl);
	if (request->tos >= 0) {
		put_number(&page, "dscp", request->tos >> 2);
		put_number(&page, "ecn", request->tos & 3);
	}
	put_number(&page, "length", (long)request->length);
	put_time(&page, "time", service_arrival(request, context));
	put_string(&page, "node", context->node);
	if (json)
		strbuf_print(&text, "}\n");
	reply->length = text.length;
	if (text.lost || text.length > reply->room)
		return SERVICE_NO_ROOM;
	memcpy(reply->data, text.text, text.length);
	return SERVICE_REPLY;
}

const struct service service_whoami = {
	.name = "whoami",
	.summary = "reports what it saw of the request, as text or JSON",
	.wants = SERVICE_WANTS_TTL | SERVICE_WANTS_TOS | SERVICE_WANTS_TIME |
	    SERVICE_WANTS_INTERFACE | SERVICE_WANTS_UTC,
	.answer = whoami_answer,
};
