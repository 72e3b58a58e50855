# SPDX-License-Identifier: ISC
# Every source file, in the order to read them.

# -- libmultihome: which address was asked, and answer from there --

libmultihome_core = \
	src/lib/multihome.h \
	src/lib/multihome_address.h \
	src/lib/multihome_report.h \
	src/lib/multihome_sockaddr.h \
	src/lib/address.c \
	src/lib/reply.h \
	src/lib/reply.c \
	src/lib/socket.h \
	src/lib/socket.c \
	src/lib/multihome_share.h \
	src/lib/share.c \
	src/lib/batch.h \
	src/lib/batch.c \
	src/lib/multihome_burst.h \
	src/lib/burst.c \
	src/lib/multihome_queue.h \
	src/lib/queue.c \
	src/lib/selftest.c \
	src/lib/error.c \
	src/platform/udp.h

# What both systems do alike, compiled against the headers of each.
libmultihome_platform_common = \
	src/platform/sockaddr.h \
	src/platform/sockaddr.c \
	src/platform/socket.h \
	src/platform/socket.c

libmultihome_platform_linux = \
	src/platform/linux/system.h \
	src/platform/linux/socket.c \
	src/platform/linux/datagram.c \
	src/platform/linux/report.h \
	src/platform/linux/report.c \
	src/platform/linux/mmsg.h \
	src/platform/linux/mmsg.c \
	src/platform/linux/control.h \
	src/platform/linux/control.c \
	src/platform/linux/reuseport.h \
	src/platform/linux/reuseport.c \
	src/platform/linux/rtattr.h \
	src/platform/linux/route.h \
	src/platform/linux/route.c \
	src/platform/linux/vrf.h \
	src/platform/linux/vrf.c

libmultihome_platform_win32 = \
	src/platform/win32/system.h \
	src/platform/win32/extension.h \
	src/platform/win32/extension.c \
	src/platform/win32/socket.c \
	src/platform/win32/datagram.c \
	src/platform/win32/control.h \
	src/platform/win32/control.c

# The rest of the host, a header for each job.
host_platform_common = \
	src/platform/program.h \
	src/platform/clock.h \
	src/platform/backlog.h \
	src/platform/neighbours.h \
	src/platform/network.h \
	src/platform/network.c \
	src/platform/owner.h \
	src/platform/group.h \
	src/platform/group.c \
	src/platform/sockname.h \
	src/platform/sockname.c \
	src/platform/stream.h \
	src/platform/stream.c \
	src/platform/file.h \
	src/platform/localsocket.h \
	src/platform/privileges.h \
	src/platform/privsep.h \
	src/platform/thread.h \
	src/platform/manager.h \
	src/platform/inherited.h \
	src/platform/syslog.h \
	src/platform/terminal.h \
	src/platform/keyboard.h \
	src/platform/memory.h \
	src/platform/random.h

host_platform_linux = \
	src/platform/linux/program.c \
	src/platform/linux/clock.c \
	src/platform/linux/backlog.h \
	src/platform/linux/backlog.c \
	src/platform/linux/neighbours.h \
	src/platform/linux/neighbours.c \
	src/platform/linux/netlist.h \
	src/platform/linux/netlist.c \
	src/platform/linux/network.c \
	src/platform/linux/owner.c \
	src/platform/linux/file.c \
	src/platform/linux/fileio.h \
	src/platform/linux/fileio.c \
	src/platform/linux/localsocket.c \
	src/platform/linux/privileges.h \
	src/platform/linux/privileges.c \
	src/platform/linux/privsep.h \
	src/platform/linux/privsep.c \
	src/platform/linux/privsep_helper.h \
	src/platform/linux/privsep_helper.c \
	src/platform/linux/privsep_stream.h \
	src/platform/linux/privsep_stream.c \
	src/platform/linux/sandbox.h \
	src/platform/linux/sandbox_trap.h \
	src/platform/linux/thread.c \
	src/platform/linux/syslog.c \
	src/platform/linux/terminal.c \
	src/platform/linux/keyboard.c \
	src/platform/linux/memory.c \
	src/platform/linux/random.c

host_platform_win32 = \
	src/platform/win32/program.c \
	src/platform/win32/service.h \
	src/platform/win32/service.c \
	src/platform/win32/command.c \
	src/platform/win32/manage.c \
	src/platform/win32/clock.h \
	src/platform/win32/clock.c \
	src/platform/win32/neighbours.c \
	src/platform/win32/network.c \
	src/platform/win32/owner.c \
	src/platform/win32/file.c \
	src/platform/win32/privileges.c \
	src/platform/win32/thread.c \
	src/platform/win32/terminal.c \
	src/platform/win32/keyboard.c \
	src/platform/win32/memory.c \
	src/platform/win32/random.c

