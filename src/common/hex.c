/* SPDX-License-Identifier: ISC */
/*
 * Hexadecimal digits to bytes, and bytes to digits.
 */
#include "common/hex.h"

/* 0 to 15; -1 if it is not one. */
static int
digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

int
hex_byte(const char *text)
{
	int high = digit_value(text[0]);
	int low = high < 0 ? -1 : digit_value(text[1]);

	return low < 0 ? -1 : high << 4 | low;
}

void
hex_print(struct strbuf *text, const void *bytes, size_t length,
    const char *separator)
{
	const uint8_t *at = bytes;
	size_t i;

	for (i = 0; i < length; i++)
		strbuf_print(text, "%s%02x", i > 0 ? separator : "", at[i]);
}
