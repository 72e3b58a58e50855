/* SPDX-License-Identifier: ISC */
/*
 * The wire format.  What a stranger sent is read once, from its beginning to
 * its end; what does not add up is a FORMERR.
 */
#include "services/dns_message.h"

#include "common/bytes.h"
#include "services/dns_cookie.h"

#include <string.h>

/* In octet 2 and 3 of the header. */
enum { QR = 0x80, OPCODE = 0x78, AA = 0x04, TC = 0x02, RD = 0x01 };
enum { RCODE = 0x0f };

/* Where the header has its counts. */
enum { QDCOUNT = 4, ANCOUNT = 6, NSCOUNT = 8, ARCOUNT = 10 };

#define POINTER 0xc000u
#define DNSSEC_OK 0x8000u

/* The rest of a query. */
struct cursor {
	const uint8_t *at;
	size_t left;
};

static void
skip(struct cursor *cursor, size_t size)
{
	cursor->at += size;
	cursor->left -= size;
}

/* Labels alone: there is nothing yet that a pointer could point to. */
static bool
read_name(struct cursor *cursor, struct dns_name *name)
{
	size_t size = 0, label, i;

	do {
		if (size == cursor->left)
			return false;
		label = cursor->at[size];
		if (label > 63 || size + 1 + label > cursor->left ||
		    size + 1 + label > DNS_NAME_MAX)
			return false;
		name->bytes[size++] = (uint8_t)label;
		for (i = 0; i < label; i++, size++)
			name->bytes[size] = dns_lower(cursor->at[size]);
	} while (label > 0);
	name->size = size;
	skip(cursor, size);
	return true;
}

static bool
read_question(struct dns_query *query, struct cursor *cursor)
{
	if (!read_name(cursor, &query->name) || cursor->left < 4)
		return false;
	query->type = bytes_get16(cursor->at);
	query->class = bytes_get16(cursor->at + 2);
	query->question = query->name.size + 4;
	skip(cursor, 4);
	return true;
}

/* RFC 7873, section 4: the client's part, and perhaps a server's. */
static bool
is_cookie(size_t size)
{
	return size == DNS_COOKIE_CLIENT ||
	    (size >= 2 * DNS_COOKIE_CLIENT && size <= DNS_COOKIE_MAX);
}

/* The first of each kind counts. */
static bool
take_option(struct dns_query *query, unsigned int option, const uint8_t *bytes,
    size_t size)
{
	const struct dns_value value = { bytes, size };

	if (option == DNS_COOKIE && query->cookie.bytes == NULL) {
		query->cookie = value;
		return is_cookie(size);
	}
	if (option == DNS_NSID && query->nsid.bytes == NULL)
		query->nsid = value;
	if (option == DNS_SUBNET && query->subnet.bytes == NULL)
		query->subnet = value;
	return true;
}

static bool
read_options(struct dns_query *query, struct cursor *cursor)
{
	size_t size;

	while (cursor->left > 0) {
		if (cursor->left < DNS_OPTION_HEAD)
			return false;
		size = bytes_get16(cursor->at + 2);
		if (size > cursor->left - DNS_OPTION_HEAD)
			return false;
		if (!take_option(query, bytes_get16(cursor->at),
			cursor->at + DNS_OPTION_HEAD, size))
			return false;
		skip(cursor, DNS_OPTION_HEAD + size);
	}
	return true;
}

/* What is left is one OPT record, at the root. */
static bool
read_opt(struct dns_query *query, struct cursor *cursor)
{
	const uint8_t *record = cursor->at;
	unsigned int size;

	if (cursor->left < DNS_OPT_SIZE || record[0] != 0 ||
	    bytes_get16(record + 1) != DNS_OPT ||
	    bytes_get16(record + 9) != cursor->left - DNS_OPT_SIZE)
		return false;
	query->has_opt = true;
	size = bytes_get16(record + 3);
	query->udp_size = size > DNS_UDP_LEAST ? size : DNS_UDP_LEAST;
	query->dnssec_ok = (bytes_get16(record + 7) & DNSSEC_OK) != 0;
	/* Of another version: nobody knows what its options look like. */
	if (record[6] != 0) {
		query->code = DNS_BADVERS;
		return true;
	}
	skip(cursor, DNS_OPT_SIZE);
	return read_options(query, cursor);
}

static bool
read_body(struct dns_query *query, struct cursor *cursor)
{
	const uint8_t *header = query->bytes;
	const unsigned int questions = bytes_get16(header + QDCOUNT);
	const unsigned int additional = bytes_get16(header + ARCOUNT);

	if (questions > 1 || additional > 1 ||
	    bytes_get16(header + ANCOUNT) != 0 ||
	    bytes_get16(header + NSCOUNT) != 0)
		return false;
	if (questions == 1 && !read_question(query, cursor))
		return false;
	if (additional == 0)
		return questions == 1 && cursor->left == 0;
	/* RFC 7873, section 5.4: one that asks for nothing but a cookie. */
	return read_opt(query, cursor) &&
	    (questions == 1 || query->cookie.bytes != NULL);
}

