/* SPDX-License-Identifier: ISC */
/*
 * Fixtures: the fake system is new before each test and checked after it.
 */
#include "unit/fixture.h"

#include <string.h>

static void
setup(void)
{
	fake_reset();
}

static void
teardown(void)
{
	const char *misuse = fake.misuse;
	unsigned int open = fake_open_count();

	fake_reset();
	ck_assert_msg(misuse == NULL, "misuse of the platform: %s", misuse);
	ck_assert_msg(open == 0, "%u sockets are left open", open);
}

TCase *
fixture_tcase(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	return tcase;
}

struct mh_socket *
fixture_open(const char *endpoint, enum mh_stack stack)
{
	const struct mh_socket_options options = { .stack = stack };
	const struct mh_address address = unit_address(endpoint);
	struct mh_socket *sockets[MH_SOCKETS_MAX];
	struct mh_problem problem;
	int n = mh_socket_open(sockets, &address, &options, &problem);

	ck_assert_msg(n == 1, "%s: %d sockets", endpoint, n);
	return sockets[0];
}

struct mh_datagram *
fixture_reply(struct mh_batch *batch, const char *peer, const char *local,
    uint32_t if_index)
{
	struct mh_datagram *reply = mh_batch_reserve(batch);

	ck_assert_msg(reply != NULL, "no reply slot for %s", peer);
	reply->peer = unit_address(peer);
	reply->local = unit_address(local);
	reply->if_index = if_index;
	memcpy(reply->data, "data", 4);
	reply->length = 4;
	return reply;
}
