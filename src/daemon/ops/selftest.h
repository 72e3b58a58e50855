/* SPDX-License-Identifier: ISC */
/*
 * The output of --self-test, and its summary in the log of every start.
 */
#ifndef DAEMON_OPS_SELFTEST_H
#define DAEMON_OPS_SELFTEST_H

#include "lib/multihome.h"

/*
 * Run the library's self-test with sockets according to *stack, and log in one
 * line what this system can do; as a warning if replies are not sent from the
 * queried address.  If dual-stack sockets do not work but two sockets do,
 * *stack is set to MH_STACK_TWO, with a warning.
 */
void selftest_log(enum mh_stack *stack);

/*
 * Run it and print what works, a line each.  Returns the exit code: 0, or
 * CONFIG_EXIT_UNAVAILABLE if replies are not sent from the queried address, not
 * even with two sockets.
 */
int selftest_print(enum mh_stack stack);

#endif
