/* SPDX-License-Identifier: ISC */
/*
 * The records.  Their TTL is 0, as that of "there is no such record": else a
 * resolver would tell one client about another.
 */
#include "services/dns_content.h"

#include <stdio.h>
#include <string.h>

static void
put_address(const struct dns_subject *subject, struct dns_response *response)
{
	const struct mh_address *peer = &subject->request->peer;
	const bool is_ipv4 = peer->family == MH_FAMILY_IPV4;
	struct dns_record record = dns_record_begin(
	    response, DNS_ANSWER, 0, is_ipv4 ? DNS_A : DNS_AAAA, DNS_IN);

	dns_put(response, peer->ip, is_ipv4 ? 4 : 16);
	dns_record_end(&record);
}

/* Priority, weight, and a target that is the root. */
static void
put_port(const struct dns_subject *subject, struct dns_response *response)
{
	struct dns_record record =
	    dns_record_begin(response, DNS_ANSWER, 0, DNS_SRV, DNS_IN);

	dns_put(response, "\0\0\0", 4);
	dns_put16(response, subject->request->peer.port);
	dns_put(response, "", 1);
	dns_record_end(&record);
}

/*
 * Names of a server and of a person that are the root; serial, refresh, retry,
 * expire; and no time for which a resolver may remember that there is nothing.
 */
static void
put_soa(const struct dns_subject *subject, struct dns_response *response,
    enum dns_section section)
{
	static const uint8_t data[] = { 0, 0, 0, 0, 0, 1, 0, 0, 0x0e, 0x10, 0,
		0, 0x02, 0x58, 0, 1, 0x51, 0x80, 0, 0, 0, 0 };
	struct dns_record record =
	    dns_record_begin(response, section, subject->zone, DNS_SOA, DNS_IN);

	dns_put(response, data, sizeof(data));
	dns_record_end(&record);
}

static void
put_chaos(struct dns_response *response, const char *text)
{
	struct dns_record record =
	    dns_record_begin(response, DNS_ANSWER, 0, DNS_TXT, DNS_CH);

	dns_put_string(response, text);
	dns_record_end(&record);
}

/* A string of TXT, as dig writes endpoints; what is not known is left out. */
static void
put_endpoint(struct dns_response *response, const char *what,
    const struct mh_address *endpoint)
{
	char address[MH_ADDRESS_TEXT], text[2 * MH_ADDRESS_TEXT];

	if (mh_address_class(endpoint) <= MH_CLASS_UNSPECIFIED)
		return;
	snprintf(text, sizeof(text), "%s %s#%u", what,
	    mh_address_format(endpoint, address, sizeof(address)),
	    endpoint->port);
	dns_put_string(response, text);
}

static void
put_number(struct dns_response *response, const char *what, int number)
{
	char text[32];

	snprintf(text, sizeof(text), "%s %d", what, number);
	dns_put_string(response, text);
}

/* RFC 7871: of whom a resolver asks, if it says so; nothing depends on it. */
static void
put_subnet(struct dns_response *response, const struct dns_value *value)
{
	struct mh_address net = { .family = MH_FAMILY_IPV4 };
	char address[MH_ADDRESS_TEXT], text[2 * MH_ADDRESS_TEXT];
	unsigned int bits;

	if (value->size < 4 || value->bytes[0] != 0)
		return;
	bits = value->bytes[2];
	if (value->bytes[1] == 2)
		net.family = MH_FAMILY_IPV6;
	else if (value->bytes[1] != 1)
		return;
	if (bits > (net.family == MH_FAMILY_IPV4 ? 32 : 128) ||
	    value->size - 4 != (bits + 7) / 8)
		return;
	memcpy(net.ip, value->bytes + 4, value->size - 4);
	snprintf(text, sizeof(text), "ecs %s/%u",
	    mh_address_format(&net, address, sizeof(address)), bits);
	dns_put_string(response, text);
}

/* What matters most comes first, the rest as far as there is room. */
static enum dns_fit
put_texts(const struct dns_subject *subject, struct dns_response *response)
{
	const struct mh_datagram *request = subject->request;
	struct dns_record record =
	    dns_record_begin(response, DNS_ANSWER, 0, DNS_TXT, DNS_IN);
	char node[DNS_STRING_MAX + 1];
	enum dns_fit fit;

	put_endpoint(response, "client", &request->peer);
	if (response->lost)
		return DNS_LOST;
	put_endpoint(response, "server", &request->local);
	snprintf(node, sizeof(node), "node %.249s", subject->node);
	dns_put_string(response, node);
	if (request->ttl >= 0)
		put_number(response, "ttl", request->ttl);
	if (request->tos >= 0)
		put_number(response, "dscp", request->tos >> 2);
	put_subnet(response, &subject->query->subnet);
	fit = response->lost ? DNS_CUT : DNS_WHOLE;
	response->lost = false;
	dns_record_end(&record);
	return fit;
}

enum dns_fit
dns_content_put(enum dns_content content, const struct dns_subject *subject,
    struct dns_response *response)
{
	switch (content) {
	case DNS_TEXTS:
		return put_texts(subject, response);
	case DNS_ADDRESS:
		put_address(subject, response);
		break;
	case DNS_PORT:
		put_port(subject, response);
		break;
	case DNS_ORIGIN:
		put_soa(subject, response, DNS_ANSWER);
		break;
	case DNS_NEGATIVE:
		put_soa(subject, response, DNS_AUTHORITY);
		break;
	case DNS_NODE:
		put_chaos(response, subject->node);
		break;
	case DNS_VERSION:
		put_chaos(response, subject->version);
		break;
	default:
		break;
	}
	return response->lost ? DNS_LOST : DNS_WHOLE;
}
