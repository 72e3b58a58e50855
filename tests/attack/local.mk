# SPDX-License-Identifier: ISC
# The attacks: ./dev attack runs them; make check has tests/net for each.

EXTRA_DIST += tests/attack/run tests/attack/scene.py tests/attack/peers.py \
	tests/attack/attacks.py tests/attack/operators.py \
	tests/attack/mistakes.py tests/attack/report.py \
	tests/attack/README.md
