/* SPDX-License-Identifier: ISC */
/*
 * The suites of mhprobe's unit tests: one for each source file in src/probe.
 */
#ifndef UNIT_PROBE_SUITES_H
#define UNIT_PROBE_SUITES_H

#include "unit/unit.h"

#include "probe/session.h"

#include <stdio.h>

Suite *probe_active_suite(void);
Suite *probe_arguments_suite(void);
Suite *probe_describe_suite(void);
Suite *probe_json_suite(void);
Suite *probe_keys_suite(void); /* in the program of loop.c */
Suite *probe_layout_suite(void);
Suite *probe_local_suite(void);
Suite *probe_marks_suite(void);
Suite *probe_nagios_suite(void);
Suite *probe_options_suite(void);
Suite *probe_order_suite(void);
Suite *probe_probe_suite(void);
Suite *probe_remedy_suite(void);
Suite *probe_resolve_suite(void);
Suite *probe_rtt_suite(void);
Suite *oneway_suite(void);
Suite *keyfile_suite(void);
Suite *probe_screen_suite(void);
Suite *probe_session_suite(void);
Suite *probe_shortage_suite(void);
Suite *probe_summary_suite(void);
Suite *probe_sweep_suite(void);
Suite *probe_table_suite(void);
Suite *probe_target_suite(void);
Suite *probe_targetfile_suite(void);
Suite *probe_threshold_suite(void);
Suite *probe_usage_suite(void);
Suite *protocol_suite(void);
Suite *protocol_coap_suite(void);
Suite *protocol_daytime_suite(void);
Suite *protocol_dns_suite(void);
Suite *protocol_echo_suite(void);
Suite *protocol_ntp_suite(void);
Suite *protocol_raw_suite(void);
Suite *protocol_irtt_suite(void);
Suite *protocol_sip_suite(void);
Suite *protocol_snmp_suite(void);
Suite *protocol_stamp_suite(void);
Suite *protocol_sockperf_suite(void);
Suite *protocol_beacon_suite(void);
Suite *protocol_unity_suite(void);
Suite *protocol_stun_suite(void);
Suite *protocol_time_suite(void);
Suite *protocol_whoami_suite(void);

/* A plan that asks echo: 3 requests, 100 ms apart, 1 s to answer each. */
struct session_plan suites_plan(void);

/* A session of that plan for an endpoint, with a secret that is no secret. */
struct session *suites_session(
    const struct session_plan *plan, const char *peer);

/* Send the next request of a session at that millisecond. */
void suites_send(struct session *session, unsigned int ms);

/* A datagram comes by that path now, in ns. */
void suites_receive(struct session *session, const struct mh_datagram *datagram,
    uint32_t path, int64_t now);

/* The answer to request number i comes from there at that millisecond. */
void suites_answer(
    struct session *session, uint32_t i, const char *from, unsigned int ms);

/*
 * A session of each kind: answered, from elsewhere, silent, refused, a name
 * that cannot be looked up.  The caller frees them; the plan gets 2 requests.
 */
enum { SUITES_KINDS = 5 };

void suites_kinds(
    struct session_plan *plan, struct session *sessions[SUITES_KINDS]);

/* A file to print into. */
FILE *suites_output(void);

/* What was printed, valid until the next call; closes the file. */
char *suites_printed(FILE *file);

/* Was exactly that printed?  Closes the file. */
void suites_expect(FILE *file, const char *wanted);

#endif
