/* SPDX-License-Identifier: ISC */
/*
 * Which columns of the table there is room for, and lines that are no longer
 * than that.
 */
#ifndef PROBE_LAYOUT_H
#define PROBE_LAYOUT_H

#include <stdbool.h>
#include <stdio.h>

/* Of each column, the widest text that is in it. */
struct layout_widths {
	int label, source;
	int times;   /* minimum, average, maximum and deviation */
	int average; /* alone */
};

/* Which times of a target are shown. */
enum layout_times { LAYOUT_ALL_TIMES, LAYOUT_AVERAGE, LAYOUT_NO_TIMES };

struct layout {
	int label, source, times; /* widths */
	enum layout_times show;
	bool counts; /* sent, received */
	bool ttl;
};

/*
 * What fits into that many columns; 0: all does.  What says least goes first:
 * TTL and the spread of times, times, counts; the target and the source of its
 * answers stay, if need be cut.  Notes have what is left.
 */
struct layout layout_fit(
    const struct layout_widths *widths, unsigned int columns);

/* A line that is being printed. */
struct layout_line {
	FILE *file;
	unsigned int left; /* columns; UINT_MAX: any number */
};

struct layout_line layout_line_begin(FILE *file, unsigned int columns);

/*
 * Add text, as far as there is room; what would move the cursor becomes a
 * question mark.
 */
void layout_line_add(struct layout_line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for a text of a column of that width. */
void layout_line_pad(struct layout_line *line, const char *text, int width);

/* The columns that a text takes, if each of its characters takes one. */
int layout_width(const char *text);

/*
 * The text, if it is wider than that without its beginning: what tells
 * addresses of one network apart is at their end.
 */
#define LAYOUT_TEXT 640
char *layout_shorten(const char *text, int width, char shortened[LAYOUT_TEXT]);

#endif
