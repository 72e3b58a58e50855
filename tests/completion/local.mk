# SPDX-License-Identifier: ISC
# What etc/completion makes, in use.

TESTS += tests/completion/run
EXTRA_DIST += tests/completion/run tests/completion/offers.zsh
