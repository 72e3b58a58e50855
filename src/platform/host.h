/* SPDX-License-Identifier: ISC */
/*
 * The contract between the daemon and the operating system, for everything
 * that is not UDP: how the program is entered, the addresses of this host, who
 * to run as, the clock, the terminal, the system's log, and which signals mean
 * what.
 */
#ifndef PLATFORM_HOST_H
#define PLATFORM_HOST_H

#include "lib/multihome.h"

/*
 * Enter the program as this system starts programs: call body with main()'s
 * arguments, and return its exit code.  Linux: standard streams that are closed
 * are /dev/null then, so that nothing else takes their place.  Windows: first
 * narrows down where DLLs are loaded from; under the service manager body runs
 * on a thread of its own; and --service as the first argument manages the
 * service instead.
 */
int host_main(int argc, char *argv[], int (*body)(int argc, char *argv[]));

/* What host_main() takes as arguments, for the help; "" if nothing. */
extern const char host_usage[];

/*
 * Let this program have as many sockets as its user may.  Linux: the soft limit
 * of open files becomes the hard one (getrlimit(2)).  Windows has none.
 */
void host_raise_limits(void);

/* One address of one interface. */
struct host_address {
	struct mh_address address;   /* port 0 */
	struct mh_address broadcast; /* family none if it has none */
	uint32_t if_index;
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
 * Read an address of the system's, a struct sockaddr: family none if it is
 * neither IPv4 nor IPv6, or NULL.  A v4-mapped one is IPv4.
 */
void host_address_get(struct mh_address *address, const void *name);

/*
 * The last address of the subnet of an IPv4 address.  Family none where there
 * is none: RFC 3021, loopback, IPv6.
 */
void host_broadcast_get(struct mh_address *broadcast,
    const struct mh_address *address, unsigned int prefix);

/* Put the interfaces in the order that host_network_name() wants. */
void host_network_sort(struct host_network *network);

/*
 * Open *watch: its handle becomes readable when something changes, or is -1 if
 * the system cannot tell.  Linux: rtnetlink.
 */
void host_watch_open(struct host_watch *watch);

/* Take what made the handle readable off it. */
void host_watch_drain(const struct host_watch *watch);

void host_watch_close(struct host_watch *watch);

/* What a signal asks of the daemon. */
enum host_action {
	HOST_STOP,
	HOST_DRAIN,
	HOST_COUNTERS,
	HOST_RELOAD,
	HOST_IGNORE
};

struct host_signal {
	int number;
	enum host_action action;
};

/* The signals to listen to; ended by number 0. */
extern const struct host_signal host_signals[];

/* Now: UTC, and a clock that never jumps; nanoseconds. */
int64_t host_realtime_ns(void);
int64_t host_monotonic_ns(void);

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
 * Read a whole file of at most max bytes, as malloc'd memory with a 0 behind
 * it.  NULL and the reason in words if that is not possible.  Linux: a regular
 * file alone, so that nobody has to be waited for.
 */
char *host_file_read(const char *path, size_t max, size_t *length, char *reason,
    size_t reason_size);

/*
 * The same of anything that has an end, as a pipe; waits for it.  Before
 * host_privsep_start().
 */
char *host_stream_read(const char *path, size_t max, size_t *length,
    char *reason, size_t reason_size);

/*
 * Give a file that text, whole or not at all: what was there before stays or
 * is replaced in one step.  False and the reason in words on failure.
 */
bool host_file_write(const char *path, const char *text, size_t length,
    char *reason, size_t reason_size);

/*
 * Before rights are given up: arrange that host_file_read() of config_path and
 * of files it names, and host_file_write() of port_path, go on working; either
 * may be NULL.  Linux: a process of its own keeps the rights to do that, and
 * no others; sandbox: it has one, too.  Windows: nothing has to be done.
 * False if that cannot be had.
 */
bool host_privsep_start(
    const char *config_path, const char *port_path, bool sandbox);

/* The local port of a socket, whatever its kind; 0 if it has none. */
uint16_t host_local_port(intptr_t handle);

/* Where a connection leads to; family none if it leads nowhere. */
void host_peer(intptr_t handle, struct mh_address *peer);

/*
 * Of several sockets that share a port, a datagram of HOST_REUSEPORT_SIZE bytes
 * that begin with the secret is for the one whose number is in the next two,
 * in network order, whatever is in the last two.  They are counted from 0 in
 * the order of bind(); once one is closed, the last has its number.  All others
 * go on as before, or by processor as mh_socket_options.processors says; 0: as
 * before.
 *
 * handle: any of the sockets, for all of them.  Returns 0, or MH_EUNSUPPORTED,
 * and then nothing has changed.  Linux.
 */
#define HOST_REUSEPORT_SECRET 16
#define HOST_REUSEPORT_SIZE (HOST_REUSEPORT_SECRET + 4)
int host_reuseport_number(intptr_t handle,
    const uint8_t secret[HOST_REUSEPORT_SECRET], unsigned int processors);

/* Random bytes that nobody can guess.  False if the system has none. */
bool host_random(void *bytes, size_t size);

/*
 * How many threads can share the work on a port: the processors that this
 * process may use.  Windows: 1.
 */
unsigned int host_processors(void);

/* A thread that runs function(argument).  NULL if there cannot be one. */
struct host_thread *host_thread_start(void (*function)(void *), void *argument);

/*
 * Keep the calling thread, which is number `number` of `count`, on one of the
 * processors that it may use: the first one whose own number modulo count is
 * that, else one of the others.  Returns 0; MH_ESYSTEM; or MH_EUNSUPPORTED.
 * Linux.
 */
int host_thread_pin(unsigned int number, unsigned int count);

/* Wait for its end, and free it. */
void host_thread_join(struct host_thread *thread);

/*
 * Two ends of a channel between threads; each can be watched by an event loop
 * for something to receive.  Whole messages of up to 256 bytes; both calls
 * wait.  host_channel_wait(): is there something to receive, at once or in so
 * many milliseconds; -1: for ever.  Windows: there is none, and one thread is
 * enough there.
 */
bool host_channel_open(intptr_t ends[2]);
bool host_channel_send(intptr_t end, const void *message, size_t size);
bool host_channel_receive(intptr_t end, void *message, size_t size);
bool host_channel_wait(intptr_t end, int milliseconds);
void host_channel_close(intptr_t ends[2]);

/*
 * Is there such a user to become?  Returns 0; MH_EADDRESS for no such user;
 * MH_ESYSTEM.  Windows: MH_EUNSUPPORTED.  Not in a sandbox.
 */
int host_user_check(const char *user);

/*
 * Become this user for good: its groups, no way back, no new privileges.
 * Call when all that needs privileges is done, and before there are threads.
 * Returns 0; MH_EADDRESS for no such user; MH_EPERMISSION; MH_ESYSTEM. Windows:
 * MH_EUNSUPPORTED, a service has its account from the service manager.
 */
int host_switch_user(const char *user);

/*
 * Give up all capabilities; but one that runs as root and stays so keeps the
 * right to bind to low ports, for reloads.  Nothing is left to gain by
 * running a program either.  Linux: for this thread and those that it starts.
 * Returns 0 or MH_ESYSTEM.
 */
int host_drop_capabilities(void);

/*
 * Forbid this process, all its threads, every system call that answering does
 * not need; files can be opened by host_privsep_start() only.  Returns 0,
 * MH_EUNSUPPORTED if the system or this build has nothing of the kind, or
 * MH_ESYSTEM.
 */
int host_sandbox(void);

/* What to tell the service manager, if there is one. */
enum host_state { HOST_READY, HOST_RELOADING, HOST_STOPPING, HOST_ALIVE };

/* status: a line for people; not used with HOST_ALIVE. */
void host_notify(enum host_state state, const char *status);

/*
 * How often HOST_ALIVE has to be told at least, in nanoseconds; 0 if nobody
 * waits for it.
 */
uint64_t host_watchdog(void);

/*
 * Sockets that the service manager opened for that name, "echo" or "echo:lab";
 * returns how many, at most max.  systemd calls the latter "echo.lab".
 */
unsigned int host_inherited(
    const char *name, intptr_t *handles, unsigned int max);

/*
 * Socket number 0, 1, ... of all those, and what the service manager calls it;
 * false if there are not so many.
 */
bool host_inherited_at(
    unsigned int number, intptr_t *handle, char *name, size_t size);

/*
 * A handle of one's own for such a socket, which itself stays open: a service
 * that a reload takes away may come back with a later one.  Returns -1 if there
 * cannot be one.
 */
intptr_t host_inherited_copy(intptr_t handle);

/* Close a copy that could not be used. */
void host_inherited_close(intptr_t handle);

/*
 * The system log.  Levels are those of daemon/log.h: 0 error, 1 warning, 2
 * information, 3 debugging.
 */
void host_log_open(void);
void host_log(unsigned int level, const char *text);

/*
 * Is it the place for all lines, whatever the configuration says?  Windows: as
 * a service, which has no standard error.
 */
bool host_log_wanted(void);

/*
 * Can some lines be written to standard error without waiting for who reads
 * it?  wait: give it a moment for that.  Windows: always says yes.
 */
bool host_error_has_room(bool wait);

/*
 * The number that who reads standard error wants in front of a line of that
 * level, as <3>; -1: none.
 */
int host_log_priority(unsigned int level);

#endif
