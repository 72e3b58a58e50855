/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/control.c: what each command does and answers, over a real
 * socket; and that whoever waits does so alone.  Client and server share one
 * loop.
 */
#include "daemon/ops/control.h"

#include "daemon/base/log.h"
#include "daemon/ops/records.h"
#include "platform/sockname.h"
#include "platform/stream.h"
#include "unit/fake_host.h"
#include "unit/ops/sample.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#include <event2/event.h>
#include <event2/util.h>
#include <stdio.h>
#include <string.h>

enum { CLIENTS = 4, TURNS = 100 };

static struct event_base *base;
static struct control *control;
static unsigned int port;

/* The daemon. */
static bool draining, stopping, at_once;
static unsigned int recalls, level;
static uint64_t reloads;
static const char *no_reload;

static void
state(void *argument, struct snapshot *snapshot)
{
	ck_assert_ptr_eq(argument, &recalls);
	*snapshot = sample;
	snapshot->bindings = NULL;
	snapshot->ready = !draining;
}

static void
collect(void *argument, size_t number, struct snapshot_binding *binding)
{
	ck_assert_ptr_eq(argument, &recalls);
	*binding = sample.bindings[number];
}

static void
recall(void *argument, struct records *records)
{
	ck_assert_ptr_eq(argument, &recalls);
	ck_assert_int_eq(records->now, fake_host.monotonic_ns);
	recalls++;
}

static const char *
drain(void *argument, bool wanted)
{
	ck_assert_ptr_eq(argument, &recalls);
	if (stopping)
		return "stopping";
	draining = wanted;
	return NULL;
}

static unsigned int
log_level(void *argument, int wanted)
{
	ck_assert_ptr_eq(argument, &recalls);
	if (wanted >= 0)
		level = (unsigned int)wanted;
	return level;
}

static uint64_t
reload(void *argument, const char **why)
{
	ck_assert_ptr_eq(argument, &recalls);
	*why = no_reload;
	if (no_reload != NULL)
		return 0;
	reloads++;
	if (at_once)
		control_reloaded(control, reloads, true, "at once");
	return reloads;
}

static const struct control_actions actions = { { state, collect, &recalls },
	recall, drain, log_level, reload };

/* The clients, by number. */
static evutil_socket_t ends[CLIENTS];
static char answers[CLIENTS][8192];

static void
setup(void)
{
	const struct mh_address any = unit_address("127.0.0.1:0");
	const intptr_t fd = host_stream_open(&any);

	fake_host_reset();
	scratch_log_begin();
	sample_make();
	ck_assert(host_stream_bind(fd, &any));
	evutil_make_socket_nonblocking((evutil_socket_t)fd);
	port = host_local_port(fd);
	base = event_base_new();
	draining = stopping = at_once = false;
	recalls = 0;
	reloads = 0;
	level = LOG_LEVEL_INFO;
	no_reload = NULL;
	control = control_new(base, fd, &actions);
	ck_assert_ptr_nonnull(control);
}

static void
teardown(void)
{
	control_free(control);
	control_free(NULL);
	event_base_free(base);
	scratch_remove();
}

static void
begin(unsigned int client, const char *text)
{
	struct sockaddr_storage name;
	int length = (int)sizeof(name);
	char where[32];

	snprintf(where, sizeof(where), "127.0.0.1:%u", port);
	ck_assert_int_eq(evutil_parse_sockaddr_port(
			     where, (struct sockaddr *)&name, &length),
	    0);
	ends[client] = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(
	    connect(ends[client], (struct sockaddr *)&name, (socklen_t)length),
	    0);
	evutil_make_socket_nonblocking(ends[client]);
	ck_assert_int_eq(
	    send(ends[client], text, strlen(text), 0), (int)strlen(text));
	answers[client][0] = '\0';
}

/* Let the server work until it closes; NULL if it does not within long. */
static const char *
end(unsigned int client)
{
	char *answer = answers[client];
	size_t length = 0;
	ev_ssize_t n;
	int i;

	for (i = 0; i < TURNS; i++) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		n = recv(ends[client], answer + length,
		    sizeof(answers[client]) - 1 - length, 0);
		if (n > 0)
			length += (size_t)n;
		answer[length] = '\0';
		if (n == 0)
			break;
	}
	if (i == TURNS)
		return NULL;
	evutil_closesocket(ends[client]);
	return answer;
}

static const char *
ask(const char *text)
{
	begin(0, text);
	return end(0);
}

static void
expect(const char *request, const char *answer)
{
	const char *got = ask(request);

	ck_assert_ptr_nonnull(got);
	ck_assert_str_eq(got, answer);
}

START_TEST(test_drain)
{
	expect("mhctl/1 text drain\n",
	    "ok\ndraining: no longer ready, still answering\n");
	ck_assert(draining);
	expect(
	    "mhctl/1 json undrain\n", "ok\n{\"ok\":true,\"text\":\"ready\"}\n");
	ck_assert(!draining);
	stopping = true;
	expect("mhctl/1 text undrain\n", "error\nstopping\n");
}
END_TEST

