#!/bin/bash
# Builds public/guest (kernel, initramfs, firmware, manifest) from Debian's packages, bit for bit the same each time.
#
#   guest/build.sh                    writes public/guest
#   guest/build.sh --output DIRECTORY writes there
#   guest/build.sh --check            compares a build with public/guest; exit status 1 where they differ
#
# Needs Debian 12, the tools in packages.lock, and: bc bison flex libelf-dev make nodejs xz-utils. No root. About four minutes.
# PACKAGES=DIRECTORY keeps the downloaded packages there, and takes them from there the next time.
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022

guest=$(cd "$(dirname "$0")" && pwd)
public=$guest/../public/guest
check=
case ${1-} in
--check) check=1 ;;
--output) output=$(mkdir -p "$2" && cd "$2" && pwd) ;;
'') output=$(mkdir -p "$public" && cd "$public" && pwd) ;;
*) sed -n '2,9s/^# \?//p' "$0" >&2; exit 2 ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages=${PACKAGES:-$work/packages}
[ -z "$check" ] || output=$work/output
mkdir -p "$packages" "$output"
packages=$(cd "$packages" && pwd)

# The date of the kernel package. It ends up in the kernel's version and in the initramfs.
export SOURCE_DATE_EPOCH=1794660960
KBUILD_BUILD_TIMESTAMP=$(date -d "@$SOURCE_DATE_EPOCH")
export KBUILD_BUILD_TIMESTAMP KBUILD_BUILD_USER=guest KBUILD_BUILD_HOST=v86-virtiofs KBUILD_BUILD_VERSION=1
# LOCALVERSION: set, though empty, so that a git repository around the build says nothing in the kernel's version.
export ARCH=i386 CROSS_COMPILE=i686-linux-gnu- LOCALVERSION=

private_apt=$work/apt
private_apt_architectures=$(dpkg --print-architecture),i386
. "$guest/private-apt.sh"

fail() {
	printf 'guest/build.sh: %s\n' "$@" >&2
	exit 1
}

locked() {
	grep -v '^#' "$guest/packages.lock"
}

check_tools() {
	while read -r name version kind _; do
		[ "$kind" = installed ] || continue
		found=$(dpkg-query -W -f '${Version}' "$name" 2>/dev/null) || found=none
		[ "$found" = "$version" ] || fail "$name $version is needed, and $found is installed. Try: apt-get install $name=$version"
	done < <(locked)
}

is_file_of() {
	[ -f "$1" ] && echo "$2  $1" | sha256sum --check --status
}

# Puts a package's file into $packages, and unpacks it into $work/NAME.
fetch() {
	name=$1 version=$2 architecture=$3 sum=$4
	file=$packages/${name}_${version//:/%3a}_$architecture.deb
	if ! is_file_of "$file" "$sum"; then
		[ -d "$private_apt" ] || prepare_private_apt
		(cd "$packages" && private_apt get download "$name$([ "$architecture" = all ] || echo ":$architecture")=$version") ||
			fail "apt's sources no longer have $name $version: mirrors keep the newest only." \
				"Either add a snapshot of Debian's archive that has it to the sources, or put the .deb into the directory PACKAGES," \
				"or raise the version and its SHA-256 in guest/packages.lock."
		is_file_of "$file" "$sum" || fail "$name $version is not the file that guest/packages.lock describes (SHA-256)."
	fi
	dpkg-deb -x "$file" "$work/$name"
}

# Out of the package, patched, with the configuration.
prepare_kernel() {
	mkdir "$work/linux"
	tar -xf "$work"/linux-source-6.12/usr/src/linux-source-6.12.tar.xz -C "$work/linux" --strip-components=1
	for patch in "$guest"/patches/*.patch; do
		patch -d "$work/linux" -p1 --quiet <"$patch"
	done
	make -C "$work/linux" -s KCONFIG_ALLCONFIG="$guest/kernel.config" allnoconfig
	# Kconfig drops what it does not know, or whose dependencies are missing, without a word.
	if missing=$(grep -v '^#\( \|$\)' "$guest/kernel.config" | grep . | grep -vxFf "$work/linux/.config"); then
		fail "the kernel does not take these lines of kernel.config:" "$missing"
	fi
}

build_kernel() {
	make -C "$work/linux" -s -j"$(nproc)" bzImage
	cp "$work/linux/arch/x86/boot/bzImage" "$output/bzImage"
}

build_agent() {
	make -C "$work/linux" -s headers
	(cd "$guest/agent" && "${CROSS_COMPILE}gcc-12" -std=gnu11 -Os -Wall -Wextra -Werror -static -nostdlib -s \
		-fno-ident -fno-asynchronous-unwind-tables -fno-stack-protector -Wl,--build-id=none \
		-I "$work/linux/tools/include/nolibc" -isystem "$work/linux/usr/include" -o "$work/agent" agent.c -lgcc)
}

build_initramfs() {
	busybox=$work/busybox-static/bin/busybox
	{
		for directory in / /bin /dev /etc /etc/init.d /home /lib /mnt /proc /root /run /sbin /sys /tmp /usr /usr/bin /usr/lib \
			/usr/lib/power /usr/local /usr/local/bin /usr/local/sbin /usr/sbin /var /var/log; do
			echo "dir $directory 755 0 0"
		done
		echo "nod /dev/console 600 0 0 c 5 1"
		echo "slink /init bin/busybox 777 0 0"
		echo "file /bin/busybox $busybox 755 0 0"
		"$busybox" --list-full | grep -vx bin/busybox | sort | sed 's|.*|slink /& /bin/busybox 777 0 0|'
		# Relative: these are also used from a root that is a share, at /run/initramfs/usr/lib/power.
		for name in halt poweroff reboot; do
			echo "slink /usr/lib/power/$name ../../../bin/busybox 777 0 0"
		done
		echo "file /sbin/agent $work/agent 755 0 0"
		(cd "$guest/rootfs" && find . -type f -printf '%P\n' | sort) | while read -r file; do
			case $file in sbin/* | etc/init.d/*) mode=755 ;; *) mode=644 ;; esac
			echo "file /$file $guest/rootfs/$file $mode 0 0"
		done
	} >"$work/initramfs.list"
	"$work/linux/usr/gen_init_cpio" -t "$SOURCE_DATE_EPOCH" "$work/initramfs.list" | gzip -9n >"$output/initramfs.img"
}

copy_rest() {
	cp "$work/seabios/usr/share/seabios/bios.bin" "$output/seabios.bin"
	mkdir -p "$output/licences"
	cp "$guest"/licences/*.txt "$output/licences/"
	for name in linux-source-6.12 busybox-static seabios; do
		cp "$work/$name/usr/share/doc/$name/copyright" "$output/licences/$name.txt"
	done
	node "$guest/manifest.mjs" --write "$output"
}

check_tools
while read -r name version architecture sum; do
	[ "$architecture" = installed ] || fetch "$name" "$version" "$architecture" "$sum" </dev/null
done < <(locked)
prepare_kernel
build_kernel
build_agent
build_initramfs
copy_rest

if [ "$check" ]; then
	diff -r "$output" "$public" || fail "public/guest is not what the recipe makes."
fi
(cd "$output" && sha256sum bzImage initramfs.img seabios.bin manifest.json)
