#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_completion.sh - what bash, zsh and fish make of the scripts that `flightbox completion` and
# scripts/complete-record print: each is asked how it would complete a line. --help says what the options are.
# shellcheck disable=SC2317 # conditions are called by name
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
flightbox=$(realpath "${FLIGHTBOX:-build/flightbox}")
tools=$PWD/tests
record=$PWD/scripts/record
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

mkdir -p "$tmp/scripts" "$tmp/home" "$tmp/bin" "$tmp/here/traces" "$tmp/here/out"
touch "$tmp/here/old.json"
"$flightbox" completion bash >"$tmp/scripts/flightbox"
"$flightbox" completion zsh >"$tmp/scripts/_flightbox"
"$flightbox" completion fish >"$tmp/scripts/flightbox.fish"
scripts/complete-record bash >"$tmp/scripts/flightbox-record"
scripts/complete-record zsh >"$tmp/scripts/_flightbox-record"
scripts/complete-record fish >"$tmp/scripts/flightbox-record.fish"
printf '#!/bin/sh\n' >"$tmp/bin/a-command-of-ours"
chmod +x "$tmp/bin/a-command-of-ours"
export HOME=$tmp/home TMPDIR=$tmp PATH=$tmp/bin:$PATH
cd "$tmp/here" || exit 1

# check NAME CONDITION... - one case
check() {
	name=$1
	shift
	if why=$("$@" 2>&1); then
		echo "ok - completion: $name"
	else
		echo "not ok - completion: $name: $(echo "$why" | tr '\n' ' ')"
		failed=1
	fi
}

# ---- how each shell completes the end of a line: one word a line

complete_in_bash() {
	bash --norc --noprofile -c '
		source "$1"
		# Readline breaks words at "=".
		read -ra COMP_WORDS <<<"${2//=/ = }"
		[[ $2 != *[\ =] ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		name=${2%% *}
		"_${name//-/_}"
		printf "%s\n" "${COMPREPLY[@]}"' - "$tmp/scripts/${1%% *}" "$1"
}

complete_in_zsh() {
	timeout 60 zsh -f "$tools/complete.zsh" "$tmp/scripts" "$1"
}

# What stands before a "=" is repeated, and what stands behind the tab is the description. Since 4.0
# words that the letters are somewhere in come as well, and a terminal shows them where no word begins so.
complete_in_fish() {
	# shellcheck disable=SC2016 # they are fish's
	fish --no-config -c 'source $argv[1]; complete -C "$argv[2]"' "$tmp/scripts/${1%% *}.fish" "$1" |
		awk -v begin="${1##* }" 'index($0, begin) == 1' | sed 's/\t.*//; s/^--[a-z-]*=//'
}

# completes LINE WORD... - to these and no others, in any order
completes() {
	line=$1
	shift
	got=$("complete_in_$shell" "$line" | sed 's,/$,,' | sort -u | xargs)
	want=$(printf '%s\n' "$@" | sort -u | xargs)
	[ "$got" = "$want" ] || {
		echo "'$line' gives $got, not $want"
		return 1
	}
}

# ---- what is to be

commands=$("$flightbox" help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')

options_of() {
	"$flightbox" help "$1" | grep -oE '^ +(-[A-Za-z], )?--[a-z-]+' | grep -oE -- '--.*'
}

the_commands() {
	# shellcheck disable=SC2086
	completes 'flightbox ' $commands && completes 'flightbox help ' $commands &&
		completes 'flightbox critical-p' critical-path
}

every_option() {
	for command in $commands; do
		# shellcheck disable=SC2046
		completes "flightbox $command --" $(options_of "$command") || return 1
	done
}

# The table's "lead" was not in a list that was kept by hand.
the_lead() {
	for command in blocking critical-path profile check; do
		completes "flightbox $command --le" --lead || return 1
	done
}

formats() {
	completes 'flightbox blocking --format ' text jsonl csv &&
		completes 'flightbox critical-path --format ' text jsonl csv dot &&
		completes 'flightbox check --format ' text jsonl markdown junit &&
		completes 'flightbox timeline --format=s' svg &&
		completes 'flightbox critical-path --format=d' dot
}

choices() {
	completes 'flightbox bottleneck --by ' task process resource &&
		completes 'flightbox compare --per s' second &&
		completes 'flightbox info --source n' native &&
		completes 'flightbox why --time ' monotonic epoch utc local relative
}

files() {
	for option in 'check --budget' 'blocking --save' 'blocking --kallsyms' 'merge --output' 'merge -o'; do
		completes "flightbox $option " old.json out traces || return 1
	done
}

directories_for_traces_and_files_for_profiles() {
	completes 'flightbox why --top 3 ' out traces && completes 'flightbox info t' traces &&
		completes 'flightbox profile ' old.json out traces &&
		completes 'flightbox merge o' old.json out &&
		completes 'flightbox compare old.json -- o' old.json out
}

nothing_for_numbers_and_texts() {
	for option in --pid --begin --comm --jobs --lead; do
		completes "flightbox blocking $option " || return 1
	done
}

# What is given once is not offered again, but lists are; zsh alone takes note of that.
given_before() {
	[ "$shell" != zsh ] || {
		completes 'flightbox blocking --pid 1 --pi' --pid &&
			completes 'flightbox blocking --summary --summ' &&
			completes 'flightbox blocking -o x --outp'
	}
}

shells() {
	completes 'flightbox completion ' bash zsh fish
}

the_recorders_options() {
	# shellcheck disable=SC2046
	completes 'flightbox-record --' $("$record" --help | grep -oE '^  (-o, |-h, |    )--[a-z-]+' |
		grep -oE -- '--.*') && completes 'flightbox-record --net --snap' --snapshot
}

the_recorders_values() {
	completes 'flightbox-record -o ' out traces && completes 'flightbox-record --output t' traces &&
		completes 'flightbox-record --duration '
}

# Behind "--" stands a command with its own words.
what_the_recorder_runs() {
	completes 'flightbox-record -o out -- a-command-o' a-command-of-ours &&
		completes 'flightbox-record -- a-command-of-ours ol' old.json
}

# hinders SHELL - prints why it cannot be asked
hinders() {
	command -v "$1" >/dev/null || echo 'it is not installed'
	[ "$1" != zsh ] || ! command -v zsh >/dev/null ||
		zsh -fc 'zmodload zsh/zpty && zpty shell true' 2>/dev/null ||
		echo 'there is no pseudo terminal here, and zsh completes nowhere else'
}

for shell in bash zsh fish; do
	why=$(hinders "$shell")
	if [ -n "$why" ]; then
		echo "ok - completion: $shell # SKIP $why"
		continue
	fi
	for fact in the_commands every_option the_lead formats choices files \
		directories_for_traces_and_files_for_profiles nothing_for_numbers_and_texts given_before shells \
		the_recorders_options the_recorders_values what_the_recorder_runs; do
		check "$shell: $fact" "$fact"
	done
done

# ---- the command

refuses() {
	message=$("$flightbox" completion "$@" 2>&1 >"$tmp/stdout")
	[ $? = 2 ] && [ ! -s "$tmp/stdout" ] &&
		[ "$message" = "flightbox: completion: expected one of bash, zsh, fish" ]
}
check 'no shell is refused' refuses
check 'an unknown shell is refused' refuses tcsh
check 'two shells are refused' refuses bash zsh

is_clean() {
	! command -v shellcheck >/dev/null || shellcheck "$tmp/scripts/flightbox" "$tmp/scripts/flightbox-record"
}
check 'the scripts for bash are clean under shellcheck' is_clean

exit $failed
