#!/bin/bash
# Makes a small Debian 12 for i386, to be unpacked into a share and booted as its root: git, python3, sqlite3, make, rsync.
#
#   guest/debian/build.sh --output FILE.tar                    writes the tar, with owners, modes, devices and hard links in it
#   guest/debian/build.sh --output FILE.tar --extra MORE.tar   a second one, with what only tests run: fio, stress-ng, dbench
#   guest/debian/build.sh --package NAME FILE.deb              fetches a single package
#
# Takes the packages from the machine's apt sources, which must have Debian 12, and changes nothing of the machine. Needs root, as
# the packages' scripts run in the new root (chroot; nothing is mounted). Half a minute.
# PACKAGES=DIRECTORY keeps the downloaded packages there, and takes them from there the next time.
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022

here=$(cd "$(dirname "$0")" && pwd)
programs=(git python3 sqlite3 make rsync mount)
extra_programs=(fio stress-ng dbench)
# Below /usr/share: what no program reads.
left_out=(doc man locale info lintian bug doc-base gitweb)

output='' extra='' package=''
while [ $# -gt 0 ]; do
	case $1 in
	--output) output=${2:?} ;;
	--extra) extra=${2:?} ;;
	--package) package=${2:?} output=${3:?} && shift ;;
	esac
	shift 2
done
if [ ! "$output" ]; then
	sed -n '2,10s/^# \?//p' "$0" >&2
	exit 2
fi
mkdir -p "$(dirname "$output")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=${PACKAGES:-$work/packages}
mkdir -p "$packages/partial"
packages=$(cd "$packages" && pwd)
root=$work/root
archives=var/cache/apt/archives
date=

private_apt=$work/apt
private_apt_architectures=i386
. "$here/../private-apt.sh"
prepare_private_apt >"$work/update.log" 2>&1

# Shows what a command printed, where it fails.
quietly() {
	"$@" >"$work/log" 2>&1 || {
		cat "$work/update.log" >&2
		tail -40 "$work/log" >&2
		exit 1
	}
}

# Brings the packages, and all that they depend on, to $root/$archives. apt itself is left out: there is no network.
bring() {
	local wanted=('?and(?essential, ?not(?exact-name(apt)))' usr-is-merged "$@") name version
	quietly private_apt get -o Dir::Cache::archives="$packages" --no-install-recommends --download-only -y install "${wanted[@]}"
	quietly private_apt get --no-install-recommends --simulate install "${wanted[@]}"
	while read -r _ name version _; do
		version=${version#(}
		cp -l "$packages/${name}_${version//:/%3a}_"*.deb "$root/$archives/" 2>/dev/null ||
			cp "$packages/${name}_${version//:/%3a}_"*.deb "$root/$archives/"
	done < <(grep '^Inst ' "$work/log")
}

# As debootstrap does it: all is unpacked first, so that dpkg and the packages' scripts can run there, and then installed over that.
unpack() {
	local archive mode major minor name
	ln -s usr/bin usr/sbin usr/lib "$root"
	mkdir -p "$root"/usr/{bin,sbin,lib} "$root/var/lib/dpkg"
	touch "$root/var/lib/dpkg/status"
	for archive in "$root/$archives"/*.deb; do
		dpkg-deb --fsys-tarfile "$archive" | tar -C "$root" -x --keep-directory-symlink --same-permissions --numeric-owner
	done
	# No file of the tar is younger than the youngest of the packages: so the same packages give the same tar.
	date=@$(find "$root" -type f -not -name '*.deb' -printf '%T@\n' | sort -n | tail -1)
	while read -r mode major minor name; do
		mknod -m "$mode" "$root/dev/$name" c "$major" "$minor"
	done <<-END
		666 1 3 null
		666 1 5 zero
		666 1 7 full
		666 1 8 random
		666 1 9 urandom
		666 5 0 tty
		600 5 1 console
	END
}

# Installs the archives of that name pattern.
install() {
	local parameters=(--force-depends --force-unsafe-io) directory
	for directory in "${left_out[@]}"; do parameters+=("--path-exclude=/usr/share/$directory/*"); done
	cd "$root"
	# shellcheck disable=SC2086 # it is a pattern
	quietly chroot . env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		dpkg "${parameters[@]}" --install $archives/$1
	cd - >/dev/null
}

pack() {
	local directory
	cd "$root"
	# What is of the making, and not of the system.
	rm -rf "$archives"/*.deb var/log/{*.log,apt/*} var/cache/{ldconfig/aux-cache,debconf/*-old} var/lib/dpkg/{*-old,lock*} \
		etc/{passwd,group,shadow,gshadow,subuid,subgid}-
	# What was left out is not missing to `dpkg --verify`.
	for directory in "${left_out[@]}"; do
		rm -rf "usr/share/$directory"/*
		sed -i "\|^/usr/share/$directory/.|d" var/lib/dpkg/info/*.list
		sed -i "\|^[0-9a-f]*  usr/share/$directory/.|d" var/lib/dpkg/info/*.md5sums
	done
	tar -c --format=gnu --numeric-owner --sort=name --mtime="$date" --clamp-mtime -f "$work/tar" .
	cd - >/dev/null
	mv "$work/tar" "$1"
}

if [ "$package" ]; then
	cd "$work"
	quietly private_apt get download "$package"
	cd - >/dev/null
	mv "$work/${package}"_*.deb "$output"
	exit
fi

mkdir -p "$root/$archives"
bring "${programs[@]}"
unpack
install 'base-passwd_*.deb'
install 'base-files_*.deb'
install '*.deb'
echo debian >"$root/etc/hostname"
printf '127.0.0.1 localhost debian\n' >"$root/etc/hosts"
# A root that is a share has no init of its own (guest/README.md).
ln -s /run/initramfs/usr/lib/power/{halt,poweroff,reboot} "$root/usr/local/sbin/"
pack "$output"
if [ "$extra" ]; then
	bring "${extra_programs[@]}"
	install '*.deb'
	pack "$extra"
fi
