# SPDX-License-Identifier: ISC
# What an operator's host gets besides programs and manual pages.

EXTRA_DIST += etc/multihomed.conf.sample etc/multihomed.service.in \
	etc/multihomed.socket etc/completion
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

# Completion, made by asking the programs; so they must run here.
if !CROSS_COMPILING
bashcompletiondir = $(datadir)/bash-completion/completions
bashcompletion_DATA = etc/bash/multihomed etc/bash/mhprobe
zshcompletiondir = $(datadir)/zsh/site-functions
zshcompletion_DATA = etc/zsh/_multihomed etc/zsh/_mhprobe
CLEANFILES += $(bashcompletion_DATA) $(zshcompletion_DATA)

etc/bash/multihomed etc/zsh/_multihomed: multihomed$(EXEEXT)
etc/bash/mhprobe etc/zsh/_mhprobe: mhprobe$(EXEEXT)
$(bashcompletion_DATA): $(srcdir)/etc/completion
	$(AM_V_GEN)$(MKDIR_P) etc/bash && \
	    $(srcdir)/etc/completion bash ./$(@F) >$@
$(zshcompletion_DATA): $(srcdir)/etc/completion
	$(AM_V_GEN)$(MKDIR_P) etc/zsh && program=$(@F) && \
	    $(srcdir)/etc/completion zsh ./$${program#_} >$@
endif
