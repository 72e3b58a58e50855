/* SPDX-License-Identifier: ISC */
/*
 * A plugin's line: "MHPROBE OK: ... | label=value".  The exit codes of mhprobe
 * are those of plugins.
 */
#include "probe/nagios.h"

#include "probe/describe.h"
#include "probe/summary.h"

#include <inttypes.h>

/* Targets that the line names; the others it counts. */
#define NAMED_MAX 5

static const char *const states[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };

/* A bar would end the text, and so would a new line. */
static void
put_text(FILE *file, const char *text)
{
	for (; *text != '\0'; text++)
		fputc(*text == '|' || *text == '\n' ? '?' : *text, file);
}

static void
print_troubled(FILE *file, struct session *const *sessions, size_t count)
{
	char label[DESCRIBE_TEXT], source[DESCRIBE_TEXT];
	size_t i, named = 0, left_out = 0;

	for (i = 0; i < count; i++) {
		if (session_verdict(sessions[i]) == SESSION_OK)
			continue;
		if (named == NAMED_MAX) {
			left_out++;
			continue;
		}
		named++;
		describe_source(sessions[i], source);
		fputs("; ", file);
		put_text(file, describe_label(sessions[i], label));
		fputc(' ', file);
		put_text(file,
		    sessions[i]->error[0] != '\0' ? sessions[i]->error
						  : source);
		if (sessions[i]->note[0] == '\0')
			continue;
		fputs(" (", file);
		put_text(file, sessions[i]->note);
		fputc(')', file);
	}
	if (left_out > 0)
		fprintf(file, "; and %zu more", left_out);
}

void
nagios_print(FILE *file, struct session *const *sessions, size_t count)
{
	struct summary summary = summary_of(sessions, count);

	fprintf(file,
	    "MHPROBE %s: %zu of %zu targets answered from where they were "
	    "asked",
	    states[summary_exit(&summary)], summary.ok, summary.targets);
	print_troubled(file, sessions, count);
	fprintf(file,
	    " | ok=%zu;;;0;%zu wrong=%zu;;;0;%zu no_answer=%zu;;;0;%zu "
	    "errors=%zu;;;0;%zu loss=%.2f%%;;;0;100",
	    summary.ok, summary.targets, summary.wrong, summary.targets,
	    summary.silent, summary.targets, summary.error, summary.targets,
	    summary_loss(summary.sent, summary.received));
	if (summary.timed > 0)
		fprintf(file, " rta=%.3fms;;;0 rtmax=%.3fms;;;0",
		    summary.mean / 1e6, (double)summary.max / 1e6);
	fputc('\n', file);
}
