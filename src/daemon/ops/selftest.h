/* SPDX-License-Identifier: ISC */
/*
 * What --self-test prints, and the line of it at every start.
 */
#ifndef DAEMON_OPS_SELFTEST_H
#define DAEMON_OPS_SELFTEST_H

#include "lib/multihome.h"

/*
 * Run the library's self-test with sockets as *stack says, and log in one line
 * what this system can do; as a warning if replies do not leave from the
 * queried address.  Where sockets for both families do not work and two
 * sockets do, *stack becomes MH_STACK_TWO, with a warning.
 */
void selftest_log(enum mh_stack *stack);

/*
 * Run it and print what works, a line each.  Returns the exit code: 0, or
 * CONFIG_EXIT_UNAVAILABLE if replies do not leave from the queried address,
 * not even with two sockets.
 */
int selftest_print(enum mh_stack stack);

#endif
