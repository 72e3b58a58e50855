/* SPDX-License-Identifier: ISC */
/*
 * src/lib/socket.c over the fake system: from an endpoint to one socket or
 * two, on systems that lack this and that.
 */
#include "unit/fixture.h"

#include "lib/socket.h"

#include <string.h>

#define ALL_OPTIONAL MH_CAN_OPTIONAL
#define IPV4 (MH_CAN_IPV4 | MH_CAN_SOURCE_IPV4)
#define IPV6 (MH_CAN_IPV6 | MH_CAN_SOURCE_IPV6)

/* Faults by name. */
#define NO_IPV4                                                \
	{                                                      \
		.call = FAKE_CREATE, .family = MH_FAMILY_IPV4, \
		.code = MH_EFAMILY, .system_code = 97          \
	}
#define NO_IPV6                                                \
	{                                                      \
		.call = FAKE_CREATE, .family = MH_FAMILY_IPV6, \
		.code = MH_EFAMILY, .system_code = 97          \
	}
#define REFUSED(opt, error)                                     \
	{                                                       \
		.call = FAKE_SET, .option = opt, .code = error, \
		.system_code = 22                               \
	}
#define STUCK(error)                                                    \
	{                                                               \
		.call = FAKE_SET, .option = MH__ONLY_IPV6,              \
		.condition = FAKE_OFF, .code = error, .system_code = 22 \
	}
#define BIND(fam, error)                                         \
	{                                                        \
		.call = FAKE_BIND, .family = fam, .code = error, \
		.system_code = 98                                \
	}

/* What a socket is expected to be. */
struct expected_socket {
	enum mh_family family; /* none: no such socket */
	unsigned int can;      /* without the optional ones */
	const char *bound;
};

struct open_case {
	const char *name;
	const char *endpoint;
	struct mh_socket_options options;
	struct fake_fault faults[3];
	bool no_ipv6_address; /* as with disable_ipv6=1 */
	struct expected_socket sockets[MH_SOCKETS_MAX];
	unsigned int notices;
};

#define SOCKET_DUAL(bound)                         \
	{                                          \
		MH_FAMILY_IPV6, IPV4 | IPV6, bound \
	}
#define SOCKET_IPV4(bound)                  \
	{                                   \
		MH_FAMILY_IPV4, IPV4, bound \
	}
#define SOCKET_IPV6(bound)                  \
	{                                   \
		MH_FAMILY_IPV6, IPV6, bound \
	}
#define STACK(which) .options = { .stack = MH_STACK_##which }

static const struct open_case opens[] = {
	{ "any", ":7", .sockets = { SOCKET_DUAL("::") } },
	{ "any, as [::]", "[::]:7", .sockets = { SOCKET_DUAL("::") } },
	{ "any, port 0", ":0", .sockets = { SOCKET_DUAL("::") } },
	{ "any IPv4", "0.0.0.0:7", .sockets = { SOCKET_IPV4("0.0.0.0") } },
	{ "one IPv4", "127.0.0.2:7", .sockets = { SOCKET_IPV4("127.0.0.2") } },
	{ "one IPv6", "[::1]:7", .sockets = { SOCKET_IPV6("::1") } },
	{ "one link-local", "[fe80::1%2]:7",
	    .sockets = { SOCKET_IPV6("fe80::1%2") } },

	/* Stacks. */
	{ "two", ":7", STACK(TWO),
	    .sockets = { SOCKET_IPV4("0.0.0.0"), SOCKET_IPV6("::") } },
	{ "two, as [::]", "[::]:7", STACK(TWO),
	    .sockets = { SOCKET_IPV4("0.0.0.0"), SOCKET_IPV6("::") } },
	{ "two, port 0", ":0", STACK(TWO),
	    .sockets = { SOCKET_IPV4("0.0.0.0"), SOCKET_IPV6("::") } },
	{ "two, any IPv4", "0.0.0.0:7", STACK(TWO),
	    .sockets = { SOCKET_IPV4("0.0.0.0") } },
	{ "two, one IPv4", "127.0.0.1:7", STACK(TWO),
	    .sockets = { SOCKET_IPV4("127.0.0.1") } },
	{ "two, one IPv6", "[::1]:7", STACK(TWO),
	    .sockets = { SOCKET_IPV6("::1") } },
	{ "ipv4", ":7", STACK(IPV4), .sockets = { SOCKET_IPV4("0.0.0.0") } },
	{ "ipv4, any IPv4", "0.0.0.0:7", STACK(IPV4),
	    .sockets = { SOCKET_IPV4("0.0.0.0") } },
	{ "ipv4, one IPv4", "127.0.0.1:7", STACK(IPV4),
	    .sockets = { SOCKET_IPV4("127.0.0.1") } },
	{ "ipv6", ":7", STACK(IPV6), .sockets = { SOCKET_IPV6("::") } },
	{ "ipv6, as [::]", "[::]:7", STACK(IPV6),
	    .sockets = { SOCKET_IPV6("::") } },
	{ "ipv6, one IPv6", "[::1]:7", STACK(IPV6),
	    .sockets = { SOCKET_IPV6("::1") } },

	/* IPv4 is disabled: IP_PKTINFO invalid and no AF_INET. */
	{ "no IPv4", ":7",
	    .faults = { REFUSED(MH__RECV_IPV4, MH_EINVALID), NO_IPV4 },
	    .sockets = { SOCKET_IPV6("::") },
	    .notices = MH_NOTICE_IPV4_DISABLED },
	{ "two, no IPv4", ":7", STACK(TWO), .faults = { NO_IPV4 },
	    .sockets = { SOCKET_IPV6("::") },
	    .notices = MH_NOTICE_IPV4_DISABLED },
	{ "ipv6 needs no IPv4", ":7", STACK(IPV6),
	    .faults = { REFUSED(MH__RECV_IPV4, MH_EINVALID), NO_IPV4 },
	    .sockets = { SOCKET_IPV6("::") } },

	/* IPv6 is absent. */
	{ "no IPv6", ":7", .faults = { NO_IPV6 },
	    .sockets = { SOCKET_IPV4("0.0.0.0") },
	    .notices = MH_NOTICE_IPV6_ABSENT },
	{ "no IPv6, as [::]", "[::]:7", .faults = { NO_IPV6 },
	    .sockets = { SOCKET_IPV4("0.0.0.0") },
	    .notices = MH_NOTICE_IPV6_ABSENT },
	{ "no IPv6, at bind", ":7",
	    .faults = { BIND(MH_FAMILY_IPV6, MH_EADDRESS) },
	    .sockets = { SOCKET_IPV4("0.0.0.0") },
	    .notices = MH_NOTICE_IPV6_ABSENT },
	{ "two, no IPv6", ":7", STACK(TWO), .faults = { NO_IPV6 },
	    .sockets = { SOCKET_IPV4("0.0.0.0") },
	    .notices = MH_NOTICE_IPV6_ABSENT },
	{ "two, no IPv6, at bind", ":7", STACK(TWO),
	    .faults = { BIND(MH_FAMILY_IPV6, MH_EADDRESS) },
	    .sockets = { SOCKET_IPV4("0.0.0.0") },
	    .notices = MH_NOTICE_IPV6_ABSENT },
	{ "no IPv6 address", ":7", .no_ipv6_address = true,
	    .sockets = { SOCKET_DUAL("::") },
	    .notices = MH_NOTICE_IPV6_ABSENT },
	{ "ipv6 without IPv6", ":7", STACK(IPV6), .no_ipv6_address = true,
	    .sockets = { SOCKET_IPV6("::") },
	    .notices = MH_NOTICE_IPV6_ABSENT },
	{ "ipv4 needs no IPv6", ":7", STACK(IPV4), .no_ipv6_address = true,
	    .faults = { NO_IPV6 }, .sockets = { SOCKET_IPV4("0.0.0.0") } },

	/* IPV6_V6ONLY cannot be cleared: two sockets. */
	{ "stuck, invalid", ":7", .faults = { STUCK(MH_EINVALID) },
	    .sockets = { SOCKET_IPV4("0.0.0.0"), SOCKET_IPV6("::") },
	    .notices = MH_NOTICE_NOT_DUAL },
	{ "stuck, unsupported", ":7", .faults = { STUCK(MH_EUNSUPPORTED) },
	    .sockets = { SOCKET_IPV4("0.0.0.0"), SOCKET_IPV6("::") },
	    .notices = MH_NOTICE_NOT_DUAL },
	{ "stuck, not allowed", ":0", .faults = { STUCK(MH_EPERMISSION) },
	    .sockets = { SOCKET_IPV4("0.0.0.0"), SOCKET_IPV6("::") },
	    .notices = MH_NOTICE_NOT_DUAL },
	{ "not to be set either way", ":7",
	    .faults = { REFUSED(MH__ONLY_IPV6, MH_EINVALID) },
	    .sockets = { SOCKET_IPV4("0.0.0.0"), SOCKET_IPV6("::") },
	    .notices = MH_NOTICE_NOT_DUAL },
	{ "ipv6, no such option", ":7", STACK(IPV6),
	    .faults = { REFUSED(MH__ONLY_IPV6, MH_EUNSUPPORTED) },
	    .sockets = { SOCKET_IPV6("::") } },
	{ "stuck and no IPv4", ":7", .faults = { STUCK(MH_EINVALID), NO_IPV4 },
	    .sockets = { SOCKET_IPV6("::") },
	    .notices = MH_NOTICE_NOT_DUAL | MH_NOTICE_IPV4_DISABLED },

	/* Both halves need the same port. */
	{ "two, port 0, taken three times", ":0", STACK(TWO),
	    .faults = { { .call = FAKE_BIND,
		.family = MH_FAMILY_IPV6,
		.times = 3,
		.code = MH_EINUSE } },
	    .sockets = { SOCKET_IPV4("0.0.0.0"), SOCKET_IPV6("::") } },

	/* Best effort. */
	{ "what a responder wants", ":7",
	    .faults = { REFUSED(MH__RESPONDER, MH_EUNSUPPORTED) },
	    .sockets = { SOCKET_DUAL("::") } },
	{ "receive buffer refused", ":7",
	    .options = { .receive_buffer = 1 << 20 },
	    .faults = { REFUSED(MH__RECEIVE_BUFFER, MH_EPERMISSION) },
	    .sockets = { SOCKET_DUAL("::") } },
};

