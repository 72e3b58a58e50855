# SPDX-License-Identifier: ISC
# Unit tests with Check: a program for each room, in a folder of the same name;
# a file for each source file, of the same name.

if HAVE_CHECK

unit_cflags = $(AM_CFLAGS) $(CHECK_CFLAGS) -I$(srcdir)/tests
unit_main = tests/unit/unit.h tests/unit/unit.c
unit_scratch = tests/unit/scratch.h tests/unit/scratch.c
unit_events = tests/unit/events.h tests/unit/events.c

# The system in memory, for tests of all that stands on platform/udp.h.
check_LTLIBRARIES += tests/unit/libfake.la
tests_unit_libfake_la_SOURCES = \
	tests/unit/fake_udp.h \
	tests/unit/fake_udp.c \
	tests/unit/fixture.h \
	tests/unit/fixture.c
tests_unit_libfake_la_CFLAGS = $(unit_cflags)

# And a host whose clocks a test winds.
unit_host = tests/unit/fake_host.h tests/unit/fake_host.c \
	src/platform/network.c src/platform/stream.c

# The library over the fake system; for any system.
check_PROGRAMS += tests/unit/lib/suites
TESTS += tests/unit/lib/suites
tests_unit_lib_suites_SOURCES = $(unit_main) \
	tests/unit/lib/suites.c \
	tests/unit/lib/abi.c \
	tests/unit/lib/address.c \
	tests/unit/lib/reply.c \
	tests/unit/lib/batch.c \
	tests/unit/lib/burst.c \
	tests/unit/lib/queue.c \
	tests/unit/lib/socket.c \
	tests/unit/lib/share.c \
	tests/unit/lib/selftest.c \
	tests/unit/lib/error.c
tests_unit_lib_suites_CFLAGS = $(unit_cflags)
tests_unit_lib_suites_LDADD = src/libcore.la tests/unit/libfake.la \
	$(CHECK_LIBS) $(MH_LIBS)

if PROGRAMS

# The real system and the library over it.
if PLATFORM_LINUX
if WITH_SYSTEMD
unit_systemd = tests/unit/platform/manager.c tests/unit/platform/inherited.c
unit_systemd_cflags = -DUNIT_SYSTEMD
endif
# A sanitizer makes calls of its own, which the sandbox forbids.
if HAVE_SECCOMP
if !SANITIZED
unit_seccomp = tests/unit/platform/sandbox.c \
	tests/unit/platform/sandbox_trap.c
unit_seccomp_cflags = -DUNIT_SECCOMP
endif
endif
check_PROGRAMS += tests/unit/platform/suites
TESTS += tests/unit/platform/suites
tests_unit_platform_suites_SOURCES = $(unit_main) \
	$(unit_systemd) $(unit_seccomp) \
	tests/unit/platform/suites.h \
	tests/unit/platform/suites.c \
	tests/unit/lib/address.c \
	tests/unit/platform/live.h \
	tests/unit/platform/live.c \
	tests/unit/platform/socket.c \
	tests/unit/platform/linux/socket.c \
	tests/unit/platform/datagram.c \
	tests/unit/platform/datagram_segments.c \
	tests/unit/platform/datagram_bursts.c \
	tests/unit/platform/datagram_calls.c \
	tests/unit/platform/report.c \
	tests/unit/platform/mmsg.c \
	tests/unit/platform/control.c \
	tests/unit/platform/reuseport.c \
	tests/unit/platform/route.c \
	tests/unit/platform/vrf.c \
	tests/unit/platform/backlog.c \
	tests/unit/platform/messages.h \
	tests/unit/platform/messages.c \
	tests/unit/platform/netlist.c \
	tests/unit/platform/network.c \
	tests/unit/platform/owner.c \
	tests/unit/platform/group.c \
	tests/unit/platform/linux/network.c \
	tests/unit/platform/sockaddr.c \
	tests/unit/platform/sockname.c \
	tests/unit/platform/stream.c \
	tests/unit/platform/clock.c \
	tests/unit/platform/memory.c \
	tests/unit/platform/random.c \
	tests/unit/platform/file.c \
	tests/unit/platform/privsep.c \
	tests/unit/platform/privsep_stream.c \
	tests/unit/platform/fileio.c \
	tests/unit/platform/localsocket.c \
	tests/unit/platform/thread.c \
	tests/unit/platform/child.h \
	tests/unit/platform/child.c \
	tests/unit/platform/program.c \
	tests/unit/platform/terminal.c \
	tests/unit/platform/keyboard.c \
	tests/unit/platform/syslog.c \
	tests/unit/platform/privileges.c \
	tests/unit/wrap.h \
	tests/unit/wrap.c
