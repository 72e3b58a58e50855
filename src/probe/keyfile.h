/* SPDX-License-Identifier: ISC */
/*
 * The key that requests are signed with: from a file, so that it stands neither
 * on a command line nor in the list of processes.
 */
#ifndef PROBE_KEYFILE_H
#define PROBE_KEYFILE_H

#include "probe/options.h"

/*
 * Read the file of --key, if one is given, into options->key.  False and a
 * whole sentence in why if there is no key in it.
 */
bool keyfile_read(struct options *options, char why[TARGET_WHY]);

#endif
