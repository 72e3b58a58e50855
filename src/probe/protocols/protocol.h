/* SPDX-License-Identifier: ISC */
/*
 * The contract between mhprobe and what it can ask: one file for each service,
 * with pure functions: no clock, no I/O, no allocation.
 */
#ifndef PROBE_PROTOCOLS_PROTOCOL_H
#define PROBE_PROTOCOLS_PROTOCOL_H

#include "lib/multihome.h"

/* What is asked of one target; the same for all its requests. */
struct ask_question {
	const char *name;       /* dns: the name to ask for */
	const uint8_t *payload; /* raw: what to send */
	size_t payload_length;  /* bytes */
	struct mh_address peer; /* who is asked */
	uint8_t secret[16];     /* random; makes answers hard to guess */
	int size;               /* bytes of a request; -1: as it comes */
};

/* What an answer says. */
struct ask_answer {
	uint32_t sequence;   /* of the request it belongs to: its low bits */
	unsigned int bits;   /* how many; 0: the protocol cannot tell */
	size_t request_size; /* of that request; 0: the answer cannot tell */
	char detail[96];     /* for people; may be empty */
};

/* What build() returns when the request cannot have that size. */
enum { ASK_WRONG_SIZE = -1 };

struct ask {
	const char *name;    /* as on the command line */
	const char *summary; /* one line for the help */
	uint16_t port;       /* registered port; 0: must be given */
	bool sized;          /* a request can have any size */
	/*
	 * Write request number sequence; MH_SLOT_SIZE bytes are there.
	 * Returns its length or ASK_WRONG_SIZE.
	 */
	int (*build)(const struct ask_question *question, uint32_t sequence,
	    uint8_t *request);
	/*
	 * Is it an answer to a request of build()?  Then fills in *answer,
	 * which is all zero before.
	 */
	bool (*recognise)(const struct ask_question *question,
	    const uint8_t *data, size_t length, struct ask_answer *answer);
};

extern const struct ask ask_echo, ask_whoami, ask_daytime, ask_time, ask_dns,
    ask_ntp, ask_stun, ask_stamp, ask_snmp, ask_sip, ask_coap, ask_raw;

/* All of them, in the order of the help; ended by NULL. */
extern const struct ask *const ask_table[];

/* The service of that name, or NULL. */
const struct ask *ask_find(const char *name);

/*
 * For the services.
 */

/* A number in network order. */
void ask_put16(uint8_t *at, unsigned int number);
void ask_put32(uint8_t *at, uint32_t number);
unsigned int ask_get16(const uint8_t *at);
uint32_t ask_get32(const uint8_t *at);

/*
 * The sequence number made unpredictable for those who do not see requests,
 * and back: the same function.
 */
uint32_t ask_mask(const struct ask_question *question, uint32_t sequence);

/* Whether the bytes are number first to first + length - 1 of the secret. */
bool ask_is_secret(const struct ask_question *question, const uint8_t *data,
    size_t first, size_t length);

/* The text of the answer as the detail: one line, printable ASCII. */
void ask_detail(struct ask_answer *answer, const void *text, size_t length);

#endif
