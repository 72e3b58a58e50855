/* SPDX-License-Identifier: ISC */
/*
 * As much of the host, src/platform/, as the daemon needs without threads,
 * users and sockets: clocks that stand still until a test winds them, files
 * that are text in memory, and the system log.
 */
#ifndef UNIT_FAKE_HOST_H
#define UNIT_FAKE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_host {
	int64_t now;       /* host_realtime_ns() */
	int64_t ticks;     /* host_monotonic_ns() */
	int64_t step;      /* that each reading of it takes */
	const char *path;  /* of the one file there is; NULL: none */
	const char *text;  /* what is in it */
	size_t more;       /* bytes of it behind the first NUL byte */
	bool is_pipe;      /* no regular file */
	char written[512]; /* by host_file_write(): path, ": ", text */
	bool read_only;    /* nothing can be written */
	bool manager;      /* who reads standard error wants priorities */
	char syslog[512];  /* host_log(): "LEVEL text" */
	unsigned int syslog_opened;
	bool error_full;          /* nobody reads standard error */
	unsigned int error_waits; /* how often it was waited for */
	bool syslog_wanted;       /* for all lines: a Windows service */
};

extern struct fake_host fake_host;

/* Some day, and a long time after the start; no file. */
void fake_host_reset(void);

#endif
