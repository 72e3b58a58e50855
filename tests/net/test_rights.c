/* SPDX-License-Identifier: ISC */
/*
 * The rights that the daemon gives up, in all its threads; the sandbox, probed
 * from within; and the privileged helper, which opens the configuration file
 * for it and nothing else.
 */
#include "build.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "inside.h"
#include "lan.h"
#include "netns.h"
#include "reload.h"
#include "server.h"

/* A sanitized daemon runs without the sandbox, see server.h. */

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

/* -- what the system says about each thread -- */

static void
expect_in_all_threads(pid_t pid, const char *line, int threads)
{
	char path[128], text[8192];
	struct dirent *entry;
	DIR *directory;
	size_t length;
	FILE *file;
	int seen = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	directory = opendir(path);
	ck_assert_ptr_nonnull(directory);
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.16s/status",
		    (int)pid, entry->d_name);
		file = fopen(path, "r");
		ck_assert_ptr_nonnull(file);
		length = fread(text, 1, sizeof(text) - 1, file);
		text[length] = '\0';
		fclose(file);
		ck_assert_msg(strstr(text, line) != NULL,
		    "no '%s' in thread %s:\n%s", line, entry->d_name, text);
		seen++;
	}
	closedir(directory);
	ck_assert_int_eq(seen, threads);
}

static const struct {
	const char *line;
	int threads;
	const char *status[8];
} rights[] = {
	/* One more thread follows the host's addresses. */
	{ "-u nobody -w 3", 4,
	    { "\nUid:\t65534\t65534\t65534\t65534\n",
		"\nGid:\t65534\t65534\t65534\t65534\n",
		"\nCapPrm:\t0000000000000000\n",
		"\nCapEff:\t0000000000000000\n",
		"\nCapBnd:\t0000000000000000\n", "\nNoNewPrivs:\t1\n",
		"\nSeccomp:\t2\n" } },
	/* root keeps the one right that a reload needs. */
	{ "-w 3", 4,
	    { "\nCapPrm:\t0000000000000400\n", "\nCapEff:\t0000000000000400\n",
		"\nCapAmb:\t0000000000000000\n",
		"\nCapBnd:\t0000000000000000\n", "\nNoNewPrivs:\t1\n",
		"\nSeccomp:\t2\n" } },
	{ "-w 2 --sandbox=no", 3,
	    { "\nCapEff:\t0000000000000400\n", "\nCapBnd:\t0000000000000000\n",
		"\nNoNewPrivs:\t1\n", "\nSeccomp:\t0\n" } },
	{ "-w 2 --sandbox=no -u nobody", 3,
	    { "\nCapEff:\t0000000000000000\n", "\nCapBnd:\t0000000000000000\n",
		"\nNoNewPrivs:\t1\n", "\nSeccomp:\t0\n" } },
};

START_TEST(test_status)
{
	struct server server = { .netns = -1 };
	struct client client;
	char line[128];
	struct lan lan;
	int i;

	if (SERVER_SANITIZED || !harness_needs_root())
		return;
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "%s echo=:7", rights[_i].line);
	server_start(&server, line);
	for (i = 0; i < COUNT(rights[_i].status); i++)
		if (rights[_i].status[i] != NULL)
			expect_in_all_threads(server.pid, rights[_i].status[i],
			    rights[_i].threads);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.2", 7);
	server_stop(&server);
}
END_TEST

