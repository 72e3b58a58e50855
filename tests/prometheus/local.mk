# SPDX-License-Identifier: ISC
# The alerts and the dashboard that come with the daemon.

TESTS += tests/prometheus/run
EXTRA_DIST += tests/prometheus/run tests/prometheus/dashboard \
	tests/prometheus/metrics tests/prometheus/rules.test.yml
