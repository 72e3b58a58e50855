/* SPDX-License-Identifier: ISC */
/*
 * src/services/stamp_clock.c: times in either format, and error estimates.
 */
#include "services/stamp_clock.h"

#include "unit/unit.h"

/* Scale and multiplier; never less than the error, and never 0. */
static const struct {
	struct service_quality quality;
	unsigned int error;
} qualities[] = {
	{ { .dispersion_us = 10000 }, 0x12a4 },
	{ { .synchronised = true, .dispersion_us = 10000 }, 0x92a4 },
	{ { .dispersion_us = 0 }, 0x0001 },
	{ { .synchronised = true, .dispersion_us = 1 }, 0x8587 },
	/* 255 would be too little. */
	{ { .dispersion_us = 60789 }, 0x14f9 },
	{ { .dispersion_us = 62499 }, 0x1580 },
	{ { .dispersion_us = 16000000 }, 0x1d81 },
	{ { .dispersion_us = UINT32_MAX }, 0x2587 },
};

START_TEST(test_error)
{
	const struct service_quality *quality = &qualities[_i].quality;
	const unsigned int error = stamp_clock_error(quality, false);
	const double bound = quality->dispersion_us / 1e6;
	double seconds;

	ck_assert_uint_eq(error, qualities[_i].error);
	ck_assert_uint_eq(stamp_clock_error(quality, true), error | 0x4000);
	seconds = (double)(error & 0xff) *
	    (double)(UINT64_C(1) << (error >> 8 & 0x3f)) / 4294967296.0;
	ck_assert_double_ge(seconds, bound);
	ck_assert_double_le(seconds, bound * (1 + 1.0 / 128) + 1e-9);
}
END_TEST

START_TEST(test_timestamp)
{
	const int64_t ns = INT64_C(1700000000750000000);

	ck_assert_uint_eq(stamp_clock_timestamp(ns, false),
	    (UINT64_C(1700000000) + 2208988800) << 32 | 0xc0000000);
	ck_assert_uint_eq(stamp_clock_timestamp(ns, true),
	    UINT64_C(1700000000) << 32 | 750000000);
}
END_TEST

Suite *
stamp_clock_suite(void)
{
	Suite *suite = suite_create("stamp_clock");
	TCase *tcase = tcase_create("stamp_clock");

	tcase_add_loop_test(tcase, test_error, 0, LENGTH(qualities));
	tcase_add_test(tcase, test_timestamp);
	suite_add_tcase(suite, tcase);
	return suite;
}
