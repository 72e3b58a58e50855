/* SPDX-License-Identifier: ISC */
/*
 * What programs that were compiled before depend on: the sizes of the public
 * structs, and where their members are.  What only the library allocates may
 * grow at its end; nothing else may change without a new version of the
 * library's name (CONTRIBUTING.md).  libmultihome.map has the functions.
 */
#include "unit/unit.h"

#include "lib/multihome_report.h"

#include <stddef.h>

static const struct {
	const char *name;
	size_t is, was;
} layout[] = {
	{ "mh_address", sizeof(struct mh_address), 24 },
	{ "mh_address.ip", offsetof(struct mh_address, ip), 0 },
	{ "mh_address.scope", offsetof(struct mh_address, scope), 16 },
	{ "mh_address.port", offsetof(struct mh_address, port), 20 },
	{ "mh_address.family", offsetof(struct mh_address, family), 22 },
	{ "mh_problem", sizeof(struct mh_problem), 136 },
	{ "mh_problem.code", offsetof(struct mh_problem, code), 0 },
	{ "mh_problem.system_code", offsetof(struct mh_problem, system_code),
	    4 },
	{ "mh_problem.what", offsetof(struct mh_problem, what), 8 },
	{ "mh_problem.family", offsetof(struct mh_problem, family), 16 },
	{ "mh_problem.text", offsetof(struct mh_problem, text), 20 },
	{ "mh_problem.reserved", offsetof(struct mh_problem, reserved), 116 },
	{ "mh_socket_options", sizeof(struct mh_socket_options), 60 },
	{ "mh_socket_options.stack", offsetof(struct mh_socket_options, stack),
	    0 },
	{ "mh_socket_options.want", offsetof(struct mh_socket_options, want),
	    4 },
	{ "mh_socket_options.receive_buffer",
	    offsetof(struct mh_socket_options, receive_buffer), 8 },
	{ "mh_socket_options.send_buffer",
	    offsetof(struct mh_socket_options, send_buffer), 12 },
	{ "mh_socket_options.freebind",
	    offsetof(struct mh_socket_options, freebind), 16 },
	{ "mh_socket_options.share_port",
	    offsetof(struct mh_socket_options, share_port), 17 },
	{ "mh_socket_options.processors",
	    offsetof(struct mh_socket_options, processors), 20 },
	{ "mh_socket_options.unsegmented",
	    offsetof(struct mh_socket_options, unsegmented), 24 },
	{ "mh_socket_options.dont_fragment",
	    offsetof(struct mh_socket_options, dont_fragment), 25 },
	{ "mh_socket_options.tos", offsetof(struct mh_socket_options, tos),
	    26 },
	{ "mh_socket_options.ttl", offsetof(struct mh_socket_options, ttl),
	    27 },
	{ "mh_socket_options.reserved",
	    offsetof(struct mh_socket_options, reserved), 28 },
	{ "mh_socket_info.bound", offsetof(struct mh_socket_info, bound), 0 },
	{ "mh_socket_info.dual_stack",
	    offsetof(struct mh_socket_info, dual_stack), 24 },
	{ "mh_socket_info.can", offsetof(struct mh_socket_info, can), 28 },
	{ "mh_socket_info.notices", offsetof(struct mh_socket_info, notices),
	    32 },
	{ "mh_socket_info.receive_buffer",
	    offsetof(struct mh_socket_info, receive_buffer), 36 },
	{ "mh_socket_info.device", offsetof(struct mh_socket_info, device),
	    40 },
	{ "mh_icmp_error", sizeof(struct mh_icmp_error), 72 },
	{ "mh_icmp_error.peer", offsetof(struct mh_icmp_error, peer), 0 },
	{ "mh_icmp_error.reporter", offsetof(struct mh_icmp_error, reporter),
	    24 },
	{ "mh_icmp_error.kind", offsetof(struct mh_icmp_error, kind), 48 },
	{ "mh_icmp_error.mtu", offsetof(struct mh_icmp_error, mtu), 52 },
	{ "mh_icmp_error.reserved", offsetof(struct mh_icmp_error, reserved),
	    56 },
	{ "mh_report", sizeof(struct mh_report), 104 },
	{ "mh_report.kind", offsetof(struct mh_report, kind), 0 },
	{ "mh_report.reserved", offsetof(struct mh_report, reserved), 4 },
	{ "mh_report.sent_id", offsetof(struct mh_report, sent_id), 16 },
	{ "mh_report.sent_ns", offsetof(struct mh_report, sent_ns), 24 },
	{ "mh_report.icmp", offsetof(struct mh_report, icmp), 32 },
	{ "mh_datagram", sizeof(struct mh_datagram), 128 },
	{ "mh_datagram.peer", offsetof(struct mh_datagram, peer), 0 },
	{ "mh_datagram.local", offsetof(struct mh_datagram, local), 24 },
	{ "mh_datagram.if_index", offsetof(struct mh_datagram, if_index), 48 },
	{ "mh_datagram.flags", offsetof(struct mh_datagram, flags), 52 },
	{ "mh_datagram.ttl", offsetof(struct mh_datagram, ttl), 56 },
	{ "mh_datagram.tos", offsetof(struct mh_datagram, tos), 58 },
	{ "mh_datagram.segment", offsetof(struct mh_datagram, segment), 60 },
	{ "mh_datagram.report_sent", offsetof(struct mh_datagram, report_sent),
	    62 },
	{ "mh_datagram.reserved8", offsetof(struct mh_datagram, reserved8),
	    63 },
	{ "mh_datagram.status", offsetof(struct mh_datagram, status), 64 },
	{ "mh_datagram.reserved", offsetof(struct mh_datagram, reserved), 68 },
	{ "mh_datagram.sent_id", offsetof(struct mh_datagram, sent_id), 72 },
	{ "mh_datagram.arrived_ns", offsetof(struct mh_datagram, arrived_ns),
	    80 },
	{ "mh_datagram.hardware_ns", offsetof(struct mh_datagram, hardware_ns),
	    88 },
	{ "mh_datagram.data", offsetof(struct mh_datagram, data), 96 },
	{ "mh_datagram.length", offsetof(struct mh_datagram, length), 104 },
	{ "mh_datagram.reserved64", offsetof(struct mh_datagram, reserved64),
	    112 },
	{ "mh_batch.received", offsetof(struct mh_batch, received), 0 },
	{ "mh_batch.received_count", offsetof(struct mh_batch, received_count),
	    8 },
	{ "mh_batch.outgoing", offsetof(struct mh_batch, outgoing), 16 },
	{ "mh_batch.outgoing_count", offsetof(struct mh_batch, outgoing_count),
	    24 },
	{ "mh_batch.finished_count", offsetof(struct mh_batch, finished_count),
	    28 },
	{ "mh_batch.slots", offsetof(struct mh_batch, slots), 32 },
	{ "mh_batch.receive_size", offsetof(struct mh_batch, receive_size),
	    40 },
	{ "mh_batch.send_size", offsetof(struct mh_batch, send_size), 48 },
	{ "mh_source_policy", sizeof(struct mh_source_policy), 16 },
	{ "mh_source_policy.relaxed",
	    offsetof(struct mh_source_policy, relaxed), 0 },
	{ "mh_source_policy.arrival",
	    offsetof(struct mh_source_policy, arrival), 1 },
	{ "mh_source_policy.reserved",
	    offsetof(struct mh_source_policy, reserved), 4 },
	{ "mh_return_path", sizeof(struct mh_return_path), 80 },
	{ "mh_return_path.peer", offsetof(struct mh_return_path, peer), 0 },
	{ "mh_return_path.local", offsetof(struct mh_return_path, local), 24 },
	{ "mh_return_path.socket", offsetof(struct mh_return_path, socket),
	    48 },
	{ "mh_return_path.if_index", offsetof(struct mh_return_path, if_index),
	    56 },
	{ "mh_return_path.flags", offsetof(struct mh_return_path, flags), 60 },
	{ "mh_return_path.reserved", offsetof(struct mh_return_path, reserved),
	    64 },
	{ "mh_self_test_family", sizeof(struct mh_self_test_family), 72 },
	{ "mh_self_test_family.available",
	    offsetof(struct mh_self_test_family, available), 0 },
	{ "mh_self_test_family.reached",
	    offsetof(struct mh_self_test_family, reached), 1 },
	{ "mh_self_test_family.asked",
	    offsetof(struct mh_self_test_family, asked), 2 },
	{ "mh_self_test_family.source",
	    offsetof(struct mh_self_test_family, source), 4 },
	{ "mh_self_test_family.address",
	    offsetof(struct mh_self_test_family, address), 8 },
	{ "mh_self_test_family.seen",
	    offsetof(struct mh_self_test_family, seen), 32 },
	{ "mh_self_test_family.reserved",
	    offsetof(struct mh_self_test_family, reserved), 56 },
	{ "mh_self_test", sizeof(struct mh_self_test), 280 },
	{ "mh_self_test.ipv4", offsetof(struct mh_self_test, ipv4), 0 },
	{ "mh_self_test.ipv6", offsetof(struct mh_self_test, ipv6), 72 },
	{ "mh_self_test.problem", offsetof(struct mh_self_test, problem), 144 },
};

