/* SPDX-License-Identifier: ISC */
/*
 * A configuration as text.
 */
#ifndef DAEMON_CONFIG_DUMP_H
#define DAEMON_CONFIG_DUMP_H

#include "daemon/config/config.h"

/*
 * The whole configuration in the format of the file, as malloc'd text; reading
 * that gives the same configuration.  NULL when out of memory.
 */
char *dump_config(const struct config *config);

#endif
