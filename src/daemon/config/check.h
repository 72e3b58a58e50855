/* SPDX-License-Identifier: ISC */
/*
 * Is the configuration as a whole one that can be served?
 */
#ifndef DAEMON_CONFIG_CHECK_H
#define DAEMON_CONFIG_CHECK_H

#include "daemon/config/config.h"

/*
 * When all has been read: hand the daemon's values down to the services, and
 * name what is wrong with each service and with all of them together.
 */
void check_config(struct config *config, struct config_errors *errors);

#endif
