/* SPDX-License-Identifier: ISC */
/*
 * SIP OPTIONS, RFC 3261 section 11: any response with our Call-ID and CSeq is
 * an answer.  rport (RFC 3581) asks for the answer at the port we sent from.
 */
#include "probe/protocols/protocol.h"

#include "common/hex.h"
#include "common/number.h"

#include <stdio.h>
#include <string.h>

/* Headers with their short forms, RFC 3261 section 7.3.3. */
static const char *const call_id[] = { "call-id", "i", NULL };
static const char *const cseq[] = { "cseq", NULL };

static void
format_nonce(const struct protocol_query *query, char nonce[25])
{
	struct strbuf text = strbuf_over(nonce, 25);

	hex_print(&text, query->secret + 4, 12, "");
}

static int
sip_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	char host[MH_ADDRESS_TEXT], nonce[25];
	struct mh_address peer = query->peer;

	peer.scope = 0; /* means nothing over there */
	mh_endpoint_format(&peer, host, sizeof(host));
	format_nonce(query, nonce);
	return snprintf((char *)request, MH_SLOT_SIZE,
	    "OPTIONS sip:%s SIP/2.0\r\n"
	    "Via: SIP/2.0/UDP mhprobe.invalid;branch=z9hG4bK%s%lu;rport\r\n"
	    "Max-Forwards: 70\r\n"
	    "From: <sip:mhprobe@mhprobe.invalid>;tag=%.8s\r\n"
	    "To: <sip:%s>\r\n"
	    "Call-ID: %s@mhprobe.invalid\r\n"
	    "CSeq: %lu OPTIONS\r\n"
	    "Contact: <sip:mhprobe@mhprobe.invalid>\r\n"
	    "Accept: application/sdp\r\n"
	    "Content-Length: 0\r\n"
	    "\r\n",
	    host, nonce, (unsigned long)sequence, nonce, host, nonce,
	    (unsigned long)sequence + 1);
}

static bool
same_word(const char *text, const char *word, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if ((text[i] | 0x20) != word[i] && text[i] != word[i])
			return false;
	return true;
}

/* The value of the header in this line; NULL if it is another one. */
static const char *
header_value(const char *line, const char *const *names)
{
	const char *at;

	for (; *names != NULL; names++) {
		if (!same_word(line, *names, strlen(*names)))
			continue;
		at = line + strlen(*names);
		at += strspn(at, " \t");
		if (*at == ':')
			return at + 1 + strspn(at + 1, " \t");
	}
	return NULL;
}

static const char *
header_find(const char *text, const char *const *names)
{
	const char *line, *value = NULL;

	for (line = strchr(text, '\n'); line != NULL && value == NULL;
	     line = strchr(line, '\n'))
		value = header_value(++line, names);
	return value;
}

static bool
sip_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	char text[4096], nonce[25];
	const char *id, *sequence;
	uint64_t number;

	if (length >= sizeof(text))
		length = sizeof(text) - 1;
	memcpy(text, data, length);
	text[length] = '\0';
	if (strncmp(text, "SIP/2.0 ", 8) != 0)
		return false;
	format_nonce(query, nonce);
	id = header_find(text, call_id);
	sequence = header_find(text, cseq);
	if (id == NULL || strncmp(id, nonce, strlen(nonce)) != 0 ||
	    sequence == NULL ||
	    !number_scan(&sequence, UINT64_C(1) << 32, &number))
		return false;
	sequence += strspn(sequence, " \t");
	if (strncmp(sequence, "OPTIONS", 7) != 0)
		return false;
	answer->sequence = (uint32_t)number - 1;
	answer->bits = 32;
	protocol_detail(answer, text + 8, strlen(text + 8));
	return true;
}

const struct protocol protocol_sip = {
	.name = "sip",
	.summary = "RFC 3261: OPTIONS",
	.port = 5060,
	.build = sip_build,
	.match = sip_match,
};
