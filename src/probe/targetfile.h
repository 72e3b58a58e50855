/* SPDX-License-Identifier: ISC */
/*
 * Targets from a file, one a line, or from standard input.
 */
#ifndef PROBE_TARGETFILE_H
#define PROBE_TARGETFILE_H

#include "probe/options.h"

/* Most bytes and lines of such a file. */
#define TARGETFILE_BYTES (4u << 20)
#define TARGETFILE_LINES 65536

/*
 * Add the targets of the file of --file, if one is given, to those of the
 * command line.  False, and a whole sentence that names file and line in why,
 * if one of them is wrong or there is none at all.
 */
bool targetfile_read(struct options *options, char why[TARGET_WHY]);

#endif
