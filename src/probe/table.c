/* SPDX-License-Identifier: ISC */
/*
 * The table: as wide as its widest row, in colour where that helps.
 */
#include "probe/table.h"

#include "probe/summary.h"

#include <inttypes.h>
#include <string.h>

struct widths {
	int label, source, times;
};

static double
milliseconds(double ns)
{
	return ns / 1e6;
}

/* "0.041/0.052/0.101/0.010", or "-". */
static void
format_times(const struct row *row, char text[ROW_TEXT])
{
	const struct rtt *rtt = &row->rtt;

	if (rtt->count == 0)
		strcpy(text, "-");
	else
		snprintf(text, ROW_TEXT, "%.3f/%.3f/%.3f/%.3f",
		    milliseconds((double)rtt->min), milliseconds(rtt->mean),
		    milliseconds((double)rtt->max),
		    milliseconds(rtt_deviation(rtt)));
}

static void
format_ttl(const struct row *row, char text[8])
{
	strcpy(text, "-");
	if (row->ttl >= 0)
		snprintf(text, 8, "%d", row->ttl);
}

static void
widen(int *width, const char *text)
{
	if ((int)strlen(text) > *width)
		*width = (int)strlen(text);
}

static bool
is_shown(const struct row *row, const struct table_style *style)
{
	return !style->quiet || row_verdict(row) != ROW_OK;
}

static struct widths
measure(struct row *const *rows, size_t count, const struct table_style *style)
{
	struct widths widths = { 6, 6, 23 };
	char text[ROW_TEXT];
	size_t i;

	for (i = 0; i < count; i++) {
		if (!is_shown(rows[i], style))
			continue;
		widen(&widths.label, row_label(rows[i], text));
		widen(&widths.source, row_source(rows[i], text));
		format_times(rows[i], text);
		widen(&widths.times, text);
	}
	return widths;
}

static const char *
colour_of(enum row_verdict verdict)
{
	switch (verdict) {
	case ROW_OK:
		return "\033[32m"; /* green */
	case ROW_WRONG:
	case ROW_WRONG_PORT:
		return "\033[1;31m"; /* bold red */
	default:
		return "\033[33m"; /* yellow */
	}
}

static void
print_row(FILE *file, struct row *row, const struct widths *widths, bool colour)
{
	char label[ROW_TEXT], source[ROW_TEXT], times[ROW_TEXT];
	char notes[ROW_TEXT], ttl[8];

	format_times(row, times);
	format_ttl(row, ttl);
	row_notes(row, notes);
	fprintf(file,
	    "%-*s %4" PRIu32 " %4" PRIu32 "  %s%-*s%s  %-*s %3s%s%s\n",
	    widths->label, row_label(row, label), row->sent, row->received,
	    colour ? colour_of(row_verdict(row)) : "", widths->source,
	    row_source(row, source), colour ? "\033[0m" : "", widths->times,
	    times, ttl, notes[0] != '\0' ? "  " : "", notes);
}

/* With so many answers that percentiles mean something. */
#define PERCENTILES_FROM 20

static void
print_percentiles(FILE *file, struct row *row)
{
	int64_t p50, p90, p99;

	if (row->rtt.count < PERCENTILES_FROM ||
	    !rtt_percentile(&row->rtt, 50, &p50) ||
	    !rtt_percentile(&row->rtt, 90, &p90) ||
	    !rtt_percentile(&row->rtt, 99, &p99))
		return;
	fprintf(file, "  50%% in %.3f ms, 90%% in %.3f ms, 99%% in %.3f ms\n",
	    milliseconds((double)p50), milliseconds((double)p90),
	    milliseconds((double)p99));
}

static void
print_summary(FILE *file, const struct tally *tally)
{
	fprintf(file,
	    "%zu target%s: %zu ok, %zu WRONG, %zu no answer, %zu error%s; "
	    "%" PRIu64 " sent, %" PRIu64 " received",
	    tally->targets, tally->targets == 1 ? "" : "s", tally->ok,
	    tally->wrong, tally->silent, tally->error,
	    tally->error == 1 ? "" : "s", tally->sent, tally->received);
	if (tally->timed > 0)
		fprintf(file, ", RTT %.3f/%.3f/%.3f ms",
		    milliseconds((double)tally->min), milliseconds(tally->mean),
		    milliseconds((double)tally->max));
	fputc('\n', file);
}

void
table_print(FILE *file, struct row *const *rows, size_t count,
    const struct table_style *style)
{
	struct widths widths = measure(rows, count, style);
	struct tally tally = tally_rows(rows, count);
	size_t i, shown = 0;

	if (style->quiet && tally.ok == tally.targets)
		return;
	fprintf(file, "%-*s SENT RECV  %-*s  %-*s TTL\n", widths.label,
	    "TARGET", widths.source, "SOURCE", widths.times,
	    "RTT MIN/AVG/MAX/DEV, MS");
	for (i = 0; i < count; i++) {
		if (!is_shown(rows[i], style))
			continue;
		if (style->fit != 0 && shown == style->fit) {
			fprintf(file, "... and %zu more\n", count - i);
			break;
		}
		print_row(file, rows[i], &widths, style->colour);
		if (style->fit == 0)
			print_percentiles(file, rows[i]);
		shown++;
	}
	print_summary(file, &tally);
}

void
table_print_line(FILE *file, const char *before, const struct row *row)
{
	char label[ROW_TEXT], source[ROW_TEXT], times[ROW_TEXT];
	char notes[ROW_TEXT];

	format_times(row, times);
	row_notes(row, notes);
	fprintf(file,
	    "%s %s sent %" PRIu32 " received %" PRIu32 " %s rtt %s%s%s\n",
	    before, row_label(row, label), row->sent, row->received,
	    row_source(row, source), times, notes[0] != '\0' ? "  " : "",
	    notes);
}
