/* SPDX-License-Identifier: ISC */
/*
 * What all unit tests share: the suites, a main() that runs those of a program,
 * and addresses as text.
 */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include "lib/multihome.h"

#include <check.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The suites that a program runs, ended by NULL; it defines them itself. */
extern Suite *(*const unit_suites[])(void);

/* One for each source file: of the library and the services, ... */
Suite *abi_suite(void);
Suite *address_suite(void);
Suite *address_system_suite(void); /* what depends on the real system */
Suite *address_local_suite(void);  /* and where it is */
Suite *amplification_suite(void);  /* services and guard together */
Suite *batch_suite(void);
Suite *burst_suite(void);
Suite *bytes_suite(void);
Suite *scope_suite(void);
Suite *chargen_suite(void);
Suite *civil_suite(void);
Suite *cmdline_suite(void);
Suite *daytime_suite(void);
Suite *discard_suite(void);
Suite *echo_suite(void);
Suite *error_suite(void);
Suite *fixed_suite(void);
Suite *hex_suite(void);
Suite *json_suite(void);
Suite *fault_suite(void);
Suite *faults_suite(void);
Suite *held_suite(void);
Suite *inject_suite(void);
Suite *limit_suite(void);
Suite *loops_suite(void);
Suite *mac_suite(void);
Suite *mac_key_suite(void);
Suite *number_suite(void);
Suite *pattern_suite(void);
Suite *prefix_suite(void);
Suite *qotd_suite(void);
Suite *reply_suite(void);
Suite *request_suite(void);
Suite *selftest_suite(void);
Suite *service_suite(void);
Suite *quota_suite(void);
Suite *session_table_suite(void);
Suite *stamp_clock_suite(void);
Suite *stamp_loss_suite(void);
Suite *share_suite(void);
Suite *hashindex_suite(void);
Suite *siphash_suite(void);
Suite *socket_suite(void);
Suite *stamp_suite(void);
Suite *stamp_tlv_suite(void);
Suite *irtt_suite(void);
Suite *irtt_message_suite(void);
Suite *irtt_session_suite(void);
Suite *sockperf_suite(void);
Suite *beacon_suite(void);
Suite *sntp_suite(void);
Suite *ntptime_suite(void);
Suite *strbuf_suite(void);
Suite *dns_suite(void);
Suite *dns_content_suite(void);
Suite *dns_cookie_suite(void);
Suite *dns_message_suite(void);
Suite *dns_zone_suite(void);
Suite *stun_suite(void);
Suite *stun_message_suite(void);
Suite *stun_settings_suite(void);
Suite *time_suite(void);
Suite *varint_suite(void);
Suite *whoami_suite(void);

/* ... and of the daemon. */
Suite *access_suite(void);
Suite *control_suite(void);
Suite *drops_suite(void);
Suite *explain_suite(void);
Suite *records_suite(void);
Suite *report_suite(void);
Suite *top_suite(void);
Suite *timing_suite(void);
Suite *app_suite(void);
Suite *bindings_suite(void);
Suite *socketlog_suite(void);
Suite *overlap_suite(void);
Suite *check_suite(void);
Suite *collector_suite(void);
Suite *config_suite(void);
Suite *config_error_suite(void);
Suite *connections_suite(void);
Suite *dump_suite(void);
Suite *ends_suite(void);
Suite *errors_suite(void);
Suite *filelimit_suite(void);
Suite *file_suite(void);
Suite *include_suite(void);
Suite *guard_suite(void);
Suite *liveness_suite(void);
Suite *health_suite(void);
Suite *helper_suite(void);
Suite *http_suite(void);
Suite *httprequest_suite(void);
Suite *inherited_suite(void);
Suite *keys_suite(void);
Suite *listener_suite(void);
Suite *siblings_suite(void);
Suite *listeners_suite(void);
Suite *load_suite(void);
Suite *localnet_suite(void);
Suite *log_suite(void);
Suite *metrics_suite(void);
Suite *neighbours_suite(void);
Suite *congestion_suite(void);
Suite *netwatch_suite(void);
Suite *options_suite(void);
Suite *reports_suite(void);
Suite *outbox_suite(void);
Suite *page_suite(void);
Suite *plan_suite(void);
Suite *portfile_suite(void);
Suite *privileges_suite(void);
Suite *queue_suite(void);
Suite *background_suite(void);
Suite *reload_suite(void);
Suite *render_suite(void);
Suite *admit_suite(void);
Suite *packets_suite(void);
Suite *compose_suite(void);
Suite *respond_suite(void);
Suite *selfprobe_suite(void);
Suite *selfprobe_wire_suite(void);
Suite *snapshot_suite(void);
Suite *startup_suite(void);
Suite *stats_suite(void);
Suite *types_suite(void);
Suite *types_list_suite(void);
Suite *types_text_suite(void);
Suite *worker_suite(void);
Suite *workers_suite(void);
Suite *interfaces_suite(void);
Suite *others_suite(void);

/* A case of what is too much for valgrind: it has the tag "long". */
TCase *unit_long_tcase(const char *name);

/* "" is family none; else an endpoint, or an address with port 0. */
struct mh_address unit_address(const char *text);

/* The same as text, for messages.  Valid for the next seven calls. */
const char *unit_text(const struct mh_address *address);

/* Is that exactly the address, port and scope of the text?  name: the case. */
void unit_assert_address(
    const struct mh_address *got, const char *expected, const char *name);

#endif
