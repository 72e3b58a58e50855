/* SPDX-License-Identifier: ISC */
/*
 * See mmsg.h.  It is off the ordinary way of a datagram: only a call that
 * failed leads here.
 */
#include "platform/linux/mmsg.h"

#include <errno.h>

bool
mmsg_is_refused(int error)
{
	return error == ENOSYS || error == EPERM;
}

int
mmsg_receive(int fd, struct mmsghdr *headers, unsigned int count)
{
	unsigned int done = 0;
	ssize_t n;

	while (done < count) {
		n = recvmsg(fd, &headers[done].msg_hdr, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		headers[done++].msg_len = (unsigned int)n;
	}
	return done > 0 || count == 0 ? (int)done : -1;
}

int
mmsg_send(int fd, struct mmsghdr *headers, unsigned int count)
{
	unsigned int done = 0;
	ssize_t n;

	while (done < count) {
		n = sendmsg(fd, &headers[done].msg_hdr, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		headers[done++].msg_len = (unsigned int)n;
	}
	return done > 0 || count == 0 ? (int)done : -1;
}
