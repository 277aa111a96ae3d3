#!/bin/sh
# SPDX-License-Identifier: MIT
# test_arrows.sh - dependencies point left, and scripts/check-arrows tells of one that does not.
set -u
cd "$(dirname "$0")/.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

ok() {
	echo "ok - $1"
}

bad() {
	echo "not ok - $1"
	failed=1
}

# refuses FILE INCLUDE - in a copy of the tree, the include in that file is told of
refuses() {
	cp -r src analyses include scripts "$tmp" || exit 1
	sed -i "1i #include $2" "$tmp/$1"
	if said=$("$tmp/scripts/check-arrows"); then
		bad "$1 may include $2"
	elif [ "${said%%:*}" = "$1" ]; then
		ok "$1 may not include $2"
	else
		bad "$1 with $2: $said"
	fi
}

if scripts/check-arrows; then
	ok "all includes point left"
else
	bad "all includes point left"
fi
refuses src/kernel/wake.c '"cli/cli.h"'
refuses src/ctf/read/find.c '<flightbox/run.h>'
refuses src/base/glob.c '"event/syscalls-i386.h"'
refuses analyses/why.c '"compare/compare.h"'
refuses src/report/text.c '<flightbox/unheard-of.h>'
exit "$failed"
