/* SPDX-License-Identifier: ISC */
/*
 * The command has taken our place, so somebody else must wait for its end, and
 * for that of all that it has left running.  The kernel tells who reads
 * cgroup.events.
 */
#include "run/group/watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

bool
watcher_is_populated(const char *events)
{
	return strncmp(events, "populated 1", 11) == 0 ||
	    strstr(events, "\npopulated 1") != NULL;
}

/* False, too, if the group is gone. */
static bool
is_populated(int events)
{
	char text[256];
	ssize_t n = pread(events, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return watcher_is_populated(text);
}

static void
await_end(int group)
{
	int events = openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd change = { .fd = events, .events = POLLPRI };

	while (is_populated(events))
		poll(&change, 1, -1);
}

/*
 * Keep no file of others open and no folder in use, and let nobody who ends the
 * command end this, too: it ends by itself.
 */
static void
stand_apart(int *group, int *begin)
{
	int null;

	prctl(PR_SET_NAME, "mhrun-watcher");
	setsid();
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	if (chdir("/") != 0)
		_exit(EXIT_FAILURE);
	dup2(*group, 3);
	dup2(*begin, 4);
	*group = 3;
	*begin = 4;
	close_range(5, ~0u, 0);
	null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (null > 4)
		close(null);
}

static void
watch(int group, const char *folder, int begin)
{
	char byte;
	ssize_t n;

	stand_apart(&group, &begin);
	do
		n = read(begin, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		await_end(group);
	rmdir(folder);
	_exit(EXIT_SUCCESS);
}

int
watcher_start(int group, const char *folder)
{
	int ends[2], high[2], status = 0;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return -errno;
	/* Above all that the child rearranges. */
	high[0] = fcntl(ends[0], F_DUPFD_CLOEXEC, 10);
	high[1] = fcntl(group, F_DUPFD_CLOEXEC, 10);
	child = high[0] < 0 || high[1] < 0 ? -1 : fork();
	if (child == 0) {
		/* No child of the command, which waits for its own. */
		child = fork();
		if (child == 0)
			watch(high[1], folder, high[0]);
		_exit(child < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	close(ends[0]);
	close(high[0]);
	close(high[1]);
	if (child > 0)
		waitpid(child, &status, 0);
	if (child > 0 && status == 0)
		return ends[1];
	close(ends[1]);
	return -EAGAIN;
}

void
watcher_begin(int watcher)
{
	/* If it is gone, nobody can help that; and the command may run. */
	ssize_t n = send(watcher, "", 1, MSG_NOSIGNAL);

	(void)n;
	close(watcher);
}
