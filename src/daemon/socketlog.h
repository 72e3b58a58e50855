/* SPDX-License-Identifier: ISC */
/*
 * What the log says of sockets that are being opened.
 */
#ifndef DAEMON_SOCKETLOG_H
#define DAEMON_SOCKETLOG_H

#include "daemon/config/config.h"
#include "lib/multihome.h"

/*
 * An endpoint of a service cannot be served: why, and what helps.  is_ours: the
 * daemon itself has a socket at its port.  Returns the exit code that fits.
 */
int socketlog_problem(const struct config_service *service,
    const struct mh_address *endpoint, const struct mh_problem *problem,
    bool is_ours);

/* A socket of the service of that name has been opened. */
void socketlog_opened(const char *name, const struct mh_socket_info *info);

/* These notices, MH_NOTICE_*, are new. */
void socketlog_notices(unsigned int fresh, enum mh_stack stack);

/* What this system cannot report, MH_CAN_*, if that is new. */
void socketlog_lacking(unsigned int fresh);

#endif
