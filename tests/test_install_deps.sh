#!/bin/sh
# SPDX-License-Identifier: MIT
# test_install_deps.sh - scripts/install-deps on made-up systems: a PATH that holds
# only the commands that the case wants, the package tools being fakes.
# shellcheck disable=SC2317 # conditions are called by name
set -u
unset BT2 # as the make that runs this was told

script=$(cd "$(dirname "$0")/.." && pwd)/scripts/install-deps
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# fake NAME - makes a command of standard input
fake() {
	{
		echo '#!/bin/sh'
		cat
	} >"$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

# system UID INSTALLED_PACKAGE... - a Debian with these packages
system() {
	rm -rf "${tmp:?}/bin" && mkdir "$tmp/bin"
	: >"$tmp/calls"
	for tool in sh cat env grep sed mktemp rm; do
		ln -s "$(command -v "$tool")" "$tmp/bin/$tool"
	done
	echo "echo $1" | fake id
	shift
	echo "$*" | tr ' ' '\n' >"$tmp/installed"
	fake dpkg-query <<-END
		for package; do :; done
		grep -qx "\$package" "$tmp/installed" && echo installed || exit 1
	END
	fake apt-get <<-END
		echo "apt-get \$*" >>"$tmp/calls"
	END
	echo 'ID=debian' >"$tmp/os-release"
}

sudo_works() {
	fake sudo <<-END
		echo "sudo \$1" >>"$tmp/calls"
		[ "\$1" != -n ] || shift
		exec "\$@"
	END
}

run() {
	PATH=$tmp/bin OS_RELEASE=$tmp/os-release sh "$script" "$@" \
		</dev/null >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# check NAME CONDITION...
check() {
	name=$1
	shift
	if "$@"; then
		echo "ok - install_deps: $name"
	else
		echo "not ok - install_deps: $name: status $status," \
			"stderr: $(head -c 300 "$tmp/err"), calls: $(tr '\n' ';' <"$tmp/calls")"
		failed=1
	fi
}

silent() {
	[ "$status" = 0 ] && [ ! -s "$tmp/out" ] && [ ! -s "$tmp/err" ] && [ ! -s "$tmp/calls" ]
}

installs() {
	[ "$status" = 0 ] && grep -q 'apt-get.* update' "$tmp/calls" &&
		grep -q "apt-get.* install --no-install-recommends $1\$" "$tmp/calls"
}

says() {
	want=$1
	shift
	[ "$status" = "$want" ] || return 1
	for text; do
		grep -qF -- "$text" "$tmp/err" || return 1
	done
	[ "$(wc -l <"$tmp/err")" = 1 ]
}

build='gcc libc6-dev make pkg-config libglib2.0-dev liblzma-dev zlib1g-dev libjansson-dev libpcap-dev libseccomp-dev libtraceevent-dev libzstd-dev node-d3-scale node-d3-zoom xz-utils libbabeltrace2-dev'
live='lttng-tools liblttng-ust-dev valgrind'

# shellcheck disable=SC2086
system 0 $build
run build
check 'nothing_missing_is_silent_and_offline' silent

system 0 gcc libc6-dev make pkg-config xz-utils libbabeltrace2-dev
run build
check 'root_installs_only_what_is_missing' installs 'libglib2.0-dev liblzma-dev zlib1g-dev libjansson-dev libpcap-dev libseccomp-dev libtraceevent-dev libzstd-dev node-d3-scale node-d3-zoom'

# shellcheck disable=SC2086
system 0 $build
run check
check 'check_needs_more_than_build' \
	installs "libcmocka-dev babeltrace2 linux-perf shellcheck libxml2-utils cmark-gfm zsh fish $live"

# shellcheck disable=SC2086
system 0 $build llvm
run fuzz
check 'fuzz_needs_clang_and_not_what_check_does' installs 'clang libclang-rt-dev'

# shellcheck disable=SC2086
system 0 $build libcmocka-dev babeltrace2 shellcheck libxml2-utils cmark-gfm zsh fish $live
echo 'ID=ubuntu' >"$tmp/os-release"
run check
check 'ubuntu_has_perf_in_another_package' installs 'linux-tools-generic'

system 1000 gcc libc6-dev make pkg-config libglib2.0-dev liblzma-dev zlib1g-dev libjansson-dev libpcap-dev libseccomp-dev libtraceevent-dev libzstd-dev node-d3-scale node-d3-zoom libbabeltrace2-dev
sudo_works
run build
uses_sudo() {
	installs xz-utils && grep -qx 'sudo -n' "$tmp/calls"
}
check 'a_user_installs_through_sudo_that_never_asks_without_a_terminal' uses_sudo

system 1000 gcc libc6-dev make pkg-config liblzma-dev zlib1g-dev libjansson-dev libpcap-dev libseccomp-dev libtraceevent-dev libzstd-dev node-d3-scale node-d3-zoom xz-utils libbabeltrace2-dev
echo 'exit 1' | fake pkg-config
run build
check 'neither_root_nor_sudo_names_the_packages_and_fails' \
	says 1 'neither root nor sudo' 'libglib2.0-dev'

system 1000 gcc libc6-dev make pkg-config libglib2.0-dev liblzma-dev zlib1g-dev libjansson-dev libpcap-dev libseccomp-dev libtraceevent-dev libzstd-dev node-d3-scale node-d3-zoom
echo 'exit 0' | fake pkg-config
run build
check 'neither_root_nor_sudo_goes_on_when_the_libraries_are_there' says 0 'xz-utils'

# shellcheck disable=SC2086
system 0 ${build% *}
BT2=no run build
check 'without_babeltrace2_its_library_is_not_needed' silent

system 0
rm "$tmp/bin/apt-get"
echo 'exit 1' | fake pkg-config
run build
check 'no_apt_names_the_packages_and_fails' says 1 'no apt-get' 'libglib2.0-dev'

system 0
rm "$tmp/bin/apt-get"
for tool in cc make xz pkg-config; do
	echo 'exit 0' | fake "$tool"
done
run build
check 'no_apt_is_silent_when_all_tools_are_there' silent

system 0 gcc
fake apt-get <<-END
	echo "E: no network"
	exit 100
END
run build
fails_with_the_log() {
	[ "$status" = 1 ] && grep -q 'E: no network' "$tmp/err" &&
		grep -q 'apt-get update failed' "$tmp/err"
}
check 'a_failing_apt_shows_its_log' fails_with_the_log

system 0
for tool in make echo cmp mkdir; do
	ln -s "$(command -v "$tool")" "$tmp/bin/$tool"
done
env -i PATH="$tmp/bin" make -n -C "${script%/*}/.." demo >"$tmp/out" 2>"$tmp/err"
status=$?
check 'make_does_not_complain_of_what_is_to_be_installed_first' test "$status:$(cat "$tmp/err")" = 0:

system 0
run everything
check 'an_unknown_set_is_a_usage_error' says 2 'usage:'

exit "$failed"
