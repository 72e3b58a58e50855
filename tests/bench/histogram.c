/* SPDX-License-Identifier: ISC */
/*
 * A histogram over many orders of magnitude, in the manner of HdrHistogram:
 * each power of two has the same number of buckets, so that the relative error
 * is the same everywhere.
 */
#include "bench/histogram.h"

static unsigned int
bucket_of(uint64_t value)
{
	unsigned int shift;

	if (value < 2 * HISTOGRAM_STEPS)
		return (unsigned int)value;
	shift = 57 - (unsigned int)__builtin_clzll(value);
	return shift * HISTOGRAM_STEPS + (unsigned int)(value >> shift);
}

/* The largest value of a bucket. */
static uint64_t
top_of(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < 2 * HISTOGRAM_STEPS)
		return bucket;
	shift = bucket / HISTOGRAM_STEPS - 1;
	return ((uint64_t)(bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS + 1)
		   << shift) -
	    1;
}

void
histogram_add(struct histogram *histogram, uint64_t value)
{
	histogram->buckets[bucket_of(value)]++;
	histogram->total++;
	if (value > histogram->max)
		histogram->max = value;
}

uint64_t
histogram_at(const struct histogram *histogram, unsigned int share)
{
	uint64_t wanted = (histogram->total * share + 99999) / 100000;
	uint64_t seen = 0;
	unsigned int i;

	if (histogram->total == 0)
		return 0;
	for (i = 0; seen < wanted; i++)
		seen += histogram->buckets[i];
	return i == 0 || top_of(i - 1) > histogram->max ? histogram->max
							: top_of(i - 1);
}
