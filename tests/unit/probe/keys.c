/* SPDX-License-Identifier: ISC */
/*
 * src/probe/keys.c: which key ends the loop.
 */
#include "probe/keys.h"

#include "unit/probe/keyboard.h"
#include "unit/probe/suites.h"

#include <event2/event.h>

static struct event_base *base;
static struct keys keys;

static void
setup(void)
{
	keyboard = (struct keyboard){ .exists = true };
	base = event_base_new();
	ck_assert_ptr_nonnull(base);
	ck_assert(keys_open(&keys, base));
}

static void
teardown(void)
{
	keys_close(&keys);
	ck_assert_uint_eq(keyboard.closed, 1);
	event_base_free(base);
}

static bool
is_watched(void)
{
	return event_pending(keys.readable, EV_READ, NULL) != 0;
}

/* These were typed; does the loop end for it? */
static bool
type(const char *text)
{
	keyboard.typed = text;
	event_active(keys.readable, EV_READ, 1);
	event_base_loop(base, EVLOOP_NONBLOCK);
	return event_base_got_break(base) != 0;
}

static const struct {
	const char *typed;
	bool ends;
} texts[] = {
	{ "q", true },
	{ "Q", true },
	{ "\033[Aq", true },
	{ "x", false },
	{ "\033[A\033[B", false },
	{ " \n\004", false },
};

/* All that was typed is read, so that the shell does not get it. */
START_TEST(test_type)
{
	ck_assert_int_eq(type(texts[_i].typed), texts[_i].ends);
	ck_assert_str_eq(keyboard.typed, "");
	ck_assert(is_watched());
}
END_TEST

/* Readable, and nothing there: not looked at again until the screen is. */
START_TEST(test_gone)
{
	ck_assert(!type(""));
	ck_assert(!is_watched());
	keys_look(&keys);
	ck_assert(is_watched());
	ck_assert(type("q"));
}
END_TEST

/* Standard input is not a terminal. */
START_TEST(test_none)
{
	struct keys none;

	keyboard.exists = false;
	ck_assert(keys_open(&none, base));
	ck_assert_ptr_null(none.readable);
	keys_look(&none);
	keys_close(&none);
	keyboard.closed = 0;
}
END_TEST

Suite *
probe_keys_suite(void)
{
	Suite *suite = suite_create("probe keys");
	TCase *tcase = tcase_create("keys");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_type, 0, LENGTH(texts));
	tcase_add_test(tcase, test_gone);
	tcase_add_test(tcase, test_none);
	suite_add_tcase(suite, tcase);
	return suite;
}
