/* SPDX-License-Identifier: ISC */
/*
 * src/services/service.c: the list; and the services that fit on a page, echo
 * and discard.  Pure.
 */
#include "services/table.h"

#include "unit/unit.h"

#include <string.h>

START_TEST(test_finds_each_by_name)
{
	const struct service *const *at;

	for (at = service_table; *at != NULL; at++) {
		ck_assert_ptr_eq(service_find((*at)->name), *at);
		ck_assert_ptr_nonnull((*at)->answer);
		ck_assert_msg((*at)->summary != NULL && (*at)->summary[0] != 0,
		    "%s: no summary", (*at)->name);
	}
	ck_assert_ptr_eq(service_find("echo"), &service_echo);
	ck_assert_ptr_null(service_find(""));
	ck_assert_ptr_null(service_find("ech"));
	ck_assert_ptr_null(service_find("echo "));
}
END_TEST

static const size_t lengths[] = { 0, 1, 1472, 65507, 65527 };

/* The same bytes, and not one of them copied. */
START_TEST(test_echo_and_discard)
{
	static uint8_t data[MH_SLOT_SIZE], other[MH_SLOT_SIZE];
	struct service_context context = { .node = "" };
	const struct mh_datagram request = { .data = data,
		.length = lengths[_i] };
	struct service_reply reply = { .data = other, .room = lengths[_i] };

	ck_assert_int_eq(
	    service_discard.answer(&request, &context, &reply), SERVICE_QUIET);
	ck_assert_int_eq(
	    service_echo.answer(&request, &context, &reply), SERVICE_REPLY);
	ck_assert_uint_eq(reply.length, lengths[_i]);
	ck_assert_ptr_eq(reply.data, data);
	if (lengths[_i] == 0)
		return;
	reply.room--;
	ck_assert_int_eq(
	    service_echo.answer(&request, &context, &reply), SERVICE_NO_ROOM);
}
END_TEST

/* Names that do not hide one another, and what each key must have. */
START_TEST(test_own_keys)
{
	const struct service *const *at;
	const struct service_key *key;
	size_t i, count;

	for (at = service_table; *at != NULL; at++) {
		count = service_key_count(*at);
		ck_assert_uint_le(count, SERVICE_KEYS_MAX);
		for (i = 0; i < count; i++) {
			key = &(*at)->keys[i];
			ck_assert_ptr_eq(service_key_find(*at, key->name), key);
			ck_assert_ptr_nonnull(key->argument);
			ck_assert_ptr_nonnull(key->help);
			ck_assert_uint_lt(key->offset, (*at)->settings_size);
		}
		ck_assert_ptr_null(service_key_find(*at, "listen"));
	}
	ck_assert_uint_eq(service_key_count(&service_echo), 0);
	ck_assert_uint_eq(service_key_count(&service_fixed), 2);
	ck_assert_ptr_null(service_key_find(&service_echo, "file"));
	ck_assert_ptr_nonnull(service_key_find(&service_qotd, "file"));
}
END_TEST

/* IANA's service name and port number registry. */
START_TEST(test_have_their_ports)
{
	ck_assert_uint_eq(service_echo.port, 7);
	ck_assert_uint_eq(service_discard.port, 9);
	ck_assert_uint_eq(service_daytime.port, 13);
	ck_assert_uint_eq(service_qotd.port, 17);
	ck_assert_uint_eq(service_chargen.port, 19);
	ck_assert_uint_eq(service_time.port, 37);
	ck_assert_uint_eq(service_dns.port, 53);
	ck_assert_uint_eq(service_stun.port, 3478);
	ck_assert_uint_eq(service_sockperf.port, 11111);
	ck_assert_uint_eq(service_sntp.port, 123);
	ck_assert_uint_eq(service_beacon.port, 3075);
	ck_assert_uint_eq(service_whoami.port, 0);
	ck_assert_uint_eq(service_fixed.port, 0);
}
END_TEST

Suite *
service_suite(void)
{
	Suite *suite = suite_create("service");
	TCase *tcase = tcase_create("service");

	tcase_add_test(tcase, test_finds_each_by_name);
	tcase_add_loop_test(tcase, test_echo_and_discard, 0, LENGTH(lengths));
	tcase_add_test(tcase, test_have_their_ports);
	tcase_add_test(tcase, test_own_keys);
	suite_add_tcase(suite, tcase);
	return suite;
}
