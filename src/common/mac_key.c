/* SPDX-License-Identifier: ISC */
/*
 * Keys as text.
 */
#include "common/mac.h"

#include "common/hex.h"

#include <string.h>

/* RFC 2104: shorter keys weaken the digest. */
#define KEY_MIN MAC_SIZE

static size_t
refuse(const char **why, const char *reason)
{
	*why = reason;
	return 0;
}

static bool
begins_with(const char *text, size_t length, const char *word)
{
	return length >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

static size_t
read_hex(
    const char *text, size_t length, uint8_t key[MAC_KEY_MAX], const char **why)
{
	char pair[3] = "";
	int byte;
	size_t i;

	if (length % 2 != 0)
		return refuse(why, "has half a byte at its end");
	for (i = 0; i < length / 2; i++) {
		memcpy(pair, text + 2 * i, 2);
		byte = hex_byte(pair);
		if (byte < 0)
			return refuse(why,
			    "has something else than hexadecimal digits after "
			    "HEX:");
		key[i] = (uint8_t)byte;
	}
	return length / 2;
}

/* The only line; NULL if there are several. */
static const char *
only_line(const char *text, size_t *length)
{
	const char *end = memchr(text, '\n', *length);
	size_t line = end != NULL ? (size_t)(end - text) : *length;

	if (end != NULL && line + 1 != *length)
		return NULL;
	if (line > 0 && text[line - 1] == '\r')
		line--;
	*length = line;
	return text;
}

/* Editors and pastes leave them there, and nobody sees them. */
static bool
has_outer_blank(const char *text, size_t length)
{
	return length > 0 && (text[0] == ' ' || text[length - 1] == ' ');
}

static bool
has_control(const char *text, size_t length)
{
	for (; length > 0; length--, text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

size_t
mac_read_key(
    const char *text, size_t length, uint8_t key[MAC_KEY_MAX], const char **why)
{
	bool hex;

	if (only_line(text, &length) == NULL)
		return refuse(why, "has more than one line");
	if (has_control(text, length))
		return refuse(why, "is not text");
	if (has_outer_blank(text, length))
		return refuse(why, "has a blank at its beginning or its end");
	hex = begins_with(text, length, "HEX:");
	if (hex || begins_with(text, length, "ASCII:")) {
		length -= hex ? 4 : 6;
		text += hex ? 4 : 6;
	}
	if (length < (hex ? 2 : 1) * (size_t)KEY_MIN)
		return refuse(why, "has a key of less than 16 bytes");
	if (length > (hex ? 2 : 1) * (size_t)MAC_KEY_MAX)
		return refuse(why, "has a key of more than 64 bytes");
	if (hex)
		return read_hex(text, length, key, why);
	memcpy(key, text, length);
	return length;
}
