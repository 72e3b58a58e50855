/* SPDX-License-Identifier: ISC */
/*
 * What the command line asks for, done.
 */
#ifndef DAEMON_ACT_H
#define DAEMON_ACT_H

#include "daemon/load.h"

/*
 * Do what the command line says: run, test, print something.  Returns the exit
 * code.
 */
int act(const struct load *load);

#endif
