/* SPDX-License-Identifier: ISC */
/*
 * Round-trip times by size, with the same relative precision everywhere.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

/* Buckets a power of two: values keep 7 bits, less than 1 % off. */
#define HISTOGRAM_STEPS 64

struct histogram {
	uint64_t total, max;
	uint64_t buckets[59 * HISTOGRAM_STEPS];
};

void histogram_add(struct histogram *histogram, uint64_t value);

/*
 * The value that this many of 100000 do not exceed: 50000 is the median, 99900
 * p99.9.  0 if there are no values.
 */
uint64_t histogram_at(const struct histogram *histogram, unsigned int share);

#endif
