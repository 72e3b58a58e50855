/* SPDX-License-Identifier: ISC */
/*
 * src/probe/remedy.c: what is said of a server that is wrong, and the command,
 * which is to be safe to copy.  The namespace tests have real processes.
 */
#include "probe/remedy.h"

#include "unit/probe/suites.h"

#include <string.h>

/* Not one that an old table of processes could have. */
#define PID 2147483647

static const struct {
	const char *command; /* words, each ended by a | */
	bool needs_group;
	const char *printed;
} commands[] = {
	{ "socat|UDP-RECVFROM:7,fork|PIPE|", false,
	    "mhrun socat UDP-RECVFROM:7,fork PIPE" },
	{ "irtt|server|", true, "mhrun --cgroup -- irtt server" },
	{ "a|b c||~|", false, "mhrun a 'b c' '' '~'" },
	{ "a|it's|$(reboot)|`|;|", false,
	    "mhrun a 'it'\\''s' '$(reboot)' '`' ';'" },
	{ "a|\033[2J'\\|\n|\xc3\xa4|", false,
	    "mhrun a $'\\033[2J\\047\\134' $'\\012' $'\\303\\244'" },
	{ "", false, "mhrun ..." },
};

static struct host_owner
make_owner(const char *words)
{
	struct host_owner owner = { .pid = PID, .name = "socat" };
	size_t i;

	owner.length = strlen(words);
	for (i = 0; i < owner.length; i++)
		owner.command[i] = words[i] == '|' ? '\0' : words[i];
	return owner;
}

START_TEST(test_command)
{
	struct host_owner owner = make_owner(commands[_i].command);
	FILE *output = suites_output();
	char wanted[512];

	owner.needs_group = commands[_i].needs_group;
	snprintf(wanted, sizeof(wanted),
	    "Port 7 belongs to socat, process 2147483647.  Started by "
	    "mhrun(1), it answers from the address that was asked:\n  %s\n",
	    commands[_i].printed);
	remedy_print_owner(output, 7, &owner);
	suites_expect(output, wanted);
}
END_TEST

/* A service is repaired where it is, but for a socket that was made before. */
START_TEST(test_service)
{
	struct host_owner owner = make_owner("nsd|-d|");
	FILE *output = suites_output();

	strcpy(owner.group, "/a/system.slice/dns@\\x2d.service");
	remedy_print_owner(output, 53, &owner);
	owner.is_passed = true;
	remedy_print_owner(output, 53, &owner);
	suites_expect(output,
	    "Port 53 belongs to socat, process 2147483647, of "
	    "'dns@\\x2d.service'.  mhrun(1) repairs it while it runs:\n"
	    "  mhrun --attach '/a/system.slice/dns@\\x2d.service'\n"
	    "Port 53 belongs to socat, process 2147483647, of "
	    "'dns@\\x2d.service', with a socket that systemd made.  mhrun(1) "
	    "repairs it, as the first word after ExecStart= in\n"
	    "  systemctl edit 'dns@\\x2d.service'\n");
}
END_TEST

static const struct {
	const char *source; /* of the answer */
	bool local, said;
} wrongs[] = {
	{ "192.0.2.1:7", false, true },
	/* Nobody has that port. */
	{ "192.0.2.1:7", true, true },
	{ "192.0.2.2:7", false, false },
	/* Another port is not what mhrun is about. */
	{ "192.0.2.2:8", false, false },
	{ "192.0.2.2:8", true, false },
};

START_TEST(test_wrong)
{
	const struct session_plan plan = suites_plan();
	struct session *session = suites_session(&plan, "192.0.2.2:7");
	const struct options options = { .local = wrongs[_i].local };
	FILE *output = suites_output();

	suites_send(session, 0);
	suites_answer(session, 0, wrongs[_i].source, 1);
	remedy_print(output, &options, &session, 1);
	suites_expect(output,
	    wrongs[_i].said ? "mhrun(1) makes a server on Linux answer from "
			      "the address that was asked, unchanged.\n"
			    : "");
	session_free(session);
}
END_TEST

Suite *
probe_remedy_suite(void)
{
	Suite *suite = suite_create("probe remedy");
	TCase *tcase = tcase_create("remedy");

	tcase_add_loop_test(tcase, test_command, 0, LENGTH(commands));
	tcase_add_test(tcase, test_service);
	tcase_add_loop_test(tcase, test_wrong, 0, LENGTH(wrongs));
	suite_add_tcase(suite, tcase);
	return suite;
}
