# SPDX-License-Identifier: ISC
# Fleets by the files of etc/fleet: ./dev fleet runs them.

EXTRA_DIST += tests/fleet/run tests/fleet/hosts.py tests/fleet/traffic.py \
	tests/fleet/plot.py
