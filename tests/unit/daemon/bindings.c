/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/bindings.c: which sockets are opened, kept and adopted, and what
 * the log says when that fails.
 */
#include "daemon/bindings.h"

#include "unit/daemon/scene.h"

#include <stdlib.h>
#include <string.h>

static struct plan *plans[3];
static struct bindings opened[3];

static const struct bindings none = { .items = NULL };

static void
teardown(void)
{
	size_t i;

	for (i = 0; i < LENGTH(plans); i++) {
		bindings_clear(&opened[i]);
		plan_free(plans[i]);
		plans[i] = NULL;
	}
}

/* Open what the command line needs, as number i; previous: a number or -1. */
static int
open_as(size_t i, const char *line, int previous)
{
	plans[i] = scene_plan(line);
	opened[i] = scene_bindings(plans[i]);
	return bindings_open(
	    &opened[i], plans[i], previous < 0 ? &none : &opened[previous]);
}

static const struct {
	const char *line;
	size_t bindings;
	unsigned int workers, sockets;
} rows[] = {
	{ "echo=:7", 1, 1, 1 },
	{ "-w 3 echo=:7", 1, 3, 3 },
	{ "-w 3 --stack two echo=:7", 2, 3, 6 },
	{ "-w 2 echo=:0 discard=127.0.0.1:9", 2, 2, 4 },
	{ "echo=127.0.0.1:7 echo:b=127.0.0.2:7 discard=[::1]:9", 3, 1, 3 },
};

/* A socket for each worker, all on one port, even if the system chose it. */
START_TEST(test_opens_for_each_worker)
{
	const struct binding *binding;
	unsigned int worker;
	size_t i;

	ck_assert_int_eq(open_as(0, rows[_i].line, -1), 0);
	ck_assert_uint_eq(opened[0].count, rows[_i].bindings);
	ck_assert_uint_eq(fake_open_count(), rows[_i].sockets);
	for (i = 0; i < opened[0].count; i++) {
		binding = &opened[0].items[i];
		ck_assert(!binding->kept);
		ck_assert_uint_ne(binding->bound.port, 0);
		for (worker = 0; worker < rows[_i].workers; worker++)
			ck_assert_uint_eq(
			    mh_socket_info(binding->fresh[worker])->bound.port,
			    binding->bound.port);
	}
	/* A port is shared only if there is another worker. */
	ck_assert_int_eq(fake.sockets[0]->shares_port, rows[_i].workers > 1);
}
END_TEST

/* What both plans have keeps its number. */
START_TEST(test_keeps_what_both_have)
{
	ck_assert_int_eq(open_as(0, "echo=:7 discard=:9 time=:37", -1), 0);
	scene_bound();
	ck_assert_int_eq(open_as(1, "time=:37 daytime=:13 echo=:7", 0), 0);
	ck_assert_uint_eq(scene_bound(), 1);
	ck_assert_uint_eq(opened[1].count, 3);
	ck_assert(opened[1].items[0].kept);
	ck_assert_uint_eq(opened[1].items[0].before, 2);
	ck_assert(!opened[1].items[1].kept);
	ck_assert_ptr_nonnull(opened[1].items[1].fresh[0]);
	ck_assert(opened[1].items[2].kept);
	ck_assert_uint_eq(opened[1].items[2].before, 0);
	ck_assert_ptr_null(opened[1].items[2].fresh[0]);
	unit_assert_address(&opened[1].items[2].bound, "[::]:7", "bound");
}
END_TEST

/* A socket may go to another service, with all that is known about it. */
START_TEST(test_keeps_for_another_service)
{
	ck_assert_int_eq(open_as(0, "echo=:7", -1), 0);
	opened[0].items[0].selectable = 5;
	ck_assert_int_eq(open_as(1, "discard=:9 echo:b=:7", 0), 0);
	ck_assert_uint_eq(opened[1].items[1].service, 1);
	ck_assert_uint_eq(opened[1].items[1].before, 0);
	ck_assert_uint_eq(opened[1].items[1].can, opened[0].items[0].can);
	ck_assert_uint_eq(opened[1].targets[1].sockets, 5);
}
END_TEST