static void
prepare(const struct fake_fault faults[3], bool no_ipv6_address)
{
	const struct mh_address loopback = unit_address("::1");
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (faults[i].code != 0)
			fake_fault(&faults[i]);
	}
	if (no_ipv6_address)
		fake_local_remove(&loopback);
}

/*
 * The attempt to set the option to that value, before bind; NULL: there is
 * none.
 */
static const struct fake_event *
attempt(
    const struct mh_socket *socket, enum mh__option option, unsigned int value)
{
	const struct fake_event *event;
	unsigned int i;

	for (i = 0; i < fake.event_count; i++) {
		event = &fake.events[i];
		if (event->handle != mh_socket_handle(socket))
			continue;
		if (event->call == FAKE_BIND)
			return NULL;
		if (event->call == FAKE_SET && event->option == option &&
		    event->value == value)
			return event;
	}
	return NULL;
}

static bool
was_set(
    const struct mh_socket *socket, enum mh__option option, unsigned int value)
{
	const struct fake_event *event = attempt(socket, option, value);

	return event != NULL && event->code == 0;
}

/* Every option that has to be set before bind. */
static void
assert_options(const char *name, const struct mh_socket *socket)
{
	const struct mh_socket_info *info = mh_socket_info(socket);
	const struct fake_socket *s = fake_socket(mh_socket_handle(socket));
	bool serves_ipv4 = (info->can & MH_CAN_IPV4) != 0;

	if (s->family == MH_FAMILY_IPV6) {
		if (serves_ipv4)
			ck_assert_msg(was_set(socket, MH__ONLY_IPV6, 0),
			    "%s: IPV6_V6ONLY is not cleared", name);
		else if ((info->notices & MH_NOTICE_IPV4_DISABLED) == 0)
			ck_assert_msg(attempt(socket, MH__ONLY_IPV6, 1),
			    "%s: IPV6_V6ONLY is not set", name);
		ck_assert_msg(was_set(socket, MH__RECV_IPV6, 1),
		    "%s: no IPV6_RECVPKTINFO", name);
	} else {
		ck_assert_msg(!was_set(socket, MH__ONLY_IPV6, 1) &&
			!was_set(socket, MH__ONLY_IPV6, 0),
		    "%s: IPV6_V6ONLY on IPv4", name);
	}
	ck_assert_msg(was_set(socket, MH__RECV_IPV4, 1) == serves_ipv4,
	    "%s: IP_PKTINFO and IPv4: %d", name, serves_ipv4);
	ck_assert_msg(was_set(socket, MH__RESPONDER, 1) || fake.fault_count > 0,
	    "%s: not set up for a responder", name);
}