/* In an image without a list of users, a number will do, and a name not. */
START_TEST(test_no_passwd)
{
	struct server server = { .netns = -1 };
	const char *empty = harness_file("passwd");
	struct lan lan;

	if (SERVER_SANITIZED || !harness_needs_root())
		return;
	lan_new(&lan);
	server.netns = lan.server;
	close(open(empty, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount(empty, "/etc/passwd", NULL, MS_BIND, NULL), 0);
	server_start(&server, "--user 65532 echo=:7");
	expect_in_all_threads(
	    server.pid, "\nUid:\t65532\t65532\t65532\t65532\n", 2);
	expect_in_all_threads(
	    server.pid, "\nGid:\t65532\t65532\t65532\t65532\n", 2);
	expect_in_all_threads(server.pid, "\nGroups:\t65532 \n", 2);
	server_stop(&server);
	ck_assert_int_eq(server_run(&server, "--user daemon echo=:7"), 67);
}
END_TEST

/* -- from within: what a daemon that was taken over could do -- */

/*
 * Without the sandbox these calls succeed, so they can reach only what is in
 * the scratch directory: a file that exists, and one that does not; or they are
 * given what is no file descriptor.
 */
enum call_path { NO_PATH, OLD_FILE, NEW_FILE };

static const struct {
	const char *name;
	long number;
	long arguments[6];
	enum call_path path; /* passed as the first argument that is 0 */
} calls[] = {
	{ "openat", SYS_openat, { AT_FDCWD, 0, O_RDONLY }, OLD_FILE },
	{ "execve", SYS_execve, { 0, 0, 0 }, OLD_FILE },
	{ "unlinkat", SYS_unlinkat, { AT_FDCWD, 0, 0 }, OLD_FILE },
	{ "mkdirat", SYS_mkdirat, { AT_FDCWD, 0, 0777 }, NEW_FILE },
	{ "clone", SYS_clone, { SIGCHLD }, NO_PATH },
	{ "clone3", SYS_clone3, { 0 }, NO_PATH },
	{ "ptrace", SYS_ptrace, { 0 }, NO_PATH },
	{ "kill", SYS_kill, { 1, 0 }, NO_PATH },
	{ "setuid", SYS_setuid, { 0 }, NO_PATH },
	{ "unshare", SYS_unshare, { 0x40000000 }, NO_PATH },
	{ "bpf", SYS_bpf, { 0 }, NO_PATH },
	{ "chroot", SYS_chroot, { 0 }, OLD_FILE },
	{ "mmap", SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1 },
	    NO_PATH },
	{ "mmap", SYS_mmap,
	    { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_SHARED | MAP_ANONYMOUS, -1 },
	    NO_PATH },
	{ "mprotect", SYS_mprotect, { 0, 4096, PROT_EXEC }, NO_PATH },
	{ "pkey_mprotect", SYS_pkey_mprotect, { 0, 4096, PROT_EXEC, -1 },
	    NO_PATH },
	{ "socket", SYS_socket, { AF_PACKET, SOCK_DGRAM, 0 }, NO_PATH },
	{ "socket", SYS_socket, { AF_INET, SOCK_STREAM, 0 }, NO_PATH },
	{ "socket", SYS_socket, { AF_INET, SOCK_RAW, IPPROTO_UDP }, NO_PATH },
	{ "socket", SYS_socket, { AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0 },
	    NO_PATH },
	{ "socket", SYS_socket, { AF_INET6, SOCK_RAW | SOCK_NONBLOCK, 58 },
	    NO_PATH },
	/* The kernel ignores the upper half. */
	{ "socket", SYS_socket, { AF_INET | 1L << 32, SOCK_STREAM, 0 },
	    NO_PATH },
	{ "socketpair", SYS_socketpair, { AF_UNIX, SOCK_DGRAM, 0, 8 },
	    NO_PATH },
	{ "ioctl", SYS_ioctl, { -1, TIOCSTI }, NO_PATH },
	{ "ioctl", SYS_ioctl, { -1, SIOCSIFADDR }, NO_PATH },
	{ "fcntl", SYS_fcntl, { -1, F_SETOWN, 1 }, NO_PATH },
};

/* Often enough that a line for each would be seen. */
#define REFUSALS 20

/* The log has one line, however often it was tried. */
static void
expect_logged_once(const struct server *server, const char *name)
{
	char line[128];

	snprintf(line, sizeof(line),
	    "warning: the sandbox has refused the system call %s,", name);
	ck_assert_uint_eq(server_log_count(server, line), 1);
	ck_assert_uint_eq(
	    server_log_count(server, "the sandbox has refused"), 1);
}

/* From within, have it made again and again. */
static void
expect_refused(const struct server *server, int call, const char *path)
{
	struct inside inside;
	long result;
	int i;

	inside_enter(&inside, server->pid);
	/* The way in works: this call is allowed. */
	ck_assert_int_eq(
	    inside_call(&inside, SYS_getpid, (long[6]){ 0 }), server->pid);
	for (i = 0; i < REFUSALS; i++) {
		result = inside_call_path(&inside, calls[call].number,
		    calls[call].arguments,
		    calls[call].path == NO_PATH ? NULL : path);
		ck_assert_msg(result == -EPERM, "%s returned %ld",
		    calls[call].name, result);
	}
	inside_leave(&inside);
}

