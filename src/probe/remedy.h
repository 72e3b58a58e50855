/* SPDX-License-Identifier: ISC */
/*
 * What can be done about a server that answers from elsewhere, for people.
 */
#ifndef PROBE_REMEDY_H
#define PROBE_REMEDY_H

#include "platform/owner.h"
#include "probe/options.h"
#include "probe/session.h"

#include <stdio.h>

/*
 * If a session got an answer from another address: that mhrun(1) is there for
 * this; of a server of this host (options->local), as far as it can be seen,
 * which process it is, and the command.
 */
void remedy_print(FILE *file, const struct options *options,
    struct session *const *sessions, size_t count);

/* The same for one process. */
void remedy_print_owner(
    FILE *file, uint16_t port, const struct host_owner *owner);

#endif
