/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/interfaces.c over the fake system: interfaces come and go, and the
 * sockets that are bound to them follow.
 */
#include "daemon/interfaces.h"

#include "daemon/path/listener.h"
#include "unit/daemon/scene.h"

#include <stdio.h>
#include <string.h>

#define WATCH 7777 /* a handle that no socket has */

static struct interfaces interfaces;
static struct host_interface present[2];

/* These are there from now on: index 0 is none. */
static void
change(uint32_t one, const char *name, uint32_t other, const char *other_name)
{
	present[0].index = one;
	snprintf(present[0].name, sizeof(present[0].name), "%s", name);
	present[1].index = other;
	snprintf(present[1].name, sizeof(present[1].name), "%s", other_name);
	fake_host.interfaces = present;
	fake_host.interface_count = (one != 0) + (other != 0);
	if (scene.workers.netwatch == NULL)
		return;
	fake_host.network_changed = true;
	events_read(scene.base, WATCH);
	events_happen(scene.base, EV_TIMEOUT);
}

static void
setup(void)
{
	interfaces = (struct interfaces){ .workers = NULL };
	memset(present, 0, sizeof(present));
	fake_host.watch_handle = WATCH;
	change(2, "v0", 0, "");
}

static void
teardown(void)
{
	interfaces_clear(&interfaces);
}

static void
serve_with_http(const char *line, struct mh_address *http, size_t count)
{
	const struct config_endpoints endpoints = { http, count };

	scene_serve(line);
	ck_assert(interfaces_watch(
	    &interfaces, &scene.workers, &endpoints, scene.base));
	interfaces_resume(&interfaces);
	scratch_log();
}

static void
serve(const char *line)
{
	serve_with_http(line, NULL, 0);
}

static const struct mh_address *
bound(size_t binding)
{
	return &scene.workers.bindings.items[binding].bound;
}

/* Where a worker's own listener is. */
static const struct mh_socket_info *
info(unsigned int worker, size_t binding)
{
	return listener_info(
	    worker_listener(scene.workers.items[worker], binding));
}

START_TEST(test_follows)
{
	const struct bindings *bindings = &scene.workers.bindings;
	unsigned int i;

	serve("-w 2 echo=[fe80::1%2]:7 discard=[::]:9");
	change(0, "", 0, "");
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: echo: interface v0 is gone: [fe80::1%2]:7 is "
	    "not answered until it is back\n");
	change(5, "v1", 0, "");
	ck_assert_str_eq(scratch_log(), "");
	change(5, "v1", 6, "v0");
	ck_assert_str_eq(scratch_log(),
	    "multihomed: echo: interface v0 was made anew: listening on "
	    "[fe80::1%6]:7, by one worker until a restart\n");
	ck_assert_uint_eq(bindings->items[0].selectable, 1);
	ck_assert_uint_eq(bindings->targets[0].sockets, 1);
	unit_assert_address(bound(0), "[fe80::1%6]:7", "bound");
	unit_assert_address(
	    &bindings->items[0].endpoint, "[fe80::1%6]:7", "endpoint");
	unit_assert_address(
	    &bindings->targets[0].bound, "[fe80::1%6]:7", "target");
	unit_assert_address(bound(1), "[::]:9", "the other");
	for (i = 0; i < 2; i++) {
		unit_assert_address(
		    &info(i, 0)->bound, "[fe80::1%6]:7", "a worker's");
		unit_assert_address(&info(i, 1)->bound, "[::]:9", "other");
	}
	ck_assert_uint_eq(fake_open_count(), 4);
	/* Again, and at once. */
	change(7, "v0", 0, "");
	unit_assert_address(bound(0), "[fe80::1%7]:7", "bound");
	ck_assert_ptr_null(strstr(scratch_log(), "gone"));
}
END_TEST

/* Another name is no other interface, unless that has the name now. */
START_TEST(test_renamed)
{
	serve("echo=[fe80::1%2]:7");
	change(2, "w0", 0, "");
	unit_assert_address(bound(0), "[fe80::1%2]:7", "renamed");
	ck_assert_str_eq(scratch_log(), "");
	change(2, "w0", 3, "v0");
	unit_assert_address(bound(0), "[fe80::1%3]:7", "the new one");
}
END_TEST

