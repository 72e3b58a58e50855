# SPDX-License-Identifier: ISC
# Tests, in the order of their distance from the code.

include $(srcdir)/tests/unit/local.mk
include $(srcdir)/tests/net/local.mk
include $(srcdir)/tests/fuzz/local.mk
include $(srcdir)/tests/lint/local.mk
include $(srcdir)/tests/interop/local.mk
