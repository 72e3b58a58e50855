/* SPDX-License-Identifier: ISC */
/*
 * The system log: syslog(3); and the journal, which reads a level in front of
 * each line of standard error (sd-daemon(3)).
 */
#include "platform/syslog.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define MOMENT_MS 100

static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

void
host_log_open(void)
{
	/* Now, because later there may be a sandbox. */
	openlog("multihomed", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void
host_log(unsigned int level, const char *text)
{
	syslog(priorities[level], "%s", text);
}

bool
host_log_wanted(void)
{
	return false;
}

bool
host_error_has_room(bool wait)
{
	struct pollfd error = { .fd = STDERR_FILENO, .events = POLLOUT };

	/* A pipe says so when it has a page free (pipe(7)). */
	return poll(&error, 1, wait ? MOMENT_MS : 0) > 0;
}

int
host_log_priority(unsigned int level)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;

	if (stream == NULL ||
	    sscanf(stream, "%llu:%llu", &device, &inode) != 2 ||
	    fstat(STDERR_FILENO, &status) < 0 || status.st_dev != device ||
	    status.st_ino != inode)
		return -1;
	return priorities[level];
}