/* A service manager's: on worker 0 alone. */
START_TEST(test_device)
{
	const struct mh_address any = unit_address("[::]:7007");
	struct fake_socket *s = fake_foreign(&any, false);

	s->device = 2;
	fake_host.inherited[fake_host.inherited_count++] =
	    (struct fake_inherited){ "echo", s->handle };
	serve("-w 2 echo");
	change(3, "v0", 0, "");
	ck_assert_uint_eq(s->device, 3);
	ck_assert_uint_eq(info(0, 0)->device, 3);
	ck_assert_uint_eq(scene.workers.bindings.items[0].device, 3);
	unit_assert_address(bound(0), "[::]:7007", "bound");
}
END_TEST

/* Logged once, and tried again whenever something changes. */
START_TEST(test_cannot_follow)
{
	const struct fake_fault fault = { .call = FAKE_MOVE,
		.code = MH_EPERMISSION };

	serve("echo=[fe80::1%2]:7");
	fake_fault(&fault);
	change(3, "v0", 0, "");
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: echo: interface v0 was made anew, and the "
	    "socket cannot follow: [fe80::1%2]:7 is not answered until a "
	    "restart\n");
	change(3, "v0", 4, "v1");
	ck_assert_str_eq(scratch_log(), "");
	unit_assert_address(bound(0), "[fe80::1%2]:7", "bound");
	fake_heal();
	change(3, "v0", 0, "");
	unit_assert_address(bound(0), "[fe80::1%3]:7", "bound");
}
END_TEST

/* It cannot follow, and is lost with the interface: that is logged, once. */
static const struct {
	const char *http;
	uint32_t index;
	const char *log;
} https[] = {
	{ "[fe80::1%2]:9853", 3,
	    "multihomed: warning: http: interface v0 was made anew: "
	    "[fe80::1%2]:9853 is not answered until a restart\n" },
	{ "[fe80::1%2]:9853", 0,
	    "multihomed: warning: http: interface v0 is gone: "
	    "[fe80::1%2]:9853 is not answered until a restart\n" },
	{ "[fe80::1%2]:9853", 2, "" },
	{ "[::1]:9853", 3, "" },
};

START_TEST(test_http)
{
	struct mh_address http[] = { unit_address("127.0.0.1:80"),
		unit_address(https[_i].http) };

	serve_with_http("echo=[::]:7", http, 2);
	change(https[_i].index, "v0", 0, "");
	ck_assert_str_eq(scratch_log(), https[_i].log);
	change(5, "v0", 0, "");
	if (https[_i].index != 2)
		ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/* What happens during a reload is caught up with, and names are kept. */
START_TEST(test_paused)
{
	serve("echo=[fe80::1%2]:7");
	interfaces_pause(&interfaces);
	change(3, "v0", 0, "");
	unit_assert_address(bound(0), "[fe80::1%2]:7", "paused");
	scene_serve("discard=[::]:9 echo=[fe80::1%2]:7");
	interfaces_resume(&interfaces);
	unit_assert_address(bound(1), "[fe80::1%3]:7", "resumed");
	/* The file names the new one, and so the socket is kept. */
	scene_bound();
	scene_serve("echo=[fe80::1%3]:7");
	ck_assert_uint_eq(scene_bound(), 0);
}
END_TEST

/* A peer at that address is still known for one of our own. */
START_TEST(test_own_endpoint)
{
	const struct mh_address endpoint = unit_address("[fe80::1%2]:7");
	static const struct guard_ports none;
	struct guard_own own = { .endpoints = NULL };

	ck_assert(guard_own_endpoints(&own, &endpoint, 1, &none));
	guard_own_rescope(&own, &endpoint, 3);
	unit_assert_address(&own.endpoints[0], "[fe80::1%3]:7", "moved");
	guard_own_rescope(&own, &endpoint, 4);
	unit_assert_address(&own.endpoints[0], "[fe80::1%3]:7", "another");
	guard_own_clear(&own);
}
END_TEST

Suite *
interfaces_suite(void)
{
	Suite *suite = suite_create("interfaces");
	TCase *tcase = scene_tcase("interfaces");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_follows);
	tcase_add_test(tcase, test_renamed);
	tcase_add_test(tcase, test_device);
	tcase_add_test(tcase, test_cannot_follow);
	tcase_add_loop_test(tcase, test_http, 0, LENGTH(https));
	tcase_add_test(tcase, test_paused);
	tcase_add_test(tcase, test_own_endpoint);
	suite_add_tcase(suite, tcase);
	return suite;
}
