/* SPDX-License-Identifier: ISC */
/*
 * The configuration file and its reloads: nothing is lost, a faulty file is
 * refused as a whole, and what is new applies from the next datagram on.
 */
#include "build.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"
#include "lan.h"
#include "netns.h"
#include "reload.h"
#include "server.h"

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))

#define EX_CONFIG 78

/* A file of the source tree. */
static const char *
source(const char *path)
{
	const char *top = getenv("srcdir");
	static char file[512];

	snprintf(file, sizeof(file), "%s/%s", top == NULL ? "." : top, path);
	return file;
}

static char *
read_all(const char *path)
{
	FILE *file = fopen(path, "r");
	static const size_t size = 65536;
	char *text = malloc(size);

	ck_assert_msg(file != NULL, "%s is not there", path);
	ck_assert_ptr_nonnull(text);
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
	return text;
}

/* -- reloads under load -- */

#define RELOADS 20
#define WINDOW 16

struct load {
	struct client clients[2];
	unsigned int port;
	unsigned int sent, received;
};

static const char *const asked[] = { "192.0.2.2", "2001:db8:2::1" };

/* Take all answers that have come: each to what was asked, in order. */
static void
load_receive(struct load *load, int milliseconds)
{
	struct client *client = &load->clients[load->received % 2];
	unsigned int number;

	while (load->received < load->sent &&
	    client_receive(client, milliseconds)) {
		ck_assert_uint_eq(client->length, sizeof(number));
		memcpy(&number, client->data, sizeof(number));
		ck_assert_msg(number == load->received,
		    "request %u was lost: next is %u", load->received, number);
		ck_assert_str_eq(client->source, asked[load->received % 2]);
		load->received++;
		client = &load->clients[load->received % 2];
	}
}

/* Send as many as may be outstanding, and take what has come. */
static void
load_step(struct load *load)
{
	while (load->sent - load->received < WINDOW) {
		client_send(&load->clients[load->sent % 2],
		    asked[load->sent % 2], load->port, &load->sent,
		    sizeof(load->sent));
		load->sent++;
	}
	load_receive(load, 0);
}

static const char *const load_lines[] = { "-w 1", "-w 2", "-w 1 -u nobody" };

/* Odd ones have another service, other rules and another order. */
static void
write_variant(const char *path, unsigned int port, unsigned int number)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "%s[echo]\nlisten = :%u\nrate = %u/s burst 1000000\n%s",
	    number % 2 ? "[whoami]\nlisten = :0\n" : "", port, 1000000 + number,
	    number % 2 ? "deny = 198.51.100.0/24\n[echo:more]\n"
			 "listen = 127.0.0.1:0\n"
		       : "");
	reload_write(path, text);
}

START_TEST(test_reload_under_load)
{
	struct server server = { .netns = -1 };
	char *path = reload_file("rate = none\n[echo]\nlisten = :7007\n");
	char line[400];
	struct load load = { .port = 7007 };
	unsigned int i, reloads;
	struct lan lan;

	if (!harness_needs_users(load_lines[_i]))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "%s -c %s", load_lines[_i], path);
	server_start(&server, line);
	client_open(&load.clients[0], "0.0.0.0");
	client_open(&load.clients[1], "::");
	for (i = 0; i < RELOADS; i++) {
		long long deadline = harness_now() + HARNESS_PATIENCE_MS;
		unsigned int before = load.received;

		write_variant(path, load.port, i + 1);
		reloads = server_log_count(&server, "multihomed: reloaded ");
		ck_assert_int_eq(kill(server.pid, SIGHUP), 0);
		/*
		 * Through the reload, and on until answers are by the new
		 * rules.
		 */
		while (server_log_count(&server, "multihomed: reloaded ") ==
			reloads ||
		    load.received - before < 4 * WINDOW) {
			ck_assert_msg(harness_now() < deadline,
			    "reload %u: %u answers", i, load.received - before);
			load_step(&load);
		}
	}
	load_receive(&load, HARNESS_PATIENCE_MS);
	ck_assert_uint_eq(load.received, load.sent);
	ck_assert_uint_ge(load.sent, RELOADS * 4 * WINDOW);
	server_read_ports(&server);
	server_stop(&server);
	free(path);
}
END_TEST

