/* SPDX-License-Identifier: ISC */
/*
 * chargen, RFC 864: a page of printing characters, each line shifted by one.
 * The RFC lets chance say how long it is; here the request does.
 */
#include "services/table.h"

/* RFC 864: at most so many. */
#define PAGE 512

#define COLUMNS 72
#define LINE (COLUMNS + 2)

/* The printing characters of ASCII, the blank among them. */
#define CHARACTERS ('~' - ' ' + 1)

/* So many rising bytes in a row are not the words of a client. */
#define RISING 8

/* The page of any such server has them in each line. */
static bool
is_reply(const struct mh_datagram *datagram)
{
	const uint8_t *bytes = datagram->data;
	size_t i, rising = 1;

	for (i = 1; i < datagram->length && rising < RISING; i++)
		rising = bytes[i] == bytes[i - 1] + 1 ? rising + 1 : 1;
	return rising >= RISING;
}

static char
character(size_t i)
{
	size_t line = i / LINE, column = i % LINE;

	if (column >= COLUMNS)
		return column == COLUMNS ? '\r' : '\n';
	return (char)(' ' + (line + column + 1) % CHARACTERS);
}

static enum service_outcome
chargen_answer(const struct mh_datagram *request,
    struct service_context *context, struct service_reply *reply)
{
	char *page = reply->data;
	size_t i;

	(void)context;
	if (is_reply(request))
		return SERVICE_NOT_REQUEST;
	reply->length = reply->room < PAGE ? reply->room : PAGE;
	for (i = 0; i < reply->length; i++)
		page[i] = character(i);
	return SERVICE_REPLY;
}

const struct service service_chargen = {
	.name = "chargen",
	.summary = "printing characters, 512 at most (RFC 864)",
	.port = 19,
	.answer = chargen_answer,
};
