# SPDX-License-Identifier: ISC
# Manual pages, in mdoc.

dist_man_MANS += man/multihomed.8 man/multihomed.conf.5 man/multihome.3 \
	man/mhprobe.1
