/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/background.c without threads, which the fake host does not have:
 * work is done at once.  With one: tests/net/test_reload.c.
 */
#include "daemon/background.h"

#include "unit/daemon/scene.h"

#include <string.h>

static char did[16];
static struct background *background;

static void
work(void *argument)
{
	ck_assert_ptr_eq(argument, did);
	strcat(did, "w");
}

static void
done(void *argument)
{
	ck_assert_ptr_eq(argument, did);
	strcat(did, "d");
}

/* One job brings the next. */
static void
done_and_again(void *argument)
{
	static const struct background_job next = { work, done, did };

	done(argument);
	background_run(background, &next);
}

START_TEST(test_at_once)
{
	static const struct background_job job = { work, done_and_again, did };

	did[0] = '\0';
	background = background_new(scene.base);
	ck_assert_ptr_nonnull(background);
	background_run(background, &job);
	ck_assert_str_eq(did, "wdwd");
	background_wait(background);
	ck_assert_str_eq(did, "wdwd");
	background_free(background);
	background_free(NULL);
}
END_TEST

Suite *
background_suite(void)
{
	Suite *suite = suite_create("background");
	TCase *tcase = scene_tcase("background");

	tcase_add_test(tcase, test_at_once);
	suite_add_tcase(suite, tcase);
	return suite;
}
