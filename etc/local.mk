# SPDX-License-Identifier: ISC
# What an operator's host gets besides programs and manual pages.

EXTRA_DIST += etc/multihomed.conf.sample etc/multihomed.service.in \
	etc/multihomed.socket
dist_sysconf_DATA = etc/multihomed.conf.sample

if PLATFORM_LINUX
systemdunitdir = $(systemd_unit_dir)
systemdunit_DATA = etc/multihomed.service etc/multihomed.socket
CLEANFILES += etc/multihomed.service
endif

etc/multihomed.service: $(srcdir)/etc/multihomed.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && $(SED) -e 's|@sbindir[@]|$(sbindir)|' \
	    -e 's|@sysconfdir[@]|$(sysconfdir)|' \
	    $(srcdir)/etc/multihomed.service.in >$@
