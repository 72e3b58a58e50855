/* SPDX-License-Identifier: ISC */
/*
 * As much of the platform as the daemon needs in one thread: clocks that stand
 * still until a test sets them, files that are text in memory, the system log,
 * a service manager that keeps what it is sent, and privileges that are only
 * recorded.  There are no threads.
 */
#ifndef UNIT_FAKE_HOST_H
#define UNIT_FAKE_HOST_H

#include "lib/multihome.h"
#include "platform/clock.h"
#include "platform/group.h"
#include "platform/manager.h"
#include "platform/neighbours.h"
#include "platform/network.h"
#include "platform/privsep.h"

enum { FAKE_INHERITED = 20 };

/* A socket from the service manager. */
struct fake_inherited {
	const char *name;
	intptr_t handle; /* as of fake_foreign() */
};

/* What host_privsep_receive() returns; the last one is HOST_PRIVSEP_IDLE. */
struct fake_news {
	enum host_privsep_state state;
	const char *why;
};

/* A file in memory. */
struct fake_file {
	const char *path, *text;
};

struct fake_host {
	int64_t now;          /* host_realtime_ns() */
	int64_t monotonic_ns; /* host_monotonic_ns() */
	int64_t step;         /* that each reading of it takes */
	struct host_clock_quality quality;
	unsigned int quality_calls; /* host_clock_quality() */
	const char *path;           /* of the first file; NULL: there is none */
	const char *text;           /* what is in it */
	size_t more;                /* bytes of it after the first NUL byte */
	const struct fake_file *others; /* up to a NULL path; NULL: none */
	bool is_secret;                 /* no folder can be listed */
	bool is_pipe;                   /* no regular file */
	char written[512]; /* by host_file_write(): path, ": ", text */
	bool read_only;    /* nothing can be written */
	bool is_device;    /* what is there is not a regular file */
	char removed[64];  /* by host_file_remove() */
	bool manager;      /* who reads standard error wants priorities */
	char syslog[512];  /* host_log(): "LEVEL text" */
	unsigned int syslog_opened;
	bool syslog_full;          /* nobody reads it */
	unsigned int syslog_waits; /* how often it was waited for */
	bool error_full;           /* nobody reads standard error */
	unsigned int error_waits;  /* how often it was waited for */
	bool syslog_wanted;        /* for all lines: a Windows service */

	/* Addresses, sockets, randomness. */
	const struct host_address *addresses; /* of host_network_load() */
	size_t address_count;
	const struct host_interface *interfaces; /* the same */
	size_t interface_count;
	int network_error;       /* of it */
	bool tracks_connections; /* host_tracks_connections() */
	unsigned int network_loads;
	intptr_t watch_handle;  /* of host_watch_open() [-1] */
	bool network_changed;   /* of host_watch_read() */
	bool network_again;     /* of host_watch_load() */
	uint64_t files;         /* of host_raise_limits() [0] */
	struct mh_address peer; /* of every connection [127.0.0.1] */
	bool no_random;
	unsigned int trims; /* host_memory_trim() */
	/* What host_neighbours_read() reports, once. */
	const struct host_neighbour *neighbours;
	size_t neighbour_count;
	unsigned int neighbours_reads;

	/* What host_next_hop() finds; NULL: nothing.  An address of family none
	 * is the peer's. */
	const struct host_neighbour *next_hop;
	unsigned int next_hop_calls;
	size_t send_buffer, send_used; /* of any socket; 0: unknown */
	unsigned int send_buffer_calls;
	unsigned int channel_sends; /* host_channel_send(), of one byte */

	/* Multicast: "join|keep out HANDLE GROUP INTERFACE" lines. */
	char groups[256];
	int group_error; /* of host_group_join() */

	/* The service manager. */
	char notices[1024];                       /* "READY status|ALIVE|..." */
	void (*on_notice)(enum host_state state); /* NULL: none */
	uint64_t watchdog;
	struct fake_inherited inherited[FAKE_INHERITED];
	unsigned int inherited_count;

	/* Privileges: what was given up, in order, each followed by "|". */
	char given_up[256];
	int user_check_error, user_error, capabilities_error, sandbox_error;
	intptr_t sandbox_handle;    /* [-1] */
	const char *const *refused; /* names, ended by NULL */

	/* The control socket. */
	intptr_t localsocket;        /* of host_localsocket_listen() [-1] */
	const char *localsocket_why; /* why there is none; NULL: there is */
	char localsocket_made[64];   /* "PATH OWNER MODE" */
	unsigned int localsocket_removals;

	/* The privileged helper. */
	bool no_privsep;         /* none can be started */
	intptr_t privsep_handle; /* -1: the system has none [-1] */
	unsigned int privsep_starts, privsep_stops, privsep_forgets;
	char privsep_requests[256];           /* "read|write TEXT|..." */
	bool privsep_asked;                   /* it has a request */
	bool privsep_busy;                    /* it takes none */
	const struct fake_news *privsep_news; /* to be received; NULL: none */
	const char *privsep_file;             /* that it is reading */
	char files_read[256];                 /* by host_file_read(): "f,g" */
};

extern struct fake_host fake_host;

/* Some day, and long after boot; no file. */
void fake_host_reset(void);

#endif
