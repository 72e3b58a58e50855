/* SPDX-License-Identifier: ISC */
/*
 * The two ends of a socket, whoever opened it: of a service manager's, or of
 * an HTTP connection.
 */
#ifndef PLATFORM_SOCKNAME_H
#define PLATFORM_SOCKNAME_H

#include "lib/multihome.h"

/* The local port of a socket, whatever its kind; 0 if it has none. */
uint16_t host_local_port(intptr_t handle);

/* Where a connection leads to; family none if it leads nowhere. */
void host_peer(intptr_t handle, struct mh_address *peer);

#endif
