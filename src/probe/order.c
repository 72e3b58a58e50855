/* SPDX-License-Identifier: ISC */
/*
 * The order of sessions.
 */
#include "probe/order.h"

#include <stdlib.h>
#include <string.h>

/* From the worst on. */
enum rank { ELSEWHERE, SILENT, ERROR, FAILING, WELL, RANKS };

static int
compare_places(const void *a, const void *b)
{
	const struct session *one = *(struct session *const *)a;
	const struct session *other = *(struct session *const *)b;
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (one->order[i] != other->order[i])
			return one->order[i] < other->order[i] ? -1 : 1;
	return 0;
}

void
order_by_place(struct session **sessions, size_t count)
{
	if (count > 0)
		qsort(
		    sessions, count, sizeof(struct session *), compare_places);
}

bool
order_is_failing(const struct session *session)
{
	uint32_t at = session->next, left = session->request_count;
	enum session_outcome outcome;

	while (at-- > 0 && left-- > 0) {
		outcome =
		    session->requests[at % session->request_count].outcome;
		if (outcome != SESSION_WAITING)
			return outcome != SESSION_ANSWERED;
	}
	return false;
}

static enum rank
rank_of(const struct session *session)
{
	switch (session_verdict(session)) {
	case SESSION_WRONG:
	case SESSION_WRONG_PORT:
		return ELSEWHERE;
	case SESSION_SILENT:
	case SESSION_UNREACHABLE:
		return SILENT;
	case SESSION_ERROR:
		return ERROR;
	case SESSION_OK:
		break;
	}
	return order_is_failing(session) ? FAILING : WELL;
}

struct session **
order_worst_first(struct session *const *sessions, size_t count)
{
	/* Half of it for the result, half for the order of places. */
	struct session **sorted =
	    malloc((2 * count + 1) * sizeof(struct session *));
	struct session **places = sorted + count;
	size_t i, n = 0;
	unsigned int rank;

	if (sorted == NULL)
		return NULL;
	if (count > 0)
		memcpy(places, sessions, count * sizeof(struct session *));
	order_by_place(places, count);
	for (rank = 0; rank < RANKS; rank++)
		for (i = 0; i < count; i++)
			if (rank_of(places[i]) == (enum rank)rank)
				sorted[n++] = places[i];
	return sorted;
}
