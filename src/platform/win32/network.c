/* SPDX-License-Identifier: ISC */
/*
 * platform/network.h for Windows: the IP Helper API.
 */
#include "platform/network.h"

#include <winsock2.h>

#include <ws2tcpip.h>

#include <iphlpapi.h>
#include <netioapi.h>
#include <stdio.h>
#include <stdlib.h>

/* One adapter: its interface, and its addresses. */
static void
load_adapter(struct host_network *network, const IP_ADAPTER_ADDRESSES *adapter)
{
	const IP_ADAPTER_UNICAST_ADDRESS *unicast;
	struct host_interface *entry;
	struct host_address *at;

	entry = &network->interfaces[network->interface_count++];
	entry->index =
	    adapter->IfIndex != 0 ? adapter->IfIndex : adapter->Ipv6IfIndex;
	if (WideCharToMultiByte(CP_UTF8, 0, adapter->FriendlyName, -1,
		entry->name, sizeof(entry->name), NULL, NULL) == 0)
		snprintf(entry->name, sizeof(entry->name), "%lu",
		    (unsigned long)entry->index);
	for (unicast = adapter->FirstUnicastAddress; unicast != NULL;
	     unicast = unicast->Next) {
		at = &network->addresses[network->address_count];
		host_address_get(&at->address, unicast->Address.lpSockaddr);
		if (at->address.family == MH_FAMILY_NONE)
			continue;
		/* The system does not tell it. */
		host_broadcast_get(
		    &at->broadcast, &at->address, unicast->OnLinkPrefixLength);
		at->if_index = entry->index;
		if (unicast->DadState == IpDadStateTentative)
			at->state = HOST_ADDRESS_TENTATIVE;
		else if (unicast->DadState == IpDadStateDuplicate)
			at->state = HOST_ADDRESS_DUPLICATE;
		at->is_deprecated = unicast->DadState == IpDadStateDeprecated;
		network->address_count++;
	}
}

/* The system's list; NULL and a code if it cannot be had.  The caller frees. */
static IP_ADAPTER_ADDRESSES *
read_adapters(int *error)
{
	const ULONG leave_out = GAA_FLAG_SKIP_ANYCAST |
	    GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
	IP_ADAPTER_ADDRESSES *list = NULL;
	ULONG size = 16384, status;

	do {
		free(list);
		list = malloc(size);
		if (list == NULL) {
			*error = MH_ENOMEMORY;
			return NULL;
		}
		status = GetAdaptersAddresses(
		    AF_UNSPEC, leave_out, NULL, list, &size);
	} while (status == ERROR_BUFFER_OVERFLOW);
	if (status == NO_ERROR)
		return list;
	free(list);
	*error = MH_ESYSTEM;
	return NULL;
}

int
host_network_load(struct host_network *network)
{
	struct host_network fresh = { .addresses = NULL };
	size_t adapters = 0, addresses = 0;
	int error = MH_ENOMEMORY;
	IP_ADAPTER_ADDRESSES *list = read_adapters(&error);
	const IP_ADAPTER_ADDRESSES *adapter;
	const IP_ADAPTER_UNICAST_ADDRESS *unicast;

	if (list == NULL)
		return error;
	for (adapter = list; adapter != NULL; adapter = adapter->Next) {
		adapters++;
		for (unicast = adapter->FirstUnicastAddress; unicast != NULL;
		     unicast = unicast->Next)
			addresses++;
	}
	/* One more: calloc(0) may be NULL. */
	fresh.addresses = calloc(addresses + 1, sizeof(*fresh.addresses));
	fresh.interfaces = calloc(adapters + 1, sizeof(*fresh.interfaces));
	if (fresh.addresses == NULL || fresh.interfaces == NULL) {
		host_network_free(&fresh);
		free(list);
		return MH_ENOMEMORY;
	}
	for (adapter = list; adapter != NULL; adapter = adapter->Next)
		load_adapter(&fresh, adapter);
	host_network_sort(&fresh);
	free(list);
	host_network_free(network);
	*network = fresh;
	return 0;
}

bool
host_tracks_connections(void)
{
	return true;
}

/*
 * Changes.  The system calls back on a thread of its own; a socket that is
 * connected to itself turns that into something to wait for.
 */

static VOID WINAPI
on_change(
    PVOID context, PMIB_UNICASTIPADDRESS_ROW row, MIB_NOTIFICATION_TYPE type)
{
	(void)row;
	if (type != MibInitialNotification)
		send((SOCKET)context, "", 1, 0);
}

static SOCKET
open_loop(void)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	SOCKET loop = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	int length = sizeof(name);
	u_long enabled = 1;

	if (loop == INVALID_SOCKET)
		return INVALID_SOCKET;
	if (bind(loop, (struct sockaddr *)&name, length) == 0 &&
	    getsockname(loop, (struct sockaddr *)&name, &length) == 0 &&
	    connect(loop, (struct sockaddr *)&name, length) == 0 &&
	    ioctlsocket(loop, FIONBIO, &enabled) == 0)
		return loop;
	closesocket(loop);
	return INVALID_SOCKET;
}

void
host_watch_open(struct host_watch *watch)
{
	SOCKET loop = open_loop();
	HANDLE notification = NULL;

	*watch = (struct host_watch){ .handle = -1 };
	if (loop == INVALID_SOCKET)
		return;
	if (NotifyUnicastIpAddressChange(AF_UNSPEC, on_change, (PVOID)loop,
		FALSE, &notification) != NO_ERROR) {
		closesocket(loop);
		return;
	}
	watch->handle = (intptr_t)loop;
	watch->system = notification;
}

bool
host_watch_read(const struct host_watch *watch)
{
	char buffer[16];
	bool changed = false;

	while (recv((SOCKET)watch->handle, buffer, sizeof(buffer), 0) > 0)
		changed = true;
	return changed;
}

int
host_watch_load(
    struct host_watch *watch, struct host_network *network, bool *again)
{
	int error = host_network_load(network);

	watch->complete++;
	*again = error != 0;
	return error;
}

void
host_watch_close(struct host_watch *watch)
{
	if (watch->handle == -1)
		return;
	/* Returns when the last call back has. */
	if (watch->system != NULL)
		CancelMibChangeNotify2(watch->system);
	closesocket((SOCKET)watch->handle);
	*watch = (struct host_watch){ .handle = -1 };
}

void
host_name(char *name, size_t size)
{
	DWORD length = (DWORD)size;

	if (!GetComputerNameExA(ComputerNameDnsHostname, name, &length) ||
	    name[0] == '\0')
		snprintf(name, size, "localhost");
}

bool
host_loopback_reaches(const struct mh_address *address)
{
	return mh_address_class(address) == MH_CLASS_LOOPBACK;
}
