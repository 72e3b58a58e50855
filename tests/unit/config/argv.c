/* SPDX-License-Identifier: ISC */
/*
 * Command lines from a line of text.
 */
#include "unit/config/argv.h"

#include <stdio.h>
#include <string.h>

void
argv_make(struct argv *argv, const char *line)
{
	static char name[] = "multihomed";
	char *at = argv->text;

	snprintf(argv->text, sizeof(argv->text), "%s", line);
	argv->words[0] = name;
	argv->count = 1;
	while (*at != '\0' && argv->count < ARGV_WORDS) {
		argv->words[argv->count++] = at;
		at += strcspn(at, " ");
		if (*at == ' ')
			*at++ = '\0';
	}
	argv->words[argv->count] = NULL;
}
