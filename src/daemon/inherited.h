/* SPDX-License-Identifier: ISC */
/*
 * The sockets that the service manager passed on, and the services that they
 * are named after.  bindings_open() takes them.
 */
#ifndef DAEMON_INHERITED_H
#define DAEMON_INHERITED_H

#include "daemon/config/config.h"

/*
 * Whoever sends to a socket that no service takes gets no answer: report each
 * of them.  config: checked.  Returns false if there is one.
 */
bool inherited_check(const struct config *config, struct config_errors *errors);

/* For a reload, which may take a service away: the same, but log warnings. */
void inherited_warn(const struct config *config);

#endif
