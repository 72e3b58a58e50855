/* SPDX-License-Identifier: ISC */
/*
 * src/platform/socket.c, mostly through the public interface: how sockets are
 * opened and adopted, and when the system refuses.
 */
#include "unit/unit.h"

#include "unit/platform/live.h"
#include "unit/platform/suites.h"
#include "unit/wrap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#define OPTION(level, name) ((level) << 16 | (name))
#define FAILS(code, level, name)                            \
	{                                                   \
		.error = code, .which = OPTION(level, name) \
	}

/*
 * Sockets.
 */

static int
get_int(int level, int option)
{
	int value = -1;
	socklen_t size = sizeof(value);

	ck_assert_int_eq(getsockopt((int)mh_socket_handle(live.sockets[0]),
			     level, option, &value, &size),
	    0);
	return value;
}

static const struct {
	const char *endpoint;
	enum mh_stack stack;
	int count;
	bool dual_stack;
	unsigned int can;
	const char *bound; /* without port */
} infos[] = {
	{ ":0", MH_STACK_DUAL, 1, true, 15, "::" },
	{ "[::]:0", MH_STACK_DUAL, 1, true, 15, "::" },
	{ ":0", MH_STACK_TWO, 2, false, 5, "0.0.0.0" },
	{ ":0", MH_STACK_IPV4, 1, false, 5, "0.0.0.0" },
	{ ":0", MH_STACK_IPV6, 1, false, 10, "::" },
	{ "0.0.0.0:0", MH_STACK_DUAL, 1, false, 5, "0.0.0.0" },
	{ "127.0.0.2:0", MH_STACK_DUAL, 1, false, 5, "127.0.0.2" },
	{ "[::1]:0", MH_STACK_DUAL, 1, false, 10, "::1" },
};

START_TEST(test_info)
{
	const struct mh_socket_info *info;
	struct mh_address bound;

	live_serve_stack(infos[_i].endpoint, infos[_i].stack);
	ck_assert_int_eq(live.socket_count, infos[_i].count);
	info = mh_socket_info(live.sockets[0]);
	ck_assert_uint_ne(info->bound.port, 0);
	bound = info->bound;
	bound.port = 0;
	unit_assert_address(&bound, infos[_i].bound, infos[_i].endpoint);
	ck_assert_int_eq(info->dual_stack, infos[_i].dual_stack);
	ck_assert_uint_eq(info->can, infos[_i].can);
	ck_assert_uint_eq(info->notices, 0);
	ck_assert_int_eq(
	    (int)info->receive_buffer, get_int(SOL_SOCKET, SO_RCVBUF));
	if (infos[_i].count == 2)
		ck_assert_uint_eq(mh_socket_info(live.sockets[1])->bound.port,
		    info->bound.port);
}
END_TEST

