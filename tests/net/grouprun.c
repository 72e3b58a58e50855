/* SPDX-License-Identifier: ISC */
/*
 * See grouprun.h.  All groups are within one of the test's own, and so are all
 * processes that they hold: the kernel itself kills them at the end, whatever
 * happens to a test.
 */
#include "build.h"

#include "grouprun.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "harness.h"

const char grouprun_mhrun[] = NET_MHRUN;
const char grouprun_wildcard[] = NET_WILDCARD;

char grouprun_top[256];

void
grouprun_setup(void)
{
	const char *point = harness_file("cgroup");

	grouprun_top[0] = '\0';
	if (unshare(CLONE_NEWNS) != 0 || mkdir(point, 0700) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", point, "cgroup2", 0, NULL) != 0) {
		perror("cgroup2");
		return;
	}
	snprintf(grouprun_top, sizeof(grouprun_top), "%s/test-mhrun-%d", point,
	    (int)getpid());
	if (mkdir(grouprun_top, 0700) != 0)
		grouprun_top[0] = '\0';
}

static void
write_file(const char *folder, const char *name, const char *text)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

/* A group, after those within it.  Processes that were killed take a moment. */
static void
remove_group(const char *folder)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	DIR *directory = opendir(folder);
	struct dirent *entry;
	char path[512];

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		remove_group(path);
	}
	if (directory != NULL)
		closedir(directory);
	while (rmdir(folder) != 0 && errno == EBUSY && harness_now() < deadline)
		sched_yield();
}

void
grouprun_teardown(void)
{
	const char *point = harness_file("cgroup");

	if (grouprun_top[0] != '\0') {
		write_file(grouprun_top, "cgroup.kill", "1");
		remove_group(grouprun_top);
	}
	umount2(point, MNT_DETACH);
	rmdir(point);
}

static void
become(int netns, const int in[2], const int out[2], const char *line)
{
	if (setns(netns, CLONE_NEWNET) != 0 || dup2(in[0], STDIN_FILENO) < 0 ||
	    dup2(out[1], STDOUT_FILENO) < 0 || dup2(out[1], STDERR_FILENO) < 0)
		_exit(99);
	/* What the harness's group holds is killed at the end. */
	write_file(grouprun_top, "cgroup.procs", "0");
	execl("/bin/sh", "sh", "-c", line, (char *)NULL);
	_exit(99);
}

__attribute__((format(printf, 3, 0))) static void
start(struct grouprun *run, int netns, const char *format, va_list list)
{
	int in[2], out[2];
	char *words, *line;

	ck_assert_int_ge(vasprintf(&words, format, list), 0);
	ck_assert_int_ge(asprintf(&line, "exec %s", words), 0);
	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	memset(run, 0, sizeof(*run));
	run->pid = fork();
	ck_assert_int_ge(run->pid, 0);
	if (run->pid == 0)
		become(netns, in, out, line);
	close(in[0]);
	close(out[1]);
	run->in = in[1];
	run->out = out[0];
	free(words);
	free(line);
}

void
grouprun_start(struct grouprun *run, int netns, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	start(run, netns, format, list);
	va_end(list);
}

/* False at the end. */
static bool
read_more(struct grouprun *run)
{
	struct pollfd readable = { .fd = run->out, .events = POLLIN };
	ssize_t n;

	ck_assert_msg(poll(&readable, 1, HARNESS_PATIENCE_MS) == 1,
	    "it writes no more; so far:\n%s", run->output);
	n = read(run->out, run->output + run->length,
	    sizeof(run->output) - 1 - run->length);
	if (n <= 0)
		return false;
	run->length += (size_t)n;
	run->output[run->length] = '\0';
	return true;
}

void
grouprun_serve(struct grouprun *run, int netns, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	start(run, netns, format, list);
	va_end(list);
	while (strchr(run->output, '\n') == NULL)
		ck_assert_msg(read_more(run), "it has ended:\n%s", run->output);
	ck_assert_msg(sscanf(run->output, "%u\n", &run->port) == 1,
	    "no port:\n%s", run->output);
}

int
grouprun_end(struct grouprun *run)
{
	int status;

	close(run->in);
	while (read_more(run))
		;
	close(run->out);
	ck_assert_int_eq(waitpid(run->pid, &status, 0), run->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void
grouprun_kill(struct grouprun *run)
{
	ck_assert_int_eq(kill(run->pid, SIGKILL), 0);
	ck_assert_int_eq(grouprun_end(run), 128 + SIGKILL);
}

const char *
grouprun_first(const char *folder)
{
	DIR *directory = opendir(folder);
	static char first[512];
	struct dirent *entry;

	ck_assert_ptr_nonnull(directory);
	first[0] = '\0';
	while (first[0] == '\0' && (entry = readdir(directory)) != NULL)
		if (strncmp(entry->d_name, "mhrun-", 6) == 0)
			snprintf(first, sizeof(first), "%s/%s", folder,
			    entry->d_name);
	closedir(directory);
	return first;
}

unsigned int
grouprun_count(const char *folder)
{
	DIR *directory = opendir(folder);
	unsigned int count = 0;
	struct dirent *entry;

	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory)) != NULL)
		count += strncmp(entry->d_name, "mhrun-", 6) == 0;
	closedir(directory);
	return count;
}

void
grouprun_await(const char *folder, unsigned int count)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;

	while (grouprun_count(folder) != count) {
		ck_assert_msg(harness_now() < deadline,
		    "%u groups, not %u, are in %s", grouprun_count(folder),
		    count, folder);
		sched_yield();
	}
}

unsigned long
grouprun_counter(const char *folder, const char *name)
{
	struct grouprun run;
	char line[64];
	unsigned long value;
	const char *at;
	int netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	snprintf(line, sizeof(line), "\n  %s ", name);
	grouprun_check(
	    &run, netns, 0, line, "%s --status %s", grouprun_mhrun, folder);
	close(netns);
	at = strstr(run.output, line) + strlen(line);
	ck_assert_int_eq(sscanf(at, "%lu", &value), 1);
	return value;
}
