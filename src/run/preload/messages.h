/* SPDX-License-Identifier: ISC */
/*
 * Control messages between the kernel and a program that does not know that we
 * ask for more of them than it does.  Pure.
 */
#ifndef RUN_PRELOAD_MESSAGES_H
#define RUN_PRELOAD_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* Bytes that both kinds of pktinfo take, at most. */
#define MESSAGES_OURS (CMSG_SPACE(12) + CMSG_SPACE(20))

/* Which of them the program did not ask for. */
struct messages_hidden {
	bool ipv4, ipv6;
};

/*
 * Give the program what the kernel would have given it: from has the control
 * messages and flags as the kernel wrote them; of to, msg_control and
 * msg_controllen are the program's memory and its size.  Afterwards
 * msg_controllen and msg_flags are as put_cmsg() of the kernel leaves them.
 * Both may be the same memory.
 */
void messages_deliver(struct msghdr *to, const struct msghdr *from,
    const struct messages_hidden *hidden);

/* Does the program say itself where its datagram leaves from? */
bool messages_have_source(const struct msghdr *header);

/*
 * Put the program's control messages after length bytes of ours, in size bytes.
 * Returns the exact length of all; 0 if they do not fit.
 */
size_t messages_append(
    void *control, size_t size, size_t length, const struct msghdr *program);

#endif