tests_unit_platform_suites_CFLAGS = $(unit_cflags) \
	$(unit_systemd_cflags) $(unit_seccomp_cflags)
tests_unit_platform_suites_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=socket,--wrap=setsockopt,--wrap=recv \
	-Wl,--wrap=recvmmsg,--wrap=sendmmsg \
	-Wl,--wrap=recvmsg,--wrap=sendmsg
tests_unit_platform_suites_LDADD = src/libhost.la src/libcore.la \
	src/libplatform.la \
	$(CHECK_LIBS)
endif

# What the programs share.
check_PROGRAMS += tests/unit/common/suites
TESTS += tests/unit/common/suites
tests_unit_common_suites_SOURCES = $(unit_main) \
	tests/unit/common/suites.c \
	tests/unit/common/strbuf.c \
	tests/unit/common/number.c \
	tests/unit/common/bytes.c \
	tests/unit/common/scope.c \
	tests/unit/common/hex.c \
	tests/unit/common/json.c \
	tests/unit/common/request.c \
	tests/unit/common/cmdline.c \
	tests/unit/common/hashindex.c \
	tests/unit/common/siphash.c \
	tests/unit/common/varint.c \
	tests/unit/common/mac.c \
	tests/unit/common/mac_key.c
tests_unit_common_suites_CFLAGS = $(unit_cflags)
tests_unit_common_suites_LDADD = src/libcommon.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)

# The services, and how much of them strangers get.
check_PROGRAMS += tests/unit/services/suites
TESTS += tests/unit/services/suites
tests_unit_services_suites_SOURCES = $(unit_main) $(unit_host) \
	tests/unit/services/suites.c \
	tests/unit/services/ask.h \
	tests/unit/services/ask.c \
	tests/unit/services/civil.c \
	tests/unit/services/pattern.c \
	tests/unit/services/service.c \
	tests/unit/services/echo.c \
	tests/unit/services/discard.c \
	tests/unit/services/whoami.c \
	tests/unit/services/daytime.c \
	tests/unit/services/time.c \
	tests/unit/services/chargen.c \
	tests/unit/services/qotd.c \
	tests/unit/services/fixed.c \
	tests/unit/services/stun.c \
	tests/unit/services/stun_settings.c \
	tests/unit/services/stun_message.c \
	tests/unit/services/quota.c \
	tests/unit/services/session.c \
	tests/unit/services/stamp_loss.c \
	tests/unit/services/stamp_clock.c \
	tests/unit/services/stamp.c \
	tests/unit/services/stamp_tlv.c \
	tests/unit/services/irtt_message.c \
	tests/unit/services/irtt_session.c \
	tests/unit/services/irtt.c \
	tests/unit/services/sockperf.c \
	tests/unit/services/dns.c \
	tests/unit/services/dns_content.c \
	tests/unit/services/dns_cookie.c \
	tests/unit/services/dns_message.c \
	tests/unit/services/dns_zone.c \
	tests/unit/services/beacon.c \
	tests/unit/services/sntp.c \
	tests/unit/services/ntptime.c \
	tests/unit/services/amplification.c
