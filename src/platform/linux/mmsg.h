/* SPDX-License-Identifier: ISC */
/*
 * recvmmsg() and sendmmsg() where a seccomp filter refuses them, which in old
 * ones of container runtimes means ENOSYS or EPERM, but not recvmsg() and
 * sendmsg(): one datagram at a time.
 */
#ifndef PLATFORM_LINUX_MMSG_H
#define PLATFORM_LINUX_MMSG_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * May that errno of either call come from a filter?  EPERM of sendmmsg() may
 * be a firewall's, too: then sendmsg() says the same.
 */
bool mh__mmsg_is_refused(int error);

/*
 * As recvmmsg() and sendmmsg() with MSG_DONTWAIT: how many, or -1 and errno if
 * not even one.
 */
int mh__mmsg_receive(int fd, struct mmsghdr *headers, unsigned int count);
int mh__mmsg_send(int fd, struct mmsghdr *headers, unsigned int count);

#endif
