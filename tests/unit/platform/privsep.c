/* SPDX-License-Identifier: ISC */
/*
 * src/platform/linux/privsep.c and privsep_helper.c: a real helper, which a
 * pipe without a writer makes hang in open(2).
 */
#include "platform/privsep.h"

#include "unit/platform/suites.h"
#include "unit/unit.h"

#include "platform/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX ((size_t)1 << 20)

static char folder[] = "platform-privsep-XXXXXX";
static char file[64], other[64], fifo[64], port[64], mark[64], reason[64];
static char why[HOST_PRIVSEP_WHY];

static void
setup(void)
{
	strcpy(folder, "platform-privsep-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/file", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	snprintf(mark, sizeof(mark), "%s/mark", folder);
	snprintf(port, sizeof(port), "%s/port", folder);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
}

static void
teardown(void)
{
	host_privsep_stop();
	/* Without fork(), the next test's would not be the only child. */
	while (wait(NULL) > 0)
		continue;
	unlink(file);
	unlink(other);
	unlink(fifo);
	unlink(mark);
	unlink(port);
	rmdir(folder);
}

static void
put(const char *path, const char *text)
{
	FILE *stream = fopen(path, "w");

	ck_assert_ptr_nonnull(stream);
	fputs(text, stream);
	fclose(stream);
}

/* Read the text of a file, which is the same in both places. */
static void
look_at(const char *path, size_t max)
{
	size_t length = 0;

	free(host_file_read(path, max, &length, reason, sizeof(reason)));
}

/* In the helper: a file, one that is not there, a pipe, the first again. */
static void
read_some(const void *argument)
{
	(void)argument;
	look_at(file, MAX);
	look_at(other, MAX);
	look_at(fifo, MAX);
	look_at(file, MAX);
}

/* The paths that match a pattern, each with a 0 after it. */
static char *
matches(const char *pattern, size_t *length)
{
	char whole[64];

	snprintf(whole, sizeof(whole), "%s/%s", folder, pattern);
	return host_file_match(whole, MAX, length, reason, sizeof(reason));
}

/* In the helper: lists, one of nothing, one of what cannot be listed. */
static void
list_some(const void *argument)
{
	size_t length;

	(void)argument;
	look_at(file, MAX);
	free(matches("f*", &length));
	free(matches("none*", &length));
	free(matches("other/*", &length));
}

/*
 * In the helper: a file, then hang until somebody reads the pipe.  An assertion
 * would write to a descriptor of Check's, whose number is the socket's here.
 */
static void
read_and_hang(const void *argument)
{
	(void)argument;
	look_at(file, MAX);
	close(open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	close(open(fifo, O_WRONLY | O_CLOEXEC));
}

static void
start(void (*read_files)(const void *argument))
{
	const struct host_privsep job = { .port_path = port,
		.read_files = read_files };

	ck_assert(host_privsep_start(&job));
	ck_assert_int_ge((int)host_privsep_handle(), 0);
}

/* The next event. */
static enum host_privsep_state
next(void)
{
	struct pollfd poller = { (int)host_privsep_handle(), POLLIN, 0 };

	ck_assert_int_eq(poll(&poller, 1, -1), 1);
	return host_privsep_receive(why);
}

static bool
has_event(void)
{
	struct pollfd poller = { (int)host_privsep_handle(), POLLIN, 0 };

	return poll(&poller, 1, 0) == 1;
}

/* How the request ends; answers to others may come first. */
static enum host_privsep_state
await(void)
{
	enum host_privsep_state state;

	do
		state = next();
	while (state == HOST_PRIVSEP_WORKING || state == HOST_PRIVSEP_IDLE);
	return state;
}

static void
assert_read(const char *path, const char *expected)
{
	size_t length = 0;
	char *text = host_file_read(path, MAX, &length, reason, sizeof(reason));

	ck_assert_msg(text != NULL, "%s: %s", path, reason);
	ck_assert_str_eq(text, expected);
	ck_assert_uint_eq(length, strlen(expected));
	free(text);
}

static void
assert_unread(const char *path, const char *expected)
{
	size_t length = 0;

	ck_assert_ptr_null(
	    host_file_read(path, MAX, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, expected);
}

START_TEST(test_files)
{
	put(file, "text");
	start(read_some);
	ck_assert(host_privsep_read(why));
	ck_assert_int_eq(await(), HOST_PRIVSEP_DONE);
	/* The last one; what was read twice came once. */
	ck_assert_str_eq(host_privsep_file(), fifo);
	/* As it was then. */
	put(file, "changed");
	assert_read(file, "text");
	assert_unread(other, strerror(ENOENT));
	assert_unread(fifo, "it is not a regular file");
	assert_unread(port, "the privileged helper did not read it");
	/* Once more, and now it is as it is now. */
	put(other, "");
	ck_assert(host_privsep_read(why));
	ck_assert_int_eq(await(), HOST_PRIVSEP_DONE);
	assert_read(file, "changed");
	assert_read(other, "");
	host_privsep_forget();
	assert_unread(file, "the privileged helper did not read it");
}
END_TEST

/* Lists of files come from the helper as files do, its sandbox permitting. */
START_TEST(test_lists)
{
	const struct host_privsep job = { .read_files = list_some,
		.sandbox = true };
	size_t length = 0;
	char *list;

	put(file, "");
	ck_assert_int_eq(symlink("other", other), 0);
	ck_assert(host_privsep_start(&job));
	ck_assert(host_privsep_read(why));
	ck_assert_int_eq(await(), HOST_PRIVSEP_DONE);
	list = matches("f*", &length);
	ck_assert_msg(list != NULL, "%s", reason);
	ck_assert_uint_eq(length, strlen(fifo) + strlen(file) + 2);
	/* "fifo" comes before "file". */
	ck_assert_int_eq(memcmp(list, fifo, strlen(fifo) + 1), 0);
	ck_assert_str_eq(list + strlen(fifo) + 1, file);
	free(list);
	list = matches("none*", &length);
	ck_assert_ptr_nonnull(list);
	ck_assert_uint_eq(length, 0);
	free(list);
	ck_assert_ptr_null(matches("other/*", &length));
	ck_assert_str_eq(reason, strerror(ELOOP));
	ck_assert_ptr_null(matches("g*", &length));
	ck_assert_str_eq(reason, "the privileged helper did not read it");
}
END_TEST

/*
 * The largest file comes whole; one that is too large for the reader does not.
 */
START_TEST(test_large)
{
	char *large = malloc(MAX + 1);
	size_t length = 0;

	ck_assert_ptr_nonnull(large);
	memset(large, 'x', MAX);
	large[MAX] = '\0';
	put(file, large);
	start(read_some);
	ck_assert(host_privsep_read(why));
	ck_assert_int_eq(await(), HOST_PRIVSEP_DONE);
	assert_read(file, large);
	ck_assert_ptr_null(
	    host_file_read(file, MAX - 1, &length, reason, sizeof(reason)));
	ck_assert_str_eq(reason, strerror(EFBIG));
	free(large);
}
END_TEST

START_TEST(test_port_file)
{
	char text[16] = "";
	FILE *stream;

	start(NULL);
	ck_assert(host_file_write(port, "one", 3, reason, sizeof(reason)));
	ck_assert(host_privsep_write("two", 3, why));
	ck_assert_int_eq(await(), HOST_PRIVSEP_DONE);
	stream = fopen(port, "r");
	ck_assert_ptr_nonnull(stream);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), stream));
	fclose(stream);
	ck_assert_str_eq(text, "two");
	ck_assert_int_eq(unlink(port), 0);
	ck_assert_int_eq(mkdir(port, 0700), 0);
	ck_assert(host_privsep_write("three", 5, why));
	ck_assert_int_eq(await(), HOST_PRIVSEP_FAILED);
	ck_assert_str_eq(why, "what is there is not a regular file");
	ck_assert_int_eq(rmdir(port), 0);
}
END_TEST

