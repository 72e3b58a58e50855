/* SPDX-License-Identifier: ISC */
/*
 * System calls made by another process, as somebody would who has taken it
 * over (ptrace(2)).  x86-64 alone.
 */
#ifndef NET_INSIDE_H
#define NET_INSIDE_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/user.h>

struct inside {
	pid_t pid;
	struct user_regs_struct registers; /* to be restored */
	long text;                         /* that we have overwritten */
};

/* Stop a child of ours, its first thread, and let it go on. */
void inside_enter(struct inside *inside, pid_t pid);
void inside_leave(struct inside *inside);

/*
 * Have it make a call; the result, or a negative errno.  With a path, that
 * stands where an argument is 0 first.
 */
long inside_call(struct inside *inside, long number, const long arguments[6]);
long inside_call_path(struct inside *inside, long number,
    const long arguments[6], const char *path);

/* The only socket of kind SOCK_SEQPACKET that it has. */
int inside_helper(const struct inside *inside);

/* Have it send a message there, up to 8192 bytes. */
void inside_send(
    struct inside *inside, int fd, const void *message, size_t length);

/* Have it read a message, at most size bytes of it; how many. */
size_t inside_receive(
    struct inside *inside, int fd, void *message, size_t size);

#endif
