# SPDX-License-Identifier: ISC
# The bench: ./dev bench runs it; make check only sees whether it works.

if PLATFORM_LINUX
bench_programs = tests/bench/load tests/bench/limit tests/bench/library
check_PROGRAMS += $(bench_programs)
TESTS += tests/bench/smoke.sh
endif

bench-programs: $(bench_programs)

tests_bench_load_SOURCES = tests/bench/load.c tests/bench/histogram.h \
	tests/bench/histogram.c
tests_bench_load_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests
tests_bench_limit_SOURCES = tests/bench/limit.c
tests_bench_library_SOURCES = tests/bench/library.c
tests_bench_library_LDADD = src/libcore.la src/libplatform.la

EXTRA_DIST += tests/bench/smoke.sh tests/bench/run tests/bench/servers.py \
	tests/bench/report.py tests/bench/reload tests/bench/links.py \
	tests/bench/README.md
