/* SPDX-License-Identifier: ISC */
/*
 * Which socket of those that share a port is a datagram for?
 */
#ifndef PLATFORM_LINUX_REUSEPORT_H
#define PLATFORM_LINUX_REUSEPORT_H

#include "platform/udp.h"

#include <stdbool.h>

/*
 * Tell all sockets that share their port with this one, now and later; they
 * are counted in the order of bind().  secret: as mh__udp_select(), or NULL.
 * processors: as MH__SHARE_BY_CPU, or 0.  False, with errno, if the
 * system does not do that.
 */
bool mh__reuseport_select(
    int fd, const uint8_t *secret, unsigned int processors);

#endif
