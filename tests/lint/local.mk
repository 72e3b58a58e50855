# SPDX-License-Identifier: ISC
# The house rules, checked: make check-lint runs these alone.

linters = \
	tests/lint/layers \
	tests/lint/files \
	tests/lint/functions \
	tests/lint/units \
	tests/lint/scratch \
	tests/lint/words \
	tests/lint/mutations \
	tests/lint/headers \
	tests/lint/globals \
	tests/lint/exports \
	tests/lint/examples \
	tests/lint/options \
	tests/lint/shell \
	tests/lint/manual \
	tests/lint/prove

TESTS += $(linters)
EXTRA_DIST += $(linters) tests/lint/format tests/lint/bpf tests/lint/bpf.py \
	tests/lint/workflow tests/lint/workflow.py \
	tests/lint/lint.sh tests/lint/run

# What a release was formatted, compiled or tested with, its users need not have.
if REPOSITORY
TESTS += tests/lint/format tests/lint/bpf tests/lint/workflow
endif

check-lint: all
	@$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/lint/run
