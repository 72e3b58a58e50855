/* SPDX-License-Identifier: ISC */
/*
 * Can the configuration as a whole be served?
 */
#ifndef DAEMON_CONFIG_CHECK_H
#define DAEMON_CONFIG_CHECK_H

#include "daemon/config/config.h"

/*
 * Once all has been read: let the services inherit the daemon's values, and
 * report what is wrong with each service and with all of them together.
 */
void check_config(struct config *config, struct config_errors *errors);

#endif
