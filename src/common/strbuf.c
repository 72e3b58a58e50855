/* SPDX-License-Identifier: ISC */
/*
 * Text put together piece by piece, in growing memory or over a buffer.
 */
#include "common/strbuf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct strbuf
strbuf_over(void *buffer, size_t size)
{
	struct strbuf text = { .text = buffer, .size = size, .fixed = true };

	if (size > 0)
		text.text[0] = '\0';
	return text;
}

/* Bytes that can be added now, besides the NUL. */
static size_t
room(const struct strbuf *text)
{
	return text->size > text->length ? text->size - text->length - 1 : 0;
}

/* Is there too little room?  Even an empty text needs its NUL. */
static bool
lacks(const struct strbuf *text, size_t more)
{
	return more > room(text) || text->text == NULL;
}

/* Try to make room for more bytes. */
static bool
grow(struct strbuf *text, size_t more)
{
	size_t size = text->size < 64 ? 64 : 2 * text->size;
	char *grown;

	if (text->fixed || more > SIZE_MAX / 4 - text->length)
		return false;
	if (size < text->length + more + 1)
		size = text->length + more + 1;
	grown = realloc(text->text, size);
	if (grown == NULL)
		return false;
	text->text = grown;
	text->size = size;
	return true;
}

/* A truncated text stays as it is: nothing may follow the lost part. */
static bool
is_closed(const struct strbuf *text)
{
	return text->fixed && text->lost;
}

void
strbuf_print(struct strbuf *text, const char *format, ...)
{
	size_t left = room(text);
	va_list arguments;
	char none;
	int n;

	if (is_closed(text))
		return;
	va_start(arguments, format);
	n = vsnprintf(left > 0 ? text->text + text->length : &none,
	    left > 0 ? left + 1 : 1, format, arguments);
	va_end(arguments);
	if (n >= 0 && lacks(text, (size_t)n) && grow(text, (size_t)n)) {
		left = room(text);
		va_start(arguments, format);
		n = vsnprintf(
		    text->text + text->length, left + 1, format, arguments);
		va_end(arguments);
	}
	if (n >= 0 && (size_t)n <= left) {
		text->length += (size_t)n;
		return;
	}
	text->lost = true;
	/* Truncated; or, when out of memory, without any part of this. */
	if (text->fixed && n >= 0)
		text->length += left;
	else if (text->size > text->length)
		text->text[text->length] = '\0';
}

void
strbuf_add(struct strbuf *text, const void *bytes, size_t length)
{
	size_t left = room(text);

	if (is_closed(text))
		return;
	if (lacks(text, length) && grow(text, length))
		left = room(text);
	if (length > left) {
		text->lost = true;
		length = text->fixed ? left : 0;
	}
	if (text->size == 0)
		return;
	memcpy(text->text + text->length, bytes, length);
	text->length += length;
	text->text[text->length] = '\0';
}
