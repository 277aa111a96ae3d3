#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_hardening.sh - what is built makes errors hard to exploit, and other people's flags fit.
# shellcheck disable=SC1091,SC2154,SC2317 # bt2.sh is not followed; conditions are called by name
set -u

. "$(dirname "$0")/bt2.sh"
trap 'rm -rf "$tmp"' EXIT
library=$plugins/libflightbox.so.0

has_asan() {
	nm -D "$1" | grep -qE '__(asan|tsan)_init'
}

# shows PATTERN FILE READELF-OPTION...
shows() {
	local pattern=$1 file=$2
	shift 2
	readelf -W "$@" "$file" | grep -qE "$pattern"
}

is_position_independent() {
	shows 'Type: +DYN' "$flightbox" -h && shows 'FLAGS_1.* PIE' "$flightbox" -d
}
check the_command_is_position_independent is_position_independent

# binds_at_once FILE - and its tables are read-only from then on
binds_at_once() {
	shows 'GNU_RELRO' "$1" -l && shows '\(FLAGS.*NOW' "$1" -d
}
check the_command_has_no_writable_table binds_at_once "$flightbox"
check the_library_has_no_writable_table binds_at_once "$library"

# stack_is_data FILE
stack_is_data() {
	shows 'GNU_STACK .* RW ' "$1" -l
}
check the_commands_stack_is_not_executable stack_is_data "$flightbox"
check the_librarys_stack_is_not_executable stack_is_data "$library"

# guards_stack FILE
guards_stack() {
	nm -D -u "$1" | grep -q ' __stack_chk_fail@'
}
check the_command_guards_its_stack guards_stack "$flightbox"
check the_library_guards_its_stack guards_stack "$library"

# checks_sizes FILE - where the compiler knows how large a buffer is, the C library looks
checks_sizes() {
	has_asan "$1" || nm -D -u "$1" | grep -qE ' __mem(cpy|set|move)_chk@'
}
check the_command_checks_sizes_of_buffers checks_sizes "$flightbox"

# compiles FLAG... - one file with flags of the user's, without a warning, into $tmp/build
compiles() {
	env -u MAKEFLAGS make --no-print-directory DEV= BT2=no BUILD="$tmp/build" V=1 "$@" \
		"$tmp/build/obj/src/base/out.o" >"$tmp/commands" 2>"$tmp/warnings" &&
		[ ! -s "$tmp/warnings" ] && return
	cat "$tmp/warnings"
	return 1
}

# What `dpkg-buildflags` prints in Debian 12 with hardening=+all, for those who do not have it.
flags_of_a_package_add_up() {
	compiles CPPFLAGS='-Wdate-time -D_FORTIFY_SOURCE=2' CFLAGS="-g -O2 -ffile-prefix-map=$PWD=. \
		-fstack-protector-strong -Wformat -Werror=format-security" LDFLAGS='-Wl,-z,relro -Wl,-z,now'
}
check flags_of_a_package_add_up flags_of_a_package_add_up

another_fortify_is_the_users() {
	compiles CPPFLAGS=-D_FORTIFY_SOURCE=3 && ! grep -q FORTIFY_SOURCE=2 "$tmp/commands"
}
check another_fortify_is_the_users another_fortify_is_the_users
check without_optimisation_there_is_no_warning compiles CFLAGS=-O0

hardening_can_be_left_out() {
	compiles HARDEN=no && ! grep -qE 'stack-protector|FORTIFY' "$tmp/commands"
}
check hardening_can_be_left_out hardening_can_be_left_out

exit "$failed"
