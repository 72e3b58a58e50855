/* SPDX-License-Identifier: ISC */
/*
 * time, RFC 868: the answer is four bytes, the seconds since 1900.  Nothing in
 * it belongs to a request.
 */
#include "probe/ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_SIZE 4

static int
time_build(
    const struct ask_question *question, uint32_t sequence, uint8_t *request)
{
	int size = question->size < 0 ? DEFAULT_SIZE : question->size;

	(void)sequence;
	memset(request, 0, (size_t)size);
	return size;
}

static bool
time_recognise(const struct ask_question *question, const uint8_t *data,
    size_t length, struct ask_answer *answer)
{
	(void)question;
	if (length != 4)
		return false;
	snprintf(answer->detail, sizeof(answer->detail),
	    "%" PRIu32 " s since 1900", ask_get32(data));
	return true;
}

const struct ask ask_time = {
	.name = "time",
	.summary = "RFC 868: the seconds since 1900",
	.port = 37,
	.sized = true,
	.build = time_build,
	.recognise = time_recognise,
};
