/* SPDX-License-Identifier: ISC */
/*
 * SipHash-2-4, after the paper.
 */
#include "common/siphash.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t word, unsigned int bits)
{
	return word << bits | word >> (64 - bits);
}

static void
sip_round(struct state *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static void
add_word(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

/* Lowest byte first; compilers turn it into one instruction. */
static uint64_t
load(const uint8_t *data)
{
	return (uint64_t)data[0] | (uint64_t)data[1] << 8 |
	    (uint64_t)data[2] << 16 | (uint64_t)data[3] << 24 |
	    (uint64_t)data[4] << 32 | (uint64_t)data[5] << 40 |
	    (uint64_t)data[6] << 48 | (uint64_t)data[7] << 56;
}

uint64_t
siphash(const uint8_t key[16], const uint8_t *data, size_t length)
{
	uint64_t k0 = load(key), k1 = load(key + 8);
	uint64_t last = (uint64_t)length << 56;
	struct state s = {
		.v0 = k0 ^ UINT64_C(0x736f6d6570736575),
		.v1 = k1 ^ UINT64_C(0x646f72616e646f6d),
		.v2 = k0 ^ UINT64_C(0x6c7967656e657261),
		.v3 = k1 ^ UINT64_C(0x7465646279746573),
	};
	int i;

	for (; length >= 8; data += 8, length -= 8)
		add_word(&s, load(data));
	while (length-- > 0)
		last |= (uint64_t)data[length] << 8 * length;
	add_word(&s, last);
	s.v2 ^= 0xff;
	for (i = 0; i < 4; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
