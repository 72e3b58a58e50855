/* SPDX-License-Identifier: ISC */
/*
 * Asking the daemon.
 */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "ctl/options.h"

#include <stdio.h>

/*
 * Send the request and print the answer to out, or to error if the daemon
 * refuses and it is for people.  Returns the exit code.
 */
int ctl_ask(const struct ctl_options *options, FILE *out, FILE *error);

#endif
