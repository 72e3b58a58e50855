# SPDX-License-Identifier: ISC
# The programs of examples/, in network namespaces; also of a build of the
# library alone, but for those that need another one that is not there.

if PLATFORM_LINUX
if HAVE_CHECK

check_PROGRAMS += tests/examples/test_examples
TESTS += tests/examples/test_examples
tests_examples_test_examples_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/tests \
	-DEXAMPLES='"$(abs_builddir)/examples/"'
if HAVE_LIBEVENT
tests_examples_test_examples_CPPFLAGS += -DHAVE_LIBEVENT
endif
if HAVE_LIBUV
tests_examples_test_examples_CPPFLAGS += -DHAVE_LIBUV
endif
tests_examples_test_examples_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_examples_test_examples_LDADD = tests/net/libharness.la $(CHECK_LIBS)

endif
endif