START_TEST(test_sandbox)
{
	struct server server = { .netns = -1, .taken_over = true };
	char *old_file, *new_file;
	struct client client;
	const char *path;
	struct lan lan;
	int i;

	if (SERVER_SANITIZED)
		return;
	old_file = reload_file("\n");
	new_file = strdup(harness_file("new"));
	ck_assert_ptr_nonnull(new_file);
	path = calls[_i].path == OLD_FILE ? old_file : new_file;
	lan_new(&lan);
	server.netns = lan.server;
	server_start(&server, "echo=:7007");
	client_open(&client, "0.0.0.0");
	/* The second time it has been logged. */
	for (i = 0; i < 2; i++) {
		expect_refused(&server, _i, path);
		ck_assert_int_eq(access(old_file, F_OK), 0);
		ck_assert_int_ne(access(new_file, F_OK), 0);
		client_ask(&client, "192.0.2.1", 7007);
	}
	server_stop(&server);
	expect_logged_once(&server, calls[_i].name);
	free(old_file);
	free(new_file);
}
END_TEST

/* Who starts it may have blocked the signal by which a refusal is noticed. */
START_TEST(test_sandbox_blocked)
{
	struct server server = { .netns = netns_new(), .taken_over = true };
	sigset_t set;
	char *file;

	if (SERVER_SANITIZED)
		return;
	file = reload_file("\n");
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	server_start(&server, "echo=:7007");
	expect_refused(&server, 0, file);
	server_stop(&server);
	expect_logged_once(&server, calls[0].name);
	free(file);
}
END_TEST

/* -- the privileged helper -- */

/*
 * It has the right to access files only: it may write because of the port file,
 * which the harness always asks for.
 */
static const struct {
	const char *line;
	const char *status[5];
} helper_rights[] = {
	{ "-u nobody",
	    { "\nCapPrm:\t0000000000000002\n", "\nCapEff:\t0000000000000002\n",
		"\nCapBnd:\t0000000000000000\n", "\nNoNewPrivs:\t1\n",
		"\nSeccomp:\t2\n" } },
	{ "-u nobody --sandbox=no",
	    { "\nCapPrm:\t0000000000000002\n", "\nCapAmb:\t0000000000000000\n",
		"\nCapBnd:\t0000000000000000\n", "\nNoNewPrivs:\t1\n",
		"\nSeccomp:\t0\n" } },
	{ "",
	    { "\nCapPrm:\t0000000000000002\n", "\nCapInh:\t0000000000000000\n",
		"\nCapBnd:\t0000000000000000\n", "\nNoNewPrivs:\t1\n",
		"\nSeccomp:\t2\n" } },
};

START_TEST(test_helper_status)
{
	struct server server = { .netns = -1 };
	char *path, line[400];
	struct lan lan;
	int i;

	if (SERVER_SANITIZED || !harness_needs_root())
		return;
	path = reload_file("[echo]\nlisten = :7007\n");
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "%s -c %s", helper_rights[_i].line, path);
	server_start(&server, line);
	for (i = 0; i < COUNT(helper_rights[_i].status); i++)
		expect_in_all_threads(
		    server_helper(&server), helper_rights[_i].status[i], 1);
	server_stop(&server);
	free(path);
}
END_TEST

/* It dies: no zombie, the log says what is lost, and answers continue. */
START_TEST(test_helper_dies)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	struct server server = { .netns = -1 };
	struct client client;
	unsigned int i;
	char file[64];
	struct lan lan;
	pid_t helper;

	if (!harness_needs_root())
		return;
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "-u nobody -c %s", path);
	server_start(&server, line);
	helper = server_helper(&server);
	ck_assert_int_eq(kill(helper, SIGKILL), 0);
	snprintf(file, sizeof(file), "/proc/%d", (int)helper);
	while (access(file, F_OK) == 0) {
		ck_assert_msg(harness_now() < deadline, "a zombie");
		poll(NULL, 0, 2);
	}
	server_wait_log(&server,
	    "error: the privileged helper has died: until a restart, the "
	    "configuration cannot be reloaded and the port file can "
	    "neither be written nor removed");
	for (i = 1; i <= 2; i++) {
		reload_now(&server, false);
		ck_assert_uint_eq(
		    server_log_count(
			&server, ": the privileged helper has died: restart\n"),
		    i);
	}
	ck_assert_uint_eq(server_log_count(&server, "until a restart"), 1);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", 7007);
	server_stop(&server);
	free(path);
}
END_TEST

