/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/inherited.c: the sockets that the environment names.  A
 * systemd that really passes some: tests/net/test_manager.c.
 */
#include "unit/unit.h"
#include "unit/platform/suites.h"

#include "platform/inherited.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST = 3, COUNT = 4 };

static bool ours[COUNT];

/* Four passed sockets; if a number is in use, what is there will do. */
static void
setup(void)
{
	char pid[32];
	int i, fd;

	for (i = 0; i < COUNT; i++) {
		ours[i] = fcntl(FIRST + i, F_GETFD) < 0;
		if (!ours[i])
			continue;
		fd = socket(AF_UNIX, SOCK_DGRAM, 0);
		ck_assert_int_ge(fd, 0);
		if (fd == FIRST + i)
			continue;
		ck_assert_int_eq(dup2(fd, FIRST + i), FIRST + i);
		close(fd);
	}
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "4", 1);
	setenv("LISTEN_FDNAMES", "echo:echo.lab:time:echo", 1);
}

static void
teardown(void)
{
	int i;

	for (i = 0; i < COUNT; i++)
		if (ours[i])
			close(FIRST + i);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

START_TEST(test_finds_by_name)
{
	intptr_t handles[COUNT] = { 0 };

	ck_assert_uint_eq(host_inherited("echo", handles, COUNT), 2);
	ck_assert_int_eq(handles[0], FIRST);
	ck_assert_int_eq(handles[1], FIRST + 3);
	ck_assert_uint_eq(host_inherited("time", handles, COUNT), 1);
	ck_assert_int_eq(handles[0], FIRST + 2);
	ck_assert_uint_eq(host_inherited("ech", handles, COUNT), 0);
	ck_assert_uint_eq(host_inherited("echoo", handles, COUNT), 0);
}
END_TEST

/* A colon separates names: a section's name has a dot instead. */
START_TEST(test_finds_a_section)
{
	intptr_t handle = 0;

	ck_assert_uint_eq(host_inherited("echo:lab", &handle, 1), 1);
	ck_assert_int_eq(handle, FIRST + 1);
	ck_assert_uint_eq(host_inherited("echo:la", &handle, 1), 0);
}
END_TEST

/* No more than there is room for. */
START_TEST(test_keeps_to_its_room)
{
	intptr_t handles[2] = { 0, -9 };

	ck_assert_uint_eq(host_inherited("echo", handles, 1), 1);
	ck_assert_int_eq(handles[0], FIRST);
	ck_assert_int_eq(handles[1], -9);
}
END_TEST

START_TEST(test_lists)
{
	static const char *const names[COUNT] = { "echo", "echo.lab", "time",
		"echo" };
	intptr_t handle;
	char name[32];
	unsigned int i;

	for (i = 0; i < COUNT; i++) {
		ck_assert(host_inherited_at(i, &handle, name, sizeof(name)));
		ck_assert_int_eq(handle, FIRST + (int)i);
		ck_assert_str_eq(name, names[i]);
	}
	ck_assert(!host_inherited_at(COUNT, &handle, name, sizeof(name)));
	ck_assert(host_inherited_at(1, &handle, name, 5));
	ck_assert_str_eq(name, "echo");
}
END_TEST

/* Those of another process are not ours. */
START_TEST(test_takes_none_of_others)
{
	intptr_t handle;
	char name[32];

	setenv("LISTEN_PID", "1", 1);
	ck_assert_uint_eq(host_inherited("echo", &handle, 1), 0);
	ck_assert(!host_inherited_at(0, &handle, name, sizeof(name)));
}
END_TEST

/* Names that may be of other sockets, or a socket that is not there. */
static const struct {
	const char *count, *names;
} mismatched[] = {
	{ "4", "echo:time" },
	{ "4", "echo:echo.lab:time:echo:echo" },
	{ "1", "echo:time" },
	{ "900", "echo" },
	{ "none", "echo" },
};

START_TEST(test_mismatched)
{
	intptr_t handle = 0;
	char name[64];

	setenv("LISTEN_FDS", mismatched[_i].count, 1);
	setenv("LISTEN_FDNAMES", mismatched[_i].names, 1);
	ck_assert_uint_eq(host_inherited("echo", &handle, 1), 0);
	ck_assert(host_inherited_at(0, &handle, name, sizeof(name)));
	ck_assert_int_eq(handle, -1);
	ck_assert_str_eq(name, "LISTEN_FDNAMES does not match LISTEN_FDS");
	ck_assert(!host_inherited_at(1, &handle, name, sizeof(name)));
}
END_TEST

/*
 * The copy stays open when the passed one is closed, and no child inherits it.
 */
START_TEST(test_copies)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	intptr_t copy = host_inherited_copy(fd);

	ck_assert_int_ge(copy, 0);
	ck_assert_int_ne(copy, fd);
	host_inherited_close(fd);
	ck_assert_int_lt(fcntl(fd, F_GETFD), 0);
	ck_assert_int_eq(fcntl((int)copy, F_GETFD), FD_CLOEXEC);
	host_inherited_close(copy);
}
END_TEST

Suite *
platform_inherited_suite(void)
{
	Suite *suite = suite_create("platform inherited");
	TCase *tcase = tcase_create("inherited");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_finds_by_name);
	tcase_add_test(tcase, test_finds_a_section);
	tcase_add_test(tcase, test_keeps_to_its_room);
	tcase_add_test(tcase, test_lists);
	tcase_add_test(tcase, test_takes_none_of_others);
	tcase_add_loop_test(tcase, test_mismatched, 0, LENGTH(mismatched));
	tcase_add_test(tcase, test_copies);
	suite_add_tcase(suite, tcase);
	return suite;
}
