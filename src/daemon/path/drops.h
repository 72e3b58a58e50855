/* SPDX-License-Identifier: ISC */
/*
 * Whose datagrams were dropped, and why: for each reason the last peers, in
 * memory of fixed size.  Of one thread; kept only if somebody may ask for it,
 * or reads it in the log.
 */
#ifndef DAEMON_PATH_DROPS_H
#define DAEMON_PATH_DROPS_H

#include "daemon/base/log.h"
#include "daemon/path/guard.h"
#include "services/service.h"

/* Peers of each reason; one more takes the place of who came longest ago. */
#define DROPS_KEPT 8

/* A peer and the local address that it sent to. */
struct drops_entry {
	struct mh_address peer;  /* with the last port */
	struct mh_address local; /* with the port; none: an unused entry */
	const struct service *service;
	int64_t last;     /* monotonic, in nanoseconds */
	uint64_t count;   /* since it is here */
	uint32_t request; /* bytes of the last one */
	uint32_t reply;   /* bytes that its reply would have had; 0: unknown */
};

/* Initially all zero. */
struct drops {
	struct log_limit limits[VERDICT_COUNT]; /* for explain.c */
	struct drops_entry entries[VERDICT_COUNT][DROPS_KEPT];
};

/* Note a drop, entry->count times. */
void drops_note(
    struct drops *drops, enum verdict verdict, const struct drops_entry *entry);

/* Add those of another thread. */
void drops_merge(struct drops *drops, const struct drops *other);

#endif