resources_win32 = \
	src/platform/win32/resources.rc \
	src/platform/win32/multihomed.rc \
	src/platform/win32/mhprobe.rc \
	src/platform/win32/libmultihome.rc \
	src/platform/win32/messages.mc \
	src/platform/win32/program.manifest
EXTRA_DIST += $(resources_win32)

if PLATFORM_LINUX
libmultihome_platform = $(libmultihome_platform_linux)
host_platform = $(host_platform_linux)
if WITH_SYSTEMD
host_platform += src/platform/linux/manager.c src/platform/linux/inherited.c
else
host_platform += src/platform/linux/manager_none.c \
	src/platform/inherited_none.c
endif
if HAVE_SECCOMP
host_platform += src/platform/linux/sandbox.c src/platform/linux/sandbox_trap.c
else
host_platform += src/platform/linux/sandbox_none.c src/platform/sandbox_none.c
endif
endif

if PLATFORM_WIN32
libmultihome_platform = $(libmultihome_platform_win32)
host_platform = $(host_platform_win32) src/platform/backlog_none.c \
	src/platform/inherited_none.c src/platform/localsocket_none.c \
	src/platform/privsep_none.c src/platform/sandbox_none.c
program_resources = src/platform/win32/multihomed.o
probe_resources = src/platform/win32/mhprobe.o
library_resources = src/platform/win32/libmultihome.o
CLEANFILES += $(program_resources) $(probe_resources) $(library_resources) \
	src/platform/win32/messages.rc src/platform/win32/messages.h \
	src/platform/win32/messages.bin
endif

MH_WINDRES = $(AM_V_GEN)$(WINDRES) -I$(srcdir)/src -I$(builddir) \
	-I$(builddir)/src/platform/win32

src/platform/win32/messages.rc: src/platform/win32/messages.mc
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(WINDMC) -h $(@D) -r $(@D) \
	    $(srcdir)/src/platform/win32/messages.mc

src/platform/win32/multihomed.o: $(resources_win32) build.h \
	src/platform/win32/messages.rc
	$(MH_WINDRES) $(srcdir)/src/platform/win32/multihomed.rc $@

src/platform/win32/mhprobe.o src/platform/win32/libmultihome.o: \
	$(resources_win32) build.h
	$(AM_V_at)$(MKDIR_P) $(@D)
	$(MH_WINDRES) $(srcdir)/$(@:.o=.rc) $@

# The library without a system under it, for tests that bring their own.
noinst_LTLIBRARIES += src/libcore.la src/libplatform.la
src_libcore_la_SOURCES = $(libmultihome_core)
src_libplatform_la_SOURCES = $(libmultihome_platform_common) \
	$(libmultihome_platform)
src_libplatform_la_LIBADD = $(MH_LIBS)

lib_LTLIBRARIES += libmultihome.la
libmultihome_la_SOURCES =
libmultihome_la_LIBADD = src/libcore.la src/libplatform.la
libmultihome_la_LDFLAGS = $(AM_LDFLAGS) -no-undefined \
	-version-info 0:0:0 $(library_exports) $(library_resources:%=-Wl,%)
libmultihome_la_DEPENDENCIES = src/libcore.la src/libplatform.la \
	src/lib/libmultihome.map $(library_resources)
EXTRA_DIST += src/lib/libmultihome.map
if PLATFORM_LINUX
library_exports = -Wl,--version-script=$(srcdir)/src/lib/libmultihome.map
else
library_exports = -export-symbols-regex '^mh_[a-z]'
endif
include_HEADERS += src/lib/multihome.h src/lib/multihome_address.h \
	src/lib/multihome_burst.h src/lib/multihome_queue.h \
	src/lib/multihome_report.h src/lib/multihome_share.h \
	src/lib/multihome_sockaddr.h
pkgconfig_DATA = src/lib/libmultihome.pc

# -- what the programs share: pure helpers, written once --

