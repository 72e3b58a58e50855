/* SPDX-License-Identifier: ISC */
/*
 * Text of any length, printed piece by piece.
 */
#include "common/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
strbuf_print(struct strbuf *text, const char *format, ...)
{
	va_list arguments;
	char *grown;
	int n;

	va_start(arguments, format);
	n = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	grown =
	    n < 0 ? NULL : realloc(text->text, text->length + (size_t)n + 1);
	if (grown == NULL) {
		text->lost = true;
		return;
	}
	va_start(arguments, format);
	vsnprintf(grown + text->length, (size_t)n + 1, format, arguments);
	va_end(arguments);
	text->text = grown;
	text->length += (size_t)n;
}
