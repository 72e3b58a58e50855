/* SPDX-License-Identifier: ISC */
/*
 * whoami of multihomed(8): what the server saw of the request.  The protocol
 * has no nonce, but the answer has the length of the request; so that is
 * different for each of 256 requests in a row, unless the user sets the size.
 */
#include "probe/protocols/protocol.h"

#include "common/number.h"

#include <stdio.h>
#include <string.h>

/* Enough for the answer not to be longer. */
#define BASE_SIZE 512

/* The value in the line "name value"; NULL if there is none. */
static const char *
value_of(const char *text, const char *name)
{
	size_t length = strlen(name);

	while (text != NULL) {
		if (strncmp(text, name, length) == 0 && text[length] == ' ')
			return text + length + 1;
		text = strchr(text, '\n');
		if (text != NULL)
			text++;
	}
	return NULL;
}

static int
whoami_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	static const char word[] = "whoami";
	size_t size = BASE_SIZE + (protocol_mask(query, sequence) & 0xff);

	if (query->size >= 0)
		size = (size_t)query->size;
	memset(request, ' ', size);
	memcpy(
	    request, word, size < sizeof(word) - 1 ? size : sizeof(word) - 1);
	return (int)size;
}

static bool
whoami_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	char text[1024], detail[sizeof(answer->detail)];
	const char *you, *asked, *size;
	uint64_t number;

	if (length >= sizeof(text))
		length = sizeof(text) - 1;
	memcpy(text, data, length);
	text[length] = '\0';
	you = value_of(text, "you");
	asked = value_of(text, "asked");
	size = value_of(text, "length");
	if (you == NULL || size == NULL ||
	    !number_scan(&size, UINT16_MAX, &number))
		return false;
	if (query->size < 0) {
		if (number < BASE_SIZE || number > BASE_SIZE + 0xff)
			return false;
		answer->sequence =
		    protocol_mask(query, (uint32_t)number - BASE_SIZE);
		answer->bits = 8;
	}
	answer->request_size = (size_t)number;
	if (asked == NULL)
		snprintf(detail, sizeof(detail), "you %.*s",
		    (int)strcspn(you, "\n"), you);
	else
		snprintf(detail, sizeof(detail), "asked %.*s, you %.*s",
		    (int)strcspn(asked, "\n"), asked, (int)strcspn(you, "\n"),
		    you);
	protocol_detail(answer, detail, strlen(detail));
	return true;
}

const struct protocol protocol_whoami = {
	.name = "whoami",
	.summary = "multihomed(8): what the server saw of the request",
	.sized = true,
	.build = whoami_build,
	.match = whoami_match,
};
