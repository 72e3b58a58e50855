# SPDX-License-Identifier: ISC
# The real daemon in network namespaces that the tests make.  Programs by
# themselves, so that make -j runs them side by side.

if PLATFORM_LINUX
if HAVE_CHECK

# Also for tests of the library alone: tests/examples.
check_LTLIBRARIES += tests/net/libharness.la
tests_net_libharness_la_SOURCES = \
	tests/net/harness.h \
	tests/net/harness.c \
	tests/net/netns.h \
	tests/net/netns.c \
	tests/net/lan.h \
	tests/net/lan.c \
	tests/net/server.h \
	tests/net/server.c \
	tests/net/reload.h \
	tests/net/reload.c \
	tests/net/packet.h \
	tests/net/packet.c \
	tests/net/client.h \
	tests/net/client.c \
	tests/net/web.h \
	tests/net/web.c \
	tests/net/probe.h \
	tests/net/probe.c
tests_net_libharness_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNET_PROGRAM='"$(abs_top_builddir)/multihomed"' \
	-DNET_PROBE='"$(abs_top_builddir)/mhprobe"'
tests_net_libharness_la_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
net_libraries = tests/net/libharness.la $(CHECK_LIBS)

if PROGRAMS

net_tests = \
	tests/net/test_source \
	tests/net/test_tools \
	tests/net/test_others \
	tests/net/test_change \
	tests/net/test_addresses \
	tests/net/test_contract \
	tests/net/test_stun \
	tests/net/test_stamp \
	tests/net/test_irtt \
	tests/net/test_clients \
	tests/net/test_dns \
	tests/net/test_group \
	tests/net/test_hosts \
	tests/net/test_guard \
	tests/net/test_faults \
	tests/net/test_neighbours \
	tests/net/test_uplinks \
	tests/net/test_start \
	tests/net/test_load \
	tests/net/test_config \
	tests/net/test_reload \
	tests/net/test_abuse \
	tests/net/test_flood \
	tests/net/test_probe \
	tests/net/test_screen \
	tests/net/test_targets \
	tests/net/test_unasked \
	tests/net/test_way \
	tests/net/test_mtu \
	tests/net/test_bursts \
	tests/net/test_setups \
	tests/net/test_links \
	tests/net/test_time \
	tests/net/test_http \
	tests/net/test_http_crowd

if WITH_SYSTEMD
net_tests += tests/net/test_manager
endif

if RUN
net_tests += tests/net/test_run
# Without sanitizers, which would have to be loaded before libmhrun.so.
check_PROGRAMS += tests/net/rival tests/net/parity
endif
tests_net_rival_CFLAGS = $(MH_CFLAGS) -pthread
tests_net_rival_LDFLAGS = $(MH_LDFLAGS) -pthread
tests_net_parity_CFLAGS = $(MH_CFLAGS)
tests_net_parity_LDFLAGS = $(MH_LDFLAGS)
tests_net_test_run_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNET_RUN='"$(abs_top_builddir)/mhrun"' \
	-DNET_PARITY='"$(abs_top_builddir)/tests/net/parity"' \
	-DNET_RIVAL='"$(abs_top_builddir)/tests/net/rival"'
tests_net_test_run_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_run_LDADD = $(net_libraries)

check_PROGRAMS += $(net_tests)
TESTS += $(net_tests)

tests_net_test_source_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_source_LDADD = $(net_libraries)
tests_net_test_tools_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_tools_LDADD = $(net_libraries)
tests_net_test_others_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNET_PROGRAM='"$(abs_top_builddir)/multihomed"' \
	-DNET_README='"$(abs_top_srcdir)/README.md"'
tests_net_test_others_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_others_LDADD = $(net_libraries)
tests_net_test_bursts_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_bursts_LDADD = $(net_libraries) src/libcore.la src/libplatform.la
tests_net_test_addresses_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_addresses_LDADD = $(net_libraries)
tests_net_test_change_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_change_LDADD = $(net_libraries)
tests_net_test_hosts_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_hosts_LDADD = $(net_libraries)
tests_net_test_group_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_group_LDADD = $(net_libraries)
# A daemon with a service that uses all of the contract.
check_PROGRAMS += tests/net/quartet
tests_net_quartet_SOURCES = src/daemon/main.c tests/net/quartet.c
tests_net_quartet_CFLAGS = $(multihomed_CFLAGS)
tests_net_quartet_LDFLAGS = $(multihomed_LDFLAGS)
tests_net_quartet_LDADD = $(multihomed_LDADD)
tests_net_test_contract_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNET_QUARTET='"$(abs_top_builddir)/tests/net/quartet"'
tests_net_test_contract_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_contract_LDADD = $(net_libraries)
tests_net_test_clients_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNET_CLOCK='"$(abs_top_builddir)/tests/net/clock.so"'
tests_net_test_clients_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_clients_LDADD = $(net_libraries)
tests_net_test_stun_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_stun_LDADD = $(net_libraries)
if WITH_NETTLE
net_nettle = true
else
net_nettle = false
endif
tests_net_test_stamp_CPPFLAGS = $(AM_CPPFLAGS) -DNET_NETTLE=$(net_nettle)
tests_net_test_stamp_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_stamp_LDADD = $(net_libraries)
tests_net_test_irtt_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_irtt_LDADD = $(net_libraries)
tests_net_test_dns_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_dns_LDADD = $(net_libraries)
tests_net_test_faults_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_faults_LDADD = $(net_libraries)
tests_net_test_guard_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_guard_LDADD = $(net_libraries)
tests_net_test_neighbours_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_neighbours_LDADD = $(net_libraries)
tests_net_test_uplinks_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_uplinks_LDADD = $(net_libraries)
tests_net_test_start_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_start_LDADD = $(net_libraries)
tests_net_test_load_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_load_LDADD = $(net_libraries)
tests_net_test_config_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_config_LDADD = $(net_libraries)
tests_net_test_reload_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_reload_LDADD = $(net_libraries)
tests_net_test_http_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_http_LDADD = $(net_libraries)

