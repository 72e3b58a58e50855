/* SPDX-License-Identifier: ISC */
/*
 * What makes a descriptor one of ours, and what ends that; and the options that
 * both the program and we may ask for.
 */
#include "run/preload/hooks.h"

#include "run/preload/rebind.h"
#include "run/preload/sockets.h"
#include "run/preload/way.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>

int
hook_socket(int family, int type, int protocol)
{
	int fd = real()->socket(family, type, protocol);

	sockets_ignore(fd);
	return fd;
}

/* The port that a program asks for; 0: none, the system chooses. */
static uint16_t
port_of(const struct sockaddr *name, socklen_t size)
{
	struct sockaddr_in in;

	/* Where the port of IPv6 is, too. */
	if (name == NULL || size < sizeof(in))
		return 0;
	memcpy(&in, name, sizeof(in));
	if (in.sin_family != AF_INET && in.sin_family != AF_INET6 &&
	    in.sin_family != AF_UNSPEC)
		return 0;
	return ntohs(in.sin_port);
}

int
hook_bind(int fd, const struct sockaddr *name, socklen_t size)
{
	struct sockets_known known;
	int result = real()->bind(fd, name, size);

	if (result == 0 && port_of(name, size) != 0) {
		sockets_forget(fd);
		/* At once: the first datagram may be waiting already. */
		if (sockets_find(fd, &known))
			way_look_at_interfaces();
	}
	return result;
}

int
hook_connect(int fd, const struct sockaddr *name, socklen_t size)
{
	struct sockets_known known;
	bool is_ours, is_rebound;
	int result;

	if (name == NULL || size < sizeof(name->sa_family))
		return real()->connect(fd, name, size);
	is_ours = name->sa_family != AF_UNSPEC && sockets_find(fd, &known);
	is_rebound = is_ours && rebind(fd, &known, name, size);
	result = real()->connect(fd, name, size);
	if (result == 0 && is_ours)
		sockets_release(fd, &known);
	else if (result == 0 && name->sa_family == AF_UNSPEC)
		sockets_forget(fd); /* no peer any more */
	else if (is_rebound)
		rebind_undo(fd);
	return result;
}

/* Which of our requests is that option?  0: none. */
static uint32_t
request_of(int level, int option)
{
	if (level == IPPROTO_IP && option == IP_PKTINFO)
		return ENTRY_IPV4_OURS;
	if (level == IPPROTO_IPV6 && option == IPV6_RECVPKTINFO)
		return ENTRY_IPV6_OURS;
	return 0;
}

static uint32_t
wanted_of(uint32_t request)
{
	return request == ENTRY_IPV4_OURS ? ENTRY_IPV4_WANTED
					  : ENTRY_IPV6_WANTED;
}

/* An option that we ask for, too, of one of ours. */
static int
set_request(int fd, const struct sockets_known *known, int option,
    const void *value, socklen_t size)
{
	bool is_ipv4 = option == IP_PKTINFO;
	int level = is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
	uint32_t request = request_of(level, option);
	int result, number = 0;

	if (value != NULL && size >= sizeof(number))
		memcpy(&number, value, sizeof(number));
	else if (value != NULL && is_ipv4 && size >= 1)
		number = *(const uint8_t *)value;
	else /* an error, or not: the kernel knows */
		return real()->setsockopt(fd, level, option, value, size);
	if (number == 0) {
		/* It stays on, for us. */
		entry_set(known->entry, request);
		entry_clear(known->entry, wanted_of(request));
		return 0;
	}
	result = real()->setsockopt(fd, level, option, value, size);
	if (result == 0)
		entry_set(known->entry, wanted_of(request));
	return result;
}

/* Options that say where a socket sends from. */
static void
note_option(int fd, int level, int option, const void *value, socklen_t size)
{
	struct in6_pktinfo info;
	struct ip_mreqn group;
	struct entry *entry;

	if (level == IPPROTO_IPV6 && option == IPV6_PKTINFO) {
		if (size < sizeof(info) || (entry = sockets_entry(fd)) == NULL)
			return;
		memcpy(&info, value, sizeof(info));
		if (memcmp(&info.ipi6_addr, &in6addr_any, 16) != 0)
			entry_set(entry, ENTRY_STICKY);
		else
			entry_clear(entry, ENTRY_STICKY);
	} else if (level == IPPROTO_IP && option == IP_MULTICAST_IF) {
		if (size < sizeof(group) || (entry = sockets_entry(fd)) == NULL)
			return;
		memcpy(&group, value, sizeof(group));
		atomic_store(&entry->group_index, group.imr_ifindex);
	}
}

int
hook_setsockopt(
    int fd, int level, int option, const void *value, socklen_t size)
{
	struct sockets_known known;
	int result;

	/* IPv4 has no option of IPv6: the kernel refuses it. */
	if (request_of(level, option) != 0 && sockets_find(fd, &known) &&
	    (known.is_ipv6 || level == IPPROTO_IP))
		return set_request(fd, &known, option, value, size);
	result = real()->setsockopt(fd, level, option, value, size);
	if (result == 0 && value != NULL &&
	    (level == IPPROTO_IP || level == IPPROTO_IPV6))
		note_option(fd, level, option, value, size);
	return result;
}

int
hook_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
	struct sockets_known known;
	uint32_t request = request_of(level, option);
	int result = real()->getsockopt(fd, level, option, value, size);

	if (result == 0 && request != 0 && sockets_find(fd, &known) &&
	    (entry_flags(known.entry) & wanted_of(request)) == 0)
		memset(value, 0, *size);
	return result;
}

int
hook_close(int fd)
{
	/* Before: afterwards another thread may have that number. */
	sockets_forget(fd);
	return real()->close(fd);
}

int
hook_close_range(unsigned int first, unsigned int last, int flags)
{
	/* They may stay, to be closed by execve(). */
	sockets_forget_range(first, last);
	if (real()->close_range != NULL)
		return real()->close_range(first, last, flags);
	errno = ENOSYS;
	return -1;
}

int
hook_dup(int fd)
{
	int result = real()->dup(fd);

	if (result >= 0)
		sockets_put(result);
	return result;
}

int
hook_dup2(int from, int to)
{
	int result = real()->dup2(from, to);

	if (result >= 0 && from != to)
		sockets_put(result);
	return result;
}

int
hook_dup3(int from, int to, int flags)
{
	int result = real()->dup3(from, to, flags);

	if (result >= 0)
		sockets_put(result);
	return result;
}

/* What the commands have besides is a number or an address: as large as one. */
#define PASS_ON(call)                                                   \
	do {                                                            \
		void *value;                                            \
		va_list list;                                           \
		int result;                                             \
                                                                        \
		va_start(list, command);                                \
		value = va_arg(list, void *);                           \
		va_end(list);                                           \
		result = real()->call(fd, command, value);              \
		if (result >= 0 &&                                      \
		    (command == F_DUPFD || command == F_DUPFD_CLOEXEC)) \
			sockets_put(result);                            \
		return result;                                          \
	} while (0)

int
hook_fcntl(int fd, int command, ...)
{
	PASS_ON(fcntl);
}

int
hook_fcntl64(int fd, int command, ...)
{
	PASS_ON(fcntl64);
}
