/* SPDX-License-Identifier: ISC */
/*
 * The configuration file.
 */
#ifndef DAEMON_CONFIG_FILE_H
#define DAEMON_CONFIG_FILE_H

#include "daemon/config/config.h"

/*
 * Read the text of a file: sections and keys.  Every error is reported with
 * file name, line, section and key.
 */
void file_read_config(struct config *config, const char *name, const char *text,
    struct config_errors *errors);

#endif