/* No rights were given up: then it is restarted. */
START_TEST(test_helper_again)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = netns_new() };
	pid_t helper;

	snprintf(line, sizeof(line), "--sandbox=no -w 2 -c %s", path);
	server_start(&server, line);
	helper = server_helper(&server);
	ck_assert_int_gt(helper, 0);
	ck_assert_int_eq(kill(helper, SIGKILL), 0);
	server_wait_log(&server, "warning: the privileged helper has died");
	reload_write(path, "[echo]\nlisten = :7007\n[time]\nlisten = :7037\n");
	reload_now(&server, true);
	server_read_ports(&server);
	ck_assert_uint_eq(server.count, 2);
	ck_assert_int_gt(server_helper(&server), 0);
	ck_assert_int_ne(server_helper(&server), helper);
	server_stop(&server);
	free(path);
}
END_TEST

static const char *const silent[] = { "-w 1", "-w 2", "-u nobody -w 1",
	"--sandbox=no -w 1" };

/*
 * It hangs: the worker that shares its thread with reloads keeps answering, the
 * reload fails, and the next one succeeds, whatever arrives late.
 */
START_TEST(test_helper_hangs)
{
	char *path, line[400];
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;
	pid_t helper;

	if (SERVER_SANITIZED || !harness_needs_root())
		return;
	path = reload_file("[echo]\nlisten = :7007\n");
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "%s -c %s", silent[_i], path);
	server_start(&server, line);
	helper = server_helper(&server);
	ck_assert_int_eq(kill(helper, SIGSTOP), 0);
	ck_assert_int_eq(kill(server.pid, SIGHUP), 0);
	client_open(&client, "0.0.0.0");
	while (server_log_count(
		   &server, "error: keeping the previous configuration") == 0) {
		client_ask(&client, "192.0.2.1", 7007);
		/* Not as fast as in a loop, which would be ended. */
		poll(NULL, 0, 20);
	}
	snprintf(line, sizeof(line),
	    "error: cannot read %s: the privileged helper has not answered "
	    "for 2 s",
	    path);
	ck_assert_uint_eq(server_log_count(&server, line), 1);
	reload_write(path, "[echo]\nlisten = :7007\n[time]\nlisten = :7037\n");
	ck_assert_int_eq(kill(helper, SIGCONT), 0);
	reload_now(&server, true);
	server_read_ports(&server);
	ck_assert_uint_eq(server.count, 2);
	ck_assert_int_eq(server_helper(&server), helper);
	server_stop(&server);
	free(path);
}
END_TEST

/* However a file is named at start, a reload finds it. */
static const struct {
	const char *option;         /* before the name; NULL: none */
	const char *before, *after; /* the name, in the configuration */
	const char *name;           /* appended to that of the file */
} named[] = {
	{ NULL, "[qotd]\nlisten = :7017\nfile = ", "\n", "" },
	{ "--qotd-file=", "[qotd]\nlisten = :7017\n#", "\n", "" },
	{ "--qotd-file ", "[qotd]\nlisten = :7017\nfile = /none;", "\n", "" },
	{ NULL,
	    "\xef\xbb\xbf"
	    "file = ",
	    "\n[qotd]\nlisten = :7017\n", "" },
	{ NULL, "[qotd]\nlisten = :7017\nfile:", "\n", "" },
	{ NULL, "[qotd]\r\nlisten = :7017\r\nfile = ", "\r\n", "" },
	{ NULL, "[qotd]\nlisten = :7017\nfile = ", "\n", " of = ours: \"q\"" },
};

