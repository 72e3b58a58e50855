/* SPDX-License-Identifier: ISC */
/*
 * Who asked which of our addresses: (local port, peer) -> local address and
 * interface.  In memory that forked processes share, of fixed size, four ways
 * to a set.  It knows nothing of sockets, and is given the time.
 *
 * No process can stop another, not even one that is killed in here: writers of
 * a set keep out of each other's way for a bounded time only, and readers do
 * not wait at all: an entry that was half written does not have the right tag,
 * and so is none.  Any thread; signal handlers, too.
 */
#ifndef RUN_PRELOAD_TABLE_H
#define RUN_PRELOAD_TABLE_H

#include "lib/multihome_address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table;

struct table_settings {
	uint32_t entries; /* rounded up to a power of two */
	uint32_t idle;    /* seconds without a word, of either side */
	uint8_t key[16];  /* secret: nobody can choose peers of one set */
};

/* Who asks whom: a peer, and the port of ours that it asked. */
struct table_peer {
	struct mh_address address;
	uint16_t port;
};

/* From where it is answered.  Family none: from anywhere. */
struct table_route {
	struct mh_address local; /* without port and scope */
	uint32_t if_index;       /* 0: by routing */
};

/* Bytes that a table of that many entries takes. */
size_t table_size(uint32_t entries);

/* Make one in memory that is all zero and aligned to 64 bytes. */
struct table *table_init(void *memory, const struct table_settings *settings);

/* It asked that address just now, in seconds of a clock that never jumps. */
void table_learn(struct table *table, const struct table_peer *peer,
    const struct table_route *route, uint32_t now);

/* What it asked last is not known. */
void table_forget(struct table *table, const struct table_peer *peer);

/*
 * What did it ask last?  False if that is not known, or if nothing was asked or
 * found for too long.
 */
bool table_find(struct table *table, const struct table_peer *peer,
    struct table_route *route, uint32_t now);

#endif
