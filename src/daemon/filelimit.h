/* SPDX-License-Identifier: ISC */
/*
 * How many open files a plan needs.
 */
#ifndef DAEMON_FILELIMIT_H
#define DAEMON_FILELIMIT_H

#include "daemon/config/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Before the plan's sockets are opened: log an error if it needs more open
 * files than the limit, which is the hard one; 0: there is none.  stack: for
 * endpoints of any address.  False if it cannot work at all; otherwise
 * something may fail, and some features go without.
 */
bool filelimit_check(uint64_t limit, const struct plan *plan,
    enum mh_stack stack, unsigned int workers);

/*
 * Sockets of a reload could not be opened, for a reason that may be this: the
 * same, with previous sockets that each worker has already; some may be kept.
 */
void filelimit_explain(uint64_t limit, const struct plan *plan,
    enum mh_stack stack, unsigned int workers, size_t previous);

#endif
