/* SPDX-License-Identifier: ISC */
/*
 * The pure parts of mhrun with control groups.  What needs rights is in
 * tests/net/test_run_group.c.
 */
#include "unit/run/group/suites.h"

#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	cgroup_suite,
	watcher_suite,
	gone_suite,
	loader_suite,
	pins_suite,
	status_suite,
	NULL,
};
