/* SPDX-License-Identifier: ISC */
/*
 * mhctl.
 */
#include "unit/ctl/suites.h"

Suite *(*const unit_suites[])(void) = {
	ctl_options_suite,
	ctl_ask_suite,
	ctl_usage_suite,
	NULL,
};