static void
assert_socket(const struct open_case *row, const struct mh_socket *socket,
    const struct expected_socket *expected)
{
	const struct mh_socket_info *info = mh_socket_info(socket);
	const struct fake_socket *s = fake_socket(mh_socket_handle(socket));
	struct mh_address bound = info->bound;

	ck_assert_msg(
	    s != NULL && s->is_open && s->is_bound, "%s: not open", row->name);
	ck_assert_msg(s->family == expected->family, "%s: family %d", row->name,
	    (int)s->family);
	ck_assert_msg(info->can == expected->can, "%s: can %#x not %#x",
	    row->name, info->can, expected->can);
	ck_assert_msg(info->notices == row->notices, "%s: notices %#x",
	    row->name, info->notices);
	ck_assert_msg(info->dual_stack ==
		((info->can & IPV4) != 0 && (info->can & IPV6) != 0),
	    "%s: dual_stack is %d", row->name, info->dual_stack);
	ck_assert_msg(info->bound.port == s->bound.port && bound.port != 0,
	    "%s: port %d", row->name, bound.port);
	bound.port = 0;
	unit_assert_address(&bound, expected->bound, row->name);
	ck_assert_msg(info->receive_buffer == s->receive_buffer,
	    "%s: receive buffer %u", row->name, info->receive_buffer);
	assert_options(row->name, socket);
}

/* NULL is the same as all zero. */
static const struct mh_socket_options *
options_of(const struct open_case *row)
{
	static const struct mh_socket_options defaults;

	return memcmp(&row->options, &defaults, sizeof(defaults)) == 0
	    ? NULL
	    : &row->options;
}

START_TEST(test_open)
{
	const struct open_case *row = &opens[_i];
	const struct mh_address endpoint = unit_address(row->endpoint);
	struct mh_socket *sockets[MH_SOCKETS_MAX] = { NULL, NULL };
	struct mh_problem problem;
	int expected = row->sockets[1].family != MH_FAMILY_NONE ? 2 : 1;
	int i, n;

	prepare(row->faults, row->no_ipv6_address);
	n = mh_socket_open(sockets, &endpoint, options_of(row), &problem);
	ck_assert_msg(n == expected, "%s: %d not %d", row->name, n, expected);
	ck_assert_msg(fake_open_count() == (unsigned int)n,
	    "%s: %u sockets are open", row->name, fake_open_count());
	for (i = 0; i < n; i++)
		assert_socket(row, sockets[i], &row->sockets[i]);
	if (endpoint.port != 0)
		ck_assert_uint_eq(
		    mh_socket_info(sockets[0])->bound.port, endpoint.port);
	if (n == 2)
		ck_assert_msg(mh_socket_info(sockets[0])->bound.port ==
			mh_socket_info(sockets[1])->bound.port,
		    "%s: two ports", row->name);
	for (i = 0; i < n; i++)
		mh_socket_close(sockets[i]);
}
END_TEST

/*
 * Failure: the code, and the message for a person.
 */
struct fail_case {
	const char *name;
	const char *endpoint;
	struct mh_socket_options options;
	struct fake_fault faults[3];
	int code;
	const char *what;      /* in the problem; NULL: does not matter */
	enum mh_family family; /* with it */
	int system_code;
	unsigned int binds; /* 0: any number; otherwise at most this many */
};

