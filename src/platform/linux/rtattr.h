/* SPDX-License-Identifier: ISC */
/*
 * Attributes of rtnetlink(7) messages.
 */
#ifndef PLATFORM_LINUX_RTATTR_H
#define PLATFORM_LINUX_RTATTR_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

/*
 * The attribute of that type among length bytes of them; NULL if none.  Not
 * const, and length not unsigned: the kernel's macros cast the one away and
 * may step below 0 with the other.
 */
static inline struct rtattr *
rtattr_find(struct rtattr *at, ssize_t length, unsigned short type)
{
	for (; RTA_OK(at, length); at = RTA_NEXT(at, length))
		if ((at->rta_type & NLA_TYPE_MASK) == type)
			return at;
	return NULL;
}

/* Append one to a message, which has room for it. */
static inline void
rtattr_add(struct nlmsghdr *message, unsigned short type, const void *data,
    size_t size)
{
	struct rtattr *at =
	    (void *)((uint8_t *)message + NLMSG_ALIGN(message->nlmsg_len));

	at->rta_type = type;
	at->rta_len = (unsigned short)RTA_LENGTH(size);
	memcpy(RTA_DATA(at), data, size);
	message->nlmsg_len =
	    NLMSG_ALIGN(message->nlmsg_len) + (uint32_t)RTA_SPACE(size);
}

#endif
