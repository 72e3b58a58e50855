/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/ops/render.c: long texts come whole, in small pieces, and afresh
 * when the content has changed.
 */
#include "daemon/ops/render.h"

#include "daemon/ops/metrics.h"
#include "daemon/ops/page.h"
#include "unit/events.h"
#include "unit/ops/sample.h"
#include "unit/unit.h"

#include <event2/buffer.h>
#include <string.h>

enum { MANY = 300 };

static struct event_base *base;
static struct render *render;
static struct evbuffer *done;
static unsigned int dones, collected;
static size_t count;
static const char *service;
static const uint64_t http[SNAPSHOT_HTTP_COUNT] = { 21, 22, 23, 24, 25, 26,
	27 };

static void
state(void *argument, struct snapshot *snapshot)
{
	ck_assert_ptr_eq(argument, &count);
	*snapshot = sample;
	snapshot->bindings = NULL;
	snapshot->binding_count = count;
}

static void
collect(void *argument, size_t number, struct snapshot_binding *binding)
{
	ck_assert_ptr_eq(argument, &count);
	ck_assert_uint_eq(number, collected);
	collected++;
	*binding = sample.bindings[0];
	binding->service = service;
}

static const struct render_source source = { state, collect, &count };

static void
on_done(void *argument, struct evbuffer *text)
{
	ck_assert_ptr_eq(argument, &dones);
	dones++;
	done = text;
}

static void
setup(void)
{
	sample_make();
	base = events_base();
	render = render_new(base, &source, on_done, &dones);
	ck_assert_ptr_nonnull(render);
	done = NULL;
	dones = collected = 0;
	count = MANY;
	service = "echo";
}

static void
teardown(void)
{
	if (done != NULL)
		evbuffer_free(done);
	render_free(render);
	render_free(NULL);
	event_base_free(base);
}

/* The text, at most size - 1 bytes of it; how many turns it took. */
static unsigned int
finish(char *text, size_t size)
{
	unsigned int turns = 0;
	ev_ssize_t length;

	while (dones == 0) {
		ck_assert(render_is_busy(render));
		events_happen(base, EV_TIMEOUT);
		turns++;
	}
	ck_assert(!render_is_busy(render));
	ck_assert_ptr_null(events_waiting(base, EV_TIMEOUT));
	ck_assert_ptr_nonnull(done);
	length = evbuffer_copyout(done, text, size - 1);
	ck_assert_int_ge(length, 0);
	text[length] = '\0';
	return turns;
}

static char text[4 << 20];

START_TEST(test_metrics)
{
	unsigned int turns;

	ck_assert(!render_is_busy(render));
	ck_assert(render_start(render, metrics_step, http));
	turns = finish(text, sizeof(text));
	ck_assert_uint_eq(collected, MANY);
	ck_assert_uint_lt(strlen(text), sizeof(text) - 1);
	/* No turn prints more than a piece and one step over it. */
	ck_assert_uint_ge(turns, MANY / 8 + strlen(text) / 10000);
	ck_assert_ptr_nonnull(strstr(text,
	    "\nmultihomed_http_connections_total{result=\"failed\"} 27\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nmultihomed_healthy 0\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nmultihomed_build_info{"));
	ck_assert_ptr_eq(
	    strstr(text, "# HELP multihomed_requests_total "), text);
}
END_TEST

START_TEST(test_page)
{
	const char *at = text;
	unsigned int rows = 0;

	ck_assert(render_start(render, page_step, http));
	finish(text, sizeof(text));
	while ((at = strstr(at, "<tr><td>echo</td>")) != NULL) {
		rows++;
		at++;
	}
	ck_assert_uint_eq(rows, MANY);
	ck_assert_ptr_eq(strstr(text, "<!DOCTYPE html>"), text);
	ck_assert_str_eq(strstr(text, "</html>"), "</html>\n");
}
END_TEST

START_TEST(test_nothing_to_collect)
{
	count = 0;
	ck_assert(render_start(render, metrics_step, http));
	finish(text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "\nmultihomed_ready 1\n"));
}
END_TEST

/* A reload: nothing old is in the text, whenever it came. */
START_TEST(test_restart)
{
	int i;

	render_restart(render);
	ck_assert(!render_is_busy(render));
	ck_assert(render_start(render, metrics_step, http));
	for (i = 0; i < _i; i++)
		events_happen(base, EV_TIMEOUT);
	collected = 0;
	count = 3;
	service = "whoami";
	render_restart(render);
	finish(text, sizeof(text));
	ck_assert_uint_eq(dones, 1);
	ck_assert_uint_eq(collected, 3);
	ck_assert_ptr_nonnull(strstr(text, "\"whoami\""));
	ck_assert_ptr_null(strstr(text, "\"echo\""));
	ck_assert_ptr_eq(
	    strstr(text, "# HELP multihomed_requests_total "), text);
	ck_assert_ptr_nonnull(strstr(text, "result=\"answered\"} 21\n"));
}
END_TEST

/* The daemon does not wait for it when it ends. */
START_TEST(test_free_busy)
{
	ck_assert(render_start(render, metrics_step, http));
	events_happen(base, EV_TIMEOUT);
}
END_TEST

Suite *
render_suite(void)
{
	Suite *suite = suite_create("render");
	TCase *tcase = tcase_create("render");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_metrics);
	tcase_add_test(tcase, test_page);
	tcase_add_test(tcase, test_nothing_to_collect);
	tcase_add_loop_test(tcase, test_restart, 0, 60);
	tcase_add_test(tcase, test_free_busy);
	suite_add_tcase(suite, tcase);
	return suite;
}
