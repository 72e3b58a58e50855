/* SPDX-License-Identifier: ISC */
/*
 * See server.h.  The daemon's output goes to a file, which is removed if the
 * daemon ended well; harness_main() shows what other tests left.  A process
 * file descriptor tells when the daemon ends, the port file when it is ready.
 */
#include "build.h"

#include "server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>

#include "harness.h"

/* How often to poll for what cannot be waited for. */
#define SERVER_LOOK_MS 5

/* How long a server that may hang is given to say what it counted. */
#define SERVER_REPORT_MS 1000

#define WORDS_MAX 48

#define SERVER_OPTIONS \
	(SERVER_SANITIZED ? "--sandbox=no --port-file" : "--port-file")

static void
split(char *line, char **words, unsigned int *count)
{
	char *rest = line, *word;

	while ((word = strtok_r(rest, " ", &rest)) != NULL) {
		ck_assert_uint_lt(*count, WORDS_MAX - 1);
		words[(*count)++] = word;
	}
	words[*count] = NULL;
}

static const char *
program(void)
{
	const char *other = getenv("MH_PROGRAM");

	return other == NULL ? NET_PROGRAM : other;
}

/* In the child: the environment of sd_listen_fds(3) and the journal. */
static void
be_managed(const struct server *server)
{
	struct stat status;
	char text[64];
	int i, copies[8];

	if (server->journal && fstat(STDERR_FILENO, &status) == 0) {
		snprintf(text, sizeof(text), "%llu:%llu",
		    (unsigned long long)status.st_dev,
		    (unsigned long long)status.st_ino);
		setenv("JOURNAL_STREAM", text, 1);
	}
	if (server->passed_count == 0)
		return;
	for (i = 0; i < server->passed_count; i++)
		copies[i] = fcntl(server->passed[i], F_DUPFD_CLOEXEC, 100);
	for (i = 0; i < server->passed_count; i++)
		dup2(copies[i], 3 + i);
	snprintf(text, sizeof(text), "%d", server->passed_count);
	setenv("LISTEN_FDS", text, 1);
	snprintf(text, sizeof(text), "%d", (int)getpid());
	setenv("LISTEN_PID", text, 1);
	if (server->passed_names != NULL)
		setenv("LISTEN_FDNAMES", server->passed_names, 1);
}

/* In the child. */
static void
become(const struct server *server, char **words)
{
	if (setns(server->netns, CLONE_NEWNET) != 0 ||
	    dup2(server->log, STDOUT_FILENO) < 0 ||
	    dup2(server->error != 0 ? server->error : server->log,
		STDERR_FILENO) < 0)
		_exit(125);
	if (server->without != 0 &&
	    prctl(PR_CAPBSET_DROP, server->without) != 0)
		_exit(125);
	be_managed(server);
	if (server->without_files)
		close_range(STDIN_FILENO, STDERR_FILENO, 0);
	execv(words[0], words);
	perror(words[0]);
	_exit(126);
}

/* The one started last, while it runs. */
static struct {
	pid_t pid; /* 0: none */
	int log;
} latest;

/* Start the program; before: words that precede those of the line. */
static void
spawn(struct server *server, const char *before, const char *line)
{
	char *words[WORDS_MAX];
	unsigned int count = 0;
	char *command;

	snprintf(server->log_file, sizeof(server->log_file), "%s",
	    harness_file("log"));
	server->log = open(
	    server->log_file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ck_assert_int_ge(server->log, 0);
	ck_assert_int_gt(asprintf(&command, "%s %s %s %s",
			     server->wrapper == NULL ? "" : server->wrapper,
			     program(), before, line),
	    0);
	split(command, words, &count);
	server->pid = fork();
	ck_assert_int_ge(server->pid, 0);
	if (server->pid == 0)
		become(server, words);
	free(command);
	server->pidfd = pidfd_open(server->pid, 0);
	ck_assert_int_ge(server->pidfd, 0);
	latest.pid = server->pid;
	latest.log = server->log;
}

char *
server_log(const struct server *server)
{
	struct stat status;
	char *text;
	ssize_t length;

	ck_assert_int_eq(fstat(server->log, &status), 0);
	text = malloc((size_t)status.st_size + 1);
	ck_assert_ptr_nonnull(text);
	length = pread(server->log, text, (size_t)status.st_size, 0);
	ck_assert_int_ge(length, 0);
	text[length] = '\0';
	return text;
}

static unsigned int
count_lines(const char *log, const char *text)
{
	unsigned int lines = 0;

	while ((log = strstr(log, text)) != NULL) {
		lines++;
		log += strcspn(log, "\n");
	}
	return lines;
}

unsigned int
server_log_count(const struct server *server, const char *text)
{
	char *log = server_log(server);
	unsigned int lines = count_lines(log, text);

	free(log);
	return lines;
}

/* Has it ended, or does it in time?  Then it is reaped. */
static bool
ended(struct server *server, int milliseconds, int *status)
{
	struct pollfd end = { .fd = server->pidfd, .events = POLLIN };

	if (poll(&end, 1, milliseconds) != 1)
		return false;
	ck_assert_int_eq(waitpid(server->pid, status, 0), server->pid);
	close(server->pidfd);
	if (latest.pid == server->pid)
		latest.pid = 0;
	return true;
}

static int
exit_code(const struct server *server, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) != 125 &&
	    WEXITSTATUS(status) != 126)
		return WEXITSTATUS(status);
	ck_abort_msg("wait status %#x; it wrote:\n%s", (unsigned int)status,
	    server_log(server));
}

