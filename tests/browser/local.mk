# SPDX-License-Identifier: ISC
# The status page in a real browser.  What it shows is the same with any
# compiler and any sanitizer.

if PLATFORM_LINUX
if DAEMON
if PROBE
if !SANITIZED
TESTS += tests/browser/run
endif
endif
endif
endif

EXTRA_DIST += tests/browser/run