/* It goes with the daemon, unless somebody has put another one there. */
START_TEST(test_port_file_removed)
{
	start(NULL);
	ck_assert(host_file_write(port, "one", 3, reason, sizeof(reason)));
	if (_i == 1) {
		ck_assert_int_eq(unlink(port), 0);
		put(port, "other");
	}
	host_file_remove(port);
	ck_assert_int_eq(access(port, F_OK) == 0, _i == 1);
	ck_assert_int_eq((int)host_privsep_handle(), -1);
}
END_TEST

/* Make it hang in the middle of a request, after its first file. */
static void
hang(void)
{
	put(file, "old");
	start(read_and_hang);
	ck_assert(host_privsep_read(why));
	/* What it has read by then comes in one piece or in several. */
	while (access(mark, F_OK) != 0)
		poll(NULL, 0, 1);
	while (has_event())
		(void)host_privsep_receive(why);
	ck_assert_str_eq(host_privsep_file(), file);
}

/* It hangs, and answers eventually: but that is for the earlier request. */
START_TEST(test_stale)
{
	int fd;

	hang();
	put(file, "new");
	ck_assert(host_privsep_read(why));
	ck_assert_int_eq(host_privsep_receive(why), HOST_PRIVSEP_IDLE);
	fd = open(fifo, O_RDONLY | O_NONBLOCK);
	ck_assert_int_ge(fd, 0);
	/* The end of the first one. */
	ck_assert_int_eq(next(), HOST_PRIVSEP_IDLE);
	assert_unread(file, "the privileged helper did not read it");
	ck_assert_int_eq(await(), HOST_PRIVSEP_DONE);
	assert_read(file, "new");
	close(fd);
}
END_TEST

