# SPDX-License-Identifier: ISC
# Fuzz targets.  With --enable-fuzzers each is a libFuzzer program, see
# tests/fuzz/run; otherwise make check runs it once over its corpus.

fuzz_targets = tests/fuzz/address tests/fuzz/protocol tests/fuzz/configfile \
	tests/fuzz/dns tests/fuzz/http tests/fuzz/options \
	tests/fuzz/pattern tests/fuzz/prefix tests/fuzz/rate tests/fuzz/request \
	tests/fuzz/service \
	tests/fuzz/stun tests/fuzz/stamp tests/fuzz/irtt tests/fuzz/target
if PLATFORM_LINUX
fuzz_targets += tests/fuzz/control tests/fuzz/netlink tests/fuzz/privsep
endif

if FUZZERS
fuzz_ldflags = -fsanitize=fuzzer
else
fuzz_main = tests/fuzz/replay.c
TESTS += $(fuzz_targets)
endif

check_PROGRAMS += $(fuzz_targets)

tests_fuzz_address_SOURCES = tests/fuzz/fuzz.h tests/fuzz/address.c $(fuzz_main)
tests_fuzz_address_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_address_LDADD = src/libcore.la src/libplatform.la

tests_fuzz_protocol_SOURCES = tests/fuzz/fuzz.h tests/fuzz/protocol.c $(fuzz_main)
tests_fuzz_protocol_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_protocol_LDADD = src/libprobe.la src/libcore.la src/libplatform.la

tests_fuzz_configfile_SOURCES = tests/fuzz/fuzz.h tests/fuzz/configfile.c \
	$(fuzz_main)
tests_fuzz_configfile_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_configfile_LDADD = src/libdaemon.la src/libhost.la src/libcore.la \
	src/libplatform.la

tests_fuzz_control_SOURCES = tests/fuzz/fuzz.h tests/fuzz/control.c $(fuzz_main)
tests_fuzz_control_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_control_LDADD = src/libcore.la src/libplatform.la

tests_fuzz_request_SOURCES = tests/fuzz/fuzz.h tests/fuzz/request.c $(fuzz_main)
tests_fuzz_request_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_request_LDADD = src/libcommon.la src/libcore.la src/libplatform.la

tests_fuzz_http_SOURCES = tests/fuzz/fuzz.h tests/fuzz/http.c $(fuzz_main)
tests_fuzz_http_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_http_LDADD = src/libdaemon.la src/libhost.la src/libcore.la \
	src/libplatform.la

tests_fuzz_netlink_SOURCES = tests/fuzz/fuzz.h tests/fuzz/netlink.c $(fuzz_main)
tests_fuzz_netlink_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_netlink_LDADD = src/libhost.la src/libcore.la src/libplatform.la

tests_fuzz_options_SOURCES = tests/fuzz/fuzz.h tests/fuzz/options.c $(fuzz_main)
tests_fuzz_options_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_options_LDADD = src/libdaemon.la src/libhost.la src/libcore.la \
	src/libplatform.la

tests_fuzz_pattern_SOURCES = tests/fuzz/fuzz.h tests/fuzz/pattern.c $(fuzz_main)
tests_fuzz_pattern_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_pattern_LDADD = src/libdaemon.la

tests_fuzz_prefix_SOURCES = tests/fuzz/fuzz.h tests/fuzz/prefix.c $(fuzz_main)
tests_fuzz_prefix_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_prefix_LDADD = src/libdaemon.la src/libcore.la src/libplatform.la

tests_fuzz_privsep_SOURCES = tests/fuzz/fuzz.h tests/fuzz/privsep.c $(fuzz_main)
tests_fuzz_privsep_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_privsep_LDADD = src/libhost.la src/libcore.la src/libplatform.la

tests_fuzz_rate_SOURCES = tests/fuzz/fuzz.h tests/fuzz/rate.c $(fuzz_main)
tests_fuzz_rate_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_rate_LDADD = src/libdaemon.la

tests_fuzz_service_SOURCES = tests/fuzz/fuzz.h tests/fuzz/service.c $(fuzz_main)
tests_fuzz_service_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_service_LDADD = src/libdaemon.la src/libcore.la src/libplatform.la

tests_fuzz_stun_SOURCES = tests/fuzz/fuzz.h tests/fuzz/stun.c $(fuzz_main)
tests_fuzz_stun_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_stun_LDADD = src/libdaemon.la src/libcore.la src/libplatform.la

tests_fuzz_dns_SOURCES = tests/fuzz/fuzz.h tests/fuzz/dns.c $(fuzz_main)
tests_fuzz_dns_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_dns_LDADD = src/libdaemon.la src/libcore.la src/libplatform.la

tests_fuzz_stamp_SOURCES = tests/fuzz/fuzz.h tests/fuzz/stamp.c $(fuzz_main)
tests_fuzz_stamp_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_stamp_LDADD = src/libdaemon.la src/libcore.la src/libplatform.la

tests_fuzz_irtt_SOURCES = tests/fuzz/fuzz.h tests/fuzz/irtt.c $(fuzz_main)
tests_fuzz_irtt_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_irtt_LDADD = src/libdaemon.la src/libcore.la src/libplatform.la

tests_fuzz_target_SOURCES = tests/fuzz/fuzz.h tests/fuzz/target.c $(fuzz_main)
tests_fuzz_target_LDFLAGS = $(AM_LDFLAGS) $(fuzz_ldflags)
tests_fuzz_target_LDADD = src/libprobe.la src/libcore.la src/libplatform.la

fuzzers: $(fuzz_targets)

EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus
