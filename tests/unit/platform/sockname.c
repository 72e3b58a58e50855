/* SPDX-License-Identifier: ISC */
/*
 * src/platform/sockname.c: the two ends of a socket.
 */
#include "platform/sockname.h"

#include "unit/platform/live.h"
#include "unit/platform/suites.h"
#include "unit/unit.h"

#include <sys/socket.h>
#include <unistd.h>

/* Both ends of a connection, and of what is not one. */
START_TEST(test_ends)
{
	int listener = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct mh_address peer;
	union live_name name;
	socklen_t length = live_name("::", 0, &name);

	ck_assert_int_eq(bind(listener, &name.any, length), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	host_peer(client, &peer);
	unit_assert_address(&peer, "", "not connected");
	length = live_name("127.0.0.1", host_local_port(listener), &name);
	ck_assert_int_eq(connect(client, &name.any, length), 0);
	host_peer(client, &peer);
	ck_assert_uint_ne(peer.port, 0);
	ck_assert_uint_eq(peer.port, host_local_port(listener));
	peer.port = 0;
	unit_assert_address(&peer, "127.0.0.1", "peer");
	close(client);
	close(listener);
	ck_assert_uint_eq(host_local_port(-1), 0);
}
END_TEST

Suite *
platform_sockname_suite(void)
{
	Suite *suite = suite_create("sockname");
	TCase *tcase = tcase_create("sockname");

	tcase_add_test(tcase, test_ends);
	suite_add_tcase(suite, tcase);
	return suite;
}
