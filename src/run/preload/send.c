/* SPDX-License-Identifier: ISC */
/*
 * What a program sends with: to a peer that has asked, from the address that it
 * asked, unless the program says itself from where.  If that address has gone,
 * as without us.
 */
#include "run/preload/hooks.h"

#include "run/preload/sockets.h"
#include "run/preload/way.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#ifndef UIO_MAXIOV
#define UIO_MAXIOV 1024 /* messages that the kernel takes at once */
#endif

/* Memory for a control message of ours and the program's. */
#define CONTROL 1024
#define CONTROL_MANY 256 /* each, if there are several */

/* Datagrams to send with one call. */
#define MANY 32

_Static_assert(CONTROL_MANY >= WAY_CONTROL, "there is room for ours");

/* Is it, perhaps, about the source?  What errno says depends on the family. */
static bool
is_about_source(int error, bool has_more)
{
	switch (error) {
	case EINVAL:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
	case ENODEV:
	case EACCES:
	case EPERM:
		return true;
	case ENOBUFS: /* more control messages than a program may have */
		return has_more;
	default:
		return false;
	}
}

/*
 * A header with the program's control messages and ours, in size bytes; false
 * if there is nothing to add to what the program sends.
 */
static bool
frame(struct msghdr *header, const struct msghdr *program,
    const struct sockets_known *known, void *control, size_t size)
{
	size_t length;

	if (program->msg_name == NULL ||
	    (entry_flags(known->entry) & ENTRY_STICKY) != 0 ||
	    messages_have_source(program))
		return false;
	length = way_control(
	    known->port, program->msg_name, program->msg_namelen, control);
	if (length != 0)
		length = messages_append(control, size, length, program);
	if (length == 0)
		return false;
	*header = *program;
	header->msg_control = control;
	header->msg_controllen = length;
	return true;
}

static bool
has_more(const struct msghdr *program)
{
	return program->msg_control != NULL && program->msg_controllen != 0;
}

/* True: it was sent, or could not be for another reason than its source. */
static bool
send_framed(int fd, const struct msghdr *program, int flags,
    const struct sockets_known *known, ssize_t *sent)
{
	_Alignas(struct cmsghdr) uint8_t control[CONTROL];
	struct msghdr header;
	int error = errno;

	if (!frame(&header, program, known, control, sizeof(control)))
		return false;
	*sent = real()->sendmsg(fd, &header, flags);
	if (*sent >= 0 || !is_about_source(errno, has_more(program)))
		return true;
	errno = error;
	return false;
}

ssize_t
hook_sendto(int fd, const void *data, size_t size, int flags,
    const struct sockaddr *name, socklen_t name_size)
{
	struct sockets_known known;
	struct iovec memory;
	struct msghdr program;
	ssize_t sent;

	if (name != NULL && sockets_find(fd, &known)) {
		memory.iov_len = size;
		memcpy(&memory.iov_base, &data, sizeof(data));
		program =
		    (struct msghdr){ .msg_iov = &memory, .msg_iovlen = 1 };
		memcpy(&program.msg_name, &name, sizeof(name));
		program.msg_namelen = name_size;
		if (send_framed(fd, &program, flags, &known, &sent))
			return sent;
	}
	return real()->sendto(fd, data, size, flags, name, name_size);
}

ssize_t
hook_sendmsg(int fd, const struct msghdr *program, int flags)
{
	struct sockets_known known;
	ssize_t sent;

	if (program != NULL && program->msg_name != NULL &&
	    sockets_find(fd, &known) &&
	    send_framed(fd, program, flags, &known, &sent))
		return sent;
	return real()->sendmsg(fd, program, flags);
}

/* Some datagrams; those that have something added. */
struct batch {
	_Alignas(struct cmsghdr) uint8_t control[MANY][CONTROL_MANY];
	struct mmsghdr headers[MANY];
	bool is_ours[MANY];
	unsigned int count, ours;
};

static void
batch_frame(struct batch *batch, const struct sockets_known *known,
    const struct mmsghdr *program)
{
	unsigned int i;

	batch->ours = 0;
	for (i = 0; i < batch->count; i++) {
		batch->headers[i] = program[i];
		batch->is_ours[i] =
		    frame(&batch->headers[i].msg_hdr, &program[i].msg_hdr,
			known, batch->control[i], sizeof(batch->control[i]));
		batch->ours += batch->is_ours[i];
	}
}

/* The one that failed, as without us; false if that is no use. */
static bool
send_bare(int fd, const struct batch *batch, struct mmsghdr *program,
    unsigned int i, int flags)
{
	if (!batch->is_ours[i] ||
	    !is_about_source(errno, has_more(&program[i].msg_hdr)))
		return false;
	return real()->sendmmsg(fd, &program[i], 1, flags) == 1;
}

static int
send_some(int fd, struct mmsghdr *program, unsigned int count, int flags,
    const struct sockets_known *known)
{
	struct batch batch;
	unsigned int i, done = 0;
	int n;

	batch.count = count;
	batch_frame(&batch, known, program);
	if (batch.ours == 0)
		return real()->sendmmsg(fd, program, count, flags);
	while (done < count) {
		n = real()->sendmmsg(
		    fd, &batch.headers[done], count - done, flags);
		for (i = done; n > 0 && i < done + (unsigned int)n; i++)
			program[i].msg_len = batch.headers[i].msg_len;
		if (n > 0)
			done += (unsigned int)n;
		else if (send_bare(fd, &batch, program, done, flags))
			done++;
		else
			return done > 0 ? (int)done : -1;
	}
	return (int)done;
}

int
hook_sendmmsg(int fd, struct mmsghdr *program, unsigned int count, int flags)
{
	struct sockets_known known;
	unsigned int some, done = 0;
	int n;

	if (count == 0 || !sockets_find(fd, &known))
		return real()->sendmmsg(fd, program, count, flags);
	if (count > UIO_MAXIOV)
		count = UIO_MAXIOV;
	do {
		some = count - done < MANY ? count - done : MANY;
		n = send_some(fd, &program[done], some, flags, &known);
		if (n <= 0)
			return done > 0 ? (int)done : n;
		done += (unsigned int)n;
	} while ((unsigned int)n == some && done < count);
	return (int)done;
}
