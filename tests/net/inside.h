/* SPDX-License-Identifier: ISC */
/*
 * System calls made by another process, as if somebody had taken it over
 * (ptrace(2)), once it makes one.  x86-64 only.
 */
#ifndef NET_INSIDE_H
#define NET_INSIDE_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/user.h>

struct inside {
	pid_t pid;
	struct user_regs_struct registers; /* to be restored */
};

/* Stop the first thread of a child of ours, and let it continue. */
void inside_enter(struct inside *inside, pid_t pid);
void inside_leave(struct inside *inside);

/*
 * Make it perform a call; the result, or a negative errno.  If path is given,
 * it is passed as the first argument that is 0.
 */
long inside_call(struct inside *inside, long number, const long arguments[6]);
long inside_call_path(struct inside *inside, long number,
    const long arguments[6], const char *path);

/* Its only socket of type SOCK_SEQPACKET. */
int inside_helper(const struct inside *inside);

/* Make it send a message there, of up to 8192 bytes. */
void inside_send(
    struct inside *inside, int fd, const void *message, size_t length);

/* Make it read a message, of at most size bytes; returns its length. */
size_t inside_receive(
    struct inside *inside, int fd, void *message, size_t size);

#endif
