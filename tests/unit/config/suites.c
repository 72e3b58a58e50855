/* SPDX-License-Identifier: ISC */
/*
 * The command line and the file.  Names no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	config_suite,
	file_suite,
	options_suite,
	load_suite,
	plan_suite,
	NULL,
};
