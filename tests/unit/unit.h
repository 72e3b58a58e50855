/* SPDX-License-Identifier: ISC */
/*
 * What all unit tests share: the suites, a main() that runs those of a
 * program, and addresses in the form of text.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include "lib/multihome.h"

#include <check.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The suites that a program runs, ended by NULL; it defines them itself. */
extern Suite *(*const unit_suites[])(void);

/* One for each source file: of the library and the services, ... */
Suite *address_suite(void);
Suite *address_system_suite(void); /* what the real system has a say in */
Suite *address_local_suite(void);  /* and where it is */
Suite *amplification_suite(void);  /* services and guard together */
Suite *batch_suite(void);
Suite *chargen_suite(void);
Suite *civil_suite(void);
Suite *daytime_suite(void);
Suite *error_suite(void);
Suite *fixed_suite(void);
Suite *limit_suite(void);
Suite *pattern_suite(void);
Suite *prefix_suite(void);
Suite *qotd_suite(void);
Suite *reply_suite(void);
Suite *selftest_suite(void);
Suite *service_suite(void);
Suite *siphash_suite(void);
Suite *socket_suite(void);
Suite *time_suite(void);
Suite *whoami_suite(void);

/* ... and of the daemon. */
Suite *selfprobe_suite(void);
Suite *config_suite(void);
Suite *file_suite(void);
Suite *guard_suite(void);
Suite *listener_suite(void);
Suite *load_suite(void);
Suite *log_suite(void);
Suite *options_suite(void);
Suite *portfile_suite(void);
Suite *queue_suite(void);
Suite *respond_suite(void);
Suite *stats_suite(void);

/* "" is family none; else an endpoint, or an address with port 0. */
struct mh_address unit_address(const char *text);

/* The same as text, for messages.  Good for the next seven calls. */
const char *unit_text(const struct mh_address *address);

/* Is that exactly the address, port and scope of the text?  name: the case. */
void unit_assert_address(
    const struct mh_address *got, const char *expected, const char *name);

#endif
