/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/types_list.c: how lists of endpoints, prefixes and ports
 * are read and written.
 */
#include "daemon/config/types.h"

#include "unit/config/values.h"

static const struct values_row values[] = {
	GOOD("listen", ":7", ":7"),
	GOOD("listen", ":7, [2001:db8::1]:7,192.0.2.1:7",
	    ":7, [2001:db8::1]:7, 192.0.2.1:7"),
	GOOD("listen", "\t:7 , :8\t", ":7, :8"),
	GOOD("listen", ":7,", ":7"),
	GOOD("listen", "[::ffff:192.0.2.1]:7", "192.0.2.1:7"),
	GOOD("listen", "", ""),
	GOOD("listen", "0.0.0.0:7", "0.0.0.0:7"),
	/* Others may be an address of this host, and bind() tells. */
	GOOD("listen", "240.0.0.1:7, [::1.2.3.4]:7, [::2]:7",
	    "240.0.0.1:7, [::1.2.3.4]:7, [::2]:7"),
#define BAD_ZERO(key, text)                                             \
	{                                                               \
		key, text, NULL,                                        \
		    "cannot be \"" text                                 \
		    "\": no host has an address in 0.0.0.0/8; 0.0.0.0 " \
		    "alone means every IPv4 address"                    \
	}
	BAD_ZERO("listen", "0.1.2.3:7"),
	BAD_ZERO("listen", "0.0.0.1:0"),
	BAD_ZERO("listen", "[::ffff:0.1.2.3]:7"),
	BAD_ZERO("http", "0.255.255.255:7"),
#define BAD_ENDPOINT(text) \
	BAD("listen", text, "must be :PORT, ADDRESS:PORT or [IPV6]:PORT")
	BAD_ENDPOINT("7"),
	BAD_ENDPOINT(":"),
	BAD_ENDPOINT(":65536"),
	BAD_ENDPOINT("localhost:7"),
	BAD_ENDPOINT("192.0.2.1"),
	BAD_ENDPOINT("2001:db8::1"),
	{ "listen", ":7,,:8", NULL,
	    "must be :PORT, ADDRESS:PORT or [IPV6]:PORT, not \"\"" },
	{ "listen", "[fe80::1%nosuch]:7", NULL,
	    "names an interface that does not exist: \"[fe80::1%nosuch]:7\"" },
	GOOD("allow", "192.0.2.0/24, 2001:db8::/32",
	    "192.0.2.0/24, 2001:db8::/32"),
	BAD("allow", "192.0.2.1/24",
	    "must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
	    "host bits set)"),
	GOOD("trust", "local", "local"),
	GOOD("trust", " local , 192.0.2.0/24", "local, 192.0.2.0/24"),
	GOOD("trust", "", ""),
	BAD("trust", "Local",
	    "must be local or prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
	    "host bits set)"),
	BAD("trust", "192.0.2.1/24",
	    "must be local or prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
	    "host bits set)"),
	BAD("allow", "local",
	    "must be prefixes like 192.0.2.0/24 or 2001:db8::/32 (no "
	    "host bits set)"),
	GOOD("refuse-ports", "0, 7,65535", "0, 7, 65535"),
	GOOD("refuse-ports", "", ""),
	BAD("refuse-ports", "65536", "must be port numbers"),
	BAD("refuse-ports", "7-9", "must be port numbers"),
	BAD("refuse-ports", "echo", "must be port numbers"),
	GOOD("http-host", "gate.example,a_b-c.Example",
	    "gate.example, a_b-c.Example"),
	GOOD("http-host", "", ""),
#define BAD_NAME(text)         \
	BAD("http-host", text, \
	    "must be host names like gate.example, without a port")
	BAD_NAME("gate.example:80"),
	BAD_NAME("http://gate.example"),
	BAD_NAME("*.example"),
	BAD_NAME("two words"),
};

START_TEST(test_reads_and_writes)
{
	values_check(&values[_i]);
}
END_TEST

Suite *
types_list_suite(void)
{
	Suite *suite = suite_create("types_list");
	TCase *tcase = values_tcase("types_list");

	tcase_add_loop_test(tcase, test_reads_and_writes, 0, LENGTH(values));
	suite_add_tcase(suite, tcase);
	return suite;
}
