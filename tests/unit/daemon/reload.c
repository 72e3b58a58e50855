/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/reload.c: what a new configuration changes, what it cannot, and
 * that a bad one changes nothing.
 */
#include "daemon/reload.h"

#include "common/strbuf.h"
#include "daemon/base/log.h"
#include "unit/daemon/scene.h"

#include <string.h>

/* The workers answer by file f, which now has this text. */
static void
serve(const char *text)
{
	fake_host.path = "f";
	fake_host.text = text;
	scene_serve("-c f");
	ck_assert(scene_ask(0, 0));
	scratch_log();
}

static struct reload *reload;
static unsigned int switched; /* times */
static enum { PENDING, GOOD, REFUSED } outcome;
static struct strbuf messages;

static void
on_switched(void *argument)
{
	ck_assert_ptr_eq(argument, &scene);
	ck_assert_int_eq(outcome, PENDING);
	switched++;
}

static void
on_over(void *argument, bool good)
{
	ck_assert_ptr_eq(argument, &scene);
	ck_assert_int_eq(outcome, PENDING);
	ck_assert_uint_eq(switched, good);
	outcome = good ? GOOD : REFUSED;
}

/* f has another text now: begin to read it. */
static void
begin(const char *text)
{
	static struct argv argv;
	static struct command_line command;
	const struct reload_subject subject = { scene.base, &scene.workers,
		&command, scene.limit, &messages };
	const struct reload_events events = { on_switched, on_over, &scene };

	messages.length = 0;
	fake_host.text = text;
	argv_make(&argv, "-c f");
	command.argc = argv.count;
	command.argv = argv.words;
	switched = 0;
	outcome = PENDING;
	reload = reload_new(&subject, &events);
	ck_assert_ptr_nonnull(reload);
	reload_begin(reload);
}

/* The next slice, which is due in the next turn of the loop. */
static void
take_slice(void)
{
	events_happen(scene.base, EV_TIMEOUT);
}

/* Is f, which is this now, in use? */
static bool
change(const char *text)
{
	begin(text);
	while (outcome == PENDING)
		take_slice();
	ck_assert_ptr_null(events_waiting(scene.base, EV_TIMEOUT));
	reload_free(reload);
	return outcome == GOOD;
}

