/* SPDX-License-Identifier: ISC */
/*
 * whoami: what this host saw of the request.  Made for netcat: a line each,
 * "name value"; a request that starts with "json" gets the same as one JSON
 * object.  What is not known is left out of both.
 */
#include "services/table.h"

#include "common/json.h"
#include "services/civil.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Room for any reply: a node of 255 bytes takes six times that in JSON. */
#define TEXT_MAX 4096

/* A reply being written, as text or as JSON. */
struct page {
	char *text;
	size_t length;
	size_t size;
	bool json;
};

__attribute__((format(printf, 2, 3))) static void
put(struct page *page, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(page->text + page->length, page->size - page->length,
	    format, arguments);
	va_end(arguments);
	if (n > 0 && (size_t)n < page->size - page->length)
		page->length += (size_t)n;
}

/* The value as a JSON string; like all pieces, whole or not at all. */
static void
put_quoted(struct page *page, const char *value)
{
	struct strbuf string =
	    strbuf_over(page->text + page->length, page->size - page->length);

	json_string(&string, value);
	if (!string.lost)
		page->length += string.length;
}

static void
put_name(struct page *page, const char *name)
{
	if (page->json)
		put(page, "%s\"%s\":", page->length == 0 ? "{" : ",", name);
	else
		put(page, "%s ", name);
}

static void
put_string(struct page *page, const char *name, const char *value)
{
	if (*value == '\0')
		return;
	put_name(page, name);
	if (page->json)
		put_quoted(page, value);
	else
		put(page, "%s\n", value);
}

static void
put_number(struct page *page, const char *name, long value)
{
	if (value < 0)
		return;
	put_name(page, name);
	put(page, page->json ? "%ld" : "%ld\n", value);
}

static void
put_endpoint(
    struct page *page, const char *name, const struct mh_address *endpoint)
{
	char text[MH_ADDRESS_TEXT];

	/* Of an IPv6 group, all that is known is that it was one. */
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

static enum service_outcome
whoami_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	char text[TEXT_MAX];
	struct page page = { .text = text, .size = sizeof(text) };

	page.json =
	    request->length >= 4 && memcmp(request->data, "json", 4) == 0;
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
	put_time(&page, "time",
	    request->arrived_ns != 0 ? request->arrived_ns
				     : context->now.utc_ns);
	put_string(&page, "node", context->node);
	if (page.json)
		put(&page, "}\n");
	if (page.length > reply->room)
		return SERVICE_NO_ROOM;
	memcpy(reply->data, text, page.length);
	reply->length = page.length;
	return SERVICE_REPLY;
}

const struct service service_whoami = {
	.name = "whoami",
	.summary = "tells what it saw of the request, as text or JSON",
	.wants = SERVICE_WANTS_TTL | SERVICE_WANTS_TOS | SERVICE_WANTS_TIME |
	    SERVICE_WANTS_INTERFACE,
	.answer = whoami_answer,
};