/* -- refused as a whole -- */

static const struct {
	const char *text, *said;
} bad[] = {
	/* A new service that is fine, followed by an error. */
	{ "[whoami]\nlisten = :7008\n[echo]\nlisten = :7007\n"
	  "deny = 0.0.0.0/0\nrate = fast\n",
	    ":6: [echo] rate: must be a rate" },
	{ "[echo]\nlisten = :7007\ndeny = 0.0.0.0/0\n[qotd]\nlisten = :7008\n"
	  "file = /nonexistent\n",
	    "[qotd] file: cannot read /nonexistent: No such file" },
	/* A port that is taken, after one that is free. */
	{ "[whoami]\nlisten = :7008\n[discard]\nlisten = :7009\n",
	    "discard: cannot serve :7009: bind" },
	{ "", ": no [SERVICE] section" },
};

START_TEST(test_refused)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = -1 };
	struct client client, holder;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	netns_enter(lan.server);
	client_open_at(&holder, "0.0.0.0", 7009);
	netns_enter(lan.client);
	snprintf(line, sizeof(line), "-c %s", path);
	server_start(&server, line);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", 7007);
	reload_write(path, bad[_i].text);
	reload_now(&server, false);
	ck_assert_uint_ge(server_log_count(&server, bad[_i].said), 1);
	client_ask(&client, "192.0.2.1", 7007);
	client_expect_refused("192.0.2.1", 7008);
	ck_assert_uint_eq(server_counter(&server, "answered"), 2);
	ck_assert_uint_eq(server_counter(&server, "dropped"), 0);
	ck_assert_uint_eq(server.count, 1);
	server_stop(&server);
	free(path);
}
END_TEST

/* -- included files -- */

static const struct {
	const char *line;
	bool as_root;
} inclusions[] = { { "", false }, { "--sandbox=no", false },
	{ "-u nobody", true } };

/* A file beside the one at that path, which includes it by a pattern. */
static char *
beside(const char *path, const char *name)
{
	char *file;

	ck_assert_int_ge(asprintf(&file, "%s.%s", path, name), 0);
	return file;
}

/*
 * What others drop beside it is read at a reload, by a daemon that itself can
 * neither list a folder nor open a file.
 */
START_TEST(test_include)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	char *one = beside(path, "1.part"), *two = beside(path, "2.part");
	const char *name = strrchr(path, '/') + 1;
	struct server server = { .netns = -1 };
	struct client client;
	char text[400];
	struct lan lan;

	if (inclusions[_i].as_root && !harness_needs_users(inclusions[_i].line))
		return;
	snprintf(text, sizeof(text),
	    "include = %s.*.part\n[echo]\nlisten = :7007\n", name);
	reload_write(path, text);
	reload_write(one, "[whoami]\nlisten = :7008\n");
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "%s -c %s", inclusions[_i].line, path);
	server_start(&server, line);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", 7007);
	client_expect_refused("192.0.2.1", 7009);
	/* A section in two files, and another one gone. */
	reload_write(one, "[echo:more]\nlisten = :7009\n");
	reload_write(two, "[echo]\nlisten = :7010\n");
	reload_now(&server, true);
	client_ask(&client, "192.0.2.1", 7007);
	client_ask(&client, "192.0.2.2", 7009);
	client_ask(&client, "192.0.2.1", 7010);
	client_expect_refused("192.0.2.1", 7008);
	/* Refused as a whole; the error is where it is. */
	reload_write(one, "[echo:more]\nlisten = :7011\n");
	reload_write(two, "\n[echo]\nrate = fast\n");
	reload_now(&server, false);
	snprintf(text, sizeof(text), "%s:3: [echo] rate: must be a rate", two);
	ck_assert_uint_eq(server_log_count(&server, text), 1);
	client_ask(&client, "192.0.2.2", 7009);
	client_expect_refused("192.0.2.1", 7011);
	/* None is left. */
	ck_assert_int_eq(unlink(one), 0);
	ck_assert_int_eq(unlink(two), 0);
	reload_now(&server, true);
	client_ask(&client, "192.0.2.1", 7007);
	client_expect_refused("192.0.2.1", 7009);
	/* But one that is named must be there. */
	snprintf(text, sizeof(text),
	    "[echo]\nlisten = :7007\n[daemon]\ninclude = %s.1.part\n", name);
	reload_write(path, text);
	reload_now(&server, false);
	snprintf(text, sizeof(text),
	    "%s:4: [daemon] include: cannot read %s: No such file", path, one);
	ck_assert_uint_eq(server_log_count(&server, text), 1);
	client_ask(&client, "192.0.2.1", 7007);
	server_read_ports(&server);
	server_stop(&server);
	free(one);
	free(two);
	free(path);
}
END_TEST

