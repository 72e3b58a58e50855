/* SPDX-License-Identifier: ISC */
/*
 * The datagram's way, over the fake system.  Names no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	prefix_suite,
	limit_suite,
	loops_suite,
	neighbours_suite,
	congestion_suite,
	guard_suite,
	drops_suite,
	explain_suite,
	packets_suite,
	top_suite,
	timing_suite,
	stats_suite,
	fault_suite,
	ends_suite,
	reports_suite,
	held_suite,
	outbox_suite,
	inject_suite,
	selfprobe_wire_suite,
	admit_suite,
	compose_suite,
	respond_suite,
	listener_suite,
	NULL,
};
