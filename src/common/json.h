/* SPDX-License-Identifier: ISC */
/*
 * Strings of JSON, RFC 8259 section 7.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include "common/strbuf.h"

/* Bytes that hold json_string() of any value of that length, and a NUL. */
#define JSON_STRING_SIZE(length) (6 * (length) + 3)

/*
 * Add the value as a string, with its quotes: always valid UTF-8, whatever the
 * value is made of.  Control characters are escaped; so is each byte that is
 * not part of a character in UTF-8 (RFC 3629), as the character of that number:
 * a reader that knows about it gets every byte back.
 */
void json_string(struct strbuf *text, const char *value);

#endif
