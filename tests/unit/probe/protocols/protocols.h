/* SPDX-License-Identifier: ISC */
/*
 * What the tests of all protocols of mhprobe share: a protocol is a case with
 * a good server, and rows of requests and replies.
 */
#ifndef UNIT_PROBE_PROTOCOLS_PROTOCOLS_H
#define UNIT_PROBE_PROTOCOLS_PROTOCOLS_H

#include "probe/protocols/protocol.h"

#include "unit/probe/suites.h"

/* A request to the byte. */
struct protocols_request {
	const char *name;
	int size;
	const char *hex; /* of its start; ? is the number or the nonce */
	int length;
};

/* A request that is impossible. */
struct protocols_wrong {
	const char *name;
	int size;
};

/* A reply, as an edit of the good one: bytes at a place. */
struct protocols_edit {
	const char *name;
	size_t at, length; /* where it is overwritten; total, 0: unchanged */
	const char *bytes;
	size_t count;
	const char *detail; /* how it begins; NULL: it is no reply */
};

struct protocols_case {
	const struct protocol *protocol;
	uint16_t port; /* registered with IANA; 0: none */
	/* A good server: turns a request, which is followed by a 0, into its
	 * reply; returns the reply's length. */
	size_t (*serve)(const uint8_t *request, size_t length, uint8_t *reply);
	unsigned int bits;
	bool nonce;   /* replies are matched by more than the number */
	size_t least; /* shorter ones are no replies */
	const char *detail;
	const struct protocols_request *requests;
	size_t request_count;
	const struct protocols_wrong *wrong;
	size_t wrong_count;
	const struct protocols_edit *edits;
	size_t edit_count;
};

/* A test case with all that is true of any protocol; it is added to a suite. */
TCase *protocols_tcase(const struct protocols_case *self);

/* A server that sends the request back. */
size_t protocols_serve_same(
    const uint8_t *request, size_t length, uint8_t *reply);

/* A query to [2001:db8::1]:5060, with the secret counting up from there. */
struct protocol_query protocols_query(uint8_t secret);

/* Match a reply in memory of exactly its size, for the sanitizers. */
bool protocols_match(const struct protocol *protocol,
    const struct protocol_query *query, const uint8_t *data, size_t length,
    struct protocol_answer *answer);

/* The good server's reply to request number sequence; returns its length. */
size_t protocols_reply(const struct protocols_case *self,
    const struct protocol_query *query, uint32_t sequence, uint8_t *reply);

#endif