common = \
	src/common/strbuf.h \
	src/common/strbuf.c \
	src/common/number.h \
	src/common/number.c \
	src/common/bytes.h \
	src/common/scope.h \
	src/common/scope.c \
	src/common/hex.h \
	src/common/hex.c \
	src/common/json.h \
	src/common/json.c \
	src/common/request.h \
	src/common/request.c \
	src/common/cmdline.h \
	src/common/cmdline.c \
	src/common/hashindex.h \
	src/common/hashindex.c \
	src/common/siphash.h \
	src/common/siphash.c \
	src/common/varint.h \
	src/common/varint.c \
	src/common/mac.h \
	src/common/mac_key.c
if WITH_NETTLE
common += src/common/mac.c
else
common += src/common/mac_none.c
endif

if A_PROGRAM
noinst_LTLIBRARIES += src/libcommon.la src/libhost.la
endif
src_libcommon_la_SOURCES = $(common)
src_libcommon_la_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
src_libcommon_la_LIBADD = $(NETTLE_LIBS)

# -- multihomed, in the order that a datagram walks --

daemon_path = \
	src/daemon/path/listener.h \
	src/daemon/path/listener.c \
	src/daemon/path/settings.h \
	src/daemon/path/respond.h \
	src/daemon/path/respond.c \
	src/daemon/path/selfprobe_wire.h \
	src/daemon/path/selfprobe_wire.c \
	src/daemon/path/admit.h \
	src/daemon/path/admit.c \
	src/daemon/path/guard.h \
	src/daemon/path/guard.c \
	src/daemon/path/prefix.h \
	src/daemon/path/prefix.c \
	src/daemon/path/limit.h \
	src/daemon/path/limit.c \
	src/daemon/path/loops.h \
	src/daemon/path/loops.c \
	src/daemon/path/congestion.h \
	src/daemon/path/congestion.c \
	src/daemon/path/neighbours.h \
	src/daemon/path/neighbours.c \
	src/daemon/path/compose.h \
	src/daemon/path/compose.c \
	src/daemon/path/fault.h \
	src/daemon/path/fault.c \
	src/daemon/path/inject.h \
	src/daemon/path/inject.c \
	src/daemon/path/ends.h \
	src/daemon/path/ends.c \
	src/daemon/path/reports.h \
	src/daemon/path/reports.c \
	src/daemon/path/outbox.h \
	src/daemon/path/outbox.c \
	src/daemon/path/held.h \
	src/daemon/path/held.c \
	src/daemon/path/packets.h \
	src/daemon/path/packets.c \
	src/daemon/path/explain.h \
	src/daemon/path/explain.c \
	src/daemon/path/drops.h \
	src/daemon/path/drops.c \
	src/daemon/path/top.h \
	src/daemon/path/top.c \
	src/daemon/path/timing.h \
	src/daemon/path/timing.c \
	src/daemon/path/stats.h \
	src/daemon/path/stats.c

# What to say: a file for each service.
services = \
	src/services/service.h \
	src/services/service.c \
	src/services/table.h \
	src/services/table.c \
	src/services/civil.h \
	src/services/civil.c \
	src/services/pattern.c \
	src/services/echo.c \
	src/services/discard.c \
	src/services/whoami.c \
	src/services/daytime.c \
	src/services/time.c \
	src/services/chargen.c \
	src/services/qotd.c \
	src/services/fixed.c \
	src/services/stun.c \
	src/services/stun_settings.h \
	src/services/stun_settings.c \
	src/services/stun_message.h \
	src/services/stun_message.c \
	src/services/quota.h \
	src/services/quota.c \
	src/services/session.h \
	src/services/session.c \
	src/services/stamp_layout.h \
	src/services/stamp_loss.h \
	src/services/stamp_loss.c \
	src/services/ntptime.h \
	src/services/ntptime.c \
	src/services/stamp_clock.h \
	src/services/stamp_clock.c \
	src/services/stamp_tlv.h \
	src/services/stamp_tlv.c \
	src/services/stamp.c \
	src/services/irtt_message.h \
	src/services/irtt_message.c \
	src/services/irtt_session.h \
	src/services/irtt_session.c \
	src/services/irtt.c \
	src/services/sockperf.c \
	src/services/dns_zone.h \
	src/services/dns_zone.c \
	src/services/dns_cookie.h \
	src/services/dns_cookie.c \
	src/services/dns_message.h \
	src/services/dns_message.c \
	src/services/dns_content.h \
	src/services/dns_content.c \
	src/services/dns.c \
	src/services/sntp.c \
	src/services/beacon.c

