/* SPDX-License-Identifier: ISC */
/*
 * The suites of mhprobe's unit tests: one for each source file in src/probe,
 * but one for all services that can be asked.
 */
#ifndef UNIT_PROBE_SUITES_H
#define UNIT_PROBE_SUITES_H

#include "unit/unit.h"

#include "probe/session.h"

Suite *probe_ask_suite(void);
Suite *probe_options_suite(void);
Suite *probe_output_suite(void); /* tally, table, json, nagios */
Suite *probe_probe_suite(void);
Suite *probe_row_suite(void);
Suite *probe_rtt_suite(void);
Suite *probe_sweep_suite(void);
Suite *probe_target_suite(void);

/* A plan to ask echo: 3 requests, 100 ms apart, 1 s to answer each. */
struct row_plan suites_plan(void);

/* A row of that plan for an endpoint, with a secret that is no secret. */
struct row *suites_row(const struct row_plan *plan, const char *peer);

/* Send the next request of a row at that millisecond. */
void suites_send(struct row *row, unsigned int ms);

/* The answer to request number i comes from there at that millisecond. */
void suites_answer(
    struct row *row, uint32_t i, const char *from, unsigned int ms);

#endif