void
server_read_ports(struct server *server)
{
	FILE *file = fopen(server->port_file, "r");
	struct server_socket *socket = server->sockets;
	char endpoint[96], *colon;

	server->count = 0;
	ck_assert_ptr_nonnull(file);
	while (fscanf(file, "%31s %95s", socket->service, endpoint) == 2) {
		colon = strrchr(endpoint, ':');
		ck_assert_msg(colon != NULL, "port file: %s", endpoint);
		*colon = '\0';
		ck_assert_int_eq(sscanf(colon + 1, "%u", &socket->port), 1);
		if (strcmp(socket->service, "http") == 0) {
			server->http_port = socket->port;
			continue;
		}
		snprintf(socket->address, sizeof(socket->address), "%.79s",
		    endpoint);
		ck_assert_uint_lt(++server->count, SERVER_SOCKETS_MAX);
		socket++;
	}
	fclose(file);
	unlink(server->port_file);
	ck_assert_uint_gt(server->count, 0);
}

void
server_start(struct server *server, const char *line)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	char before[300];
	int status;

	snprintf(server->port_file, sizeof(server->port_file), "%s",
	    harness_file("ports"));
	snprintf(
	    before, sizeof(before), "%s %s", SERVER_OPTIONS, server->port_file);
	server->count = 0;
	spawn(server, before, line);
	while (access(server->port_file, F_OK) != 0) {
		ck_assert_msg(!ended(server, SERVER_LOOK_MS, &status),
		    "it ended: wait status %#x", (unsigned int)status);
		ck_assert_msg(harness_now() < deadline, "no port file");
	}
	server_read_ports(server);
}

int
server_run(struct server *server, const char *line)
{
	char before[300];
	int status;

	if (*server->port_file == '\0')
		snprintf(server->port_file, sizeof(server->port_file), "%s",
		    harness_file("ports"));
	snprintf(
	    before, sizeof(before), "%s %s", SERVER_OPTIONS, server->port_file);
	spawn(server, before, line);
	unlink(server->log_file);
	ck_assert_msg(ended(server, HARNESS_PATIENCE_MS, &status),
	    "it does not end; it wrote:\n%s", server_log(server));
	return exit_code(server, status);
}

void
server_stop_by(struct server *server, int signal)
{
	unsigned int totals = server_log_count(server, " received=");
	int status;

	ck_assert_int_eq(kill(server->pid, signal), 0);
	ck_assert_msg(ended(server, HARNESS_PATIENCE_MS, &status),
	    "signal %d does not end it", signal);
	ck_assert_int_eq(exit_code(server, status), 0);
	ck_assert_uint_eq(
	    server_log_count(server, " received=") - totals, server->count);
	ck_assert_msg(server_log_count(server, "::ffff:") == 0,
	    "a v4-mapped address in the log");
	ck_assert_msg(server->taken_over ||
		server_log_count(server, "the sandbox has refused") == 0,
	    "the sandbox refuses what is needed");
	unlink(server->log_file);
}

void
server_stop(struct server *server)
{
	server_stop_by(server, SIGTERM);
}

pid_t
server_helper(struct server *server)
{
	char path[128], name[32] = "";
	pid_t child = 0;
	FILE *file;

	(void)server_counter(server, "received");
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)server->pid, (int)server->pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	if (fscanf(file, "%d", &child) != 1)
		child = 0;
	fclose(file);
	if (child == 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)child);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%31s", name), 1);
	fclose(file);
	ck_assert_str_eq(name, "mh-privsep");
	return child;
}

void
server_freeze(struct server *server)
{
	int status;

	ck_assert_int_eq(kill(server->pid, SIGSTOP), 0);
	ck_assert_int_eq(waitpid(server->pid, &status, WUNTRACED), server->pid);
	ck_assert(WIFSTOPPED(status));
}

void
server_thaw(struct server *server)
{
	ck_assert_int_eq(kill(server->pid, SIGCONT), 0);
}

