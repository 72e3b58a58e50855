/* SPDX-License-Identifier: ISC */
/*
 * The daemon around the datagram's way, over the fake system and host.  Names
 * no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	bindings_suite,
	socketlog_suite,
	localnet_suite,
	netwatch_suite,
	worker_suite,
	workers_suite,
	others_suite,
	faults_suite,
	interfaces_suite,
	collector_suite,
	background_suite,
	reload_suite,
	inherited_suite,
	privileges_suite,
	helper_suite,
	startup_suite,
	app_suite,
	errors_suite,
	filelimit_suite,
	siblings_suite,
	listeners_suite,
	NULL,
};
