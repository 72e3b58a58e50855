/* SPDX-License-Identifier: ISC */
/*
 * The system log, in the form of RFC 3164, section 4.1, as syslog(3) has it;
 * but that function waits for its reader, however long.  And the journal, which
 * reads a level in front of each line of standard error (sd-daemon(3)).
 */
#include "platform/syslog.h"

#include <errno.h>
#include <paths.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define MOMENT_MS 100

static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Bytes of a line with what is in front of it; the rest is cut off. */
#define LINE_SIZE 2304

/* Connected to the system log; -1: not. */
static int syslogd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool
connect_to(int type)
{
	const struct sockaddr_un name = { .sun_family = AF_UNIX,
		.sun_path = _PATH_LOG };

	syslogd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (syslogd < 0)
		return false;
	if (connect(syslogd, (const struct sockaddr *)&name, sizeof(name)) == 0)
		return true;
	close(syslogd);
	syslogd = -1;
	return false;
}

/* Datagrams, or, as of some old configurations of syslog-ng, a stream. */
static bool
is_connected(void)
{
	return syslogd >= 0 || connect_to(SOCK_DGRAM) ||
	    (errno == EPROTOTYPE && connect_to(SOCK_STREAM));
}

void
host_log_open(void)
{
	pthread_mutex_lock(&lock);
	(void)is_connected();
	pthread_mutex_unlock(&lock);
}

/* In a stream, the NUL after it ends a line; a datagram ends by itself. */
static bool
put(const char *line, size_t length, bool wait)
{
	struct pollfd room = { .fd = syslogd, .events = POLLOUT };
	ssize_t n = send(syslogd, line, length, MSG_NOSIGNAL);

	if (n < 0 && errno == EAGAIN && wait && poll(&room, 1, MOMENT_MS) > 0)
		n = send(syslogd, line, length, MSG_NOSIGNAL);
	return n == (ssize_t)length;
}

/* It may have been restarted: once more, on another socket. */
static bool
deliver(const char *line, size_t length, bool wait)
{
	if (!is_connected())
		return false;
	if (put(line, length, wait))
		return true;
	if (errno == EAGAIN || errno == ENOBUFS)
		return false;
	close(syslogd);
	syslogd = -1;
	return is_connected() && put(line, length, wait);
}

bool
host_log(unsigned int level, const char *text, bool wait)
{
	const time_t now = time(NULL);
	char line[LINE_SIZE], stamp[32] = "";
	struct tm local;
	bool delivered;

	if (localtime_r(&now, &local) != NULL)
		strftime(stamp, sizeof(stamp), "%b %e %T", &local);
	snprintf(line, sizeof(line), "<%d>%s multihomed[%d]: %s",
	    LOG_DAEMON | priorities[level], stamp, (int)getpid(), text);
	pthread_mutex_lock(&lock);
	delivered = deliver(line, strlen(line) + 1, wait);
	pthread_mutex_unlock(&lock);
	return delivered;
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
