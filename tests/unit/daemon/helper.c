/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/helper.c: one request, and how it ends; and which files a reload
 * reads, which its own code decides.
 */
#include "daemon/helper.h"

#include "unit/daemon/scene.h"

#include <stdio.h>
#include <string.h>

enum { CHANNEL = 77 };

static char log_of_ends[512]; /* "(good)|why|..." */
static struct helper *helper;
static struct plan *plan;

static void
note(void *argument, const char *why)
{
	size_t used = strlen(log_of_ends);

	ck_assert_ptr_eq(argument, log_of_ends);
	snprintf(log_of_ends + used, sizeof(log_of_ends) - used, "%s|",
	    why != NULL ? why : "(good)");
}

static void
begin(const char *line)
{
	static struct argv argv;
	static struct command_line command;

	log_of_ends[0] = '\0';
	if (fake_host.path == NULL) {
		fake_host.path = "f";
		fake_host.text = "[echo]\n";
	}
	plan = scene_plan(line);
	argv_make(&argv, line);
	command.argc = argv.count;
	command.argv = argv.words;
	helper = helper_new(scene.base, plan, &command);
	ck_assert_ptr_nonnull(helper);
	scratch_log();
}

static void
end(void)
{
	helper_free(helper);
	plan_free(plan);
}

static void
read_all(void)
{
	helper_read(helper, note, log_of_ends);
}

static void
answer_with(const struct fake_news *news)
{
	fake_host.privsep_news = news;
	events_read(scene.base, CHANNEL);
}

/* Files and the port file are accessed directly: all is done at once. */
START_TEST(test_without_helper)
{
	struct strbuf text = { .text = (char[]){ "text" }, .length = 4 };

	begin("-c f --port-file p");
	read_all();
	ck_assert_str_eq(log_of_ends, "(good)|");
	helper_write(helper, &text, note, log_of_ends);
	ck_assert_str_eq(fake_host.written, "p: text");
	fake_host.read_only = true;
	helper_write(helper, &text, note, log_of_ends);
	ck_assert_str_eq(log_of_ends, "(good)|(good)|read-only|");
	ck_assert_str_eq(fake_host.privsep_requests, "");
	end();
}
END_TEST

static const struct {
	struct fake_news news[4];
	const char *ends;
} answers[] = {
	{ { { HOST_PRIVSEP_DONE, NULL } }, "(good)|" },
	{ { { HOST_PRIVSEP_WORKING, NULL }, { HOST_PRIVSEP_WORKING, NULL },
	      { HOST_PRIVSEP_DONE, NULL } },
	    "(good)|" },
	{ { { HOST_PRIVSEP_FAILED, "disk full" } }, "disk full|" },
	{ { { HOST_PRIVSEP_WORKING, NULL } }, "" },
	{ { { HOST_PRIVSEP_IDLE, NULL } }, "" },
};

START_TEST(test_answer)
{
	unsigned int forgets;

	fake_host.privsep_handle = CHANNEL;
	begin("-c f");
	read_all();
	ck_assert_str_eq(fake_host.privsep_requests, "read|");
	ck_assert_str_eq(log_of_ends, "");
	forgets = fake_host.privsep_forgets;
	answer_with(answers[_i].news);
	ck_assert_str_eq(log_of_ends, answers[_i].ends);
	/* It is over, or the wait ends. */
	if (answers[_i].ends[0] != '\0') {
		ck_assert_ptr_null(events_waiting(scene.base, EV_TIMEOUT));
		/* Files are kept for as long as somebody reads them. */
		if (strcmp(answers[_i].ends, "(good)|") == 0) {
			ck_assert_uint_eq(fake_host.privsep_forgets, forgets);
			helper_forget(helper);
		}
		ck_assert_uint_eq(fake_host.privsep_forgets, forgets + 1);
	} else
		ck_assert_ptr_nonnull(events_waiting(scene.base, EV_TIMEOUT));
	end();
}
END_TEST

/* As long as messages arrive, it is waited for. */
START_TEST(test_progress)
{
	static const struct fake_news news[] = { { HOST_PRIVSEP_WORKING, NULL },
		{ HOST_PRIVSEP_IDLE, NULL } };

	fake_host.privsep_handle = CHANNEL;
	begin("-c f");
	read_all();
	ck_assert_int_eq(event_del(events_waiting(scene.base, EV_TIMEOUT)), 0);
	answer_with(news);
	ck_assert_ptr_nonnull(events_waiting(scene.base, EV_TIMEOUT));
	end();
}
END_TEST

