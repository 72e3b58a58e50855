/* SPDX-License-Identifier: ISC */
/*
 * The part of platform/udp.h that is alike on both systems: open, options,
 * bind, adopt, close, and numeric addresses.  Compiled against the system's own
 * headers; what differs is in the room's socket.c.
 */
#include "platform/socket.h"

#include "platform/sockaddr.h"

#include <stdlib.h>
#include <string.h>

int
mh__socket_failed(struct mh__udp *udp)
{
	udp->system_code = system_error();
	return mh__socket_code(udp->system_code);
}

/*
 * Addresses.
 */

bool
mh__ip_parse(enum mh_family family, const char *text, uint8_t ip[16])
{
	memset(ip, 0, 16);
	return inet_pton(sockaddr_family(family), text, ip) == 1;
}

void
mh__ip_format(
    enum mh_family family, const uint8_t ip[16], char *text, size_t size)
{
	if (inet_ntop(sockaddr_family(family), ip, text, (socklen_t)size) ==
	    NULL)
		*text = '\0';
}

/*
 * Options.
 */

int
mh__socket_set(struct mh__udp *udp, int level, int name, int value)
{
	if (setsockopt(system_socket(udp->handle), level, name,
		(const void *)&value, sizeof(value)) == 0)
		return 0;
	return mh__socket_failed(udp);
}

int
mh__socket_get(struct mh__udp *udp, int level, int name, int *value)
{
	socklen_t size = sizeof(*value);

	if (getsockopt(system_socket(udp->handle), level, name, (void *)value,
		&size) == 0)
		return 0;
	return mh__socket_failed(udp);
}

int
mh__socket_set_both(
    struct mh__udp *udp, int ipv4_name, int ipv6_name, int value)
{
	int error = 0;

	if (udp->family == MH_FAMILY_IPV4 || udp->dual_stack)
		error = mh__socket_set(udp, IPPROTO_IP, ipv4_name, value);
	if (error == 0 && udp->family == MH_FAMILY_IPV6)
		error = mh__socket_set(udp, IPPROTO_IPV6, ipv6_name, value);
	return error;
}

/* A success also where it cannot be set, but has that value. */
static int
set_only_ipv6(struct mh__udp *udp, int value)
{
	int error = mh__socket_set(udp, IPPROTO_IPV6, IPV6_V6ONLY, value);
	int system_code = udp->system_code, now;

	if (error == 0)
		return 0;
	if (mh__socket_get(udp, IPPROTO_IPV6, IPV6_V6ONLY, &now) == 0 &&
	    now == value)
		return 0;
	udp->system_code = system_code;
	return error;
}

const char *
mh__udp_option_name(enum mh__option option)
{
	return mh__socket_options[option].name;
}

int
mh__udp_set(struct mh__udp *udp, enum mh__option option, unsigned int value)
{
	const struct mh__socket_option *known = &mh__socket_options[option];
	int number = value > INT32_MAX ? INT32_MAX : (int)value;

	if (option == MH__ONLY_IPV6)
		return set_only_ipv6(udp, number);
	if (known->socket != 0)
		return mh__socket_set(udp, SOL_SOCKET, known->socket, number);
	if (known->ipv4 != 0 && known->ipv6 != 0)
		return mh__socket_set_both(
		    udp, known->ipv4, known->ipv6, number);
	if (known->ipv4 != 0)
		return mh__socket_set(udp, IPPROTO_IP, known->ipv4, number);
	if (known->ipv6 != 0)
		return mh__socket_set(udp, IPPROTO_IPV6, known->ipv6, number);
	return mh__socket_set_special(udp, option, value);
}

unsigned int
mh__udp_receive_buffer(struct mh__udp *udp)
{
	int bytes;

	return mh__socket_get(udp, SOL_SOCKET, SO_RCVBUF, &bytes) == 0
	    ? (unsigned int)bytes
	    : 0;
}

/*
 * Open and close.
 */

int
mh__udp_create(struct mh__udp *udp, enum mh_family family)
{
	*udp = (struct mh__udp){ .family = family,
		.handle = mh__socket_make(sockaddr_family(family)) };
	return udp->handle != -1 ? 0 : mh__socket_failed(udp);
}

int
mh__socket_learn_bound(struct mh__udp *udp)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	socklen_t length = sizeof(name);

	if (getsockname(system_socket(udp->handle), (struct sockaddr *)&name,
		&length) != 0)
		return mh__socket_failed(udp);
	sockaddr_get(&name, &udp->bound);
	return 0;
}

int
mh__udp_bind(struct mh__udp *udp, const struct mh_address *address)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	socklen_t length = sockaddr_set(&name, udp->family, address);

	if (bind(system_socket(udp->handle), (struct sockaddr *)&name,
		length) != 0) {
		udp->system_code = system_error();
		return mh__socket_bind_code(udp->system_code);
	}
	return mh__socket_learn_bound(udp);
}

int
mh__udp_adopt(struct mh__udp *udp, intptr_t handle)
{
	int domain, only_ipv6 = 1;

	*udp = (struct mh__udp){ .handle = handle };
	domain = mh__socket_domain(udp);
	if (domain == AF_UNSPEC)
		return MH_EINVALID;
	udp->family = domain == AF_INET ? MH_FAMILY_IPV4 : MH_FAMILY_IPV6;
	if (domain == AF_INET6 &&
	    mh__socket_get(udp, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6) == 0)
		udp->dual_stack = only_ipv6 == 0;
	if (mh__socket_learn_bound(udp) != 0 || udp->bound.port == 0)
		return MH_EINVALID;
	return mh__socket_prepare(udp);
}

void
mh__udp_close(struct mh__udp *udp)
{
	if (udp->handle != -1)
		system_close(udp->handle);
	udp->handle = -1;
	free(udp->vrf);
	udp->vrf = NULL;
	udp->vrf_count = 0;
}

static int
compare_indexes(const void *a, const void *b)
{
	const uint32_t *one = a, *other = b;

	return *one < *other ? -1 : *one > *other;
}

int
mh__udp_set_vrf(struct mh__udp *udp, const uint32_t *interfaces, size_t count)
{
	uint32_t *copy = NULL;

	if (count > 0) {
		copy = malloc(count * sizeof(*copy));
		if (copy == NULL)
			return MH_ENOMEMORY;
		memcpy(copy, interfaces, count * sizeof(*copy));
		qsort(copy, count, sizeof(*copy), compare_indexes);
	}
	free(udp->vrf);
	udp->vrf = copy;
	udp->vrf_count = (unsigned int)count;
	return 0;
}

bool
mh__socket_binds(const struct mh_address *address)
{
	struct mh_address any_port = *address;
	struct mh__udp scratch;
	int error;

	any_port.port = 0;
	error = mh__udp_create(&scratch, address->family);
	if (error != 0)
		return error != MH_EFAMILY; /* cannot tell: assume it is */
	error = mh__udp_bind(&scratch, &any_port);
	mh__udp_close(&scratch);
	return error == 0 || error == MH_EINUSE; /* no port is left */
}
