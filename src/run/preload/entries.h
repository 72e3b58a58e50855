/* SPDX-License-Identifier: ISC */
/*
 * What we know of each socket, by the number that the system gave it: several
 * descriptors, and forked processes, may have the same one.  In memory that
 * they share, of fixed size: if it is full, what was used least recently goes.
 * It makes no system call.  Any thread, signal handlers, too; no locks.
 */
#ifndef RUN_PRELOAD_ENTRIES_H
#define RUN_PRELOAD_ENTRIES_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Of a socket, in flags. */
enum {
	ENTRY_IPV4_OURS = 1 << 0,   /* we asked for IP_PKTINFO */
	ENTRY_IPV6_OURS = 1 << 1,   /* and for IPV6_RECVPKTINFO */
	ENTRY_IPV4_WANTED = 1 << 2, /* the program did, too */
	ENTRY_IPV6_WANTED = 1 << 3,
	ENTRY_STICKY = 1 << 4, /* it has a source that the program chose */
	ENTRY_OFF = 1 << 5,    /* ours were taken back, for another program */
	ENTRY_SAID = 1 << 6    /* that it is repaired */
};

struct entry {
	_Atomic uint64_t cookie;     /* of the system (SO_COOKIE); 0: free */
	_Atomic uint32_t flags;      /* ENTRY_* */
	_Atomic uint32_t used;       /* when, in seconds */
	_Atomic int32_t reader;      /* the process that received; 0: none */
	_Atomic int32_t group_index; /* IP_MULTICAST_IF by index; 0: not so */
};

#define ENTRIES 4096u

/* The one of that number; NULL if there is none. */
struct entry *entries_find(struct entry entries[ENTRIES], uint64_t cookie);

/* The same; made if there is none. */
struct entry *entries_claim(
    struct entry entries[ENTRIES], uint64_t cookie, uint32_t now);

/* Nothing is to be known of it any more. */
void entries_free(struct entry *entry);

static inline uint32_t
entry_flags(const struct entry *entry)
{
	return atomic_load_explicit(&entry->flags, memory_order_relaxed);
}

static inline void
entry_set(struct entry *entry, uint32_t flags)
{
	atomic_fetch_or_explicit(&entry->flags, flags, memory_order_relaxed);
}

static inline void
entry_clear(struct entry *entry, uint32_t flags)
{
	atomic_fetch_and_explicit(&entry->flags, ~flags, memory_order_relaxed);
}

/* It is used at that time, in seconds; 0: it may go before all others. */
static inline void
entry_use(struct entry *entry, uint32_t now)
{
	if (atomic_load_explicit(&entry->used, memory_order_relaxed) != now)
		atomic_store_explicit(&entry->used, now, memory_order_relaxed);
}

#endif