/* An echo service on a socket for each port from 7 on. */
static const char *
many(unsigned int count)
{
	static char text[16000];
	unsigned int i;

	strcpy(text, "[echo]\n");
	for (i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "listen = 127.0.0.1:%u\n", 7 + i);
	return text;
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

/* A socket of the service manager may lose its service: it is named. */
START_TEST(test_leaves_a_socket)
{
	static const char warning[] =
	    "warning: the service manager's socket \"time\" ";

	serve("[echo]\nlisten = 127.0.0.1:7\n");
	fake_host.inherited[0] = (struct fake_inherited){ "time", 100 };
	fake_host.inherited_count = 1;
	ck_assert(change("[echo]\nlisten = 127.0.0.1:7\nallow = ::/0\n"));
	ck_assert_ptr_nonnull(strstr(scratch_log(), warning));
	/* Not when nothing has changed. */
	ck_assert(!change("[echo]\nlisten = 127.0.0.1:x\n"));
	ck_assert_ptr_null(strstr(scratch_log(), warning));
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
	/* Whoever asks for a reload learns the same. */
	ck_assert_ptr_nonnull(strstr(messages.text, refused[_i].error));
	ck_assert_ptr_eq(scene.workers.plan, plan);
	ck_assert_uint_eq(fake_open_count(), 1);
	ck_assert(scene_ask(0, 0));
}
END_TEST

/* What is only warned of, too; and nothing of what others log meanwhile. */
START_TEST(test_collects_warnings)
{
	serve("batch = 8\n[echo]\nlisten = 127.0.0.1:7\n");
	ck_assert(change("batch = 16\n[echo]\nlisten = 127.0.0.1:7\n"));
	ck_assert_str_eq(messages.text,
	    "warning: batch cannot change while running: restart\n");
	log_warning("another");
	ck_assert_ptr_null(strstr(messages.text, "another"));
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

/* Nobody may be writing to it: unlike a start, a reload does not wait. */
START_TEST(test_pipe)
{
	serve("[echo]\nlisten = 127.0.0.1:7\n");
	fake_host.is_pipe = true;
	ck_assert(!change("[echo]\nlisten = 127.0.0.1:8\n"));
	ck_assert_str_eq(
	    scratch_log(), "multihomed: error: cannot read f: it is a pipe\n");
	ck_assert(scene_ask(0, 0));
}
END_TEST

/* Wherever it runs out: all or nothing. */
START_TEST(test_out_of_memory)
{
	const char *log;

	serve("[echo]\nlisten = 127.0.0.1:7\n");
	/* Not for the reload's own: without these there is no start. */
	scene.lacking = 4 + (unsigned int)_i;
	if (change("[time]\nlisten = 127.0.0.1:37\n"
		   "[echo]\nlisten = 127.0.0.1:7\n")) {
		ck_assert_uint_eq(fake_open_count(), 2);
		ck_assert(scene_ask(0, 1));
	} else {
		log = scratch_log();
		ck_assert_msg(strstr(log, "out of memory") != NULL, "%s", log);
		ck_assert_uint_eq(fake_open_count(), 1);
	}
	ck_assert(scene_ask(0, 0));
}
END_TEST

/* Sockets that were opened before it failed are closed. */
START_TEST(test_fails_late)
{
	const struct fake_fault taken = {
		.call = FAKE_BIND, .port = 7 + 300, .code = MH_EINUSE
	};

	serve(many(1));
	fake_fault(&taken);
	ck_assert(!change(many(400)));
	ck_assert_ptr_nonnull(strstr(
	    scratch_log(), "; another program holds this port: look there\n"));
	ck_assert_uint_eq(fake_open_count(), 1);
	ck_assert_uint_eq(fake_host.trims, 1);
	ck_assert(scene_ask(0, 0));
}
END_TEST

/* Between any two slices every socket that goes on answers. */
START_TEST(test_answers_all_the_while)
{
	unsigned int slices = 0;

	serve(many(1));
	begin(many(300));
	for (; outcome == PENDING; slices++) {
		ck_assert(scene_ask(0, 0));
		take_slice();
	}
	ck_assert_int_eq(outcome, GOOD);
	ck_assert_uint_ge(slices, 300 / 64);
	ck_assert_uint_eq(fake_open_count(), 300);
	ck_assert(scene_ask(0, 299));
	reload_free(reload);
	begin(many(1));
	for (slices = 0; outcome == PENDING; slices++) {
		ck_assert(scene_ask(0, 0));
		take_slice();
	}
	ck_assert_uint_ge(slices, 300 / 64);
	ck_assert_uint_eq(fake_open_count(), 1);
	ck_assert_uint_eq(fake_host.trims, 2);
	reload_free(reload);
}
END_TEST

/*
 * The daemon is to stop, at any time: before the workers follow the new plan,
 * it is given up; from then on it is completed.
 */
START_TEST(test_finish)
{
	int i;

	serve(many(1));
	begin(many(100));
	for (i = 0; i < _i && outcome == PENDING; i++)
		take_slice();
	reload_finish(reload);
	ck_assert_int_ne(outcome, PENDING);
	ck_assert_uint_eq(fake_open_count(), outcome == GOOD ? 100 : 1);
	ck_assert_uint_eq(
	    scene.workers.bindings.count, outcome == GOOD ? 100 : 1);
	ck_assert_int_eq(outcome, _i < 5 ? REFUSED : GOOD);
	ck_assert_ptr_null(events_waiting(scene.base, EV_TIMEOUT));
	ck_assert(scene_ask(0, 0));
	/* Nothing to do. */
	reload_finish(reload);
	reload_free(reload);
}
END_TEST

/* What cannot change stays; the rest changes. */
static const char *const lasting[] = { "stack = two", "freebind = yes",
	"unsegmented = yes", "rcvbuf = 65536", "sndbuf = 65536", "batch = 7",
	"mark-replies = no", "rate-prefix-v4 = 24", "rate-prefix-v6 = 48",
	"rate-buckets = 1024", "workers = 4", "cpu-affinity = yes",
	"user = nobody", "reply-dscp = 9", "sandbox = no", "port-file = p",
	"http = 127.0.0.1:8080", "control = c", "control-owner = nobody",
	"control-mode = 0600" };

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
	/* The same again, and it is logged again. */
	ck_assert(change(text));
	ck_assert_str_eq(scratch_log(), warning);
}
END_TEST

/* The table is complete: each key that lasts is tried. */
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

/* Sockets opened by a reload are like those of the start. */
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
	tcase_add_test(tcase, test_leaves_a_socket);
	tcase_add_loop_test(tcase, test_refuses, 0, LENGTH(refused));
	tcase_add_test(tcase, test_collects_warnings);
	tcase_add_test(tcase, test_no_file);
	tcase_add_test(tcase, test_pipe);
	tcase_add_loop_test(tcase, test_out_of_memory, 0, 6);
	tcase_add_test(tcase, test_fails_late);
	tcase_add_test(tcase, test_answers_all_the_while);
	tcase_add_loop_test(tcase, test_finish, 0, 16);
	tcase_add_loop_test(
	    tcase, test_keeps_what_cannot_change, 0, LENGTH(lasting));
	tcase_add_test(tcase, test_every_lasting_key);
	tcase_add_test(tcase, test_opens_as_the_start);
	suite_add_tcase(suite, tcase);
	return suite;
}
