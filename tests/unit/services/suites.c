/* SPDX-License-Identifier: ISC */
/*
 * The services.  Names no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	civil_suite,
	pattern_suite,
	service_suite,
	echo_suite,
	discard_suite,
	whoami_suite,
	daytime_suite,
	time_suite,
	chargen_suite,
	qotd_suite,
	fixed_suite,
	stun_suite,
	stun_settings_suite,
	stun_message_suite,
	quota_suite,
	session_table_suite,
	stamp_loss_suite,
	stamp_clock_suite,
	stamp_suite,
	stamp_tlv_suite,
	irtt_message_suite,
	irtt_session_suite,
	irtt_suite,
	sockperf_suite,
	dns_suite,
	dns_content_suite,
	dns_cookie_suite,
	dns_message_suite,
	dns_zone_suite,
	beacon_suite,
	sntp_suite,
	ntptime_suite,
	amplification_suite,
	NULL,
};