# The daemon around it: who starts what, and which socket is whose.
daemon = \
	src/daemon/startup.h \
	src/daemon/startup.c \
	src/daemon/app.h \
	src/daemon/app.c \
	src/daemon/inherited.h \
	src/daemon/inherited.c \
	src/daemon/privileges.h \
	src/daemon/privileges.c \
	src/daemon/helper.h \
	src/daemon/helper.c \
	src/daemon/signals.h \
	src/daemon/signals.c \
	src/daemon/reload.h \
	src/daemon/reload.c \
	src/daemon/background.h \
	src/daemon/background.c \
	src/daemon/errors.h \
	src/daemon/errors.c \
	src/daemon/filelimit.h \
	src/daemon/filelimit.c \
	src/daemon/bindings.h \
	src/daemon/bindings.c \
	src/daemon/socketlog.h \
	src/daemon/socketlog.c \
	src/daemon/collector.h \
	src/daemon/collector.c \
	src/daemon/sidedoor.h \
	src/daemon/sidedoor.c \
	src/daemon/workers.h \
	src/daemon/workers.c \
	src/daemon/faults.h \
	src/daemon/faults.c \
	src/daemon/others.h \
	src/daemon/others.c \
	src/daemon/interfaces.h \
	src/daemon/interfaces.c \
	src/daemon/netwatch.h \
	src/daemon/netwatch.c \
	src/daemon/localnet.h \
	src/daemon/localnet.c \
	src/daemon/worker.h \
	src/daemon/worker.c \
	src/daemon/siblings.h \
	src/daemon/siblings.c \
	src/daemon/listeners.h \
	src/daemon/listeners.c

# argv and file -> one struct.
daemon_config = \
	src/daemon/config/load.h \
	src/daemon/config/load.c \
	src/daemon/config/options.h \
	src/daemon/config/options.c \
	src/daemon/config/file.h \
	src/daemon/config/file.c \
	src/daemon/config/include.h \
	src/daemon/config/include.c \
	src/daemon/config/config.h \
	src/daemon/config/config.c \
	src/daemon/config/config_error.c \
	src/daemon/config/values.h \
	src/daemon/config/keys.h \
	src/daemon/config/keys.c \
	src/daemon/config/types.h \
	src/daemon/config/types.c \
	src/daemon/config/types_text.c \
	src/daemon/config/types_list.c \
	src/daemon/config/check.h \
	src/daemon/config/check.c \
	src/daemon/config/overlap.h \
	src/daemon/config/overlap.c \
	src/daemon/config/dump.h \
	src/daemon/config/dump.c \
	src/daemon/config/plan.h \
	src/daemon/config/plan.c

# How it is, for people and programs that ask.
daemon_ops = \
	src/daemon/ops/snapshot.h \
	src/daemon/ops/snapshot.c \
	src/daemon/ops/metrics.h \
	src/daemon/ops/metrics.c \
	src/daemon/ops/page.h \
	src/daemon/ops/page.c \
	src/daemon/ops/render.h \
	src/daemon/ops/render.c \
	src/daemon/ops/httprequest.h \
	src/daemon/ops/httprequest.c \
	src/daemon/ops/access.h \
	src/daemon/ops/access.c \
	src/daemon/ops/connections.h \
	src/daemon/ops/connections.c \
	src/daemon/ops/acceptor.h \
	src/daemon/ops/acceptor.c \
	src/daemon/ops/http.h \
	src/daemon/ops/http.c \
	src/daemon/ops/records.h \
	src/daemon/ops/records.c \
	src/daemon/ops/report_pieces.h \
	src/daemon/ops/report_pieces.c \
	src/daemon/ops/report_drops.h \
	src/daemon/ops/report_drops.c \
	src/daemon/ops/report_top.h \
	src/daemon/ops/report_top.c \
	src/daemon/ops/report.h \
	src/daemon/ops/report.c \
	src/daemon/ops/control.h \
	src/daemon/ops/control.c \
	src/daemon/ops/selfprobe.h \
	src/daemon/ops/selfprobe.c \
	src/daemon/ops/liveness.h \
	src/daemon/ops/liveness.c \
	src/daemon/ops/health.h \
	src/daemon/ops/health.c \
	src/daemon/ops/selftest.h \
	src/daemon/ops/selftest.c \
	src/daemon/ops/portfile.h \
	src/daemon/ops/portfile.c

daemon_base = \
	src/daemon/base/log.h \
	src/daemon/base/log.c

# Everything but main(), so that tests can link it.
if DAEMON
noinst_LTLIBRARIES += src/libdaemon.la
endif
src_libdaemon_la_SOURCES = $(daemon_path) $(services) $(daemon) \
	$(daemon_config) $(daemon_ops) $(daemon_base)
