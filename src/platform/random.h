/* SPDX-License-Identifier: ISC */
/*
 * Randomness for secrets.
 */
#ifndef PLATFORM_RANDOM_H
#define PLATFORM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Random bytes that cannot be guessed; at most 256 at once.  False if the
 * system has none.
 */
bool host_random(void *bytes, size_t size);

#endif
