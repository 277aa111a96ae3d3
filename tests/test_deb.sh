#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_deb.sh - the packaging of scripts/debian is that of this tree: symbols, version, files.
# scripts/check-distributions --packages makes the packages and tries them.
# shellcheck disable=SC2317 # conditions are called by name
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
debian=scripts/debian
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

# check NAME CONDITION... - one case
check() {
	name=$1
	shift
	if why=$("$@" 2>&1); then
		echo "ok - deb: $name"
	else
		echo "not ok - deb: $name: $(echo "$why" | tr '\n' ';')"
		failed=1
	fi
}

version=$(sed -n 's/^VERSION := //p' Makefile)

exported() {
	nm -D --defined-only "$build/libflightbox.so.0" | awk '/ [A-Z] fb_/ { print $3 }' | sort
}

# A line each, " NAME@Base VERSION": the version that first had it.
lists_what_the_library_exports() {
	diff <(sed -n 's/^ \(.*\)@Base .*/\1/p' "$debian"/libflightbox0.symbols) <(exported) |
		sed -n "s/^> \(.*\)/to be added:  \1@Base $version/p; s/^< /no longer exported: /p" | grep . && return 1
	[ "$(exported | wc -l)" -gt 100 ]
}
check 'the file of symbols lists what the library exports' lists_what_the_library_exports

no_symbol_is_of_a_later_version() {
	! sed -n 's/^ .*@Base //p' "$debian"/libflightbox0.symbols | sort -u | while read -r since; do
		[ "$(printf '%s\n' "$since" "$version" | sort -V | tail -n 1)" = "$version" ] || echo "$since"
	done | grep .
}
check 'no symbol is of a later version' no_symbol_is_of_a_later_version

has_the_version() {
	[ "$(sed -n '1s/.*(\(.*\)).*/\1/p' "$debian"/changelog)" = "$version" ]
}
check "the changelog begins with this tree's version" has_the_version

# The packages' names are those of the files that say what is in them.
has_files_for_each() {
	diff <(sed -n 's/^Package: //p' "$debian"/control | sort) \
		<(cd "$debian" && printf '%s\n' *.install | sed 's/\.install//' | sort)
}
check 'for each package a file says what is in it' has_files_for_each

# The development packages in a field of the control file, of all the packages there.
in_field() {
	sed -n "/^$1:/,/^[^ ]/p" "$debian"/control | grep -o 'lib[a-z0-9.]*-dev\|zlib1g-dev' | sort -u
}

# pkg-config fails for a static library of which anything is missing. The plugin and the command alone need the others.
the_library_comes_with_what_it_is_linked_with() {
	! diff <(in_field Build-Depends | grep -v -e babeltrace2 -e seccomp) <(in_field Depends) | grep '^[<>]'
}
check 'the library comes with what it is linked with' the_library_comes_with_what_it_is_linked_with

# Each file or link that is installed, and the packages it is in.
whose_files() {
	local package pattern

	for package in "$debian"/*.install; do
		while read -r pattern; do
			# shellcheck disable=SC2086 # it is a pattern
			(cd "$dir" && find $pattern ! -type d) || echo "nothing there: $pattern"
		done <"$package"
	done | sort | uniq -c
}

every_file_is_in_one_package() {
	make --no-print-directory install BUILD="$build" DESTDIR="$dir" PREFIX=/usr \
		LIBDIR=/usr/lib/machine BT2_PLUGINDIR=/usr/lib/machine/babeltrace2/plugins -o all >/dev/null || return 1
	! diff <(cd "$dir" && find usr ! -type d | sort | sed 's/^/1 /') \
		<(whose_files | sed 's/^ *//') | grep '^[<>]'
}
if [ -e "$build/babeltrace-plugin-flightbox.so" ]; then
	check 'every file that is installed is in one package' every_file_is_in_one_package
else
	echo 'ok - deb: files # SKIP there is no plugin without babeltrace2, and one package is of it alone'
fi

exit "$failed"
