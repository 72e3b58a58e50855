/* SPDX-License-Identifier: ISC */
/*
 * The contract between the daemon and the operating system, for everything
 * that is not UDP: the addresses of this host, who to run as, the clock, the
 * terminal, and which signals mean what.
 */
#ifndef PLATFORM_HOST_H
#define PLATFORM_HOST_H

#include "lib/multihome.h"

/* One address of one interface. */
struct host_address {
	struct mh_address address;   /* port 0 */
	struct mh_address broadcast; /* family none if it has none */
	uint32_t interface;
};

struct host_interface {
	uint32_t index;
	char name[32]; /* cut if longer */
};

/* All interfaces, sorted by index, and all addresses, in no order. */
struct host_network {
	struct host_address *addresses;
	size_t address_count;
	struct host_interface *interfaces;
	size_t interface_count;
};

/*
 * Read what this host has now.  Returns 0 or MH_E*; on failure *network is as
 * before.  Replaces and frees what was in *network.
 */
int host_network_load(struct host_network *network);

/* Free the tables; *network may be loaded again. */
void host_network_free(struct host_network *network);

/* The name of an interface; "" if there is none of that index. */
const char *host_network_name(
    const struct host_network *network, uint32_t index);

/*
 * Read an address of the system's, a struct sockaddr: family none if it is
 * neither IPv4 nor IPv6, or NULL.
 */
void host_address_get(struct mh_address *address, const void *name);

/*
 * A handle that becomes readable when addresses or interfaces change; -1 if
 * the system cannot tell.  Linux: rtnetlink.
 */
intptr_t host_watch_open(void);

/* Take what made the handle readable off it. */
void host_watch_drain(intptr_t watch);

void host_watch_close(intptr_t watch);

/* What a signal asks of the daemon. */
enum host_wish { HOST_STOP, HOST_COUNTERS, HOST_RELOAD };

struct host_signal {
	int number;
	enum host_wish wish;
};

/* The signals to listen to; ended by number 0. */
extern const struct host_signal host_signals[];

/* Now: UTC, and a clock that never jumps; nanoseconds. */
int64_t host_now(void);
int64_t host_ticks(void);

/* The name of this host; "localhost" if it has none. */
void host_name(char *name, size_t size);

/* A terminal, as far as it matters; 0: unknown. */
struct host_terminal {
	unsigned int columns, rows;
};

enum host_stream { HOST_OUTPUT = 1, HOST_ERROR = 2 };

/*
 * Is the stream a terminal that knows the escape sequences of ECMA-48?  Sets
 * it up for them if need be.  False for files and pipes.
 */
bool host_terminal(enum host_stream stream, struct host_terminal *terminal);

/*
 * Become this user for good: its groups, no way back, no new privileges.
 * Call when all that needs privileges is done.  Returns 0; MH_EADDRESS for no
 * such user; MH_EPERMISSION; MH_ESYSTEM.  Windows: MH_EUNSUPPORTED, a service
 * has its account from the service manager.
 */
int host_become(const char *user);

#endif