START_TEST(test_layout)
{
	/* As recorded on systems with pointers of 64 bits. */
	if (sizeof(void *) != 8)
		return;
	ck_assert_msg(layout[_i].is == layout[_i].was, "%s: %zu, not %zu",
	    layout[_i].name, layout[_i].is, layout[_i].was);
}
END_TEST

/* As recorded; they are in programs as numbers. */
static const struct {
	const char *name;
	int is, was;
} numbers[] = {
	{ "MH_EAGAIN", MH_EAGAIN, -1 },
	{ "MH_EINVALID", MH_EINVALID, -2 },
	{ "MH_EFAMILY", MH_EFAMILY, -3 },
	{ "MH_EADDRESS", MH_EADDRESS, -4 },
	{ "MH_EINUSE", MH_EINUSE, -5 },
	{ "MH_EPERMISSION", MH_EPERMISSION, -6 },
	{ "MH_ENOMEMORY", MH_ENOMEMORY, -7 },
	{ "MH_ENOBUFFERS", MH_ENOBUFFERS, -8 },
	{ "MH_ETOOBIG", MH_ETOOBIG, -9 },
	{ "MH_EUNREACHABLE", MH_EUNREACHABLE, -10 },
	{ "MH_EREFUSED", MH_EREFUSED, -11 },
	{ "MH_ESOURCE", MH_ESOURCE, -12 },
	{ "MH_EGONE", MH_EGONE, -13 },
	{ "MH_EUNSUPPORTED", MH_EUNSUPPORTED, -14 },
	{ "MH_ESYNTAX", MH_ESYNTAX, -15 },
	{ "MH_EZONE", MH_EZONE, -16 },
	{ "MH_ESYSTEM", MH_ESYSTEM, -17 },
	{ "MH_FAMILY_NONE", MH_FAMILY_NONE, 0 },
	{ "MH_FAMILY_IPV4", MH_FAMILY_IPV4, 4 },
	{ "MH_FAMILY_IPV6", MH_FAMILY_IPV6, 6 },
	{ "MH_CLASS_NONE", MH_CLASS_NONE, 0 },
	{ "MH_CLASS_THIS_NETWORK", MH_CLASS_THIS_NETWORK, 1 },
	{ "MH_CLASS_UNSPECIFIED", MH_CLASS_UNSPECIFIED, 2 },
	{ "MH_CLASS_LOOPBACK", MH_CLASS_LOOPBACK, 3 },
	{ "MH_CLASS_LINK_LOCAL", MH_CLASS_LINK_LOCAL, 4 },
	{ "MH_CLASS_PRIVATE", MH_CLASS_PRIVATE, 5 },
	{ "MH_CLASS_UNIQUE_LOCAL", MH_CLASS_UNIQUE_LOCAL, 6 },
	{ "MH_CLASS_MULTICAST", MH_CLASS_MULTICAST, 7 },
	{ "MH_CLASS_BROADCAST", MH_CLASS_BROADCAST, 8 },
	{ "MH_CLASS_GLOBAL", MH_CLASS_GLOBAL, 9 },
	{ "MH_STACK_DUAL", MH_STACK_DUAL, 0 },
	{ "MH_STACK_TWO", MH_STACK_TWO, 1 },
	{ "MH_STACK_IPV4", MH_STACK_IPV4, 2 },
	{ "MH_STACK_IPV6", MH_STACK_IPV6, 3 },
	{ "MH_CAN_IPV4", MH_CAN_IPV4, 1 },
	{ "MH_CAN_IPV6", MH_CAN_IPV6, 2 },
	{ "MH_CAN_SOURCE_IPV4", MH_CAN_SOURCE_IPV4, 4 },
	{ "MH_CAN_SOURCE_IPV6", MH_CAN_SOURCE_IPV6, 8 },
	{ "MH_CAN_TTL", MH_CAN_TTL, 16 },
	{ "MH_CAN_TOS", MH_CAN_TOS, 32 },
	{ "MH_CAN_TIME", MH_CAN_TIME, 64 },
	{ "MH_CAN_DROPS", MH_CAN_DROPS, 128 },
	{ "MH_CAN_ERRORS", MH_CAN_ERRORS, 256 },
	{ "MH_CAN_SEND_TTL", MH_CAN_SEND_TTL, 512 },
	{ "MH_CAN_SEND_TOS", MH_CAN_SEND_TOS, 1024 },
	{ "MH_CAN_SEND_TIME", MH_CAN_SEND_TIME, 4096 },
	{ "MH_CAN_HARDWARE_TIME", MH_CAN_HARDWARE_TIME, 8192 },
	{ "MH_NOTICE_IPV4_DISABLED", MH_NOTICE_IPV4_DISABLED, 1 },
	{ "MH_NOTICE_IPV6_ABSENT", MH_NOTICE_IPV6_ABSENT, 2 },
	{ "MH_NOTICE_NOT_DUAL", MH_NOTICE_NOT_DUAL, 4 },
	{ "MH_ICMP_PORT", MH_ICMP_PORT, 0 },
	{ "MH_ICMP_HOST", MH_ICMP_HOST, 1 },
	{ "MH_ICMP_NETWORK", MH_ICMP_NETWORK, 2 },
	{ "MH_ICMP_PROHIBITED", MH_ICMP_PROHIBITED, 3 },
	{ "MH_ICMP_PROTOCOL", MH_ICMP_PROTOCOL, 4 },
	{ "MH_ICMP_TOO_BIG", MH_ICMP_TOO_BIG, 5 },
	{ "MH_ICMP_TTL", MH_ICMP_TTL, 6 },
	{ "MH_ICMP_OTHER", MH_ICMP_OTHER, 7 },
	{ "MH_REPORT_ICMP", MH_REPORT_ICMP, 0 },
	{ "MH_REPORT_SENT", MH_REPORT_SENT, 1 },
	{ "MH_TRUNCATED", MH_TRUNCATED, 1 },
	{ "MH_CONTROL_TRUNCATED", MH_CONTROL_TRUNCATED, 2 },
	{ "MH_TO_BROADCAST", MH_TO_BROADCAST, 4 },
	{ "MH_TO_MULTICAST", MH_TO_MULTICAST, 8 },
	{ "MH_VIA_VRF", MH_VIA_VRF, 16 },
	{ "MH_BOUND", MH_BOUND, 32 },
	{ "MH_SENT", MH_SENT, 0 },
	{ "MH_SENT_UNPINNED", MH_SENT_UNPINNED, 1 },
	{ "MH_RELEASED", MH_RELEASED, 2 },
	{ "MH_NOT_VERIFIED", MH_NOT_VERIFIED, 0 },
	{ "MH_VERIFIED", MH_VERIFIED, 1 },
	{ "MH_BROKEN", MH_BROKEN, 2 },
	{ "MH_SLOT_SIZE", MH_SLOT_SIZE, 65536 },
	{ "MH_ADDRESS_TEXT", MH_ADDRESS_TEXT, 80 },
	{ "MH_SOCKETS_MAX", MH_SOCKETS_MAX, 2 },
};

START_TEST(test_numbers)
{
	ck_assert_msg(numbers[_i].is == numbers[_i].was, "%s: %d, not %d",
	    numbers[_i].name, numbers[_i].is, numbers[_i].was);
}
END_TEST

Suite *
abi_suite(void)
{
	Suite *suite = suite_create("abi");
	TCase *tcase = tcase_create("abi");

	tcase_add_loop_test(tcase, test_layout, 0, LENGTH(layout));
	tcase_add_loop_test(tcase, test_numbers, 0, LENGTH(numbers));
	suite_add_tcase(suite, tcase);
	return suite;
}
