/* SPDX-License-Identifier: ISC */
/*
 * What --self-test prints, and the line of it at every start.
 */
#ifndef DAEMON_SELFTEST_H
#define DAEMON_SELFTEST_H

#include "platform/host.h"

/*
 * Run the library's self-test and log what this system can do in one line, a
 * warning if it does not answer from the address that was asked.
 */
void selftest_log(const struct host_network *network);

/*
 * Run it and print what works, a line each.  Returns the exit code: 0, or
 * CONFIG_EXIT_UNAVAILABLE if a reply does not leave from the address asked.
 */
int selftest_print(void);

#endif