src_libdaemon_la_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS) $(INIH_CFLAGS)
src_libdaemon_la_LIBADD = src/libcommon.la $(LIBEVENT_LIBS) $(INIH_LIBS)
src_libhost_la_SOURCES = $(host_platform_common) $(host_platform)
src_libhost_la_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS) $(SYSTEMD_CFLAGS)
src_libhost_la_LIBADD = $(HOST_LIBS) $(SECCOMP_LIBS) $(SYSTEMD_LIBS)

if DAEMON
sbin_PROGRAMS += multihomed
endif
multihomed_SOURCES = src/daemon/main.c
multihomed_CFLAGS = $(AM_CFLAGS) $(MH_PROGRAM_CFLAGS)
multihomed_LDFLAGS = $(AM_LDFLAGS) $(MH_PROGRAM_LDFLAGS)
multihomed_LDADD = src/libdaemon.la src/libhost.la src/libcore.la \
	src/libplatform.la $(program_resources)

# -- mhprobe, in the order of a run --

probe = \
	src/probe/arguments.h \
	src/probe/arguments.c \
	src/probe/options.h \
	src/probe/options.c \
	src/probe/keyfile.h \
	src/probe/keyfile.c \
	src/probe/threshold.h \
	src/probe/threshold.c \
	src/probe/target.h \
	src/probe/target.c \
	src/probe/targetfile.h \
	src/probe/targetfile.c \
	src/probe/usage.h \
	src/probe/usage.c \
	src/probe/loop.h \
	src/probe/loop.c \
	src/probe/keys.h \
	src/probe/keys.c \
	src/probe/active.h \
	src/probe/active.c \
	src/probe/resolve.h \
	src/probe/resolve.c \
	src/probe/probe.h \
	src/probe/probe.c \
	src/probe/shortage.h \
	src/probe/shortage.c \
	src/probe/local.h \
	src/probe/local.c \
	src/probe/session.h \
	src/probe/session.c \
	src/probe/rtt.h \
	src/probe/rtt.c \
	src/probe/marks.h \
	src/probe/marks.c \
	src/probe/oneway.h \
	src/probe/oneway.c \
	src/probe/sweep.h \
	src/probe/sweep.c \
	src/probe/summary.h \
	src/probe/summary.c \
	src/probe/order.h \
	src/probe/order.c \
	src/probe/describe.h \
	src/probe/describe.c \
	src/probe/screen.h \
	src/probe/screen.c \
	src/probe/layout.h \
	src/probe/layout.c \
	src/probe/table.h \
	src/probe/table.c \
	src/probe/remedy.h \
	src/probe/remedy.c \
	src/probe/json.h \
	src/probe/json.c \
	src/probe/nagios.h \
	src/probe/nagios.c

# What it can ask: one file each.
probe_protocols = \
	src/probe/protocols/protocol.h \
	src/probe/protocols/protocol.c \
	src/probe/protocols/echo.c \
	src/probe/protocols/whoami.c \
	src/probe/protocols/daytime.c \
	src/probe/protocols/time.c \
	src/probe/protocols/dns.c \
	src/probe/protocols/ntp.c \
	src/probe/protocols/stun.c \
	src/probe/protocols/stamp.c \
	src/probe/protocols/irtt.c \
	src/probe/protocols/sockperf.c \
	src/probe/protocols/beacon.c \
	src/probe/protocols/unity.c \
	src/probe/protocols/snmp.c \
	src/probe/protocols/sip.c \
	src/probe/protocols/coap.c \
	src/probe/protocols/raw.c

if PROBE
noinst_LTLIBRARIES += src/libprobe.la
endif
src_libprobe_la_SOURCES = $(probe) $(probe_protocols)
src_libprobe_la_CFLAGS = $(AM_CFLAGS) $(LIBEVENT_CFLAGS)
src_libprobe_la_LIBADD = src/libcommon.la $(LIBEVENT_LIBS) -lm

if PROBE
bin_PROGRAMS += mhprobe
endif
mhprobe_SOURCES = src/probe/main.c
mhprobe_CFLAGS = $(AM_CFLAGS) $(MH_PROGRAM_CFLAGS)
mhprobe_LDFLAGS = $(AM_LDFLAGS) $(MH_PROGRAM_LDFLAGS)
mhprobe_LDADD = src/libprobe.la src/libhost.la src/libcore.la \
	src/libplatform.la $(probe_resources)

# -- mhctl, in the order of a run; not on Windows --