/* Of a pair, each half stays in its place; and again after being kept. */
START_TEST(test_keeps_pairs)
{
	size_t i, half;

	ck_assert_int_eq(open_as(0, "--stack two echo=:7 discard=:9", -1), 0);
	scene_bound();
	ck_assert_int_eq(open_as(1, "--stack two discard=:9 echo=:7", 0), 0);
	ck_assert_int_eq(open_as(2, "--stack two echo=:7 discard=:9", 1), 0);
	ck_assert_uint_eq(scene_bound(), 0);
	for (i = 0; i < 4; i++) {
		half = i % 2;
		ck_assert_uint_eq(opened[1].items[i].half, half);
		ck_assert_uint_eq(
		    opened[1].items[i].before, (i < 2 ? 2 : 0) + half);
		ck_assert_uint_eq(
		    opened[2].items[i].before, (i < 2 ? 2 : 0) + half);
		ck_assert_int_eq(opened[2].items[i].bound.family,
		    opened[0].items[i].bound.family);
	}
}
END_TEST

/* Another port, another address, and one that is gone, are opened. */
static const char *const others[] = { "echo=:8", "echo=127.0.0.1:7777",
	"echo=[::1]:8" };

START_TEST(test_opens_others)
{
	ck_assert_int_eq(open_as(0, "echo=127.0.0.1:7", -1), 0);
	scene_bound();
	ck_assert_int_eq(open_as(1, others[_i], 0), 0);
	ck_assert_uint_eq(scene_bound(), 1);
	ck_assert(!opened[1].items[0].kept);
}
END_TEST

/* A socket without all options that are needed now cannot be kept. */
START_TEST(test_wants_more)
{
	ck_assert_int_eq(open_as(0, "echo=:7", -1), 0);
	scratch_log();
	ck_assert_int_eq(open_as(1, "whoami=:7", 0), CONFIG_EXIT_UNAVAILABLE);
	ck_assert_ptr_nonnull(
	    strstr(scratch_log(), "error: whoami: cannot serve :7: bind"));
	ck_assert_uint_eq(opened[1].count, 0);
	/* But one with more than those can. */
	ck_assert_int_eq(open_as(2, "whoami=:9", -1), 0);
	plan_free(plans[1]);
	ck_assert_int_eq(open_as(1, "discard=:9", 2), 0);
	ck_assert(opened[1].items[0].kept);
}
END_TEST

/* A reload may give a service its state, which may ask when replies left. */
START_TEST(test_wants_send_time)
{
	ck_assert_int_eq(open_as(0, "echo=:7 stamp=:862", -1), 0);
	ck_assert_uint_eq(opened[0].items[0].want & MH_CAN_SEND_TIME, 0);
	ck_assert_uint_ne(opened[0].items[1].want & MH_CAN_SEND_TIME, 0);
	ck_assert_uint_ne(opened[0].items[1].can & MH_CAN_SEND_TIME, 0);
	ck_assert_int_eq(
	    open_as(1, "--stamp-mode=stateful stamp=:862 echo=:7", 0), 0);
	ck_assert(opened[1].items[0].kept);
	ck_assert(opened[1].items[1].kept);
}
END_TEST

/* Failure: nothing stays open, whatever had been opened before. */

