/* SPDX-License-Identifier: ISC */
/*
 * Bytes as hexadecimal digits, in either case, and back.
 */
#ifndef COMMON_HEX_H
#define COMMON_HEX_H

#include "common/strbuf.h"

#include <stdint.h>

/*
 * The byte that the first two characters of the text encode; -1 if they are not
 * both hexadecimal digits.  Reads no further than the NUL.
 */
int hex_byte(const char *text);

/* Append the bytes in lower case, with separator between them. */
void hex_print(struct strbuf *text, const void *bytes, size_t length,
    const char *separator);

#endif
