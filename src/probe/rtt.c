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

/*
 * From when this program sent it until the answer arrived: when it was read,
 * less the time that it lay in the socket.  The age is of a clock that may be
 * set meanwhile; one that would have the answer arrive before its request was
 * sent is wrong.
 */
static int64_t
time_seen(const struct rtt_trip *trip)
{
	int64_t age = trip->read_utc - trip->arrived_utc;
	int64_t time = trip->read - trip->sent;

	return trip->arrived_utc == 0 || age < 0 || age > time ? time
							       : time - age;
}

int64_t
rtt_add_trip(struct rtt *rtt, const struct rtt_trip *trip)
{
	int64_t seen = time_seen(trip);
	int64_t time = trip->arrived_utc - trip->left_utc;

	/* That clock may be set, too: the system saw no more than we did. */
	if (trip->arrived_utc == 0 || trip->left_utc == 0 || time < 0 ||
	    time > seen)
		time = seen;
	else
		rtt->by_system++;
	rtt_add(rtt, time);
	return trip->sent + seen;
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
