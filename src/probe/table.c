/* SPDX-License-Identifier: ISC */
/*
 * The table: as wide as its widest row, in colour where that helps.
 */
#include "probe/table.h"

#include "probe/describe.h"
#include "probe/layout.h"
#include "probe/order.h"
#include "probe/summary.h"

#include <inttypes.h>
#include <string.h>

static double
milliseconds(double ns)
{
	return ns / 1e6;
}

/* "0.041/0.052/0.101/0.010", or "-". */
static void
format_times(const struct session *session, char text[DESCRIBE_TEXT])
{
	const struct rtt *rtt = &session->rtt;

	if (rtt->count == 0)
		strcpy(text, "-");
	else
		snprintf(text, DESCRIBE_TEXT, "%.3f/%.3f/%.3f/%.3f",
		    milliseconds((double)rtt->min), milliseconds(rtt->mean),
		    milliseconds((double)rtt->max),
		    milliseconds(rtt_deviation(rtt)));
}

/* The mean of those alone. */
static void
format_average(const struct session *session, char text[DESCRIBE_TEXT])
{
	if (session->rtt.count == 0)
		strcpy(text, "-");
	else
		snprintf(text, DESCRIBE_TEXT, "%.3f",
		    milliseconds(session->rtt.mean));
}

static void
format_ttl(const struct session *session, char text[8])
{
	strcpy(text, "-");
	if (session->marks.ttl >= 0)
		snprintf(text, 8, "%d", session->marks.ttl);
}

static void
widen(int *width, const char *text)
{
	if (layout_width(text) > *width)
		*width = layout_width(text);
}

static bool
is_shown(const struct session *session, const struct table_style *style)
{
	return !style->quiet || session_verdict(session) != SESSION_OK;
}

/* The headings of times. */
static const char all_times[] = "RTT MIN/AVG/MAX/DEV, MS";
static const char average[] = "RTT AVG, MS";

static struct layout
measure(struct session *const *sessions, size_t count,
    const struct table_style *style)
{
	struct layout_widths widths = { 6, 6, sizeof(all_times) - 1,
		sizeof(average) - 1 };
	char text[DESCRIBE_TEXT];
	size_t i;

	for (i = 0; i < count; i++) {
		if (!is_shown(sessions[i], style))
			continue;
		widen(&widths.label, describe_label(sessions[i], text));
		widen(&widths.source, describe_source(sessions[i], text));
		format_times(sessions[i], text);
		widen(&widths.times, text);
		format_average(sessions[i], text);
		widen(&widths.average, text);
	}
	return layout_fit(&widths, style->columns);
}

/* Of one that answered before: is that the question on this screen? */
static bool
fails_now(const struct session *session, const struct table_style *style)
{
	return style->rows != 0 && session_verdict(session) == SESSION_OK &&
	    order_is_failing(session);
}

static const char *
colour_of(const struct session *session, const struct table_style *style)
{
	if (!style->colour)
		return "";
	switch (session_verdict(session)) {
	case SESSION_OK:
		if (!fails_now(session, style))
			return "\033[32m"; /* green */
		break;
	case SESSION_WRONG:
	case SESSION_WRONG_PORT:
		return "\033[1;31m"; /* bold red */
	default:
		break;
	}
	return "\033[33m"; /* yellow */
}

static void
put_heading(FILE *file, const struct layout *layout, unsigned int columns)
{
	struct layout_line line = layout_line_begin(file, columns);

	layout_line_add(&line, "%-*s", layout->label, "TARGET");
	if (layout->counts)
		layout_line_add(&line, " SENT RECV");
	layout_line_add(&line, "  %-*s", layout->source, "SOURCE");
	if (layout->show != LAYOUT_NO_TIMES)
		layout_line_add(&line, "  %-*s", layout->times,
		    layout->show == LAYOUT_AVERAGE ? average : all_times);
	if (layout->ttl)
		layout_line_add(&line, " TTL");
	fputc('\n', file);
}

/* What comes after the source: times, TTL, notes. */
static void
put_rest(struct layout_line *line, const struct session *session,
    const struct layout *layout, const struct table_style *style)
{
	char text[DESCRIBE_TEXT], ttl[8];

	if (layout->show == LAYOUT_AVERAGE)
		format_average(session, text);
	else
		format_times(session, text);
	if (layout->show != LAYOUT_NO_TIMES)
		layout_line_add(line, "  %-*s", layout->times, text);
	format_ttl(session, ttl);
	if (layout->ttl)
		layout_line_add(line, " %3s", ttl);
	if (fails_now(session, style))
		layout_line_add(line, "  no answer to the last request");
	describe_notes(session, text);
	if (text[0] != '\0')
		layout_line_add(line, "  %s", text);
}

