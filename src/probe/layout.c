/* SPDX-License-Identifier: ISC */
/*
 * The table's columns in a terminal of any width.
 */
#include "probe/layout.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

/* " SENT RECV", and what is between the other columns; " TTL". */
enum { COUNTS = 10, GAP = 2, TTL = 4 };

/* What stands in the place of that which is missing. */
#define CUT '~'

static int
width_of(const struct layout *layout)
{
	return layout->label + (layout->counts ? COUNTS : 0) + GAP +
	    layout->source +
	    (layout->show != LAYOUT_NO_TIMES ? GAP + layout->times : 0) +
	    (layout->ttl ? TTL : 0);
}

/* Bytes of UTF-8 after the first of a character take no column. */
static bool
goes_on(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

int
layout_width(const char *text)
{
	int width = 0;

	for (; *text != '\0'; text++)
		width += !goes_on(*text);
	return width;
}

/* Half of the room for each, unless one needs less. */
static void
squeeze(struct layout *layout, int room)
{
	int half = room / 2, rest = room - GAP - half;

	if (layout->source > half)
		layout->source =
		    layout->label < rest ? room - GAP - layout->label : half;
	layout->label = room - GAP - layout->source;
	if (layout->label < 1)
		layout->label = 1;
}

struct layout
layout_fit(const struct layout_widths *widths, unsigned int columns)
{
	struct layout layout = { .label = widths->label,
		.source = widths->source,
		.times = widths->times,
		.counts = true,
		.ttl = true };
	int room = columns > 0 && columns < INT_MAX ? (int)columns : INT_MAX;

	if (width_of(&layout) <= room)
		return layout;
	layout.ttl = false;
	layout.show = LAYOUT_AVERAGE;
	layout.times = widths->average;
	if (width_of(&layout) <= room)
		return layout;
	layout.show = LAYOUT_NO_TIMES;
	if (width_of(&layout) <= room)
		return layout;
	layout.counts = false;
	if (width_of(&layout) <= room)
		return layout;
	squeeze(&layout, room);
	return layout;
}

struct layout_line
layout_line_begin(FILE *file, unsigned int columns)
{
	return (struct layout_line){ file, columns > 0 ? columns : UINT_MAX };
}

void
layout_line_add(struct layout_line *line, const char *format, ...)
{
	char text[2 * LAYOUT_TEXT];
	const char *at;
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	for (at = text; *at != '\0'; at++) {
		if (!goes_on(*at)) {
			if (line->left == 0)
				return;
			if (line->left != UINT_MAX)
				line->left--;
		}
		fputc((unsigned char)*at < ' ' || *at == 127 ? '?' : *at,
		    line->file);
	}
}

void
layout_line_pad(struct layout_line *line, const char *text, int width)
{
	int left = width - layout_width(text);

	layout_line_add(line, "%s%*s", text, left > 0 ? left : 0, "");
}

char *
layout_shorten(const char *text, int width, char shortened[LAYOUT_TEXT])
{
	int room = width > 0 ? width : 1, excess = layout_width(text) - room;

	if (excess <= 0) {
		snprintf(shortened, LAYOUT_TEXT, "%s", text);
		return shortened;
	}
	/* The mark takes a column, too. */
	for (excess++; excess > 0 || goes_on(*text); text++)
		excess -= !goes_on(*text);
	snprintf(shortened, LAYOUT_TEXT, "%c%s", CUT, text);
	return shortened;
}
