# SPDX-License-Identifier: ISC
# What can be tested only on Windows, or under Wine; see tests/windows/run.

EXTRA_DIST += tests/windows/run tests/windows/libraries tests/windows/ini.c

if HAVE_CHECK
if PLATFORM_WIN32
tests_unit_path_suites_SOURCES += tests/windows/startup.c
tests_unit_config_suites_SOURCES += tests/windows/startup.c
tests_unit_ops_suites_SOURCES += tests/windows/startup.c
tests_unit_daemon_suites_SOURCES += tests/windows/startup.c
tests_unit_probe_loop_SOURCES += tests/windows/startup.c

check_PROGRAMS += tests/windows/system
TESTS += tests/windows/system
tests_windows_system_SOURCES = $(unit_main) \
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
tests_windows_system_CFLAGS = $(unit_cflags)
tests_windows_system_LDADD = src/libhost.la src/libcore.la \
	src/libplatform.la $(CHECK_LIBS) -lshell32
endif
endif

# For tests/windows/run.
windows-tests:
	some=; for program in $(check_PROGRAMS); do \
		case $$program in tests/unit/* | tests/windows/* | examples/*) \
			some="$$some $$program" ;; esac; \
	done; \
	$(MAKE) $(AM_MAKEFLAGS) $$some
