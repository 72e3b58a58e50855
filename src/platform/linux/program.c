/* SPDX-License-Identifier: ISC */
/*
 * platform/program.h for Linux.
 */
#include "platform/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

const struct host_signal host_signals[] = {
	{ SIGTERM, HOST_STOP },
	{ SIGINT, HOST_STOP },
	{ SIGUSR1, HOST_COUNTERS },
	{ SIGUSR2, HOST_DRAIN },
	{ SIGHUP, HOST_RELOAD },
	/*
	 * Whoever asked over HTTP, or read the log, is gone: no reason to end.
	 */
	{ SIGPIPE, HOST_IGNORE },
	/* A log or a port file beyond RLIMIT_FSIZE: write(2) fails, too. */
	{ SIGXFSZ, HOST_IGNORE },
	{ 0, HOST_STOP },
};

const char host_usage[] = "";

const char host_port_advice[] = "see ss -lunp";

/*
 * Block or unblock the signals that would end us before we listen to them, but
 * not those that are meant to.
 */
static void
mask_signals(int how)
{
	const struct host_signal *at;
	sigset_t set;

	sigemptyset(&set);
	for (at = host_signals; at->number != 0; at++)
		if (at->action != HOST_STOP && at->action != HOST_IGNORE)
			sigaddset(&set, at->number);
	sigprocmask(how, &set, NULL);
}

/*
 * The kernel kills whoever blocks it and makes a call that the sandbox refuses.
 */
static void
unblock_refusals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void
hold_signals(void)
{
	const struct host_signal *at;

	mask_signals(SIG_BLOCK);
	for (at = host_signals; at->number != 0; at++)
		if (at->action == HOST_IGNORE)
			signal(at->number, SIG_IGN);
}

void
host_signals_release(void)
{
	mask_signals(SIG_UNBLOCK);
}

/*
 * If standard streams are closed, the first files that we open take their
 * place.
 */
static void
open_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
host_main(int argc, char *argv[], int (*body)(int argc, char *argv[]))
{
	hold_signals();
	unblock_refusals();
	open_streams();
	return body(argc, argv);
}

uint64_t
host_raise_limits(void)
{
	struct rlimit files, most;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return 0;
	most = (struct rlimit){ files.rlim_max, files.rlim_max };
	/* No more than fs.nr_open, whatever the limit says. */
	if (setrlimit(RLIMIT_NOFILE, &most) == 0)
		files = most;
	return files.rlim_cur == RLIM_INFINITY ? 0 : files.rlim_cur;
}
