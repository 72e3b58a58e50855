/* SPDX-License-Identifier: ISC */
/*
 * Text built up piece by piece: of any length, in memory that grows; or
 * truncated to fit a buffer of the caller's, without any allocation.
 */
#ifndef COMMON_STRBUF_H
#define COMMON_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * All zero: empty, and it grows; the owner frees text, which is NULL until the
 * first call adds something, if only "".  strbuf_over(): it is truncated.
 * Either way text[length] is NUL from then on, and length may be reduced, down
 * to 0, to write from there again.
 */
struct strbuf {
	char *text;
	size_t length;
	size_t size; /* bytes available at text */
	bool fixed;  /* the caller's buffer: never allocates */
	bool lost;   /* full, or out of memory: something is missing */
};

/*
 * An empty text over a buffer of the caller's, for at most size - 1 bytes and a
 * NUL.  What does not fit is dropped and sets lost; nothing is added after
 * that.
 */
struct strbuf strbuf_over(void *buffer, size_t size);

/* Add what printf() would print. */
void strbuf_print(struct strbuf *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Add bytes as they are. */
void strbuf_add(struct strbuf *text, const void *bytes, size_t length);

#endif
