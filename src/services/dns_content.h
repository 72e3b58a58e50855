/* SPDX-License-Identifier: ISC */
/*
 * What dns says of a peer, as resource records.
 */
#ifndef SERVICES_DNS_CONTENT_H
#define SERVICES_DNS_CONTENT_H

#include "services/dns_message.h"

/* What is said besides a code. */
enum dns_content {
	DNS_NOTHING,
	DNS_ADDRESS,  /* the peer's */
	DNS_PORT,     /* the peer's */
	DNS_TEXTS,    /* all that is known of the peer */
	DNS_ORIGIN,   /* the SOA of the zone */
	DNS_NEGATIVE, /* there is nothing: the zone says for how long */
	DNS_NODE,
	DNS_VERSION
};

/* What it depends on. */
struct dns_subject {
	const struct mh_datagram *request;
	const struct dns_query *query;
	const char *node, *version;
	size_t zone; /* where its name begins in the question, in octets */
};

/* What became of it. */
enum dns_fit { DNS_WHOLE, DNS_CUT, DNS_LOST };

/*
 * Append it to a response: all of it, as many of DNS_TEXTS as there is room
 * for, or nothing that is of use.
 */
enum dns_fit dns_content_put(enum dns_content content,
    const struct dns_subject *subject, struct dns_response *response);

#endif
