/* SPDX-License-Identifier: ISC */
/*
 * The result for people: a table and a summary line.
 */
#ifndef PROBE_TABLE_H
#define PROBE_TABLE_H

#include "probe/session.h"

#include <stdio.h>

struct table_style {
	bool colour;
	bool quiet; /* leave out what is ok, and then the rest */
	/* For a screen that is drawn again and again; 0: for paper. */
	unsigned int rows;    /* print at most this many */
	unsigned int columns; /* in lines of this width; 0: of any */
	bool is_low;          /* there is no room for heading and "... more" */
};

/* Heading, sessions, summary. */
void table_print(FILE *file, struct session *const *sessions, size_t count,
    const struct table_style *style);

/* One session as a line of its own, after some text. */
void table_print_line(
    FILE *file, const char *before, const struct session *session);

#endif
