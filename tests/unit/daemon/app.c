/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/app.c: a whole life over the fake system.  Each time the daemon
 * reports that it is ready, the test raises the next signal of its script.
 */
#include "daemon/app.h"

#include "daemon/base/log.h"
#include "unit/daemon/scene.h"
#include "platform/manager.h"

#include <event2/util.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { HANDLES = 64 };

/* Handles that a real loop can watch, although nothing ever happens there. */
static evutil_socket_t pairs[HANDLES][2];
static unsigned int pair_count;

static intptr_t
real_handle(unsigned int number)
{
	(void)number;
	ck_assert_uint_lt(pair_count, HANDLES);
	/* Windows knows no other family here. */
	if (evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[pair_count]) != 0)
		ck_assert_int_eq(evutil_socketpair(AF_INET, SOCK_STREAM, 0,
				     pairs[pair_count]),
		    0);
	return pairs[pair_count++][0];
}

static const int *script; /* signals; ended by 0 */
static const char *const *files;
static bool at_once;

/* Each notice triggers the next signal, each reload reads the next file. */
static void
next(enum host_state state)
{
	if (state == HOST_RELOADING && files != NULL && *files != NULL)
		fake_host.text = *files++;
	if (state == HOST_READY && at_once)
		while (script[1] != 0)
			raise(*script++);
	if (state != HOST_RELOADING && *script != 0)
		raise(*script++);
}

static void
setup(void)
{
	pair_count = 0;
	fake.handle = real_handle;
	fake.loopback = true;
	fake_host.on_notice = next;
	fake_host.path = "f";
	fake_host.text = "[echo]\nlisten = 127.0.0.1:7\n";
	files = NULL;
	at_once = false;
}

static void
teardown(void)
{
	while (pair_count > 0) {
		pair_count--;
		evutil_closesocket(pairs[pair_count][0]);
		evutil_closesocket(pairs[pair_count][1]);
	}
}

/* Run the daemon; these signals will come. */
static int
run(const char *line, const int *signals)
{
	static struct argv argv;
	struct command_line command = { .is_reload = false };
	struct config_errors errors = { .lines = NULL };
	struct config config;

	script = signals;
	argv_make(&argv, line);
	command.argc = argv.count;
	command.argv = argv.words;
	ck_assert_int_eq(load_config(&config, &command, &errors), 0);
	return app_run(&config, &command);
}

static const int stop[] = { SIGTERM, 0 };

/* One worker, so that there is no thread. */
START_TEST(test_starts_and_stops)
{
	const char *log;

	ck_assert_int_eq(
	    run("-w 1 --port-file p echo=127.0.0.1:0 discard=[::1]:9", stop),
	    0);
	ck_assert_str_eq(fake_host.notices,
	    "READY answering on 2 sockets, 1 worker|STOPPING stopping|");
	ck_assert_str_eq(
	    fake_host.given_up, "files - p sandbox|capabilities|sandbox|");
	ck_assert_ptr_eq(strstr(fake_host.written, "p: echo 127.0.0.1:4"),
	    fake_host.written);
	ck_assert_ptr_nonnull(strstr(fake_host.written, "\ndiscard [::1]:9\n"));
	ck_assert_str_eq(fake_host.removed, "p");
	log = scratch_log();
	ck_assert_msg(strstr(log, "multihomed: stopping on signal ") != NULL &&
		strstr(log, "multihomed: echo 127.0.0.1:4") != NULL &&
		strstr(log, ": received=0 answered=0 ") != NULL,
	    "%s", log);
}
END_TEST

/* With a drain time it is not ready, but a second signal ends the wait. */
START_TEST(test_drains_before_it_stops)
{
	static const int twice[] = { SIGINT, SIGTERM, SIGTERM, 0 };
	const char *log, *drained;

	ck_assert_int_eq(
	    run("-w 1 --drain-time 3600 echo=127.0.0.1:7", twice), 0);
	ck_assert_str_eq(fake_host.notices,
	    "READY answering on 1 socket, 1 worker|"
	    "READY draining on 1 socket, 1 worker|"
	    "STOPPING stopping|STOPPING stopping|");
	log = scratch_log();
	drained = strstr(log, "draining: no longer ready, still answering\n");
	ck_assert_msg(drained != NULL &&
		strstr(drained, "draining for 3600 s before stopping\n") !=
		    NULL,
	    "%s", log);
}
END_TEST

