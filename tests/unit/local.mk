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
	tests/unit/service.c \
	tests/unit/whoami.c \
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

# The daemon over the fake system and a host whose clocks a test winds; for
# any system.
check_PROGRAMS += tests/unit/daemon
TESTS += tests/unit/daemon
tests_unit_daemon_SOURCES = $(unit_main) \
	tests/unit/daemon.c \
	tests/unit/fake_host.h \
	tests/unit/fake_host.c \
	tests/unit/argv.h \
	tests/unit/argv.c \
	tests/unit/scratch.h \
	tests/unit/scratch.c \
	tests/unit/traffic.h \
	tests/unit/traffic.c \
	src/platform/host.c \
	tests/unit/config.c \
	tests/unit/configfile.c \
	tests/unit/options.c \
	tests/unit/load.c \
	tests/unit/guard.c \
	tests/unit/queue.c \
	tests/unit/stats.c \
	tests/unit/log.c \
	tests/unit/portfile.c \
	tests/unit/respond.c \
	tests/unit/listener.c \
	tests/unit/asking.c
tests_unit_daemon_CFLAGS = $(unit_cflags) $(LIBEVENT_CFLAGS)
tests_unit_daemon_LDADD = src/libdaemon.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)
CLEANFILES += unit-scratch.tmp

# The real system and the library over it.
if PLATFORM_LINUX
check_PROGRAMS += tests/unit/system
TESTS += tests/unit/system
tests_unit_system_SOURCES = $(unit_main) \
	tests/unit/system.c \
	tests/unit/address.c \
	tests/unit/control.c \
	tests/unit/udp.c \
	tests/unit/udp_calls.c \
	tests/unit/vrf.c \
	tests/unit/wrap.h \
	tests/unit/wrap.c
tests_unit_system_CFLAGS = $(unit_cflags)
tests_unit_system_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=socket,--wrap=setsockopt,--wrap=recv \
	-Wl,--wrap=recvmmsg,--wrap=sendmmsg
tests_unit_system_LDADD = src/libcore.la src/libplatform.la $(CHECK_LIBS)
endif

endif
