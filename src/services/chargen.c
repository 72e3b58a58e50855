/* SPDX-License-Identifier: ISC */
/*
 * chargen, RFC 864: a page of printing characters, each line shifted by one.
 * The RFC makes its length random; here it is that of the request.
 */
#include "services/table.h"

/* RFC 864: the maximum length. */
#define PAGE 512

#define COLUMNS 72
#define LINE (COLUMNS + 2)

/* The printing characters of ASCII, including the blank. */
#define CHARACTERS ('~' - ' ' + 1)

/* No client sends this many rising bytes in a row. */
#define RISING 8

/* Every line of a chargen server's page has them. */
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
	.amplifies = true,
	.answer = chargen_answer,
};