/* What must be set, and what must not. */
START_TEST(test_options)
{
	int fd;

	live_serve_stack(":0", _i == 0 ? MH_STACK_DUAL : MH_STACK_IPV4);
	fd = (int)mh_socket_handle(live.sockets[0]);
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(get_int(IPPROTO_IP, IP_PKTINFO), 1);
	ck_assert_int_eq(get_int(IPPROTO_IP, IP_RECVERR), 0);
	ck_assert_int_eq(
	    get_int(IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_OMIT);
	ck_assert_int_eq(get_int(SOL_SOCKET, SO_REUSEADDR), 0);
	ck_assert_int_eq(get_int(SOL_SOCKET, SO_REUSEPORT), 0);
	if (_i != 0)
		return;
	ck_assert_int_eq(get_int(IPPROTO_IPV6, IPV6_V6ONLY), 0);
	ck_assert_int_eq(get_int(IPPROTO_IPV6, IPV6_RECVPKTINFO), 1);
	ck_assert_int_eq(get_int(IPPROTO_IPV6, IPV6_RECVERR), 0);
	ck_assert_int_eq(
	    get_int(IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_WANT);
}
END_TEST

START_TEST(test_options_ipv6)
{
	live_serve_stack(":0", _i == 0 ? MH_STACK_IPV6 : MH_STACK_DUAL);
	ck_assert_int_eq(get_int(IPPROTO_IPV6, IPV6_V6ONLY), _i == 0);
	if (_i == 0)
		ck_assert_int_eq(get_int(IPPROTO_IPV6, IPV6_MTU_DISCOVER),
		    IPV6_PMTUDISC_WANT);
}
END_TEST

/* As large as requested, or what the system allows, which is reported. */
START_TEST(test_receive_buffer)
{
	const struct mh_socket_options options = { .receive_buffer = 100000 };

	live_serve(":0", &options);
	ck_assert_int_ge(get_int(SOL_SOCKET, SO_RCVBUF), 100000);
	ck_assert_int_eq((int)mh_socket_info(live.sockets[0])->receive_buffer,
	    get_int(SOL_SOCKET, SO_RCVBUF));
}
END_TEST

START_TEST(test_send_buffer)
{
	const struct mh_socket_options options = { .send_buffer = 100000 };

	live_serve(":0", &options);
	ck_assert_int_eq(
	    get_int(SOL_SOCKET, SO_SNDBUF), 200000); /* socket(7) */
}
END_TEST

static const char *const taken[] = { ":0", "127.0.0.1:0", "[::1]:0" };

START_TEST(test_in_use)
{
	const struct mh_socket_options options = { .stack = MH_STACK_DUAL };
	struct mh_address endpoint = unit_address(taken[_i]);
	struct mh_socket *second[MH_SOCKETS_MAX];
	struct mh_problem problem;

	live_serve_stack(taken[_i], MH_STACK_DUAL);
	endpoint.port = live_port();
	ck_assert_int_eq(
	    mh_socket_open(second, &endpoint, &options, &problem), MH_EINUSE);
	ck_assert_int_eq(problem.code, MH_EINUSE);
	ck_assert_int_eq(problem.system_code, EADDRINUSE);
	ck_assert_str_eq(problem.what, "bind");
	ck_assert_str_eq(problem.text, strerror(EADDRINUSE));
}
END_TEST

/* An address is ours whether its port is taken or not. */
START_TEST(test_is_local)
{
	struct mh_address address = unit_address(taken[_i]);

	live_serve_stack(taken[_i], MH_STACK_DUAL);
	address.port = live_port();
	if (address.family == MH_FAMILY_NONE)
		address = (struct mh_address){ .family = MH_FAMILY_IPV6,
			.ip = { [15] = 1 },
			.port = live_port() };
	ck_assert(mh_address_is_local(&address));
}
END_TEST

static const struct {
	const char *endpoint;
	const char *gone; /* a source that is not ours */
	const char *peer;
} foreign[] = {
	{ "198.51.100.77:0", NULL, NULL },
	{ "[2001:db8:77::77]:0", "2001:db8:77::77", "::1" },
};

/* Not ours: an error, but not with freebind. */
START_TEST(test_foreign)
{
	struct mh_socket_options options = { .freebind = false };
	struct mh_address endpoint = unit_address(foreign[_i].endpoint);
	struct mh_problem problem;

	ck_assert_int_eq(
	    mh_socket_open(live.sockets, &endpoint, &options, &problem),
	    MH_EADDRESS);
	ck_assert_str_eq(problem.what, "bind");
	ck_assert_int_eq(problem.system_code, EADDRNOTAVAIL);
	options.freebind = true;
	live_serve(foreign[_i].endpoint, &options);
	endpoint.port = live_port();
	unit_assert_address(&mh_socket_info(live.sockets[0])->bound,
	    unit_text(&endpoint), "bound");
}
END_TEST

/* An IPv6 source that is not there (yet) needs freebind. */
START_TEST(test_freebind_source)
{
	const struct mh_socket_options options = { .freebind = true };
	int fd = live_peer("::1");

	live_serve(":0", &options);
	live_reply(fd, "::1", "2001:db8:77::77");
	ck_assert_int_eq(
	    mh_batch_send(live.batch, live.sockets[0], &live_strict), 1);
}
END_TEST

/* Sockets that somebody else opened. */

static const struct {
	const char *name;
	int domain, type, protocol;
	int only_ipv6;     /* -1: not set */
	const char *bound; /* NULL: it is not */
	int code;
	unsigned int can;
} foreigners[] = {
	{ "dual-stack", AF_INET6, SOCK_DGRAM, 0, 0, "::", 0, 15 },
	{ "IPv6", AF_INET6, SOCK_DGRAM, 0, 1, "::", 0, 10 },
	{ "IPv4", AF_INET, SOCK_DGRAM, 0, -1, "0.0.0.0", 0, 5 },
	{ "one address", AF_INET, SOCK_DGRAM, 0, -1, "127.0.0.2", 0, 5 },
	{ "not bound", AF_INET6, SOCK_DGRAM, 0, -1, NULL, MH_EINVALID, 0 },
	{ "TCP", AF_INET, SOCK_STREAM, 0, -1, "127.0.0.1", MH_EINVALID, 0 },
	{ "UDP-Lite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, -1, "127.0.0.1",
	    MH_EINVALID, 0 },
	{ "raw", AF_INET, SOCK_RAW, IPPROTO_UDP, -1, "127.0.0.1", MH_EINVALID,
	    0 },
	{ "local", AF_UNIX, SOCK_DGRAM, 0, -1, NULL, MH_EINVALID, 0 },
};

/* -1: there are no such sockets, or not for us. */
/* The interface that it is bound to. */
static unsigned int
device_of(int fd)
{
	unsigned int index = 0;
	socklen_t length = sizeof(index);

	ck_assert_int_eq(
	    getsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &index, &length), 0);
	return index;
}

/* The port that it is bound to now. */
static uint16_t
port_of(int fd)
{
	struct sockaddr_in6 bound;
	socklen_t length = sizeof(bound);

	ck_assert_int_eq(
	    getsockname(fd, (struct sockaddr *)&bound, &length), 0);
	return ntohs(bound.sin6_port);
}

static int
foreign_open(unsigned int number)
{
	union live_name name;
	socklen_t length;
	int fd = socket(foreigners[number].domain, foreigners[number].type,
	    foreigners[number].protocol);

	if (fd < 0)
		return -1;
	if (foreigners[number].only_ipv6 >= 0)
		live_set(fd, IPPROTO_IPV6, IPV6_V6ONLY,
		    foreigners[number].only_ipv6);
	if (foreigners[number].bound != NULL) {
		length = live_name(foreigners[number].bound, 0, &name);
		ck_assert_int_eq(bind(fd, &name.any, length), 0);
	}
	return fd;
}

START_TEST(test_adopt)
{
	const struct mh_socket_options options = { .stack = MH_STACK_TWO };
	const char *name = foreigners[_i].name;
	struct mh_problem problem;
	int code, fd = foreign_open((unsigned int)_i);

	if (fd < 0)
		return;
	code = mh_socket_adopt(&live.sockets[0], fd, &options, &problem);
	ck_assert_msg(code == foreigners[_i].code, "%s: %d", name, code);
	if (code != 0) {
		/* It still belongs to the caller. */
		ck_assert_msg(fcntl(fd, F_GETFD) >= 0, "%s: closed", name);
		close(fd);
		return;
	}
	live.socket_count = 1;
	ck_assert_int_eq(mh_socket_handle(live.sockets[0]), fd);
	ck_assert_uint_ne(live_port(), 0);
	ck_assert_msg(
	    mh_socket_info(live.sockets[0])->can == foreigners[_i].can,
	    "%s: can %#x", name, mh_socket_info(live.sockets[0])->can);
	ck_assert_int_eq(mh_socket_info(live.sockets[0])->dual_stack,
	    foreigners[_i].can == 15);
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
}
END_TEST

/* It serves like one of our own. */
START_TEST(test_adopt_serves)
{
	static const char *const asked[] = { "127.0.0.2", "::1" };
	const struct mh_socket_options options = { .want = 0 };
	struct mh_socket *socket;
	int fd;

	ck_assert_int_eq(
	    mh_socket_adopt(&live.sockets[0], foreign_open(0), &options, NULL),
	    0);
	live.socket_count = 1;
	fd = live_peer(asked[_i][0] == ':' ? "::" : "0.0.0.0");
	live_peer_send(fd, asked[_i], "hello", 5);
	socket = live_receive(asked[_i]);
	ck_assert_int_eq(live_echo(socket, &live_strict), 1);
	live_assert_answer(asked[_i], fd, asked[_i], 5);
}
END_TEST

/*
 * Bound to another interface without the right to do that at once, and with a
 * port of its own or one that the system chose: it stays where it is, and what
 * waited in it is gone.
 */
START_TEST(test_move)
{
	const struct mh_socket_options options = { .want = 0 };
	int fd = foreign_open(0), peer;
	union live_name name;
	uint16_t port;

	ck_assert_int_ge(fd, 0);
	if (_i != 0) {
		/* One that was asked for. */
		port = port_of(fd);
		close(fd);
		fd = socket(AF_INET6, SOCK_DGRAM, 0);
		live_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
		ck_assert_int_eq(
		    bind(fd, &name.any, live_name("::", port, &name)), 0);
	}
	live_set(fd, SOL_SOCKET, SO_BINDTOIFINDEX, 1);
	ck_assert_int_eq(
	    mh_socket_adopt(&live.sockets[0], fd, &options, NULL), 0);
	live.socket_count = 1;
	port = live_port();
	ck_assert_uint_eq(mh_socket_info(live.sockets[0])->device, 1);
	peer = live_peer("::");
	live_peer_send(peer, "::1", "before", 6);
	wrap.setsockopt.error = EPERM;
	wrap.setsockopt.which = SOL_SOCKET << 16 | SO_BINDTOIFINDEX;
	wrap.setsockopt.times = 1;
	ck_assert_int_eq(mh_socket_move(live.sockets[0], 1), 0);
	ck_assert_uint_eq(live_port(), port);
	ck_assert_uint_eq(port_of(fd), port);
	ck_assert_uint_eq(device_of(fd), 1);
	live_peer_send(peer, "::1", "hello", 5);
	ck_assert_int_eq(live_echo(live_receive("moved"), &live_strict), 1);
	live_assert_answer("moved", peer, "::1", 5);
	/* A system that needs that right for the first time, too. */
	wrap.setsockopt.error = EPERM;
	wrap.setsockopt.times = 2;
	ck_assert_int_eq(mh_socket_move(live.sockets[0], 1), MH_EPERMISSION);
	ck_assert_uint_eq(device_of(fd), 1);
	ck_assert_uint_eq(mh_socket_info(live.sockets[0])->device, 1);
	ck_assert_uint_eq(live_port(), port);
}
END_TEST

/* Whatever whoever opened it thought of path MTUs. */
START_TEST(test_adopt_path_mtu)
{
	const struct mh_socket_options options = { .want = 0 };
	int fd = foreign_open(0);

	live_set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	live_set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
	ck_assert_int_eq(
	    mh_socket_adopt(&live.sockets[0], fd, &options, NULL), 0);
	live.socket_count = 1;
	ck_assert_int_eq(
	    get_int(IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_OMIT);
	ck_assert_int_eq(
	    get_int(IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_WANT);
}
END_TEST

START_TEST(test_adopt_nothing)
{
	const struct mh_socket_options options = { .want = 0 };
	struct mh_problem problem;
	int ends[2];

	ck_assert_int_eq(
	    mh_socket_adopt(&live.sockets[0], -1, &options, &problem),
	    MH_EINVALID);
	ck_assert_int_eq(problem.system_code, EBADF);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(
	    mh_socket_adopt(&live.sockets[0], ends[0], &options, &problem),
	    MH_EINVALID);
	ck_assert_int_eq(problem.system_code, ENOTSOCK);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* The rest. */

START_TEST(test_refresh)
{
	int fd = live_peer("127.0.0.1");

	live_serve_stack(":0", MH_STACK_DUAL);
	mh_socket_refresh(live.sockets[0]);
	mh_socket_refresh(live.sockets[0]);
	live_peer_send(fd, "127.0.0.2", "hello", 5);
	live_receive("after a refresh");
	ck_assert_uint_eq(live.batch->received[0].flags, 0);
}
END_TEST

START_TEST(test_option_name)
{
	ck_assert_msg(*mh__udp_option_name((enum mh__option)_i) != '\0',
	    "option %d has no name", _i);
}
END_TEST

START_TEST(test_close_twice)
{
	const uint32_t interfaces[] = { 9, 3 };
	struct mh__udp udp;

	ck_assert_int_eq(mh__udp_create(&udp, MH_FAMILY_IPV4), 0);
	ck_assert_int_eq(mh__udp_set_vrf(&udp, interfaces, 2), 0);
	mh__udp_close(&udp);
	ck_assert_int_eq((int)udp.handle, -1);
	ck_assert_ptr_null(udp.vrf);
	ck_assert_uint_eq(udp.vrf_count, 0);
	mh__udp_close(&udp);
}
END_TEST

/* A sorted copy, of any size, in place of the previous one. */
START_TEST(test_set_vrf)
{
	static uint32_t interfaces[100000];
	const uint32_t count = LENGTH(interfaces);
	struct mh__udp udp = { .handle = -1 };
	uint32_t i;

	for (i = 0; i < count; i++)
		interfaces[i] = count - i;
	ck_assert_int_eq(mh__udp_set_vrf(&udp, interfaces, 2), 0);
	ck_assert_uint_eq(udp.vrf_count, 2);
	ck_assert_int_eq(mh__udp_set_vrf(&udp, interfaces, count), 0);
	ck_assert_uint_eq(udp.vrf_count, count);
	for (i = 0; i < count; i++)
		ck_assert_uint_eq(udp.vrf[i], i + 1);
	ck_assert_uint_eq(interfaces[0], count);
	ck_assert_int_eq(mh__udp_set_vrf(&udp, NULL, 0), 0);
	ck_assert_ptr_null(udp.vrf);
	ck_assert_uint_eq(udp.vrf_count, 0);
}
END_TEST

/* All 16 bytes, whatever the family, and no more; none of what was there. */
START_TEST(test_ip_parse)
{
	static const uint8_t ipv4[17] = { 192, 0, 2, 1, [16] = 0xa5 };
	static const uint8_t ipv6[17] = { 0x20, 1, [15] = 1, [16] = 0xa5 };
	uint8_t ip[17];
	char text[48];

	memset(ip, 0xa5, sizeof(ip));
	ck_assert(mh__ip_parse(MH_FAMILY_IPV4, "192.0.2.1", ip));
	ck_assert_mem_eq(ip, ipv4, sizeof(ip));
	mh__ip_format(MH_FAMILY_IPV4, ip, text, sizeof(text));
	ck_assert_str_eq(text, "192.0.2.1");
	ck_assert(!mh__ip_parse(MH_FAMILY_IPV4, "2001::1", ip));
	ck_assert(mh__ip_parse(MH_FAMILY_IPV6, "2001::1", ip));
	ck_assert_mem_eq(ip, ipv6, sizeof(ip));
	mh__ip_format(MH_FAMILY_IPV6, ip, text, sizeof(text));
	ck_assert_str_eq(text, "2001::1");
	ck_assert(!mh__ip_parse(MH_FAMILY_IPV6, "192.0.2.1", ip));
	/* What has no room is not there. */
	ck_assert(mh__ip_parse(MH_FAMILY_IPV6, "2001::1", ip));
	mh__ip_format(MH_FAMILY_IPV6, ip, text, 7);
	ck_assert_str_eq(text, "");
}
END_TEST

/* A buffer that cannot be asked for is none. */
START_TEST(test_no_receive_buffer)
{
	struct mh__udp udp = { .handle = -1 };

	ck_assert_uint_eq(mh__udp_receive_buffer(&udp), 0);
	ck_assert_int_eq(udp.system_code, EBADF);
}
END_TEST

/* The reason is that of setting it, not that of looking at it afterwards. */
START_TEST(test_only_ipv6_fails)
{
	struct mh__udp udp;

	ck_assert_int_eq(mh__udp_create(&udp, MH_FAMILY_IPV4), 0);
	wrap.setsockopt =
	    (struct wrap_call)FAILS(EPERM, IPPROTO_IPV6, IPV6_V6ONLY);
	ck_assert_int_eq(mh__udp_set(&udp, MH__ONLY_IPV6, 0), MH_EPERMISSION);
	ck_assert_int_eq(udp.system_code, EPERM);
	mh__udp_close(&udp);
}
END_TEST

/* No option is larger than the system's own numbers. */
START_TEST(test_large_value)
{
	struct mh__udp udp;

	ck_assert_int_eq(mh__udp_create(&udp, MH_FAMILY_IPV4), 0);
	ck_assert_int_eq(mh__udp_set(&udp, MH__SHARE_PORT, UINT32_MAX), 0);
	ck_assert_int_eq(mh__udp_set(&udp, MH__TTL, UINT32_MAX), MH_EINVALID);
	mh__udp_close(&udp);
}
END_TEST

START_TEST(test_names)
{
	ck_assert_str_eq(mh__udp_option_name(MH__ONLY_IPV6), "IPV6_V6ONLY");
	ck_assert_str_eq(mh__udp_option_name(MH__RECV_IPV4), "IP_PKTINFO");
	ck_assert_str_eq(
	    mh__udp_option_name(MH__RECV_IPV6), "IPV6_RECVPKTINFO");
}
END_TEST

START_TEST(test_self)
{
	struct mh_self_test result;
	struct mh_address loopback = unit_address("127.0.0.2");

	ck_assert_int_eq(mh_self_test(&result, MH_STACK_DUAL, NULL, 0), 0);
	ck_assert_int_eq(result.problem.code, 0);
	ck_assert(result.ipv4.available && result.ipv4.asked);
	ck_assert_int_eq(result.ipv4.source, MH_VERIFIED);
	ck_assert_int_eq(mh_address_compare(&result.ipv4.seen, &loopback), 0);
	ck_assert(result.ipv6.available && result.ipv6.asked);
	ck_assert_int_eq(result.ipv6.source, MH_NOT_VERIFIED);
}
END_TEST

/*
 * Opening, on systems that lack this and that.
 */

/* Returns what mh_socket_open() does. */
static int
try_serve(enum mh_stack stack, struct mh_problem *problem)
{
	const struct mh_socket_options options = { .stack = stack,
		.want = MH_CAN_OPTIONAL,
		.receive_buffer = 100000 };
	const struct mh_address endpoint = { .port = 0 };
	int n = mh_socket_open(live.sockets, &endpoint, &options, problem);

	live.socket_count = n > 0 ? n : 0;
	return n;
}

static const struct {
	const char *name;
	enum mh_stack stack;
	struct wrap_call socket, setsockopt;
	int opened; /* or an MH_E* */
	const char *what;
	unsigned int notices;
	unsigned int lacks; /* MH_CAN_* */
} opens[] = {
	{ "no IPv6", MH_STACK_DUAL,
	    .socket = { .error = EAFNOSUPPORT, .which = AF_INET6 }, .opened = 1,
	    .notices = MH_NOTICE_IPV6_ABSENT,
	    .lacks = MH_CAN_IPV6 | MH_CAN_SOURCE_IPV6 },
	{ "no IPv4", MH_STACK_DUAL,
	    .socket = { .error = EAFNOSUPPORT, .which = AF_INET },
	    .setsockopt = { .error = EINVAL,
		.times = 1,
		.which = OPTION(IPPROTO_IP, IP_PKTINFO) },
	    .opened = 1, .notices = MH_NOTICE_IPV4_DISABLED,
	    .lacks = MH_CAN_IPV4 | MH_CAN_SOURCE_IPV4 },
	{ "IP_PKTINFO invalid", MH_STACK_DUAL,
	    .setsockopt = FAILS(EINVAL, IPPROTO_IP, IP_PKTINFO),
	    .opened = MH_EINVALID, .what = "IP_PKTINFO" },
	{ "IP_PKTINFO unknown", MH_STACK_DUAL,
	    .setsockopt = FAILS(ENOPROTOOPT, IPPROTO_IP, IP_PKTINFO),
	    .opened = MH_EUNSUPPORTED, .what = "IP_PKTINFO" },
	{ "IP_PKTINFO unsupported", MH_STACK_IPV4,
	    .setsockopt = FAILS(EOPNOTSUPP, IPPROTO_IP, IP_PKTINFO),
	    .opened = MH_EUNSUPPORTED, .what = "IP_PKTINFO" },
	{ "IPV6_RECVPKTINFO unknown", MH_STACK_DUAL,
	    .setsockopt = FAILS(ENOPROTOOPT, IPPROTO_IPV6, IPV6_RECVPKTINFO),
	    .opened = MH_EUNSUPPORTED, .what = "IPV6_RECVPKTINFO" },
	{ "no more files", MH_STACK_DUAL, .socket = { .error = EMFILE },
	    .opened = MH_ESYSTEM, .what = "socket" },
	{ "no memory", MH_STACK_DUAL, .socket = { .error = ENOMEM },
	    .opened = MH_ENOMEMORY, .what = "socket" },
	{ "not allowed", MH_STACK_DUAL, .socket = { .error = EACCES },
	    .opened = MH_EPERMISSION, .what = "socket" },
	/* It is off by default: if it cannot be changed, it need not be. */
	{ "IPV6_V6ONLY stuck where it should be", MH_STACK_DUAL,
	    .setsockopt = FAILS(EINVAL, IPPROTO_IPV6, IPV6_V6ONLY),
	    .opened = 1 },
	{ "IPV6_V6ONLY stuck elsewhere", MH_STACK_IPV6,
	    .setsockopt = FAILS(EINVAL, IPPROTO_IPV6, IPV6_V6ONLY),
	    .opened = MH_EINVALID, .what = "IPV6_V6ONLY" },
	{ "no IP_RECVTTL", MH_STACK_DUAL,
	    .setsockopt = FAILS(ENOPROTOOPT, IPPROTO_IP, IP_RECVTTL),
	    .opened = 1, .lacks = MH_CAN_TTL },
	{ "no IPV6_RECVHOPLIMIT", MH_STACK_DUAL,
	    .setsockopt = FAILS(ENOPROTOOPT, IPPROTO_IPV6, IPV6_RECVHOPLIMIT),
	    .opened = 1, .lacks = MH_CAN_TTL },
	{ "no IP_RECVTOS", MH_STACK_DUAL,
	    .setsockopt = FAILS(ENOPROTOOPT, IPPROTO_IP, IP_RECVTOS),
	    .opened = 1, .lacks = MH_CAN_TOS },
	{ "no SO_TIMESTAMPNS", MH_STACK_DUAL,
	    .setsockopt = FAILS(ENOPROTOOPT, SOL_SOCKET, SO_TIMESTAMPNS),
	    .opened = 1, .lacks = MH_CAN_TIME },
	{ "no SO_RXQ_OVFL", MH_STACK_DUAL,
	    .setsockopt = FAILS(ENOPROTOOPT, SOL_SOCKET, SO_RXQ_OVFL),
	    .opened = 1, .lacks = MH_CAN_DROPS },
	{ "no SO_RCVBUFFORCE", MH_STACK_DUAL,
	    .setsockopt = FAILS(EPERM, SOL_SOCKET, SO_RCVBUFFORCE),
	    .opened = 1 },
	{ "no SO_RCVBUF", MH_STACK_DUAL,
	    .setsockopt = FAILS(EPERM, SOL_SOCKET, SO_RCVBUF), .opened = 1 },
	{ "no IP_MTU_DISCOVER", MH_STACK_DUAL,
	    .setsockopt = FAILS(EINVAL, IPPROTO_IP, IP_MTU_DISCOVER),
	    .opened = 1 },
};

START_TEST(test_open)
{
	const unsigned int all = 15 | MH_CAN_OPTIONAL;
	const char *name = opens[_i].name;
	const struct mh_socket_info *info;
	struct mh_problem problem;
	int n;

	wrap.socket = opens[_i].socket;
	wrap.setsockopt = opens[_i].setsockopt;
	n = try_serve(opens[_i].stack, &problem);
	ck_assert_msg(n == opens[_i].opened, "%s: %d", name, n);
	if (n < 0) {
		ck_assert_str_eq(problem.what, opens[_i].what);
		ck_assert_int_eq(problem.system_code,
		    opens[_i].socket.error + opens[_i].setsockopt.error);
		ck_assert_str_eq(problem.text, strerror(problem.system_code));
		return;
	}
	info = mh_socket_info(live.sockets[0]);
	ck_assert_msg(info->notices == opens[_i].notices, "%s: notices %#x",
	    name, info->notices);
	ck_assert_msg(info->can == (all & ~opens[_i].lacks), "%s: can %#x",
	    name, info->can);
}
END_TEST

/* What cannot be looked up is not reported as gone. */
START_TEST(test_cannot_tell)
{
	const struct mh_address absent = unit_address("198.51.100.77");
	const struct mh_address absent6 = unit_address("2001:db8:77::77");

	wrap.socket.error = _i == 0 ? EMFILE : EAFNOSUPPORT;
	ck_assert_int_eq(mh_address_is_local(&absent), _i == 0);
	ck_assert_int_eq(mh_address_is_local(&absent6), _i == 0);
}
END_TEST

Suite *
platform_socket_suite(void)
{
	Suite *suite = suite_create("socket");
	TCase *tcase;

	tcase = live_case(suite, "sockets");
	tcase_add_loop_test(tcase, test_info, 0, LENGTH(infos));
	tcase_add_loop_test(tcase, test_options, 0, 2);
	tcase_add_loop_test(tcase, test_options_ipv6, 0, 2);
	tcase_add_test(tcase, test_receive_buffer);
	tcase_add_test(tcase, test_send_buffer);
	tcase_add_loop_test(tcase, test_in_use, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_is_local, 0, LENGTH(taken));
	tcase_add_loop_test(tcase, test_foreign, 0, LENGTH(foreign));
	tcase_add_test(tcase, test_freebind_source);
	tcase = live_case(suite, "adopt");
	tcase_add_loop_test(tcase, test_adopt, 0, LENGTH(foreigners));
	tcase_add_loop_test(tcase, test_move, 0, 2);
	tcase_add_loop_test(tcase, test_adopt_serves, 0, 2);
	tcase_add_test(tcase, test_adopt_path_mtu);
	tcase_add_test(tcase, test_adopt_nothing);
	tcase = live_case(suite, "room");
	tcase_add_test(tcase, test_refresh);
	tcase_add_loop_test(
	    tcase, test_option_name, MH__ONLY_IPV6, MH__TTL + 1);
	tcase_add_test(tcase, test_close_twice);
	tcase_add_test(tcase, test_set_vrf);
	tcase_add_test(tcase, test_ip_parse);
	tcase_add_test(tcase, test_no_receive_buffer);
	tcase_add_test(tcase, test_only_ipv6_fails);
	tcase_add_test(tcase, test_large_value);
	tcase_add_test(tcase, test_names);
	tcase_add_test(tcase, test_self);
	tcase = live_case(suite, "refused");
	tcase_add_loop_test(tcase, test_open, 0, LENGTH(opens));
	tcase_add_loop_test(tcase, test_cannot_tell, 0, 2);
	return suite;
}
