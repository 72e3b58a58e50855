/* SPDX-License-Identifier: ISC */
/*
 * Counting sessions, and the exit code they make.
 */
#include "probe/summary.h"

#include "probe/options.h"

int
summary_exit_of(enum session_verdict verdict)
{
	switch (verdict) {
	case SESSION_OK:
		return OPTIONS_EXIT_OK;
	case SESSION_WRONG:
	case SESSION_WRONG_PORT:
		return OPTIONS_EXIT_ELSEWHERE;
	case SESSION_SILENT:
	case SESSION_UNREACHABLE:
		return OPTIONS_EXIT_SILENT;
	case SESSION_ERROR:
		break;
	}
	return OPTIONS_EXIT_ERROR;
}

static void
add_times(struct summary *summary, const struct rtt *rtt)
{
	if (rtt->count == 0)
		return;
	if (summary->timed == 0 || rtt->min < summary->min)
		summary->min = rtt->min;
	if (summary->timed == 0 || rtt->max > summary->max)
		summary->max = rtt->max;
	summary->timed += rtt->count;
	summary->mean += (rtt->mean - summary->mean) * (double)rtt->count /
	    (double)summary->timed;
}

struct summary
summary_of(struct session *const *sessions, size_t count)
{
	struct summary summary = { .targets = count };
	size_t i;

	for (i = 0; i < count; i++) {
		switch (summary_exit_of(session_verdict(sessions[i]))) {
		case OPTIONS_EXIT_OK:
			summary.ok++;
			break;
		case OPTIONS_EXIT_ELSEWHERE:
			summary.wrong++;
			break;
		case OPTIONS_EXIT_SILENT:
			summary.silent++;
			break;
		default:
			summary.error++;
			break;
		}
		summary.sent += sessions[i]->sent;
		summary.received += sessions[i]->received;
		add_times(&summary, &sessions[i]->rtt);
	}
	return summary;
}

int
summary_exit(const struct summary *summary)
{
	if (summary->error > 0 || summary->targets == 0)
		return OPTIONS_EXIT_ERROR;
	if (summary->silent > 0)
		return OPTIONS_EXIT_SILENT;
	return summary->wrong > 0 ? OPTIONS_EXIT_ELSEWHERE : OPTIONS_EXIT_OK;
}

double
summary_loss(uint64_t sent, uint64_t received)
{
	return sent == 0 || received >= sent
	    ? 0
	    : 100.0 * (double)(sent - received) / (double)sent;
}
