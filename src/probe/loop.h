/* SPDX-License-Identifier: ISC */
/*
 * A whole run of mhprobe.
 */
#ifndef PROBE_LOOP_H
#define PROBE_LOOP_H

#include "probe/options.h"

/*
 * Look up, ask, wait and print, as the options say.  Returns the exit code of
 * the program.
 */
int loop_run(const struct options *options);

#endif
