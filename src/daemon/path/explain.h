/* SPDX-License-Identifier: ISC */
/*
 * Why a datagram got no answer, in plain words, and what helps.
 */
#ifndef DAEMON_PATH_EXPLAIN_H
#define DAEMON_PATH_EXPLAIN_H

#include "common/strbuf.h"
#include "daemon/path/drops.h"

/*
 * Append "whoami to 203.0.113.9:4000: " and the reason, such as "reply of 190
 * bytes to a request of 1 byte: pad it, or put the peer in trust".
 */
void explain_drop(
    struct strbuf *text, enum verdict verdict, const struct drops_entry *entry);

/* The reason alone; entry: NULL if it is not known whose datagram it was. */
void explain_reason(
    struct strbuf *text, enum verdict verdict, const struct drops_entry *entry);

/*
 * drops_note(), which is explained in the log, too, if that is for debugging:
 * of each reason one a second.
 */
void explain_note(
    struct drops *drops, enum verdict verdict, const struct drops_entry *entry);

#endif
