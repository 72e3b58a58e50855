/* SPDX-License-Identifier: ISC */
/*
 * The result for monitoring: one line in the form of the Monitoring Plugins
 * Development Guidelines, with performance data.
 */
#ifndef PROBE_NAGIOS_H
#define PROBE_NAGIOS_H

#include "probe/options.h"
#include "probe/session.h"

#include <stdio.h>

/*
 * What the plugin says and returns: options->warning and critical are of each
 * target by itself, so the line has the worst of each measure.
 */
void nagios_print(FILE *file, const struct options *options,
    struct session *const *sessions, size_t count);

/* Its exit code, 0 to 3 as in the Guidelines. */
int nagios_exit(const struct options *options, struct session *const *sessions,
    size_t count);

#endif