START_TEST(test_write)
{
	static const struct fake_news done[] = { { HOST_PRIVSEP_DONE, NULL },
		{ HOST_PRIVSEP_IDLE, NULL } };
	struct strbuf text = { .text = (char[]){ "text" }, .length = 4 };

	fake_host.privsep_handle = CHANNEL;
	begin("-c f --port-file p");
	helper_write(helper, &text, note, log_of_ends);
	ck_assert_str_eq(fake_host.privsep_requests, "write text|");
	ck_assert_str_eq(log_of_ends, "");
	answer_with(done);
	ck_assert_str_eq(log_of_ends, "(good)|");
	ck_assert_str_eq(fake_host.written, "");
	end();
}
END_TEST

static const struct {
	const char *file, *why;
} silences[] = {
	{ NULL, "the privileged helper has not answered for 2 s|" },
	{ "/nfs/q",
	    "the privileged helper has not answered for 2 s, waiting for "
	    "/nfs/q|" },
};

/* An answer that arrives late is dropped; the next one counts. */
START_TEST(test_silence)
{
	static const struct fake_news done[] = { { HOST_PRIVSEP_DONE, NULL },
		{ HOST_PRIVSEP_IDLE, NULL } };
	struct timeval left, now;
	unsigned int forgets;

	fake_host.privsep_handle = CHANNEL;
	begin("-c f");
	read_all();
	fake_host.privsep_file = silences[_i].file;
	event_base_gettimeofday_cached(scene.base, &now);
	ck_assert(
	    evtimer_pending(events_waiting(scene.base, EV_TIMEOUT), &left));
	ck_assert_int_le(left.tv_sec - now.tv_sec, 2);
	forgets = fake_host.privsep_forgets;
	events_happen(scene.base, EV_TIMEOUT);
	ck_assert_str_eq(log_of_ends, silences[_i].why);
	ck_assert_uint_eq(fake_host.privsep_forgets, forgets + 1);
	answer_with(done);
	ck_assert_str_eq(log_of_ends, silences[_i].why);
	log_of_ends[0] = '\0';
	read_all();
	answer_with(done);
	ck_assert_str_eq(log_of_ends, "(good)|");
	end();
}
END_TEST

static const struct fake_news death[] = { { HOST_PRIVSEP_DEAD, NULL },
	{ HOST_PRIVSEP_IDLE, NULL } };

static const struct {
	const char *line, *log;
} losses[] = {
	{ "-c f",
	    "multihomed: error: the privileged helper has died: until a "
	    "restart, the configuration cannot be reloaded\n" },
	{ "--sandbox=no --user nobody --port-file p -c f",
	    "multihomed: error: the privileged helper has died: until a "
	    "restart, the configuration cannot be reloaded and the port file "
	    "can neither be written nor removed\n" },
	{ "--port-file p echo=:7",
	    "multihomed: error: the privileged helper has died: until a "
	    "restart, the port file can neither be written nor "
	    "removed\n" },
};

/* Without its rights it cannot be restarted: log once what is lost. */
START_TEST(test_death)
{
	fake_host.privsep_handle = CHANNEL;
	begin(losses[_i].line);
	read_all();
	answer_with(death);
	ck_assert_str_eq(
	    log_of_ends, "the privileged helper has died: restart|");
	ck_assert_str_eq(scratch_log(), losses[_i].log);
	/* As the platform does then. */
	fake_host.privsep_busy = true;
	read_all();
	ck_assert_str_eq(
	    log_of_ends, "the privileged helper has died: restart|busy|");
	ck_assert_str_eq(scratch_log(), "");
	ck_assert_uint_eq(fake_host.privsep_starts, 1);
	end();
}
END_TEST

START_TEST(test_starts_again)
{
	fake_host.privsep_handle = CHANNEL;
	begin("--sandbox=no -c f");
	answer_with(death);
	ck_assert_str_eq(scratch_log(),
	    "multihomed: warning: the privileged helper has died: the next "
	    "reload starts it again\n");
	ck_assert_uint_eq(fake_host.privsep_starts, 1);
	read_all();
	ck_assert_uint_eq(fake_host.privsep_starts, 2);
	ck_assert_str_eq(fake_host.privsep_requests, "read|");
	ck_assert_str_eq(
	    scratch_log(), "multihomed: started the privileged helper again\n");
	end();
}
END_TEST

