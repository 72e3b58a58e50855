/* SPDX-License-Identifier: ISC */
/*
 * mhrun and libmhrun.so.
 */
#include "unit/run/suites.h"

Suite *(*const unit_suites[])(void) = {
	run_options_suite,
	run_elf_suite,
	run_settings_suite,
	run_table_suite,
	run_entries_suite,
	run_messages_suite,
	run_hooks_suite,
	NULL,
};
