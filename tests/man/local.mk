# SPDX-License-Identifier: ISC
# What the man pages say is tried: the program of multihome(3), and the command
# lines and configurations of the others.

EXTRA_DIST += tests/man/example tests/man/commands
TESTS += tests/man/commands

if PLATFORM_LINUX
if HAVE_CHECK

check_PROGRAMS += tests/man/pong tests/man/test_example
TESTS += tests/man/test_example
CLEANFILES += tests/man/pong.c

tests/man/pong.c: man/multihome.3 tests/man/example
	$(AM_V_GEN)$(MKDIR_P) tests/man && \
	    $(srcdir)/tests/man/example <$(srcdir)/man/multihome.3 >$@

nodist_tests_man_pong_SOURCES = tests/man/pong.c
tests_man_pong_CPPFLAGS = -I$(srcdir)/src/lib
tests_man_pong_CFLAGS = $(AM_CFLAGS) -Wno-unused-parameter $(LIBEVENT_CFLAGS)
tests_man_pong_LDADD = libmultihome.la $(LIBEVENT_LIBS)

tests_man_test_example_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests \
	-DMAN_EXAMPLE='"$(abs_builddir)/tests/man/pong"'
tests_man_test_example_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_man_test_example_LDADD = tests/net/libharness.la $(CHECK_LIBS)

endif
endif
