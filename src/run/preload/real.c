/* SPDX-License-Identifier: ISC */
/*
 * The functions of the C library that ours stand before.
 */
#include "run/preload/real.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

static struct real functions;
static atomic_bool is_known;

/* ISO C has no pointer that holds both; POSIX says that these do. */
#define LOOK_UP(member, name)                                       \
	do {                                                        \
		void *symbol = dlsym(RTLD_NEXT, name);              \
		memcpy(&functions.member, &symbol, sizeof(symbol)); \
	} while (0)

static void
look_up_sockets(void)
{
	LOOK_UP(socket, "socket");
	LOOK_UP(bind, "bind");
	LOOK_UP(connect, "connect");
	LOOK_UP(close, "close");
	LOOK_UP(close_range, "close_range");
	LOOK_UP(dup, "dup");
	LOOK_UP(dup2, "dup2");
	LOOK_UP(dup3, "dup3");
	LOOK_UP(fcntl, "fcntl");
	LOOK_UP(fcntl64, "fcntl64");
	LOOK_UP(setsockopt, "setsockopt");
	LOOK_UP(getsockopt, "getsockopt");
}

static void
look_up_datagrams(void)
{
	LOOK_UP(recvfrom, "recvfrom");
	LOOK_UP(recvfrom_chk, "__recvfrom_chk");
	LOOK_UP(recvmsg, "recvmsg");
	LOOK_UP(recvmmsg, "recvmmsg");
	LOOK_UP(sendto, "sendto");
	LOOK_UP(sendmsg, "sendmsg");
	LOOK_UP(sendmmsg, "sendmmsg");
}

static void
look_up_programs(void)
{
	LOOK_UP(execve, "execve");
	LOOK_UP(execvpe, "execvpe");
	LOOK_UP(fexecve, "fexecve");
	LOOK_UP(execveat, "execveat");
	LOOK_UP(posix_spawn, "posix_spawn");
	LOOK_UP(posix_spawnp, "posix_spawnp");
}

const struct real *
real(void)
{
	/* Threads of a constructor before ours would find the same. */
	if (!atomic_load_explicit(&is_known, memory_order_acquire)) {
		look_up_sockets();
		look_up_datagrams();
		look_up_programs();
		atomic_store_explicit(&is_known, true, memory_order_release);
	}
	return &functions;
}