static const struct fail_case failures[] = {
	/* IP_PKTINFO invalid although there is IPv4: an error. */
	{ "IP_PKTINFO invalid", ":7",
	    .faults = { REFUSED(MH__RECV_IPV4, MH_EINVALID) },
	    .code = MH_EINVALID, .what = "IP_PKTINFO", .family = MH_FAMILY_IPV6,
	    .system_code = 22 },
	{ "IP_PKTINFO invalid, probe fails", ":7",
	    .faults = { REFUSED(MH__RECV_IPV4, MH_EINVALID),
		{ .call = FAKE_CREATE,
		    .family = MH_FAMILY_IPV4,
		    .code = MH_ENOMEMORY,
		    .system_code = 12 } },
	    .code = MH_EINVALID, .what = "IP_PKTINFO", .family = MH_FAMILY_IPV6,
	    .system_code = 22 },
	{ "IP_PKTINFO unsupported, no IPv4", ":7",
	    .faults = { REFUSED(MH__RECV_IPV4, MH_EUNSUPPORTED), NO_IPV4 },
	    .code = MH_EUNSUPPORTED, .what = "IP_PKTINFO",
	    .family = MH_FAMILY_IPV6, .system_code = 22 },
	{ "IP_PKTINFO not allowed", ":7",
	    .faults = { REFUSED(MH__RECV_IPV4, MH_EPERMISSION) },
	    .code = MH_EPERMISSION, .what = "IP_PKTINFO",
	    .family = MH_FAMILY_IPV6, .system_code = 22 },
	{ "IP_PKTINFO invalid on IPv4", ":7", STACK(IPV4),
	    .faults = { REFUSED(MH__RECV_IPV4, MH_EINVALID) },
	    .code = MH_EINVALID, .what = "IP_PKTINFO", .family = MH_FAMILY_IPV4,
	    .system_code = 22 },
	{ "IP_PKTINFO invalid on one of two", ":7", STACK(TWO),
	    .faults = { REFUSED(MH__RECV_IPV4, MH_EINVALID) },
	    .code = MH_EINVALID, .what = "IP_PKTINFO", .family = MH_FAMILY_IPV4,
	    .system_code = 22 },
	{ "IPV6_RECVPKTINFO refused", ":7",
	    .faults = { REFUSED(MH__RECV_IPV6, MH_EINVALID) },
	    .code = MH_EINVALID, .what = "IPV6_RECVPKTINFO",
	    .family = MH_FAMILY_IPV6, .system_code = 22 },
	{ "IPV6_RECVPKTINFO refused on one of two", ":7", STACK(TWO),
	    .faults = { REFUSED(MH__RECV_IPV6, MH_EUNSUPPORTED) },
	    .code = MH_EUNSUPPORTED, .what = "IPV6_RECVPKTINFO",
	    .family = MH_FAMILY_IPV6, .system_code = 22 },
	{ "IPV6_V6ONLY cannot be set", ":7", STACK(IPV6),
	    .faults = { REFUSED(MH__ONLY_IPV6, MH_EINVALID) },
	    .code = MH_EINVALID, .what = "IPV6_V6ONLY",
	    .family = MH_FAMILY_IPV6, .system_code = 22 },
	{ "IPV6_V6ONLY cannot be set on one of two", ":7", STACK(TWO),
	    .faults = { REFUSED(MH__ONLY_IPV6, MH_EINVALID) },
	    .code = MH_EINVALID, .what = "IPV6_V6ONLY",
	    .family = MH_FAMILY_IPV6, .system_code = 22 },
	{ "share_port refused", ":7", .options = { .share_port = true },
	    .faults = { REFUSED(MH__SHARE_PORT, MH_EUNSUPPORTED) },
	    .code = MH_EUNSUPPORTED, .what = "SO_REUSEPORT",
	    .family = MH_FAMILY_IPV6, .system_code = 22 },
	{ "processors refused", ":7",
	    .options = { .share_port = true, .processors = 2 },
	    .faults = { REFUSED(MH__SHARE_BY_CPU, MH_EUNSUPPORTED) },
	    .code = MH_EUNSUPPORTED, .what = "SO_ATTACH_REUSEPORT_CBPF",
	    .family = MH_FAMILY_IPV6, .system_code = 22 },
	{ "freebind refused", ":7", .options = { .freebind = true },
	    .faults = { REFUSED(MH__FREEBIND, MH_EUNSUPPORTED) },
	    .code = MH_EUNSUPPORTED, .what = "IP_FREEBIND",
	    .family = MH_FAMILY_IPV6, .system_code = 22 },

	/* No such family. */
	{ "neither family", ":7", .faults = { NO_IPV6, NO_IPV4 },
	    .code = MH_EFAMILY, .what = "socket", .system_code = 97 },
	{ "two, neither family", ":7", STACK(TWO),
	    .faults = { NO_IPV6, NO_IPV4 }, .code = MH_EFAMILY,
	    .what = "socket", .system_code = 97 },
	{ "ipv4, no IPv4", ":7", STACK(IPV4), .faults = { NO_IPV4 },
	    .code = MH_EFAMILY, .what = "socket", .family = MH_FAMILY_IPV4,
	    .system_code = 97 },
	{ "ipv6, no IPv6", ":7", STACK(IPV6), .faults = { NO_IPV6 },
	    .code = MH_EFAMILY, .what = "socket", .family = MH_FAMILY_IPV6,
	    .system_code = 97 },
	{ "one IPv6, no IPv6", "[::1]:7", .faults = { NO_IPV6 },
	    .code = MH_EFAMILY, .what = "socket", .family = MH_FAMILY_IPV6,
	    .system_code = 97 },
	{ "one IPv4, no IPv4", "127.0.0.1:7", .faults = { NO_IPV4 },
	    .code = MH_EFAMILY, .what = "socket", .family = MH_FAMILY_IPV4,
	    .system_code = 97 },
	{ "in 0.0.0.0/8", "0.1.2.3:7", .code = MH_EADDRESS,
	    .what = "endpoint" },
	{ "in 0.0.0.0/8, port 0", "0.0.0.1:0", STACK(TWO), .code = MH_EADDRESS,
	    .what = "endpoint" },
	{ "ipv4 and [::]", "[::]:7", STACK(IPV4), .code = MH_EFAMILY },
	{ "ipv4 and an IPv6 address", "[::1]:7", STACK(IPV4),
	    .code = MH_EFAMILY },
	{ "ipv6 and 0.0.0.0", "0.0.0.0:7", STACK(IPV6), .code = MH_EFAMILY },
	{ "ipv6 and an IPv4 address", "127.0.0.1:7", STACK(IPV6),
	    .code = MH_EFAMILY },

	/* No socket for another reason: the family is not absent. */
	{ "no more files", ":7",
	    .faults = { { .call = FAKE_CREATE,
		.code = MH_ESYSTEM,
		.system_code = 24 } },
	    .code = MH_ESYSTEM, .what = "socket", .system_code = 24 },
	{ "no more files for the second of two", ":7", STACK(TWO),
	    .faults = { { .call = FAKE_CREATE,
		.skip = 1,
		.code = MH_ESYSTEM,
		.system_code = 24 } },
	    .code = MH_ESYSTEM, .what = "socket", .family = MH_FAMILY_IPV6,
	    .system_code = 24 },

	/* bind. */
	{ "in use", ":7", .faults = { BIND(MH_FAMILY_IPV6, MH_EINUSE) },
	    .code = MH_EINUSE, .what = "bind", .family = MH_FAMILY_IPV6,
	    .system_code = 98, .binds = 1 },
	{ "not allowed", ":7",
	    .faults = { BIND(MH_FAMILY_IPV6, MH_EPERMISSION) },
	    .code = MH_EPERMISSION, .what = "bind", .family = MH_FAMILY_IPV6,
	    .system_code = 98, .binds = 1 },
	{ "not our IPv4 address", "192.0.2.1:7",
	    .faults = { BIND(MH_FAMILY_IPV4, MH_EADDRESS) },
	    .code = MH_EADDRESS, .what = "bind", .family = MH_FAMILY_IPV4,
	    .system_code = 98, .binds = 1 },
	{ "not our IPv6 address", "[2001:db8::1]:7",
	    .faults = { BIND(MH_FAMILY_IPV6, MH_EADDRESS) },
	    .code = MH_EADDRESS, .what = "bind", .family = MH_FAMILY_IPV6,
	    .system_code = 98, .binds = 1 },
	{ "two, IPv4 in use", ":7", STACK(TWO),
	    .faults = { BIND(MH_FAMILY_IPV4, MH_EINUSE) }, .code = MH_EINUSE,
	    .what = "bind", .family = MH_FAMILY_IPV4, .system_code = 98,
	    .binds = 1 },
	{ "two, IPv6 in use: not another port", ":7", STACK(TWO),
	    .faults = { BIND(MH_FAMILY_IPV6, MH_EINUSE) }, .code = MH_EINUSE,
	    .what = "bind", .family = MH_FAMILY_IPV6, .system_code = 98,
	    .binds = 2 },
	{ "two, port 0, IPv6 always in use", ":0", STACK(TWO),
	    .faults = { BIND(MH_FAMILY_IPV6, MH_EINUSE) }, .code = MH_EINUSE,
	    .what = "bind", .family = MH_FAMILY_IPV6, .system_code = 98,
	    .binds = 250 },
	{ "two, port 0, IPv6 not allowed", ":0", STACK(TWO),
	    .faults = { BIND(MH_FAMILY_IPV6, MH_EPERMISSION) },
	    .code = MH_EPERMISSION, .what = "bind", .family = MH_FAMILY_IPV6,
	    .system_code = 98, .binds = 2 },
	{ "stuck, then in use", ":7",
	    .faults = { STUCK(MH_EINVALID), BIND(MH_FAMILY_IPV6, MH_EINUSE) },
	    .code = MH_EINUSE, .what = "bind", .family = MH_FAMILY_IPV6,
	    .system_code = 98 },
};

static unsigned int
count_binds(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < fake.event_count; i++)
		n += fake.events[i].call == FAKE_BIND;
	return n;
}