static void
print_session(FILE *file, const struct session *session,
    const struct layout *layout, const struct table_style *style)
{
	struct layout_line line = layout_line_begin(file, style->columns);
	const char *colour = colour_of(session, style);
	char text[DESCRIBE_TEXT], label[LAYOUT_TEXT];

	layout_line_pad(&line,
	    layout_shorten(describe_label(session, text), layout->label, label),
	    layout->label);
	if (layout->counts)
		layout_line_add(&line, " %4" PRIu32 " %4" PRIu32, session->sent,
		    session->received);
	layout_line_add(&line, "  ");
	fputs(colour, file);
	layout_line_add(&line, "%-*.*s", layout->source, layout->source,
	    describe_source(session, text));
	fputs(colour[0] != '\0' ? "\033[0m" : "", file);
	put_rest(&line, session, layout, style);
	fputc('\n', file);
}

/* With this many answers percentiles mean something. */
#define PERCENTILES_FROM 20

static void
print_percentiles(FILE *file, struct session *session)
{
	int64_t p50, p90, p99;

	if (session->rtt.count < PERCENTILES_FROM ||
	    !rtt_percentile(&session->rtt, 50, &p50) ||
	    !rtt_percentile(&session->rtt, 90, &p90) ||
	    !rtt_percentile(&session->rtt, 99, &p99))
		return;
	fprintf(file, "  50%% in %.3f ms, 90%% in %.3f ms, 99%% in %.3f ms\n",
	    milliseconds((double)p50), milliseconds((double)p90),
	    milliseconds((double)p99));
}

static void
print_summary(FILE *file, const struct summary *summary, unsigned int columns)
{
	struct layout_line line = layout_line_begin(file, columns);

	layout_line_add(&line,
	    "%zu target%s: %zu ok, %zu WRONG, %zu no answer, %zu error%s; "
	    "%" PRIu64 " sent, %" PRIu64 " received",
	    summary->targets, summary->targets == 1 ? "" : "s", summary->ok,
	    summary->wrong, summary->silent, summary->error,
	    summary->error == 1 ? "" : "s", summary->sent, summary->received);
	if (summary->timed > 0)
		layout_line_add(&line, ", RTT %.3f/%.3f/%.3f ms",
		    milliseconds((double)summary->min),
		    milliseconds(summary->mean),
		    milliseconds((double)summary->max));
	fputc('\n', file);
}

/* Those that the screen has no rows for. */
static void
print_more(FILE *file, size_t count, unsigned int columns)
{
	struct layout_line line = layout_line_begin(file, columns);

	if (count == 0)
		return;
	layout_line_add(&line, "... and %zu more", count);
	fputc('\n', file);
}

void
table_print(FILE *file, struct session *const *sessions, size_t count,
    const struct table_style *style)
{
	struct layout layout = measure(sessions, count, style);
	struct summary summary = summary_of(sessions, count);
	size_t i, shown = 0, left_out = 0;

	if (style->quiet && summary.ok == summary.targets)
		return;
	if (!style->is_low)
		put_heading(file, &layout, style->columns);
	for (i = 0; i < count; i++) {
		if (!is_shown(sessions[i], style))
			continue;
		if (style->rows != 0 && shown == style->rows) {
			left_out++;
			continue;
		}
		print_session(file, sessions[i], &layout, style);
		if (style->rows == 0)
			print_percentiles(file, sessions[i]);
		shown++;
	}
	if (!style->is_low)
		print_more(file, left_out, style->columns);
	print_summary(file, &summary, style->columns);
}

void
table_print_line(FILE *file, const char *before, const struct session *session)
{
	char label[DESCRIBE_TEXT], source[DESCRIBE_TEXT], times[DESCRIBE_TEXT];
	char notes[DESCRIBE_TEXT];

	format_times(session, times);
	describe_notes(session, notes);
	fprintf(file,
	    "%s %s sent %" PRIu32 " received %" PRIu32 " %s rtt %s%s%s\n",
	    before, describe_label(session, label), session->sent,
	    session->received, describe_source(session, source), times,
	    notes[0] != '\0' ? "  " : "", notes);
}
