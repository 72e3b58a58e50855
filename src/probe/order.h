/* SPDX-License-Identifier: ISC */
/*
 * In which order sessions are shown.
 */
#ifndef PROBE_ORDER_H
#define PROBE_ORDER_H

#include "probe/session.h"

/* That of the command line. */
void order_by_place(struct session **sessions, size_t count);

/*
 * Of those whose time is over, was the last request without an answer?  Then
 * the session fails now, whatever it did before.
 */
bool order_is_failing(const struct session *session);

/*
 * The worst first: answers from elsewhere, no answer, errors, those that fail
 * now, and then those that are well; each in the order of the command line, so
 * that what stays as it is stays where it is.  The caller frees the array; NULL
 * when out of memory.
 */
struct session **order_worst_first(
    struct session *const *sessions, size_t count);

#endif
