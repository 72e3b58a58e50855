/* SPDX-License-Identifier: ISC */
/*
 * A system whose sockets lie: they accept the source of a reply over IPv4, and
 * ignore it.  Dual-stack sockets do; with NET_LIE_ALL in the environment, IPv4
 * sockets do, too.  To be preloaded.
 */
#include "build.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static int
is_ignored(const struct msghdr *message)
{
	const struct sockaddr_in6 *name = message->msg_name;

	if (name == NULL)
		return 0;
	if (name->sin6_family == AF_INET)
		return getenv("NET_LIE_ALL") != NULL;
	return IN6_IS_ADDR_V4MAPPED(&name->sin6_addr);
}

EXPORT ssize_t
sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct msghdr sent = *message;

	if (is_ignored(message))
		sent.msg_controllen = 0;
	return syscall(SYS_sendmsg, fd, &sent, flags);
}

EXPORT int
sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (is_ignored(&messages[i].msg_hdr))
			messages[i].msg_hdr.msg_controllen = 0;
	return (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
}
