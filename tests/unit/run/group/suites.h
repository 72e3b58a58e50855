/* SPDX-License-Identifier: ISC */
/*
 * The suites of this room, one for each source file.
 */
#ifndef UNIT_RUN_GROUP_SUITES_H
#define UNIT_RUN_GROUP_SUITES_H

#include <check.h>

Suite *cgroup_suite(void);
Suite *watcher_suite(void);
Suite *gone_suite(void);
Suite *loader_suite(void);
Suite *pins_suite(void);
Suite *status_suite(void);

#endif