/* -- pipes -- */

/* Whoever puts a pipe there cannot stop the daemon: it waits for nobody. */
static const char *const pipe_lines[] = { "", "--sandbox=no", "-u nobody" };

START_TEST(test_pipe_at_reload)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	if (!harness_needs_users(pipe_lines[_i]))
		return;
	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "%s -c %s", pipe_lines[_i], path);
	server_start(&server, line);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	reload_now(&server, false);
	ck_assert_uint_eq(
	    server_log_count(&server, ": it is not a regular file"), 1);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", 7007);
	reload_write(path, "[echo]\nlisten = :7008\n");
	reload_now(&server, true);
	client_ask(&client, "192.0.2.1", 7008);
	server_stop(&server);
	free(path);
}
END_TEST

/* But at start a shell passes one as a file: -c <(...). */
START_TEST(test_pipe_at_start)
{
	static const char text[] = "[echo]\nlisten = :7007\n";
	struct server server = { .netns = netns_new() };
	char *path = reload_file("%s", text), line[400];
	pid_t writer;
	int fd;

	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	writer = fork();
	ck_assert_int_ge(writer, 0);
	if (writer == 0) {
		fd = open(path, O_WRONLY);
		_exit(write(fd, text, strlen(text)) != (ssize_t)strlen(text));
	}
	snprintf(line, sizeof(line), "-t -c %s", path);
	ck_assert_int_eq(server_run(&server, line), 0);
	ck_assert_uint_eq(
	    server_log_count(&server, "the configuration is valid"), 1);
	ck_assert_int_eq(waitpid(writer, NULL, 0), writer);
	free(path);
}
END_TEST

/* -- no memory for it: all workers go on as before -- */

#define KIB 1024UL
#define MEMORY_STEP (32 * KIB)
#define MEMORY_STEPS 256

/* Memory that the daemon may use beyond what it uses now. */
static void
limit_memory(const struct server *server, unsigned long more)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	char path[64], line[256];
	unsigned long has = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)server->pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (sscanf(line, "VmData: %lu", &has) == 1)
			limit.rlim_cur = has * KIB + more;
	fclose(file);
	ck_assert_uint_ne(has, 0);
	if (more == ULONG_MAX)
		limit.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(prlimit(server->pid, RLIMIT_DATA, &limit, NULL), 0);
}

/* The outcome of a reload that may fail, from what was logged. */
static bool
reload_if_possible(struct server *server)
{
	long long deadline = harness_now() + HARNESS_PATIENCE_MS;
	unsigned int good = server_log_count(server, ": reloaded ");
	unsigned int refused = server_log_count(server, "keeping the previous");

	ck_assert_int_eq(kill(server->pid, SIGHUP), 0);
	while (server_log_count(server, ": reloaded ") == good) {
		if (server_log_count(server, "keeping the previous") != refused)
			return false;
		ck_assert_msg(harness_now() < deadline, "no reload");
		poll(NULL, 0, 1);
	}
	return true;
}

/* 41 sockets, each with a listener in both workers. */
static void
write_large(const char *path)
{
	char text[1024];
	size_t length;
	int i;

	length = (size_t)snprintf(text, sizeof(text),
	    "[echo]\nlisten = :7007\ndeny = 0.0.0.0/0\n"
	    "[echo:more]\nlisten = :7100");
	for (i = 1; i < 40; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
		    ",%s:%d", i % 8 ? "" : "\n  ", 7100 + i);
	snprintf(text + length, sizeof(text) - length, "\n");
	reload_write(path, text);
}

