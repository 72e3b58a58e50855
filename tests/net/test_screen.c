/* SPDX-License-Identifier: ISC */
/*
 * What mhprobe writes to a terminal, and elsewhere: colour, progress, and the
 * table that --watch refreshes in place.
 */
#include "build.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "probe.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* The screen is redrawn: home, clear; and lines must not wrap. */
#define CLEAR "\033[H\033[2J"
#define NO_WRAP "\033[?7l"
#define WRAP "\033[?7h"

/* Progress is shown after this long. */
#define PROGRESS_AFTER_MS 2000

#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define RED "\033[1;31m"

static struct probe probe;
static struct lan lan;

static void
lacks(const char *text)
{
	ck_assert_msg(strstr(probe.output, text) == NULL, "\"%s\" in:\n%s",
	    text, probe.output);
}

/* The output since the screen was last cleared. */
static const char *
last_screen(void)
{
	const char *at = probe.output, *next;

	while ((next = strstr(at, CLEAR)) != NULL)
		at = next + strlen(CLEAR);
	return at;
}

/*
 * Colour.
 */

static const struct {
	bool terminal;
	const char *variable, *value; /* in the environment, besides TERM */
	const char *line;
	const char *shown; /* NULL: no escape sequence at all */
} colours[] = {
	{ true, NULL, NULL, "echo 192.0.2.1:7", GREEN "ok" },
	{ true, NULL, NULL, "echo 192.0.2.1:9", YELLOW "port unreachable" },
	{ true, "NO_COLOR", "", "echo 192.0.2.1:7", GREEN "ok" },
	{ true, "NO_COLOR", "1", "echo 192.0.2.1:7", NULL },
	{ true, "NO_COLOR", "0", "echo 192.0.2.1:9", NULL },
	{ true, NULL, NULL, "--json echo 192.0.2.1:7", NULL },
	{ true, NULL, NULL, "--nagios echo 192.0.2.1:7", NULL },
	{ true, NULL, NULL, "echo 192.0.2.1:7 2>/dev/null", GREEN "ok" },
	{ true, "TERM", "dumb", "echo 192.0.2.1:7", NULL },
	/* Only standard error is a terminal. */
	{ true, NULL, NULL, "echo 192.0.2.1:7 | cat", NULL },
	{ false, NULL, NULL, "echo 192.0.2.1:7", NULL },
	{ false, NULL, NULL, "echo 192.0.2.1:9", NULL },
};

START_TEST(test_colour)
{
	struct server server = { .netns = -1 };

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:7");
	if (colours[_i].variable != NULL)
		setenv(colours[_i].variable, colours[_i].value, 1);
	probe.terminal = colours[_i].terminal ? 24 : 0;
	ck_assert_int_le(probe_run(&probe, "-c 1 %s", colours[_i].line), 2);
	ck_assert_uint_gt(probe.length, 0);
	if (colours[_i].shown == NULL)
		lacks("\033");
	else
		ck_assert_msg(strstr(probe.output, colours[_i].shown) != NULL &&
			strstr(probe.output, "\033[0m") != NULL,
		    "%s", probe.output);
	server_stop(&server);
}
END_TEST

static const char *const wrongs[] = { "", "--json", "--nagios" };

START_TEST(test_colour_wrong)
{
	static struct client server, other;

	lan_new(&lan);
	netns_enter(lan.server);
	client_open(&server, "192.0.2.2");
	client_open(&other, "192.0.2.1");
	netns_enter(lan.client);
	probe.terminal = 24;
	probe_start(&probe, "-c 1 %s echo 192.0.2.2:%u", wrongs[_i],
	    client_port(&server));
	ck_assert(client_receive(&server, HARNESS_PATIENCE_MS));
	client_send(
	    &other, server.source, server.port, server.data, server.length);
	/* For a plugin, that is critical. */
	probe_ends(&probe, _i == 2 ? 2 : 1,
	    _i == 0 ? RED "WRONG 192.0.2.1" : "192.0.2.1");
	/* What to do about it is for people to read. */
	ck_assert_int_eq(
	    strstr(probe.output, "\nmhrun(1) makes a server ") != NULL,
	    _i == 0);
	client_close(&server);
	client_close(&other);
}
END_TEST

