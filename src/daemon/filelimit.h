/* SPDX-License-Identifier: ISC */
/*
 * How many open files a plan needs.
 */
#ifndef DAEMON_FILELIMIT_H
#define DAEMON_FILELIMIT_H

#include "daemon/config/plan.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Sockets or threads could not be opened, for a reason that may be this: log an
 * error if the plan needs more open files than the limit, which is the hard
 * one; 0: there is none.  stack: for endpoints of any address.  previous: the
 * sockets that each worker has already; some of them may be kept.
 */
void filelimit_explain(uint64_t limit, const struct plan *plan,
    enum mh_stack stack, unsigned int workers, size_t previous);

#endif
