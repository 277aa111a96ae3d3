#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_docs.sh - what the documents say of the tree and of the command is so.
# shellcheck disable=SC2317 # conditions are called by name
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
flightbox=${FLIGHTBOX:-build/flightbox}
failed=0

# check NAME CONDITION... - one case
check() {
	name=$1
	shift
	if why=$("$@" 2>&1); then
		echo "ok - docs: $name"
	else
		echo "not ok - docs: $name: $(echo "$why" | tr '\n' ';')"
		failed=1
	fi
}

# ---- options: completion is made of the table that the command line is parsed by

# shellcheck disable=SC1090 # it is made here
source <("$flightbox" completion bash)
commands=$("$flightbox" completion bash | sed -n "s/^_flightbox_commands='\(.*\)'/\1/p")

options_by_the_table() {
	for command in $commands; do
		options=''
		_flightbox_of "$command" ''
		for option in $options; do
			value='' words=''
			_flightbox_of "$command" "$option"
			echo "$command $option"
			# shellcheck disable=SC2086
			[ "$value" != words ] || printf "$command $option %s\n" $words
		done
	done | sort
}

options_by_the_manual() {
	awk -v commands="$commands" -f tests/manual-options.awk docs/flightbox.1 | sort -u
}

# "<" is in the table alone, ">" in the manual alone.
the_manual_lists_each_option() {
	diff <(options_by_the_table) <(options_by_the_manual) | grep '^[<>]' && return 1
	[ "$(options_by_the_table | wc -l)" -gt 200 ]
}
check 'the manual lists the options and values of each command, and no others' \
	the_manual_lists_each_option

the_manual_names_each_command() {
	for command in $commands; do
		if ! grep -qx ".It Cm $command" docs/flightbox.1 ||
			! sed -n '/^.Sh SYNOPSIS/,/^.Sh D/p' docs/flightbox.1 |
				grep -qx ".Cm $command"; then
			echo "$command"
			return 1
		fi
	done
}
check 'the manual names each command, in its synopsis too' the_manual_names_each_command

exit "$failed"