/* Progress: a server stays silent for as long as it takes. */

START_TEST(test_progress)
{
	static struct client server;
	long long before = harness_now();

	lan_new(&lan);
	netns_enter(lan.server);
	client_open(&server, "192.0.2.1");
	netns_enter(lan.client);
	probe.terminal = 24;
	/* Only standard error is the terminal. */
	probe_start(&probe, "-c 1 -W 600 echo 192.0.2.1:%u >/dev/null",
	    client_port(&server));
	probe_expect(&probe, "0 of 1 targets done, 0 names to look up, 2 s");
	ck_assert_int_ge(harness_now() - before, PROGRESS_AFTER_MS);
	ck_assert_int_eq(probe.output[0], '\r');
	kill(probe.pid, SIGINT);
	ck_assert_int_eq(probe_end(&probe), 2);
	/* All on one line, which is erased in the end. */
	ck_assert_ptr_null(strchr(probe.output, '\n'));
	ck_assert_str_eq(probe.output + probe.length - 4, "\r\033[K");
	client_close(&server);
}
END_TEST

/* Runs without progress: until the end of a longer wait. */
static const struct {
	unsigned int terminal;
	const char *elsewhere;
} quiets[] = {
	{ 0, "" },
	{ 24, "2>/dev/null" }, /* only standard output is the terminal */
	{ 24, "2>&1 >/dev/null | cat" },
};

START_TEST(test_no_progress)
{
	static struct probe probes[COUNT(quiets)];
	static struct client server;
	long long before = harness_now();
	int i;

	lan_new(&lan);
	netns_enter(lan.server);
	client_open(&server, "192.0.2.1");
	netns_enter(lan.client);
	for (i = 0; i < COUNT(quiets); i++) {
		probes[i].terminal = quiets[i].terminal;
		probe_start(&probes[i], "-c 1 -W 2.5 echo 192.0.2.1:%u %s",
		    client_port(&server), quiets[i].elsewhere);
	}
	for (i = 0; i < COUNT(quiets); i++) {
		probe_end(&probes[i]);
		ck_assert_ptr_null(strstr(probes[i].output, "targets done"));
		ck_assert_ptr_null(strstr(probes[i].output, "\033[K"));
	}
	ck_assert_int_ge(harness_now() - before, PROGRESS_AFTER_MS);
	client_close(&server);
}
END_TEST

/* A short run shows no progress either, wherever it runs. */
START_TEST(test_short)
{
	long long before;

	lan_new(&lan);
	probe.terminal = 24;
	do {
		before = harness_now();
		probe_run(&probe, "-c 1 echo 192.0.2.1:9");
	} while (harness_now() - before >= PROGRESS_AFTER_MS);
	lacks("targets done");
}
END_TEST

/* Where nothing can be written. */
static const struct {
	const char *line, *shown;
} unwritable[] = {
	{ "-c 1 echo 192.0.2.1:9 >/dev/full", "cannot write" },
	{ "--json -c 1 echo 192.0.2.1:9 >/dev/full", "cannot write" },
	{ "--nagios -c 1 echo 192.0.2.1:9 >/dev/full", "cannot write" },
	{ "--watch -i 0.02 echo 192.0.2.1:9 >/dev/full", "cannot write" },
	{ "--help >/dev/full", "cannot write" },
	{ "--version >/dev/full", "cannot write" },
	{ "-c 1 echo 192.0.2.1:9 >&-", "output is closed" },
};

START_TEST(test_unwritable)
{
	lan_new(&lan);
	probe_check(&probe, 3, unwritable[_i].shown, "%s", unwritable[_i].line);
}
END_TEST

/*
 * --watch.
 */

