/* SPDX-License-Identifier: ISC */
/*
 * What the programs share.  Names no operating system.
 */
#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	strbuf_suite,
	number_suite,
	bytes_suite,
	scope_suite,
	hex_suite,
	json_suite,
	request_suite,
	cmdline_suite,
	hashindex_suite,
	siphash_suite,
	varint_suite,
	mac_suite,
	mac_key_suite,
	NULL,
};
