/* SPDX-License-Identifier: ISC */
/*
 * The suites of mhctl's room.
 */
#ifndef UNIT_CTL_SUITES_H
#define UNIT_CTL_SUITES_H

#include "unit/unit.h"

/* One for each source file. */
Suite *ctl_ask_suite(void);
Suite *ctl_options_suite(void);
Suite *ctl_usage_suite(void);

#endif
