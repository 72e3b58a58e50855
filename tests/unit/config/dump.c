/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/dump.c: a dump means the same as what was read.
 */
#include "daemon/config/dump.h"

#include "daemon/config/check.h"
#include "daemon/config/file.h"
#include "unit/config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A dump is a valid file, and reading it gives the same dump. */
static const char *const files[] = {
	"[echo]\n",
	"[echo]\nlisten = :7007\n[echo:lab]\nlisten = [::1]:8\n"
	"allow = 192.0.2.0/24\nrate = none\n[whoami]\nlisten = :9\n",
	"user = me\nnode = a b \"c\"\nrcvbuf = 4M\nworkers = auto\n"
	"drain-time = 2m\nstack = two\nsource = relaxed\n"
	"answer-broadcast = yes\nhttp = 127.0.0.1:1\ntrust =\n"
	"refuse-ports = 1, 2\nrate-total = 60/m burst 3\n[discard]\n"
	"max-amplification = 2.25\ntrust = fd00::/8\n",
	"trust = 192.0.2.0/24, local\n[echo]\n[whoami]\nlisten = :9\ntrust = "
	"local\n"
	"[time]\ntrust =\n",
	"[stun]\n[stamp]\n",
	"[stun]\nother-port = 5000\nother-address = 192.0.2.1, 2001:db8::1\n"
	"map = 10.0.0.1 192.0.2.1, 10.0.0.2 192.0.2.2\n[stamp]\n"
	"mode = stateful\ntimestamp = ptp\nsessions = 7\n"
	"session-timeout = 2m\ndscp = no\n",
	"[dns]\n",
	"[dns]\nzone = who.example, 1.example.\nwildcard = yes\n"
	"server-version = a b\n",
};

/* Every value at its longest. */
START_TEST(test_dumps_long_values)
{
	char *text = malloc(65536), *dump;
	size_t length = 0, i;
	struct config again;

	ck_assert_ptr_nonnull(text);
	length += (size_t)sprintf(text,
	    "node = %0255d\nport-file = %04095d\n"
	    "allow = ::1",
	    0, 0);
	for (i = 0; i < 1000; i++)
		length += (size_t)sprintf(
		    text + length, ", 10.%zu.%zu.0/24", i / 256, i % 256);
	length += (size_t)sprintf(
	    text + length, "\n[fixed]\nlisten = :7\nreply = \"\"\nrequest =");
	for (i = 0; i < SERVICE_PATTERN_MAX; i++)
		length += (size_t)sprintf(
		    text + length, i % 5 == 0 ? " ??" : " %02zx", i % 256);
	file_read_config(&config, "file", text, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	ck_assert_uint_eq(config.daemon.allow.count, 1001);
	check_config(&config, &errors);
	free(text);
	text = dump_config(&config);
	ck_assert_ptr_nonnull(text);
	ck_assert(config_init(&again, &errors));
	file_read_config(&again, "dump", text, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	check_config(&again, &errors);
	dump = dump_config(&again);
	ck_assert_str_eq(text, dump);
	free(text);
	free(dump);
	config_clear(&again);
}
END_TEST

START_TEST(test_dumps_what_it_reads)
{
	struct config again;
	char *first, *second;

	file_read_config(&config, "file", files[_i], &errors);
	check_config(&config, &errors);
	ck_assert_uint_eq(errors.count, 0);
	first = dump_config(&config);
	ck_assert_ptr_nonnull(first);
	ck_assert(config_init(&again, &errors));
	file_read_config(&again, "dump", first, &errors);
	ck_assert_msg(errors.count == 0, "%s", errors.lines[0]);
	check_config(&again, &errors);
	second = dump_config(&again);
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
	config_clear(&again);
}
END_TEST

Suite *
dump_suite(void)
{
	Suite *suite = suite_create("dump");
	TCase *tcase = values_tcase("dump");

	tcase_add_loop_test(tcase, test_dumps_what_it_reads, 0, LENGTH(files));
	tcase_add_test(tcase, test_dumps_long_values);
	suite_add_tcase(suite, tcase);
	return suite;
}
