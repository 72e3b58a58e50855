# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# What every linter starts with.  It moves to the source folder, so that a
# finding reads src/lib/reply.c:12; $build is the absolute build folder.
#
#	check RULE FINDINGS	lines "FILE:LINE:TEXT" that break the rule; none
#				is a pass
#	need COMMAND RULE	false if it is not installed, and the rule is
#				skipped: a failure with MH_REQUIRE_ALL=1, but
#				for what the system does not have: MH_WITHOUT
#	finish			the closing line, and exit
set -u
LC_ALL=C
export LC_ALL

build=${builddir:-$PWD}
build=$(cd "$build" && pwd) || exit 99
cd "${srcdir:-$(dirname "$0")/../..}" || exit 99

passed=0 failed=0 skipped=0

check() {
	if [ -z "$2" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "$2" | awk -v rule="$1" '{
		place = match($0, /^[^: ]+:[0-9]+:/) ? substr($0, 1, RLENGTH) : ""
		text = substr($0, length(place) + 1)
		sub(/^[ \t]+/, "", text)
		print place (place ? " " : "") rule (text ? ": " text : "")
	}'
}

need() {
	command -v "$1" >/dev/null && return
	case ${MH_REQUIRE_ALL:+ ${MH_WITHOUT:-} } in
	'' | *" $1 "*)
		skipped=$((skipped + 1))
		echo "skipped, no $1: $2" ;;
	*)
		check "$2" "$1 is not installed" ;;
	esac
	return 1
}

finish() {
	name=$(basename "$0")
	if [ "$skipped" -gt 0 ]; then
		echo "$name: $passed passed, $failed failed, $skipped skipped"
	else
		echo "$name: $passed passed, $failed failed"
	fi
	[ "$failed" -eq 0 ] || exit 1
	[ "$passed" -gt 0 ] || exit 77
	exit 0
}

# The C files under some folders.  In a build in place some there are made of
# what stands elsewhere.
c_files() {
	find "$@" -name '*.[ch]' ! -path tests/man/full.c \
	    ! -path 'tests/man/exercise.d/*' | sort
}

# The shell scripts: by their name or their first line, for most have no
# suffix.  libtool wraps programs in scripts; those are not ours.
shell_files() {
	find dev .ci tests man -type f ! -path '*/corpus/*' 2>/dev/null | sort |
	    while read -r file; do
		case $file in
		*.sh) echo "$file" ;;
		*.[cho] | *.lo | *.la | *.log | *.trs | *.Po | *.Plo) ;;
		*) head -n 1 "$file" | tr -d '\0' | grep -q '^#!.*sh$' &&
		    ! grep -q 'temporary wrapper script' "$file" &&
		    echo "$file" ;;
		esac
	    done
}

# Those in Python, by their first line or their name.
python_files() {
	find tests -type f ! -path '*/corpus/*' | sort | while read -r file; do
		case $file in
		*.py) echo "$file" ;;
		*.*) ;;
		*) head -n 1 "$file" | tr -d '\0' | grep -q '^#!.*python3$' &&
		    echo "$file" ;;
		esac
	    done
}

# Everything that a person wrote.
text_files() {
	find .github etc examples src tests man -type f \( -name '*.[ch1-9]' \
	    -o -name '*.mk' -o -name '*.yml' -o -name '*.in' \
	    -o -name '*.sample' \) 2>/dev/null | sort
	ls CONTRIBUTING.md NEWS.md README.md examples/README.md configure.ac \
	    Makefile.am
	shell_files
}

# C files as FILE:LINE:CODE, without comments.
code() {
	awk '
	FNR == 1 { inside = 0 }
	{
		rest = $0
		kept = ""
		while (rest != "") {
			at = index(rest, inside ? "*/" : "/*")
			if (!inside)
				kept = kept (at ? substr(rest, 1, at - 1) : rest)
			if (!at)
				break
			rest = substr(rest, at + 2)
			inside = !inside
		}
		print FILENAME ":" FNR ":" kept
	}' "$@"
}
