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

# root_bare RELEASE: as debootstrap makes it, in $roots/RELEASE-bare, to be
# copied.
root_bare() {
	bare=$roots/$1-bare
	mkdir -p "$roots"
	exec 8>"$bare.lock"
	flock 8
	[ -x "$bare/usr/bin/apt-get" ] || debootstrap_root "$1" "$bare" ||
	    return
	exec 8>&-
}

debootstrap_root() {
	source=$(root_source)
	tries=0
	echo "making a root of $1" >&2
	while
		rm -rf "$2" "$2.new"
		! debootstrap --variant=minbase "$1" "$2.new" "${source#* }" \
		    >"$2.log" 2>&1 8>&-
	do
		# Mirrors have bad minutes.
		[ $((tries += 1)) -lt 3 ] || {
			tail -n 30 "$2.log" >&2
			return 1
		}
	done
	rm -f "$2.new"/var/cache/apt/archives/*.deb
	{
		echo 'Acquire::Retries "3";'
		apt-config dump | grep -E '^Acquire::(Check|http|ftp)' || :
	} >"$2.new/etc/apt/apt.conf.d/90machine"
	mv "$2.new" "$2"
}

# root_make RELEASE ROOT: unless it is there.
root_make() {
	[ ! -x "$2/usr/bin/apt-get" ] || return 0
	root_bare "$1" || return
	rm -rf "$2" "$2.new"
	cp -a "$roots/$1-bare" "$2.new"
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

# root_lock ROOT: until this shell ends, on 9, which its commands do not need.
root_lock() {
	mkdir -p "$roots"
	exec 9>"$1.lock"
	flock 9
}

# root_prepare ROOT: what is or would be in the repository, and nothing that was
# built here, as /source; and packages whole, had a run been stopped.
root_prepare() {
	root_resolve "$1"
	root_enter "$1" / dpkg --configure -a
	rm -rf "$1/source"
	mkdir "$1/source"
	git ls-files -z --cached --others --exclude-standard |
	    xargs -0 cp --parents -t "$1/source"
	git init -q "$1/source"
}