/* Until a line says that it has answered: a busy machine may skip lines. */
static void
expect_answered(const char *target)
{
	const char *at = probe.output, *end, *ok;

	do {
		probe_expect_after(&probe, at, target);
		at = strstr(at, target);
		probe_expect_after(&probe, at, "\n");
		end = strchr(at, '\n');
		ok = strstr(at, " ok rtt ");
		at = end;
	} while (ok == NULL || ok > end);
}

/* Plain lines without a terminal, and the summary at the end. */
START_TEST(test_watch_lines)
{
	struct server server = { .netns = -1 };

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:7");
	probe_start(&probe, "--watch -i 0.02 echo 192.0.2.1 192.0.2.2");
	expect_answered("192.0.2.1:7 sent ");
	expect_answered("192.0.2.2:7 sent ");
	kill(probe.pid, SIGINT);
	probe_ends(&probe, 0, "2 targets: 2 ok");
	lacks("\033");
	server_stop(&server);
}
END_TEST

static unsigned int
count_lines(const char *from, const char *to)
{
	unsigned int count = 0;

	for (; from < to; from++)
		count += *from == '\n';
	return count;
}

/* Redrawn that many times, each within the terminal's lines. */
static void
expect_screens(unsigned int count)
{
	const char *at = probe.output, *next;
	unsigned int seen;

	for (seen = 0; seen <= count; seen++) {
		probe_expect_after(&probe, at, CLEAR);
		next = strstr(at, CLEAR);
		ck_assert_int_eq(next == probe.output, seen == 0);
		ck_assert_uint_lt(count_lines(at, next), probe.terminal);
		if (seen > 0) {
			ck_assert_int_eq(strncmp(at, NO_WRAP "TARGET ", 12), 0);
			ck_assert_int_eq(strncmp(next - 5, WRAP, 5), 0);
		}
		at = next + strlen(CLEAR);
	}
}

START_TEST(test_watch)
{
	struct server server = { .netns = -1 };

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:7");
	probe.terminal = 24;
	probe_start(&probe, "--watch -i 0.02 echo 192.0.2.1 192.0.2.2");
	expect_screens(3);
	lacks(" sent "); /* no lines other than the summary's "sent," */
	kill(probe.pid, SIGINT);
	probe_ends(&probe, 0, "2 targets: 2 ok");
	ck_assert_int_eq(strncmp(last_screen(), "TARGET ", 7), 0);
	server_stop(&server);
}
END_TEST

/* More targets than lines: what does not fit is counted, and comes last. */
START_TEST(test_watch_many)
{
	struct server server = { .netns = -1 };

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "--freebind=yes echo=:7");
	probe.terminal = 8;
	probe_start(&probe, "--watch -i 0.05 echo 203.0.113.0/28");
	expect_screens(2);
	probe_expect(&probe, "... and 10 more");
	lacks("203.0.113.5:7");
	probe_resize(&probe, 24);
	probe_expect(&probe, "203.0.113.14:7");
	kill(probe.pid, SIGINT);
	probe_ends(&probe, 0, "14 targets: 14 ok");
	ck_assert_ptr_nonnull(strstr(last_screen(), "203.0.113.14:7"));
	server_stop(&server);
}
END_TEST

/*
 * Keys.
 */

/* A target that answers, on the screen of a job. */
static void
start_live(struct server *server)
{
	lan_new(&lan);
	server->netns = lan.server;
	server_start(server, "echo=:7");
	probe.terminal = 24;
	probe.job = true;
	probe_start(&probe, "--watch -i 0.05 echo 192.0.2.1");
	probe_expect(&probe, GREEN "ok");
	ck_assert(probe_takes_keys(&probe));
}

static const struct {
	const char *keys; /* that are typed */
	int signal;       /* or sent */
	const char *left;
	bool result;
} ends[] = {
	{ "q", 0, "left 0\r\n", true },
	{ "x Q", 0, "left 0\r\n", true },
	{ "\003", 0, "left 0\r\n", true }, /* Ctrl-C */
	{ NULL, SIGINT, "left 0\r\n", true },
	{ NULL, SIGTERM, "left 0\r\n", true },
	{ NULL, SIGHUP, "left 129\r\n", false },
	{ NULL, SIGQUIT, "left 131\r\n", false },
};

