/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/localsocket.c: only whom the rights of the file allow can
 * connect, and nobody else's socket or file is touched.
 */
#include "unit/platform/suites.h"

#include "platform/localsocket.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[32], path[64];
static struct host_localsocket wanted;
static char why[HOST_LOCALSOCKET_WHY];

static void
setup(void)
{
	strcpy(folder, "platform-local-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	wanted = (struct host_localsocket){ path, NULL, 0660 };
}

static void
teardown(void)
{
	host_localsocket_remove();
	unlink(path);
	rmdir(folder);
}

static int
open_it(void)
{
	int fd = (int)host_localsocket_listen(&wanted, why);

	ck_assert_msg(fd >= 0, "%s", why);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	return fd;
}

static void
expect_refusal(const char *reason)
{
	ck_assert_int_eq(host_localsocket_listen(&wanted, why), -1);
	ck_assert_msg(strstr(why, reason) != NULL, "%s", why);
}

static const unsigned int modes[] = { 0660, 0600, 0666, 0200 };

START_TEST(test_mode)
{
	struct stat status;
	const mode_t mask = umask(027);
	int fd;

	wanted.mode = modes[_i];
	fd = open_it();
	ck_assert_uint_eq(umask(mask), 027);
	ck_assert_int_eq(lstat(path, &status), 0);
	ck_assert(S_ISSOCK(status.st_mode));
	ck_assert_uint_eq(status.st_mode & 07777, modes[_i]);
	host_localsocket_remove();
	ck_assert_int_ne(access(path, F_OK), 0);
	close(fd);
}
END_TEST

/* Names or numbers; everybody may give a file to himself. */
START_TEST(test_owner)
{
	char owner[64];
	struct stat status;
	int fd;

	snprintf(owner, sizeof(owner), "%u", (unsigned int)geteuid());
	wanted.owner = owner;
	fd = open_it();
	ck_assert_int_eq(lstat(path, &status), 0);
	ck_assert_uint_eq(status.st_uid, geteuid());
	close(fd);
	wanted.owner = "no such user";
	expect_refusal("no such user: no such user");
	wanted.owner = ":no such group";
	expect_refusal(":no such group: no such group");
	if (geteuid() != 0)
		return;
	wanted.owner = "nobody:daemon";
	fd = open_it();
	ck_assert_int_eq(lstat(path, &status), 0);
	ck_assert_uint_ne(status.st_uid, 0);
	ck_assert_uint_ne(status.st_gid, 0);
	close(fd);
}
END_TEST

/* Whoever ended without a chance to clean up is no hindrance. */
START_TEST(test_stale)
{
	int fd = open_it();

	close(fd);
	ck_assert_int_eq(access(path, F_OK), 0);
	close(open_it());
}
END_TEST

START_TEST(test_busy)
{
	int fd = open_it();

	expect_refusal("another process listens there");
	ck_assert_int_eq(access(path, F_OK), 0);
	close(fd);
}
END_TEST

/* What is not a socket stays, a link to one too. */
START_TEST(test_other_file)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	close(fd);
	ck_assert(!host_localsocket_check(&wanted, why));
	expect_refusal("exists and is not a socket");
	ck_assert_int_eq(access(path, F_OK), 0);
	unlink(path);
	ck_assert_int_eq(symlink("nowhere", path), 0);
	expect_refusal("exists and is not a socket");
}
END_TEST

/* Somebody else's socket is not removed at the end. */
START_TEST(test_replaced)
{
	int fd = open_it(), other;

	unlink(path);
	other = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	host_localsocket_remove();
	ck_assert_int_eq(access(path, F_OK), 0);
	close(other);
	close(fd);
}
END_TEST

START_TEST(test_directory)
{
	char text[300];

	ck_assert_int_eq(chmod(folder, 0777), 0);
	expect_refusal("this directory is writable by everybody");
	ck_assert_int_eq(chmod(folder, 01777), 0);
	close(open_it());
	wanted.path = "platform-no-such-folder/socket";
	ck_assert(host_localsocket_check(&wanted, why));
	expect_refusal("platform-no-such-folder: No such file");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	wanted.path = text;
	expect_refusal("a socket's name has at most 107 characters");
}
END_TEST

/* The other side, in a thread: it takes a request, and answers with that. */
struct server {
	int fd;
	const char *answer; /* NULL: it is silent */
	char request[64];
};

static void *
serve(void *argument)
{
	struct server *server = argument;
	struct pollfd poller = { .fd = server->fd, .events = POLLIN };
	int fd;

	ck_assert_int_eq(poll(&poller, 1, -1), 1);
	fd = accept(server->fd, NULL, NULL);
	ck_assert_int_gt(recv(fd, server->request, 63, 0), 0);
	if (server->answer != NULL)
		ck_assert_int_gt(
		    send(fd, server->answer, strlen(server->answer), 0), 0);
	else
		/* Until the client has given up. */
		recv(fd, server->request, 1, 0);
	close(fd);
	return NULL;
}

static char taken[64];

static bool
take(void *argument, const char *piece, size_t length)
{
	ck_assert_ptr_eq(argument, taken);
	strncat(taken, piece, length);
	return true;
}

static bool
ask(struct server *server, int patience)
{
	const struct host_localsocket_request request = { "please\n", patience,
		take, taken };
	pthread_t thread;
	bool good;

	taken[0] = '\0';
	server->fd = open_it();
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, server), 0);
	good = host_localsocket_ask(path, &request, why);
	pthread_join(thread, NULL);
	close(server->fd);
	return good;
}

START_TEST(test_ask)
{
	struct server server = { .answer = "ok\nfine\n" };

	ck_assert_msg(ask(&server, -1), "%s", why);
	ck_assert_str_eq(server.request, "please\n");
	ck_assert_str_eq(taken, "ok\nfine\n");
}
END_TEST

START_TEST(test_silence)
{
	struct server server = { .answer = NULL };

	ck_assert(!ask(&server, 10));
	ck_assert_str_eq(why, "no answer for 0 s");
}
END_TEST

START_TEST(test_nobody)
{
	const struct host_localsocket_request request = { "x\n", -1, take,
		taken };

	ck_assert(!host_localsocket_ask(path, &request, why));
	ck_assert_ptr_nonnull(strstr(why, "/socket: No such file"));
	close(open_it());
	ck_assert(!host_localsocket_ask(path, &request, why));
	ck_assert_ptr_nonnull(strstr(why, "/socket: Connection refused"));
}
END_TEST

Suite *
platform_localsocket_suite(void)
{
	Suite *suite = suite_create("local socket");
	TCase *tcase = tcase_create("local socket");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(
	    tcase, test_mode, 0, sizeof(modes) / sizeof(modes[0]));
	tcase_add_test(tcase, test_owner);
	tcase_add_test(tcase, test_stale);
	tcase_add_test(tcase, test_busy);
	tcase_add_test(tcase, test_other_file);
	tcase_add_test(tcase, test_replaced);
	tcase_add_test(tcase, test_directory);
	tcase_add_test(tcase, test_ask);
	tcase_add_test(tcase, test_silence);
	tcase_add_test(tcase, test_nobody);
	suite_add_tcase(suite, tcase);
	return suite;
}