START_TEST(test_fail)
{
	const struct fail_case *row = &failures[_i];
	const struct mh_address endpoint = unit_address(row->endpoint);
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem = { .what = NULL };
	int code;

	prepare(row->faults, false);
	code = mh_socket_open(sockets, &endpoint, &row->options, &problem);
	ck_assert_msg(
	    code == row->code, "%s: %d not %d", row->name, code, row->code);
	ck_assert_msg(fake_open_count() == 0, "%s: %u are left open", row->name,
	    fake_open_count());
	ck_assert_msg(row->binds == 0 || count_binds() <= row->binds,
	    "%s: %u binds", row->name, count_binds());
	ck_assert_msg(problem.code == code, "%s: problem.code %d", row->name,
	    problem.code);
	ck_assert_ptr_nonnull(problem.what);
	ck_assert_msg(row->what == NULL || strcmp(row->what, problem.what) == 0,
	    "%s: %s not %s", row->name, problem.what, row->what);
	ck_assert_msg(row->family == 0 || problem.family == row->family,
	    "%s: family %u", row->name, problem.family);
	ck_assert_msg(problem.system_code == row->system_code,
	    "%s: system code %d", row->name, problem.system_code);
	ck_assert_msg(row->system_code == 0 || problem.text[0] != '\0',
	    "%s: no words", row->name);
}
END_TEST

/* The same if nobody wants to know the reason. */
START_TEST(test_fail_quietly)
{
	const struct fail_case *row = &failures[_i];
	const struct mh_address endpoint = unit_address(row->endpoint);
	struct mh_socket *sockets[MH_SOCKETS_MAX];

	prepare(row->faults, false);
	ck_assert_int_eq(
	    mh_socket_open(sockets, &endpoint, &row->options, NULL), row->code);
}
END_TEST

/*
 * An IPv6 address of a prefix that is local by its route alone is bound with
 * MH__FREEBIND, which is taken off again.
 */
static const struct {
	const char *endpoint;
	bool is_local;
	int opened;
} prefixes[] = {
	{ "[2001:db8:9::1]:7", true, 1 },
	{ "[fd00::1]:7", true, 1 },
	{ "[2001:db8:9::1]:7", false, MH_EADDRESS },
	{ "[fe80::1%2]:7", true, MH_EADDRESS },
	{ "[::1]:7", true, MH_EADDRESS },
};

START_TEST(test_bind_to_prefix)
{
	const struct fake_fault strict = { .call = FAKE_BIND,
		.condition = FAKE_STRICTLY,
		.code = MH_EADDRESS };
	const struct mh_socket_options options = { .freebind = false };
	const struct mh_address endpoint = unit_address(prefixes[_i].endpoint);
	struct mh_socket *sockets[MH_SOCKETS_MAX];

	if (prefixes[_i].is_local)
		fake_local_add(&endpoint);
	fake_fault(&strict);
	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL),
	    prefixes[_i].opened);
	if (prefixes[_i].opened < 0)
		return;
	ck_assert(!fake_socket(mh_socket_handle(sockets[0]))->freebind);
	unit_assert_address(
	    &mh_socket_info(sockets[0])->bound, prefixes[_i].endpoint, "bound");
	mh_socket_close(sockets[0]);
}
END_TEST

/* Options that the caller may ask for. */

static const struct {
	unsigned int can;
	enum mh__option option;
} optional[] = {
	{ MH_CAN_TTL, MH__RECV_TTL },
	{ MH_CAN_TOS, MH__RECV_TOS },
	{ MH_CAN_TIME, MH__RECV_TIME },
	{ MH_CAN_DROPS, MH__RECV_DROPS },
	{ MH_CAN_ERRORS, MH__RECV_ERRORS },
	{ MH_CAN_SEND_TTL, MH__SEND_TTL },
	{ MH_CAN_SEND_TOS, MH__SEND_TOS },
	{ MH_CAN_BURSTS, MH__RECV_BURSTS },
	{ MH_CAN_SEND_TIME, MH__SEND_TIME },
	{ MH_CAN_HARDWARE_TIME, MH__RECV_HARDWARE_TIME },
};

#define EVERYTHING                                                         \
	(ALL_OPTIONAL | MH_CAN_ERRORS | MH_CAN_BURSTS | MH_CAN_SEND_TIME | \
	    MH_CAN_HARDWARE_TIME)

static struct mh_socket *
open_wanting(unsigned int want)
{
	const struct mh_socket_options options = { .want = want };
	const struct mh_address endpoint = { .port = 7 };
	struct mh_socket *sockets[MH_SOCKETS_MAX];

	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL), 1);
	return sockets[0];
}

START_TEST(test_want_one)
{
	struct mh_socket *socket = open_wanting(optional[_i].can);
	unsigned int can = mh_socket_info(socket)->can, i;

	ck_assert_uint_eq(can, IPV4 | IPV6 | optional[_i].can);
	for (i = 0; i < LENGTH(optional); i++)
		ck_assert_msg(was_set(socket, optional[i].option, 1) ==
			(i == (unsigned int)_i),
		    "wanted %#x, option %u", optional[_i].can, i);
	mh_socket_close(socket);
}
END_TEST

/* What a system does not have is missing from info.can, and that is all. */
START_TEST(test_want_refused)
{
	static const int codes[] = { MH_EINVALID, MH_EUNSUPPORTED,
		MH_EPERMISSION };
	const struct fake_fault fault =
	    REFUSED(optional[_i % LENGTH(optional)].option,
		codes[_i / LENGTH(optional)]);
	struct mh_socket *socket;
	unsigned int can;

	fake_fault(&fault);
	socket = open_wanting(EVERYTHING);
	can = mh_socket_info(socket)->can;
	ck_assert_uint_eq(can,
	    IPV4 | IPV6 | (EVERYTHING & ~optional[_i % LENGTH(optional)].can));
	ck_assert_uint_eq(mh_socket_info(socket)->notices, 0);
	mh_socket_close(socket);
}
END_TEST

/* The same options are set on both of two sockets. */
START_TEST(test_want_two)
{
	const struct mh_socket_options options = { .stack = MH_STACK_TWO,
		.want = EVERYTHING,
		.freebind = true,
		.receive_buffer = 1 << 20,
		.send_buffer = 1 << 19 };
	const struct mh_address endpoint = { .port = 7 };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	unsigned int i, j;

	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL), 2);
	for (i = 0; i < 2; i++) {
		for (j = 0; j < LENGTH(optional); j++)
			ck_assert(was_set(sockets[i], optional[j].option, 1));
		ck_assert(was_set(sockets[i], MH__FREEBIND, 1));
		ck_assert(was_set(sockets[i], MH__SEND_BUFFER, 1 << 19));
		ck_assert_uint_eq(
		    mh_socket_info(sockets[i])->can & MH_CAN_OPTIONAL,
		    ALL_OPTIONAL);
		ck_assert_uint_eq(
		    mh_socket_info(sockets[i])->receive_buffer, 1 << 20);
	}
	mh_socket_close(sockets[0]);
	mh_socket_close(sockets[1]);
}
END_TEST

