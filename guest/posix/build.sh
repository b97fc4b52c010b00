#!/bin/bash
# Builds guest/posix/posix-cases and manifest.json beside it, bit for bit the same each time.
#
#   guest/posix/build.sh           writes both here
#   guest/posix/build.sh --check   compares a build with what is here; exit status 1 where they differ
#
# Needs what guest/packages.lock names of the cross compiler and its C library, and nodejs.
set -euo pipefail
export LC_ALL=C

cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Large files and times after 2038: the C library of i386 has them only where asked for.
i686-linux-gnu-gcc-12 -std=gnu11 -Os -Wall -Wextra -Werror -static -s \
	-D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
	-fno-ident -fno-toplevel-reorder -fno-asynchronous-unwind-tables -fno-pie -no-pie -Wl,--build-id=none \
	-I . -o "$work/posix-cases" ./*.c cases/*.c

if [ "${1-}" = --check ]; then
	cmp "$work/posix-cases" posix-cases
else
	cp "$work/posix-cases" posix-cases
	node manifest.mjs --write
fi
node manifest.mjs
sha256sum posix-cases
