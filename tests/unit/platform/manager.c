/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/manager.c: what systemd is sent, and how often it wants to
 * hear from us.  A systemd that really runs: tests/net/test_manager.c.
 */
#include "unit/platform/suites.h"

#include "platform/manager.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int manager = -1;

/* The manager's socket, with a name that the system chose. */
static void
setup(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(address);
	char name[sizeof(address.sun_path) + 1];

	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(manager, 0);
	ck_assert_int_eq(bind(manager, (struct sockaddr *)&address,
			     sizeof(address.sun_family)),
	    0);
	ck_assert_int_eq(
	    getsockname(manager, (struct sockaddr *)&address, &length), 0);
	length -= (socklen_t)offsetof(struct sockaddr_un, sun_path);
	snprintf(
	    name, sizeof(name), "@%.*s", (int)length - 1, address.sun_path + 1);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", name, 1), 0);
}

static void
teardown(void)
{
	close(manager);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

/* What the manager received; it is there as soon as it was sent. */
static const char *
received(void)
{
	static char text[512];
	ssize_t n = recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static const struct {
	enum host_state state;
	const char *text;
} states[] = {
	{ HOST_READY, "READY=1\nSTATUS=3 sockets" },
	{ HOST_STOPPING, "STOPPING=1\nSTATUS=3 sockets" },
	{ HOST_ALIVE, "WATCHDOG=1" },
};

START_TEST(test_notifies)
{
	host_notify(states[_i].state, "3 sockets");
	ck_assert_str_eq(received(), states[_i].text);
	ck_assert_ptr_nonnull(getenv("NOTIFY_SOCKET"));
	ck_assert_str_eq(received(), "");
}
END_TEST

/* With the time, as Type=notify-reload wants it. */
START_TEST(test_notifies_of_a_reload)
{
	long long now = -1;
	char status[64] = "";

	host_notify(HOST_RELOADING, "reading");
	ck_assert_int_eq(
	    sscanf(received(), "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=%63s",
		&now, status),
	    2);
	ck_assert_int_gt(now, 0);
	ck_assert_str_eq(status, "reading");
	/* There is more to say later. */
	host_notify(HOST_ALIVE, NULL);
	ck_assert_str_eq(received(), "WATCHDOG=1");
}
END_TEST

/* A manager that does not read keeps nobody waiting. */
START_TEST(test_does_not_wait)
{
	unsigned int i;

	/* More than any system queues for it. */
	for (i = 0; i < 2000; i++)
		host_notify(HOST_ALIVE, NULL);
	host_notify(HOST_STOPPING, "full");
	while (*received() != '\0')
		;
	host_notify(HOST_STOPPING, "empty");
	ck_assert_str_eq(received(), "STOPPING=1\nSTATUS=empty");
}
END_TEST

/* The last is longer than the address of a socket may be. */
static const char *const no_sockets[] = { "", "@", "relative", "vsock:2:9999",
	("/a/name/that/is/longer/than/the/address/of/a/socket/may/be/"
	 "so/that/there/is/no/such/socket/on/any/system/at/all") };

START_TEST(test_no_socket)
{
	setenv("NOTIFY_SOCKET", no_sockets[_i], 1);
	host_notify(HOST_ALIVE, NULL);
	ck_assert_str_eq(received(), "");
	unsetenv("NOTIFY_SOCKET");
	host_notify(HOST_ALIVE, NULL);
	ck_assert_str_eq(received(), "");
}
END_TEST

/* A watchdog of another process is not ours. */
START_TEST(test_watchdog)
{
	char pid[32];

	ck_assert_uint_eq(host_watchdog(), 0);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("WATCHDOG_USEC", "2500000", 1);
	ck_assert_uint_eq(host_watchdog(), UINT64_C(2500000000));
	setenv("WATCHDOG_PID", pid, 1);
	ck_assert_uint_eq(host_watchdog(), UINT64_C(2500000000));
	setenv("WATCHDOG_PID", "1", 1);
	ck_assert_uint_eq(host_watchdog(), 0);
}
END_TEST

Suite *
platform_manager_suite(void)
{
	Suite *suite = suite_create("platform manager");
	TCase *tcase = tcase_create("manager");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(
	    tcase, test_notifies, 0, sizeof(states) / sizeof(states[0]));
	tcase_add_test(tcase, test_notifies_of_a_reload);
	tcase_add_test(tcase, test_does_not_wait);
	tcase_add_loop_test(tcase, test_no_socket, 0,
	    sizeof(no_sockets) / sizeof(no_sockets[0]));
	tcase_add_test(tcase, test_watchdog);
	suite_add_tcase(suite, tcase);
	return suite;
}
