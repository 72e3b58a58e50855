/* SPDX-License-Identifier: ISC */
/*
 * JSON strings, RFC 8259 section 7.
 */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include "common/strbuf.h"

/* Bytes that hold json_string() of any value of that length, and a NUL. */
#define JSON_STRING_SIZE(length) (6 * (length) + 3)

/*
 * Append the value as a string, with its quotes: always valid UTF-8, whatever
 * the value contains.  Control characters are escaped; so is each byte that is
 * not part of a UTF-8 character (RFC 3629), as the code point of that number:
 * a reader that knows this can recover every byte.
 */
void json_string(struct strbuf *text, const char *value);

/* Append a member of an object, after another one, whose value is a string. */
void json_member(struct strbuf *text, const char *name, const char *value);

#endif