ctl = \
	src/ctl/options.h \
	src/ctl/options.c \
	src/ctl/usage.h \
	src/ctl/usage.c \
	src/ctl/ask.h \
	src/ctl/ask.c

if CTL
noinst_LTLIBRARIES += src/libctl.la
endif
src_libctl_la_SOURCES = $(ctl)
src_libctl_la_LIBADD = src/libcommon.la

if CTL
bin_PROGRAMS += mhctl
endif
mhctl_SOURCES = src/ctl/main.c
mhctl_CFLAGS = $(AM_CFLAGS) $(MH_PROGRAM_CFLAGS)
mhctl_LDFLAGS = $(AM_LDFLAGS) $(MH_PROGRAM_LDFLAGS)
mhctl_LDADD = src/libctl.la src/libhost.la src/libcore.la src/libplatform.la

# -- mhrun, in the order of a run; Linux alone --

run = \
	src/run/options.h \
	src/run/options.c \
	src/run/usage.h \
	src/run/usage.c \
	src/run/command.h \
	src/run/command.c \
	src/run/program.h \
	src/run/program.c \
	src/run/elf.h \
	src/run/elf.c

# By BPF programs in a control group.
run_group = \
	src/run/group/group.h \
	src/run/group/group.c \
	src/run/group/cgroup.h \
	src/run/group/cgroup.c \
	src/run/group/watcher.h \
	src/run/group/watcher.c \
	src/run/group/gone.h \
	src/run/group/gone.c \
	src/run/group/table.h \
	src/run/group/programs.h \
	src/run/group/bpf.h \
	src/run/group/bpf.c \
	src/run/group/loader.h \
	src/run/group/loader.c \
	src/run/group/attach.h \
	src/run/group/attach.c \
	src/run/group/pins.h \
	src/run/group/pins.c \
	src/run/group/status.h \
	src/run/group/status.c
# What programs.h was made of: tests/lint/bpf.
EXTRA_DIST += src/run/group/programs.bpf.c

# What goes into the command: libmhrun.so, in the order of a datagram.
run_preload = \
	src/run/preload/settings.h \
	src/run/preload/settings.c \
	src/run/preload/real.h \
	src/run/preload/real.c \
	src/run/preload/preload.c \
	src/run/preload/hooks.h \
	src/run/preload/calls.c \
	src/run/preload/receive.c \
	src/run/preload/send.c \
	src/run/preload/rebind.h \
	src/run/preload/rebind.c \
	src/run/preload/programs.c \
	src/run/preload/messages.h \
	src/run/preload/messages.c \
	src/run/preload/way.h \
	src/run/preload/way.c \
	src/run/preload/table.h \
	src/run/preload/table.c \
	src/run/preload/clock.h \
	src/run/preload/sockets.h \
	src/run/preload/sockets.c \
	src/run/preload/entries.h \
	src/run/preload/entries.c \
	src/run/preload/ask.h \
	src/run/preload/ask.c

# And of the rest what it needs, in copies that nobody else sees.
run_preload_rest = \
	src/lib/address.c \
	src/lib/reply.c \
	src/platform/linux/control.c \
	src/platform/linux/route.c \
	src/platform/linux/vrf.c \
	src/common/number.c \
	src/common/siphash.c

if RUN
pkglib_LTLIBRARIES += libmhrun.la
endif
libmhrun_la_SOURCES = $(run_preload) $(run_preload_rest)
libmhrun_la_CFLAGS = $(MH_CFLAGS) -fvisibility=hidden -ffunction-sections
libmhrun_la_LDFLAGS = $(MH_LDFLAGS) -module -shared -avoid-version \
	-no-undefined -Wl,-z,defs -Wl,--gc-sections
libmhrun_la_LIBADD = $(DL_LIBS)

if RUN
noinst_LTLIBRARIES += src/librun.la
endif
src_librun_la_SOURCES = $(run) $(run_group) src/run/preload/settings.c
src_librun_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DRUN_LIBRARY='"$(pkglibdir)/libmhrun.so"'
src_librun_la_LIBADD = src/libcommon.la

if RUN
bin_PROGRAMS += mhrun
endif
mhrun_SOURCES = src/run/main.c
mhrun_CFLAGS = $(AM_CFLAGS) $(MH_PROGRAM_CFLAGS)
mhrun_LDFLAGS = $(AM_LDFLAGS) $(MH_PROGRAM_LDFLAGS)
mhrun_LDADD = src/librun.la src/libhost.la src/libcore.la src/libplatform.la
