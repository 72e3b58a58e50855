/* SPDX-License-Identifier: ISC */
/*
 * A service's reply as a datagram that can be sent.
 */
#ifndef DAEMON_PATH_COMPOSE_H
#define DAEMON_PATH_COMPOSE_H

#include "daemon/path/settings.h"

/* As reply->tos, the DSCP of the request if the configuration copies it. */
#define COMPOSE_TOS_OF_REQUEST (-2)

/*
 * Address a reply to a request.  ends: those of the request, SERVICE_ENDS of
 * them, or NULL.  Returns PASS, or why it cannot be sent.
 */
enum verdict compose_reply(const struct path_settings *set,
    const struct mh_datagram *request, const struct mh_address *ends,
    const struct service_reply *reply, struct mh_datagram *datagram);

#endif