/* Without a helper the daemon does not start, as it could not reload. */
START_TEST(test_none_to_be_had)
{
	static const struct command_line none = { .argc = 0 };

	plan = scene_plan("--port-file p echo=:7");
	fake_host.no_privsep = true;
	ck_assert_ptr_null(helper_new(scene.base, plan, &none));
	plan_free(plan);
}
END_TEST

START_TEST(test_busy)
{
	fake_host.privsep_handle = CHANNEL;
	begin("-c f");
	fake_host.privsep_busy = true;
	read_all();
	ck_assert_str_eq(log_of_ends, "busy|");
	ck_assert_ptr_null(events_waiting(scene.base, EV_TIMEOUT));
	end();
}
END_TEST

/* However a file is named, the helper reads what the daemon reads. */
static const struct {
	const char *line, *text, *files;
} named[] = {
	{ "-c f", "[echo]\n", "f" },
	{ "-c f", "[qotd]\nfile = q\n", "f,q" },
	{ "-c f", "[qotd]\nfile:q\n", "f,q" },
	{ "-c f", "[qotd]\nfile = :q\n", "f,:q" },
	{ "-c f", "[qotd]\nfile = =q\n", "f,=q" },
	{ "-c f", "[qotd]\nfile = ../a b/q ; comment\n", "f,../a b/q" },
	{ "-c f", "[qotd]\nfile = \"q\"\n", "f,\"q\"" },
	{ "-c f", "[qotd]\r\nfile = q\r\n", "f,q" },
	{ "-c f",
	    "\xef\xbb\xbf"
	    "file = q\n[qotd]\n",
	    "f,q" },
	{ "-c f", "file = q\n[qotd]\n[qotd:two]\nlisten = :18\nfile = r\n",
	    "f,q,r" },
	{ "-c f", "# file = no\n[qotd]\nnode = file\n", "f" },
	{ "-c f --qotd-file=q", "[qotd]\n", "f,q" },
	{ "-c f --qotd-file=q", "[qotd]\nfile = r\n", "f,q" },
	{ "--qotd-file q -c f", "[echo]\n", "f" },
	{ "-c f qotd=:17 --qotd-file=q", "[echo]\n", "f,q" },
	{ "-c f --file=c", "[qotd]\n", "f,c" },
	{ "-c f", "[qotd]\nfile==q\n[qotd:x]\nfile = :q\n", "f,=q,:q" },
	{ "-c f", "bogus\n[qotd]\nlisten = [fe80::1%nosuch]:7\nfile = q\n",
	    "f,q" },
	/* Errors elsewhere do not keep it from reading. */
	{ "-c f", "[qotd]\nlisten = bad\nfile = q\n", "f,q" },
};

START_TEST(test_files)
{
	struct command_line command = { .is_reload = false };
	struct argv argv;

	fake_host.path = "f";
	fake_host.text = "[echo]\n";
	plan = scene_plan("-c f");
	/* The file as it is when the helper reads it. */
	fake_host.text = named[_i].text;
	argv_make(&argv, named[_i].line);
	command.argc = argv.count;
	command.argv = argv.words;
	helper = helper_new(scene.base, plan, &command);
	ck_assert_ptr_nonnull(helper);
	ck_assert_str_eq(fake_host.files_read, named[_i].files);
	end();
}
END_TEST

Suite *
helper_suite(void)
{
	Suite *suite = suite_create("helper");
	TCase *tcase = scene_tcase("helper");

	tcase_add_test(tcase, test_without_helper);
	tcase_add_loop_test(tcase, test_answer, 0, LENGTH(answers));
	tcase_add_test(tcase, test_progress);
	tcase_add_test(tcase, test_write);
	tcase_add_loop_test(tcase, test_silence, 0, LENGTH(silences));
	tcase_add_loop_test(tcase, test_death, 0, LENGTH(losses));
	tcase_add_test(tcase, test_starts_again);
	tcase_add_test(tcase, test_none_to_be_had);
	tcase_add_test(tcase, test_busy);
	tcase_add_loop_test(tcase, test_files, 0, LENGTH(named));
	suite_add_tcase(suite, tcase);
	return suite;
}
