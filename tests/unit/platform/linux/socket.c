/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/socket.c: the system's errors, and options that are no
 * plain numbers.
 */
#include "platform/socket.h"

#include "unit/unit.h"

#include "unit/platform/live.h"
#include "unit/platform/suites.h"
#include "unit/wrap.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct mh__udp udp;

static void
setup(void)
{
	udp = (struct mh__udp){ .handle = -1 };
}

static void
teardown(void)
{
	mh__udp_close(&udp);
}

/* Over IPv6, both families on one socket. */
static void
open_udp(bool dual_stack)
{
	ck_assert_int_eq(mh__udp_create(&udp, MH_FAMILY_IPV6), 0);
	ck_assert_int_eq(mh__udp_set(&udp, MH__ONLY_IPV6, !dual_stack), 0);
	udp.dual_stack = dual_stack;
}

static int
get(int level, int option)
{
	int value = -1;

	ck_assert_int_eq(mh__socket_get(&udp, level, option, &value), 0);
	return value;
}

static void
refuse(int error, int level, int option)
{
	wrap.setsockopt =
	    (struct wrap_call){ .error = error, .which = level << 16 | option };
}

static const struct {
	int system, code;
} codes[] = {
	{ EAGAIN, MH_EAGAIN },
	{ EINVAL, MH_EINVALID },
	{ EAFNOSUPPORT, MH_EFAMILY },
	{ EADDRNOTAVAIL, MH_EADDRESS },
	{ ENODEV, MH_EZONE },
	{ EADDRINUSE, MH_EINUSE },
	{ EACCES, MH_EPERMISSION },
	{ EPERM, MH_EPERMISSION },
	{ ENOMEM, MH_ENOMEMORY },
	{ ENOBUFS, MH_ENOBUFFERS },
	{ EMSGSIZE, MH_ETOOBIG },
	{ EHOSTUNREACH, MH_EUNREACHABLE },
	{ ENETUNREACH, MH_EUNREACHABLE },
	{ ENETDOWN, MH_EUNREACHABLE },
	{ EHOSTDOWN, MH_EUNREACHABLE },
	{ ECONNREFUSED, MH_EREFUSED },
	{ ENOPROTOOPT, MH_EUNSUPPORTED },
	{ EOPNOTSUPP, MH_EUNSUPPORTED },
	{ EMFILE, MH_ESYSTEM },
	{ EBADF, MH_ESYSTEM },
	{ 0, MH_ESYSTEM },
};

START_TEST(test_code)
{
	ck_assert_int_eq(mh__socket_code(codes[_i].system), codes[_i].code);
}
END_TEST

START_TEST(test_error_text)
{
	char text[8];

	mh__udp_error_text(EADDRINUSE, text, sizeof(text));
	ck_assert_uint_eq(strlen(text), sizeof(text) - 1);
	ck_assert_int_eq(strncmp(text, strerror(EADDRINUSE), 7), 0);
	mh__udp_error_text(0, text, sizeof(text));
	ck_assert_str_eq(text, "");
}
END_TEST

START_TEST(test_interface_name)
{
	struct mh_address address;

	ck_assert_uint_eq(mh__interface_index("no-such"), 0);
	ck_assert_int_eq(mh_endpoint_parse(&address, "[fe80::1%lo]:7"), 0);
	ck_assert_uint_eq(address.scope, if_nametoindex("lo"));
	ck_assert_int_eq(mh_address_parse(&address, "ff02::1%lo"), 0);
	ck_assert_uint_eq(address.scope, if_nametoindex("lo"));
}
END_TEST

/* No interface of that index; or one, but no such address there. */
START_TEST(test_zone)
{
	struct mh_address address = { .family = MH_FAMILY_IPV6,
		.ip = { 0xfe, 0x80, [15] = 0x77 } };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;

	address.scope = _i == 0 ? INT32_MAX : if_nametoindex("lo");
	ck_assert_int_eq(mh_socket_open(sockets, &address, NULL, &problem),
	    _i == 0 ? MH_EZONE : MH_EADDRESS);
	ck_assert_str_eq(problem.what, "bind");
}
END_TEST

START_TEST(test_platform_init)
{
	struct mh_problem problem;

	ck_assert_int_eq(mh_platform_init(&problem), 0);
	ck_assert_int_eq(mh_platform_init(NULL), 0);
}
END_TEST

/* Non-blocking, and not for programs that are started. */
START_TEST(test_make)
{
	int fd;

	ck_assert_int_eq(
	    mh__udp_create(&udp, _i == 0 ? MH_FAMILY_IPV4 : MH_FAMILY_IPV6), 0);
	fd = (int)udp.handle;
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(mh__socket_domain(&udp), _i == 0 ? AF_INET : AF_INET6);
}
END_TEST

