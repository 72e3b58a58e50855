# SPDX-License-Identifier: ISC
# Unit tests with Check: a file for each source file, of the same name.

if HAVE_CHECK

unit_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS) -I$(srcdir)/tests
unit_main = tests/unit/unit.h tests/unit/unit.c

# The system in memory, for tests of all that stands on platform/udp.h.
check_LTLIBRARIES += tests/unit/libfake.la
tests_unit_libfake_la_SOURCES = \
	tests/unit/fake_udp.h \
	tests/unit/fake_udp.c \
	tests/unit/fixture.h \
	tests/unit/fixture.c
tests_unit_libfake_la_CFLAGS = $(unit_cflags) $(LIBEVENT_CFLAGS)

# The library over the fake system; for any system.
check_PROGRAMS += tests/unit/library
TESTS += tests/unit/library
tests_unit_library_SOURCES = $(unit_main) \
	tests/unit/library.c \
	tests/unit/address.c \
	tests/unit/reply.c \
	tests/unit/batch.c \
	tests/unit/socket.c \
	tests/unit/selftest.c \
	tests/unit/error.c
tests_unit_library_CFLAGS = $(unit_cflags)
tests_unit_library_LDADD = src/libcore.la tests/unit/libfake.la \
	$(CHECK_LIBS) $(LIBEVENT_LIBS)

# Prefixes and rates.
check_PROGRAMS += tests/unit/rules
TESTS += tests/unit/rules
tests_unit_rules_SOURCES = $(unit_main) \
	tests/unit/rules.c \
	tests/unit/prefix.c \
	tests/unit/siphash.c \
	tests/unit/limit.c
tests_unit_rules_CFLAGS = $(unit_cflags) -pthread
tests_unit_rules_LDADD = src/libdaemon.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS) -lpthread

# The services, and how much of them strangers get.
check_PROGRAMS += tests/unit/services
TESTS += tests/unit/services
tests_unit_services_SOURCES = $(unit_main) \
	tests/unit/services.c \
	tests/unit/ask.h \
	tests/unit/ask.c \
	tests/unit/civil.c \
	tests/unit/pattern.c \
	tests/unit/daytime.c \
	tests/unit/time.c \
	tests/unit/chargen.c \
	tests/unit/qotd.c \
	tests/unit/fixed.c \
	tests/unit/amplification.c
tests_unit_services_CFLAGS = $(unit_cflags)
tests_unit_services_LDADD = src/libdaemon.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)

# mhprobe.
check_PROGRAMS += tests/unit/probe/suites
TESTS += tests/unit/probe/suites
tests_unit_probe_suites_SOURCES = $(unit_main) \
	tests/unit/probe/suites.h \
	tests/unit/probe/suites.c \
	tests/unit/probe/target.c \
	tests/unit/probe/options.c \
	tests/unit/probe/ask.c \
	tests/unit/probe/rtt.c \
	tests/unit/probe/sweep.c \
	tests/unit/probe/row.c \
	tests/unit/probe/output.c \
	tests/unit/probe/probe.c
tests_unit_probe_suites_CFLAGS = $(unit_cflags)
tests_unit_probe_suites_LDADD = src/libprobe.la src/libhost.la \
	src/libcore.la tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)

# The real system and the library over it.
if PLATFORM_LINUX
check_PROGRAMS += tests/unit/system
TESTS += tests/unit/system
tests_unit_system_SOURCES = $(unit_main) \
	tests/unit/system.c \
	tests/unit/address.c \
	tests/unit/control.c \
	tests/unit/udp.c
tests_unit_system_CFLAGS = $(unit_cflags)
tests_unit_system_LDADD = src/libcore.la src/libplatform.la $(CHECK_LIBS)
endif

endif
