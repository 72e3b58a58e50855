/* SPDX-License-Identifier: ISC */
/*
 * A plugin's line: "MHPROBE OK: ... | label=value".  The exit codes of mhprobe
 * are those of plugins.
 */
#include "probe/nagios.h"

#include "probe/summary.h"

#include <inttypes.h>

/* Targets that the line names; of more it tells how many. */
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
print_troubled(FILE *file, struct row *const *rows, size_t count)
{
	char label[ROW_TEXT], source[ROW_TEXT];
	size_t i, named = 0, left_out = 0;

	for (i = 0; i < count; i++) {
		if (row_verdict(rows[i]) == ROW_OK)
			continue;
		if (named == NAMED_MAX) {
			left_out++;
			continue;
		}
		named++;
		row_source(rows[i], source);
		fputs("; ", file);
		put_text(file, row_label(rows[i], label));
		fputc(' ', file);
		put_text(
		    file, rows[i]->error[0] != '\0' ? rows[i]->error : source);
	}
	if (left_out > 0)
		fprintf(file, "; and %zu more", left_out);
}

void
nagios_print(FILE *file, struct row *const *rows, size_t count)
{
	struct tally tally = tally_rows(rows, count);

	fprintf(file,
	    "MHPROBE %s: %zu of %zu targets answered from where they were "
	    "asked",
	    states[tally_exit(&tally)], tally.ok, tally.targets);
	print_troubled(file, rows, count);
	fprintf(file,
	    " | ok=%zu;;;0;%zu wrong=%zu;;;0;%zu no_answer=%zu;;;0;%zu "
	    "errors=%zu;;;0;%zu loss=%.2f%%;;;0;100",
	    tally.ok, tally.targets, tally.wrong, tally.targets, tally.silent,
	    tally.targets, tally.error, tally.targets,
	    tally_loss(tally.sent, tally.received));
	if (tally.timed > 0)
		fprintf(file, " rta=%.3fms;;;0 rtmax=%.3fms;;;0",
		    tally.mean / 1e6, (double)tally.max / 1e6);
	fputc('\n', file);
}
