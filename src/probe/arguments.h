/* SPDX-License-Identifier: ISC */
/*
 * The whole command line of mhprobe: what is there besides options, and
 * whether all of it goes together.  Pure.
 */
#ifndef PROBE_ARGUMENTS_H
#define PROBE_ARGUMENTS_H

#include "probe/options.h"

/*
 * Read options and SERVICE TARGET..., or with --local SERVICE [PORT], into
 * *options, and see whether requests can be made of them.  Returns false and a
 * whole sentence in why; the caller clears *options in any case.  Texts in argv
 * are kept, not copied; argv may be reordered.  Not thread-safe (getopt_long).
 */
bool arguments_parse(
    struct options *options, int argc, char *argv[], char why[TARGET_WHY]);

/*
 * Add a target to *options, whose protocol is known; text is kept, not copied.
 * Returns false, and a whole sentence in why.
 */
bool arguments_add_target(
    struct options *options, const char *text, char why[TARGET_WHY]);

#endif
