/* SPDX-License-Identifier: ISC */
/*
 * Text of any length, put together piece by piece.
 */
#ifndef COMMON_STRBUF_H
#define COMMON_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

/* Text that grows; all zero to begin with.  The owner frees text. */
struct strbuf {
	char *text;
	size_t length;
	bool lost; /* memory ran out: something is missing */
};

void strbuf_print(struct strbuf *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
