/* SPDX-License-Identifier: ISC */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash, so that somebody
 * without the key cannot choose inputs that collide.
 */
#ifndef COMMON_SIPHASH_H
#define COMMON_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* The same on every machine. */
uint64_t siphash(const uint8_t key[16], const uint8_t *data, size_t length);

#endif