/* Not asked for, not set. */
START_TEST(test_want_none)
{
	struct mh_socket *socket = open_wanting(0);
	unsigned int i;

	for (i = 0; i < LENGTH(optional); i++)
		ck_assert(!was_set(socket, optional[i].option, 1));
	ck_assert(!was_set(socket, MH__FREEBIND, 1));
	ck_assert_int_eq(
	    fake_event_find(0, FAKE_SET, MH_FAMILY_IPV6, MH__RECEIVE_BUFFER),
	    -1);
	ck_assert_int_eq(
	    fake_event_find(0, FAKE_SET, MH_FAMILY_IPV6, MH__SEND_BUFFER), -1);
	mh_socket_close(socket);
}
END_TEST

/* What a later version may be asked for, this one does not know. */
START_TEST(test_reserved)
{
	const struct mh_address endpoint = { .port = 7 };
	const struct mh_address bound = unit_address("192.0.2.1:7");
	struct mh_socket_options options = { .want = 0 };
	struct fake_socket *s = fake_foreign(&bound, false);
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;

	options.reserved[_i] = 1;
	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, &problem),
	    MH_EINVALID);
	ck_assert_str_eq(problem.what, "options");
	ck_assert_int_eq(
	    mh_socket_adopt(sockets, s->handle, &options, NULL), MH_EINVALID);
	options.reserved[_i] = 0;
	ck_assert_int_eq(
	    mh_socket_adopt(sockets, s->handle, &options, NULL), 0);
	mh_socket_close(sockets[0]);
}
END_TEST

/* Nor is such a family one of those that there are: not that of a system. */
START_TEST(test_unknown_family)
{
	static const uint16_t families[] = { 1, 2, 5, 7, 10, 23, 0xffff };
	const struct mh_address endpoint = { .family = families[_i],
		.port = 7 };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;

	ck_assert_int_eq(
	    mh_socket_open(sockets, &endpoint, NULL, &problem), MH_EFAMILY);
	ck_assert_str_eq(problem.what, "endpoint");
	ck_assert_uint_eq(fake_open_count(), 0);
}
END_TEST

/* Nor is such a stack one of those that there are. */
START_TEST(test_unknown_stack)
{
	const struct mh_socket_options options = { .stack = (enum mh_stack)(
						       MH_STACK_IPV6 + 1) };
	const struct mh_address endpoint = { .port = 7 };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;

	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, &problem),
	    MH_EINVALID);
	ck_assert_str_eq(problem.what, "stack");
}
END_TEST

/*
 * A port for several sockets.
 */

START_TEST(test_share_port)
{
	const struct mh_socket_options options = { .stack = MH_STACK_TWO,
		.share_port = _i > 0,
		.processors = _i == 2 ? 3 : 0 };
	const struct mh_address endpoint = { .port = 7 };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	int i;

	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL), 2);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    was_set(sockets[i], MH__SHARE_PORT, 1), _i > 0);
		ck_assert_int_eq(
		    was_set(sockets[i], MH__SHARE_BY_CPU, 3), _i == 2);
	}
	mh_socket_close(sockets[0]);
	mh_socket_close(sockets[1]);
}
END_TEST

/* Sockets that somebody else opened. */

struct adopt_case {
	const char *name;
	const char *bound;
	bool only_ipv6;
	struct mh_socket_options options;
	struct fake_fault faults[3];
	int code;
	unsigned int can, notices;
	const char *what; /* failed */
};

static const struct adopt_case adopts[] = {
	{ "dual-stack", "[::]:7", .can = IPV4 | IPV6 },
	{ "IPv6", "[::]:7", true, .can = IPV6 },
	{ "IPv4", "0.0.0.0:7", .can = IPV4 },
	{ "one IPv4 address", "127.0.0.2:7", .can = IPV4 },
	{ "one IPv6 address", "[::1]:7", true, .can = IPV6 },
	{ "stack does not matter", "[::]:7", STACK(TWO), .can = IPV4 | IPV6 },
	{ "share_port does not matter", "[::]:7",
	    .options = { .share_port = true },
	    .faults = { REFUSED(MH__SHARE_PORT, MH_EUNSUPPORTED) },
	    .can = IPV4 | IPV6 },
	{ "all that one can want", "[::]:7",
	    .options = { .want = ALL_OPTIONAL,
		.freebind = true,
		.receive_buffer = 1 << 20 },
	    .can = IPV4 | IPV6 | ALL_OPTIONAL },
	{ "no TTL", "[::]:7", .options = { .want = ALL_OPTIONAL },
	    .faults = { REFUSED(MH__RECV_TTL, MH_EUNSUPPORTED) },
	    .can = IPV4 | IPV6 | (ALL_OPTIONAL & ~MH_CAN_TTL) },
	{ "no IPv4", "[::]:7",
	    .faults = { REFUSED(MH__RECV_IPV4, MH_EINVALID), NO_IPV4 },
	    .can = IPV6, .notices = MH_NOTICE_IPV4_DISABLED },

	{ "not a UDP socket", "[::]:7",
	    .faults = { { .call = FAKE_ADOPT,
		.code = MH_EINVALID,
		.system_code = 88 } },
	    .code = MH_EINVALID },
	{ "IP_PKTINFO invalid", "[::]:7",
	    .faults = { REFUSED(MH__RECV_IPV4, MH_EINVALID) },
	    .code = MH_EINVALID, .what = "IP_PKTINFO" },
	{ "IPV6_RECVPKTINFO refused", "[::]:7",
	    .faults = { REFUSED(MH__RECV_IPV6, MH_EUNSUPPORTED) },
	    .code = MH_EUNSUPPORTED, .what = "IPV6_RECVPKTINFO" },
	{ "freebind refused", "[::]:7", .options = { .freebind = true },
	    .faults = { REFUSED(MH__FREEBIND, MH_EUNSUPPORTED) },
	    .code = MH_EUNSUPPORTED, .what = "IP_FREEBIND" },
};

static void
assert_adopted(const struct adopt_case *row, const struct mh_socket *socket,
    const struct fake_socket *s)
{
	const struct mh_socket_info *info = mh_socket_info(socket);

	ck_assert_msg(
	    mh_socket_handle(socket) == s->handle, "%s: handle", row->name);
	unit_assert_address(&info->bound, row->bound, row->name);
	ck_assert_msg(
	    info->can == row->can, "%s: can %#x", row->name, info->can);
	ck_assert_msg(info->notices == row->notices, "%s: notices %#x",
	    row->name, info->notices);
	ck_assert_msg(info->dual_stack ==
		((info->can & IPV4) != 0 && (info->can & IPV6) != 0),
	    "%s: dual_stack is %d", row->name, info->dual_stack);
	ck_assert_msg(info->receive_buffer ==
		(row->options.receive_buffer != 0 ? row->options.receive_buffer
						  : fake.receive_buffer),
	    "%s: receive buffer %u", row->name, info->receive_buffer);
	ck_assert_msg(s->tells_ipv4 == ((info->can & IPV4) != 0),
	    "%s: IP_PKTINFO", row->name);
	ck_assert_msg(s->tells_ipv6 == ((info->can & IPV6) != 0),
	    "%s: IPV6_RECVPKTINFO", row->name);
	/* Too late for this one. */
	ck_assert_msg(attempt(socket, MH__ONLY_IPV6, 0) == NULL &&
		attempt(socket, MH__ONLY_IPV6, 1) == NULL,
	    "%s: IPV6_V6ONLY", row->name);
}

