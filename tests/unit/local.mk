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