tests_unit_services_suites_CFLAGS = $(unit_cflags) $(LIBEVENT_CFLAGS)
tests_unit_services_suites_LDADD = src/libdaemon.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)

# The datagram's way through the daemon.
check_PROGRAMS += tests/unit/path/suites
TESTS += tests/unit/path/suites
tests_unit_path_suites_SOURCES = $(unit_main) $(unit_host) $(unit_scratch) \
	$(unit_events) \
	tests/unit/path/suites.c \
	tests/unit/path/traffic.h \
	tests/unit/path/traffic.c \
	tests/unit/path/prefix.c \
	tests/unit/path/limit.c \
	tests/unit/path/loops.c \
	tests/unit/path/neighbours.c \
	tests/unit/path/compose.c \
	tests/unit/path/congestion.c \
	tests/unit/path/guard.c \
	tests/unit/path/drops.c \
	tests/unit/path/explain.c \
	tests/unit/path/packets.c \
	tests/unit/path/top.c \
	tests/unit/path/timing.c \
	tests/unit/path/stats.c \
	tests/unit/path/fault.c \
	tests/unit/path/ends.c \
	tests/unit/path/reports.c \
	tests/unit/path/held.c \
	tests/unit/path/outbox.c \
	tests/unit/path/inject.c \
	tests/unit/path/selfprobe_wire.c \
	tests/unit/path/admit.c \
	tests/unit/path/respond.c \
	tests/unit/path/listener.c
tests_unit_path_suites_CFLAGS = $(unit_cflags) $(LIBEVENT_CFLAGS) \
	-DUNIT_ROOM=\"path\" -pthread
tests_unit_path_suites_LDADD = src/libdaemon.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS) -lpthread

# The command line and the file.
check_PROGRAMS += tests/unit/config/suites
TESTS += tests/unit/config/suites
tests_unit_config_suites_SOURCES = $(unit_main) $(unit_host) $(unit_scratch) \
	tests/unit/config/suites.c \
	tests/unit/config/argv.h \
	tests/unit/config/argv.c \
	tests/unit/config/values.h \
	tests/unit/config/values.c \
	tests/unit/config/keys.c \
	tests/unit/config/types.c \
	tests/unit/config/types_list.c \
	tests/unit/config/types_text.c \
	tests/unit/config/config.c \
	tests/unit/config/config_error.c \
	tests/unit/config/overlap.c \
	tests/unit/config/check.c \
	tests/unit/config/dump.c \
	tests/unit/config/file.c \
	tests/unit/config/include.c \
	tests/unit/config/options.c \
	tests/unit/config/load.c \
	tests/unit/config/plan.c
tests_unit_config_suites_CFLAGS = $(unit_cflags) $(LIBEVENT_CFLAGS) \
	-DUNIT_ROOM=\"config\"
tests_unit_config_suites_LDADD = src/libdaemon.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)

# What tells people and programs how the daemon is.
check_PROGRAMS += tests/unit/ops/suites
TESTS += tests/unit/ops/suites
tests_unit_ops_suites_SOURCES = $(unit_main) $(unit_host) $(unit_scratch) \
	$(unit_events) \
	tests/unit/ops/suites.c \
	tests/unit/ops/sample.h \
	tests/unit/ops/sample.c \
	tests/unit/base/log.c \
	tests/unit/ops/metrics.c \
	tests/unit/ops/page.c \
	tests/unit/ops/render.c \
	tests/unit/ops/httprequest.c \
	tests/unit/ops/access.c \
	tests/unit/ops/connections.c \
	tests/unit/ops/http.c \
	tests/unit/ops/records.c \
	tests/unit/ops/report.c \
	tests/unit/ops/control.c \
	tests/unit/ops/selfprobe.c \
	tests/unit/ops/liveness.c \
	tests/unit/ops/health.c \
	tests/unit/ops/selftest.c \
	tests/unit/ops/snapshot.c \
	tests/unit/ops/portfile.c