START_TEST(test_no_memory)
{
	static const char small[] = "[echo]\nlisten = :7007\n";
	struct server server = { .netns = -1 };
	unsigned int i, failed = 0;
	char *path, line[400];
	struct client client;
	struct lan lan;

	/* With a sanitizer, running out of memory ends the program. */
	if (SERVER_SANITIZED)
		return;
	path = reload_file("%s", small);
	lan_new(&lan);
	server.netns = lan.server;
	/* Freed memory shows at once. */
	setenv("MALLOC_PERTURB_", "165", 1);
	snprintf(line, sizeof(line), "-w 2 -c %s", path);
	server_start(&server, line);
	client_open(&client, "0.0.0.0");
	for (i = 0; i < MEMORY_STEPS; i++) {
		write_large(path);
		limit_memory(&server, i * MEMORY_STEP);
		if (reload_if_possible(&server))
			break;
		failed++;
		limit_memory(&server, ULONG_MAX);
		client_ask(&client, "192.0.2.1", 7007);
		client_ask(&client, "192.0.2.2", 7007);
		client_expect_refused("192.0.2.1", 7100);
	}
	ck_assert_uint_ge(failed, 4);
	ck_assert_uint_ge(server_log_count(&server, "error: out of memory"), 2);
	limit_memory(&server, ULONG_MAX);
	reload_now(&server, true);
	client_ask(&client, "192.0.2.1", 7139);
	reload_write(path, small);
	reload_now(&server, true);
	client_ask(&client, "192.0.2.1", 7007);
	ck_assert_uint_ge(server_counter(&server, "answered"), 1);
	server_stop(&server);
	free(path);
}
END_TEST

/*
 * No descriptor for the file, in the process that opens it: the log says so,
 * and the next reload succeeds.
 */
START_TEST(test_no_files)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct rlimit usual, none = { .rlim_cur = 3 };
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "-c %s", path);
	server_start(&server, line);
	ck_assert_int_eq(prlimit(server.pid, RLIMIT_NOFILE, NULL, &usual), 0);
	none.rlim_max = usual.rlim_max;
	ck_assert_int_eq(prlimit(server.pid, RLIMIT_NOFILE, &none, NULL), 0);
	ck_assert_int_eq(
	    prlimit(server_helper(&server), RLIMIT_NOFILE, &none, NULL), 0);
	reload_now(&server, false);
	ck_assert_uint_eq(server_log_count(&server, "cannot read /"), 1);
	ck_assert_uint_eq(
	    server_log_count(&server, ": Too many open files"), 1);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", 7007);
	ck_assert_int_eq(prlimit(server.pid, RLIMIT_NOFILE, &usual, NULL), 0);
	ck_assert_int_eq(
	    prlimit(server_helper(&server), RLIMIT_NOFILE, &usual, NULL), 0);
	reload_now(&server, true);
	server_stop(&server);
	free(path);
}
END_TEST

/* -- the packet log -- */

/* Of one service, from a reload on; the daemon's own probes are not in it. */
START_TEST(test_packets)
{
	static const char with[] = "[echo]\nlisten = :7007\n%s"
				   "[echo:quiet]\nlisten = :7008\n";
	char *path = reload_file(with, ""), line[400], text[256];
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "--probe-interval=1 -c %s", path);
	server_start(&server, line);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", 7007);
	snprintf(text, sizeof(text), with, "log-packets = json\n");
	reload_write(path, text);
	reload_now(&server, true);
	client_ask(&client, "192.0.2.2", 7007);
	client_ask(&client, "192.0.2.1", 7008);
	snprintf(text, sizeof(text), with,
	    "log-packets = text\ndeny = 192.0.2.0/24\n");
	reload_write(path, text);
	reload_now(&server, true);
	client_send(&client, "192.0.2.2", 7007, "denied", 6);
	client_ask(&client, "192.0.2.1", 7008);
	server_stop(&server);
	ck_assert_uint_eq(server_log_count(&server, "{\"time\":"), 1);
	snprintf(text, sizeof(text),
	    ",\"service\":\"echo\",\"peer\":\"192.0.2.100:%u\","
	    "\"local\":\"192.0.2.2:7007\",\"interface\":\"",
	    client_port(&client));
	ck_assert_uint_eq(server_log_count(&server, text), 1);
	ck_assert_uint_eq(server_log_count(&server,
			      "\"outcome\":\"replied\",\"reply_bytes\":"),
	    1);
	ck_assert_uint_eq(server_log_count(&server, ": packet: "), 1);
	ck_assert_uint_eq(server_log_count(&server,
			      ", 6 bytes: dropped (not-allowed): allow and "
			      "deny exclude the peer\n"),
	    1);
	free(path);
}
END_TEST

