/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/owner.c: this process has a socket, and is found by it.
 */
#include "platform/owner.h"

#include "unit/platform/suites.h"
#include "unit/unit.h"

#include "lib/multihome_address.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct host_owner owners[2];
static char name[16];
static pid_t child;
static int life; /* the child's: until this end of a pipe is closed */

static void
setup(void)
{
	/* In one process with other tests, one may have had it ignored. */
	signal(SIGCHLD, SIG_DFL);
	ck_assert_int_eq(prctl(PR_GET_NAME, name), 0);
	child = 0;
}

/* Without fork(), tests share the process and its children. */
static void
teardown(void)
{
	ck_assert_int_eq(prctl(PR_SET_NAME, name), 0);
	if (child > 0) {
		close(life);
		ck_assert_int_eq(waitpid(child, NULL, 0), child);
	}
}

/* A socket of IPv6 alone, or of both families; returns its port. */
static uint16_t
bind_socket(int *fd, struct in6_addr address, uint16_t port, int only_ipv6)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = address };
	socklen_t length = sizeof(sin6);
	const int yes = 1;

	*fd = socket(AF_INET6, SOCK_DGRAM, 0);
	ck_assert_int_ge(*fd, 0);
	ck_assert_int_eq(
	    setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)), 0);
	ck_assert_int_eq(setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6,
			     sizeof(only_ipv6)),
	    0);
	ck_assert_int_eq(bind(*fd, (struct sockaddr *)&sin6, length), 0);
	ck_assert_int_eq(
	    getsockname(*fd, (struct sockaddr *)&sin6, &length), 0);
	return ntohs(sin6.sin6_port);
}

/* A child of that name that has the files of now. */
static void
start_child(const char *its_name)
{
	int ends[2], ready[2];
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		close(ends[1]);
		prctl(PR_SET_NAME, its_name);
		close(ready[0]);
		close(ready[1]);
		_exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(ends[0]);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	life = ends[1];
}

START_TEST(test_found)
{
	const struct in6_addr address =
	    _i == 0 ? in6addr_any : in6addr_loopback;
	uint16_t port;
	int fd;

	ck_assert_int_eq(prctl(PR_SET_NAME, "a\033server"), 0);
	port = bind_socket(&fd, address, 0, _i);
	ck_assert_uint_eq(host_owners(MH_FAMILY_IPV6, port, owners, 2), 1);
	ck_assert_int_eq(owners[0].pid, getpid());
	ck_assert_str_eq(owners[0].name, "a?server");
	ck_assert(!owners[0].is_passed);
	ck_assert_uint_gt(owners[0].length, 0);
	ck_assert_int_eq(owners[0].command[owners[0].length - 1], '\0');
	/* IPv4 finds one of both families. */
	if (_i == 0) {
		ck_assert_uint_eq(
		    host_owners(MH_FAMILY_IPV4, port, owners, 2), 1);
		ck_assert_int_eq(owners[0].pid, getpid());
	}
	ck_assert_uint_eq(host_owners(MH_FAMILY_IPV6, port, owners, 0), 0);
	close(fd);
	ck_assert_uint_eq(host_owners(MH_FAMILY_IPV6, port, owners, 2), 0);
}
END_TEST

/*
 * What the manager of services passes to one belongs to that, whichever of them
 * has the lower number.
 */
START_TEST(test_passed)
{
	uint16_t port;
	int fd;

	port = bind_socket(&fd, in6addr_any, 0, 0);
	start_child(_i == 0 ? "server" : "systemd");
	ck_assert_int_eq(prctl(PR_SET_NAME, _i == 0 ? "systemd" : "server"), 0);
	ck_assert_uint_eq(host_owners(MH_FAMILY_IPV6, port, owners, 2), 1);
	ck_assert_int_eq(owners[0].pid, _i == 0 ? child : getpid());
	ck_assert(owners[0].is_passed);
	close(fd);
}
END_TEST

/* Beside one that is bound to all addresses, others do not count. */
START_TEST(test_address)
{
	uint16_t port;
	int fd, other;

	port = bind_socket(&other, in6addr_loopback, 0, 0);
	start_child("server");
	close(other);
	bind_socket(&fd, in6addr_any, port, 0);
	ck_assert_uint_eq(host_owners(MH_FAMILY_IPV6, port, owners, 2), 1);
	ck_assert_int_eq(owners[0].pid, getpid());
	close(fd);
}
END_TEST

Suite *
platform_owner_suite(void)
{
	Suite *suite = suite_create("platform owner");
	TCase *tcase = tcase_create("owner");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_found, 0, 2);
	tcase_add_loop_test(tcase, test_passed, 0, 2);
	tcase_add_test(tcase, test_address);
	suite_add_tcase(suite, tcase);
	return suite;
}
