/* SPDX-License-Identifier: ISC */
/*
 * The daemon over the fake system, all but main() and the
 * event loop.  Names no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	config_suite,
	configfile_suite,
	options_suite,
	load_suite,
	guard_suite,
	queue_suite,
	stats_suite,
	log_suite,
	portfile_suite,
	respond_suite,
	listener_suite,
	asking_suite,
	NULL,
};
