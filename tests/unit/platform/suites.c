/* SPDX-License-Identifier: ISC */
/*
 * The platform room of this system, and the library over it.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	address_suite,
	address_system_suite,
	address_local_suite,
	control_suite,
	udp_suite,
	udp_calls_suite,
	vrf_suite,
	NULL,
};