START_TEST(test_helper_names)
{
	char *base = reload_file("x"), *path, quotes[300], missing[400];
	struct server server = { .netns = netns_new() };
	char line[900];

	snprintf(quotes, sizeof(quotes), "%s%s", base, named[_i].name);
	reload_write(quotes, "An apple a day\n");
	path = reload_file("%s%s%s", named[_i].before, quotes, named[_i].after);
	snprintf(line, sizeof(line), "-c %s %s%s", path,
	    named[_i].option != NULL ? named[_i].option : "",
	    named[_i].option != NULL ? quotes : "");
	server_start(&server, line);
	reload_now(&server, true);
	/* It is read: without it, the reload fails. */
	ck_assert_int_eq(unlink(quotes), 0);
	reload_now(&server, false);
	snprintf(missing, sizeof(missing),
	    "cannot read %s: No such file or directory", quotes);
	ck_assert_uint_eq(server_log_count(&server, missing), 1);
	server_stop(&server);
	free(path);
	free(base);
}
END_TEST

/* A file that only root can read stays readable. */
START_TEST(test_helper_reload)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	char *quotes = reload_file("An apple a day\n");
	struct server server = { .netns = -1 };
	struct client client;
	char text[600];
	struct lan lan;

	if (!harness_needs_root())
		return;
	lan_new(&lan);
	server.netns = lan.server;
	ck_assert_int_eq(chmod(path, 0600), 0);
	/* Also one of another user, unknown to the system. */
	ck_assert_int_eq(chown(quotes, 65533, 65533), 0);
	ck_assert_int_eq(chmod(quotes, 0600), 0);
	snprintf(line, sizeof(line), "-u nobody -w 2 -c %s", path);
	server_start(&server, line);
	snprintf(text, sizeof(text),
	    "[echo]\nlisten = :7007\n[echo:two]\nlisten = :7008\n"
	    "[qotd]\nlisten = :7017\nfile = %s\nmax-amplification = 10\n",
	    quotes);
	reload_write(path, text);
	ck_assert_int_eq(chmod(path, 0600), 0);
	reload_now(&server, true);
	server_read_ports(&server);
	ck_assert_uint_eq(server.count, 3);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", 7008);
	client_send(&client, "192.0.2.1", 7017, "", 0);
	ck_assert(client_receive(&client, HARNESS_PATIENCE_MS));
	ck_assert_uint_ge(client.length, strlen("An apple a day"));
	ck_assert_int_eq(memcmp(client.data, "An apple a day", 14), 0);
	server_stop(&server);
	free(path);
	free(quotes);
}
END_TEST

/* As privsep_stream.h has it. */
enum { READ = 1, WRITE, FILE_PATH, TEXT, ERROR, DONE };

#define HEADER offsetof(struct message, data)

struct message {
	unsigned int sequence, kind;
	char data[4096];
};

/* Requests of a daemon that was taken over. */
static const struct {
	unsigned int kind;
	const char *data;
	size_t size; /* 0: with all its data */
} questions[] = {
	{ READ, "/etc/shadow", 0 },
	{ FILE_PATH, "/etc/shadow", 0 },
	{ 0, "/etc/shadow", 0 },
	{ 99, "/etc/shadow", 0 },
	{ READ, "", 7 },
	{ READ, "", 1 },
};

/* It does not react, and still reads what it always reads. */
START_TEST(test_helper_refuses)
{
	char *path, line[400];
	struct server server = { .netns = -1 };
	struct message message = { 77, questions[_i].kind, "" };
	struct inside inside;
	struct lan lan;
	size_t size = questions[_i].size;
	int fd;

	if (SERVER_SANITIZED || !harness_needs_root())
		return;
	path = reload_file("[echo]\nlisten = :7007\n");
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "-u nobody -c %s", path);
	server_start(&server, line);
	ck_assert_int_gt(server_helper(&server), 0);
	/* Once it logs counters, its own requests have been answered. */
	ck_assert_uint_eq(server_counter(&server, "received"), 0);
	strcpy(message.data, questions[_i].data);
	if (size == 0)
		size = HEADER + strlen(message.data);
	inside_enter(&inside, server.pid);
	fd = inside_helper(&inside);
	inside_send(&inside, fd, &message, size);
	message = (struct message){ 78, READ, "" };
	inside_send(&inside, fd, &message, HEADER);
	size = inside_receive(&inside, fd, &message, sizeof(message));
	ck_assert_uint_eq(message.sequence, 78);
	ck_assert_uint_eq(message.kind, FILE_PATH);
	ck_assert_uint_eq(size, HEADER + strlen(path));
	ck_assert_int_eq(memcmp(message.data, path, strlen(path)), 0);
	inside_leave(&inside);
	reload_now(&server, true);
	server_stop(&server);
	free(path);
}
END_TEST