static const struct {
	enum fake_call call;
	enum mh__option option;
	int code;
	const char *line;
	int status;
	const char *log; /* the end of the message */
} failures[] = {
	{ FAKE_BIND, 0, MH_EPERMISSION, "echo=:7", CONFIG_EXIT_NOPERM,
	    "; ports below 1024 need root or CAP_NET_BIND_SERVICE, a high port "
	    "does not: echo=:7007\n" },
	{ FAKE_CREATE, 0, MH_EPERMISSION, "echo=:7", CONFIG_EXIT_OSERR,
	    "error 1\n" },
	{ FAKE_BIND, 0, MH_EINUSE, "echo=:7", CONFIG_EXIT_UNAVAILABLE,
	    "; another program holds this port: look there\n" },
	{ FAKE_BIND, 0, MH_EADDRESS, "echo=192.0.2.1:7",
	    CONFIG_EXIT_UNAVAILABLE,
	    "; --freebind binds to addresses that this host does not have "
	    "(yet)\n" },
	{ FAKE_BIND, 0, MH_ESYSTEM, "echo=:7", CONFIG_EXIT_OSERR, "error 1\n" },
	{ FAKE_SET, MH__SEND_TOS, MH_EUNSUPPORTED, "echo=:7 --reply-dscp copy",
	    CONFIG_EXIT_OSERR,
	    "echo: cannot serve :7: reply-dscp = copy: not supported by this "
	    "system\n" },
	{ FAKE_SET, MH__RECV_TOS, MH_EUNSUPPORTED, "echo=:7 --reply-dscp copy",
	    CONFIG_EXIT_OSERR,
	    "reply-dscp = copy: not supported by this system\n" },
	{ FAKE_SET, MH__TOS, MH_EUNSUPPORTED, "echo=:7 --reply-dscp 46",
	    CONFIG_EXIT_OSERR, "error 1\n" },
};

START_TEST(test_says_what_to_do)
{
	const struct fake_fault fault = { .call = failures[_i].call,
		.option = failures[_i].option,
		.skip = 2,
		.code = failures[_i].code,
		.system_code = 1 };
	char line[128];
	const char *log, *end;

	/* Two sockets succeed before it. */
	snprintf(line, sizeof(line),
	    "discard=127.0.0.1:9 discard:b=[::1]:10 %s", failures[_i].line);
	fake_fault(&fault);
	ck_assert_int_eq(open_as(0, line, -1), failures[_i].status);
	ck_assert_uint_eq(fake_open_count(), 0);
	ck_assert_uint_eq(opened[0].count, 0);
	log = scratch_log();
	end = strstr(log, failures[_i].log);
	ck_assert_msg(
	    end != NULL && strlen(end) == strlen(failures[_i].log), "%s", log);
	ck_assert_msg(
	    strstr(log, "multihomed: error: echo: cannot serve ") != NULL, "%s",
	    log);
}
END_TEST

/* A port of the running plan cannot be bound a second time. */
START_TEST(test_holds_the_port)
{
	ck_assert_int_eq(open_as(0, "echo=127.0.0.1:7", -1), 0);
	scratch_log();
	ck_assert_int_eq(
	    open_as(1, "echo=0.0.0.0:7", 0), CONFIG_EXIT_UNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(scratch_log(),
	    "; the running configuration holds this port: restart\n"));
	ck_assert_uint_eq(fake_open_count(), 1);
}
END_TEST

/* A worker after the first fails: the first one's sockets are closed. */
START_TEST(test_second_worker_fails)
{
	const struct fake_fault fault = {
		.call = FAKE_BIND, .skip = 2, .code = MH_ESYSTEM
	};

	fake_fault(&fault);
	ck_assert_int_eq(open_as(0, "-w 3 echo=:7", -1), CONFIG_EXIT_OSERR);
	ck_assert_uint_eq(fake_open_count(), 0);
}
END_TEST

/* What a system lacks is logged once, even across reloads. */

static const struct {
	enum mh__option option;
	const char *line, *reloaded, *name;
} reports[] = {
	{ MH__RECV_TTL, "-w 2 whoami=:7 whoami:b=:8", "-w 2 whoami=:9", "TTL" },
	{ MH__RECV_TOS, "-w 2 whoami=:7 whoami:b=:8", "-w 2 whoami=:9", "TOS" },
	{ MH__RECV_TIME, "-w 2 stamp=:7 stamp:b=:8", "-w 2 stamp=:9",
	    "receive time" },
	{ MH__RECV_DROPS, "-w 2 echo=:7 echo:b=:8", "-w 2 echo=:9",
	    "drop counter" },
	{ MH__SEND_TIME, "-w 2 stamp=:7 stamp:b=:8", "-w 2 stamp=:9",
	    "departure time" },
};

