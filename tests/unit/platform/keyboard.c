/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/keyboard.c at a terminal that controls nobody; what a
 * shell and its jobs do to it, tests/net/test_screen has.
 */
#include "unit/platform/suites.h"

#include "unit/unit.h"
#include "platform/keyboard.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int screen, saved;
static struct termios before;

static void
setup(void)
{
	int end;

	saved = dup(STDIN_FILENO);
	screen = posix_openpt(O_RDWR | O_NOCTTY);
	ck_assert_int_ge(screen, 0);
	ck_assert_int_eq(grantpt(screen), 0);
	ck_assert_int_eq(unlockpt(screen), 0);
	end = open(ptsname(screen), O_RDWR | O_NOCTTY);
	ck_assert_int_ge(end, 0);
	dup2(end, STDIN_FILENO);
	close(end);
	ck_assert_int_eq(tcgetattr(STDIN_FILENO, &before), 0);
}

static void
teardown(void)
{
	host_keyboard_close();
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(screen);
	signal(SIGHUP, SIG_DFL);
}

static tcflag_t
flags(void)
{
	struct termios now;

	ck_assert_int_eq(tcgetattr(STDIN_FILENO, &now), 0);
	return now.c_lflag;
}

static void
type(const char *text)
{
	ssize_t length = (ssize_t)strlen(text);

	ck_assert_int_eq(write(screen, text, (size_t)length), length);
}

/* One by one, at once, and not echoed. */
START_TEST(test_read)
{
	char echo[8];

	ck_assert(host_keyboard_open());
	ck_assert_int_eq(host_keyboard_handle(), STDIN_FILENO);
	ck_assert_int_eq(host_keyboard_read(), -1);
	type("aq");
	ck_assert_int_eq(host_keyboard_read(), 'a');
	ck_assert_int_eq(host_keyboard_read(), 'q');
	ck_assert_int_eq(host_keyboard_read(), -1);
	ck_assert_int_eq(fcntl(screen, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_eq(read(screen, echo, sizeof(echo)), -1);
}
END_TEST

/* Ctrl-C and Ctrl-Z stay signals; and all is as before in the end. */
START_TEST(test_restore)
{
	struct termios after;

	ck_assert(host_keyboard_open());
	ck_assert_uint_eq(flags() & (ICANON | ECHO | ISIG), ISIG);
	/* The descriptor is the shell's as well. */
	ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
	host_keyboard_close();
	ck_assert_int_eq(tcgetattr(STDIN_FILENO, &after), 0);
	ck_assert_uint_eq(after.c_lflag, before.c_lflag);
	ck_assert_mem_eq(after.c_cc, before.c_cc, sizeof(after.c_cc));
	/* Nothing to leave any more. */
	host_keyboard_close();
}
END_TEST

/* Whoever has changed it meanwhile: going on takes it again. */
START_TEST(test_continue)
{
	ck_assert(host_keyboard_open());
	ck_assert_int_eq(tcsetattr(STDIN_FILENO, TCSANOW, &before), 0);
	ck_assert_int_eq(raise(SIGCONT), 0);
	ck_assert_uint_eq(flags() & (ICANON | ECHO), 0);
	host_keyboard_close();
	ck_assert_uint_eq(flags(), before.c_lflag);
	/* It is nobody's business any more. */
	ck_assert_int_eq(raise(SIGCONT), 0);
	ck_assert_uint_eq(flags(), before.c_lflag);
}
END_TEST

/* A pipe has no keys. */
START_TEST(test_no_terminal)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	dup2(ends[0], STDIN_FILENO);
	ck_assert(!host_keyboard_open());
	ck_assert_int_eq(write(ends[1], "q", 1), 1);
	ck_assert_int_eq(host_keyboard_read(), -1);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* As after "trap '' HUP": it goes on without its terminal, and so do others. */
START_TEST(test_ignored)
{
	ck_assert_ptr_ne(signal(SIGHUP, SIG_IGN), SIG_ERR);
	ck_assert(host_keyboard_open());
	ck_assert_int_eq(raise(SIGHUP), 0);
	ck_assert_uint_eq(flags() & (ICANON | ECHO), 0);
	host_keyboard_close();
	ck_assert_int_eq(raise(SIGHUP), 0);
}
END_TEST

/* The other end is gone: no key, and no end of the world. */
START_TEST(test_gone)
{
	ck_assert(host_keyboard_open());
	signal(SIGHUP, SIG_IGN);
	close(screen);
	ck_assert_int_eq(host_keyboard_read(), -1);
	screen = -1;
}
END_TEST

Suite *
platform_keyboard_suite(void)
{
	Suite *suite = suite_create("keyboard");
	TCase *tcase = tcase_create("keyboard");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_read);
	tcase_add_test(tcase, test_restore);
	tcase_add_test(tcase, test_continue);
	tcase_add_test(tcase, test_no_terminal);
	tcase_add_test(tcase, test_ignored);
	tcase_add_test(tcase, test_gone);
	suite_add_tcase(suite, tcase);
	return suite;
}