/* However it ends, the terminal is as it was. */
START_TEST(test_keys)
{
	static const struct rlimit no_core = { 0, 0 };
	struct server server = { .netns = -1 };

	ck_assert_int_eq(setrlimit(RLIMIT_CORE, &no_core), 0);
	start_live(&server);
	if (ends[_i].keys != NULL)
		probe_type(&probe, ends[_i].keys);
	else
		probe_signal(&probe, ends[_i].signal);
	probe_expect(&probe, ends[_i].left);
	ck_assert(!probe_takes_keys(&probe));
	/* One that is ended by force may be in the middle of a screen. */
	if (ends[_i].result) {
		ck_assert_ptr_nonnull(strstr(last_screen(), "1 target: 1 ok"));
		ck_assert_int_eq(strncmp(last_screen(), "TARGET ", 7), 0);
	}
	probe_type(&probe, "\n");
	probe_end(&probe);
	server_stop(&server);
}
END_TEST

/* Ctrl-Z: the terminal is the shell's; and then it has keys again. */
START_TEST(test_stopped)
{
	struct server server = { .netns = -1 };

	start_live(&server);
	probe_type(&probe, "\032");
	probe_expect(&probe, "left 148\r\n");
	ck_assert(!probe_takes_keys(&probe));
	probe_type(&probe, "go on\n");
	probe_await_keys(&probe, true);
	probe_type(&probe, "q");
	probe_ends(&probe, 0, "left 148\r\n");
	ck_assert_int_eq(strncmp(last_screen(), "TARGET ", 7), 0);
	server_stop(&server);
}
END_TEST

static const char *const keyless[] = {
	/* Not a screen; not a keyboard; or it is for targets. */
	"--watch -c 50 -i 0.02 echo 192.0.2.1:9 | cat",
	"--watch -c 50 -i 0.02 echo 192.0.2.1:9 </dev/null",
	"--watch -c 50 -i 0.02 -f - echo",
};

START_TEST(test_no_keys)
{
	const char *at;

	lan_new(&lan);
	probe.terminal = 24;
	probe_start(&probe, "%s", keyless[_i]);
	/* Echoed; as a target, ended by Ctrl-D. */
	probe_type(&probe, "192.0.2.1:9\n\004");
	probe_expect(&probe, "192.0.2.1:9\r\n");
	at = strstr(probe.output, "192.0.2.1:9\r\n") + 11;
	probe_expect_after(&probe, at, "192.0.2.1:9 ");
	ck_assert(!probe_takes_keys(&probe));
	probe_end(&probe);
}
END_TEST

/*
 * Any width.
 */

/* How many columns the longest line of this screen takes. */
static unsigned int
widest(const char *from, const char *to)
{
	unsigned int column = 0, most = 0;

	for (; from < to; from++) {
		if (*from == '\033') {
			from += strcspn(from, "mhl");
			continue;
		}
		column = *from == '\r' || *from == '\n' ? 0 : column + 1;
		most = column > most ? column : most;
	}
	return most;
}

static const unsigned int columns[] = { 20, 40, 60, 80, 100, 132, 200 };

/* How often that is between them; and where it is first, and last. */
static unsigned int
occurs(
    const char *from, const char *to, const char *text, const char *places[2])
{
	unsigned int count = 0;
	const char *at;

	for (at = from; (at = strstr(at, text)) != NULL && at < to; at++) {
		places[count > 0] = at;
		count++;
	}
	return count;
}