START_TEST(test_prepare)
{
	udp.handle = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(mh__socket_prepare(&udp), 0);
	ck_assert_int_eq(fcntl((int)udp.handle, F_GETFL) & ~O_NONBLOCK, O_RDWR);
	ck_assert_int_ne(fcntl((int)udp.handle, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl((int)udp.handle, F_GETFD) & FD_CLOEXEC, 0);
	close((int)udp.handle);
	ck_assert_int_eq(mh__socket_prepare(&udp), MH_ESYSTEM);
	ck_assert_int_eq(udp.system_code, EBADF);
	udp.handle = -1;
}
END_TEST

/* What is none of ours: another domain, type, protocol, no socket at all. */
static const struct {
	int domain, type, protocol;
} others[] = {
	{ AF_UNIX, SOCK_DGRAM, 0 },
	{ AF_INET, SOCK_STREAM, 0 },
	{ AF_INET6, SOCK_STREAM, 0 },
	{ AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ AF_NETLINK, SOCK_DGRAM, 0 },
	{ -1, 0, 0 },
};

START_TEST(test_domain)
{
	udp.handle =
	    socket(others[_i].domain, others[_i].type, others[_i].protocol);
	ck_assert_int_eq(mh__socket_domain(&udp), AF_UNSPEC);
}
END_TEST

static const struct {
	enum mh__option option;
	int name, force;
} buffers[] = {
	{ MH__RECEIVE_BUFFER, SO_RCVBUF, SO_RCVBUFFORCE },
	{ MH__SEND_BUFFER, SO_SNDBUF, SO_SNDBUFFORCE },
};

/* What either way of setting it can do. */
START_TEST(test_buffer)
{
	const int name = buffers[_i].name, force = buffers[_i].force;

	open_udp(true);
	ck_assert_int_eq(mh__udp_set(&udp, buffers[_i].option, 50000), 0);
	ck_assert_int_eq(get(SOL_SOCKET, name), 100000); /* socket(7) */
	refuse(EPERM, SOL_SOCKET, force);
	ck_assert_int_eq(mh__udp_set(&udp, buffers[_i].option, 60000), 0);
	ck_assert_int_eq(get(SOL_SOCKET, name), 120000);
	refuse(EPERM, 0, 0);
	ck_assert_int_eq(
	    mh__udp_set(&udp, buffers[_i].option, 70000), MH_EPERMISSION);
	ck_assert_int_eq(get(SOL_SOCKET, name), 120000);
	/* As much as there may be: the kernel doubles it. */
	wrap_reset();
	ck_assert_int_eq(mh__udp_set(&udp, buffers[_i].option, UINT32_MAX), 0);
	ck_assert_int_gt(get(SOL_SOCKET, name), 120000);
}
END_TEST

/* For each family that the socket carries. */
START_TEST(test_responder)
{
	const bool dual_stack = _i == 0;

	open_udp(dual_stack);
	/* Off by default: inet6_create(). */
	ck_assert_int_eq(get(IPPROTO_IP, IP_MULTICAST_ALL), 0);
	ck_assert_int_eq(mh__udp_set(&udp, MH__RESPONDER, 1), 0);
	ck_assert_int_eq(get(IPPROTO_IP, IP_MULTICAST_ALL), dual_stack);
	ck_assert_int_eq(
	    get(IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_WANT);
	ck_assert_int_eq(
	    get(IPPROTO_IP, IP_MTU_DISCOVER) == IP_PMTUDISC_OMIT, dual_stack);
	refuse(EINVAL, IPPROTO_IPV6, IPV6_MTU_DISCOVER);
	ck_assert_int_eq(mh__udp_set(&udp, MH__RESPONDER, 1), MH_EINVALID);
}
END_TEST

/* Without OMIT, DONT does nearly as well: no DF either.  Of IPv4 alone. */
START_TEST(test_no_omit)
{
	open_udp(true);
	refuse(EINVAL, IPPROTO_IP, IP_MTU_DISCOVER);
	wrap.setsockopt.times = 1;
	ck_assert_int_eq(mh__udp_set(&udp, MH__RESPONDER, 1), 0);
	ck_assert_int_eq(get(IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_DONT);
	ck_assert_int_eq(
	    get(IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_WANT);
}
END_TEST

START_TEST(test_dont_fragment)
{
	open_udp(true);
	ck_assert_int_eq(mh__udp_set(&udp, MH__DONT_FRAGMENT, 1), 0);
	ck_assert_int_eq(get(IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_PROBE);
	ck_assert_int_eq(
	    get(IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_PROBE);
}
END_TEST

/* Which of the others need more than a number, the table says. */
START_TEST(test_special)
{
	open_udp(true);
	ck_assert_int_eq(
	    mh__socket_set_special(&udp, MH__TTL, 1), MH_EUNSUPPORTED);
}
END_TEST

START_TEST(test_wait)
{
	const struct mh_address loopback = unit_address("127.0.0.1");
	int fd = live_peer("127.0.0.1");
	union live_name name;
	socklen_t length;

	ck_assert_int_eq(mh__udp_create(&udp, MH_FAMILY_IPV4), 0);
	ck_assert_int_eq(mh__udp_bind(&udp, &loopback), 0);
	ck_assert_int_eq(mh__udp_wait(&udp, 1), 0);
	length = live_name("127.0.0.1", udp.bound.port, &name);
	ck_assert_int_eq(sendto(fd, "", 0, 0, &name.any, length), 0);
	ck_assert_int_eq(mh__udp_wait(&udp, LIVE_PATIENCE_MS), 1);
}
END_TEST

/* The loopback has ::1. */
START_TEST(test_has_ipv6)
{
	ck_assert(mh__udp_has_ipv6());
}
END_TEST

Suite *
platform_linux_socket_suite(void)
{
	Suite *suite = suite_create("linux socket");
	TCase *tcase = live_case(suite, "linux socket");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_code, 0, LENGTH(codes));
	tcase_add_test(tcase, test_error_text);
	tcase_add_test(tcase, test_interface_name);
	tcase_add_loop_test(tcase, test_zone, 0, 2);
	tcase_add_test(tcase, test_platform_init);
	tcase_add_loop_test(tcase, test_make, 0, 2);
	tcase_add_test(tcase, test_prepare);
	tcase_add_loop_test(tcase, test_domain, 0, LENGTH(others));
	tcase_add_loop_test(tcase, test_buffer, 0, LENGTH(buffers));
	tcase_add_loop_test(tcase, test_responder, 0, 2);
	tcase_add_test(tcase, test_no_omit);
	tcase_add_test(tcase, test_dont_fragment);
	tcase_add_test(tcase, test_special);
	tcase_add_test(tcase, test_wait);
	tcase_add_test(tcase, test_has_ipv6);
	return suite;
}