START_TEST(test_says_once_what_is_lacking)
{
	const struct fake_fault fault = { .call = FAKE_SET,
		.option = reports[_i].option,
		.code = MH_EUNSUPPORTED };
	const char *log, *at;
	char expected[100];

	snprintf(expected, sizeof(expected),
	    "warning: this system does not report the %s of datagrams\n",
	    reports[_i].name);
	fake_fault(&fault);
	ck_assert_int_eq(open_as(0, reports[_i].line, -1), 0);
	log = scratch_log();
	at = strstr(log, expected);
	ck_assert_msg(at != NULL, "%s", log);
	ck_assert_ptr_null(strstr(at + 1, "warning"));
	ck_assert_int_eq(open_as(1, reports[_i].reloaded, 0), 0);
	ck_assert_ptr_null(strstr(scratch_log(), "warning"));
}
END_TEST

/* What only some services or settings use is lacked in silence. */
START_TEST(test_lacks_marks)
{
	const struct fake_fault no_tos = { .call = FAKE_SET,
		.option = MH__SEND_TOS,
		.code = MH_EUNSUPPORTED };
	const struct fake_fault no_ttl = { .call = FAKE_SET,
		.option = MH__SEND_TTL,
		.code = MH_EUNSUPPORTED };

	fake_fault(&no_tos);
	fake_fault(&no_ttl);
	ck_assert_int_eq(open_as(0, "echo=:7", -1), 0);
	ck_assert_ptr_null(strstr(scratch_log(), "warning"));
	fake_heal();
	/* Where the system can, all sockets can: a service may need it. */
	ck_assert_int_eq(open_as(1, "echo=:8", -1), 0);
	ck_assert_uint_eq(
	    opened[1].items[0].can & (MH_CAN_SEND_TTL | MH_CAN_SEND_TOS),
	    MH_CAN_SEND_TTL | MH_CAN_SEND_TOS);
}
END_TEST

/* The same for one that was passed. */
START_TEST(test_cannot_copy_adopted)
{
	const struct fake_fault fault = { .call = FAKE_SET,
		.option = MH__SEND_TOS,
		.code = MH_EUNSUPPORTED };
	const struct mh_address address = unit_address("[::]:7007");

	fake_host.inherited[fake_host.inherited_count++] =
	    (struct fake_inherited){ "echo",
		    fake_foreign(&address, false)->handle };
	fake_fault(&fault);
	ck_assert_int_eq(
	    open_as(0, "--reply-dscp copy echo=:7", -1), CONFIG_EXIT_OSERR);
	ck_assert_ptr_nonnull(strstr(scratch_log(), "reply-dscp = copy: "));
}
END_TEST

START_TEST(test_no_ipv6_here)
{
	const struct mh_address ipv6 = unit_address("::1");
	const char *log;

	fake_local_remove(&ipv6);
	ck_assert_int_eq(
	    open_as(0, _i == 0 ? "echo=:7" : "--stack ipv6 echo=:7", -1), 0);
	log = scratch_log();
	ck_assert_msg(strstr(log,
			  _i == 0 ? "this host has no IPv6, not even ::1: "
				    "serving IPv4 only\n"
				  : "this host has no IPv6, not even ::1: no "
				    "client can reach it\n") != NULL,
	    "%s", log);
}
END_TEST

/*
 * Sockets of the service manager.
 */

static intptr_t
inherit(const char *name, const char *bound, bool only_ipv6)
{
	const struct mh_address address = unit_address(bound);
	intptr_t handle = fake_foreign(&address, only_ipv6)->handle;

	fake_host.inherited[fake_host.inherited_count++] =
	    (struct fake_inherited){ name, handle };
	return handle;
}

