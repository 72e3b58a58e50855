/* SPDX-License-Identifier: ISC */
/*
 * STUN messages, RFC 8489 and its predecessors RFC 5389 and RFC 3489: reading a
 * Binding request, writing its response.  Knows nothing of who may have what.
 */
#ifndef SERVICES_STUN_MESSAGE_H
#define SERVICES_STUN_MESSAGE_H

#include "services/service.h"

/* The header of any message, in bytes. */
#define STUN_HEADER 20

enum stun_type {
	STUN_REQUEST = 0x0001,
	STUN_SUCCESS = 0x0101,
	STUN_ERROR = 0x0111
};

/* Attributes that are looked at, or written. */
enum stun_attribute {
	STUN_MAPPED_ADDRESS = 0x0001,
	STUN_CHANGE_REQUEST = 0x0003,
	STUN_SOURCE_ADDRESS = 0x0004,
	STUN_CHANGED_ADDRESS = 0x0005,
	STUN_MESSAGE_INTEGRITY = 0x0008,
	STUN_ERROR_CODE = 0x0009,
	STUN_UNKNOWN_ATTRIBUTES = 0x000a,
	STUN_MESSAGE_INTEGRITY_SHA256 = 0x001c,
	STUN_XOR_MAPPED_ADDRESS = 0x0020,
	STUN_PADDING = 0x0026,
	STUN_RESPONSE_PORT = 0x0027,
	STUN_FINGERPRINT = 0x8028,
	STUN_RESPONSE_ORIGIN = 0x802b,
	STUN_OTHER_ADDRESS = 0x802c
};

/* CHANGE-REQUEST. */
#define STUN_CHANGE_ADDRESS 4u
#define STUN_CHANGE_PORT 2u

/* Tables of the checksum in FINGERPRINT, for four bytes at a time. */
struct stun_crc {
	uint32_t tables[4][256];
};

/* A Binding request. */
struct stun_request {
	const uint8_t *bytes;
	size_t length;
	bool is_classic; /* RFC 3489: without the magic cookie */
	bool has_fingerprint, has_padding, has_response_port;
	bool has_unknown; /* an attribute that has to be understood */
	unsigned int change;
	uint16_t response_port;
};

/* A response being written; it is not written to beyond its room. */
struct stun_response {
	const struct stun_request *request;
	uint8_t *bytes;
	size_t room, length;
};

void stun_crc_make(struct stun_crc *crc);

/* The checksum of ISO-HDLC, as in zlib. */
uint32_t stun_crc32(
    const struct stun_crc *crc, const uint8_t *bytes, size_t length);

/*
 * Read a datagram: SERVICE_REPLY if it is a Binding request, otherwise why it
 * is not.
 */
enum service_outcome stun_read(struct stun_request *request,
    const struct stun_crc *crc, const uint8_t *bytes, size_t length);

/*
 * Begin a response of that type; FINGERPRINT, if the request has it, gets its
 * room at once.  False, as from all of these, if there is no room.
 */
bool stun_begin(struct stun_response *response,
    const struct stun_request *request, enum stun_type type);

/*
 * Append an endpoint, of which XOR-MAPPED-ADDRESS is a disguise for NATs that
 * rewrite what looks like an address.
 */
bool stun_put_endpoint(struct stun_response *response, enum stun_attribute type,
    const struct mh_address *endpoint);

/* Append ERROR-CODE, without a phrase. */
bool stun_put_error(struct stun_response *response, unsigned int code);

/*
 * Append UNKNOWN-ATTRIBUTES: each once, and CHANGE-REQUEST and RESPONSE-PORT if
 * they are refused.
 */
bool stun_put_unknown(struct stun_response *response, bool refuses_change,
    bool refuses_response_port);

/*
 * Append PADDING so that the response becomes as long as its request, if it is
 * shorter.
 */
void stun_put_padding(struct stun_response *response);

/* Complete it; returns its length. */
size_t stun_end(struct stun_response *response, const struct stun_crc *crc);

#endif