tests_unit_ops_suites_CFLAGS = $(unit_cflags) $(LIBEVENT_CFLAGS) \
	-DUNIT_ROOM=\"ops\"
tests_unit_ops_suites_LDADD = src/libdaemon.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)
CLEANFILES += unit-path.tmp unit-config.tmp unit-ops.tmp unit-daemon.tmp \
	unit-probe.tmp unit-loop.tmp

# The daemon around all that.
check_PROGRAMS += tests/unit/daemon/suites
TESTS += tests/unit/daemon/suites
tests_unit_daemon_suites_SOURCES = $(unit_main) $(unit_host) $(unit_scratch) \
	$(unit_events) \
	tests/unit/daemon/suites.c \
	tests/unit/daemon/scene.h \
	tests/unit/daemon/scene.c \
	tests/unit/config/argv.h \
	tests/unit/config/argv.c \
	tests/unit/daemon/bindings.c \
	tests/unit/daemon/socketlog.c \
	tests/unit/daemon/errors.c \
	tests/unit/daemon/filelimit.c \
	tests/unit/daemon/siblings.c \
	tests/unit/daemon/listeners.c \
	tests/unit/daemon/localnet.c \
	tests/unit/daemon/netwatch.c \
	tests/unit/daemon/worker.c \
	tests/unit/daemon/workers.c \
	tests/unit/daemon/others.c \
	tests/unit/daemon/faults.c \
	tests/unit/daemon/interfaces.c \
	tests/unit/daemon/collector.c \
	tests/unit/daemon/background.c \
	tests/unit/daemon/reload.c \
	tests/unit/daemon/inherited.c \
	tests/unit/daemon/privileges.c \
	tests/unit/daemon/helper.c \
	tests/unit/daemon/startup.c \
	tests/unit/daemon/app.c
tests_unit_daemon_suites_CFLAGS = $(unit_cflags) $(LIBEVENT_CFLAGS) \
	-DUNIT_ROOM=\"daemon\"
tests_unit_daemon_suites_LDADD = src/libdaemon.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)

# mhprobe.
check_PROGRAMS += tests/unit/probe/suites
TESTS += tests/unit/probe/suites
tests_unit_probe_suites_SOURCES = $(unit_main) $(unit_scratch) \
	tests/unit/probe/suites.h \
	tests/unit/probe/suites.c \
	tests/unit/probe/options.c \
	tests/unit/probe/arguments.c \
	tests/unit/probe/keyfile.c \
	tests/unit/probe/target.c \
	tests/unit/probe/targetfile.c \
	tests/unit/probe/threshold.c \
	tests/unit/probe/usage.c \
	tests/unit/probe/active.c \
	tests/unit/probe/resolve.c \
	tests/unit/probe/probe.c \
	tests/unit/probe/shortage.c \
	tests/unit/probe/local.c \
	tests/unit/probe/session.c \
	tests/unit/probe/rtt.c \
	tests/unit/probe/marks.c \
	tests/unit/probe/oneway.c \
	tests/unit/probe/sweep.c \
	tests/unit/probe/summary.c \
	tests/unit/probe/describe.c \
	tests/unit/probe/order.c \
	tests/unit/probe/screen.c \
	tests/unit/probe/layout.c \
	tests/unit/probe/table.c \
	tests/unit/probe/remedy.c \
	tests/unit/probe/json.c \
	tests/unit/probe/nagios.c \
	tests/unit/probe/protocols/protocols.h \
	tests/unit/probe/protocols/protocols.c \
	tests/unit/probe/protocols/protocol.c \
	tests/unit/probe/protocols/coap.c \
	tests/unit/probe/protocols/daytime.c \
	tests/unit/probe/protocols/dns.c \
	tests/unit/probe/protocols/echo.c \
	tests/unit/probe/protocols/irtt.c \
	tests/unit/probe/protocols/ntp.c \
	tests/unit/probe/protocols/raw.c \
	tests/unit/probe/protocols/sip.c \
	tests/unit/probe/protocols/snmp.c \
	tests/unit/probe/protocols/stamp.c \
	tests/unit/probe/protocols/sockperf.c \
	tests/unit/probe/protocols/beacon.c \
	tests/unit/probe/protocols/unity.c \
	tests/unit/probe/protocols/stun.c \
	tests/unit/probe/protocols/time.c \
	tests/unit/probe/protocols/whoami.c
