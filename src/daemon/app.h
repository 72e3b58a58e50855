/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_APP_H
#define DAEMON_APP_H

#include "daemon/config.h"

/*
 * Open everything that the configuration asks for, or nothing; then answer
 * until a signal says stop.  Returns the exit code.
 */
int app_run(const struct config *config);

#endif
