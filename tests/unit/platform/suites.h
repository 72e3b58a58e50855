/* SPDX-License-Identifier: ISC */
/*
 * The suites of the platform room of this system.
 */
#ifndef UNIT_PLATFORM_SUITES_H
#define UNIT_PLATFORM_SUITES_H

#include <check.h>

/* One for each source file. */
Suite *platform_socket_suite(void);
Suite *platform_linux_socket_suite(void);
Suite *platform_datagram_suite(void);
Suite *platform_datagram_segments_suite(void);
Suite *platform_datagram_bursts_suite(void);
Suite *platform_datagram_calls_suite(void);
Suite *platform_control_suite(void);
Suite *platform_group_suite(void);
Suite *platform_report_suite(void);
Suite *platform_mmsg_suite(void);
Suite *platform_reuseport_suite(void);
Suite *platform_route_suite(void);
Suite *platform_vrf_suite(void);
Suite *platform_backlog_suite(void);
Suite *platform_netlist_suite(void);
Suite *platform_network_suite(void);
Suite *platform_linux_network_suite(void);
Suite *platform_sockaddr_suite(void);
Suite *platform_sockname_suite(void);
Suite *platform_stream_suite(void);
Suite *platform_clock_suite(void);
Suite *platform_memory_suite(void);
Suite *platform_random_suite(void);
Suite *platform_file_suite(void);
Suite *platform_privsep_suite(void);
Suite *platform_privsep_stream_suite(void);
Suite *platform_fileio_suite(void);
Suite *platform_localsocket_suite(void);
Suite *platform_inherited_suite(void);
Suite *platform_manager_suite(void);
Suite *platform_thread_suite(void);
Suite *platform_program_suite(void);
Suite *platform_terminal_suite(void);
Suite *platform_keyboard_suite(void);
Suite *platform_syslog_suite(void);
Suite *platform_owner_suite(void);
Suite *platform_privileges_suite(void);
Suite *platform_sandbox_suite(void);
Suite *platform_sandbox_trap_suite(void);

#endif
