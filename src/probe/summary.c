/* SPDX-License-Identifier: ISC */
/*
 * Counting rows, and the exit code they make.
 */
#include "probe/summary.h"

#include "probe/options.h"

int
tally_exit_of(enum row_verdict verdict)
{
	switch (verdict) {
	case ROW_OK:
		return OPTIONS_EXIT_OK;
	case ROW_WRONG:
	case ROW_WRONG_PORT:
		return OPTIONS_EXIT_ELSEWHERE;
	case ROW_SILENT:
	case ROW_UNREACHABLE:
		return OPTIONS_EXIT_SILENT;
	case ROW_ERROR:
		break;
	}
	return OPTIONS_EXIT_ERROR;
}

static void
add_times(struct tally *tally, const struct rtt *rtt)
{
	if (rtt->count == 0)
		return;
	if (tally->timed == 0 || rtt->min < tally->min)
		tally->min = rtt->min;
	if (tally->timed == 0 || rtt->max > tally->max)
		tally->max = rtt->max;
	tally->timed += rtt->count;
	tally->mean += (rtt->mean - tally->mean) * (double)rtt->count /
	    (double)tally->timed;
}

struct tally
tally_rows(struct row *const *rows, size_t count)
{
	struct tally tally = { .targets = count };
	size_t i;

	for (i = 0; i < count; i++) {
		switch (tally_exit_of(row_verdict(rows[i]))) {
		case OPTIONS_EXIT_OK:
			tally.ok++;
			break;
		case OPTIONS_EXIT_ELSEWHERE:
			tally.wrong++;
			break;
		case OPTIONS_EXIT_SILENT:
			tally.silent++;
			break;
		default:
			tally.error++;
			break;
		}
		tally.sent += rows[i]->sent;
		tally.received += rows[i]->received;
		add_times(&tally, &rows[i]->rtt);
	}
	return tally;
}

int
tally_exit(const struct tally *tally)
{
	if (tally->error > 0 || tally->targets == 0)
		return OPTIONS_EXIT_ERROR;
	if (tally->silent > 0)
		return OPTIONS_EXIT_SILENT;
	return tally->wrong > 0 ? OPTIONS_EXIT_ELSEWHERE : OPTIONS_EXIT_OK;
}

double
tally_loss(uint64_t sent, uint64_t received)
{
	return sent == 0 || received >= sent
	    ? 0
	    : 100.0 * (double)(sent - received) / (double)sent;
}
