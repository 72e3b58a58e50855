/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/reload.c: what a new configuration changes, what it cannot, and
 * that a bad one changes nothing.
 */
#include "daemon/reload.h"

#include "unit/daemon/scene.h"

#include <string.h>

/* The workers answer by file f, which is this now. */
static void
serve(const char *text)
{
	fake_host.path = "f";
	fake_host.text = text;
	scene_serve("-c f");
	ck_assert(scene_ask(0, 0));
	scratch_log();
}

/* f is another now: read it. */
static bool
change(const char *text)
{
	static struct argv argv;
	struct command_line command = { .is_reload = false };

	fake_host.text = text;
	argv_make(&argv, "-c f");
	command.argc = argv.count;
	command.argv = argv.words;
	return reload(&scene.workers, &command, scene.limit);
}

START_TEST(test_changes_services)
{
	serve("[echo]\nlisten = 127.0.0.1:7\n");
	ck_assert(change("[time]\nlisten = 127.0.0.1:37\n"
			 "[echo]\nlisten = 127.0.0.1:7\n"));
	ck_assert_uint_eq(scene.workers.bindings.count, 2);
	ck_assert(scene.workers.bindings.items[1].kept);
	ck_assert(scene_ask(0, 0));
	ck_assert(scene_ask(0, 1));
}
END_TEST

static const struct {
	const char *text;
	const char *error;
} refused[] = {
	{ "[echo]\nlisten = 127.0.0.1:x\n", "error: f:2: [echo] listen: " },
	{ "[no-such]\n", "error: f:1: " },
	{ "", "error: f: no [SERVICE] section\n" },
	{ "[qotd]\nlisten = 127.0.0.1:17\nfile = g\n",
	    "error: f:3: [qotd] file: " },
	{ "[echo]\nlisten = 0.0.0.0:7\n",
	    "; the running configuration holds this port: restart\n" },
};

START_TEST(test_refuses)
{
	const struct plan *plan;
	const char *log;

	serve("[echo]\nlisten = 127.0.0.1:7\n");
	plan = scene.workers.plan;
	ck_assert(!change(refused[_i].text));
	log = scratch_log();
	ck_assert_msg(strstr(log, refused[_i].error) != NULL, "%s", log);
	ck_assert_ptr_eq(scene.workers.plan, plan);
	ck_assert_uint_eq(fake_open_count(), 1);
	ck_assert(scene_ask(0, 0));
}
END_TEST

START_TEST(test_no_file)
{
	serve("[echo]\nlisten = 127.0.0.1:7\n");
	fake_host.path = NULL;
	ck_assert(!change(""));
	ck_assert_str_eq(
	    scratch_log(), "multihomed: error: cannot read f: no such file\n");
	ck_assert(scene_ask(0, 0));
}
END_TEST

START_TEST(test_out_of_memory)
{
	serve("[echo]\nlisten = 127.0.0.1:7\n");
	scene.lacking = 1;
	ck_assert(!change("[time]\nlisten = 127.0.0.1:37\n"));
	ck_assert_ptr_nonnull(strstr(scratch_log(), "out of memory\n"));
	ck_assert_uint_eq(fake_open_count(), 1);
	ck_assert(scene_ask(0, 0));
}
END_TEST

/* What cannot change stays; the rest changes. */
static const char *const lasting[] = { "stack = two", "freebind = yes",
	"unsegmented = yes", "rcvbuf = 65536", "sndbuf = 65536", "batch = 7",
	"mark-replies = no", "rate-prefix-v4 = 24", "rate-prefix-v6 = 48",
	"rate-buckets = 1024", "workers = 4", "cpu-affinity = yes",
	"user = nobody", "reply-dscp = 9", "sandbox = no", "port-file = p",
	"http = 127.0.0.1:8080" };

START_TEST(test_keeps_what_cannot_change)
{
	const char *value = strstr(lasting[_i], " = ");
	struct config_values *now;
	char text[128], warning[128];

	serve("[echo]\nlisten = 127.0.0.1:7\n");
	snprintf(text, sizeof(text),
	    "%s\ndrain-time = 9\n[echo]\nlisten = 127.0.0.1:7\n", lasting[_i]);
	ck_assert(change(text));
	snprintf(warning, sizeof(warning),
	    "multihomed: warning: %.*s cannot change while running: restart\n",
	    (int)(value - lasting[_i]), lasting[_i]);
	ck_assert_str_eq(scratch_log(), warning);
	now = &scene.workers.plan->config.daemon;
	ck_assert_uint_eq(now->drain_time, 9);
	ck_assert_uint_eq(now->workers, 1);
	ck_assert_uint_eq(now->batch, 32);
	ck_assert_uint_eq(now->stack, MH_STACK_DUAL);
	ck_assert_uint_eq(now->reply_dscp, 0);
	ck_assert(now->sandbox && !now->freebind && now->mark_replies);
	ck_assert_ptr_null(now->user);
	ck_assert_ptr_null(now->port_file);
	ck_assert_uint_eq(now->http.count, 0);
	/* The same again, and it is said again. */
	ck_assert(change(text));
	ck_assert_str_eq(scratch_log(), warning);
}
END_TEST

/* The table is whole: each key that lasts is tried. */
START_TEST(test_every_lasting_key)
{
	const struct config_key *key;
	size_t i, count = 0;

	for (key = keys_table; key->name != NULL; key++) {
		if ((key->scope & CONFIG_LASTING) == 0)
			continue;
		count++;
		for (i = 0; i < LENGTH(lasting); i++)
			if (strncmp(lasting[i], key->name, strlen(key->name)) ==
				0 &&
			    lasting[i][strlen(key->name)] == ' ')
				break;
		ck_assert_msg(i < LENGTH(lasting), "%s", key->name);
	}
	ck_assert_uint_eq(count, LENGTH(lasting));
}
END_TEST

/* Sockets opened by a reload are as those of the start. */
START_TEST(test_opens_as_the_start)
{
	serve("stack = two\n[echo]\nlisten = :7\n");
	ck_assert(change("stack = dual\n[echo]\nlisten = :8\n"));
	ck_assert_uint_eq(scene.workers.bindings.count, 2);
	ck_assert_int_eq(scene.workers.bindings.stack, MH_STACK_TWO);
}
END_TEST

Suite *
reload_suite(void)
{
	Suite *suite = suite_create("reload");
	TCase *tcase = scene_tcase("reload");

	tcase_add_test(tcase, test_changes_services);
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(refused));
	tcase_add_test(tcase, test_no_file);
	tcase_add_test(tcase, test_out_of_memory);
	tcase_add_loop_test(
	    tcase, test_keeps_what_cannot_change, 0, LENGTH(lasting));
	tcase_add_test(tcase, test_every_lasting_key);
	tcase_add_test(tcase, test_opens_as_the_start);
	suite_add_tcase(suite, tcase);
	return suite;
}