START_TEST(test_log_level)
{
	expect("mhctl/1 text log-level\n", "ok\ninfo\n");
	expect("mhctl/1 text log-level debug\n", "ok\ndebug\n");
	ck_assert_uint_eq(level, LOG_LEVEL_DEBUG);
	expect("mhctl/1 text log-level error\n", "ok\nerror\n");
	ck_assert_uint_eq(level, LOG_LEVEL_ERROR);
}
END_TEST

START_TEST(test_reports)
{
	const char *answer = ask("mhctl/1 text status\n");

	ck_assert_ptr_nonnull(strstr(answer, "ok\nmultihomed "));
	ck_assert_ptr_nonnull(strstr(answer, "log level info"));
	ck_assert_ptr_nonnull(strstr(answer, "echo:lab   192.0.2.1:7007 "));
	ck_assert_uint_eq(recalls, 1);
	answer = ask("mhctl/1 json drops\n");
	ck_assert_ptr_nonnull(strstr(answer, "\"reason\":\"source-gone\""));
	ck_assert_ptr_nonnull(
	    strstr(ask("mhctl/1 text drops 192.0.2.77\n"), "192.0.2.77 is"));
	ck_assert_uint_eq(recalls, 3);
}
END_TEST

/* Each gets the answer to its own request. */
START_TEST(test_at_once)
{
	begin(0, "mhctl/1 text status\n");
	begin(1, "mhctl/1 json top\n");
	begin(2, "mhctl/1 text sessions\n");
	begin(3, "mhctl/1 text reload\n");
	ck_assert_ptr_nonnull(strstr(end(0), "ok\nmultihomed "));
	ck_assert_ptr_nonnull(strstr(end(1), "ok\n{\"workers_late\":0"));
	ck_assert_str_eq(end(2), "ok\nno service has sessions\n");
	ck_assert_uint_eq(reloads, 1);
	control_reloaded(control, 1, true, "reloaded f");
	ck_assert_str_eq(end(3), "ok\nreloaded f\n");
}
END_TEST

START_TEST(test_reload)
{
	begin(0, "mhctl/1 text reload\n");
	ck_assert_ptr_null(end(0));
	/* However long it takes. */
	fake_host.monotonic_ns += INT64_C(3600) * 1000000000;
	ck_assert_ptr_null(end(0));
	begin(1, "mhctl/1 text reload\n");
	ck_assert_ptr_null(end(1));
	/* The second one is after it. */
	control_reloaded(control, 1, false, "f:3: wrong\nkeeping");
	ck_assert_str_eq(end(0), "error\nf:3: wrong\nkeeping\n");
	ck_assert_ptr_null(end(1));
	control_reloaded(control, 2, true, "reloaded f");
	ck_assert_str_eq(end(1), "ok\nreloaded f\n");
	/* Nobody waits for this one. */
	control_reloaded(control, 3, true, "reloaded f");
	at_once = true;
	reloads = 3;
	expect("mhctl/1 text reload\n", "ok\nat once\n");
	no_reload = "there is no file";
	expect("mhctl/1 text reload\n", "error\nthere is no file\n");
}
END_TEST

/* Whoever gives up waiting takes nothing with it. */
START_TEST(test_gives_up)
{
	begin(0, "mhctl/1 text reload\n");
	ck_assert_ptr_null(end(0));
	evutil_closesocket(ends[0]);
	control_reloaded(control, 1, true, "reloaded f");
	expect("mhctl/1 text log-level\n", "ok\ninfo\n");
}
END_TEST

START_TEST(test_nonsense)
{
	char text[512];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_ptr_nonnull(
	    strstr(ask("GET / HTTP/1.0\r\n\r\n"), "error\nnot a request of "));
	expect("mhctl/1 json nothing\n",
	    "error\n{\"ok\":false,\"text\":\"unknown command "
	    "\\\"nothing\\\"\"}\n");
	ck_assert_ptr_nonnull(strstr(ask(text), "error\nnot a request of "));
	/* Part of one is waited for, but not forever. */
	begin(0, "mhctl/1 text st");
	ck_assert_ptr_null(end(0));
	send(ends[0], "atus\n", 5, 0);
	ck_assert_ptr_nonnull(strstr(end(0), "ok\nmultihomed "));
}
END_TEST

Suite *
control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = tcase_create("control");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_drain);
	tcase_add_test(tcase, test_log_level);
	tcase_add_test(tcase, test_reports);
	tcase_add_test(tcase, test_at_once);
	tcase_add_test(tcase, test_reload);
	tcase_add_test(tcase, test_gives_up);
	tcase_add_test(tcase, test_nonsense);
	suite_add_tcase(suite, tcase);
	return suite;
}
