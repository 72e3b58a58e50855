/* SPDX-License-Identifier: ISC */
/*
 * Logging the errors of a configuration.
 */
#ifndef DAEMON_ERRORS_H
#define DAEMON_ERRORS_H

#include "daemon/config/config.h"

/* Log each as an error, and free them. */
void errors_log(struct config_errors *errors);

#endif
