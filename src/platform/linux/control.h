/* SPDX-License-Identifier: ISC */
/*
 * Control messages of one datagram, in and out.  Pure: bytes to struct and
 * struct to bytes, so that tests and fuzzers can have them alone.
 */
#ifndef PLATFORM_LINUX_CONTROL_H
#define PLATFORM_LINUX_CONTROL_H

#include "platform/udp.h"

#include <netinet/in.h>
#include <sys/socket.h>

/*
 * Bytes for the control messages of a datagram: more than the sum of all that
 * is enabled (both pktinfos, TTL, TOS, both kinds of timestamps, drop counter,
 * size of the datagrams of a burst: 272).
 */
#define CONTROL_SIZE 320

/*
 * Read all control messages of a received header; those that are unknown, too
 * short or of another level are passed over.  Fills in all of *arrival, and of
 * the datagram ttl to reserved8 and both times.
 */
void mh__control_decode(const struct msghdr *header,
    struct mh__arrival *arrival, struct mh_datagram *received);

/*
 * Read what came with a header from the error queue.  A datagram that left:
 * kind and sent_ns of *report, and its *number.  An ICMP error: kind, and of
 * icmp kind and mtu, and if the kernel reports it, the address of the reporter,
 * in *reporter (otherwise AF_UNSPEC).  False if it is neither, as for errors of
 * this host's own.
 */
bool mh__control_decode_report(const struct msghdr *header,
    struct mh_report *report, struct sockaddr_in6 *reporter, uint32_t *number);

/*
 * Write the one control message that makes a datagram leave from local (family
 * none: no source) by interface (0: by routing): in_pktinfo for IPv4,
 * in6_pktinfo for IPv6, nothing if there is nothing to say.  control holds
 * CONTROL_SIZE aligned bytes.  family: of the peer.  Returns the exact length.
 */
size_t mh__control_encode(void *control, unsigned int family,
    const struct mh_address *local, uint32_t if_index);

/*
 * Write after length bytes of control messages those that give a datagram a TOS
 * or traffic class and a TTL or hop limit of its own; -1: the socket's.
 * Returns the exact length of all.  family: of the peer; IPv4 over an IPv6
 * socket has those of IPv4 (ip_cmsg_send()).
 */
size_t mh__control_encode_marks(void *control, size_t length,
    unsigned int family, const struct mh_datagram *datagram);

/*
 * Write after length bytes of control messages the one that makes the kernel
 * cut the data into datagrams of size bytes each.  Returns the exact length of
 * all.
 */
size_t mh__control_encode_segments(void *control, size_t length, size_t size);

/*
 * Write after length bytes of control messages those that request a report of
 * when the datagram left, as of the last device; and the number of that report,
 * or NULL if the kernel chooses.  Returns the exact length of all.
 */
size_t mh__control_encode_request(
    void *control, size_t length, const uint32_t *number);

#endif