START_TEST(test_adopt)
{
	const struct adopt_case *row = &adopts[_i];
	const struct mh_address bound = unit_address(row->bound);
	struct fake_socket *s = fake_foreign(&bound, row->only_ipv6);
	struct mh_socket *socket = NULL;
	struct mh_problem problem;
	int code;

	prepare(row->faults, false);
	code = mh_socket_adopt(&socket, s->handle, &row->options, &problem);
	ck_assert_msg(code == row->code, "%s: %d", row->name, code);
	if (code == 0) {
		assert_adopted(row, socket, s);
		mh_socket_close(socket);
		ck_assert_msg(!s->is_open, "%s: left open", row->name);
		return;
	}
	ck_assert_msg(s->is_open && fake_open_count() == 1,
	    "%s: the caller's socket is closed", row->name);
	ck_assert_msg(problem.code == code && problem.text[0] != '\0',
	    "%s: problem %d", row->name, problem.code);
	if (row->what != NULL)
		ck_assert_str_eq(problem.what, row->what);
	ck_assert_int_eq(
	    mh_socket_adopt(&socket, s->handle, &row->options, NULL), code);
	s->is_open = false;
}
END_TEST

/* Whatever its owner wanted; and last, so that it is as it is wanted here. */
START_TEST(test_adopt_bursts)
{
	const struct mh_socket_options options = {
		.want = _i > 0 ? MH_CAN_BURSTS : 0
	};
	const struct mh_address bound = unit_address("192.0.2.1:7");
	const struct fake_socket *s = fake_foreign(&bound, false);
	struct mh_socket *socket;
	unsigned int last = 2;
	int at = -1;

	ck_assert_int_eq(
	    mh_socket_adopt(&socket, s->handle, &options, NULL), 0);
	while ((at = fake_event_find((unsigned int)(at + 1), FAKE_SET,
		    MH_FAMILY_IPV4, MH__RECV_BURSTS)) >= 0)
		last = fake.events[at].value;
	ck_assert_uint_eq(last, _i > 0);
	mh_socket_close(socket);
}
END_TEST

/*
 * The rest.
 */

START_TEST(test_receive_buffer)
{
	const struct mh_socket_options options = { .receive_buffer = 123456 };
	const struct mh_address endpoint = { .port = 7 };
	const struct fake_fault refused =
	    REFUSED(MH__RECEIVE_BUFFER, MH_EPERMISSION);
	struct mh_socket *sockets[MH_SOCKETS_MAX];

	if (_i == 1)
		fake_fault(&refused);
	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL), 1);
	ck_assert_uint_eq(mh_socket_info(sockets[0])->receive_buffer,
	    _i == 1 ? 212992 : 123456);
	mh_socket_close(sockets[0]);
}
END_TEST

START_TEST(test_close_null)
{
	mh_socket_close(NULL);
}
END_TEST

/* To the interface that was made anew; only if it is bound to one. */
static const struct {
	const char *bound;
	uint32_t device;
	int error, code; /* of the system, and what comes out */
	const char *moved;
	uint32_t moved_device;
} moves[] = {
	{ "[fe80::1%2]:7", 0, 0, 0, "[fe80::1%9]:7", 0 },
	{ "[::]:7", 2, 0, 0, "[::]:7", 9 },
	{ "[fe80::1%2]:7", 0, MH_EPERMISSION, MH_EPERMISSION, "[fe80::1%2]:7",
	    0 },
	{ "[::]:7", 0, 0, MH_EINVALID, "[::]:7", 0 },
	{ "127.0.0.1:7", 0, 0, MH_EINVALID, "127.0.0.1:7", 0 },
};

START_TEST(test_move)
{
	const struct fake_fault fault = { .call = FAKE_MOVE,
		.code = moves[_i].error };
	const struct mh_address bound = unit_address(moves[_i].bound);
	struct fake_socket *s = fake_foreign(&bound, false);
	struct mh_socket *socket;

	s->device = moves[_i].device;
	ck_assert_int_eq(mh_socket_adopt(&socket, s->handle, NULL, NULL), 0);
	if (moves[_i].error != 0)
		fake_fault(&fault);
	ck_assert_int_eq(mh_socket_move(socket, 9), moves[_i].code);
	unit_assert_address(
	    &mh_socket_info(socket)->bound, moves[_i].moved, "bound");
	ck_assert_uint_eq(
	    mh_socket_info(socket)->device, moves[_i].moved_device);
	ck_assert_uint_eq(
	    socket->udp.bound.scope, mh_socket_info(socket)->bound.scope);
	mh_socket_close(socket);
}
END_TEST

START_TEST(test_handle_and_refresh)
{
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	unsigned int before = fake.refresh_calls;

	ck_assert_int_eq(mh_socket_handle(socket), FAKE_HANDLE);
	ck_assert_uint_ge(before, 1); /* the first table is loaded by itself */
	mh_socket_refresh(socket);
	ck_assert_uint_eq(fake.refresh_calls, before + 1);
	ck_assert_int_eq(mh_socket_set_vrf(socket, (uint32_t[]){ 4, 5 }, 2), 0);
	ck_assert_uint_eq(fake.vrf_count, 2);
	ck_assert_uint_eq(fake.vrf_first, 4);
	mh_socket_close(socket);
}
END_TEST

/* The sockets are filled from the start, whatever was there before. */
START_TEST(test_filled)
{
	const struct mh_socket_options options = { .stack = MH_STACK_DUAL };
	const struct mh_address endpoint = { .port = 7 };
	const struct fake_fault fault = STUCK(MH_EINVALID);
	struct mh_socket *sockets[MH_SOCKETS_MAX] = { NULL, NULL };

	fake_fault(&fault);
	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL), 2);
	ck_assert_ptr_nonnull(sockets[0]);
	ck_assert_ptr_nonnull(sockets[1]);
	ck_assert_int_ne(
	    mh_socket_handle(sockets[0]), mh_socket_handle(sockets[1]));
	mh_socket_close(sockets[0]);
	mh_socket_close(sockets[1]);
}
END_TEST

/*
 * What is sent.
 */

