/* SPDX-License-Identifier: ISC */
/*
 * See probe.h.
 */
#include "build.h"

#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <check.h>

#include "harness.h"

/* A run of mhprobe takes seconds; never as long as this. */
#define PROBE_PATIENCE_MS (4 * HARNESS_PATIENCE_MS)

static const char *
program(void)
{
	const char *other = getenv("MH_PROBE");

	return other == NULL ? NET_PROBE : other;
}

/* What it writes to, and where that is read. */
struct ends {
	int reads, writes;
};

static struct ends
make_pipe(void)
{
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	return (struct ends){ .reads = fds[0], .writes = fds[1] };
}

static void
set_size(const struct probe *probe, int terminal)
{
	const unsigned int columns = probe->columns > 0 ? probe->columns : 80;
	const struct winsize size = { .ws_row = (unsigned short)probe->terminal,
		.ws_col = (unsigned short)columns };

	ck_assert_int_eq(ioctl(terminal, TIOCSWINSZ, &size), 0);
}

void
probe_resize(struct probe *probe, unsigned int rows)
{
	probe->terminal = rows;
	set_size(probe, probe->out);
}

void
probe_type(struct probe *probe, const char *text)
{
	ssize_t length = (ssize_t)strlen(text);

	ck_assert_int_eq(write(probe->out, text, (size_t)length), length);
}

bool
probe_takes_keys(const struct probe *probe)
{
	struct termios terminal;

	ck_assert_int_eq(tcgetattr(probe->out, &terminal), 0);
	return (terminal.c_lflag & (ICANON | ECHO)) == 0;
}

void
probe_signal(const struct probe *probe, int signal)
{
	pid_t job = tcgetpgrp(probe->out);

	ck_assert_int_gt(job, 0);
	ck_assert_int_eq(kill(-job, signal), 0);
}

void
probe_await_keys(const struct probe *probe, bool keys)
{
	long long end = harness_now() + PROBE_PATIENCE_MS;

	while (probe_takes_keys(probe) != keys) {
		ck_assert_msg(harness_now() < end, "keys are%s taken",
		    keys ? " not" : "");
		poll(NULL, 0, 1);
	}
}

static struct ends
make_terminal(const struct probe *probe)
{
	int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
	struct ends ends = { .reads = posix_openpt(flags) };

	ck_assert_int_ge(ends.reads, 0);
	ck_assert_int_eq(grantpt(ends.reads), 0);
	ck_assert_int_eq(unlockpt(ends.reads), 0);
	ends.writes = open(ptsname(ends.reads), flags);
	ck_assert_int_ge(ends.writes, 0);
	set_size(probe, ends.writes);
	return ends;
}

/* In the child: what it reads and writes. */
static void
enter(const struct probe *probe, int writes)
{
	int reads = writes;

	if (probe->terminal > 0) {
		setsid();
		ioctl(writes, TIOCSCTTY, 0);
		/* Where there is no terminal, as in CI, it has no type. */
		setenv("TERM", "xterm", 0);
		/* nohup(1) and "&" had them ignored. */
		signal(SIGHUP, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
	} else
		reads = open("/dev/null", O_RDONLY);
	dup2(reads, STDIN_FILENO);
	dup2(writes, STDOUT_FILENO);
	dup2(writes, STDERR_FILENO);
}

/*
 * The shell outlives its job, as the kernel resets a terminal whose session is
 * over; and dash leaves it as the job does.
 */
static char *
shell_line(const struct probe *probe, const char *arguments)
{
	char *line;
	int length = probe->job
	    ? asprintf(&line, "set -m; %s %s; echo \"left $?\"; read line; fg",
		  program(), arguments)
	    : asprintf(&line, "exec %s %s", program(), arguments);

	ck_assert_int_ge(length, 0);
	return line;
}

void
probe_start(struct probe *probe, const char *format, ...)
{
	char *arguments, *command;
	va_list list;
	struct ends ends;

	va_start(list, format);
	ck_assert_int_ge(vasprintf(&arguments, format, list), 0);
	va_end(list);
	command = shell_line(probe, arguments);
	ends = probe->terminal > 0 ? make_terminal(probe) : make_pipe();
	probe->length = 0;
	probe->output[0] = '\0';
	probe->out = ends.reads;
	probe->pid = fork();
	ck_assert_int_ge(probe->pid, 0);
	if (probe->pid == 0) {
		enter(probe, ends.writes);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(ends.writes);
	free(arguments);
	free(command);
}

/* Read what is there; false at the end, which for a terminal is an error. */
static bool
read_more(struct probe *probe)
{
	struct pollfd readable = { .fd = probe->out, .events = POLLIN };
	ssize_t n;

	ck_assert_msg(poll(&readable, 1, PROBE_PATIENCE_MS) == 1,
	    "mhprobe does not end; so far:\n%s", probe_tail(probe));
	n = read(probe->out, probe->output + probe->length,
	    PROBE_OUTPUT - 1 - probe->length);
	if (n <= 0)
		return false;
	probe->length += (size_t)n;
	probe->output[probe->length] = '\0';
	return true;
}

const char *
probe_tail(const struct probe *probe)
{
	size_t most = 2000;

	return probe->output +
	    (probe->length > most ? probe->length - most : 0);
}

int
probe_end(struct probe *probe)
{
	int status;

	while (read_more(probe))
		;
	close(probe->out);
	ck_assert_int_eq(waitpid(probe->pid, &status, 0), probe->pid);
	ck_assert_msg(WIFEXITED(status), "mhprobe died, status %d:\n%s", status,
	    probe_tail(probe));
	return WEXITSTATUS(status);
}

void
probe_expect(struct probe *probe, const char *text)
{
	probe_expect_after(probe, probe->output, text);
}

void
probe_expect_after(struct probe *probe, const char *at, const char *text)
{
	while (strstr(at, text) == NULL)
		ck_assert_msg(read_more(probe), "no \"%s\" in:\n%s", text,
		    probe_tail(probe));
}
