/* SPDX-License-Identifier: ISC */
/*
 * What the log says of sockets that are being opened.
 */
#ifndef DAEMON_SOCKETLOG_H
#define DAEMON_SOCKETLOG_H

#include "daemon/bindings.h"

/*
 * An endpoint of a service cannot be served: why, and what helps.  previous:
 * the sockets that the daemon has.  Returns the exit code that fits.
 */
int socketlog_problem(const struct config_service *service,
    const struct mh_address *endpoint, const struct mh_problem *problem,
    const struct bindings *previous);

/* A socket of the service of that name has been opened. */
void socketlog_opened(const char *name, const struct mh_socket_info *info);

/* These notices, MH_NOTICE_*, are new. */
void socketlog_notices(unsigned int fresh, enum mh_stack stack);

/* What this system cannot report, MH_CAN_*, if that is new. */
void socketlog_lacking(unsigned int fresh);

#endif
