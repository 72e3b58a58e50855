/* SPDX-License-Identifier: ISC */
/*
 * src/lib/share.c: what the system is asked for, and what it said.
 */
#include "lib/multihome_share.h"

#include "unit/fixture.h"

static const uint8_t secret[MH_SHARE_SECRET_SIZE] = { 1, 2, 3 };

static const struct {
	unsigned int processors;
	int code;
} shares[] = { { 0, 0 }, { 4, 0 }, { 0, MH_EUNSUPPORTED } };

static struct mh_socket *
open_sharing(unsigned int processors)
{
	const struct mh_socket_options options = { .share_port = true,
		.processors = processors };
	const struct mh_address endpoint = unit_address(":7");
	struct mh_socket *sockets[MH_SOCKETS_MAX];

	ck_assert_int_eq(mh_socket_open(sockets, &endpoint, &options, NULL), 1);
	return sockets[0];
}

/* By number what has the secret, and the rest as before. */
START_TEST(test_select)
{
	const struct fake_fault fault = { .call = FAKE_SELECT,
		.code = shares[_i].code };
	struct mh_socket *socket = open_sharing(shares[_i].processors);
	int event;

	fake_fault(&fault);
	ck_assert_int_eq(mh_share_select(socket, secret), shares[_i].code);
	event = fake_event_find(0, FAKE_SELECT, MH_FAMILY_IPV6, 0);
	ck_assert_int_ge(event, 0);
	ck_assert_int_eq(fake.events[event].handle, mh_socket_handle(socket));
	ck_assert_uint_eq(fake.events[event].value, shares[_i].processors);
	mh_socket_close(socket);
}
END_TEST

START_TEST(test_restrict)
{
	const struct fake_fault fault = { .call = FAKE_RESTRICT,
		.code = shares[_i].code };
	struct mh_socket *socket = fixture_open(":7", MH_STACK_DUAL);
	int event;

	fake_fault(&fault);
	ck_assert_int_eq(mh_share_restrict(socket, secret), shares[_i].code);
	event = fake_event_find(0, FAKE_RESTRICT, MH_FAMILY_IPV6, 0);
	ck_assert_int_ge(event, 0);
	ck_assert_int_eq(fake.events[event].handle, mh_socket_handle(socket));
	mh_socket_close(socket);
}
END_TEST

/* One that was opened elsewhere has nothing to keep. */
START_TEST(test_select_adopted)
{
	const struct mh_socket_options options = { .share_port = true };
	const struct mh_address bound = unit_address("127.0.0.1:7");
	const struct fake_socket *foreign = fake_foreign(&bound, true);
	struct mh_socket *socket;
	int event;

	ck_assert_int_eq(
	    mh_socket_adopt(&socket, foreign->handle, &options, NULL), 0);
	ck_assert_int_eq(mh_share_select(socket, secret), 0);
	event = fake_event_find(0, FAKE_SELECT, MH_FAMILY_IPV4, 0);
	ck_assert_int_ge(event, 0);
	ck_assert_uint_eq(fake.events[event].value, 0);
	mh_socket_close(socket);
}
END_TEST

Suite *
share_suite(void)
{
	Suite *suite = suite_create("share");
	TCase *tcase = fixture_tcase("share");

	tcase_add_loop_test(tcase, test_select, 0, LENGTH(shares));
	tcase_add_loop_test(tcase, test_restrict, 0, LENGTH(shares));
	tcase_add_test(tcase, test_select_adopted);
	suite_add_tcase(suite, tcase);
	return suite;
}