/* No line is longer than the terminal; and what is wrong comes first. */
START_TEST(test_width)
{
	struct server server = { .netns = -1 };
	const char *at, *end, *well[2], *bad[2];
	unsigned int fine;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:7");
	probe.terminal = 24;
	probe.columns = columns[_i];
	probe_start(&probe, "%s",
	    "--watch -i 0.05 -W 0.1 echo 192.0.2.1 192.0.2.2:9 "
	    "2001:db8:1::1 '[2001:db8:1::1]:9' '[fe80::1%lo]:9'");
	end = probe.output;
	do {
		probe_expect_after(&probe, end, CLEAR NO_WRAP);
		at = strstr(end, CLEAR NO_WRAP);
		probe_expect_after(&probe, at, WRAP);
		end = strstr(at, WRAP);
		ck_assert_uint_le(widest(at + strlen(CLEAR), end), columns[_i]);
		fine = occurs(at, end, GREEN, well);
	} while (fine < 2);
	ck_assert_uint_eq(fine, 2);
	ck_assert_uint_eq(occurs(at, end, YELLOW, bad), 3);
	ck_assert(bad[1] < well[0]);
	probe_type(&probe, "q");
	ck_assert_int_eq(probe_end(&probe), 3);
	server_stop(&server);
}
END_TEST

static const unsigned int heights[] = { 3, 4, 5, 6, 24 };

/* Nor does it scroll, with more targets than lines. */
START_TEST(test_height)
{
	struct server server = { .netns = -1 };
	const char *at, *end, *line;
	unsigned int lines;

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "--freebind=yes echo=:7");
	probe.terminal = heights[_i];
	probe.columns = 80;
	probe_start(&probe, "--watch -i 0.05 echo 203.0.113.0/27");
	probe_expect_after(&probe, probe.output, CLEAR NO_WRAP);
	at = strstr(probe.output, CLEAR NO_WRAP);
	probe_expect_after(&probe, at, WRAP);
	end = strstr(at, WRAP);
	for (lines = 0, line = at; line < end; line++)
		lines += *line == '\n';
	ck_assert_uint_eq(lines, heights[_i] - 1);
	ck_assert_ptr_nonnull(strstr(at, "203.0.113."));
	ck_assert_ptr_nonnull(strstr(at, "30 targets: "));
	probe_type(&probe, "q");
	(void)probe_end(&probe);
	server_stop(&server);
}
END_TEST

/* Targets that never get their turn say so: 768 sockets are 3 targets. */
START_TEST(test_watch_too_many)
{
	struct server server = { .netns = -1 };

	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "--freebind=yes echo=:7");
	probe_start(
	    &probe, "--watch --sweep-ports 256 -i 0.01 echo 203.0.113.0/29");
	probe_expect(&probe, "203.0.113.4:7 sent 0 received 0 error ");
	kill(probe.pid, SIGINT);
	probe_ends(&probe, 3, "too many targets for --watch: at most 3");
	probe_shows(&probe, " 3 errors; ");
	server_stop(&server);
}
END_TEST

static Suite *
screen_suite(void)
{
	Suite *suite = suite_create("net screen");
	TCase *colour = harness_case(suite, "colour");
	TCase *progress = harness_case(suite, "progress");
	TCase *output = harness_case(suite, "output");
	TCase *watch = harness_case(suite, "watch");
	TCase *keys = harness_case(suite, "keys");

	tcase_add_loop_test(colour, test_colour, 0, COUNT(colours));
	tcase_add_loop_test(colour, test_colour_wrong, 0, COUNT(wrongs));
	tcase_add_test(progress, test_progress);
	tcase_add_test(progress, test_no_progress);
	tcase_add_test(progress, test_short);
	tcase_add_loop_test(output, test_unwritable, 0, COUNT(unwritable));
	tcase_add_test(watch, test_watch_lines);
	tcase_add_test(watch, test_watch);
	tcase_add_test(watch, test_watch_many);
	tcase_add_test(watch, test_watch_too_many);
	tcase_add_loop_test(watch, test_width, 0, COUNT(columns));
	tcase_add_loop_test(watch, test_height, 0, COUNT(heights));
	tcase_add_loop_test(keys, test_keys, 0, COUNT(ends));
	tcase_add_test(keys, test_stopped);
	tcase_add_loop_test(keys, test_no_keys, 0, COUNT(keyless));
	return suite;
}

int
main(void)
{
	unsetenv("NO_COLOR");
	setenv("TERM", "vt100", 1);
	return harness_main(screen_suite());
}
