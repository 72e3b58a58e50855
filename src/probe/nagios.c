/* SPDX-License-Identifier: ISC */
/*
 * A plugin's line: "MHPROBE OK: ... | label=value".
 */
#include "probe/nagios.h"

#include "probe/describe.h"
#include "probe/summary.h"

#include <inttypes.h>

/* Targets that the line names; the others it counts. */
#define NAMED_MAX 5

/* The exit codes of plugins. */
enum state { OK, WARNING, CRITICAL, UNKNOWN, STATES };

static const char *const names[STATES] = { "OK", "WARNING", "CRITICAL",
	"UNKNOWN" };

/* From the worst on: what is known to be broken must not be hidden. */
static const enum state by_weight[] = { CRITICAL, UNKNOWN, WARNING, OK };

static double
loss_of(const struct session *session)
{
	return summary_loss(session->sent, session->received);
}

static bool
is_exceeded(const struct threshold *threshold, const struct session *session)
{
	return threshold_loss_exceeded(threshold, loss_of(session)) ||
	    (session->rtt.count > 0 &&
		threshold_rta_exceeded(threshold, session->rtt.mean));
}

static enum state
state_of(const struct options *options, const struct session *session)
{
	switch (session_verdict(session)) {
	case SESSION_OK:
		if (is_exceeded(&options->critical, session))
			return CRITICAL;
		return is_exceeded(&options->warning, session) ? WARNING : OK;
	case SESSION_WRONG:
	case SESSION_WRONG_PORT:
	case SESSION_SILENT:
	case SESSION_UNREACHABLE:
		return CRITICAL;
	case SESSION_ERROR:
		break;
	}
	return UNKNOWN;
}

int
nagios_exit(const struct options *options, struct session *const *sessions,
    size_t count)
{
	size_t seen[STATES] = { 0 }, i;

	for (i = 0; i < count; i++)
		seen[state_of(options, sessions[i])]++;
	for (i = 0; i < STATES; i++)
		if (seen[by_weight[i]] > 0)
			return (int)by_weight[i];
	return UNKNOWN;
}

/* A bar would end the text, and so would a new line. */
static void
put_text(FILE *file, const char *text)
{
	for (; *text != '\0'; text++)
		fputc(*text == '|' || *text == '\n' ? '?' : *text, file);
}

/* Of a target that answers: what is too much, and by which threshold. */
static void
put_excess(FILE *file, const struct threshold *threshold,
    const struct session *session)
{
	char text[THRESHOLD_TEXT];
	const char *before = " ";

	if (session->rtt.count > 0 &&
	    threshold_rta_exceeded(threshold, session->rtt.mean)) {
		fprintf(file, " RTA %.3f ms above %s", session->rtt.mean / 1e6,
		    threshold_format_rta(threshold, text));
		before = ", ";
	}
	if (threshold_loss_exceeded(threshold, loss_of(session)))
		fprintf(file, "%sloss %.2f%% above %s%%", before,
		    loss_of(session), threshold_format_loss(threshold, text));
}

static void
put_target(
    FILE *file, const struct options *options, const struct session *session)
{
	char text[DESCRIBE_TEXT];

	fputs("; ", file);
	put_text(file, describe_label(session, text));
	if (session_verdict(session) == SESSION_OK) {
		put_excess(file,
		    is_exceeded(&options->critical, session)
			? &options->critical
			: &options->warning,
		    session);
		return;
	}
	fputc(' ', file);
	put_text(file,
	    session->error[0] != '\0' ? session->error
				      : describe_source(session, text));
	if (session->note[0] == '\0')
		return;
	fputs(" (", file);
	put_text(file, session->note);
	fputc(')', file);
}

/* The worst come first. */
static void
put_troubled(FILE *file, const struct options *options,
    struct session *const *sessions, size_t count)
{
	size_t i, named = 0, left_out = 0;
	unsigned int weight;

	for (weight = 0; by_weight[weight] != OK; weight++)
		for (i = 0; i < count; i++) {
			if (state_of(options, sessions[i]) != by_weight[weight])
				continue;
			if (named == NAMED_MAX) {
				left_out++;
				continue;
			}
			named++;
			put_target(file, options, sessions[i]);
		}
	if (left_out > 0)
		fprintf(file, "; and %zu more", left_out);
}

/* Measures that have thresholds: the highest of any target. */
static void
put_measures(FILE *file, const struct options *options,
    struct session *const *sessions, size_t count)
{
	char warning[THRESHOLD_TEXT], critical[THRESHOLD_TEXT];
	double loss = 0, rta = 0;
	bool timed = false;
	int64_t longest = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct rtt *rtt = &sessions[i]->rtt;

		loss =
		    loss_of(sessions[i]) > loss ? loss_of(sessions[i]) : loss;
		if (rtt->count == 0)
			continue;
		rta = !timed || rtt->mean > rta ? rtt->mean : rta;
		longest = !timed || rtt->max > longest ? rtt->max : longest;
		timed = true;
	}
	fprintf(file, " loss=%.2f%%;%s;%s;0;100", loss,
	    threshold_format_loss(&options->warning, warning),
	    threshold_format_loss(&options->critical, critical));
	if (timed)
		fprintf(file, " rta=%.3fms;%s;%s;0 rtmax=%.3fms;;;0", rta / 1e6,
		    threshold_format_rta(&options->warning, warning),
		    threshold_format_rta(&options->critical, critical),
		    (double)longest / 1e6);
}

void
nagios_print(FILE *file, const struct options *options,
    struct session *const *sessions, size_t count)
{
	struct summary summary = summary_of(sessions, count);

	fprintf(file,
	    "MHPROBE %s: %zu of %zu targets answered from where they were "
	    "asked",
	    names[nagios_exit(options, sessions, count)], summary.ok,
	    summary.targets);
	put_troubled(file, options, sessions, count);
	fprintf(file,
	    " | ok=%zu;;;0;%zu wrong=%zu;;;0;%zu no_answer=%zu;;;0;%zu "
	    "errors=%zu;;;0;%zu",
	    summary.ok, summary.targets, summary.wrong, summary.targets,
	    summary.silent, summary.targets, summary.error, summary.targets);
	put_measures(file, options, sessions, count);
	fputc('\n', file);
}
