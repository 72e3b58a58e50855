/* SPDX-License-Identifier: ISC */
/*
 * The result for monitoring: one line in the form of the Monitoring Plugins
 * Development Guidelines, with performance data.
 */
#ifndef PROBE_NAGIOS_H
#define PROBE_NAGIOS_H

#include "probe/session.h"

#include <stdio.h>

void nagios_print(FILE *file, struct session *const *sessions, size_t count);

#endif
