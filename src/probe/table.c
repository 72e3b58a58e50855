/* SPDX-License-Identifier: ISC */
/*
 * The table: as wide as its widest row, in colour where that helps.
 */
#include "probe/table.h"

#include "probe/describe.h"
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

static void
format_ttl(const struct session *session, char text[8])
{
	strcpy(text, "-");
	if (session->ttl >= 0)
		snprintf(text, 8, "%d", session->ttl);
}

static void
widen(int *width, const char *text)
{
	if ((int)strlen(text) > *width)
		*width = (int)strlen(text);
}

static bool
is_shown(const struct session *session, const struct table_style *style)
{
	return !style->quiet || session_verdict(session) != SESSION_OK;
}

static struct widths
measure(struct session *const *sessions, size_t count,
    const struct table_style *style)
{
	struct widths widths = { 6, 6, 23 };
	char text[DESCRIBE_TEXT];
	size_t i;

	for (i = 0; i < count; i++) {
		if (!is_shown(sessions[i], style))
			continue;
		widen(&widths.label, describe_label(sessions[i], text));
		widen(&widths.source, describe_source(sessions[i], text));
		format_times(sessions[i], text);
		widen(&widths.times, text);
	}
	return widths;
}

static const char *
colour_of(enum session_verdict verdict)
{
	switch (verdict) {
	case SESSION_OK:
		return "\033[32m"; /* green */
	case SESSION_WRONG:
	case SESSION_WRONG_PORT:
		return "\033[1;31m"; /* bold red */
	default:
		return "\033[33m"; /* yellow */
	}
}

static void
print_session(FILE *file, struct session *session, const struct widths *widths,
    bool colour)
{
	char label[DESCRIBE_TEXT], source[DESCRIBE_TEXT], times[DESCRIBE_TEXT];
	char notes[DESCRIBE_TEXT], ttl[8];

	format_times(session, times);
	format_ttl(session, ttl);
	describe_notes(session, notes);
	fprintf(file,
	    "%-*s %4" PRIu32 " %4" PRIu32 "  %s%-*s%s  %-*s %3s%s%s\n",
	    widths->label, describe_label(session, label), session->sent,
	    session->received,
	    colour ? colour_of(session_verdict(session)) : "", widths->source,
	    describe_source(session, source), colour ? "\033[0m" : "",
	    widths->times, times, ttl, notes[0] != '\0' ? "  " : "", notes);
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
print_summary(FILE *file, const struct summary *summary)
{
	fprintf(file,
	    "%zu target%s: %zu ok, %zu WRONG, %zu no answer, %zu error%s; "
	    "%" PRIu64 " sent, %" PRIu64 " received",
	    summary->targets, summary->targets == 1 ? "" : "s", summary->ok,
	    summary->wrong, summary->silent, summary->error,
	    summary->error == 1 ? "" : "s", summary->sent, summary->received);
	if (summary->timed > 0)
		fprintf(file, ", RTT %.3f/%.3f/%.3f ms",
		    milliseconds((double)summary->min),
		    milliseconds(summary->mean),
		    milliseconds((double)summary->max));
	fputc('\n', file);
}

void
table_print(FILE *file, struct session *const *sessions, size_t count,
    const struct table_style *style)
{
	struct widths widths = measure(sessions, count, style);
	struct summary summary = summary_of(sessions, count);
	size_t i, shown = 0;

	if (style->quiet && summary.ok == summary.targets)
		return;
	fprintf(file, "%-*s SENT RECV  %-*s  %-*s TTL\n", widths.label,
	    "TARGET", widths.source, "SOURCE", widths.times,
	    "RTT MIN/AVG/MAX/DEV, MS");
	for (i = 0; i < count; i++) {
		if (!is_shown(sessions[i], style))
			continue;
		if (style->fit != 0 && shown == style->fit) {
			fprintf(file, "... and %zu more\n", count - i);
			break;
		}
		print_session(file, sessions[i], &widths, style->colour);
		if (style->fit == 0)
			print_percentiles(file, sessions[i]);
		shown++;
	}
	print_summary(file, &summary);
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
