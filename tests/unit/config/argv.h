/* SPDX-License-Identifier: ISC */
/*
 * Command lines from a line of text.
 */
#ifndef UNIT_CONFIG_ARGV_H
#define UNIT_CONFIG_ARGV_H

enum { ARGV_WORDS = 24 };

struct argv {
	int count;
	char *words[ARGV_WORDS + 1]; /* as main() gets them */
	char text[512];
};

/* "multihomed", then the words of the line, with one blank between. */
void argv_make(struct argv *argv, const char *line);

#endif
