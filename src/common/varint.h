/* SPDX-License-Identifier: ISC */
/*
 * Numbers of variable length, as of Go's encoding/binary: seven bits a byte,
 * the lowest first, with the highest bit set in each byte but the last.
 */
#ifndef COMMON_VARINT_H
#define COMMON_VARINT_H

#include <stdbool.h>
#include <stdint.h>

/* The most bytes that one takes. */
#define VARINT_MAX 10

/*
 * Read the number at *at, which is then after it; false if it does not end
 * before end, or has more than 64 bits.
 */
bool varint_read(const uint8_t **at, const uint8_t *end, uint64_t *number);

/* Write it in the shortest form; returns where it ends. */
uint8_t *varint_put(uint8_t *at, uint64_t number);

#endif