tests_net_test_http_crowd_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_http_crowd_LDADD = $(net_libraries)
tests_net_test_manager_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNET_UNIT='"$(abs_top_builddir)/etc/multihomed.service"'
tests_net_test_manager_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_manager_LDADD = $(net_libraries)
tests_net_test_flood_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_flood_LDADD = $(net_libraries)
tests_net_test_abuse_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_abuse_LDADD = $(net_libraries)

EXTRA_DIST += tests/config tests/net/README.md

tests_net_test_probe_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNET_MANUAL='"$(abs_top_srcdir)/man/mhprobe.1"'
tests_net_test_probe_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_probe_LDADD = $(net_libraries)
tests_net_test_screen_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_screen_LDADD = $(net_libraries)
tests_net_test_targets_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_targets_LDADD = $(net_libraries)
tests_net_test_unasked_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_unasked_LDADD = $(net_libraries)
tests_net_test_way_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_way_LDADD = $(net_libraries)
tests_net_test_mtu_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_mtu_LDADD = $(net_libraries)
tests_net_test_setups_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_setups_LDADD = $(net_libraries)
tests_net_test_links_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_links_LDADD = $(net_libraries)
# The library itself, in here.
tests_net_test_time_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_time_LDADD = $(net_libraries) src/libhost.la src/libcore.la \
	src/libplatform.la

# mhrun with control groups, and a server as those of others are, in a program
# that nothing can be loaded into.
if RUN
run_group_tests = tests/net/test_run_group tests/net/test_run_table
check_PROGRAMS += tests/net/wildcard $(run_group_tests)
TESTS += $(run_group_tests)
tests_net_wildcard_LDFLAGS = -all-static -pthread
tests_net_wildcard_CFLAGS = $(MH_CFLAGS) -pthread
tests_net_wildcard_LDADD =
tests_net_test_run_group_SOURCES = tests/net/test_run_group.c \
	tests/net/grouprun.h tests/net/grouprun.c
run_group_cppflags = $(AM_CPPFLAGS) \
	-DNET_MHRUN='"$(abs_top_builddir)/mhrun"' \
	-DNET_WILDCARD='"$(abs_top_builddir)/tests/net/wildcard"'
tests_net_test_run_group_CPPFLAGS = $(run_group_cppflags)
tests_net_test_run_group_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_run_group_LDADD = $(net_libraries)
tests_net_test_run_table_SOURCES = tests/net/test_run_table.c \
	tests/net/grouprun.h tests/net/grouprun.c
tests_net_test_run_table_CPPFLAGS = $(run_group_cppflags)
tests_net_test_run_table_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -pthread
tests_net_test_run_table_LDADD = $(net_libraries) src/librun.la
endif

# Loaded into the daemon.  Not by libtool, which may have been told to make no
# shared libraries.
net_preloads = tests/net/clock.so tests/net/lie.so
check_DATA = $(net_preloads)
$(net_preloads): tests/net/%.so: $(srcdir)/tests/net/%.c build.h
	$(AM_V_CCLD)$(CC) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) \
	    $(CPPFLAGS) $(CFLAGS) -Wall -Wextra -shared -fPIC \
	    -o $@ $(srcdir)/tests/net/$*.c
EXTRA_DIST += tests/net/clock.c tests/net/lie.c
CLEANFILES += $(net_preloads)

if HAVE_SECCOMP

# Refuses system calls by a filter, then runs a program.
check_PROGRAMS += tests/net/inject tests/net/test_inject
TESTS += tests/net/test_inject
tests_net_inject_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
tests_net_inject_LDADD = $(SECCOMP_LIBS)
tests_net_test_inject_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNET_INJECT='"$(abs_top_builddir)/tests/net/inject"' \
	-DNET_LIE='"$(abs_top_builddir)/tests/net/lie.so"'
tests_net_test_inject_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_inject_LDADD = $(net_libraries)

if CPU_X86_64

# Puts its hands into the registers of the daemon.
check_PROGRAMS += tests/net/test_rights
TESTS += tests/net/test_rights
tests_net_test_rights_SOURCES = tests/net/test_rights.c tests/net/inside.h \
	tests/net/inside.c
tests_net_test_rights_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_net_test_rights_LDADD = $(net_libraries)

endif
endif
endif
endif
endif