/* What it writes goes to the port file, and nowhere else. */
START_TEST(test_helper_writes)
{
	char *path, line[400], text[64] = "";
	struct server server = { .netns = -1 };
	struct message message = { 78, WRITE, "/etc/shadow" };
	struct inside inside;
	struct lan lan;
	FILE *file;
	int fd;

	if (SERVER_SANITIZED || !harness_needs_root())
		return;
	path = reload_file("[echo]\nlisten = :7007\n");
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "-u nobody -c %s", path);
	server_start(&server, line);
	ck_assert_uint_eq(server_counter(&server, "received"), 0);
	inside_enter(&inside, server.pid);
	fd = inside_helper(&inside);
	inside_send(&inside, fd, &message, HEADER + strlen(message.data));
	ck_assert_uint_eq(
	    inside_receive(&inside, fd, &message, sizeof(message)), HEADER);
	ck_assert_uint_eq(message.kind, DONE);
	inside_leave(&inside);
	file = fopen(server.port_file, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), file));
	fclose(file);
	ck_assert_str_eq(text, "/etc/shadow");
	reload_now(&server, true);
	server_stop(&server);
	free(path);
}
END_TEST

static const struct {
	int signal;
	bool hangs; /* in a reload */
	const char *line;
} ends[] = {
	{ SIGTERM, false, "-u nobody" },
	{ SIGKILL, false, "-u nobody" },
	{ SIGTERM, true, "-u nobody" },
	{ SIGKILL, true, "-u nobody" },
	{ SIGTERM, true, "--sandbox=no" },
	{ SIGTERM, true, "-u nobody --drain-time 1" },
};

START_TEST(test_helper_ends)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	struct server server = { .netns = netns_new() };
	pid_t helper;
	char file[64], state;
	FILE *stat;

	if (!harness_needs_root())
		return;
	snprintf(line, sizeof(line), "%s -c %s", ends[_i].line, path);
	server_start(&server, line);
	helper = server_helper(&server);
	ck_assert_int_gt(helper, 0);
	/* Signals to the helper alone do not end it. */
	ck_assert_int_eq(kill(helper, SIGTERM), 0);
	ck_assert_int_eq(kill(helper, SIGHUP), 0);
	reload_now(&server, true);
	if (ends[_i].hangs) {
		ck_assert_int_eq(kill(helper, SIGSTOP), 0);
		ck_assert_int_eq(kill(server.pid, SIGHUP), 0);
		/* Once it logs counters, it has handled that signal, too. */
		ck_assert_uint_eq(server_counter(&server, "received"), 0);
	}
	if (ends[_i].signal == SIGTERM)
		server_stop(&server);
	else {
		ck_assert_int_eq(kill(server.pid, SIGKILL), 0);
		ck_assert_int_eq(waitpid(server.pid, NULL, 0), server.pid);
		unlink(server.log_file);
	}
	snprintf(file, sizeof(file), "/proc/%d/stat", (int)helper);
	/* Gone, or a zombie that its new parent has not reaped yet. */
	while ((stat = fopen(file, "r")) != NULL) {
		state = '?';
		ck_assert_int_eq(fscanf(stat, "%*d (%*[^)]) %c", &state), 1);
		fclose(stat);
		if (state == 'Z')
			break;
		ck_assert_msg(
		    harness_now() < deadline, "it goes on: %c", state);
		poll(NULL, 0, 2);
	}
	/* Its last work, unless it was killed in the middle of other work. */
	if (!ends[_i].hangs)
		ck_assert_int_ne(access(server.port_file, F_OK), 0);
	unlink(server.port_file);
	free(path);
}
END_TEST

/* -- the helper reads what the daemon would, and nothing else -- */

static const struct {
	const char *option; /* before the name of the file with quotes; or... */
	const char *config, *rest; /* ...around it */
} readings[] = {
	{ "--file=", "[qotd]\nlisten = :7017\n", NULL },
	{ "--qotd-file=", "[qotd]\nlisten = :7017\n", NULL },
	{ "", "\357\273\277file = ", "\n[qotd]\nlisten = :7017\n" },
	{ "", "[qotd]\nlisten = :7017\nfile=", " ; quotes\n" },
};

