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

# A line for each: its letter, its name, what its value is.
the_recorders_options_by_help() {
	scripts/record --help | sed -nE 's/^  (-(.), |    )--([a-z-]+)( ([A-Z]+))?( .*)?$/\2 \3 \5/p' |
		tr '[:upper:]' '[:lower:]' | sort
}

the_recorders_options_by_the_manual() {
	sed -nE 's/^\.It (Fl (.) , )?Fl Fl ([a-z-]+)( Ar (.*))?$/\2 \3 \5/p' docs/flightbox-record.1 | sort
}

the_recorders_manual_lists_each_option() {
	diff <(the_recorders_options_by_help) <(the_recorders_options_by_the_manual) &&
		[ "$(the_recorders_options_by_help | wc -l)" -gt 9 ]
}
check "the recorder's manual lists its options with their values, and no others" \
	the_recorders_manual_lists_each_option

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

# ---- files: those that are named are there

documents="README.md docs/*.md tests/*/README.md"
everything=$(find src include analyses tests docs scripts .ci Makefile -name .unpacked -prune -o -type f -print)

# is_there NAME - a path from the root of the tree or of its sources, or the name of a file anywhere
is_there() {
	case $1 in
	*/*) compgen -G "${1%/}" || compgen -G "src/${1%/}" || compgen -G "include/$1" || [ -e "$1.c" ] ;;
	*) grep -qE "(^|/)${1//./\\.}\$" <<<"$everything" ;;
	esac >/dev/null
}

# all_there - of lines "WHERE NAME"; prints those that are not
all_there() {
	lines=0 missing=0
	while read -r where name; do
		lines=$((lines + 1))
		is_there "$name" || { echo "$where: there is no $name"; missing=1; }
	done
	[ "$missing" = 0 ] && { [ "$lines" -gt 5 ] || { echo "$lines names found"; false; }; }
}

# Names in capitals stand for others, and the toy is for whoever reads the page to make.
names_in_documents() {
	# shellcheck disable=SC2016,SC2086
	grep -noE '`[A-Za-z0-9_./*-]+`' $documents | sed 's/`//g; s/:\([^:]*\)$/ \1/' |
		grep -E ' ((src|include/flightbox|analyses|tests|scripts|docs|\.ci)/|[a-z0-9_-]+\.(c|h|sh|awk)$)' |
		grep -vE ' .*([A-Z]{4}|toy|wakers)'
}
check 'files that documents name are there' all_there < <(names_in_documents)

links() {
	# shellcheck disable=SC2086
	grep -noE '\]\([^)#:]+' $documents | sed 's/:\](/ /' |
		grep -v ' https*$' | while read -r where name; do
		echo "$where $(dirname "${where%%:*}")/$name"
	done
}
check 'pages that documents link to are there' all_there < <(links)

names_in_the_manual() {
	grep -n '^.Pa docs/' docs/flightbox*.1 | cut -d: -f2- | sed 's/:.Pa / /; s/ [,.]$//'
}
check 'files that the manuals name are there' all_there < <(names_in_the_manual)

# Headers of libraries are included somewhere.
names_in_comments() {
	find src include analyses tests -name '*.[ch]' -exec awk -f tests/comment-names.awk {} + |
		while read -r where name; do
			grep -rqF "#include <$name>" src tests || echo "$where $name"
		done
}
check 'files that comments name are there' all_there < <(names_in_comments)

# Not those that go on in a variable, or have a name that stands for others.
names_in_scripts() {
	grep -HnoE '(^|[ (])(src|include|analyses|tests|scripts|docs)/[][A-Za-z0-9_./*-]+([ ),;]|$)' \
		Makefile scripts/* tests/*.sh | tr -d '(),;' | sed 's/:[[:space:]]*\([^:]*\)$/ \1/; s/\.$//' |
		grep -vE '[A-Z]{4}[^ ]*$|-$'
}
check 'files that scripts and the Makefile name are there' all_there < <(names_in_scripts)

names_in_help() {
	for command in '' $commands; do
		# shellcheck disable=SC2086
		"$flightbox" help $command
	done | grep -oE '\b(docs|scripts|src|tests)/[A-Za-z0-9_./-]+' | sed 's/^/help: /'
}
no_file_but_those_there() {
	names_in_help | while read -r where name; do
		is_there "$name" || { echo "$where $name"; exit 1; }
	done
}
check 'files that help names are there' no_file_but_those_there

# ---- the house: in the list of architecture.md each file stands below its room

rooms() {
	sed -n '/^## The files/,$s/^    //p' docs/architecture.md | awk '
		/^[a-z]+\// { room = $1; sub(/^[^ ]+/, "") }
		{
			while (match($0, /[a-z0-9_*-]+\.[ch]/)) {
				print "architecture:", room substr($0, RSTART, RLENGTH)
				$0 = substr($0, RSTART + RLENGTH)
			}
		}'
}
check 'files of the architecture are in their rooms' all_there < <(rooms)

every_room_is_drawn() {
	for room in src/*/; do
		case $room in src/ctf/) room=src/ctf/read/ ;; esac
		grep -q "^    $room" docs/architecture.md || { echo "$room"; return 1; }
		grep -q "│ $(cut -d / -f 2 <<<"$room") " docs/architecture.md ||
			{ echo "$room is not in the drawing"; return 1; }
	done
}
check 'the architecture has every room' every_room_is_drawn

exit "$failed"
