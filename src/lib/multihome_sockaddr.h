/* SPDX-License-Identifier: ISC */
/*
 * libmultihome: addresses from and to struct sockaddr, for use with other
 * libraries.  Include the system's own header as well, <sys/socket.h> or
 * <winsock2.h>; this one includes none.
 */
#ifndef MULTIHOME_SOCKADDR_H
#define MULTIHOME_SOCKADDR_H

#include "multihome_address.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sockaddr;
struct sockaddr_storage;

/*
 * Read a name of that many bytes, such as recvfrom(), getsockname() or
 * getaddrinfo() give.  A v4-mapped one becomes plain IPv4.  The name need not
 * be aligned.  Returns 0; MH_EFAMILY if it is neither IPv4 nor IPv6; or
 * MH_EINVALID if it is too short for its family.  *address is unchanged on
 * failure.
 */
int mh_sockaddr_get(
    struct mh_address *address, const struct sockaddr *name, size_t length);

/*
 * Write the name that stands for the address on a socket of that family: on an
 * IPv6 one IPv4 is v4-mapped, ::ffff:192.0.2.1.  family MH_FAMILY_NONE: the
 * address's own, never v4-mapped.  An address of MH_FAMILY_NONE is the wildcard
 * of family, with its port.  All bytes of *name are set.
 *
 * Returns the length for bind(), sendto() or connect(), a socklen_t; or 0 if
 * there is no such name: IPv6 on an IPv4 socket, no family at all, or one that
 * is none of enum mh_family.  *name is unchanged then.
 */
unsigned int mh_sockaddr_set(struct sockaddr_storage *name,
    const struct mh_address *address, enum mh_family family);

#ifdef __cplusplus
}
#endif

#endif
