/* SPDX-License-Identifier: ISC */
/*
 * src/run/group/gone.c: which addresses have gone, and who asked one of them?
 * The rest needs a kernel: tests/net/test_run_table.c.
 */
#include "run/group/gone.h"

#include "unit/run/group/suites.h"
#include "unit/unit.h"

#include <string.h>

#define ADDRESSES_MAX 4

/* Up to the first NULL. */
static void
make(struct gone_list *list, const char *const texts[ADDRESSES_MAX])
{
	struct host_address addresses[ADDRESSES_MAX] = { { .if_index = 0 } };
	struct host_network network = { .addresses = addresses };

	for (; network.address_count < ADDRESSES_MAX; network.address_count++) {
		if (texts[network.address_count] == NULL)
			break;
		addresses[network.address_count].address =
		    unit_address(texts[network.address_count]);
	}
	ck_assert(gone_list_make(list, &network));
}

static const struct {
	const char *before[ADDRESSES_MAX], *now[ADDRESSES_MAX];
	const char *gone[ADDRESSES_MAX];
} changes[] = {
	{ { NULL }, { NULL }, { NULL } },
	{ { NULL }, { "192.0.2.1" }, { NULL } },
	{ { "192.0.2.1" }, { NULL }, { "192.0.2.1" } },
	{ { "192.0.2.2", "::1", "192.0.2.1" },
	    { "::1", "192.0.2.2", "192.0.2.3" }, { "192.0.2.1" } },
	/* Of two interfaces. */
	{ { "192.0.2.1", "192.0.2.1" }, { "192.0.2.1" }, { NULL } },
	{ { "fe80::1%2", "fe80::1%3" }, { "fe80::1%3" }, { "fe80::1%2" } },
	/* The same bytes, of another family. */
	{ { "192.0.2.1", "c000:201::" }, { "192.0.2.1" }, { "c000:201::" } },
};

START_TEST(test_subtract)
{
	struct gone_list before, now, expected;
	size_t i;

	make(&before, changes[_i].before);
	make(&now, changes[_i].now);
	make(&expected, changes[_i].gone);
	gone_list_subtract(&before, &now);
	ck_assert_uint_eq(before.count, expected.count);
	for (i = 0; i < expected.count; i++)
		ck_assert_int_eq(mh_address_compare(&before.addresses[i],
				     &expected.addresses[i]),
		    0);
	gone_list_free(&before);
	gone_list_free(&now);
	gone_list_free(&expected);
}
END_TEST

static const struct {
	const char *asked;
	uint32_t if_index; /* where that arrived */
	bool has;
} entries[] = {
	{ "192.0.2.1", 2, true },
	{ "192.0.2.1", 3, true },
	{ "192.0.2.2", 2, false },
	{ "c000:201::", 2, false },
	{ "2001:db8::1", 3, true },
	{ "2001:db8::2", 3, false },
	/* Of one link alone. */
	{ "fe80::1", 2, true },
	{ "fe80::1", 3, false },
};

START_TEST(test_has)
{
	static const char *const gone[] = { "2001:db8::1", "fe80::1%2",
		"192.0.2.1", NULL };
	struct group_local local = { .if_index = entries[_i].if_index };
	struct mh_address asked = unit_address(entries[_i].asked);
	struct group_peer peer = { .family = asked.family };
	struct gone_list list;

	memcpy(local.ip, asked.ip, sizeof(local.ip));
	make(&list, gone);
	ck_assert_int_eq(gone_list_has(&list, &peer, &local), entries[_i].has);
	gone_list_free(&list);
}
END_TEST

Suite *
gone_suite(void)
{
	Suite *suite = suite_create("gone");
	TCase *tcase = tcase_create("gone");

	tcase_add_loop_test(tcase, test_subtract, 0, LENGTH(changes));
	tcase_add_loop_test(tcase, test_has, 0, LENGTH(entries));
	suite_add_tcase(suite, tcase);
	return suite;
}
