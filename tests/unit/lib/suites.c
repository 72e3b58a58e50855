/* SPDX-License-Identifier: ISC */
/*
 * The library over the fake system.  Names no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	abi_suite,
	address_suite,
	reply_suite,
	batch_suite,
	burst_suite,
	queue_suite,
	socket_suite,
	share_suite,
	selftest_suite,
	error_suite,
	NULL,
};
