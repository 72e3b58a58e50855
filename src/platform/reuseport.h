/* SPDX-License-Identifier: ISC */
/*
 * Which of several sockets that share a port gets a datagram that we have sent
 * ourselves, to see whether each of them is alive; and who else may answer it.
 */
#ifndef PLATFORM_REUSEPORT_H
#define PLATFORM_REUSEPORT_H

#include <stdint.h>

#define HOST_REUSEPORT_SECRET 16
#define HOST_REUSEPORT_SIZE (HOST_REUSEPORT_SECRET + 8)

/*
 * Of several sockets that share a port, a datagram of HOST_REUSEPORT_SIZE bytes
 * that begin with the secret is for the one whose number is in the next two,
 * in network order, whatever is in the others.  They are counted from 0 in
 * the order of bind(); once one is closed, the last has its number.  All others
 * go on as before, or by processor as mh_socket_options.processors says; 0: as
 * before.
 *
 * handle: any of the sockets, for all of them.  Returns 0, or MH_EUNSUPPORTED,
 * and then nothing has changed.  Linux.
 */
int mh__reuseport_number(intptr_t handle,
    const uint8_t secret[HOST_REUSEPORT_SECRET], unsigned int processors);

/*
 * From now on this socket receives only datagrams of HOST_REUSEPORT_SIZE bytes
 * that begin with the secret; the system drops all others before they take up
 * its receive buffer.  What has been queued before stays.
 *
 * Returns 0, or MH_EUNSUPPORTED, and then nothing has changed.  Linux.
 */
int mh__reuseport_only(
    intptr_t handle, const uint8_t secret[HOST_REUSEPORT_SECRET]);

#endif
