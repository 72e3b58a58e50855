/* SPDX-License-Identifier: ISC */
/*
 * Control messages of one datagram, in and out.  Pure: bytes to struct and
 * struct to bytes, so that tests can have them alone.
 */
#ifndef PLATFORM_WIN32_CONTROL_H
#define PLATFORM_WIN32_CONTROL_H

#include "platform/udp.h"

#include <winsock2.h>

/*
 * Bytes for the control messages of a datagram: more than the sum of all that
 * is enabled (both pktinfos, TTL, TOS: 112).  A buffer that is too small costs
 * the whole datagram: WSARecvMsg() then fails with WSAEMSGSIZE.
 */
#define CONTROL_SIZE 256

/*
 * Read all control messages of a received message into arrival and the ttl and
 * tos of received; those that are unknown, too short or of another level are
 * passed over.
 */
void mh__control_decode(const WSAMSG *message, struct mh__arrival *arrival,
    struct mh_datagram *received);

/*
 * Write the one control message that makes a datagram leave from local by
 * interface (0: by routing): IN_PKTINFO for IPv4, IN6_PKTINFO for IPv6.
 * Nothing without an address: an interface index alone would make 0.0.0.0 the
 * source.  control holds CONTROL_SIZE aligned bytes.  Returns the exact length.
 */
ULONG mh__control_encode(
    void *control, const struct mh_address *local, uint32_t if_index);

/*
 * Write after length bytes of control messages the one that gives a datagram a
 * TOS or traffic class of its own.  family: of the peer; IPv4 over an IPv6
 * socket has that of IPv4.  Returns the exact length of all.
 */
ULONG mh__control_encode_tos(
    void *control, ULONG length, unsigned int family, int tos);

#endif
