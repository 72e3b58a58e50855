# SPDX-License-Identifier: ISC
# shellcheck shell=sh
# Roots of Debian's releases, each in a folder outside the tree and kept for the
# next run, and a way into them.  What they share with this machine is the
# kernel.

roots=${XDG_CACHE_HOME:-$HOME/.cache}/multihomed

# root_source: "CODENAME URI" of this machine's own Debian, "" on others.
root_source() {
	for tries in 1 2; do
		# shellcheck disable=SC2016 # apt replaces them
		found=$(apt-get indextargets 'Created-By: Packages' \
		    --format '$(LABEL) $(CODENAME) $(REPO_URI)' 2>/dev/null |
		    awk '$1 == "Debian" && $2 !~ /-/ && NF == 3 {
			print $2, $3
			exit
		    }')
		[ -z "$found" ] || break
		[ $tries -eq 2 ] || apt-get -qq update
	done
	echo "$found"
}

# root_make RELEASE ROOT: unless it is there.
root_make() {
	[ ! -x "$2/usr/bin/apt-get" ] || return 0
	source=$(root_source)
	tries=0
	mkdir -p "$roots"
	echo "making a root of $1" >&2
	while
		rm -rf "$2" "$2.new"
		! debootstrap --variant=minbase "$1" "$2.new" "${source#* }" \
		    >"$2.log" 2>&1
	do
		# Mirrors have bad minutes.
		[ $((tries += 1)) -lt 3 ] || {
			tail -n 30 "$2.log" >&2
			return 1
		}
	done
	{
		echo 'Acquire::Retries "3";'
		apt-config dump | grep -E '^Acquire::(Check|http|ftp)' || :
	} >"$2.new/etc/apt/apt.conf.d/90machine"
	mv "$2.new" "$2"
}

# root_resolve ROOT: names as this machine does.
root_resolve() {
	cp -L /etc/resolv.conf "$1/etc/resolv.conf"
}

# root_enter ROOT DIRECTORY COMMAND...: the root is really / there, so that
# namespaces can be made in it; what is mounted goes with the command.
root_enter() {
	# shellcheck disable=SC2016 # expanded there
	unshare --mount sh -c '
		set -e
		root=$1 directory=$2
		shift 2
		mount --make-rprivate /
		mount --bind "$root" "$root"
		for from in proc sys dev; do
			mount --rbind "/$from" "$root/$from"
		done
		cd "$root"
		mkdir -p .machine
		pivot_root . .machine
		umount -l .machine
		rmdir .machine
		cd "$directory"
		exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		    LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
	' - "$@"
}
