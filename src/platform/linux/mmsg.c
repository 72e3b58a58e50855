/* SPDX-License-Identifier: ISC */
/*
 * See mmsg.h.  It is off the ordinary way of a datagram: only a call that
 * failed leads here.
 */
#include "platform/linux/mmsg.h"

#include <errno.h>

bool
mh__mmsg_is_refused(int error)
{
	return error == ENOSYS || error == EPERM;
}

static int
one_by_one(int fd, struct mmsghdr *headers, unsigned int count, bool sends)
{
	unsigned int done = 0;
	struct msghdr *header;
	ssize_t n;

	while (done < count) {
		header = &headers[done].msg_hdr;
		n = sends ? sendmsg(fd, header, MSG_DONTWAIT)
			  : recvmsg(fd, header, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		headers[done++].msg_len = (unsigned int)n;
	}
	return done > 0 || count == 0 ? (int)done : -1;
}

int
mh__mmsg_receive(int fd, struct mmsghdr *headers, unsigned int count)
{
	return one_by_one(fd, headers, count, false);
}

int
mh__mmsg_send(int fd, struct mmsghdr *headers, unsigned int count)
{
	return one_by_one(fd, headers, count, true);
}
