/* SPDX-License-Identifier: ISC */
/*
 * The platform room of this system, and the library over it.
 */
#include "unit/platform/suites.h"

#include "unit/unit.h"

Suite *(*const unit_suites[])(void) = {
	address_suite,
	address_system_suite,
	address_local_suite,
	platform_socket_suite,
	platform_linux_socket_suite,
	platform_datagram_suite,
	platform_datagram_segments_suite,
	platform_datagram_bursts_suite,
	platform_datagram_calls_suite,
	platform_control_suite,
	platform_group_suite,
	platform_report_suite,
	platform_mmsg_suite,
	platform_reuseport_suite,
	platform_route_suite,
	platform_vrf_suite,
	platform_backlog_suite,
	platform_netlist_suite,
	platform_network_suite,
	platform_owner_suite,
	platform_linux_network_suite,
	platform_sockaddr_suite,
	platform_sockname_suite,
	platform_stream_suite,
	platform_clock_suite,
	platform_memory_suite,
	platform_random_suite,
	platform_file_suite,
	platform_localsocket_suite,
	/* A process with a helper leaves files to it from then on. */
	platform_privsep_suite,
	platform_privsep_stream_suite,
	platform_fileio_suite,
#ifdef UNIT_SYSTEMD
	platform_manager_suite,
	platform_inherited_suite,
#endif
	platform_thread_suite,
	platform_program_suite,
	platform_terminal_suite,
	platform_keyboard_suite,
	platform_syslog_suite,
	platform_privileges_suite,
#ifdef UNIT_SECCOMP
	platform_sandbox_suite,
	platform_sandbox_trap_suite,
#endif
	NULL,
};
