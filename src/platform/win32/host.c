/* SPDX-License-Identifier: ISC */
/*
 * platform/host.h for Windows, but for what has to do with services: that is
 * service.c.
 */
#include "platform/host.h"

#include "platform/win32/service.h"

#include <winsock2.h>

#include <ws2tcpip.h>

#include <iphlpapi.h>
#include <netioapi.h>
#include <ntsecapi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From 1601, where Windows starts to count, to 1970; in 100 ns. */
#define EPOCH INT64_C(116444736000000000)

/*
 * Ctrl-C is SIGINT; Ctrl-Break, the end of the session and the closing of the
 * console are SIGBREAK; SIGTERM is raised by service.c.
 */
const struct host_signal host_signals[] = {
	{ SIGTERM, HOST_STOP },
	{ SIGINT, HOST_STOP },
	{ SIGBREAK, HOST_STOP },
	{ 0, HOST_STOP },
};

/*
 * Addresses and interfaces.
 */

void
host_address_get(struct mh_address *address, const void *name)
{
	struct sockaddr_in6 name6;
	struct sockaddr_in name4;
	ADDRESS_FAMILY family = AF_UNSPEC;

	*address = (struct mh_address){ .family = MH_FAMILY_NONE };
	if (name != NULL)
		memcpy(&family, name, sizeof(family));
	if (family == AF_INET) {
		memcpy(&name4, name, sizeof(name4));
		address->family = MH_FAMILY_IPV4;
		address->port = ntohs(name4.sin_port);
		memcpy(address->ip, &name4.sin_addr, 4);
	} else if (family == AF_INET6) {
		memcpy(&name6, name, sizeof(name6));
		address->family = MH_FAMILY_IPV6;
		address->port = ntohs(name6.sin6_port);
		memcpy(address->ip, &name6.sin6_addr, 16);
		address->scope = name6.sin6_scope_id;
		if (IN6_IS_ADDR_V4MAPPED(&name6.sin6_addr)) {
			address->family = MH_FAMILY_IPV4;
			address->scope = 0;
			memmove(address->ip, address->ip + 12, 4);
			memset(address->ip + 4, 0, 12);
		}
	}
}

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

void
host_watch_drain(const struct host_watch *watch)
{
	char buffer[16];

	while (recv((SOCKET)watch->handle, buffer, sizeof(buffer), 0) > 0)
		;
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

/*
 * Clock, name.
 */

/* Windows 8 and later have one that is exact to less than 1 ms. */
static VOID(WINAPI *read_clock)(FILETIME *) = GetSystemTimeAsFileTime;

void
host_clock_init(void)
{
	FARPROC precise = GetProcAddress(
	    GetModuleHandleA("kernel32.dll"), "GetSystemTimePreciseAsFileTime");

	if (precise != NULL)
		memcpy(&read_clock, &precise, sizeof(read_clock));
}

int64_t
host_realtime_ns(void)
{
	ULARGE_INTEGER time;
	FILETIME file_time;

	read_clock(&file_time);
	time.LowPart = file_time.dwLowDateTime;
	time.HighPart = file_time.dwHighDateTime;
	return ((int64_t)time.QuadPart - EPOCH) * 100;
}

int64_t
host_monotonic_ns(void)
{
	LARGE_INTEGER frequency, count;

	QueryPerformanceFrequency(&frequency);
	QueryPerformanceCounter(&count);
	return count.QuadPart / frequency.QuadPart * 1000000000 +
	    count.QuadPart % frequency.QuadPart * 1000000000 /
	    frequency.QuadPart;
}

void
host_name(char *name, size_t size)
{
	DWORD length = (DWORD)size;

	if (!GetComputerNameExA(ComputerNameDnsHostname, name, &length) ||
	    name[0] == '\0')
		snprintf(name, size, "localhost");
}

/* Consoles know escape sequences since Windows 10, once they are told. */
#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif

bool
host_terminal(enum host_stream stream, struct host_terminal *terminal)
{
	HANDLE handle = GetStdHandle(
	    stream == HOST_OUTPUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
	CONSOLE_SCREEN_BUFFER_INFO info;
	DWORD mode;

	*terminal = (struct host_terminal){ .columns = 0 };
	if (!GetConsoleMode(handle, &mode) ||
	    !SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING))
		return false;
	if (GetConsoleScreenBufferInfo(handle, &info)) {
		terminal->columns = (unsigned int)(info.srWindow.Right -
		    info.srWindow.Left + 1);
		terminal->rows = (unsigned int)(info.srWindow.Bottom -
		    info.srWindow.Top + 1);
	}
	return true;
}

/*
 * Ports, randomness, rights.
 */

uint16_t
host_local_port(intptr_t handle)
{
	struct sockaddr_in6 name = { .sin6_port = 0 };
	int length = sizeof(name);

	if (getsockname((SOCKET)handle, (struct sockaddr *)&name, &length) != 0)
		return 0;
	return ntohs(name.sin6_port); /* where sin_port is, too */
}

void
host_peer(intptr_t handle, struct mh_address *peer)
{
	struct sockaddr_in6 name = { .sin6_family = AF_UNSPEC };
	int length = sizeof(name);

	(void)getpeername((SOCKET)handle, (struct sockaddr *)&name, &length);
	host_address_get(peer, &name);
}

int
host_reuseport_number(intptr_t handle,
    const uint8_t secret[HOST_REUSEPORT_SECRET], unsigned int processors)
{
	(void)handle;
	(void)secret;
	(void)processors;
	return MH_EUNSUPPORTED;
}

bool
host_random(void *bytes, size_t size)
{
	return RtlGenRandom(bytes, (ULONG)size);
}

void
host_raise_limits(void)
{
}

int
host_user_check(const char *user)
{
	(void)user;
	return MH_EUNSUPPORTED;
}

int
host_switch_user(const char *user)
{
	(void)user;
	return MH_EUNSUPPORTED;
}

int
host_drop_capabilities(void)
{
	return 0;
}

int
host_sandbox(void)
{
	return MH_EUNSUPPORTED;
}

/*
 * Threads: there is one, because no two sockets share a port.
 */

unsigned int
host_processors(void)
{
	return 1;
}

struct host_thread *
host_thread_start(void (*function)(void *), void *argument)
{
	(void)function;
	(void)argument;
	return NULL;
}

int
host_thread_pin(unsigned int number, unsigned int count)
{
	(void)number;
	(void)count;
	return MH_EUNSUPPORTED;
}

void
host_thread_join(struct host_thread *thread)
{
	(void)thread;
}

bool
host_channel_open(intptr_t ends[2])
{
	(void)ends;
	return false;
}

bool
host_channel_send(intptr_t end, const void *message, size_t size)
{
	(void)end;
	(void)message;
	(void)size;
	return false;
}

bool
host_channel_receive(intptr_t end, void *message, size_t size)
{
	(void)end;
	(void)message;
	(void)size;
	return false;
}

bool
host_channel_wait(intptr_t end, int milliseconds)
{
	(void)end;
	(void)milliseconds;
	return false;
}

void
host_channel_close(intptr_t ends[2])
{
	(void)ends;
}