/* A query of which nothing is known. */
static void
clear(struct dns_query *query)
{
	query->question = 0;
	query->name.size = 0;
	query->type = query->class = 0;
	query->has_opt = query->dnssec_ok = false;
	query->udp_size = DNS_UDP_LEAST;
	query->cookie = query->subnet = query->nsid =
	    (struct dns_value){ NULL, 0 };
}

enum service_outcome
dns_read(struct dns_query *query, const uint8_t *bytes, size_t length)
{
	struct cursor cursor;

	if (length < DNS_HEADER)
		return SERVICE_MALFORMED;
	if ((bytes[2] & QR) != 0)
		return SERVICE_NOT_REQUEST;
	query->bytes = bytes;
	query->code = DNS_NOERROR;
	clear(query);
	cursor = (struct cursor){ bytes + DNS_HEADER, length - DNS_HEADER };
	if ((bytes[2] & OPCODE) != 0) {
		query->code = DNS_NOTIMP;
	} else if (!read_body(query, &cursor)) {
		query->code = DNS_FORMERR;
		/* What was read before the error is no more true than it. */
		clear(query);
	}
	return SERVICE_REPLY;
}

/* Do that many more octets fit? */
static bool
has_room(struct dns_response *response, size_t size)
{
	if (response->lost || response->room - response->length < size)
		response->lost = true;
	return !response->lost;
}

void
dns_put(struct dns_response *response, const void *bytes, size_t size)
{
	if (!has_room(response, size))
		return;
	memcpy(response->bytes + response->length, bytes, size);
	response->length += size;
}

void
dns_put16(struct dns_response *response, unsigned int number)
{
	uint8_t bytes[2];

	bytes_put16(bytes, number);
	dns_put(response, bytes, sizeof(bytes));
}

void
dns_put_string(struct dns_response *response, const char *text)
{
	const size_t size = strnlen(text, DNS_STRING_MAX);
	const uint8_t octet = (uint8_t)size;

	if (!has_room(response, 1 + size))
		return;
	dns_put(response, &octet, 1);
	dns_put(response, text, size);
}

void
dns_begin(struct dns_response *response, const struct dns_query *query)
{
	const size_t question = query->question;
	uint8_t *header = response->bytes;

	response->length = 0;
	response->lost = false;
	dns_put(response, query->bytes, DNS_HEADER + question);
	if (response->lost)
		return;
	header[2] = (uint8_t)(QR | (query->bytes[2] & (OPCODE | RD)));
	header[3] = 0;
	memset(header + QDCOUNT, 0, DNS_HEADER - QDCOUNT);
	header[QDCOUNT + 1] = question > 0;
}

/* Set what is not set yet in the header, if there is one. */
static void
set(struct dns_response *response, size_t octet, unsigned int bits)
{
	if (!response->lost)
		response->bytes[octet] |= (uint8_t)bits;
}

void
dns_set_authoritative(struct dns_response *response)
{
	set(response, 2, AA);
}

void
dns_set_truncated(struct dns_response *response)
{
	set(response, 2, TC);
}

void
dns_set_code(struct dns_response *response, unsigned int code)
{
	set(response, 3, code & RCODE);
}

/* Count it, and leave its length open. */
static struct dns_record
open_data(struct dns_response *response, size_t count)
{
	dns_put16(response, 0);
	if (!response->lost)
		response->bytes[count + 1]++;
	return (struct dns_record){ response, response->length };
}

struct dns_record
dns_record_begin(struct dns_response *response, enum dns_section section,
    size_t owner, unsigned int type, unsigned int class)
{
	static const uint8_t no_time[4];

	dns_put16(response, POINTER | (unsigned int)(DNS_HEADER + owner));
	dns_put16(response, type);
	dns_put16(response, class);
	dns_put(response, no_time, sizeof(no_time));
	return open_data(response, section);
}

void
dns_record_end(const struct dns_record *record)
{
	const struct dns_response *response = record->response;

	if (!response->lost)
		bytes_put16(response->bytes + record->data - 2,
		    (unsigned int)(response->length - record->data));
}

struct dns_record
dns_opt_begin(struct dns_response *response, const struct dns_query *query,
    unsigned int code)
{
	uint8_t record[DNS_OPT_SIZE - 2] = { 0 };

	bytes_put16(record + 1, DNS_OPT);
	bytes_put16(record + 3, DNS_UDP_MAX);
	record[5] = (uint8_t)(code >> 4);
	bytes_put16(record + 7, query->dnssec_ok ? DNSSEC_OK : 0);
	dns_put(response, record, sizeof(record));
	return open_data(response, ARCOUNT);
}

void
dns_put_option(struct dns_response *response, enum dns_option option,
    const void *bytes, size_t size)
{
	dns_put16(response, option);
	dns_put16(response, (unsigned int)size);
	dns_put(response, bytes, size);
}
