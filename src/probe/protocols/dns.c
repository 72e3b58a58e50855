/* SPDX-License-Identifier: ISC */
/*
 * DNS, RFC 1035: the answer has the id and the question of the query; its
 * response code does not matter.  The names of RFC 4892, "id.server" and the
 * like, are asked in class CHAOS, and the text is shown.  A size is reached by
 * the padding option of RFC 7830.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#include <stdio.h>
#include <string.h>

#define HEADER 12
#define OPTION_HEADER 15 /* OPT record and padding option, empty */

enum { TYPE_A = 1, TYPE_NS = 2, TYPE_TXT = 16, TYPE_OPT = 41 };
enum { CLASS_IN = 1, CLASS_CHAOS = 3 };

/*
 * The question section: name, type, class.  Returns its length, 0 if the name
 * is none.  256 + 4 bytes are there.
 */
static size_t
put_question(const char *name, uint8_t *question)
{
	static const char *const chaos[] = { "id.server", "hostname.bind",
		"version.bind", "version.server" };
	unsigned int type = TYPE_A, class = CLASS_IN, i;
	size_t at = 0, label;

	if (strcmp(name, ".") == 0) {
		type = TYPE_NS;
		name++;
	}
	for (i = 0; i < sizeof(chaos) / sizeof(chaos[0]); i++)
		if (strcmp(name, chaos[i]) == 0) {
			type = TYPE_TXT;
			class = CLASS_CHAOS;
		}
	while (*name != '\0') {
		label = strcspn(name, ".");
		if (label == 0 || label > 63 || at + label + 2 > 255)
			return 0;
		question[at] = (uint8_t)label;
		memcpy(question + at + 1, name, label);
		at += 1 + label;
		name += label + (name[label] == '.');
	}
	question[at++] = 0;
	bytes_put16(question + at, type);
	bytes_put16(question + at + 2, class);
	return at + 4;
}

/* An OPT record that fills the query up. */
static void
put_padding(uint8_t *record, size_t size)
{
	memset(record, 0, size);
	bytes_put16(record + 1, TYPE_OPT);
	bytes_put16(record + 3, 1232); /* the largest answer we take */
	bytes_put16(record + 9, (unsigned int)(size - 11));
	bytes_put16(record + 11, 12); /* padding */
	bytes_put16(record + 13, (unsigned int)(size - OPTION_HEADER));
}

static int
dns_build(
    const struct protocol_query *query, uint32_t sequence, uint8_t *request)
{
	size_t size, wanted = (size_t)query->size;

	memset(request, 0, HEADER);
	bytes_put16(request, protocol_mask(query, sequence) & 0xffff);
	bytes_put16(request + 4, 1); /* one question; no recursion desired */
	size = put_question(query->name, request + HEADER);
	if (size == 0)
		return PROTOCOL_WRONG_SIZE;
	size += HEADER;
	if (query->size < 0 || wanted == size)
		return (int)size;
	if (wanted < size + OPTION_HEADER)
		return PROTOCOL_WRONG_SIZE;
	bytes_put16(request + 10, 1);
	put_padding(request + size, wanted - size);
	return (int)wanted;
}

/* Names may come back in other letters' case. */
static bool
same_question(const uint8_t *a, const uint8_t *b, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (a[i] != b[i] &&
		    !((a[i] ^ b[i]) == 0x20 && (a[i] | 0x20) >= 'a' &&
			(a[i] | 0x20) <= 'z'))
			return false;
	return true;
}

/* The first string of a TXT record right after the question. */
static bool
describe_text(struct protocol_answer *answer, const uint8_t *at, size_t left)
{
	size_t name = 0;

	/* The name: a pointer, or labels. */
	while (name < left && at[name] != 0 && at[name] < 0xc0)
		name += 1 + (size_t)at[name];
	name += name < left && at[name] >= 0xc0 ? 2 : 1;
	if (name >= left || left - name < 11 ||
	    bytes_get16(at + name) != TYPE_TXT ||
	    at[name + 10] > left - name - 11)
		return false;
	protocol_detail(answer, at + name + 11, at[name + 10]);
	return true;
}

static void
describe(struct protocol_answer *answer, const uint8_t *data, size_t length,
    size_t question)
{
	static const char *const codes[] = { "NOERROR", "FORMERR", "SERVFAIL",
		"NXDOMAIN", "NOTIMP", "REFUSED" };
	unsigned int code = data[3] & 0xf;

	if (bytes_get16(data + 6) > 0 &&
	    describe_text(
		answer, data + HEADER + question, length - HEADER - question))
		return;
	if (code < sizeof(codes) / sizeof(codes[0]))
		snprintf(answer->detail, sizeof(answer->detail), "%s%s",
		    codes[code], (data[2] & 2) != 0 ? ", truncated" : "");
	else
		snprintf(
		    answer->detail, sizeof(answer->detail), "code %u", code);
}

static bool
dns_match(const struct protocol_query *query, const uint8_t *data,
    size_t length, struct protocol_answer *answer)
{
	uint8_t asked[256 + 4];
	size_t size = put_question(query->name, asked);

	if (length < HEADER || (data[2] & 0x80) == 0)
		return false;
	/* Some servers leave the question out when they refuse. */
	if (bytes_get16(data + 4) == 0 && length == HEADER)
		size = 0;
	else if (length < HEADER + size || bytes_get16(data + 4) != 1 ||
	    !same_question(data + HEADER, asked, size))
		return false;
	answer->sequence = protocol_mask(query, bytes_get16(data)) & 0xffff;
	answer->bits = 16;
	describe(answer, data, length, size);
	return true;
}

const struct protocol protocol_dns = {
	.name = "dns",
	.summary = "RFC 1035: a query for --name, else the root's name servers",
	.port = 53,
	.sized = true,
	.build = dns_build,
	.match = dns_match,
};
