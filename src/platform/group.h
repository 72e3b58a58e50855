/* SPDX-License-Identifier: ISC */
/*
 * Multicast groups: what is sent to one comes in only where it was joined.
 */
#ifndef PLATFORM_GROUP_H
#define PLATFORM_GROUP_H

#include "lib/multihome.h"

/*
 * Have a socket of the group's family receive what is sent to it over that
 * interface, until the socket is closed.  Returns 0, also if it has joined
 * already; MH_ENOBUFFERS: it may join no more; or MH_EUNSUPPORTED, such as for
 * an interface without that family.
 */
int host_group_join(
    intptr_t handle, const struct mh_address *group, uint32_t if_index);

/*
 * Have it receive nothing that other sockets of this host have joined: Linux
 * gives each socket on that port a copy.  Windows does not.
 */
void host_group_keep_out(intptr_t handle, const struct mh_address *group);

#endif