/* Draining can be undone. */
START_TEST(test_drains_and_returns)
{
	static const int signals[] = { SIGINT, SIGINT, SIGTERM, 0 };

	ck_assert_int_eq(run("-w 1 echo=127.0.0.1:7", signals), 0);
	ck_assert_str_eq(fake_host.notices,
	    "READY answering on 1 socket, 1 worker|"
	    "READY draining on 1 socket, 1 worker|"
	    "READY answering on 1 socket, 1 worker|STOPPING stopping|");
	ck_assert_ptr_nonnull(
	    strstr(scratch_log(), "no longer draining: ready again\n"));
}
END_TEST

/* A stop cannot. */
START_TEST(test_stop_stays)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGINT, SIGTERM, 0 };

	ck_assert_int_eq(
	    run("-w 1 --drain-time 3600 echo=127.0.0.1:7", signals), 0);
	ck_assert_str_eq(fake_host.notices,
	    "READY answering on 1 socket, 1 worker|STOPPING stopping|"
	    "READY draining on 1 socket, 1 worker|"
	    "READY draining on 1 socket, 1 worker|STOPPING stopping|");
}
END_TEST

START_TEST(test_reloads)
{
	static const int signals[] = { SIGILL, SIGILL, SIGILL, SIGTERM, 0 };
	static const char *const texts[] = { "[echo]\nlisten = 127.0.0.1:7\n"
					     "[time]\nlisten = 127.0.0.1:37\n",
		"[echo]\nlisten = bad\n", "[echo]\nlisten = 127.0.0.1:7\n",
		NULL };
	const char *log, *reloaded;

	files = texts;
	ck_assert_int_eq(run("-w 1 -c f", signals), 0);
	ck_assert_str_eq(fake_host.notices,
	    "READY answering on 1 socket, 1 worker|"
	    "RELOADING reloading|READY answering on 2 sockets, 1 worker|"
	    "RELOADING reloading|READY answering on 2 sockets, 1 worker, "
	    "the last reload failed|"
	    "RELOADING reloading|READY answering on 1 socket, 1 worker|"
	    "STOPPING stopping|");
	log = scratch_log();
	reloaded = strstr(log, "multihomed: reloaded f\n");
	ck_assert_msg(reloaded != NULL &&
		strstr(reloaded,
		    "multihomed: error: keeping the previous "
		    "configuration\n") != NULL,
	    "%s", log);
}
END_TEST

/* Once it is stopping it is not ready, whatever else it does. */
START_TEST(test_stays_draining)
{
	static const int signals[] = { SIGTERM, SIGILL, SIGTERM, 0 };

	ck_assert_int_eq(run("-w 1 --drain-time 3600 -c f", signals), 0);
	ck_assert_str_eq(fake_host.notices,
	    "READY answering on 1 socket, 1 worker|STOPPING stopping|"
	    "RELOADING reloading|READY draining on 1 socket, 1 worker|"
	    "STOPPING stopping|");
}
END_TEST

/* A reload rewrites the port file, and changes the log. */
START_TEST(test_follows_the_file)
{
	static const int signals[] = { SIGILL, SIGTERM, 0 };
	static const char *const texts[] = {
		"log-level = error\n[time]\nlisten = 127.0.0.1:37\n", NULL
	};

	files = texts;
	ck_assert_int_eq(run("-w 1 --port-file p -c f", signals), 0);
	ck_assert_str_eq(fake_host.written, "p: time 127.0.0.1:37\n");
	ck_assert_ptr_null(strstr(scratch_log(), "reloaded"));
	log_open(LOG_LEVEL_INFO, false);
}
END_TEST

