/* SPDX-License-Identifier: ISC */
/*
 * The suites of mhrun.
 */
#ifndef UNIT_RUN_SUITES_H
#define UNIT_RUN_SUITES_H

#include "unit/unit.h"

Suite *run_elf_suite(void);
Suite *run_entries_suite(void);
Suite *run_hooks_suite(void);
Suite *run_messages_suite(void);
Suite *run_options_suite(void);
Suite *run_settings_suite(void);
Suite *run_table_suite(void);

#endif
