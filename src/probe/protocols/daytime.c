/* SPDX-License-Identifier: ISC */
/*
 * daytime, RFC 867: the answer is the time as text, whatever the request is.
 * Nothing in it belongs to a request.  The request is as long as an answer
 * may be, for servers that send no more than they got.
 */
#include "probe/protocols/protocol.h"

#include <string.h>

#define DEFAULT_SIZE 64

static int
daytime_build(
    const struct ask_question *question, uint32_t sequence, uint8_t *request)
{
	int size = question->size < 0 ? DEFAULT_SIZE : question->size;

	(void)sequence;
	memset(request, '\n', (size_t)size);
	return size;
}

/* A line with a digit in it, no control characters but its end. */
static bool
daytime_recognise(const struct ask_question *question, const uint8_t *data,
    size_t length, struct ask_answer *answer)
{
	bool digit = false;
	size_t i;

	(void)question;
	for (i = 0; i < length; i++) {
		if (data[i] >= '0' && data[i] <= '9')
			digit = true;
		if ((data[i] < ' ' && data[i] != '\r' && data[i] != '\n') ||
		    data[i] > '~')
			return false;
	}
	ask_detail(answer, data, length);
	return digit;
}

const struct ask ask_daytime = {
	.name = "daytime",
	.summary = "RFC 867: the time as text",
	.port = 13,
	.sized = true,
	.build = daytime_build,
	.recognise = daytime_recognise,
};
