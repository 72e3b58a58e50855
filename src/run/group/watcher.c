/* SPDX-License-Identifier: ISC */
/*
 * The command has taken our place, so somebody else must wait for its end, and
 * for that of all that it has left running.  The kernel tells who reads
 * cgroup.events.
 */
#include "run/group/watcher.h"

#include "run/group/gone.h"

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

/* Where the descriptors begin that it keeps; before them, the standard ones. */
#define KEPT_FIRST 3

/* Until addresses that could not be read, or only in part, are read again. */
#define AGAIN_MS 500

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
await_end(int group, struct gone *gone)
{
	int events = openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC);
	struct pollfd changes[] = {
		{ .fd = events, .events = POLLPRI },
		{ .fd = (int)gone->watch.handle, .events = POLLIN },
	};

	while (is_populated(events)) {
		changes[1].revents = 0;
		poll(changes, 2, gone->again ? AGAIN_MS : -1);
		if (changes[1].revents != 0 || gone->again)
			gone_update(gone);
	}
}

/* Keep these descriptors alone, by other numbers; -1: none. */
static bool
keep_only(int *const kept[], int count)
{
	int i, null;

	/* Above all that is rearranged. */
	for (i = 0; i < count; i++) {
		if (*kept[i] < 0)
			continue;
		*kept[i] = fcntl(*kept[i], F_DUPFD, KEPT_FIRST + count);
		if (*kept[i] < 0)
			return false;
	}
	for (i = 0; i < count; i++)
		if (*kept[i] >= 0)
			*kept[i] = dup2(*kept[i], KEPT_FIRST + i);
	close_range(KEPT_FIRST + (unsigned int)count, ~0u, 0);
	null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (null >= KEPT_FIRST)
		close(null);
	return true;
}

/*
 * Keep no file of others open and no folder in use, and let nobody who ends the
 * command end this, too: it ends by itself.
 */
static bool
stand_apart(int *group, int *begin, struct gone *gone)
{
	int handle = (int)gone->watch.handle;
	int *const kept[] = { group, begin, &gone->peers, &handle };

	prctl(PR_SET_NAME, "mhrun-watcher");
	setsid();
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	if (chdir("/") != 0 || !keep_only(kept, 4))
		return false;
	gone->watch.handle = handle;
	return true;
}

static void
watch(int group, const char *folder, int begin, struct gone *gone)
{
	char byte;
	ssize_t n;

	do
		n = read(begin, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		await_end(group, gone);
	rmdir(folder);
	_exit(EXIT_SUCCESS);
}

int
watcher_start(int group, const char *folder, int peers)
{
	int ends[2], status = 0;
	struct gone gone;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return -errno;
	/* Before the command begins, so that nothing goes unseen. */
	gone_open(&gone, peers);
	child = fork();
	if (child == 0) {
		if (!stand_apart(&group, &ends[0], &gone))
			_exit(EXIT_FAILURE);
		/* No child of the command, which waits for its own. */
		child = fork();
		if (child == 0)
			watch(group, folder, ends[0], &gone);
		_exit(child < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	gone_close(&gone);
	close(ends[0]);
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
