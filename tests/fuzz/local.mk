# SPDX-License-Identifier: ISC
# Fuzz targets.  With --enable-fuzzers each is a libFuzzer program, see
# tests/fuzz/run; otherwise make check runs it once over its corpus.

fuzz_targets = tests/fuzz/address tests/fuzz/options
if PLATFORM_LINUX
fuzz_targets += tests/fuzz/control
endif

if FUZZERS
fuzz_ldflags = -fsanitize=fuzzer
else
fuzz_main = tests/fuzz/replay.c
TESTS += $(fuzz_targets)
endif

check_PROGRAMS += $(fuzz_targets)

tests_fuzz_address_SOURCES = tests/fuzz/fuzz.h tests/fuzz/address.c $(fuzz_main)
tests_fuzz_address_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_address_LDADD = src/libcore.la src/libplatform.la

tests_fuzz_control_SOURCES = tests/fuzz/fuzz.h tests/fuzz/control.c $(fuzz_main)
tests_fuzz_control_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_control_LDADD = src/libcore.la src/libplatform.la

tests_fuzz_options_SOURCES = tests/fuzz/fuzz.h tests/fuzz/options.c $(fuzz_main)
tests_fuzz_options_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_options_LDADD = src/libdaemon.la src/libhost.la src/libcore.la \
	src/libplatform.la $(LIBEVENT_LIBS)

.PHONY: fuzzers
fuzzers: $(fuzz_targets)

EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus
