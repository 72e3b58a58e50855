/* SPDX-License-Identifier: ISC */
/*
 * The keys that are pressed at the terminal on standard input, one by one and
 * not echoed.  Ctrl-C and Ctrl-Z stay the signals that they are.
 */
#ifndef PLATFORM_KEYBOARD_H
#define PLATFORM_KEYBOARD_H

#include <stdbool.h>

/*
 * Begin to read keys.  False: standard input is not a terminal; on Windows
 * always.  Linux: a program that is stopped, that ends by SIGQUIT or SIGHUP, or
 * that is in the background leaves the terminal as it was, and takes it again
 * when it goes on in the foreground.
 */
bool host_keyboard_open(void);

/* For an event loop: a file descriptor, readable when a key was pressed. */
int host_keyboard_handle(void);

/* The next key; -1: there is none now, or there is no terminal any more. */
int host_keyboard_read(void);

/* Leave the terminal as it was.  May be called without host_keyboard_open(). */
void host_keyboard_close(void);

#endif
