/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/files.c: a privileged helper that answers, hangs or dies, and that
 * nobody waits for.
 */
#include "daemon/files.h"

#include "unit/events.h"
#include "unit/fake_host.h"
#include "unit/scratch.h"
#include "unit/unit.h"

#include <event2/event.h>
#include <string.h>

static struct event_base *base;
static struct files files;
static char results[64]; /* "good bad " */

static void
on_ready(void *argument, bool good)
{
	ck_assert_ptr_eq(argument, &files);
	strcat(results, good ? "good " : "bad ");
}

static void
setup(void)
{
	fake_host_reset();
	scratch_log_begin();
	results[0] = '\0';
	base = events_base();
}

static void
teardown(void)
{
	files_close(&files);
	event_base_free(base);
	scratch_remove();
}

static void
open_with(intptr_t handle)
{
	fake_host.files_handle = handle;
	ck_assert(files_open(&files, base, on_ready, &files));
}

/* Without a helper there is nothing to wait for. */
START_TEST(test_no_helper)
{
	open_with(-1);
	files_request(&files);
	ck_assert_str_eq(results, "good ");
}
END_TEST

/* Not before it is ready, and once only. */
START_TEST(test_ready)
{
	open_with(1);
	files_request(&files);
	fake_host.files = HOST_FILES_WAIT; /* an answer that came too late */
	events_happen(base, EV_READ);
	ck_assert_str_eq(results, "");
	fake_host.files = HOST_FILES_READY;
	events_happen(base, EV_READ);
	ck_assert_str_eq(results, "good ");
	events_happen(base, EV_READ);
	ck_assert_str_eq(results, "good ");
	ck_assert_ptr_null(events_waiting(base, EV_TIMEOUT));
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/* It fails in time, and the next one may work again. */
START_TEST(test_hangs)
{
	open_with(1);
	files_request(&files);
	events_happen(base, EV_TIMEOUT);
	ck_assert_str_eq(results, "bad ");
	ck_assert_str_eq(scratch_log(),
	    "multihomed: error: cannot read the files: the privileged helper "
	    "has not answered for 2 s\n");
	files_request(&files);
	fake_host.files = HOST_FILES_READY;
	events_happen(base, EV_READ);
	ck_assert_str_eq(results, "bad good ");
	fake_host.files_hang = true;
	files_request(&files);
	ck_assert_str_eq(results, "bad good bad ");
}
END_TEST

/* That is said when it happens, and at each reload. */
START_TEST(test_dies)
{
	open_with(1);
	if (_i == 1)
		files_request(&files);
	fake_host.files = HOST_FILES_GONE;
	events_happen(base, EV_READ);
	ck_assert_str_eq(results, _i == 1 ? "bad " : "");
	ck_assert_ptr_nonnull(
	    strstr(scratch_log(), "the privileged helper has died: reloads"));
	files_request(&files);
	ck_assert_str_eq(results, _i == 1 ? "bad bad " : "bad ");
	ck_assert_ptr_nonnull(strstr(scratch_log(), "has died; restart"));
}
END_TEST

Suite *
files_suite(void)
{
	Suite *suite = suite_create("files");
	TCase *tcase = tcase_create("files");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_no_helper);
	tcase_add_test(tcase, test_ready);
	tcase_add_test(tcase, test_hangs);
	tcase_add_loop_test(tcase, test_dies, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
