/* SPDX-License-Identifier: ISC */
/*
 * A keyboard that tests type on, in the place of platform/keyboard.h.
 */
#ifndef UNIT_PROBE_KEYBOARD_H
#define UNIT_PROBE_KEYBOARD_H

#include "platform/keyboard.h"

struct keyboard {
	bool exists;       /* standard input is a terminal */
	const char *typed; /* that is to be read; NULL: nothing */
	unsigned int opened, closed;
};

extern struct keyboard keyboard;

#endif
