/* SPDX-License-Identifier: ISC */
/*
 * platform/keyboard.h for Linux.  The terminal outlives the program, and is
 * shared with the shell: whoever leaves the foreground has to leave it as it
 * was.  All that happens in signal handlers is async-signal-safe.
 */
#include "platform/keyboard.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <termios.h>
#include <unistd.h>

/* By what the program leaves the terminal without being asked. */
static const int leaving[] = { SIGTSTP, SIGQUIT, SIGHUP };

#define COUNT (sizeof(leaving) / sizeof(leaving[0]))

/* For signal handlers. */
static struct {
	struct termios before;
	volatile sig_atomic_t is_open, is_taken;
} keyboard;

/*
 * May this process change it?  Not in the background: it would be stopped for
 * trying.  A terminal that controls nobody is anybody's.
 */
static bool
is_ours(void)
{
	pid_t foreground = tcgetpgrp(STDIN_FILENO);

	return foreground < 0 ? errno == ENOTTY : foreground == getpgrp();
}

static void
take(void)
{
	struct termios keys;

	if (!is_ours() ||
	    (!keyboard.is_taken &&
		tcgetattr(STDIN_FILENO, &keyboard.before) < 0))
		return;
	keyboard.is_taken = true;
	keys = keyboard.before;
	keys.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	/* Reading never waits; O_NONBLOCK would be the shell's as well. */
	keys.c_cc[VMIN] = keys.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &keys);
}

static void
give_back(void)
{
	if (keyboard.is_taken && is_ours())
		tcsetattr(STDIN_FILENO, TCSANOW, &keyboard.before);
	keyboard.is_taken = false;
}

static void on_signal(int number);

static void
handle(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler,
		.sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static bool
has_handler(int number, void (*handler)(int))
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 &&
	    action.sa_handler == handler;
}

/* As if there were no handler: stop, or end. */
static void
follow(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	handle(number, SIG_DFL);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	/* It goes on. */
	sigprocmask(SIG_BLOCK, &set, NULL);
	handle(number, on_signal);
}

static void
on_signal(int number)
{
	int saved = errno;

	if (number != SIGCONT) {
		give_back();
		follow(number);
	}
	take();
	errno = saved;
}

bool
host_keyboard_open(void)
{
	size_t i;

	if (!isatty(STDIN_FILENO))
		return false;
	keyboard.is_open = true;
	handle(SIGCONT, on_signal);
	/* What whoever started us ignores, as after "trap '' HUP", stays so. */
	for (i = 0; i < COUNT; i++)
		if (!has_handler(leaving[i], SIG_IGN))
			handle(leaving[i], on_signal);
	take();
	return true;
}

int
host_keyboard_handle(void)
{
	return STDIN_FILENO;
}

int
host_keyboard_read(void)
{
	unsigned char key;

	/* In the background, reading would stop us. */
	return keyboard.is_taken && is_ours() &&
		read(STDIN_FILENO, &key, 1) == 1
	    ? key
	    : -1;
}

void
host_keyboard_close(void)
{
	size_t i;

	if (!keyboard.is_open)
		return;
	handle(SIGCONT, SIG_DFL);
	for (i = 0; i < COUNT; i++)
		if (has_handler(leaving[i], on_signal))
			handle(leaving[i], SIG_DFL);
	give_back();
	keyboard.is_open = false;
}