/* Without a file there is nothing to read again. */
START_TEST(test_nothing_to_reload)
{
	static const int signals[] = { SIGFPE, SIGILL, SIGTERM, SIGTERM, 0 };
	const char *log;

	/* No query is pending: all replies come at once, in any order. */
	at_once = true;
	ck_assert_int_eq(run("-w 1 --drain-time 3600 echo=:7", signals), 0);
	log = scratch_log();
	ck_assert_msg(strstr(log,
			  "nothing to reload: there is no configuration "
			  "file\n") != NULL,
	    "%s", log);
	ck_assert_ptr_null(strstr(fake_host.notices, "RELOADING"));
}
END_TEST

/*
 * Reloads by a privileged helper.
 */

/* It is silent, and the daemon is asked to stop. */
static void
stop_meanwhile(enum host_state state)
{
	if (state == HOST_READY)
		raise(SIGILL);
	else if (state == HOST_RELOADING)
		raise(SIGTERM);
}

START_TEST(test_stops_during_reload)
{
	fake_host.privsep_handle = real_handle(0);
	fake_host.on_notice = stop_meanwhile;
	ck_assert_int_eq(run("-w 1 -c f", stop), 0);
	ck_assert_str_eq(fake_host.notices,
	    "READY answering on 1 socket, 1 worker|RELOADING reloading|"
	    "STOPPING stopping|");
	ck_assert_str_eq(fake_host.privsep_requests, "read|");
	ck_assert_uint_ge(fake_host.privsep_stops, 1);
}
END_TEST

/* What the helper does with each request. */
static const struct {
	struct fake_news news[4];
	const char *port_file; /* an option */
	const char *requests, *log;
} helped[] = {
	{ { { HOST_PRIVSEP_DONE, NULL } }, "", "read|",
	    "multihomed: reloaded f\n" },
	{ { { HOST_PRIVSEP_DONE, NULL }, { HOST_PRIVSEP_DONE, NULL } },
	    "--port-file p", "read|write echo 127.0.0.1:7\n|",
	    "multihomed: reloaded f\n" },
	{ { { HOST_PRIVSEP_DONE, NULL }, { HOST_PRIVSEP_FAILED, "full" } },
	    "--port-file p", "read|write echo 127.0.0.1:7\n|",
	    "multihomed: error: cannot write port file p: full\n"
	    "multihomed: reloaded f\n" },
	{ { { HOST_PRIVSEP_DEAD, NULL } }, "", "read|",
	    "multihomed: error: cannot read f: the privileged helper has "
	    "died: restart\n"
	    "multihomed: error: keeping the previous configuration\n" },
};

/* One more each time, so that it can be read once it was asked for. */
static void
answer_reload(enum host_state state)
{
	static const int signals[] = { SIGILL, SIGTERM };
	static unsigned int ready;

	if (*fake_host.notices == '\0' || script == stop) {
		script = NULL;
		ready = 0;
	}
	if (state == HOST_RELOADING)
		(void)send(pairs[0][1], "x", 1, 0);
	else if (state == HOST_READY && ready < LENGTH(signals))
		raise(signals[ready++]);
}

START_TEST(test_reloads_by_helper)
{
	char line[64];
	const char *log;

	fake_host.privsep_handle = real_handle(0);
	fake_host.privsep_news = helped[_i].news;
	fake_host.on_notice = answer_reload;
	snprintf(line, sizeof(line), "-w 1 -c f %s", helped[_i].port_file);
	ck_assert_int_eq(run(line, stop), 0);
	ck_assert_str_eq(fake_host.privsep_requests, helped[_i].requests);
	log = scratch_log();
	ck_assert_msg(strstr(log, helped[_i].log) != NULL, "%s", log);
}
END_TEST

/*
 * Signals during a reload cause one more: files may have changed.  The helper
 * answers while the daemon drains, and the drain signal came with those.
 */
