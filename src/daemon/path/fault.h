/* SPDX-License-Identifier: ISC */
/*
 * Faults that are made on purpose, for those who test what clients do about
 * them: which ones, how often, and whether a reply is hit.  Pure; what is then
 * done to the reply is decided in inject.c.
 */
#ifndef DAEMON_PATH_FAULT_H
#define DAEMON_PATH_FAULT_H

#include "common/strbuf.h"
#include "lib/multihome.h"

/* In the order in which a reply meets them. */
enum fault_kind {
	FAULT_DROP,      /* never sent */
	FAULT_SOURCE,    /* sent from another address of this host */
	FAULT_TRUNCATE,  /* cut off */
	FAULT_DUPLICATE, /* sent twice */
	FAULT_REORDER,   /* sent after the next reply to the same peer */
	FAULT_DELAY,     /* sent later */
	FAULT_KINDS
};

/* FAULT_TRUNCATE: to half of its length. */
#define FAULT_HALF UINT32_MAX

/* The longest delay, in milliseconds. */
#define FAULT_DELAY_MAX 60000

/* How often a fault is made.  All zero: never. */
struct fault_rule {
	uint32_t hundredths; /* of a percent of all replies, at random */
	uint32_t every;      /* or of that many replies the last */
	uint32_t low, high;  /* FAULT_DELAY: milliseconds, any in between;
			      * FAULT_TRUNCATE: high: bytes, or FAULT_HALF */
};

/* Of a service. */
struct fault_rules {
	struct fault_rule kinds[FAULT_KINDS];
	uint32_t seed; /* of all that is random */
};

/* Bytes that hold any rule as text. */
#define FAULT_TEXT 80

/* "drop", for keys and counters. */
const char *fault_name(enum fault_kind kind);

/*
 * Read a rule of that kind: "10%" (with up to two decimals), "every 5", "none";
 * FAULT_TRUNCATE: "10% to 12", bytes; FAULT_DELAY: "200ms", "20ms-2s 10%",
 * "1s every 5".  Returns NULL; or what was expected, and at *where, but is not
 * there: *rule is as it was then.
 */
const char *fault_parse(struct fault_rule *rule, enum fault_kind kind,
    const char *text, const char **where);

/* Write it in the form that fault_parse() reads; returns text. */
char *fault_format(
    const struct fault_rule *rule, enum fault_kind kind, char text[FAULT_TEXT]);

/* Is that fault ever made?  Is any? */
bool fault_is_set(const struct fault_rule *rule);
bool fault_any(const struct fault_rules *rules);

/* "drop 10%, delay 20ms-2s 10%; seed 1". */
void fault_describe(const struct fault_rules *rules, struct strbuf *text);

bool fault_equal(const struct fault_rules *a, const struct fault_rules *b);

/*
 * A reply, by its number among those that are counted together, and the
 * worker.  All that happens to it follows from these and the seed, and no fault
 * from what the others are set to.
 */
struct fault_draw {
	uint32_t number; /* from 1 */
	uint32_t worker;
};

/* Is this reply hit? */
bool fault_hits(const struct fault_rules *rules, enum fault_kind kind,
    const struct fault_draw *draw);

/* For how long, in nanoseconds. */
int64_t fault_delay(
    const struct fault_rules *rules, const struct fault_draw *draw);

/* How much of a reply of that length is left. */
size_t fault_length(const struct fault_rules *rules, size_t length);

/*
 * Another of this host's addresses to answer from instead of asked, which
 * should reach the same peers; false if there is none among these.
 */
bool fault_source(struct mh_address *source, const struct mh_address *addresses,
    size_t count, const struct mh_address *asked);

#endif
