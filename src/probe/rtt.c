/* SPDX-License-Identifier: ISC */
/*
 * Statistics of round-trip times.  Mean and deviation after Welford, so that
 * they stay exact however long it runs.
 */
#include "probe/rtt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
keep_sample(struct rtt *rtt, int64_t ns)
{
	size_t capacity = rtt->capacity == 0 ? 16 : 2 * rtt->capacity;
	int64_t *grown;

	if (rtt->count >= rtt->capacity && rtt->capacity < RTT_SAMPLES) {
		grown = realloc(rtt->samples, capacity * sizeof(*grown));
		if (grown != NULL) {
			rtt->samples = grown;
			rtt->capacity = capacity;
		}
	}
	if (rtt->capacity > 0)
		rtt->samples[rtt->count % rtt->capacity] = ns;
}

void
rtt_add(struct rtt *rtt, int64_t ns)
{
	double difference = (double)ns - rtt->mean;

	if (rtt->count == 0 || ns < rtt->min)
		rtt->min = ns;
	if (rtt->count == 0 || ns > rtt->max)
		rtt->max = ns;
	keep_sample(rtt, ns);
	rtt->count++;
	rtt->mean += difference / (double)rtt->count;
	rtt->squares += difference * ((double)ns - rtt->mean);
}

double
rtt_deviation(const struct rtt *rtt)
{
	return rtt->count == 0 ? 0 : sqrt(rtt->squares / (double)rtt->count);
}

static int
compare(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

	return one < other ? -1 : one > other;
}

bool
rtt_percentile(const struct rtt *rtt, unsigned int percent, int64_t *ns)
{
	size_t count =
	    rtt->count < rtt->capacity ? (size_t)rtt->count : rtt->capacity;
	int64_t *sorted;

	if (count == 0)
		return false;
	/* The ring stays as it is: the oldest go first. */
	sorted = malloc(count * sizeof(*sorted));
	if (sorted == NULL)
		return false;
	memcpy(sorted, rtt->samples, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	*ns = sorted[(count * percent + 99) / 100 - 1];
	free(sorted);
	return true;
}

void
rtt_clear(struct rtt *rtt)
{
	free(rtt->samples);
	*rtt = (struct rtt){ .count = 0 };
}