static void
ask_again(enum host_state state)
{
	static unsigned int reloads;

	if (state == HOST_READY && script == stop) {
		script = NULL;
		reloads = 0;
		raise(SIGILL);
	} else if (state == HOST_READY && reloads == 2)
		raise(SIGTERM);
	else if (state == HOST_READY && fake_host.privsep_news == NULL) {
		fake_host.privsep_news = helped[0].news;
		(void)send(pairs[0][1], "x", 1, 0);
	} else if (state == HOST_RELOADING && reloads++ == 0) {
		raise(SIGINT);
		raise(SIGILL);
	} else if (state == HOST_RELOADING)
		fake_host.privsep_news = helped[0].news;
}

START_TEST(test_reloads_again)
{
	fake_host.privsep_handle = real_handle(0);
	fake_host.on_notice = ask_again;
	ck_assert_int_eq(run("-w 1 -c f", stop), 0);
	ck_assert_str_eq(fake_host.privsep_requests, "read|read|");
	ck_assert_str_eq(fake_host.notices,
	    "READY answering on 1 socket, 1 worker|RELOADING reloading|"
	    "READY draining on 1 socket, 1 worker|"
	    "READY draining on 1 socket, 1 worker|RELOADING reloading|"
	    "READY draining on 1 socket, 1 worker|STOPPING stopping|");
}
END_TEST

/*
 * A start that fails leaves nothing behind.
 */

static void
no_user(void)
{
	fake_host.user_error = MH_EPERMISSION;
}

static void
no_privsep(void)
{
	fake_host.no_privsep = true;
}

static void
no_random(void)
{
	fake_host.no_random = true;
}

static void
read_only(void)
{
	fake_host.read_only = true;
}

static void
in_use(void)
{
	static const struct fake_fault fault = {
		.call = FAKE_BIND, .port = 7, .code = MH_EINUSE
	};

	fake_fault(&fault);
}

static void
nothing(void)
{
}

static const struct {
	void (*prepare)(void);
	const char *line;
	int status;
	const char *log;
} failures[] = {
	{ no_random, "-w 1 echo=:7", CONFIG_EXIT_OSERR,
	    "error: out of memory or randomness\n" },
	{ in_use, "-w 1 discard=:9 echo=:7", CONFIG_EXIT_UNAVAILABLE,
	    "error: echo: cannot serve " },
	{ no_privsep, "-w 1 --port-file p echo=:7", CONFIG_EXIT_OSERR,
	    "error: cannot start: out of memory or file descriptors\n" },
	{ no_user, "-w 1 --user nobody echo=:7", CONFIG_EXIT_NOPERM,
	    "error: cannot switch to user nobody: " },
	{ nothing, "-w 2 echo=:7", CONFIG_EXIT_OSERR,
	    "error: cannot start 2 workers: out of memory or threads\n" },
	{ read_only, "-w 1 --port-file p echo=:7", CONFIG_EXIT_CANTCREAT,
	    "error: cannot write port file p: read-only\n" },
};

START_TEST(test_cannot_start)
{
	const char *log;

	failures[_i].prepare();
	ck_assert_int_eq(run(failures[_i].line, stop), failures[_i].status);
	log = scratch_log();
	ck_assert_msg(strstr(log, failures[_i].log) != NULL, "%s", log);
	ck_assert_str_eq(fake_host.notices, "");
	ck_assert_uint_eq(fake_open_count(), 0);
}
END_TEST

Suite *
app_suite(void)
{
	Suite *suite = suite_create("app");
	TCase *tcase = scene_tcase("app");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_starts_and_stops);
	tcase_add_test(tcase, test_drains_before_it_stops);
	tcase_add_test(tcase, test_drains_and_returns);
	tcase_add_test(tcase, test_stop_stays);
	tcase_add_test(tcase, test_stays_draining);
	tcase_add_test(tcase, test_reloads);
	tcase_add_test(tcase, test_follows_the_file);
	tcase_add_test(tcase, test_nothing_to_reload);
	tcase_add_test(tcase, test_stops_during_reload);
	tcase_add_loop_test(tcase, test_reloads_by_helper, 0, LENGTH(helped));
	tcase_add_test(tcase, test_reloads_again);
	tcase_add_loop_test(tcase, test_cannot_start, 0, LENGTH(failures));
	suite_add_tcase(suite, tcase);
	return suite;
}
