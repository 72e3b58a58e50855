/* SPDX-License-Identifier: ISC */
/*
 * Between the Linux room and the system: calls that fail when a test wants them
 * to, and their arguments.  The linker puts it there (--wrap).
 */
#ifndef UNIT_WRAP_H
#define UNIT_WRAP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* One call: how it must fail, and how often it was made. */
struct wrap_call {
	int error;      /* errno; 0: it does not fail */
	unsigned times; /* that often, then no more; 0: always */
	int which;      /* of that family, or option; 0: any */
	unsigned calls;
};

/* A message as sendmmsg() got it. */
struct wrap_message {
	struct sockaddr_in6 name;
	socklen_t name_length;
	const void *control; /* only to see whether it is NULL */
	size_t control_length;
	_Alignas(struct cmsghdr) uint8_t bytes[256]; /* of control */
	int flags;
	const void *data;
	size_t length;
};

struct wrap {
	struct wrap_call socket, setsockopt, recvmmsg, sendmmsg;
	struct wrap_call recvmsg, sendmsg;
	int receive_flags; /* to be added to those of the first message */
	const struct sockaddr_in6 *receive_name; /* NULL: the real one */
	bool stale; /* recvmmsg() got a header that was not reset */
	struct wrap_message sent[8];
	unsigned int sent_count;

	/* What recv() returns, if there are any, then the end. */
	struct {
		const void *data;
		size_t length;
		int error;   /* errno; 0: it does not fail */
		bool repeat; /* forever */
	} answers[16];
	unsigned int answer_count;
	unsigned int answered;
	unsigned int receives; /* how often recv() returned one */
};

extern struct wrap wrap;

/* Nothing fails, nothing was called. */
void wrap_reset(void);

/* The lowest file descriptor that is free: the same again if none leaked. */
int wrap_lowest_file(void);

#endif
