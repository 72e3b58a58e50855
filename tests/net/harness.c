/* SPDX-License-Identifier: ISC */
/*
 * See harness.h.  Nothing of this outlives the program: the namespaces have no
 * names, processes that tests leave behind are killed, and the scratch
 * directory is emptied and removed at the end, however the tests went.
 */
#include "build.h"

#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Automake's exit code for a skipped test. */
#define EXIT_SKIPPED 77

/* A test makes a few thousand system calls at most. */
#define TEST_SECONDS 240

static char scratch[128];
static bool was_root;

static bool
require_all(void)
{
	const char *value = getenv("MH_REQUIRE_ALL");

	return value != NULL && strcmp(value, "1") == 0;
}

static bool
write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return done;
}

/* Become root of a user namespace of our own. */
static bool
become_root(void)
{
	char uids[32], gids[32];

	was_root = geteuid() == 0;
	if (was_root)
		return true;
	snprintf(uids, sizeof(uids), "0 %u 1", (unsigned int)geteuid());
	snprintf(gids, sizeof(gids), "0 %u 1", (unsigned int)getegid());
	return unshare(CLONE_NEWUSER) == 0 &&
	    write_text("/proc/self/setgroups", "deny") &&
	    write_text("/proc/self/uid_map", uids) &&
	    write_text("/proc/self/gid_map", gids);
}

/* From here on nothing can reach the host's own network. */
static bool
leave_network(void)
{
	return unshare(CLONE_NEWNET) == 0;
}

static bool
scratch_make(void)
{
	const char *top = getenv("TMPDIR");

	snprintf(scratch, sizeof(scratch), "%s/multihomed-test.XXXXXX",
	    top == NULL ? "/tmp" : top);
	return mkdtemp(scratch) != NULL;
}

/* The log of a daemon whose test did not finish. */
static void
show_log(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[512];

	if (file == NULL)
		return;
	fprintf(stderr, "%s, from a test that failed:\n", name);
	while (fgets(line, sizeof(line), file) != NULL)
		fprintf(stderr, "  %s", line);
	fclose(file);
}

static void
scratch_remove(void)
{
	DIR *directory = opendir(scratch);
	struct dirent *entry;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (strncmp(entry->d_name, "log.", 4) == 0)
			show_log(dirfd(directory), entry->d_name);
		if (unlinkat(dirfd(directory), entry->d_name, 0) != 0)
			unlinkat(dirfd(directory), entry->d_name, AT_REMOVEDIR);
	}
	if (directory != NULL)
		closedir(directory);
	rmdir(scratch);
}

/* The process that runs the tests; 0 if there is none. */
static volatile pid_t runner_pid;

static void
pass_on(int signal)
{
	if (runner_pid > 0)
		kill(runner_pid, signal);
}

/* Wait for the child; orphans are ours, and must not stay zombies. */
static bool
wait_for(pid_t child, int *status)
{
	pid_t pid;

	do
		pid = waitpid(-1, status, 0);
	while (pid != child && (pid > 0 || errno == EINTR));
	return pid == child;
}

/* Kill the children there are at the moment; false if there are none. */
static bool
kill_children(void)
{
	FILE *children = fopen("/proc/thread-self/children", "re");
	bool any = false;
	int pid;

	if (children == NULL) {
		perror("/proc/thread-self/children");
		return false;
	}
	while (fscanf(children, "%d", &pid) == 1)
		any |= kill(pid, SIGKILL) == 0;
	fclose(children);
	return any;
}

/*
 * What tests that failed have left behind, in whatever process group: their
 * orphans become our children, and the orphans of those do.
 */
static void
kill_orphans(void)
{
	while (kill_children())
		while (waitpid(-1, NULL, WNOHANG) == 0)
			sched_yield();
}

/* In a child: whoever cleans up must outlive the processes that it stops. */
static int
run_suite(SRunner *runner)
{
	const struct sigaction action = { .sa_handler = pass_on };
	int status;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	runner_pid = fork();
	if (runner_pid == 0) {
		srunner_run_all(runner, CK_ENV);
		_exit(srunner_ntests_failed(runner) == 0 ? EXIT_SUCCESS
							 : EXIT_FAILURE);
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	if (!wait_for(runner_pid, &status))
		return EXIT_FAILURE;
	runner_pid = 0;
	kill_orphans();
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

int
harness_main(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int status;

	if (!become_root() || !leave_network()) {
		fprintf(stderr, "SKIP all: network namespaces: %s\n",
		    strerror(errno));
		srunner_free(runner);
		return require_all() ? EXIT_FAILURE : EXIT_SKIPPED;
	}
	if (!scratch_make()) {
		perror(scratch);
		srunner_free(runner);
		return EXIT_FAILURE;
	}
	status = run_suite(runner);
	srunner_free(runner);
	scratch_remove();
	return status;
}

TCase *
harness_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, TEST_SECONDS);
	suite_add_tcase(suite, tcase);
	return tcase;
}

bool
harness_needs(bool met, const char *what)
{
	if (met)
		return true;
	if (require_all())
		ck_abort_msg("this test needs %s", what);
	fprintf(stderr, "SKIP: this test needs %s\n", what);
	return false;
}

bool
harness_needs_tool(const char *program)
{
	const char *path = getenv("PATH");
	char file[512];

	while (path != NULL && *path != '\0') {
		size_t length = strcspn(path, ":");

		snprintf(
		    file, sizeof(file), "%.*s/%s", (int)length, path, program);
		if (access(file, X_OK) == 0)
			return true;
		path += length + (path[length] == ':');
	}
	return harness_needs(false, program);
}

bool
harness_needs_root(void)
{
	return harness_needs(was_root, "root");
}

bool
harness_needs_users(const char *line)
{
	return strstr(line, "nobody") == NULL || harness_needs_root();
}

const char *
harness_file(const char *name)
{
	static char file[256];
	static unsigned int count;

	snprintf(file, sizeof(file), "%s/%s.%d.%u", scratch, name,
	    (int)getpid(), ++count);
	return file;
}

long long
harness_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
