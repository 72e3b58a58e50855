/* SPDX-License-Identifier: ISC */
/*
 * Text put together piece by piece: of any length, in memory that grows; or
 * cut to what a buffer of the caller's holds, without any allocation.
 */
#ifndef COMMON_STRBUF_H
#define COMMON_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * All zero: empty, and it grows; the owner frees text, which is NULL until the
 * first call adds something, if only "".  strbuf_over(): it is cut.  In both,
 * text[length] is NUL then, and length may be set to less, down to 0, to write
 * again from there.
 */
struct strbuf {
	char *text;
	size_t length;
	size_t size; /* bytes there are at text */
	bool fixed;  /* the caller's buffer: never allocates */
	bool lost;   /* it is full, or memory ran out: something is missing */
};

/*
 * An empty text over a buffer of the caller's, for at most size - 1 bytes and a
 * NUL.  What does not fit is cut off and sets lost; nothing is added after
 * that.
 */
struct strbuf strbuf_over(void *buffer, size_t size);

/* Add what printf() would print. */
void strbuf_print(struct strbuf *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Add bytes as they are. */
void strbuf_add(struct strbuf *text, const void *bytes, size_t length);

#endif
