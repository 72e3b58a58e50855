/* SPDX-License-Identifier: ISC */
/*
 * A system whose sockets for both families lie: they take the source of a
 * reply over IPv4, and ignore it.  To be loaded before the C library.  Sockets
 * of one family are as they should be.
 */
#include "build.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* IPv4 on a socket for both. */
static int
is_mapped(const struct msghdr *message)
{
	const struct sockaddr_in6 *name = message->msg_name;

	return name != NULL && name->sin6_family == AF_INET6 &&
	    IN6_IS_ADDR_V4MAPPED(&name->sin6_addr);
}

EXPORT ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct msghdr sent = *message;

	if (is_mapped(message))
		sent.msg_controllen = 0;
	return syscall(SYS_sendmsg, fd, &sent, flags);
}

EXPORT int
sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (is_mapped(&messages[i].msg_hdr))
			messages[i].msg_hdr.msg_controllen = 0;
	return (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
}
