/* SPDX-License-Identifier: ISC */
/*
 * mhrun by BPF programs in a control group: --cgroup, --attach, --detach,
 * --pin and --status.
 */
#ifndef RUN_GROUP_GROUP_H
#define RUN_GROUP_GROUP_H

#include "run/options.h"

/*
 * Do what the options say; what goes wrong is said on standard error.  Returns
 * the exit code; for RUN_CGROUP that of the command, or not at all.
 */
int group_run(const struct run_options *options);

#endif
