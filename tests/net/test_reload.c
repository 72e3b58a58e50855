/* SPDX-License-Identifier: ISC */
/*
 * A reload that opens or closes thousands of sockets: those that go on lose
 * nothing, memory is returned, and whatever fails or comes in between leaves
 * the daemon as it was.
 */
#include "build.h"

#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "reload.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

enum {
	MANY = 2000, /* services */
	PORT = 7007, /* of the one that goes on */
	FIRST = 10000,
	CLIENTS = 8, /* so that each worker is asked */
	SPARE = 100  /* descriptors besides sockets */
};

#define ADDRESS "192.0.2.1"
#define GOOD "multihomed: reloaded "
#define REFUSED "error: keeping the previous configuration"

struct scene {
	struct lan lan;
	struct server server;
	struct client clients[CLIENTS];
	unsigned int asked;
	unsigned int workers;
	char *path; /* of the file */
};

/* The file: one service that goes on, and count others. */
static void
serve(struct scene *scene, unsigned int count)
{
	size_t size = 200 + count * 40, length;
	char *text = malloc(size);
	unsigned int i;

	ck_assert_ptr_nonnull(text);
	length = (size_t)snprintf(text, size,
	    "workers = %u\nrate = none\n[echo]\nlisten = :%u\n", scene->workers,
	    PORT);
	for (i = 0; i < count; i++)
		length += (size_t)snprintf(text + length, size - length,
		    "[echo:%u]\nlisten = :%u\n", i, FIRST + i);
	ck_assert_uint_lt(length, size);
	if (scene->path == NULL)
		scene->path = reload_file("%s", text);
	else
		reload_write(scene->path, text);
	free(text);
}

static bool
scene_open(struct scene *scene, unsigned int workers)
{
	struct rlimit files;
	char line[300];
	int i;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	if (!harness_needs(files.rlim_max >= MANY * workers + SPARE,
		"enough open files (ulimit -Hn)"))
		return false;
	memset(scene, 0, sizeof(*scene));
	scene->workers = workers;
	lan_new(&scene->lan);
	scene->server.netns = scene->lan.server;
	serve(scene, 0);
	snprintf(line, sizeof(line), "-c %s", scene->path);
	server_start(&scene->server, line);
	for (i = 0; i < CLIENTS; i++)
		client_open(&scene->clients[i], "0.0.0.0");
	return true;
}

/* With that many sockets in the end. */
static void
scene_close(struct scene *scene, unsigned int sockets)
{
	scene->server.count = sockets;
	server_stop(&scene->server);
	free(scene->path);
}

/* The next client asks the service that goes on. */
static void
ask(struct scene *scene)
{
	client_ask(&scene->clients[scene->asked++ % CLIENTS], ADDRESS, PORT);
}

static void
ask_other(struct scene *scene, unsigned int number)
{
	client_ask(&scene->clients[0], ADDRESS, FIRST + number);
}

/* How many lines say that a reload is over. */
static unsigned int
ends(struct scene *scene)
{
	return server_log_count(&scene->server, GOOD) +
	    server_log_count(&scene->server, REFUSED);
}

/* Keep asking until that many reloads are over. */
static void
ask_until(struct scene *scene, unsigned int count)
{
	long long deadline = harness_now() + 3 * HARNESS_PATIENCE_MS;
	int i;

	while (ends(scene) < count) {
		ck_assert_msg(harness_now() < deadline, "no reload");
		for (i = 0; i < 4 * CLIENTS; i++)
			ask(scene);
	}
}

static void
hang_up(struct scene *scene)
{
	ck_assert_int_eq(kill(scene->server.pid, SIGHUP), 0);
}

static void
change(struct scene *scene, unsigned int count, bool good)
{
	unsigned int before = ends(scene);
	unsigned int reloads = server_log_count(&scene->server, GOOD);

	serve(scene, count);
	hang_up(scene);
	ask_until(scene, before + 1);
	ck_assert_uint_eq(
	    server_log_count(&scene->server, GOOD), reloads + good);
}

/* Resident memory of the daemon in KiB. */
static unsigned long
resident(const struct scene *scene)
{
	unsigned long total, pages = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)scene->server.pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%lu %lu", &total, &pages), 2);
	fclose(file);
	return pages * 4;
}

/* Open files of the daemon. */
static unsigned int
descriptors(const struct scene *scene)
{
	unsigned int count = 0;
	char path[64];
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)scene->server.pid);
	folder = opendir(path);
	ck_assert_ptr_nonnull(folder);
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count;
}

static const unsigned int crews[] = { 1, 2, 4 };

