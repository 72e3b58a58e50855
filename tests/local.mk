# SPDX-License-Identifier: ISC
# Tests, in the order of their distance from the code.

# What test scripts know of the build.
AM_TESTS_ENVIRONMENT = \
	srcdir='$(abs_srcdir)'; builddir='$(abs_builddir)'; \
	CC='$(CC)'; CPPFLAGS='$(CPPFLAGS) $(LIBEVENT_CFLAGS)'; NM='$(NM)'; \
	export srcdir builddir CC CPPFLAGS NM;

include $(srcdir)/tests/unit/local.mk
include $(srcdir)/tests/net/local.mk
include $(srcdir)/tests/fuzz/local.mk
include $(srcdir)/tests/lint/local.mk