START_TEST(test_helper_reads)
{
	char *quotes = reload_file("a quote\n"), line[800];
	bool inside = readings[_i].rest != NULL;
	char *path = reload_file("%s%s%s", readings[_i].config,
	    inside ? quotes : "", inside ? readings[_i].rest : "");
	struct server server = { .netns = netns_new() };

	snprintf(line, sizeof(line), "%s%s -c %s", readings[_i].option,
	    inside ? "" : quotes, path);
	server_start(&server, line);
	reload_now(&server, true);
	server_stop(&server);
	free(path);
	free(quotes);
}
END_TEST

/* -- a port file is not written through a link -- */

START_TEST(test_port_file_link)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	char *victim = reload_file("precious"), link[300], text[16] = "";
	struct server server = { .netns = netns_new() };
	FILE *file;

	snprintf(line, sizeof(line), "-c %s", path);
	server_start(&server, line);
	snprintf(link, sizeof(link), "%s.new", server.port_file);
	ck_assert_int_eq(symlink(victim, link), 0);
	reload_now(&server, true);
	server_read_ports(&server);
	file = fopen(victim, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), file));
	fclose(file);
	ck_assert_str_eq(text, "precious");
	server_stop(&server);
	free(path);
	free(victim);
}
END_TEST

/*
 * It is removed at the end, whoever wrote it; but not a file that replaced it.
 */
START_TEST(test_port_file_removed)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = netns_new() };
	bool replaced = _i == 2;
	FILE *file;

	snprintf(line, sizeof(line), "%s -c %s", _i == 1 ? "--sandbox=no" : "",
	    path);
	server_start(&server, line);
	reload_now(&server, true);
	ck_assert_int_eq(access(server.port_file, F_OK), 0);
	if (replaced) {
		ck_assert_int_eq(unlink(server.port_file), 0);
		file = fopen(server.port_file, "w");
		ck_assert_ptr_nonnull(file);
		fclose(file);
	}
	server_stop(&server);
	ck_assert_int_eq(access(server.port_file, F_OK) == 0, replaced);
	unlink(server.port_file);
	free(path);
}
END_TEST

/* A device stays a device, even for root. */
START_TEST(test_port_file_device)
{
	struct server server = { .netns = netns_new() };
	struct stat status;
	const char *device = server.port_file;

	snprintf(server.port_file, sizeof(server.port_file), "%s",
	    harness_file("device"));
	if (mknod(device, S_IFCHR | 0600, 1 << 8 | 3) < 0)
		ck_assert_int_eq(mkfifo(device, 0600), 0);
	ck_assert_int_eq(server_run(&server, "echo=:7007"), 78);
	server_wait_log(&server, "is not a regular file");
	ck_assert_int_eq(lstat(device, &status), 0);
	ck_assert(!S_ISREG(status.st_mode));
	ck_assert_int_eq(unlink(device), 0);
}
END_TEST

static Suite *
rights_suite(void)
{
	Suite *suite = suite_create("net rights");
	TCase *tcase = harness_case(suite, "rights");

	tcase_add_loop_test(tcase, test_status, 0, COUNT(rights));
	tcase_add_test(tcase, test_no_passwd);
	tcase_add_loop_test(tcase, test_sandbox, 0, COUNT(calls));
	tcase_add_test(tcase, test_sandbox_blocked);
	tcase_add_loop_test(tcase, test_helper_status, 0, COUNT(helper_rights));
	tcase_add_test(tcase, test_helper_dies);
	tcase_add_test(tcase, test_helper_again);
	tcase_add_loop_test(tcase, test_helper_hangs, 0, COUNT(silent));
	tcase_add_test(tcase, test_helper_reload);
	tcase_add_loop_test(tcase, test_helper_names, 0, COUNT(named));
	tcase_add_test(tcase, test_helper_writes);
	tcase_add_loop_test(tcase, test_helper_refuses, 0, COUNT(questions));
	tcase_add_loop_test(tcase, test_helper_ends, 0, COUNT(ends));
	tcase_add_loop_test(tcase, test_helper_reads, 0, COUNT(readings));
	tcase_add_test(tcase, test_port_file_link);
	tcase_add_loop_test(tcase, test_port_file_removed, 0, 3);
	tcase_add_test(tcase, test_port_file_device);
	return suite;
}

int
main(void)
{
	return harness_main(rights_suite());
}
