# SPDX-License-Identifier: ISC
# mhprobe against other people's programs: ./dev interop runs it.

EXTRA_DIST += tests/interop/run tests/interop/clients tests/interop/senders \
	tests/interop/stamp tests/interop/stun tests/interop/dns \
	tests/interop/irtt tests/interop/irtt_users tests/interop/aioice \
	tests/interop/chromium tests/interop/echo tests/interop/iperf3 \
	tests/interop/page
