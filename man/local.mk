# SPDX-License-Identifier: ISC
# Manual pages, in mdoc.

man_MANS = man/multihome.3
if DAEMON
dist_man_MANS += man/multihomed.8 man/multihomed.conf.5
endif
if PROBE
dist_man_MANS += man/mhprobe.1
endif
if CTL
dist_man_MANS += man/mhctl.8
endif
if RUN
dist_man_MANS += man/mhrun.1
endif

# With whole programs in it.
EXTRA_DIST += man/multihome.3.in man/programs
CLEANFILES += man/multihome.3
man_programs = $(srcdir)/examples/echo.c $(srcdir)/examples/later.c

man/multihome.3: $(srcdir)/man/multihome.3.in man/programs $(man_programs)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(srcdir)/man/programs $(srcdir) \
	    <$(srcdir)/man/multihome.3.in >$@.tmp && mv $@.tmp $@

# A page for each function: man mh_batch_send.
library_functions = $(SED) -n 's/^	\(mh_.*\);$$/\1/p' \
	$(srcdir)/src/lib/libmultihome.map

install-data-hook:
	for name in $$($(library_functions)); do \
		echo '.so man3/multihome.3' \
		    >"$(DESTDIR)$(man3dir)/$$name.3" || exit; \
	done

uninstall-hook:
	for name in $$($(library_functions)); do \
		rm -f "$(DESTDIR)$(man3dir)/$$name.3"; \
	done
