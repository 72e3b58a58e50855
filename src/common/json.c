/* SPDX-License-Identifier: ISC */
/*
 * JSON strings from arbitrary bytes.
 */
#include "common/json.h"

/*
 * The length of the multibyte character here, 2 to 4 bytes; 0 if this is not
 * valid UTF-8.
 */
static size_t
utf8_length(const unsigned char *at)
{
	static const struct {
		unsigned char first, last; /* of the first byte */
		unsigned char low, high;   /* of the second */
		size_t length;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, /* not overlong */
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, /* no surrogates */
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 }, /* up to U+10FFFF */
	};
	size_t i, more;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (at[0] < forms[i].first || at[0] > forms[i].last)
			continue;
		if (at[1] < forms[i].low || at[1] > forms[i].high)
			return 0;
		for (more = 2; more < forms[i].length; more++)
			if ((at[more] & 0xc0) != 0x80)
				return 0;
		return forms[i].length;
	}
	return 0;
}

/* How many bytes from here on need no escaping. */
static size_t
plain_length(const unsigned char *value)
{
	const unsigned char *at = value;

	for (;;)
		if (*at >= 0x20 && *at <= 0x7e && *at != '"' && *at != '\\')
			at++;
		else if (utf8_length(at) > 0)
			at += utf8_length(at);
		else
			return (size_t)(at - value);
}

void
json_string(struct strbuf *text, const char *value)
{
	const unsigned char *at = (const unsigned char *)value;
	size_t length;

	strbuf_add(text, "\"", 1);
	for (;; at++) {
		length = plain_length(at);
		strbuf_add(text, at, length);
		at += length;
		if (*at == '\0')
			break;
		if (*at == '"' || *at == '\\')
			strbuf_print(text, "\\%c", *at);
		else
			strbuf_print(text, "\\u%04x", *at);
	}
	strbuf_add(text, "\"", 1);
}

void
json_member(struct strbuf *text, const char *name, const char *value)
{
	strbuf_print(text, ",\"%s\":", name);
	json_string(text, value);
}