/* -- new rules, from the next datagram on -- */

static const struct {
	const char *rule, *counter;
} rules[] = {
	{ "deny = 192.0.2.0/24", "not-allowed" },
	{ "allow = 198.51.100.0/24", "not-allowed" },
	{ "serve = 192.0.2.2", "not-served" },
	{ "trust =\nmax-amplification = 0.5", "too-long" },
};

START_TEST(test_new_rules)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = -1 };
	struct client client;
	char text[256];
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "-w 2 -c %s", path);
	server_start(&server, line);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", 7007);
	snprintf(
	    text, sizeof(text), "[echo]\nlisten = :7007\n%s\n", rules[_i].rule);
	reload_write(path, text);
	reload_now(&server, true);
	client_send(&client, "192.0.2.1", 7007, "twenty bytes are 20.", 20);
	server_wait_counter(&server, rules[_i].counter, 1);
	reload_write(path, "[echo]\nlisten = :7007\n");
	reload_now(&server, true);
	client_ask(&client, "192.0.2.1", 7007);
	ck_assert_uint_eq(server_counter(&server, "received"), 3);
	ck_assert_uint_eq(server_counter(&server, "answered"), 2);
	server_stop(&server);
	free(path);
}
END_TEST

/* -- services come, go and change places -- */

START_TEST(test_new_services)
{
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "-w 2 -c %s", path);
	server_start(&server, line);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", 7007);
	reload_write(path,
	    "[discard]\nlisten = :7010\n[echo:new]\nlisten = 192.0.2.2:7008\n"
	    "[echo]\nlisten = :7007\n");
	reload_now(&server, true);
	server_read_ports(&server);
	ck_assert_uint_eq(server.count, 3);
	client_ask(&client, "192.0.2.2", 7008);
	client_ask(&client, "192.0.2.1", 7007);
	reload_write(path, "[echo:new]\nlisten = 192.0.2.2:7008\n");
	reload_now(&server, true);
	server_read_ports(&server);
	ck_assert_uint_eq(server.count, 1);
	client_ask(&client, "192.0.2.2", 7008);
	client_expect_refused("192.0.2.1", 7007);
	client_expect_refused("192.0.2.1", 7010);
	/* What went has logged its totals. */
	ck_assert_uint_ge(
	    server_log_count(&server, "echo [::]:7007: received="), 1);
	server_stop(&server);
	free(path);
}
END_TEST

/* The same endpoint for another service: its socket stays. */
START_TEST(test_other_service)
{
	char *path = reload_file("[whoami]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = -1 };
	struct client client;
	struct lan lan;

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "-c %s", path);
	server_start(&server, line);
	reload_write(path, "[echo]\nlisten = :7007\n");
	reload_now(&server, true);
	client_open(&client, "0.0.0.0");
	client_ask(&client, "192.0.2.1", 7007);
	server_stop(&server);
	free(path);
}
END_TEST

/* -- what takes a restart is named, and all else takes effect -- */

START_TEST(test_unchangeable)
{
	static const char *const names[] = { "workers", "cpu-affinity", "http",
		"user", "sandbox", "port-file", "rate-buckets", "stack",
		"rcvbuf", "sndbuf", "batch" };
	char *path = reload_file("[echo]\nlisten = :7007\n"), line[400];
	struct server server = { .netns = -1 };
	struct client client;
	char said[80];
	struct lan lan;
	int i;

	lan_new(&lan);
	server.netns = lan.server;
	snprintf(line, sizeof(line), "-c %s", path);
	server_start(&server, line);
	reload_write(path,
	    "[daemon]\nworkers = 3\ncpu-affinity = yes\nhttp = "
	    "127.0.0.1:0\nuser = daemon\n"
	    "sandbox = no\nport-file = /nonexistent\nrate-buckets = 1024\n"
	    "stack = two\nrcvbuf = 4M\nsndbuf = 1M\nbatch = 8\n"
	    "[echo]\nlisten = :7007\ndeny = 192.0.2.0/24\n");
	reload_now(&server, true);
	for (i = 0; i < COUNT(names); i++) {
		/* The harness's options come last on the command line. */
		if (strcmp(names[i], "port-file") == 0 ||
		    (strcmp(names[i], "sandbox") == 0 && SERVER_SANITIZED))
			continue;
		snprintf(said, sizeof(said),
		    "warning: %s cannot change while running", names[i]);
		ck_assert_msg(
		    server_log_count(&server, said) == 1, "not said: %s", said);
	}
	client_open(&client, "0.0.0.0");
	client_send(&client, "192.0.2.1", 7007, "twenty bytes are 20.", 20);
	server_wait_counter(&server, "not-allowed", 1);
	server_stop(&server);
	free(path);
}
END_TEST

