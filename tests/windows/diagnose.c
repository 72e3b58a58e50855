/* SPDX-License-Identifier: ISC */
/*
 * What only Windows can say, for whoever reads it: which sources it takes with
 * which interface, and what comes with a datagram to each address of this host.
 * Prints; whether that is right is for the tests.
 */
#include "lib/multihome.h"
#include "platform/network.h"
#include "platform/sockaddr.h"
#include "platform/win32/control.h"
#include "platform/win32/extension.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ws2tcpip.h>

static struct host_network network;

static const char *
text_of(const struct mh_address *address)
{
	static char texts[4][MH_ADDRESS_TEXT];
	static unsigned int next;
	char *text = texts[next++ % 4];

	return mh_address_format(address, text, MH_ADDRESS_TEXT);
}

static SOCKET
open_bound(const struct mh_address *address)
{
	SOCKET opened =
	    socket(sockaddr_family(address->family), SOCK_DGRAM, IPPROTO_UDP);
	struct sockaddr_in6 name;
	int length = (int)sockaddr_set(&name, address->family, address);

	if (opened == INVALID_SOCKET ||
	    bind(opened, (struct sockaddr *)&name, length) == 0)
		return opened;
	printf("bind to %s: error %d\n", text_of(address), WSAGetLastError());
	closesocket(opened);
	return INVALID_SOCKET;
}

/* To address, from source by that interface: the error, or where it is seen. */
static void
try(struct mh_socket *server, const struct mh_address *to,
    const struct mh_address *source, uint32_t if_index)
{
	_Alignas(8) uint8_t control[CONTROL_SIZE];
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC }, from = name;
	SOCKET client = open_bound(to);
	int length = sizeof(name);
	WSABUF data = { 1, (char[]){ 'x' } };
	WSAMSG message = { .name = (struct sockaddr *)&name,
		.lpBuffers = &data,
		.dwBufferCount = 1 };
	struct timeval patience = { .tv_usec = 300000 };
	struct mh_address seen, client_at;
	fd_set readable;
	DWORD sent;
	char byte;

	if (client == INVALID_SOCKET)
		return;
	getsockname(client, (struct sockaddr *)&name, &length);
	sockaddr_get(&name, &client_at);
	/* The server's socket is one for both families. */
	message.namelen = (int)sockaddr_set(&name, MH_FAMILY_IPV6, &client_at);
	message.Control.len = mh__control_encode(control, source, if_index);
	if (message.Control.len != 0)
		message.Control.buf = (char *)control;
	printf("  to %s from %s by interface %u: ", text_of(to),
	    text_of(source), (unsigned int)if_index);
	FD_ZERO(&readable);
	FD_SET(client, &readable);
	length = sizeof(from);
	if (mh__extension.send((SOCKET)mh_socket_handle(server), &message, 0,
		&sent, NULL, NULL) != 0)
		printf("error %d\n", WSAGetLastError());
	else if (select(0, &readable, NULL, NULL, &patience) != 1)
		printf("sent, but does not arrive\n");
	else {
		recvfrom(
		    client, &byte, 1, 0, (struct sockaddr *)&from, &length);
		sockaddr_get(&from, &seen);
		seen.port = 0;
		printf("seen from %s\n", text_of(&seen));
	}
	closesocket(client);
}

/* The control messages of one datagram, byte for byte. */
static void
dump(struct mh_socket *server, const struct mh_address *to)
{
	_Alignas(8) uint8_t control[CONTROL_SIZE];
	char byte;
	WSABUF data = { 1, &byte };
	struct sockaddr_in6 name;
	WSAMSG message = { .name = (struct sockaddr *)&name,
		.namelen = sizeof(name),
		.lpBuffers = &data,
		.dwBufferCount = 1,
		.Control = { sizeof(control), (char *)control } };
	struct timeval patience = { .tv_sec = 1 };
	SOCKET socket = (SOCKET)mh_socket_handle(server);
	struct mh_address target = *to;
	SOCKET client = open_bound(to);
	DWORD length;
	fd_set readable;
	ULONG i;
	int size;

	if (client == INVALID_SOCKET)
		return;
	target.port = mh_socket_info(server)->bound.port;
	size = (int)sockaddr_set(&name, target.family, &target);
	if (sendto(client, "x", 1, 0, (struct sockaddr *)&name, size) != 1)
		printf("  sendto: error %d\n", WSAGetLastError());
	closesocket(client);
	FD_ZERO(&readable);
	FD_SET(socket, &readable);
	if (select(0, &readable, NULL, NULL, &patience) != 1 ||
	    mh__extension.receive(socket, &message, &length, NULL, NULL) != 0) {
		printf("  nothing received, error %d\n", WSAGetLastError());
		return;
	}
	printf("  peer's scope %lu, flags %#lx, %lu bytes:",
	    message.namelen == sizeof(name) ? name.sin6_scope_id : 0,
	    message.dwFlags, message.Control.len);
	for (i = 0; i < message.Control.len; i++)
		printf("%s%02x", i % 8 == 0 ? "  " : " ", control[i]);
	printf("\n");
}

/* From each source that might be refused, and by each interface of a source. */
static void
try_all(struct mh_socket *server, const struct mh_address *to)
{
	static const char *const odd[] = { "127.0.0.1", "127.0.0.2",
		"192.0.2.77", "::1", "2001:db8::77" };
	struct mh_address source;
	size_t i, j;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if (mh_address_parse(&source, odd[i]) == 0 &&
		    source.family == to->family)
			try(server, to, &source, 0);
	for (i = 0; i < network.address_count; i++) {
		source = network.addresses[i].address;
		if (source.family != to->family)
			continue;
		try(server, to, &source, 0);
		for (j = 0; j < network.interface_count; j++)
			try(server, to, &source, network.interfaces[j].index);
	}
}

int
main(void)
{
	const struct mh_socket_options options = { .want = MH_CAN_OPTIONAL };
	const struct mh_address any = { .family = MH_FAMILY_NONE };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;
	size_t i;

	if (mh_platform_init(&problem) != 0 ||
	    mh_socket_open(sockets, &any, &options, &problem) != 1) {
		printf("%s: %s\n", problem.what, problem.text);
		return 1;
	}
	if (host_network_load(&network) != 0) {
		printf("the addresses of this host cannot be read\n");
		return 1;
	}
	for (i = 0; i < network.address_count; i++) {
		printf("%s, of interface %u (%s)\n",
		    text_of(&network.addresses[i].address),
		    (unsigned int)network.addresses[i].if_index,
		    host_network_name(&network, network.addresses[i].if_index));
		dump(sockets[0], &network.addresses[i].address);
		try_all(sockets[0], &network.addresses[i].address);
	}
	host_network_free(&network);
	mh_socket_close(sockets[0]);
	return 0;
}
