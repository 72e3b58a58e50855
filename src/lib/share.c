/* SPDX-License-Identifier: ISC */
/*
 * Sockets that share a port.  How a system chooses among them is behind
 * platform/udp.h; this knows what the first one was opened with, and keeps it.
 */
#include "lib/multihome_share.h"

#include "lib/socket.h"

int
mh_share_select(
    struct mh_socket *first, const uint8_t secret[MH_SHARE_SECRET_SIZE])
{
	return mh__udp_select(&first->udp, secret, first->processors);
}

int
mh_share_restrict(
    struct mh_socket *socket, const uint8_t secret[MH_SHARE_SECRET_SIZE])
{
	return mh__udp_restrict(&socket->udp, secret);
}
