/* SPDX-License-Identifier: ISC */
/*
 * raw: any bytes of the user's; every datagram that comes is an answer.
 */
#include "probe/protocols/protocol.h"

#include <stdio.h>
#include <string.h>

static int
raw_build(
    const struct ask_question *question, uint32_t sequence, uint8_t *request)
{
	(void)sequence;
	if (question->payload_length > 0)
		memcpy(request, question->payload, question->payload_length);
	return (int)question->payload_length;
}

static bool
raw_recognise(const struct ask_question *question, const uint8_t *data,
    size_t length, struct ask_answer *answer)
{
	int n;
	size_t i;

	(void)question;
	n = snprintf(answer->detail, sizeof(answer->detail), "%zu bytes%s",
	    length, length > 0 ? ":" : "");
	for (i = 0; i < length && i < 16; i++)
		n += snprintf(answer->detail + n,
		    sizeof(answer->detail) - (size_t)n, " %02x", data[i]);
	return true;
}

const struct ask ask_raw = {
	.name = "raw",
	.summary = "the bytes of --hex or --text; any answer will do",
	.build = raw_build,
	.recognise = raw_recognise,
};
