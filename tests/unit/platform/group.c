/* SPDX-License-Identifier: ISC */
/*
 * src/platform/group.c: sockets of this host join groups on its loopback
 * interface.  What arrives then is in tests/net/test_group.c.
 */
#include "platform/group.h"

#include "unit/platform/suites.h"
#include "unit/unit.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
	int family;
	const char *group;
	uint32_t if_index; /* 0: that of lo */
	int code;
} joins[] = {
	{ AF_INET, "239.1.2.3", 0, 0 }, { AF_INET6, "ff05::1234", 0, 0 },
	{ AF_INET, "239.1.2.3", 4000000, MH_EUNSUPPORTED },
	{ AF_INET, "192.0.2.1", 0, MH_EUNSUPPORTED }, /* no group */
};

/* Twice is as good as once. */
START_TEST(test_join)
{
	int fd = socket(joins[_i].family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct mh_address group = unit_address(joins[_i].group);
	uint32_t if_index =
	    joins[_i].if_index != 0 ? joins[_i].if_index : if_nametoindex("lo");
	unsigned int round;

	ck_assert_int_ge(fd, 0);
	for (round = 0; round < 2; round++)
		ck_assert_int_eq(
		    host_group_join(fd, &group, if_index), joins[_i].code);
	close(fd);
}
END_TEST

/* A system allows 20 or so. */
START_TEST(test_too_many)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct mh_address group = unit_address("239.1.2.0");
	int error = 0;

	while (error == 0 && ++group.ip[2] < 255)
		while (error == 0 && ++group.ip[3] < 255)
			error =
			    host_group_join(fd, &group, if_nametoindex("lo"));
	ck_assert_int_eq(error, MH_ENOBUFFERS);
	close(fd);
}
END_TEST

START_TEST(test_keep_out)
{
	static const struct {
		int family, level, option;
		const char *group;
	} sockets[] = { { AF_INET, IPPROTO_IP, IP_MULTICAST_ALL, "239.1.2.3" },
		{ AF_INET6, IPPROTO_IPV6, IPV6_MULTICAST_ALL, "ff05::1234" } };
	int fd = socket(sockets[_i].family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct mh_address group = unit_address(sockets[_i].group);
	int value = -1;
	socklen_t length = sizeof(value);

	host_group_keep_out(fd, &group);
	ck_assert_int_eq(getsockopt(fd, sockets[_i].level, sockets[_i].option,
			     &value, &length),
	    0);
	ck_assert_int_eq(value, 0);
	close(fd);
}
END_TEST

Suite *
platform_group_suite(void)
{
	Suite *suite = suite_create("group");
	TCase *tcase = tcase_create("group");

	tcase_add_loop_test(tcase, test_join, 0, LENGTH(joins));
	tcase_add_test(tcase, test_too_many);
	tcase_add_loop_test(tcase, test_keep_out, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
