/* SPDX-License-Identifier: ISC */
/*
 * Messages of DNS, RFC 1035 and RFC 6891: queries are read, responses written
 * piece by piece.
 */
#ifndef SERVICES_DNS_MESSAGE_H
#define SERVICES_DNS_MESSAGE_H

#include "services/dns_zone.h"

#define DNS_HEADER 12

/* Octets that we take and send at most, and that anybody takes. */
#define DNS_UDP_MAX 1232
#define DNS_UDP_LEAST 512

/* Octets of an OPT record without options, and of the head of an option. */
#define DNS_OPT_SIZE 11
#define DNS_OPTION_HEAD 4

/* The longest string of a TXT record. */
#define DNS_STRING_MAX 255

enum dns_type {
	DNS_A = 1,
	DNS_SOA = 6,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_OPT = 41,
	DNS_IXFR = 251,
	DNS_AXFR = 252,
	DNS_ANY = 255
};

enum dns_class { DNS_IN = 1, DNS_CH = 3 };

enum dns_code {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_BADVERS = 16,
	DNS_BADCOOKIE = 23
};

enum dns_option { DNS_NSID = 3, DNS_SUBNET = 8, DNS_COOKIE = 10 };

enum dns_section { DNS_ANSWER = 6, DNS_AUTHORITY = 8 };

/* An option of the query, in the query; NULL: there is none. */
struct dns_value {
	const uint8_t *bytes;
	size_t size;
};

struct dns_query {
	const uint8_t *bytes;
	size_t question;      /* octets of that section; 0: it is empty */
	struct dns_name name; /* of the question */
	unsigned int type, class;
	/* enum dns_code: DNS_NOERROR if it can be answered; DNS_FORMERR and
	 * DNS_NOTIMP: nothing else here is known. */
	unsigned int code;
	bool has_opt;
	bool dnssec_ok;
	size_t udp_size; /* that the client takes, from 512 */
	struct dns_value cookie, subnet, nsid;
};

/*
 * Read a datagram: SERVICE_REPLY if there is something to say to it,
 * query->code says what; otherwise why not.  The query refers to the bytes.
 */
enum service_outcome dns_read(
    struct dns_query *query, const uint8_t *bytes, size_t length);

/* A response being written; everything that does not fit sets lost. */
struct dns_response {
	uint8_t *bytes;
	size_t room;
	size_t length;
	bool lost;
};

/*
 * Begin a response with its header and the question, octet for octet; only the
 * header to what is not known.
 */
void dns_begin(struct dns_response *response, const struct dns_query *query);

/* Set the flags: an answer of our own; cut short. */
void dns_set_authoritative(struct dns_response *response);
void dns_set_truncated(struct dns_response *response);

/* The part of a code that is in the header. */
void dns_set_code(struct dns_response *response, unsigned int code);

/* A resource record being written: the section counts it. */
struct dns_record {
	struct dns_response *response;
	size_t data; /* where it begins */
};

/*
 * Begin a record with TTL 0, whose name is at that place of the question, in
 * octets from its beginning.
 */
struct dns_record dns_record_begin(struct dns_response *response,
    enum dns_section section, size_t owner, unsigned int type,
    unsigned int class);

/* Its length is now known. */
void dns_record_end(const struct dns_record *record);

/* Append bytes. */
void dns_put(struct dns_response *response, const void *bytes, size_t size);
void dns_put16(struct dns_response *response, unsigned int number);

/* Append a string of TXT, at most DNS_STRING_MAX bytes of the text. */
void dns_put_string(struct dns_response *response, const char *text);

/* Begin our OPT record, with the rest of the code; end it as any other. */
struct dns_record dns_opt_begin(struct dns_response *response,
    const struct dns_query *query, unsigned int code);

/* Append an option to it. */
void dns_put_option(struct dns_response *response, enum dns_option option,
    const void *bytes, size_t size);

#endif
