/* SPDX-License-Identifier: ISC */
/*
 * What a program receives with: as without us, but that it is remembered which
 * address was asked.
 */
#include "run/preload/hooks.h"

#include "run/preload/sockets.h"
#include "run/preload/way.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/uio.h>

#ifndef UIO_MAXIOV
#define UIO_MAXIOV 1024 /* messages that the kernel takes at once */
#endif

/*
 * Memory for control messages of ours and the program's.  A program that has
 * more than that has enough for ours, too.
 */
#define CONTROL 1024
#define CONTROL_MANY 512 /* each, if there are several */

/* Datagrams to receive with one call. */
#define MANY 32

/* One datagram, for which the kernel has another header than the program. */
struct frame {
	struct sockaddr_storage name;
	bool own_name; /* it is used */
};

/* Who reads it, and what is not for its eyes. */
struct reader {
	int fd, flags;
	struct sockets_known known;
	struct messages_hidden hidden;
};

static struct reader
reader_of(int fd, int flags, const struct sockets_known *known)
{
	uint32_t has = entry_flags(known->entry);

	return (struct reader){
		.fd = fd,
		.flags = flags,
		.known = *known,
		.hidden.ipv4 = (has & ENTRY_IPV4_WANTED) == 0,
		.hidden.ipv6 = (has & ENTRY_IPV6_WANTED) == 0,
	};
}

/* A header with memory of ours, unless the program's is large enough. */
static void
frame_begin(struct frame *frame, struct msghdr *header,
    const struct msghdr *program, void *control, size_t size)
{
	*header = *program;
	frame->own_name = program->msg_name == NULL ||
	    program->msg_namelen < sizeof(struct sockaddr_in6);
	if (frame->own_name) {
		header->msg_name = &frame->name;
		header->msg_namelen = sizeof(frame->name);
	}
	if (program->msg_control == NULL ||
	    program->msg_controllen + MESSAGES_OURS <= size) {
		header->msg_control = control;
		header->msg_controllen = size;
	}
}

/* Remember the way, and give the program its name and control messages. */
static void
frame_end(const struct frame *frame, const struct msghdr *header,
    struct msghdr *program, const struct reader *reader)
{
	socklen_t size = header->msg_namelen;

	/* What comes from the queue of errors was sent by us. */
	if ((reader->flags & MSG_ERRQUEUE) == 0 &&
	    !way_learn(reader->known.port, header))
		sockets_forget(reader->fd);
	if (program->msg_name != NULL) {
		if (frame->own_name)
			memcpy(program->msg_name, &frame->name,
			    size < program->msg_namelen ? size
							: program->msg_namelen);
		program->msg_namelen = size;
	}
	messages_deliver(program, header, &reader->hidden);
}

static ssize_t
receive(const struct reader *reader, struct msghdr *program)
{
	_Alignas(struct cmsghdr) uint8_t control[CONTROL];
	struct msghdr header;
	struct frame frame;
	ssize_t n;

	frame_begin(&frame, &header, program, control, sizeof(control));
	n = real()->recvmsg(reader->fd, &header, reader->flags);
	if (n >= 0)
		frame_end(&frame, &header, program, reader);
	return n;
}

static ssize_t
receive_from(const struct reader *reader, struct iovec *data,
    struct sockaddr *name, socklen_t *name_size)
{
	struct msghdr program = {
		.msg_name = name,
		.msg_namelen = name != NULL ? *name_size : 0,
		.msg_iov = data,
		.msg_iovlen = 1,
	};
	ssize_t n = receive(reader, &program);

	if (n >= 0 && name != NULL)
		*name_size = program.msg_namelen;
	return n;
}

/* A name that the kernel would find fault with is left to it. */
static bool
is_usable(const void *name, const socklen_t *size)
{
	return name == NULL || (size != NULL && (int)*size >= 0);
}

ssize_t
hook_recvfrom(int fd, void *data, size_t size, int flags, struct sockaddr *name,
    socklen_t *name_size)
{
	struct iovec memory = { data, size };
	struct sockets_known known;
	struct reader reader;

	if (!is_usable(name, name_size) || !sockets_find_to_read(fd, &known))
		return real()->recvfrom(fd, data, size, flags, name, name_size);
	reader = reader_of(fd, flags, &known);
	return receive_from(&reader, &memory, name, name_size);
}

