/* SPDX-License-Identifier: ISC */
/*
 * What the guard's rules are made of.  Names no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	prefix_suite,
	siphash_suite,
	limit_suite,
	NULL,
};