START_TEST(test_loses_nothing)
{
	const unsigned int workers = crews[_i];
	unsigned long before, full, after, again;
	unsigned int files;
	struct scene scene;

	if (!scene_open(&scene, workers))
		return;
	change(&scene, 0, true);
	before = resident(&scene);
	files = descriptors(&scene);
	change(&scene, MANY, true);
	full = resident(&scene);
	ask_other(&scene, 0);
	ask_other(&scene, MANY - 1);
	change(&scene, 0, true);
	after = resident(&scene);
	ck_assert_uint_eq(descriptors(&scene), files);
	client_expect_refused(ADDRESS, FIRST);
	client_expect_refused(ADDRESS, FIRST + MANY - 1);
	change(&scene, MANY, true);
	change(&scene, 0, true);
	again = resident(&scene);
	if (!SERVER_SANITIZED) {
		/* A service has its settings, and a socket for each worker. */
		ck_assert_uint_le(full - before, MANY * (4 + 6 * workers));
		ck_assert_uint_le(after, before + (full - before) / 4);
		ck_assert_uint_le(again, before + (full - before) / 4);
	}
	scene_close(&scene, 1);
}
END_TEST

/* Somebody else has the port. */
static void
take_port(struct scene *scene, unsigned int number)
{
	static struct client holder;

	netns_enter(scene->lan.server);
	client_open_at(&holder, "0.0.0.0", FIRST + number);
	netns_enter(scene->lan.client);
}

/* Let the daemon have only this many more files. */
static void
limit_files(struct scene *scene, unsigned int number)
{
	struct rlimit limit;

	limit.rlim_cur = limit.rlim_max = descriptors(scene) + number;
	ck_assert_int_eq(
	    prlimit(scene->server.pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

static const struct {
	void (*prepare)(struct scene *scene, unsigned int number);
	const char *log;
} failures[] = {
	{ take_port, "; another program holds this port: see ss -lunp" },
	{ limit_files, "Too many open files" },
};

/* The previous configuration goes on, and nothing is left of the other. */
START_TEST(test_fails_in_the_middle)
{
	struct scene scene;
	unsigned int files;

	if (!scene_open(&scene, 2))
		return;
	change(&scene, 1, true);
	files = descriptors(&scene);
	failures[_i].prepare(&scene, MANY / 2);
	change(&scene, MANY, false);
	ck_assert_uint_eq(server_log_count(&scene.server, failures[_i].log), 1);
	ck_assert_uint_eq(descriptors(&scene), files);
	ask_other(&scene, 0);
	client_expect_refused(ADDRESS, FIRST + 1);
	client_expect_refused(ADDRESS, FIRST + MANY / 2 - 1);
	/* What can be served is. */
	change(&scene, 2, true);
	ask_other(&scene, 1);
	scene_close(&scene, 3);
}
END_TEST

/* A line in the log that shows how far a reload has come. */
static const char *const stages[] = {
	NULL,
	"echo:0: listening on ",
	"echo:999: listening on ",
	"echo:1999: listening on ",
};

static void
begin_and_reach(struct scene *scene, const char *stage)
{
	serve(scene, MANY);
	hang_up(scene);
	if (stage != NULL)
		server_wait_log(&scene->server, stage);
}

/* A signal during a reload brings another one: the last file counts.  It is
 * seen to have begun, so that the two signals are not merged. */
START_TEST(test_another_file_meanwhile)
{
	struct scene scene;

	if (!scene_open(&scene, 2))
		return;
	begin_and_reach(&scene, stages[_i]);
	serve(&scene, 3);
	hang_up(&scene);
	ask_until(&scene, 2);
	ck_assert_uint_eq(server_log_count(&scene.server, REFUSED), 0);
	ask_other(&scene, 2);
	client_expect_refused(ADDRESS, FIRST + 3);
	scene_close(&scene, 4);
}
END_TEST

/* Its exit code. */
static int
wait_for_end(const struct scene *scene)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	int status;

	while (waitpid(scene->server.pid, &status, WNOHANG) == 0) {
		ck_assert_msg(harness_now() < deadline, "it does not end");
		poll(NULL, 0, 2);
	}
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* It stops in good order, whenever that is: with either configuration. */
START_TEST(test_stops_meanwhile)
{
	struct scene scene;
	unsigned int totals;

	if (!scene_open(&scene, 2))
		return;
	ask(&scene);
	begin_and_reach(&scene, stages[_i]);
	ck_assert_int_eq(kill(scene.server.pid, SIGTERM), 0);
	ck_assert_int_eq(wait_for_end(&scene), 0);
	totals = server_log_count(&scene.server, " received=");
	ck_assert_msg(totals == 1 || totals == 1 + MANY, "%u", totals);
	ck_assert_uint_eq(
	    server_log_count(&scene.server, " received=1 answered=1 "), 1);
	unlink(scene.server.log_file);
	free(scene.path);
}
END_TEST

static Suite *
reload_suite(void)
{
	Suite *suite = suite_create("net reload");
	TCase *tcase = harness_case(suite, "reload");

	tcase_add_loop_test(tcase, test_loses_nothing, 0, COUNT(crews));
	tcase_add_loop_test(
	    tcase, test_fails_in_the_middle, 0, COUNT(failures));
	tcase_add_loop_test(
	    tcase, test_another_file_meanwhile, 1, COUNT(stages));
	tcase_add_loop_test(tcase, test_stops_meanwhile, 0, COUNT(stages));
	return suite;
}

int
main(void)
{
	return harness_main(reload_suite());
}