/* -- broken files -- */

static const char *const broken[] = { "endpoint", "faults", "label", "lines",
	"lists", "many", "misplaced", "no-key", "prefix-bits", "rates",
	"same-endpoint", "services", "twice", "unknown-key", "unknown-service",
	"user" };

/* Every error is reported, in exactly these words. */
START_TEST(test_broken)
{
	struct server server = { .netns = netns_new() };
	char *path, *log, *expected, *at, line[600], name[80];

	snprintf(name, sizeof(name), "tests/config/%s.expected", broken[_i]);
	expected = read_all(source(name));
	snprintf(name, sizeof(name), "tests/config/%s.conf", broken[_i]);
	path = strdup(source(name));
	snprintf(line, sizeof(line), "-t -c %s", path);
	ck_assert_int_eq(server_run(&server, line), EX_CONFIG);
	log = server_log(&server);
	while ((at = strstr(log, path)) != NULL) {
		memcpy(at, "FILE", 4);
		memmove(
		    at + 4, at + strlen(path), strlen(at + strlen(path)) + 1);
	}
	ck_assert_str_eq(log, expected);
	free(log);
	free(path);
	free(expected);
}
END_TEST

/* -- good files -- */

/* What --dump-config prints for the line, without the harness's own option. */
static char *
dump(const char *line)
{
	struct server server = { .netns = netns_new() };
	char *text, *own, words[600];

	snprintf(words, sizeof(words), "--dump-config %s", line);
	ck_assert_int_eq(server_run(&server, words), 0);
	text = server_log(&server);
	own = strstr(text, "port-file = ");
	ck_assert_ptr_nonnull(own);
	memmove(own, strchr(own, '\n'), strlen(strchr(own, '\n')) + 1);
	return text;
}

static const char *const dumped[] = {
	"echo",
	"--stack two --source relaxed --reply-interface arrival -w auto "
	"--reply-dscp copy "
	"--answer-broadcast --freebind --unsegmented --rcvbuf 4M -u nobody "
	"--rate none --rate-total 5000/s --node x echo=:7007 echo:a=[::1]:7 "
	"whoami=192.0.2.1:7008,[2001:db8::1]:7008",
	"--allow 192.0.2.0/24,2001:db8::/32 --deny 192.0.2.9 --trust ::1 "
	"--serve 198.51.100.0/24 --refuse-ports 7,19 --rate-prefix-v6 56 "
	"--max-amplification 2.25 --http [::1]:0 --http-allow 10.0.0.0/8 "
	"--probe-interval 2m --drain-time 90 -q daytime time chargen discard",
	"--request \"a\\x3bb\"? --reply ff00 --trust= -vv fixed=:1",
	"--trust 192.0.2.0/24,local echo",
};

START_TEST(test_dump_again)
{
	char *once = dump(dumped[_i]), *twice, *path, line[400];

	path = reload_file("%s", once);
	snprintf(line, sizeof(line), "-c %s", path);
	twice = dump(line);
	ck_assert_str_eq(once, twice);
	free(once);
	free(twice);
	free(path);
}
END_TEST

/* The sample is valid, and gives each key its default. */
START_TEST(test_sample)
{
	struct server server = { .netns = netns_new() };
	char *sample, *defaults, line[600];

	snprintf(line, sizeof(line), "-t -c %s",
	    source("etc/multihomed.conf.sample"));
	ck_assert_int_eq(server_run(&server, line), 0);
	ck_assert_uint_eq(
	    server_log_count(&server, "the configuration is valid"), 1);
	snprintf(
	    line, sizeof(line), "-c %s", source("etc/multihomed.conf.sample"));
	sample = dump(line);
	defaults = dump("echo");
	ck_assert_str_eq(sample, defaults);
	free(sample);
	free(defaults);
}
END_TEST