/* They replace what is configured, and belong to worker 0. */
START_TEST(test_adopts)
{
	intptr_t handle = inherit("echo", "[::]:7007", false);

	ck_assert_int_eq(open_as(0, "-w 2 echo=:7 discard=:9", -1), 0);
	ck_assert_uint_eq(opened[0].count, 2);
	unit_assert_address(&opened[0].items[0].bound, "[::]:7007", "bound");
	ck_assert_int_eq(mh_socket_handle(opened[0].items[0].fresh[0]), handle);
	ck_assert_ptr_null(opened[0].items[0].fresh[1]);
	ck_assert_uint_eq(opened[0].items[0].selectable, 1);
	ck_assert_uint_eq(opened[0].items[1].bound.port, 9);
	ck_assert_ptr_nonnull(opened[0].items[1].fresh[1]);
}
END_TEST

/* One that is bound to an interface is, after a reload as well. */
START_TEST(test_adopts_on_interface)
{
	size_t i;

	fake_socket(inherit("echo", "[::]:7007", false))->device = 5;
	ck_assert_int_eq(open_as(0, "echo=:7 discard=:9", -1), 0);
	ck_assert_int_eq(open_as(1, "echo=:7 discard=:9", 0), 0);
	for (i = 0; i < 2; i++) {
		ck_assert(opened[i].targets[0].on_interface);
		ck_assert(!opened[i].targets[1].on_interface);
	}
}
END_TEST

/*
 * Two with the same port are two bindings, each of which keeps its own socket.
 */
START_TEST(test_keeps_each_adopted)
{
	inherit("echo", "0.0.0.0:7", false);
	inherit("echo", "[::]:7", true);
	ck_assert_int_eq(open_as(0, "echo=:9", -1), 0);
	ck_assert_uint_eq(opened[0].count, 2);
	ck_assert_int_eq(open_as(1, "echo=:9", 0), 0);
	ck_assert_uint_eq(opened[1].count, 2);
	ck_assert(opened[1].items[0].kept && opened[1].items[1].kept);
	ck_assert_uint_eq(opened[1].items[0].before, 0);
	ck_assert_uint_eq(opened[1].items[1].before, 1);
	ck_assert_uint_eq(opened[1].items[0].half, 0);
	ck_assert_uint_eq(opened[1].items[1].half, 0);
	ck_assert_int_eq(opened[1].items[0].bound.family, MH_FAMILY_IPV4);
	ck_assert_int_eq(opened[1].items[1].bound.family, MH_FAMILY_IPV6);
}
END_TEST

START_TEST(test_cannot_adopt)
{
	const struct fake_fault fault = { .call = FAKE_ADOPT,
		.code = MH_EINVALID };

	inherit("echo", "[::]:7007", false);
	fake_fault(&fault);
	ck_assert_int_ne(open_as(0, "echo=:7", -1), 0);
	ck_assert_uint_eq(fake_open_count(), 0);
	ck_assert_ptr_nonnull(
	    strstr(scratch_log(), "error: echo: cannot serve :7007: "));
}
END_TEST

/*
 * The self-probe.
 */

static const struct {
	const char *line;
	bool enabled;
	int error;
	unsigned int calls, processors, selectable;
} selections[] = {
	{ "-w 3 echo=:7 discard=:9", true, 0, 2, 0, 3 },
	{ "-w 3 --cpu-affinity=yes echo=:7", true, 0, 1, 3, 3 },
	{ "-w 3 --cpu-affinity=yes stamp=:7", true, 0, 1, 3, 3 },
	/* Sessions need all packets of a peer at the same socket. */
	{ "-w 3 --cpu-affinity=yes --stamp-mode=stateful stamp=:7", true, 0, 1,
	    0, 3 },
	{ "-w 3 echo=:7 discard=:9", true, MH_EUNSUPPORTED, 2, 0, 1 },
	{ "-w 3 echo=:7", false, 0, 0, 0, 1 },
	{ "-w 1 echo=:7", true, 0, 0, 0, 1 },
};

