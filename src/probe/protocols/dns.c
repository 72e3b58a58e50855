/* SPDX-License-Identifier: ISC */
/*
 * DNS, RFC 1035: the answer has the id and the question of the query; its
 * response code does not matter.  The names of RFC 4892, "id.server" and the
 * like, are asked in class CHAOS, and the text is shown.  So are the server's
 * NSID (RFC 5001), and whether it has cookies (RFC 7873).  A size is reached by
 * the padding option of RFC 7830.
 */
#include "probe/protocols/protocol.h"

#include "common/bytes.h"

#include <stdio.h>
#include <string.h>

#define HEADER 12
#define OPT 11   /* OPT record, empty */
#define OPTION 4 /* an option, empty */
#define CLIENT_COOKIE 8
#define ASKED (OPTION + OPTION + CLIENT_COOKIE) /* for NSID and cookie */

enum { TYPE_A = 1, TYPE_NS = 2, TYPE_TXT = 16, TYPE_OPT = 41 };
enum { CLASS_IN = 1, CLASS_CHAOS = 3 };
enum { OPTION_NSID = 3, OPTION_COOKIE = 10, OPTION_PADDING = 12 };

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

static uint8_t *
put_option(uint8_t *at, unsigned int option, const void *bytes, size_t size)
{
	bytes_put16(at, option);
	bytes_put16(at + 2, (unsigned int)size);
	if (bytes != NULL)
		memcpy(at + OPTION, bytes, size);
	else
		memset(at + OPTION, 0, size);
	return at + OPTION + size;
}

/* An OPT record of that size: it asks as far as there is room, then padding. */
static void
put_opt(const struct protocol_query *query, uint8_t *record, size_t size)
{
	uint8_t *at = record + OPT, *end = record + size;

	memset(record, 0, OPT);
	bytes_put16(record + 1, TYPE_OPT);
	bytes_put16(record + 3, 1232); /* the largest answer we take */
	bytes_put16(record + 9, (unsigned int)(size - OPT));
	if (size == OPT + ASKED || size >= OPT + ASKED + OPTION) {
		at = put_option(at, OPTION_NSID, NULL, 0);
		at =
		    put_option(at, OPTION_COOKIE, query->secret, CLIENT_COOKIE);
	}
	if (at < end)
		put_option(
		    at, OPTION_PADDING, NULL, (size_t)(end - at) - OPTION);
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
	if (query->size < 0)
		wanted = size + OPT + ASKED;
	if (wanted == size)
		return (int)size;
	if (wanted < size + OPT + OPTION)
		return PROTOCOL_WRONG_SIZE;
	bytes_put16(request + 10, 1);
	put_opt(query, request + size, wanted - size);
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

/* Where a name ends: a pointer, or labels; past the end if it does not. */
static size_t
skip_name(const uint8_t *data, size_t length, size_t at)
{
	while (at < length && data[at] != 0 && data[at] < 0xc0)
		at += 1 + (size_t)data[at];
	return at + (at < length && data[at] >= 0xc0 ? 2 : 1);
}

/* The first string of a TXT record right after the question. */
static bool
describe_text(struct protocol_answer *answer, const uint8_t *at, size_t left)
{
	size_t name = skip_name(at, left, 0);

	if (name >= left || left - name < 11 ||
	    bytes_get16(at + name) != TYPE_TXT ||
	    at[name + 10] > left - name - 11)
		return false;
	protocol_detail(answer, at + name + 11, at[name + 10]);
	return true;
}

/* The options of an OPT record; NULL: there is none. */
struct options {
	const uint8_t *at;
	size_t size;
};

/* The records at that place: are all there that the header says? */
static bool
read_records(
    const uint8_t *data, size_t length, size_t at, struct options *options)
{
	unsigned int records = bytes_get16(data + 6) + bytes_get16(data + 8) +
	    bytes_get16(data + 10);
	size_t size;

	for (; records > 0; records--) {
		at = skip_name(data, length, at);
		if (at > length || length - at < 10)
			return false;
		size = bytes_get16(data + at + 8);
		if (size > length - at - 10)
			return false;
		if (bytes_get16(data + at) == TYPE_OPT)
			*options = (struct options){ data + at + 10, size };
		at += 10 + size;
	}
	return true;
}

/* Append the server's name, as printable text. */
static void
describe_nsid(struct protocol_answer *answer, const uint8_t *name, size_t size)
{
	struct protocol_answer other = { .detail = "" };
	size_t length = strlen(answer->detail);

	protocol_detail(&other, name, size);
	snprintf(answer->detail + length, sizeof(answer->detail) - length,
	    ", NSID %.64s", other.detail);
}

static void
describe_options(const struct protocol_query *query,
    struct protocol_answer *answer, const uint8_t *at, size_t left)
{
	size_t size, length;

	for (; left >= OPTION; at += size, left -= size) {
		size = bytes_get16(at + 2);
		if (size > left - OPTION)
			return;
		if (bytes_get16(at) == OPTION_NSID && size > 0)
			describe_nsid(answer, at + OPTION, size);
		/* Ours, and after that the server's. */
		length = strlen(answer->detail);
		if (bytes_get16(at) == OPTION_COOKIE && size > CLIENT_COOKIE &&
		    memcmp(at + OPTION, query->secret, CLIENT_COOKIE) == 0)
			snprintf(answer->detail + length,
			    sizeof(answer->detail) - length, ", cookie");
		size += OPTION;
	}
}

static void
describe_code(struct protocol_answer *answer, const uint8_t *data)
{
	static const char *const codes[] = { "NOERROR", "FORMERR", "SERVFAIL",
		"NXDOMAIN", "NOTIMP", "REFUSED" };
	unsigned int code = data[3] & 0xf;

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
	struct options options = { .at = NULL };
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
	/* Who has to shorten an answer leaves whole records out, RFC 2181. */
	else if (!read_records(data, length, HEADER + size, &options))
		return false;
	size += HEADER;
	answer->sequence = protocol_mask(query, bytes_get16(data)) & 0xffff;
	answer->bits = 16;
	if (bytes_get16(data + 6) == 0 ||
	    !describe_text(answer, data + size, length - size))
		describe_code(answer, data);
	if (options.at != NULL)
		describe_options(query, answer, options.at, options.size);
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
