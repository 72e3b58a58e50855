# SPDX-License-Identifier: ISC

dist_man_MANS += man/mhprobe.1