/* The C library's own, which ends a program whose data has less room. */
ssize_t
hook_recvfrom_chk(int fd, void *data, size_t size, size_t room, int flags,
    struct sockaddr *name, socklen_t *name_size)
{
	if (size > room)
		return real()->recvfrom_chk(
		    fd, data, size, room, flags, name, name_size);
	return hook_recvfrom(fd, data, size, flags, name, name_size);
}

/* Descriptors that came from another process: what they are is not known. */
static void
forget_received(struct msghdr *header)
{
	struct cmsghdr *message;
	size_t i, count;
	int fd;

	for (message = CMSG_FIRSTHDR(header); message != NULL;
	     message = CMSG_NXTHDR(header, message)) {
		if (message->cmsg_level != SOL_SOCKET ||
		    message->cmsg_type != SCM_RIGHTS)
			continue;
		count = (message->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(message) + i * sizeof(fd),
			    sizeof(fd));
			sockets_forget(fd);
		}
	}
}

ssize_t
hook_recvmsg(int fd, struct msghdr *program, int flags)
{
	struct sockets_known known;
	struct reader reader;
	ssize_t n;

	if (program != NULL && (int)program->msg_namelen >= 0 &&
	    sockets_find_to_read(fd, &known)) {
		reader = reader_of(fd, flags, &known);
		return receive(&reader, program);
	}
	n = real()->recvmsg(fd, program, flags);
	if (n >= 0 && program->msg_controllen != 0)
		forget_received(program);
	return n;
}

/* As many as one call takes. */
static int
receive_some(const struct reader *reader, struct mmsghdr *program,
    unsigned int count, struct timespec *timeout)
{
	_Alignas(struct cmsghdr) uint8_t control[MANY][CONTROL_MANY];
	struct mmsghdr headers[MANY];
	struct frame frames[MANY];
	unsigned int i;
	int n;

	for (i = 0; i < count; i++) {
		frame_begin(&frames[i], &headers[i].msg_hdr,
		    &program[i].msg_hdr, control[i], sizeof(control[i]));
		headers[i].msg_len = program[i].msg_len;
	}
	n = real()->recvmmsg(
	    reader->fd, headers, count, reader->flags, timeout);
	for (i = 0; n > 0 && i < (unsigned int)n; i++) {
		frame_end(&frames[i], &headers[i].msg_hdr, &program[i].msg_hdr,
		    reader);
		program[i].msg_len = headers[i].msg_len;
	}
	return n;
}

static int
receive_all(struct reader *reader, struct mmsghdr *program, unsigned int count,
    struct timespec *timeout)
{
	unsigned int some, done = 0;
	int n;

	do {
		some = count - done < MANY ? count - done : MANY;
		n = receive_some(reader, &program[done], some, timeout);
		if (n <= 0)
			return done > 0 ? (int)done : n;
		done += (unsigned int)n;
		/* As the kernel goes on after the first one. */
		if ((reader->flags & MSG_WAITFORONE) != 0)
			reader->flags |= MSG_DONTWAIT;
	} while ((unsigned int)n == some && done < count &&
	    (timeout == NULL || timeout->tv_sec != 0 || timeout->tv_nsec != 0));
	return (int)done;
}

int
hook_recvmmsg(int fd, struct mmsghdr *program, unsigned int count, int flags,
    struct timespec *timeout)
{
	struct sockets_known known;
	struct reader reader;
	unsigned int i = 0;

	if (count > UIO_MAXIOV)
		count = UIO_MAXIOV;
	/* What the kernel would find fault with is left to it. */
	while (i < count && (int)program[i].msg_hdr.msg_namelen >= 0)
		i++;
	if (count == 0 || i < count || !sockets_find_to_read(fd, &known))
		return real()->recvmmsg(fd, program, count, flags, timeout);
	reader = reader_of(fd, flags, &known);
	return receive_all(&reader, program, count, timeout);
}