START_TEST(test_lets_the_self_probe_select)
{
	static const char warning[] = "this system cannot select among sockets "
				      "that share a port: the self-probe "
				      "checks one of them\n";
	const struct fake_fault fault = { .call = FAKE_SELECT,
		.code = selections[_i].error };
	unsigned int calls = 0;
	const char *at;
	int found = -1;
	size_t i;

	scene.secret.enabled = selections[_i].enabled;
	fake_fault(&fault);
	ck_assert_int_eq(open_as(0, selections[_i].line, -1), 0);
	while ((found = fake_event_find((unsigned int)(found + 1), FAKE_SELECT,
		    MH_FAMILY_IPV6, 0)) >= 0) {
		ck_assert_uint_eq(
		    fake.events[found].value, selections[_i].processors);
		calls++;
	}
	ck_assert_uint_eq(calls, selections[_i].calls);
	for (i = 0; i < opened[0].count; i++)
		ck_assert_uint_eq(
		    opened[0].targets[i].sockets, selections[_i].selectable);
	at = strstr(scratch_log(), warning);
	ck_assert_int_eq(at != NULL, selections[_i].error != 0);
	ck_assert(at == NULL || strstr(at + 1, warning) == NULL);
	/* Nor is it repeated by a reload that opens others. */
	ck_assert_int_eq(open_as(1, "-w 3 echo=:19", 0), 0);
	ck_assert_ptr_null(at == NULL ? NULL : strstr(scratch_log(), warning));
}
END_TEST

START_TEST(test_hands_targets_over)
{
	const struct selfprobe_target *targets;
	const char *line = _i == 0
	    ? "echo=:7 discard=127.0.0.1:9"
	    : "--freebind=yes echo=:7 discard=127.0.0.1:9";

	ck_assert_int_eq(open_as(0, line, -1), 0);
	targets = opened[0].targets;
	unit_assert_address(&targets[0].bound, "[::]:7", "wildcard");
	unit_assert_address(&targets[1].bound, "127.0.0.1:9", "one address");
	ck_assert_uint_eq(targets[0].can & (MH_CAN_IPV4 | MH_CAN_IPV6),
	    MH_CAN_IPV4 | MH_CAN_IPV6);
	ck_assert_uint_eq(
	    targets[1].can & (MH_CAN_IPV4 | MH_CAN_IPV6), MH_CAN_IPV4);
	ck_assert_int_eq(targets[0].may_be_absent, _i != 0);
	ck_assert_int_eq(targets[1].may_be_absent, _i != 0);
}
END_TEST

Suite *
bindings_suite(void)
{
	Suite *suite = suite_create("bindings");
	TCase *tcase = scene_tcase("bindings");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_loop_test(tcase, test_opens_for_each_worker, 0, LENGTH(rows));
	tcase_add_test(tcase, test_keeps_what_both_have);
	tcase_add_test(tcase, test_keeps_for_another_service);
	tcase_add_test(tcase, test_keeps_pairs);
	tcase_add_loop_test(tcase, test_opens_others, 0, LENGTH(others));
	tcase_add_test(tcase, test_wants_more);
	tcase_add_test(tcase, test_wants_send_time);
	tcase_add_loop_test(tcase, test_says_what_to_do, 0, LENGTH(failures));
	tcase_add_test(tcase, test_holds_the_port);
	tcase_add_test(tcase, test_second_worker_fails);
	tcase_add_loop_test(
	    tcase, test_says_once_what_is_lacking, 0, LENGTH(reports));
	tcase_add_test(tcase, test_lacks_marks);
	tcase_add_test(tcase, test_cannot_copy_adopted);
	tcase_add_loop_test(tcase, test_no_ipv6_here, 0, 2);
	tcase_add_test(tcase, test_adopts);
	tcase_add_test(tcase, test_adopts_on_interface);
	tcase_add_test(tcase, test_keeps_each_adopted);
	tcase_add_test(tcase, test_cannot_adopt);
	tcase_add_loop_test(
	    tcase, test_lets_the_self_probe_select, 0, LENGTH(selections));
	tcase_add_loop_test(tcase, test_hands_targets_over, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
