/* SPDX-License-Identifier: ISC */
/*
 * Control messages between the kernel and a program.
 */
#include "run/preload/messages.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

/* What the kernel calls it; not in all headers. */
#ifndef IPV6_2292PKTINFO
#define IPV6_2292PKTINFO 2
#endif

/* The program's memory, as put_cmsg() in net/core/scm.c fills it. */
struct room {
	uint8_t *at;
	size_t left;
	bool cut; /* something had no place */
};

static void
put_message(struct room *room, const struct cmsghdr *message)
{
	/* Its length may not be as read: writing can be over it. */
	size_t length = message->cmsg_len, step = CMSG_ALIGN(length);

	if (room->at == NULL || room->left < sizeof(*message)) {
		room->cut = true;
		return;
	}
	if (room->left < length) {
		room->cut = true;
		length = room->left;
	}
	memmove(room->at, message, length);
	/* The program's memory may not be aligned. */
	memcpy(room->at + offsetof(struct cmsghdr, cmsg_len),
	    &(size_t){ length }, sizeof(message->cmsg_len));
	if (step > room->left)
		step = room->left;
	room->at += step;
	room->left -= step;
}

static bool
is_hidden(const struct cmsghdr *message, const struct messages_hidden *hidden)
{
	if (message->cmsg_level == IPPROTO_IP)
		return hidden->ipv4 && message->cmsg_type == IP_PKTINFO;
	if (message->cmsg_level == IPPROTO_IPV6)
		return hidden->ipv6 && message->cmsg_type == IPV6_PKTINFO;
	return false;
}

void
messages_deliver(struct msghdr *to, const struct msghdr *from,
    const struct messages_hidden *hidden)
{
	const uint8_t *at = from->msg_control;
	size_t length, step, left = from->msg_controllen;
	struct room room = { to->msg_control, to->msg_controllen, false };
	const struct cmsghdr *message;

	while (left >= sizeof(*message)) {
		message = (const void *)at;
		length = message->cmsg_len;
		if (length < sizeof(*message) || length > left)
			break;
		if (!is_hidden(message, hidden))
			put_message(&room, message);
		step = CMSG_ALIGN(length) < left ? CMSG_ALIGN(length) : left;
		at += step;
		left -= step;
	}
	to->msg_controllen -= room.left;
	to->msg_flags = from->msg_flags | (room.cut ? MSG_CTRUNC : 0);
}

bool
messages_have_source(const struct msghdr *header)
{
	const uint8_t *at = header->msg_control;
	size_t step, left = header->msg_controllen;
	struct cmsghdr message;

	while (at != NULL && left >= sizeof(message)) {
		memcpy(&message, at, sizeof(message));
		if (message.cmsg_len < sizeof(message) ||
		    message.cmsg_len > left)
			return false;
		if (message.cmsg_level == IPPROTO_IP &&
		    message.cmsg_type == IP_PKTINFO)
			return true;
		if (message.cmsg_level == IPPROTO_IPV6 &&
		    (message.cmsg_type == IPV6_PKTINFO ||
			message.cmsg_type == IPV6_2292PKTINFO))
			return true;
		step = CMSG_ALIGN(message.cmsg_len);
		if (step >= left)
			return false;
		at += step;
		left -= step;
	}
	return false;
}

size_t
messages_append(
    void *control, size_t size, size_t length, const struct msghdr *program)
{
	size_t at = CMSG_ALIGN(length);

	if (program->msg_control == NULL || program->msg_controllen == 0)
		return length;
	if (at + program->msg_controllen > size)
		return 0;
	memset((uint8_t *)control + length, 0, at - length);
	memcpy((uint8_t *)control + at, program->msg_control,
	    program->msg_controllen);
	return at + program->msg_controllen;
}
