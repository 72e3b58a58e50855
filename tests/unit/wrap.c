/* SPDX-License-Identifier: ISC */
/*
 * The wrapped system calls.  The names are the linker's.
 */
#include "unit/wrap.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int __real_socket(int domain, int type, int protocol);
int __real_setsockopt(
    int fd, int level, int name, const void *value, socklen_t size);
int __real_recvmmsg(int fd, struct mmsghdr *headers, unsigned int count,
    int flags, struct timespec *timeout);
int __real_sendmmsg(
    int fd, struct mmsghdr *headers, unsigned int count, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *header, int flags);
ssize_t __real_sendmsg(int fd, const struct msghdr *header, int flags);
ssize_t __real_recv(int fd, void *data, size_t size, int flags);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_setsockopt(
    int fd, int level, int name, const void *value, socklen_t size);
int __wrap_recvmmsg(int fd, struct mmsghdr *headers, unsigned int count,
    int flags, struct timespec *timeout);
int __wrap_sendmmsg(
    int fd, struct mmsghdr *headers, unsigned int count, int flags);

ssize_t __wrap_recvmsg(int fd, struct msghdr *header, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *header, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t size, int flags);

struct wrap wrap;

void
wrap_reset(void)
{
	memset(&wrap, 0, sizeof(wrap));
}

int
wrap_lowest_file(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static bool
fails(struct wrap_call *call, int which)
{
	call->calls++;
	if (call->error == 0 || (call->which != 0 && call->which != which))
		return false;
	errno = call->error;
	if (call->times != 0 && --call->times == 0)
		call->error = 0;
	return true;
}

int
__wrap_socket(int domain, int type, int protocol)
{
	if (fails(&wrap.socket, domain))
		return -1;
	return __real_socket(domain, type, protocol);
}

int
__wrap_setsockopt(
    int fd, int level, int name, const void *value, socklen_t size)
{
	/* Option numbers are not unique: level in the upper half. */
	if (fails(&wrap.setsockopt, level << 16 | name))
		return -1;
	return __real_setsockopt(fd, level, name, value, size);
}

int
__wrap_recvmmsg(int fd, struct mmsghdr *headers, unsigned int count, int flags,
    struct timespec *timeout)
{
	unsigned int i;
	int n;

	for (i = 0; i < count; i++) {
		const struct msghdr *header = &headers[i].msg_hdr;

		if (header->msg_namelen < sizeof(struct sockaddr_in6) ||
		    header->msg_control == NULL ||
		    header->msg_controllen < 256 || header->msg_flags != 0 ||
		    headers[i].msg_len != 0)
			wrap.stale = true;
	}
	if (fails(&wrap.recvmmsg, 0)) {
		/* The kernel may have written there before it failed. */
		headers[0].msg_hdr.msg_flags = MSG_TRUNC | MSG_CTRUNC;
		headers[0].msg_hdr.msg_namelen = 0;
		headers[0].msg_hdr.msg_controllen = 0;
		headers[0].msg_len = 77;
		return -1;
	}
	n = __real_recvmmsg(fd, headers, count, flags, timeout);
	if (n > 0)
		headers[0].msg_hdr.msg_flags |= wrap.receive_flags;
	if (n > 0 && wrap.receive_name != NULL)
		memcpy(headers[0].msg_hdr.msg_name, wrap.receive_name,
		    sizeof(*wrap.receive_name));
	return n;
}

static void
note(const struct msghdr *header)
{
	struct wrap_message *message = &wrap.sent[wrap.sent_count];
	size_t size = header->msg_controllen;

	if (wrap.sent_count == sizeof(wrap.sent) / sizeof(wrap.sent[0]))
		return;
	memset(message, 0, sizeof(*message));
	memcpy(&message->name, header->msg_name,
	    header->msg_namelen < sizeof(message->name)
		? header->msg_namelen
		: sizeof(message->name));
	message->name_length = header->msg_namelen;
	message->control = header->msg_control;
	message->control_length = size;
	if (size > sizeof(message->bytes))
		size = sizeof(message->bytes);
	if (header->msg_control != NULL)
		memcpy(message->bytes, header->msg_control, size);
	message->flags = header->msg_flags;
	message->data = header->msg_iov[0].iov_base;
	message->length = header->msg_iov[0].iov_len;
	wrap.sent_count++;
}

int
__wrap_sendmmsg(int fd, struct mmsghdr *headers, unsigned int count, int flags)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		note(&headers[i].msg_hdr);
	if (fails(&wrap.sendmmsg, 0))
		return -1;
	return __real_sendmmsg(fd, headers, count, flags);
}

ssize_t
__wrap_recvmsg(int fd, struct msghdr *header, int flags)
{
	return fails(&wrap.recvmsg, 0) ? -1 : __real_recvmsg(fd, header, flags);
}

ssize_t
__wrap_sendmsg(int fd, const struct msghdr *header, int flags)
{
	return fails(&wrap.sendmsg, 0) ? -1 : __real_sendmsg(fd, header, flags);
}

ssize_t
__wrap_recv(int fd, void *data, size_t size, int flags)
{
	unsigned int i = wrap.answered;
	size_t length;

	if (wrap.answer_count == 0)
		return __real_recv(fd, data, size, flags);
	if (i == wrap.answer_count)
		return 0;
	wrap.receives++;
	wrap.answered += !wrap.answers[i].repeat;
	errno = wrap.answers[i].error;
	if (errno != 0)
		return -1;
	length = wrap.answers[i].length;
	memcpy(data, wrap.answers[i].data, length < size ? length : size);
	return (
	    ssize_t)(length < size || (flags & MSG_TRUNC) != 0 ? length : size);
}
