/* SPDX-License-Identifier: ISC */
/*
 * How the daemon's state is reported to people and programs, over the fake
 * system. Names no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	log_suite,
	metrics_suite,
	page_suite,
	render_suite,
	httprequest_suite,
	access_suite,
	connections_suite,
	http_suite,
	records_suite,
	report_suite,
	control_suite,
	selfprobe_suite,
	liveness_suite,
	health_suite,
	selftest_suite,
	portfile_suite,
	snapshot_suite,
	NULL,
};
