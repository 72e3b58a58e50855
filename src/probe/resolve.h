/* SPDX-License-Identifier: ISC */
/*
 * Names to addresses, while the event loop runs: by the name servers and the
 * hosts file of this system.  What becomes of an address is the owner's
 * business.
 */
#ifndef PROBE_RESOLVE_H
#define PROBE_RESOLVE_H

#include "lib/multihome.h"

struct event_base;

/* How the owner hears of names, each by its number. */
struct resolve_owner {
	void *self;
	/*
	 * An address, with port 0; several times for a name that has several.
	 * Returns whether it was wanted.
	 */
	bool (*found)(
	    void *self, size_t number, const struct mh_address *address);
	/*
	 * There is none that was wanted; why not in words.  family: which the
	 * name servers said nothing of, though they may have of the other, so
	 * that addresses may be missing; MH_FAMILY_NONE: all that was asked.
	 */
	void (*failed)(
	    void *self, size_t number, unsigned int family, const char *why);
};

struct resolve;

/*
 * For names with numbers 0 to count - 1.  base and owner stay the caller's.
 * NULL: out of memory.
 */
struct resolve *resolve_new(
    struct event_base *base, size_t count, const struct resolve_owner *owner);

/* Stops all, and says nothing to the owner; runs the loop to do so. */
void resolve_free(struct resolve *resolve);

/*
 * Look a name up: all its addresses, or those of one family.  The owner may
 * hear of it before this returns.  family: MH_FAMILY_NONE is both.  false: out
 * of memory.
 */
bool resolve_start(struct resolve *resolve, size_t number, const char *name,
    unsigned int family);

/* Names that the owner has not heard of yet. */
size_t resolve_pending(const struct resolve *resolve);

/* The user has seen enough: these names have failed. */
void resolve_interrupt(struct resolve *resolve);

#endif
