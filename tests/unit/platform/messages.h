/* SPDX-License-Identifier: ISC */
/*
 * Messages of rtnetlink(7), as the kernel would write them.
 */
#ifndef UNIT_PLATFORM_MESSAGES_H
#define UNIT_PLATFORM_MESSAGES_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

/* Initially of length 0. */
struct messages {
	_Alignas(struct nlmsghdr) uint8_t bytes[2048];
	size_t length;
};

/* Begin one of that type, with the header of that size after its own. */
struct nlmsghdr *messages_begin(struct messages *messages, unsigned short type,
    const void *header, size_t size);

/* Append an attribute to the last message. */
void messages_attribute(struct messages *messages, struct nlmsghdr *message,
    unsigned short type, const void *data, size_t size);

/* RTM_NEWLINK of some0; kind: of its master, NULL: it has none. */
void messages_link(struct messages *messages, int index, const char *kind);

/* RTM_NEWADDR or RTM_DELADDR of an IPv4 address in a /24, on that interface. */
void messages_address(struct messages *messages, unsigned short type,
    const char *text, unsigned int index);

/* NLMSG_DONE or NLMSG_ERROR. */
void messages_end(struct messages *messages, unsigned short type);

#endif
