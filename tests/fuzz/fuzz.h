/* SPDX-License-Identifier: ISC */
/*
 * What the fuzz targets share.  A target is a file with this one function;
 * libFuzzer calls it with inputs it makes up, replay.c with those of the
 * corpus.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cut the next line off a text; *rest is NULL after the last one. */
static inline char *
fuzz_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	if (end != NULL)
		*end++ = '\0';
	*rest = end;
	return line;
}

/* A property that holds for every input. */
#define REQUIRE(property) ((property) ? (void)0 : abort())

/* The input as a text, to be freed. */
static inline char *
fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	REQUIRE(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
