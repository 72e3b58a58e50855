# SPDX-License-Identifier: ISC
# The units under systemd itself.  Under their system call filter no sanitizer
# can work.

if WITH_SYSTEMD
if !SANITIZED
TESTS += tests/systemd/run
endif
endif

EXTRA_DIST += tests/systemd/run tests/systemd/boot
