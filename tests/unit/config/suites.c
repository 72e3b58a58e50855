/* SPDX-License-Identifier: ISC */
/*
 * The command line and the file.  Names no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	keys_suite,
	types_suite,
	types_list_suite,
	types_text_suite,
	config_suite,
	config_error_suite,
	overlap_suite,
	check_suite,
	dump_suite,
	file_suite,
	include_suite,
	options_suite,
	load_suite,
	plan_suite,
	NULL,
};
