/* SPDX-License-Identifier: ISC */
/*
 * mhrun by BPF programs in a control group.
 */
#include "run/group/group.h"

#include <stdio.h>

int
group_run(const struct run_options *options)
{
	(void)options;
	fputs("mhrun: control groups: not supported\n", stderr);
	return RUN_EXIT_FAILED;
}