/* -- the manual -- */

static void
expect_good(const char *text)
{
	struct server server = { .netns = netns_new() };
	char *path = reload_file("%s", text), line[400], *log;
	int code;

	snprintf(line, sizeof(line), "-t -c %s", path);
	code = server_run(&server, line);
	log = server_log(&server);
	ck_assert_msg(code == 0, "%s\n%s", text, log);
	free(log);
	free(path);
	close(server.netns);
	close(server.log);
}

/* Remove mdoc's escapes: \(dq is a double quote. */
static void
plain(char *text)
{
	char *at;

	while ((at = strstr(text, "\\(dq")) != NULL) {
		*at = '"';
		memmove(at + 1, at + 4, strlen(at + 4) + 1);
	}
}

/* A single key, in a file around it. */
static void
expect_good_key(const char *line)
{
	char text[512];

	if (strncmp(line, "file ", 5) == 0)
		return; /* must not be missing */
	if (strncmp(line, "request ", 8) == 0)
		snprintf(text, sizeof(text),
		    "[fixed]\nlisten = :1\nreply = 00\n%s", line);
	else if (strncmp(line, "reply ", 6) == 0)
		snprintf(text, sizeof(text),
		    "[fixed]\nlisten = :1\nrequest = 00\n%s", line);
	else
		snprintf(text, sizeof(text),
		    "[daemon]\n%s%s[whoami]\nlisten = :7008\n", line,
		    strncmp(line, "http ", 5) == 0 ? "http-allow = ::1\n" : "");
	expect_good(text);
}

#define EXAMPLES_AT_LEAST 34

/* Each key's example is valid, and so are whole files. */
START_TEST(test_manual)
{
	char *page = read_all(source("man/multihomed.conf.5")), *at, *end;
	int keys = 0, files = 0;

	plain(page);
	for (at = page; (at = strstr(at, "\n.Dl ")) != NULL; keys++) {
		char line[256];

		at += strlen("\n.Dl ");
		snprintf(
		    line, sizeof(line), "%.*s\n", (int)strcspn(at, "\n"), at);
		expect_good_key(line);
	}
	for (at = page; (at = strstr(at, "\n.Bd ")) != NULL; at = end + 1) {
		at = strchr(at + 1, '\n') + 1;
		end = strstr(at, ".Ed\n");
		ck_assert_ptr_nonnull(end);
		*end = '\0';
		if (strchr("[;", *at) == NULL)
			continue;
		expect_good(at);
		files++;
	}
	ck_assert_int_ge(keys, EXAMPLES_AT_LEAST);
	ck_assert_int_ge(files, 3);
	free(page);
}
END_TEST

static Suite *
config_suite(void)
{
	Suite *suite = suite_create("net config");
	TCase *tcase = harness_case(suite, "config");
	TCase *threads = harness_case(suite, "threads");

	tcase_add_loop_test(
	    threads, test_reload_under_load, 0, COUNT(load_lines));
	tcase_add_loop_test(tcase, test_refused, 0, COUNT(bad));
	tcase_add_loop_test(tcase, test_include, 0, COUNT(inclusions));
	tcase_add_loop_test(tcase, test_pipe_at_reload, 0, COUNT(pipe_lines));
	tcase_add_test(tcase, test_pipe_at_start);
	tcase_add_test(threads, test_no_memory);
	tcase_add_test(tcase, test_no_files);
	tcase_add_test(tcase, test_packets);
	tcase_add_loop_test(threads, test_new_rules, 0, COUNT(rules));
	tcase_add_test(threads, test_new_services);
	tcase_add_test(tcase, test_other_service);
	tcase_add_test(tcase, test_unchangeable);
	tcase_add_loop_test(tcase, test_broken, 0, COUNT(broken));
	tcase_add_loop_test(tcase, test_dump_again, 0, COUNT(dumped));
	tcase_add_test(tcase, test_sample);
	tcase_add_test(tcase, test_manual);
	return suite;
}

int
main(void)
{
	return harness_main(config_suite());
}