/* DF is set after what would clear it. */
START_TEST(test_outgoing)
{
	const struct mh_socket_options options = {
		.dont_fragment = true, .tos = 0xb8, .ttl = 191
	};
	const struct mh_address endpoint = { .port = 7 };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	int responder, whole;

	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL), 1);
	ck_assert(was_set(sockets[0], MH__DONT_FRAGMENT, 1));
	ck_assert(was_set(sockets[0], MH__TOS, 0xb8));
	ck_assert(was_set(sockets[0], MH__TTL, 191));
	responder = fake_event_find(0, FAKE_SET, MH_FAMILY_IPV6, MH__RESPONDER);
	whole = fake_event_find(0, FAKE_SET, MH_FAMILY_IPV6, MH__DONT_FRAGMENT);
	ck_assert_int_lt(responder, whole);
	mh_socket_close(sockets[0]);
}
END_TEST

START_TEST(test_outgoing_default)
{
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);

	ck_assert_int_eq(
	    fake_event_find(0, FAKE_SET, MH_FAMILY_IPV6, MH__DONT_FRAGMENT),
	    -1);
	ck_assert_int_eq(
	    fake_event_find(0, FAKE_SET, MH_FAMILY_IPV6, MH__TOS), -1);
	ck_assert_int_eq(
	    fake_event_find(0, FAKE_SET, MH_FAMILY_IPV6, MH__TTL), -1);
	mh_socket_close(socket);
}
END_TEST

/* The same for a socket that somebody else opened. */
START_TEST(test_outgoing_adopted)
{
	const struct mh_socket_options options = { .dont_fragment = true };
	const struct mh_address bound = unit_address("[::]:7");
	struct fake_socket *s = fake_foreign(&bound, false);
	struct mh_socket *socket;
	int responder, whole;

	ck_assert_int_eq(
	    mh_socket_adopt(&socket, s->handle, &options, NULL), 0);
	responder = fake_event_find(0, FAKE_SET, MH_FAMILY_IPV6, MH__RESPONDER);
	whole = fake_event_find(0, FAKE_SET, MH_FAMILY_IPV6, MH__DONT_FRAGMENT);
	ck_assert_int_ge(responder, 0);
	ck_assert_int_lt(responder, whole);
	mh_socket_close(socket);
}
END_TEST

/* A caller that asks for them does not want a socket without. */
START_TEST(test_outgoing_refused)
{
	static const enum mh__option required[] = { MH__DONT_FRAGMENT, MH__TOS,
		MH__TTL };
	const struct mh_socket_options options = {
		.dont_fragment = true, .tos = 4, .ttl = 64
	};
	const struct fake_fault fault = REFUSED(required[_i], MH_EUNSUPPORTED);
	const struct mh_address endpoint = { .port = 7 };
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;

	fake_fault(&fault);
	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, &problem),
	    MH_EUNSUPPORTED);
	ck_assert_str_eq(problem.what, mh__udp_option_name(required[_i]));
}
END_TEST

START_TEST(test_reports)
{
	const struct mh_report first = { .kind = MH_REPORT_ICMP,
		.icmp = { .kind = MH_ICMP_HOST, .mtu = 1 } };
	const struct mh_report second = {
		.kind = MH_REPORT_SENT, .sent_id = 7, .sent_ns = 8
	};
	const unsigned int wanted[] = { MH_CAN_ERRORS, MH_CAN_SEND_TIME,
		MH_CAN_ERRORS | MH_CAN_SEND_TIME };
	struct mh_socket *socket = open_wanting(wanted[_i]);
	struct mh_report report;

	ck_assert_int_eq(mh_socket_report(socket, &report), 0);
	fake.reports[fake.report_count++] = first;
	fake.reports[fake.report_count++] = second;
	memset(&report, 0xa5, sizeof(report));
	if ((wanted[_i] & MH_CAN_ERRORS) != 0) {
		ck_assert_int_eq(mh_socket_report(socket, &report), 1);
		ck_assert_mem_eq(&report, &first, sizeof(report));
	}
	if ((wanted[_i] & MH_CAN_SEND_TIME) != 0) {
		ck_assert_int_eq(mh_socket_report(socket, &report), 1);
		ck_assert_mem_eq(&report, &second, sizeof(report));
	}
	ck_assert_int_eq(mh_socket_report(socket, &report), 0);
	mh_socket_close(socket);
}
END_TEST

/* The platform is not asked about what it was not set up to report. */
START_TEST(test_reports_of_none)
{
	struct mh_socket *socket =
	    open_wanting(ALL_OPTIONAL | MH_CAN_HARDWARE_TIME);
	struct mh_report report;

	ck_assert_int_eq(mh_socket_report(socket, &report), MH_EUNSUPPORTED);
	mh_socket_close(socket);
}
END_TEST

Suite *
socket_suite(void)
{
	Suite *suite = suite_create("socket");
	TCase *open = fixture_tcase("open");
	TCase *fail = fixture_tcase("fail");
	TCase *want = fixture_tcase("want");
	TCase *adopt = fixture_tcase("adopt");
	TCase *rest = fixture_tcase("rest");

	tcase_add_loop_test(open, test_open, 0, LENGTH(opens));
	suite_add_tcase(suite, open);
	tcase_add_loop_test(fail, test_fail, 0, LENGTH(failures));
	tcase_add_loop_test(fail, test_fail_quietly, 0, LENGTH(failures));
	tcase_add_loop_test(fail, test_bind_to_prefix, 0, LENGTH(prefixes));
	suite_add_tcase(suite, fail);
	tcase_add_loop_test(want, test_want_one, 0, LENGTH(optional));
	tcase_add_loop_test(want, test_want_refused, 0, 3 * LENGTH(optional));
	tcase_add_test(want, test_want_two);
	tcase_add_test(want, test_want_none);
	tcase_add_loop_test(want, test_reserved, 0, 8);
	tcase_add_loop_test(want, test_unknown_family, 0, 7);
	tcase_add_test(want, test_unknown_stack);
	tcase_add_loop_test(want, test_share_port, 0, 3);
	suite_add_tcase(suite, want);
	tcase_add_loop_test(adopt, test_adopt, 0, LENGTH(adopts));
	tcase_add_loop_test(adopt, test_adopt_bursts, 0, 2);
	suite_add_tcase(suite, adopt);
	tcase_add_loop_test(rest, test_receive_buffer, 0, 2);
	tcase_add_test(rest, test_outgoing);
	tcase_add_test(rest, test_outgoing_default);
	tcase_add_test(rest, test_outgoing_adopted);
	tcase_add_loop_test(rest, test_outgoing_refused, 0, 2);
	tcase_add_loop_test(rest, test_reports, 0, 3);
	tcase_add_test(rest, test_reports_of_none);
	tcase_add_test(rest, test_close_null);
	tcase_add_loop_test(rest, test_move, 0, LENGTH(moves));
	tcase_add_test(rest, test_handle_and_refresh);
	tcase_add_test(rest, test_filled);
	suite_add_tcase(suite, rest);
	return suite;
}
