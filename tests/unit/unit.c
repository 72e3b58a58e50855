/* SPDX-License-Identifier: ISC */
/*
 * main() of the unit tests, and what they share.  It knows no system, so that a
 * program may use the real one or the fake one.  Check's own switches work:
 * CK_FORK=no, CK_RUN_SUITE=reply, CK_VERBOSITY=verbose.
 */
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

TCase *
unit_long_tcase(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_set_tags(tcase, "long");
	return tcase;
}

struct mh_address
unit_address(const char *text)
{
	struct mh_address address = { .family = MH_FAMILY_NONE };

	if (*text != '\0' && mh_endpoint_parse(&address, text) != 0)
		ck_assert_msg(mh_address_parse(&address, text) == 0,
		    "a test names a bad address: %s", text);
	return address;
}

const char *
unit_text(const struct mh_address *address)
{
	static char texts[8][MH_ADDRESS_TEXT];
	static unsigned int next;

	next = (next + 1) % 8;
	return mh_endpoint_format(address, texts[next], sizeof(texts[next]));
}

void
unit_assert_address(
    const struct mh_address *got, const char *expected, const char *name)
{
	struct mh_address wanted = unit_address(expected);

	ck_assert_msg(memcmp(got, &wanted, sizeof(wanted)) == 0,
	    "%s: %s (family %d, scope %u) instead of %s", name, unit_text(got),
	    got->family, (unsigned int)got->scope, expected);
}

int
main(void)
{
	SRunner *runner = srunner_create(NULL);
	unsigned int i;
	int failed;

	for (i = 0; unit_suites[i] != NULL; i++)
		srunner_add_suite(runner, unit_suites[i]());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
