/* SPDX-License-Identifier: ISC */
/*
 * What the system says of a socket.
 */
#include "run/preload/ask.h"

#include "run/preload/real.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static bool
get(int fd, int level, int option, void *value, socklen_t size)
{
	return real()->getsockopt(fd, level, option, value, &size) == 0;
}

/* The port, if the name is a wildcard address. */
static uint16_t
wildcard_port(const struct sockaddr_storage *name, bool is_ipv6)
{
	const struct sockaddr_in *name4 = (const void *)name;
	const struct sockaddr_in6 *name6 = (const void *)name;

	if (!is_ipv6)
		return name4->sin_addr.s_addr == htonl(INADDR_ANY)
		    ? ntohs(name4->sin_port)
		    : 0;
	return memcmp(&name6->sin6_addr, &in6addr_any, 16) == 0
	    ? ntohs(name6->sin6_port)
	    : 0;
}

static bool
ask(int fd, struct ask_facts *facts)
{
	struct sockaddr_storage name = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof(name);
	int protocol = 0, family = 0, only_ipv6 = 1;

	if (!get(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, sizeof(protocol)) ||
	    protocol != IPPROTO_UDP ||
	    !get(fd, SOL_SOCKET, SO_DOMAIN, &family, sizeof(family)) ||
	    (family != AF_INET && family != AF_INET6) ||
	    !get(fd, SOL_SOCKET, SO_COOKIE, &facts->cookie,
		sizeof(facts->cookie)) ||
	    getsockname(fd, (struct sockaddr *)&name, &size) < 0)
		return false;
	facts->is_ipv6 = family == AF_INET6;
	if (facts->is_ipv6)
		get(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6,
		    sizeof(only_ipv6));
	facts->is_dual = facts->is_ipv6 && only_ipv6 == 0;
	facts->port = wildcard_port(&name, facts->is_ipv6);
	size = sizeof(name);
	facts->is_connected =
	    getpeername(fd, (struct sockaddr *)&name, &size) == 0;
	return true;
}

bool
ask_socket(int fd, struct ask_facts *facts)
{
	int error = errno;
	bool is_udp = ask(fd, facts);

	errno = error;
	return is_udp;
}

static const struct {
	int level, option;
} options[] = {
	[ASK_IPV4] = { IPPROTO_IP, IP_PKTINFO },
	[ASK_IPV6] = { IPPROTO_IPV6, IPV6_RECVPKTINFO },
};

bool
ask_is_on(int fd, enum ask_kind kind)
{
	int error = errno, value = 0;

	get(fd, options[kind].level, options[kind].option, &value,
	    sizeof(value));
	errno = error;
	return value != 0;
}

bool
ask_set(int fd, enum ask_kind kind, bool on)
{
	int error = errno, value = on;
	bool is_set = real()->setsockopt(fd, options[kind].level,
			  options[kind].option, &value, sizeof(value)) == 0;

	errno = error;
	return is_set;
}