/* Nobody waits any more: what comes then is dropped. */
START_TEST(test_forgotten)
{
	int fd;

	hang();
	host_privsep_forget();
	fd = open(fifo, O_RDONLY | O_NONBLOCK);
	ck_assert_int_eq(next(), HOST_PRIVSEP_IDLE);
	assert_unread(file, "the privileged helper did not read it");
	ck_assert(host_privsep_read(why));
	ck_assert_int_eq(await(), HOST_PRIVSEP_DONE);
	assert_read(file, "old");
	close(fd);
}
END_TEST

/* However many requests it leaves unanswered, none waits. */
START_TEST(test_full)
{
	int i;

	hang();
	for (i = 0; i < 100000 && host_privsep_read(why); i++)
		continue;
	ck_assert_int_lt(i, 100000);
	ck_assert_str_eq(
	    why, "the privileged helper has not answered earlier requests");
}
END_TEST

/* Its process, the only child of this one. */
static pid_t
process(void)
{
	char path[64];
	pid_t child = 0;
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	stream = fopen(path, "r");
	ck_assert_ptr_nonnull(stream);
	ck_assert_int_eq(fscanf(stream, "%d", &child), 1);
	fclose(stream);
	return child;
}

static void
assert_ends(pid_t child)
{
	while (kill(child, 0) == 0)
		poll(NULL, 0, 2);
	ck_assert_int_eq(errno, ESRCH);
}

START_TEST(test_death)
{
	pid_t child;

	hang();
	child = process();
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(next(), HOST_PRIVSEP_DEAD);
	assert_ends(child);
	ck_assert_int_eq((int)host_privsep_handle(), -1);
	ck_assert(!host_privsep_read(why));
	ck_assert_str_eq(why, "the privileged helper has died: restart");
	assert_unread(file, "the privileged helper has died: restart");
	ck_assert(!host_file_write(port, "x", 1, reason, sizeof(reason)));
	ck_assert_str_eq(reason, "the privileged helper has died: restart");
	/* And another one. */
	start(read_some);
	ck_assert(host_privsep_read(why));
	ck_assert_int_eq(await(), HOST_PRIVSEP_DONE);
	assert_read(file, "old");
}
END_TEST

/* It does not outlive the daemon: neither in open(2), nor while stopped. */
static const struct {
	bool hangs, stopped;
} ends[] = { { false, false }, { false, true }, { true, false },
	{ true, true } };

START_TEST(test_end)
{
	pid_t child;

	if (ends[_i].hangs)
		hang();
	else
		start(NULL);
	/* It no longer works. */
	ck_assert(ends[_i].hangs ||
	    host_file_write(port, "x", 1, reason, sizeof(reason)));
	child = process();
	if (ends[_i].stopped)
		ck_assert_int_eq(kill(child, SIGSTOP), 0);
	host_privsep_stop();
	assert_ends(child);
}
END_TEST

/* The start waits for its port file, but not forever. */
START_TEST(test_silent_start)
{
	pid_t child;

	start(NULL);
	child = process();
	ck_assert_int_eq(kill(child, SIGSTOP), 0);
	ck_assert(!host_file_write(port, "x", 1, reason, sizeof(reason)));
	ck_assert_str_eq(
	    reason, "the privileged helper has not answered for 2 s");
	/* It may have been stopped before it could be killed with us. */
	ck_assert_int_eq(kill(child, SIGKILL), 0);
}
END_TEST

Suite *
platform_privsep_suite(void)
{
	Suite *suite = suite_create("privsep");
	TCase *tcase = tcase_create("privsep");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_files);
	tcase_add_test(tcase, test_lists);
	tcase_add_test(tcase, test_large);
	tcase_add_test(tcase, test_port_file);
	tcase_add_loop_test(tcase, test_port_file_removed, 0, 2);
	tcase_add_test(tcase, test_stale);
	tcase_add_test(tcase, test_forgotten);
	tcase_add_test(tcase, test_full);
	tcase_add_test(tcase, test_death);
	tcase_add_loop_test(tcase, test_end, 0, LENGTH(ends));
	tcase_add_test(tcase, test_silent_start);
	suite_add_tcase(suite, tcase);
	return suite;
}
