/* SPDX-License-Identifier: ISC */
/*
 * Text of any length, put together piece by piece.
 */
#ifndef DAEMON_TEXT_H
#define DAEMON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Text that grows; all zero to begin with.  The owner frees text. */
struct text {
	char *text;
	size_t length;
	bool lost; /* memory ran out: something is missing */
};

void text_print(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
