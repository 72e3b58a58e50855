/* SPDX-License-Identifier: ISC */
/*
 * platform/keyboard.h for Windows, where an event loop of sockets cannot wait
 * for a console: there are no keys but Ctrl-C.
 */
#include "platform/keyboard.h"

bool
host_keyboard_open(void)
{
	return false;
}

int
host_keyboard_handle(void)
{
	return -1;
}

int
host_keyboard_read(void)
{
	return -1;
}

void
host_keyboard_close(void)
{
}
