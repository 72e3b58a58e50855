/* SPDX-License-Identifier: ISC */
/*
 * What the sequence numbers of a session say of the way here: which packets
 * were lost, late, or came twice.
 */
#ifndef SERVICES_STAMP_LOSS_H
#define SERVICES_STAMP_LOSS_H

#include <stdint.h>

/* Higher numbers to see before a missing one is lost. */
#define STAMP_LOSS_WINDOW 64

/* Numbers lower than that, in a row, of a sender that began anew. */
#define STAMP_LOSS_ANEW 16

/* Of one session; initially all zero. */
struct stamp_loss {
	uint32_t received; /* packets */
	uint32_t highest;  /* sequence number */
	uint64_t seen;     /* bit n: highest - n; STAMP_LOSS_WINDOW bits */
	uint32_t before;   /* numbers from before these, in a row */
};

/* How a packet came. */
enum stamp_arrival { STAMP_NEXT, STAMP_OUT_OF_ORDER, STAMP_DUPLICATE };

/* One with that number came; *lost: how many are lost for good now. */
enum stamp_arrival stamp_loss_follow(
    struct stamp_loss *loss, uint32_t sequence, uint64_t *lost);

#endif
