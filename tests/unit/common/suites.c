/* SPDX-License-Identifier: ISC */
/*
 * What the programs share.  Names no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	siphash_suite,
	NULL,
};