static pid_t
newest_thread(const struct server *server)
{
	struct dirent *entry;
	DIR *directory;
	char path[64];
	pid_t last = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)server->pid);
	directory = opendir(path);
	ck_assert_ptr_nonnull(directory);
	/* The system lists them by age. */
	while ((entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			last = (pid_t)atoi(entry->d_name);
	closedir(directory);
	ck_assert_int_ne(last, server->pid);
	return last;
}

void
server_freeze_thread(struct server *server)
{
	pid_t thread = newest_thread(server);
	int status;

	ck_assert_int_eq(ptrace(PTRACE_SEIZE, thread, NULL, NULL), 0);
	ck_assert_int_eq(ptrace(PTRACE_INTERRUPT, thread, NULL, NULL), 0);
	ck_assert_int_eq(waitpid(thread, &status, __WALL), thread);
	ck_assert(WIFSTOPPED(status));
	server->frozen = thread;
}

void
server_stop_frozen(struct server *server, int signal, int code)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	int status;

	ck_assert_int_eq(kill(server->pid, signal), 0);
	/* The tracer of a thread has to see it end before the process does. */
	while (waitpid(server->frozen, &status, __WALL | WNOHANG) == 0) {
		ck_assert_msg(harness_now() < deadline,
		    "signal %d does not end it", signal);
		poll(NULL, 0, SERVER_LOOK_MS);
	}
	ck_assert_msg(ended(server, HARNESS_PATIENCE_MS, &status),
	    "signal %d does not end it", signal);
	ck_assert_int_eq(exit_code(server, status), code);
	unlink(server->log_file);
}

void
server_thaw_thread(struct server *server)
{
	ck_assert_int_eq(ptrace(PTRACE_DETACH, server->frozen, NULL, NULL), 0);
}

unsigned int
server_port(const struct server *server, const char *service)
{
	unsigned int i;

	for (i = 0; i < server->count; i++)
		if (strcmp(server->sockets[i].service, service) == 0)
			return server->sockets[i].port;
	ck_abort_msg("the port file does not name %s", service);
}

/* The number after " NAME=" in a line; 0 if it is not there. */
static unsigned long
number(const char *line, const char *name)
{
	const char *end = line + strcspn(line, "\n");
	char wanted[64];
	const char *found;

	snprintf(wanted, sizeof(wanted), " %s=", name);
	found = strstr(line, wanted);
	if (found == NULL || found > end)
		return 0;
	return strtoul(found + strlen(wanted), NULL, 10);
}

/* Make all sockets log their counters; the log from there on.  Caller frees. */
static char *
ask_counters(struct server *server)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	unsigned int before = server_log_count(server, " received=");
	char *log = server_log(server);
	size_t length = strlen(log);

	free(log);
	ck_assert_int_eq(kill(server->pid, SIGUSR1), 0);
	while (
	    server_log_count(server, " received=") < before + server->count) {
		ck_assert_msg(harness_now() < deadline, "no counters");
		poll(NULL, 0, SERVER_LOOK_MS);
	}
	log = server_log(server);
	memmove(log, log + length, strlen(log + length) + 1);
	return log;
}

/* The sum of a counter over all lines. */
static unsigned long
sum(const char *log, const char *name)
{
	unsigned long total = 0;

	while ((log = strstr(log, " received=")) != NULL) {
		total += number(log, name);
		log++;
	}
	return total;
}

void
server_report(void)
{
	struct stat before, now;
	int waited;

	if (latest.pid == 0 || fstat(latest.log, &before) != 0 ||
	    kill(latest.pid, SIGUSR1) != 0)
		return;
	for (waited = 0; waited < SERVER_REPORT_MS; waited += SERVER_LOOK_MS) {
		poll(NULL, 0, SERVER_LOOK_MS);
		if (fstat(latest.log, &now) != 0 ||
		    now.st_size != before.st_size)
			return;
	}
}

unsigned long
server_counter(struct server *server, const char *name)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	unsigned long value;
	bool balanced;
	char *log;

	/* A worker counts an answer after sending it: a moment later. */
	do {
		ck_assert_msg(harness_now() < deadline,
		    "received is not answered + silent + dropped");
		log = ask_counters(server);
		balanced = sum(log, "received") + sum(log, "fault-duplicate") ==
		    sum(log, "answered") + sum(log, "silent") +
			sum(log, "dropped");
		value = sum(log, name);
		free(log);
	} while (!balanced);
	return value;
}

void
server_wait_log(struct server *server, const char *text)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;

	while (server_log_count(server, text) == 0) {
		ck_assert_msg(
		    harness_now() < deadline, "not in the log: %s", text);
		poll(NULL, 0, SERVER_LOOK_MS);
	}
}

void
server_wait_counter(
    struct server *server, const char *name, unsigned long value)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	unsigned long now;

	while ((now = server_counter(server, name)) != value) {
		ck_assert_msg(harness_now() < deadline, "%s is %lu, not %lu",
		    name, now, value);
		poll(NULL, 0, SERVER_LOOK_MS);
	}
}