tests_unit_probe_suites_CFLAGS = $(unit_cflags) $(LIBEVENT_CFLAGS) \
	-DUNIT_ROOM=\"probe\"
tests_unit_probe_suites_LDADD = src/libprobe.la src/libhost.la \
	src/libcore.la tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)

# Its event loop, with other modules around it than the program has.
check_PROGRAMS += tests/unit/probe/loop
TESTS += tests/unit/probe/loop
tests_unit_probe_loop_SOURCES = $(unit_main) $(unit_host) $(unit_scratch) \
	tests/unit/probe/suites.h \
	tests/unit/probe/keyboard.h \
	tests/unit/probe/keyboard.c \
	tests/unit/probe/keys.c \
	tests/unit/probe/loop.c
tests_unit_probe_loop_CFLAGS = $(unit_cflags) $(LIBEVENT_CFLAGS) \
	-DUNIT_ROOM=\"loop\"
tests_unit_probe_loop_LDADD = src/libprobe.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS) $(LIBEVENT_LIBS)

# mhctl.
if CTL
check_PROGRAMS += tests/unit/ctl/suites
TESTS += tests/unit/ctl/suites
endif
tests_unit_ctl_suites_SOURCES = $(unit_main) \
	tests/unit/ctl/suites.h \
	tests/unit/ctl/suites.c \
	tests/unit/ctl/options.c \
	tests/unit/ctl/ask.c \
	tests/unit/ctl/usage.c
tests_unit_ctl_suites_CFLAGS = $(unit_cflags)
tests_unit_ctl_suites_LDADD = src/libctl.la src/libcore.la \
	tests/unit/libfake.la $(CHECK_LIBS)

# mhrun; with the hooks of libmhrun.so in the program itself.
if RUN
check_PROGRAMS += tests/unit/run/suites
TESTS += tests/unit/run/suites
endif
tests_unit_run_suites_SOURCES = $(unit_main) \
	tests/unit/run/suites.h \
	tests/unit/run/suites.c \
	tests/unit/run/options.c \
	tests/unit/run/elf.c \
	tests/unit/run/preload/settings.c \
	tests/unit/run/preload/table.c \
	tests/unit/run/preload/entries.c \
	tests/unit/run/preload/messages.c \
	tests/unit/run/hooks.c \
	$(run_preload)
tests_unit_run_suites_CFLAGS = $(unit_cflags) -pthread
tests_unit_run_suites_LDADD = src/librun.la src/libcore.la \
	src/libplatform.la $(CHECK_LIBS) $(DL_LIBS) -lpthread

# mhrun with control groups.
if RUN
check_PROGRAMS += tests/unit/run/group/suites
TESTS += tests/unit/run/group/suites
endif
tests_unit_run_group_suites_SOURCES = $(unit_main) \
	tests/unit/run/group/suites.h \
	tests/unit/run/group/suites.c \
	tests/unit/run/group/cgroup.c \
	tests/unit/run/group/watcher.c \
	tests/unit/run/group/gone.c \
	tests/unit/run/group/loader.c \
	tests/unit/run/group/pins.c \
	tests/unit/run/group/status.c
tests_unit_run_group_suites_CFLAGS = $(unit_cflags)
tests_unit_run_group_suites_LDADD = src/librun.la src/libhost.la \
	src/libcore.la src/libplatform.la $(CHECK_LIBS)

endif
endif
