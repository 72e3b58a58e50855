/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/path/selfprobe_wire.c: whose query it is, and that any service
 * answers it, whoever may not ask otherwise.
 */
#include "daemon/path/selfprobe_wire.h"

#include "services/table.h"
#include "unit/path/traffic.h"

#include <string.h>

/* This process asks itself: any service answers, and says which one it was. */
static const struct secret_case {
	bool asked;
	const char *peer, *local;
	const char *data;
	bool answered;
} secrets[] = {
	{ true, "127.0.0.1:4000", "127.0.0.1", "0123456789abcdefNNWWQQQQ",
	    true },
	{ true, "[::1]:4001", "::1", "0123456789abcdefNNWWQQQQ", true },
	{ true, "192.0.2.1:4000", "192.0.2.1", "0123456789abcdefNNWWQQQQ",
	    true },
	/* A stranger, whatever it knows. */
	{ true, "192.0.2.9:4000", "192.0.2.1", "0123456789abcdefNNWWQQQQ",
	    false },
	{ true, "127.0.0.1:4000", "127.0.0.1", "0123456789abcdeFNNWWQQQQ",
	    false },
	/* A sender on another port may be one of our sockets that answers. */
	{ true, "127.0.0.1:4002", "127.0.0.1", "0123456789abcdefNNWWQQQQ",
	    false },
	{ true, "192.0.2.1:7007", "192.0.2.1", "0123456789abcdefNNWWQQQQ",
	    false },
	{ true, "127.0.0.1:4000", "127.0.0.1", "0123456789abcdefNNWWQQQ",
	    false },
	{ true, "127.0.0.1:4000", "127.0.0.1", "0123456789abcdefNNWWQQQQx",
	    false },
	{ false, "127.0.0.1:4000", "127.0.0.1", "0123456789abcdefNNWWQQQQ",
	    false },
};

START_TEST(test_own_queries)
{
	const struct secret_case *c = &secrets[_i];
	struct selfprobe_secret secret = { .enabled = c->asked,
		.ports = { 4000, 4001 } };
	struct fake_incoming incoming = traffic_from(c->peer, c->local);

	memcpy(secret.bytes, "0123456789abcdef", sizeof(secret.bytes));
	traffic.respond.set.worker = 0x102;
	incoming.data = c->data;
	incoming.length = strlen(c->data);
	traffic.respond.set.secret = &secret;
	traffic.respond.set.service = &service_discard;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, c->answered);
	ck_assert_uint_eq(traffic_count(STATS_SILENT), !c->answered);
	ck_assert_uint_eq(traffic_count(STATS_OWN), c->answered);
	if (c->answered) {
		ck_assert_uint_eq(fake.sent[0].length, 24);
		ck_assert_mem_eq(
		    fake.sent[0].data, "0123456789abcdefNN\1\2QQQQ", 24);
	}
	traffic_assert_sum(0);
}
END_TEST

/* Access rules do not matter: health is not a matter of access. */
START_TEST(test_own_query_passes_rules)
{
	struct selfprobe_secret secret = { .enabled = true, .ports = { 4000 } };
	struct fake_incoming incoming =
	    traffic_from("127.0.0.1:4000", "127.0.0.1");
	struct selfprobe_message probe = { .number = { 0 } };
	struct prefix other;

	ck_assert_int_eq(prefix_parse(&other, "192.0.2.0/24"), 0);
	other.value = 1;
	memcpy(secret.bytes, "0123456789abcdef", sizeof(secret.bytes));
	memcpy(probe.secret, secret.bytes, sizeof(secret.bytes));
	incoming.data = &probe;
	incoming.length = sizeof(probe);
	traffic.respond.set.secret = &secret;
	traffic.rules.serve = prefix_table_new(&other, 1);
	traffic.rules.max_amplification = 0;
	fake_deliver(mh_socket_handle(traffic.socket), &incoming);
	traffic_respond();
	ck_assert_uint_eq(fake.sent_count, 1);
	traffic_assert_sum(0);
	guard_rules_clear(&traffic.rules);
}
END_TEST

Suite *
selfprobe_wire_suite(void)
{
	Suite *suite = suite_create("selfprobe_wire");
	TCase *tcase = traffic_tcase("selfprobe_wire");

	tcase_add_loop_test(tcase, test_own_queries, 0, LENGTH(secrets));
	tcase_add_test(tcase, test_own_query_passes_rules);
	suite_add_tcase(suite, tcase);
	return suite;
}
