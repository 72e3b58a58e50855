/* SPDX-License-Identifier: ISC */
/*
 * mhctl and the control socket: what it says and does, with all privileges
 * given up and several workers; whom the socket lets in; and that no client of
 * it keeps the daemon from answering UDP.
 */
#include "build.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "reload.h"
#include "server.h"

enum { CROWD = 60, EX_CANTCREAT = 73, EX_CONFIG = 78 };

/* -- the scene: the test is on the client's host -- */

struct scene {
	struct lan lan;
	struct server server;
	struct client client;
	char *path; /* of the socket */
};

/* What mhctl said last, on both streams. */
static char said[65536];

static void
scene_open(struct scene *scene, const char *options)
{
	char line[700];

	memset(scene, 0, sizeof(*scene));
	lan_new(&scene->lan);
	scene->server.netns = scene->lan.server;
	scene->path = strdup(harness_file("control"));
	snprintf(line, sizeof(line), "--control %s %s", scene->path, options);
	server_start(&scene->server, line);
	client_open(&scene->client, "0.0.0.0");
}

static void
scene_close(struct scene *scene)
{
	server_stop(&scene->server);
	ck_assert_int_ne(access(scene->path, F_OK), 0);
	free(scene->path);
}

/* Run it with these words; its exit code. */
static int __attribute__((format(printf, 2, 3)))
ctl(const struct scene *scene, const char *format, ...)
{
	char command[700];
	va_list list;
	FILE *pipe;
	size_t n;
	int status;

	n = (size_t)snprintf(
	    command, sizeof(command), NET_CTL " -s %s ", scene->path);
	va_start(list, format);
	vsnprintf(command + n, sizeof(command) - n, format, list);
	va_end(list);
	strncat(command, " 2>&1", sizeof(command) - strlen(command) - 1);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	n = fread(said, 1, sizeof(said) - 1, pipe);
	said[n] = '\0';
	status = pclose(pipe);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
expect_said(const char *text)
{
	ck_assert_msg(
	    strstr(said, text) != NULL, "no \"%s\" in: %s", text, said);
}

/* The whole of it is JSON. */
static void
expect_json(void)
{
	FILE *pipe;

	if (!harness_needs_tool("python3"))
		return;
	pipe = popen("python3 -m json.tool >/dev/null", "w");
	ck_assert_ptr_nonnull(pipe);
	fputs(said, pipe);
	ck_assert_msg(pclose(pipe) == 0, "not JSON: %s", said);
}

/* -- commands -- */

static const char *const lives[] = { "-w 2", "-w 1 --sandbox=no",
	"-w 3 -u nobody", "-w 1 -u nobody --sandbox=no" };

START_TEST(test_status)
{
	struct scene scene;
	char line[300];
	unsigned int i;

	if (!harness_needs_users(lives[_i]))
		return;
	snprintf(line, sizeof(line),
	    "--rate none echo=:7007 whoami=192.0.2.1:7008 %s", lives[_i]);
	scene_open(&scene, line);
	for (i = 0; i < 10; i++)
		client_ask(&scene.client, "192.0.2.1", 7007);
	ck_assert_int_eq(ctl(&scene, "status"), 0);
	expect_said(": ready, healthy\n");
	expect_said("\necho       [::]:7007 ");
	expect_said("\nwhoami     192.0.2.1:7008 ");
	ck_assert_int_eq(ctl(&scene, "-j status"), 0);
	expect_said("\"ready\":true");
	expect_json();
	ck_assert_int_eq(ctl(&scene, "top"), 0);
	expect_said(" 192.0.2.100\n");
	expect_said(" 192.0.2.1\n");
	ck_assert_int_eq(ctl(&scene, "-j top"), 0);
	expect_json();
	ck_assert_int_eq(ctl(&scene, "drops"), 0);
	expect_said("nothing was dropped\n");
	ck_assert_int_eq(ctl(&scene, "sessions"), 0);
	expect_said("no service has sessions\n");
	scene_close(&scene);
}
END_TEST

START_TEST(test_drain)
{
	struct scene scene;

	scene_open(&scene, "-w 2 echo=:7007");
	ck_assert_int_eq(ctl(&scene, "drain"), 0);
	expect_said("draining: no longer ready, still answering\n");
	ck_assert_int_eq(ctl(&scene, "status"), 0);
	expect_said(": draining, healthy\n");
	client_ask(&scene.client, "192.0.2.1", 7007);
	/* Once more is not the other way round, as with the signal. */
	ck_assert_int_eq(ctl(&scene, "drain"), 0);
	ck_assert_int_eq(ctl(&scene, "status"), 0);
	expect_said(": draining, ");
	ck_assert_int_eq(ctl(&scene, "undrain"), 0);
	expect_said("ready\n");
	ck_assert_int_eq(ctl(&scene, "status"), 0);
	expect_said(": ready, healthy\n");
	scene_close(&scene);
}
END_TEST

/* It takes effect on all threads. */
START_TEST(test_log_level)
{
	struct scene scene;

	scene_open(&scene, "-w 2 echo=:7007");
	ck_assert_int_eq(ctl(&scene, "log-level"), 0);
	ck_assert_str_eq(said, "info\n");
	ck_assert_int_eq(ctl(&scene, "log-level error"), 0);
	ck_assert_str_eq(said, "error\n");
	ck_assert_int_eq(ctl(&scene, "drain"), 0);
	ck_assert_uint_eq(server_log_count(&scene.server, "draining:"), 0);
	ck_assert_int_eq(ctl(&scene, "log-level info"), 0);
	ck_assert_int_eq(ctl(&scene, "drain"), 0);
	server_wait_log(&scene.server, "draining:");
	ck_assert_int_eq(ctl(&scene, "log-level loud"), 2);
	scene_close(&scene);
}
END_TEST

/* A peer that is dropped again and again, and one that is dropped once. */
START_TEST(test_drops)
{
	struct scene scene;
	struct client other;
	unsigned int i;

	scene_open(&scene, "-w 1 --rate none echo=:7007");
	client_open_at(&other, "::", 123);
	for (i = 0; i < 20; i++)
		client_send(&other, "192.0.2.2", 7007, "x", 1);
	client_send(&other, "2001:db8:1::1", 7007, "xyz", 3);
	client_close(&other);
	client_ask(&scene.client, "192.0.2.1", 7007);
	server_wait_counter(&scene.server, "refused-port", 21);
	ck_assert_int_eq(ctl(&scene, "drops"), 0);
	expect_said("refused-port: 21\n");
	expect_said("    echo to 192.0.2.100:123: port 123 is in refuse-ports");
	expect_said("\n        asked 192.0.2.2:7007, 20 times, last ");
	expect_said("    echo to [2001:db8:1::100]:123: port 123 is in ");
	expect_said("\n        asked [2001:db8:1::1]:7007, 1 time, last ");
	ck_assert_int_eq(ctl(&scene, "drops 192.0.2.100"), 0);
	expect_said("refused-port: 21\n");
	ck_assert_ptr_null(strstr(said, "2001:db8"));
	ck_assert_int_eq(ctl(&scene, "-j drops 2001:db8:1::100"), 0);
	expect_said("\"count\":1,");
	expect_said("\"request_bytes\":3,");
	ck_assert_ptr_null(strstr(said, "192.0.2.100"));
	expect_json();
	scene_close(&scene);
}
END_TEST

/* Why do I get no answer?  Without mhctl the log says it. */
START_TEST(test_explains)
{
	static const char *const lines[] = {
		"-w 2 whoami=:7008 --log-level debug",
		"-w 2 whoami=:7008 -v --sandbox=no",
		"-w 2 whoami=:7008",
	};
	const char *line = "debug: whoami to 192.0.2.100:";
	struct scene scene;

	scene_open(&scene, lines[_i]);
	if (_i == 2)
		ck_assert_int_eq(ctl(&scene, "log-level debug"), 0);
	client_send(&scene.client, "192.0.2.1", 7008, "x", 1);
	server_wait_log(&scene.server, line);
	server_wait_log(&scene.server,
	    " bytes to a request of 1 byte: pad it, or put the peer in "
	    "trust\n");
	ck_assert_int_eq(ctl(&scene, "drops 192.0.2.100"), 0);
	expect_said(" bytes to a request of 1 byte: pad it, or put the peer in "
		    "trust\n        asked 192.0.2.1:7008, 1 time, last ");
	scene_close(&scene);
}
END_TEST

START_TEST(test_sessions)
{
	static const char packet[44];
	struct scene scene;

	scene_open(&scene, "-w 2 stamp=:7862 --stamp-mode=stateful echo=:7007");
	client_send(&scene.client, "192.0.2.1", 7862, packet, sizeof(packet));
	ck_assert(client_receive(&scene.client, HARNESS_PATIENCE_MS));
	ck_assert_int_eq(ctl(&scene, "sessions"), 0);
	expect_said("stamp [::]:7862: 1 of 2048\n    192.0.2.100:");
	expect_said(" to 192.0.2.1:7862, stamp: idle for ");
	ck_assert_int_eq(ctl(&scene, "-j sessions"), 0);
	expect_json();
	scene_close(&scene);
}
END_TEST

/* -- reload -- */

#define FORM "workers = 2\n%s[echo]\nlisten = :%d\n%s"

static const char *const rights[] = { "", "user = nobody\n", "sandbox = no\n" };

START_TEST(test_reload)
{
	struct scene scene;
	char line[300], text[300], *path;

	if (!harness_needs_users(
		strstr(rights[_i], "nobody") ? "-u nobody" : ""))
		return;
	path = reload_file(FORM, rights[_i], 7007, "");
	snprintf(line, sizeof(line), "-c %s", path);
	scene_open(&scene, line);
	ck_assert_int_eq(ctl(&scene, "reload"), 0);
	ck_assert_ptr_eq(strstr(said, "reloaded "), said);
	snprintf(text, sizeof(text), FORM, rights[_i], 7009, "");
	reload_write(path, text);
	ck_assert_int_eq(ctl(&scene, "reload"), 0);
	client_ask(&scene.client, "192.0.2.1", 7009);
	/* Each error is there, with its place; the old ones are not. */
	snprintf(text, sizeof(text), FORM, rights[_i], 70000, "nonsense = 1\n");
	reload_write(path, text);
	ck_assert_int_eq(ctl(&scene, "reload"), 1);
	expect_said("[echo] listen: ");
	expect_said("[echo] nonsense: unknown key\n");
	expect_said("\nkeeping the previous configuration\n");
	ck_assert_int_eq(ctl(&scene, "-j reload"), 1);
	expect_said("{\"ok\":false,");
	expect_json();
	client_ask(&scene.client, "192.0.2.1", 7009);
	/* One that only opening the sockets finds. */
	snprintf(text, sizeof(text), FORM, rights[_i], 7009,
	    "[echo:x]\nlisten = 192.0.2.77:7010\n");
	reload_write(path, text);
	ck_assert_int_eq(ctl(&scene, "reload"), 1);
	expect_said("192.0.2.77:7010");
	ck_assert_ptr_null(strstr(said, "nonsense"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(ctl(&scene, "reload"), 1);
	expect_said("cannot read");
	ck_assert_int_eq(ctl(&scene, "status"), 0);
	expect_said("failed: 4, and so did the last one\n");
	free(path);
	scene_close(&scene);
}
END_TEST

/* What cannot change is said, and is no failure. */
START_TEST(test_reload_warns)
{
	char line[300],
	    *path = reload_file("batch = 8\n[echo]\nlisten = :7007\n");
	struct scene scene;

	snprintf(line, sizeof(line), "-c %s", path);
	scene_open(&scene, line);
	reload_write(path, "batch = 16\n[echo]\nlisten = :7007\n");
	ck_assert_int_eq(ctl(&scene, "reload"), 0);
	expect_said("warning: batch cannot change while running: restart\n");
	expect_said("\nreloaded ");
	free(path);
	scene_close(&scene);
}
END_TEST

START_TEST(test_nothing_to_reload)
{
	struct scene scene;

	scene_open(&scene, "echo=:7007");
	ck_assert_int_eq(ctl(&scene, "reload"), 1);
	expect_said("there is no configuration file\n");
	scene_close(&scene);
}
END_TEST

/* -- clients that mean no good -- */

static int
connect_to(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	strcpy(name.sun_path, path);
	if (connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A socket of ours there. */
static int
listen_at(const char *path)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	strcpy(name.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

/* They say nothing, half of a request, too much, or take no answer. */
START_TEST(test_crowd)
{
	static const char *const lines[] = { "", "mhctl/1 text st",
		"mhctl/1 text status\n", "mhctl/1 text reload\n",
		"mhctl/1 text top\nmhctl/1 text top\n" };
	char *path = reload_file("workers = 2\n[echo]\nlisten = :7007\n");
	char line[300], junk[4096];
	struct scene scene;
	int fds[CROWD], i;

	snprintf(line, sizeof(line), "-c %s", path);
	scene_open(&scene, line);
	memset(junk, 'x', sizeof(junk));
	for (i = 0; i < CROWD; i++) {
		fds[i] = connect_to(scene.path);
		ck_assert_int_ge(fds[i], 0);
		send(fds[i], lines[i % 5], strlen(lines[i % 5]), MSG_NOSIGNAL);
		if (i % 7 == 0)
			send(fds[i], junk, sizeof(junk), MSG_NOSIGNAL);
		client_ask(&scene.client, "192.0.2.1", 7007);
	}
	ck_assert_int_eq(ctl(&scene, "status"), 0);
	expect_said(": ready, healthy\n");
	client_ask(&scene.client, "192.0.2.1", 7007);
	for (i = 0; i < CROWD; i++)
		close(fds[i]);
	free(path);
	scene_close(&scene);
}
END_TEST

/* A worker that hangs is said, and the rest is shown. */
START_TEST(test_stuck)
{
	struct scene scene;

	scene_open(&scene, "-w 2 echo=:7007");
	server_freeze_thread(&scene.server);
	ck_assert_int_eq(ctl(&scene, "drops"), 0);
	expect_said("1 of 2 workers did not answer\n");
	server_thaw_thread(&scene.server);
	scene_close(&scene);
}
END_TEST

/* -- the file -- */

/* Can that user connect? */
static bool
can_connect(const char *path, uid_t user, gid_t group)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (setresgid(group, group, group) < 0 ||
		    setresuid(user, user, user) < 0)
			_exit(2);
		_exit(connect_to(path) >= 0 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 0;
}

START_TEST(test_rights)
{
	enum { OWNER = 1001, GROUP = 1002, OTHER = 1003 };
	struct scene scene;
	struct stat status;
	char *folder, *slash;

	if (!harness_needs_root())
		return;
	scene_open(&scene,
	    "-u nobody --control-owner 1001 --control-mode 0600 echo=:7007");
	folder = strdup(scene.path);
	slash = strrchr(folder, '/');
	*slash = '\0';
	ck_assert_int_eq(chmod(folder, 0711), 0);
	ck_assert_int_eq(lstat(scene.path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0600);
	ck_assert_uint_eq(status.st_uid, OWNER);
	ck_assert(can_connect(scene.path, OWNER, OTHER));
	ck_assert(!can_connect(scene.path, OTHER, OWNER));
	ck_assert(!can_connect(scene.path, 65534, 65534));
	free(folder);
	scene_close(&scene);
}
END_TEST

/* A second daemon does not take it over; the next one after a crash does. */
START_TEST(test_file)
{
	struct server other = { .netns = -1 };
	struct scene scene;
	char line[300];

	scene_open(&scene, "-w 2 echo=:7007");
	other.netns = scene.lan.server;
	snprintf(line, sizeof(line), "--control %s discard=:7009", scene.path);
	ck_assert_int_eq(server_run(&other, line), EX_CANTCREAT);
	ck_assert_int_eq(ctl(&scene, "status"), 0);
	/* As a process leaves it that is killed, but for its helper. */
	server_stop(&scene.server);
	ck_assert_int_eq(ctl(&scene, "status"), 3);
	close(listen_at(scene.path));
	ck_assert_int_eq(access(scene.path, F_OK), 0);
	server_start(&scene.server, line);
	ck_assert_int_eq(ctl(&scene, "status"), 0);
	expect_said("\ndiscard    [::]:7009 ");
	server_stop(&scene.server);
	ck_assert_int_ne(access(scene.path, F_OK), 0);
	/* What is not a socket stays. */
	close(open(scene.path, O_CREAT | O_WRONLY, 0600));
	ck_assert_int_eq(server_run(&other, line), EX_CONFIG);
	ck_assert_int_eq(access(scene.path, F_OK), 0);
	free(scene.path);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase;

	tcase = harness_case(suite, "commands");
	tcase_add_loop_test(
	    tcase, test_status, 0, (int)(sizeof(lives) / sizeof(lives[0])));
	tcase_add_test(tcase, test_drain);
	tcase_add_test(tcase, test_log_level);
	tcase_add_test(tcase, test_drops);
	tcase_add_loop_test(tcase, test_explains, 0, 3);
	tcase_add_test(tcase, test_sessions);
	tcase = harness_case(suite, "reload");
	tcase_add_loop_test(
	    tcase, test_reload, 0, (int)(sizeof(rights) / sizeof(rights[0])));
	tcase_add_test(tcase, test_reload_warns);
	tcase_add_test(tcase, test_nothing_to_reload);
	tcase = harness_case(suite, "clients");
	tcase_add_test(tcase, test_crowd);
	tcase_add_test(tcase, test_stuck);
	tcase = harness_case(suite, "the file");
	tcase_add_test(tcase, test_rights);
	tcase_add_test(tcase, test_file);
	return harness_main(suite);
}
