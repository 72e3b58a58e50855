/* SPDX-License-Identifier: ISC */
/*
 * NTP, RFC 5905: a client request (mode 3) whose transmit timestamp is a
 * nonce; the server's answer (mode 4) repeats it as the origin timestamp.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#include <stdio.h>
#include <string.h>

#define PACKET 48
#define STRATUM 1
#define REFERENCE 12
#define ORIGIN 24
#define TRANSMIT 40

static int
ntp_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	memset(request, 0, PACKET);
	request[0] = 4 << 3 | 3; /* version 4, mode 3 */
	bytes_put32(request + TRANSMIT, protocol_mask(query, sequence));
	memcpy(request + TRANSMIT + 4, query->secret + 4, 4);
	return PACKET;
}

/* Not every code of stratum 0 is a refusal: RFC 5905, section 7.4. */
static bool
is_refusal(const char *code)
{
	return *code != '\0' && strcmp(code, "INIT") != 0 &&
	    strcmp(code, "STEP") != 0;
}

static bool
ntp_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	char code[5] = "";

	if (length < PACKET || (data[0] & 7) != 4 ||
	    !protocol_is_secret(query, data + ORIGIN + 4, 4, 4))
		return false;
	answer->sequence = protocol_mask(query, bytes_get32(data + ORIGIN));
	answer->bits = 32;
	memcpy(code, data + REFERENCE, 4);
	if (data[STRATUM] == 0 && is_refusal(code))
		snprintf(answer->detail, sizeof(answer->detail),
		    "kiss of death %s", code);
	else if (data[STRATUM] == 0)
		snprintf(
		    answer->detail, sizeof(answer->detail), "not synchronised");
	else
		snprintf(answer->detail, sizeof(answer->detail), "stratum %u%s",
		    data[STRATUM],
		    data[0] >> 6 == 3 ? ", not synchronised" : "");
	protocol_detail(answer, answer->detail, strlen(answer->detail));
	return true;
}

const struct protocol protocol_ntp = {
	.name = "ntp",
	.summary = "RFC 5905: a client's request, mode 3",
	.port = 123,
	.build = ntp_build,
	.match = ntp_match,
};
