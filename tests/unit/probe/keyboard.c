/* SPDX-License-Identifier: ISC */
/*
 * The keyboard of tests.
 */
#include "unit/probe/keyboard.h"

#include <stddef.h>

struct keyboard keyboard;

bool
host_keyboard_open(void)
{
	keyboard.opened++;
	return keyboard.exists;
}

/* None that libevent could wait for: tests say when it is readable. */
int
host_keyboard_handle(void)
{
	return -1;
}

int
host_keyboard_read(void)
{
	return keyboard.typed != NULL && *keyboard.typed != '\0'
	    ? *keyboard.typed++
	    : -1;
}

void
host_keyboard_close(void)
{
	keyboard.closed++;
}
