/* SPDX-License-Identifier: ISC */
/*
 * Keys as text.
 */
#include "common/mac.h"

#include "common/hex.h"

#include <ctype.h>
#include <string.h>

/* RFC 2104: shorter keys weaken the digest. */
#define KEY_MIN MAC_SIZE

/* What should be there, after what is wrong. */
#define EXPECTED                                                            \
	"; expected HEX: and 32 to 128 hexadecimal digits, upper or lower " \
	"case, or 16 to 64 characters"

static size_t
refuse(const char **why, const char *reason)
{
	*why = reason;
	return 0;
}

/* Cut a word off the beginning, in upper or lower case, if it is there. */
static bool
skip(const char **text, size_t *length, const char *word)
{
	const size_t size = strlen(word);
	size_t i;

	if (*length < size)
		return false;
	for (i = 0; i < size; i++)
		if (toupper((unsigned char)(*text)[i]) !=
		    (unsigned char)word[i])
			return false;
	*text += size;
	*length -= size;
	return true;
}

static size_t
read_hex(
    const char *text, size_t length, uint8_t key[MAC_KEY_MAX], const char **why)
{
	char pair[3] = "";
	int byte;
	size_t i;

	if (length % 2 != 0)
		return refuse(why,
		    "line 1 has an odd number of digits after "
		    "\"HEX:\"" EXPECTED);
	for (i = 0; i < length / 2; i++) {
		memcpy(pair, text + 2 * i, 2);
		byte = hex_byte(pair);
		if (byte < 0)
			return refuse(why,
			    "line 1 has something else than digits after "
			    "\"HEX:\"" EXPECTED);
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
	size_t digits = 1; /* of a byte */

	/* A byte order mark, as in the configuration. */
	(void)skip(&text, &length, "\xef\xbb\xbf");
	if (only_line(text, &length) == NULL)
		return refuse(why, "line 2 is one too many" EXPECTED);
	if (has_control(text, length))
		return refuse(why, "line 1 is not text" EXPECTED);
	if (has_outer_blank(text, length))
		return refuse(why,
		    "line 1 has a blank at its beginning or its end" EXPECTED);
	if (skip(&text, &length, "HEX:"))
		digits = 2;
	else
		(void)skip(&text, &length, "ASCII:");
	if (length < digits * KEY_MIN)
		return refuse(
		    why, "line 1 has a key of less than 16 bytes" EXPECTED);
	if (length > digits * MAC_KEY_MAX)
		return refuse(
		    why, "line 1 has a key of more than 64 bytes" EXPECTED);
	if (digits == 2)
		return read_hex(text, length, key, why);
	memcpy(key, text, length);
	return length;
}
