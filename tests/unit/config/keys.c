/* SPDX-License-Identifier: ISC */
/*
 * src/daemon/config/keys.c: what the help, getopt and the man pages rely on.
 */
#include "daemon/config/keys.h"

#include "unit/config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the help, getopt and the man page rely on. */
START_TEST(test_keys_are_sound)
{
	const struct config_key *key, *other;

	for (key = keys_table; key->name != NULL; key++) {
		for (other = keys_table; other < key; other++) {
			ck_assert_str_ne(key->name, other->name);
			ck_assert_msg(
			    key->letter == 0 || key->letter != other->letter,
			    "-%c is both --%s and --%s", key->letter, key->name,
			    other->name);
		}
		ck_assert_msg(key->help != NULL && key->help[0] != '\0',
		    "--%s has no help", key->name);
		ck_assert_msg(
		    (key->type == NULL) == (key->scope == CONFIG_OPTION),
		    "--%s: a value, or an option", key->name);
		ck_assert_ptr_eq(keys_find(key->name), key);
	}
	ck_assert_ptr_null(keys_find(""));
	ck_assert_ptr_null(keys_find("stac"));
}
END_TEST

/* No own key hides one of the daemon's, which come first. */
START_TEST(test_own_keys_are_sound)
{
	struct config_key key, found;
	size_t i, j;

	for (i = 0; service_table[i] != NULL; i++)
		for (j = 0; j < service_key_count(service_table[i]); j++) {
			key = keys_own(service_table[i], j);
			ck_assert_ptr_null(keys_find(key.name));
			ck_assert_ptr_nonnull(key.type);
			ck_assert_uint_lt(keys_number(&key), CONFIG_MARKS);
			ck_assert(
			    keys_find_own(service_table[i], key.name, &found));
			ck_assert_uint_eq(found.index, j);
		}
	ck_assert(!keys_find_own(service_find("echo"), "file", &found));
}
END_TEST

/*
 * A name has one meaning in a section: a service's own key is not one of the
 * daemon's, and has the same type wherever it occurs, as --KEY sets them all.
 */
START_TEST(test_own_keys_do_not_clash)
{
	const struct service *const *one, *const *other;
	struct config_key key, same;
	size_t i;

	for (one = service_table; *one != NULL; one++)
		for (i = 0; i < service_key_count(*one); i++) {
			key = keys_own(*one, i);
			ck_assert_msg(keys_find(key.name) == NULL,
			    "%s: %s is a key of the daemon", (*one)->name,
			    key.name);
			for (other = service_table; *other != NULL; other++)
				if (keys_find_own(*other, key.name, &same))
					ck_assert_ptr_eq(same.type, key.type);
		}
}
END_TEST

Suite *
keys_suite(void)
{
	Suite *suite = suite_create("keys");
	TCase *tcase = values_tcase("keys");

	tcase_add_test(tcase, test_keys_are_sound);
	tcase_add_test(tcase, test_own_keys_are_sound);
	tcase_add_test(tcase, test_own_keys_do_not_clash);
	suite_add_tcase(suite, tcase);
	return suite;
}
