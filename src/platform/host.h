/* SPDX-License-Identifier: ISC */
/*
 * The contract between the daemon and the operating system, for everything
 * that is not UDP: how the program is entered, the addresses of this host, who
 * to run as, the clock, the system's log, and which signals mean what.
 */
#ifndef PLATFORM_HOST_H
#define PLATFORM_HOST_H

#include "lib/multihome.h"

/*
 * Enter the program as this system starts programs: call body with main()'s
 * arguments, and return its exit code.  Windows: first narrows down where DLLs
 * are loaded from; under the service manager body runs on a thread of its own;
 * and --service as the first argument manages the service instead.
 */
int host_main(int argc, char *argv[], int (*body)(int argc, char *argv[]));

/* What host_main() takes as arguments, for the help; "" if nothing. */
extern const char host_usage[];

/* Tell who started us that we serve now. */
void host_ready(void);

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

/* Tells when addresses or interfaces change. */
struct host_watch {
	intptr_t handle; /* of a socket; -1: none */
	void *system;    /* the room's own */
};

/*
 * Open *watch: its handle becomes readable when something changes, or is -1 if
 * the system cannot tell.  Linux: rtnetlink.
 */
void host_watch_open(struct host_watch *watch);

/* Take what made the handle readable off it. */
void host_watch_drain(const struct host_watch *watch);

void host_watch_close(struct host_watch *watch);

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

/* How bad a line of the log is. */
enum host_severity { HOST_ERROR, HOST_WARNING, HOST_INFORMATION, HOST_DEBUG };

/*
 * Write a line, without end-of-line, to the system's log if this process
 * belongs there: Windows, as a service: the Event Log.  False if it does not:
 * standard error is the place then.
 */
bool host_log(enum host_severity severity, const char *line);

/*
 * Give the file from the name to, in the place of what had it, in one step;
 * false and errno on failure.
 */
bool host_replace(const char *from, const char *to);

/* The name of this host; "localhost" if it has none. */
void host_name(char *name, size_t size);

/*
 * Become this user for good: its groups, no way back, no new privileges.
 * Call when all that needs privileges is done.  Returns 0; MH_EADDRESS for no
 * such user; MH_EPERMISSION; MH_ESYSTEM.  Windows: MH_EUNSUPPORTED, a service
 * has its account from the service manager.
 */
int host_become(const char *user);

#endif
