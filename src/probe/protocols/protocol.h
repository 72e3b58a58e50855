/* SPDX-License-Identifier: ISC */
/*
 * The contract between mhprobe and the protocols it speaks: one file for each,
 * with pure functions: no clock, no I/O, no allocation.
 */
#ifndef PROBE_PROTOCOLS_PROTOCOL_H
#define PROBE_PROTOCOLS_PROTOCOL_H

#include "common/mac.h"
#include "lib/multihome.h"

/* What stamp can ask for in TLVs: protocol_query.tlvs. */
enum protocol_tlv {
	PROTOCOL_TLV_COS = 1 << 0,      /* class of service, both ways */
	PROTOCOL_TLV_LOCATION = 1 << 1, /* addresses that it sees */
	PROTOCOL_TLV_NODE = 1 << 2,     /* is the address asked its own? */
	PROTOCOL_TLV_TIME = 1 << 3,     /* where its times come from */
	PROTOCOL_TLV_DIRECT = 1 << 4,   /* its counts of packets */
	PROTOCOL_TLV_HMAC = 1 << 5      /* it, not the packet, is signed */
};

/* What is asked of one target; the same for all its requests. */
struct protocol_query {
	const char *name;          /* dns: the name to ask for */
	const uint8_t *payload;    /* raw: what to send */
	size_t payload_length;     /* bytes */
	struct mh_address peer;    /* who is asked */
	uint8_t secret[16];        /* random; makes answers hard to guess */
	int size;                  /* bytes of a request; -1: as it comes */
	unsigned int tlvs;         /* stamp: PROTOCOL_TLV_*; */
	uint8_t dscp;              /* the one to answer with; */
	const struct mac_key *key; /* to sign with; NULL: none */
};

/* What a server says of an answer and its request besides. */
struct protocol_reflection {
	/* When the request arrived and the answer left, by its clock: UTC in
	 * nanoseconds; 0: it does not say. */
	int64_t arrived_ns, left_ns;
	bool synchronised; /* that clock, to something better */
	uint64_t error_ns; /* and is off by that at most */
	bool numbered;     /* the answer has a number, */
	bool counts;       /* which is known not to be the request's */
	uint32_t number;
};

/* What an answer says. */
struct protocol_answer {
	uint32_t sequence;   /* of the request it belongs to: its low bits */
	unsigned int bits;   /* how many; 0: the protocol cannot tell */
	size_t request_size; /* of that request; 0: the answer cannot tell */
	char detail[200];    /* for people; may be empty */
	struct protocol_reflection reflection;
};

/* What build() returns when the request cannot have that size. */
enum { PROTOCOL_WRONG_SIZE = -1 };

struct protocol {
	const char *name;    /* as on the command line */
	const char *summary; /* one line for the help */
	uint16_t port;       /* registered port; 0: must be given */
	bool sized;          /* a request can have any size */
	/*
	 * Write request number sequence; MH_SLOT_SIZE bytes are there.
	 * Returns its length or PROTOCOL_WRONG_SIZE.
	 */
	int (*build)(const struct protocol_query *query, uint32_t sequence,
	    uint8_t *request);
	/*
	 * Is it an answer to a request of build()?  Then fills in *answer,
	 * which is all zero before.
	 */
	bool (*match)(const struct protocol_query *query, const uint8_t *data,
	    size_t length, struct protocol_answer *answer);
};

extern const struct protocol protocol_echo, protocol_whoami, protocol_daytime,
    protocol_time, protocol_dns, protocol_ntp, protocol_stun, protocol_stamp,
    protocol_irtt, protocol_snmp, protocol_sip, protocol_coap,
    protocol_sockperf, protocol_beacon, protocol_unity, protocol_raw;

/* All of them, in the order of the help; ended by NULL. */
extern const struct protocol *const protocol_table[];

/* The protocol of that name, or NULL. */
const struct protocol *protocol_find(const char *name);

/*
 * For the protocols.
 */

/*
 * The sequence number made unpredictable for those who do not see requests,
 * and back: the same function.
 */
uint32_t protocol_mask(const struct protocol_query *query, uint32_t sequence);

/* Whether the bytes are number first to first + length - 1 of the secret. */
bool protocol_is_secret(const struct protocol_query *query, const uint8_t *data,
    size_t first, size_t length);

/* The text of the answer as the detail: one line, printable ASCII. */
void protocol_detail(
    struct protocol_answer *answer, const void *text, size_t length);

#endif
