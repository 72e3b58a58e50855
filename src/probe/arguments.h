/* SPDX-License-Identifier: ISC */
/*
 * What stands on the command line of mhprobe besides options, and whether all
 * of it goes together.  Pure.
 */
#ifndef PROBE_ARGUMENTS_H
#define PROBE_ARGUMENTS_H

#include "probe/options.h"

/*
 * Read SERVICE TARGET..., or with --local SERVICE [PORT], into *options, which
 * has all options already.  Returns false and a whole sentence in why.
 */
bool arguments_read(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY]);

/*
 * Do the options and arguments go together, and can requests be made of them?
 * false: not, and a whole sentence in why.
 */
bool arguments_check(const struct options *options, char why[TARGET_WHY]);

#endif
