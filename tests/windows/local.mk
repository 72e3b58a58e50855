# SPDX-License-Identifier: ISC
# What can be tested only on Windows, or under Wine; see tests/windows/run.

EXTRA_DIST += tests/windows/run tests/windows/libraries tests/windows/ini.c \
	tests/windows/check.cmd tests/windows/README.md

if HAVE_CHECK
if PLATFORM_WIN32
tests_unit_path_suites_SOURCES += tests/windows/startup.c
tests_unit_config_suites_SOURCES += tests/windows/startup.c
tests_unit_ops_suites_SOURCES += tests/windows/startup.c
tests_unit_daemon_suites_SOURCES += tests/windows/startup.c
tests_unit_probe_loop_SOURCES += tests/windows/startup.c

check_PROGRAMS += tests/windows/system
TESTS += tests/windows/system
windows_system = $(unit_main) \
	tests/unit/lib/address.c \
	tests/unit/platform/sockaddr.c \
	tests/windows/windows.h \
	tests/windows/system.c \
	tests/windows/control.c \
	tests/windows/datagram.c \
	tests/windows/socket.c \
	tests/windows/network.c \
	tests/windows/clock.c \
	tests/windows/file.c \
	tests/windows/privileges.c \
	tests/windows/service.c \
	tests/windows/command.c
tests_windows_system_SOURCES = $(windows_system)
tests_windows_system_CFLAGS = $(unit_cflags)
tests_windows_system_LDADD = src/libhost.la src/libcore.la \
	src/libplatform.la $(CHECK_LIBS) -lshell32

# What it prints is for people: tests/windows/check.cmd.
check_PROGRAMS += tests/windows/diagnose
tests_windows_diagnose_SOURCES = tests/windows/diagnose.c
tests_windows_diagnose_LDFLAGS = $(MH_PROGRAM_LDFLAGS)
tests_windows_diagnose_LDADD = src/libhost.la src/libcore.la \
	src/libplatform.la

# The same, and the programs, over a Windows as strict as the real one; for
# Wine alone, so in no "make check".
strict = tests/windows/strict/strict.c
strict_ldflags = -Wl,--wrap=mh_platform_init -Wl,--wrap=__imp_bind \
	-Wl,--wrap=__imp_StartServiceA -Wl,--wrap=ftell
strict_programs = tests/windows/strict/system \
	tests/windows/strict/multihomed tests/windows/strict/mhprobe
EXTRA_PROGRAMS += $(strict_programs)
tests_windows_strict_system_SOURCES = $(windows_system) $(strict)
tests_windows_strict_system_CFLAGS = $(unit_cflags) -DWINDOWS_STRICT
tests_windows_strict_system_LDFLAGS = $(AM_LDFLAGS) $(strict_ldflags)
tests_windows_strict_system_LDADD = $(tests_windows_system_LDADD)
tests_windows_strict_multihomed_SOURCES = $(multihomed_SOURCES) $(strict)
tests_windows_strict_multihomed_LDFLAGS = $(multihomed_LDFLAGS) \
	$(strict_ldflags)
tests_windows_strict_multihomed_LDADD = $(multihomed_LDADD)
tests_windows_strict_mhprobe_SOURCES = $(mhprobe_SOURCES) $(strict)
tests_windows_strict_mhprobe_LDFLAGS = $(mhprobe_LDFLAGS) $(strict_ldflags)
tests_windows_strict_mhprobe_LDADD = $(mhprobe_LDADD)
endif
endif

# For tests/windows/run.
windows-tests:
	some=; for program in $(check_PROGRAMS); do \
		case $$program in tests/unit/* | tests/windows/* | examples/*) \
			some="$$some $$program" ;; esac; \
	done; \
	$(MAKE) $(AM_MAKEFLAGS) $$some $(strict_programs:=$(EXEEXT))
