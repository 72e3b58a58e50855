# SPDX-License-Identifier: ISC
# Tests, in the order of their distance from the code.

# What test scripts know of the build.
AM_TESTS_ENVIRONMENT = \
	srcdir='$(abs_srcdir)'; builddir='$(abs_builddir)'; \
	CC='$(CC)'; CPPFLAGS='$(CPPFLAGS) $(LIBEVENT_CFLAGS) $(LIBUV_CFLAGS)'; NM='$(NM)'; \
	CK_DEFAULT_TIMEOUT=120; \
	export srcdir builddir CC CPPFLAGS NM CK_DEFAULT_TIMEOUT;

include $(srcdir)/tests/unit/local.mk
include $(srcdir)/tests/net/local.mk
include $(srcdir)/tests/examples/local.mk
if PROGRAMS
include $(srcdir)/tests/windows/local.mk
include $(srcdir)/tests/systemd/local.mk
include $(srcdir)/tests/man/local.mk
include $(srcdir)/tests/fuzz/local.mk
include $(srcdir)/tests/bench/local.mk
include $(srcdir)/tests/attack/local.mk
include $(srcdir)/tests/fleet/local.mk
include $(srcdir)/tests/lint/local.mk
include $(srcdir)/tests/interop/local.mk
include $(srcdir)/tests/completion/local.mk
include $(srcdir)/tests/prometheus/local.mk
endif

EXTRA_DIST += tests/mutations/run tests/mutations/mutate \
	tests/mutations/source.py tests/mutations/fixed \
	tests/ci/clang tests/ci/sanitizers tests/ci/threads tests/ci/valgrind \
	tests/ci/mutations tests/ci/distcheck tests/ci/windows \
	tests/ci/library tests/ci/trixie tests/ci/roots.sh tests/ci/package \
	tests/ci/image tests/ci/packaging tests/ci/cross \
	tests/package/build tests/package/install tests/package/image \
	tests/package/image-run tests/package/kubernetes \
	tests/package/openrc tests/package/apparmor \
	tests/package/apparmor-inside

# One kind of tests alone, make check-unit; or several at once, which keeps all
# processors busy: make check-kinds KINDS='unit net', but for one SKIPPED.
.PHONY: check-unit check-windows check-net check-examples check-man check-fuzz \
	check-kinds check-lint fuzzers windows-tests bench-programs
check-kinds:
	some=; \
	for test in $(TESTS); do \
		for kind in $(KINDS); do \
			case $$test in \
			'$(SKIPPED)') ;; \
			tests/$$kind/*) some="$$some $$test" ;; \
			esac; \
		done; \
	done; \
	[ -n "$$some" ] || { echo "$@: there are none in this build;" \
	    "configure says whether it has found Check" >&2; exit 1; }; \
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$$some"
check-unit check-windows check-net check-examples check-man check-fuzz:
	$(MAKE) $(AM_MAKEFLAGS) check-kinds KINDS='$(@:check-%=%)'
