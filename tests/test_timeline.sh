#!/bin/sh
# SPDX-License-Identifier: MIT
# test_timeline.sh - pictures hold what the other commands tell: each wait, its cause, its waker.
# shellcheck disable=SC2317 # conditions are called by name
set -u
flightbox=$(realpath "${FLIGHTBOX:-build/flightbox}")
traces=$(realpath "${FB_TRACES:-build/traces}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# check NAME COMMAND... - the command succeeds
check() {
	name=$1
	shift
	if "$@" >"$tmp/why" 2>&1; then
		echo "ok - timeline: $name"
	else
		echo "not ok - timeline: $name: $(tr '\n' ';' <"$tmp/why")"
		failed=1
	fi
}

# numbered FILE KEY... - the values of these keys of each row of a csv report without quoted commas
numbered() {
	file=$1
	shift
	awk -F, -v keys="$*" '
	FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(keys, key, " ") }
	FNR > 1 { line = ""; for (i = 1; i <= n; i++) line = line $at[key[i]] " "; print line }' "$file"
}

# Waits with a begin and a waking that is later: a wait of no duration has no piece.
same_waits() {
	trace=$traces/$1/trace
	shift
	"$flightbox" blocking --all --format csv "$@" "$trace" >"$tmp/rows" &&
		"$flightbox" timeline --all --lanes 10000 --format csv "$@" "$trace" >"$tmp/pieces" || return 1
	numbered "$tmp/rows" tid begin wake | awk '$2 < $3' | sort >"$tmp/want"
	numbered "$tmp/rows" tid | sort -u >"$tmp/tids"
	numbered "$tmp/pieces" tid begin end kind |
		awk 'NR == FNR { ask[$1]; next }
		     $1 in ask && $4 ~ /^(packet|disk|timer|task|signal|child|wait)$/ { print $1, $2, $3, "" }' \
			"$tmp/tids" - | sort >"$tmp/have"
	comm -23 "$tmp/want" "$tmp/have" >"$tmp/missing"
	cat "$tmp/missing"
	[ -s "$tmp/want" ] && ! [ -s "$tmp/missing" ]
}
check 'each wait of two programs is a piece' same_waits tcp-delay-classic --pid 502,504
check 'each wait of a chain of servers is a piece' same_waits rpc-chain --comm 'rpc*'
check 'each wait for a disk is a piece' same_waits disk --comm disk

# What the lanes show beside each other adds up: no pieces overlap.
tiles() {
	"$flightbox" timeline --format csv "$traces/rpc-chain/trace" >"$tmp/pieces" &&
		numbered "$tmp/pieces" lane begin end | awk '
		$1 == lane && $2 < end || $2 >= $3 { print "overlap", $0; bad = 1 }
		{ lane = $1; end = $3; n++ }
		END { exit bad || n < 1000 }'
}
check 'the pieces of a lane follow each other' tiles

kinds() {
	"$flightbox" timeline --comm rpc3 --format csv "$traces/rpc-chain/trace" >"$tmp/pieces" &&
		"$flightbox" blocking --comm rpc3 --format csv "$traces/rpc-chain/trace" >"$tmp/rows" &&
		want=$(numbered "$tmp/rows" cause_kind cause_name begin wake | awk '/^softirq NET_RX/ && $3 < $4' | wc -l) &&
		have=$(numbered "$tmp/pieces" comm kind | grep -c ' packet ') &&
		echo "$want $have" && [ "$want" -eq "$have" ] && [ "$want" -gt 20 ]
}
check 'a wait is called by what ended it' kinds

# runlog forks rpcclient; whom a packet's arrow wakes has no second one; serverA's exit is what wait4 waits for.
arrows() {
	"$flightbox" timeline --tid 211,212,213,214 --format jsonl "$traces/rpc-chain/trace" >"$tmp/all" &&
		grep '"type":"arrow"' "$tmp/all" | tr -d '{}"' | tr ':,' '  ' >"$tmp/arrows" &&
		awk '
		/kind forks from 1 to 2 / { forks++ }
		/kind sends/ { sends++ }
		/kind wakes from [123] to [123] / { wakes++ }
		END { print forks, sends, wakes; exit !(forks == 1 && sends > 20 && wakes == 1) }' "$tmp/arrows"
}
check 'arrows tell of forks and packets' arrows

is_xml() {
	"$flightbox" timeline --format svg "$traces/$1/trace" >"$tmp/svg" && xmllint --noout "$tmp/svg" &&
		! grep -q 'href\|<script\|@import' "$tmp/svg"
}
if command -v xmllint >/dev/null; then
	for name in tcp-delay-classic rpc-chain disk lost-events-small; do
		check "the figure of $name is well-formed and refers to nothing outside" is_xml "$name"
	done
else
	echo 'ok - timeline: figures are well-formed # SKIP no xmllint'
fi

# A figure has no more than its pixels can show, however long the trace is.
bounded() { "$flightbox" timeline --format svg "$traces/hackbench/trace" | wc -c | awk '{ print; exit $1 > 6000000 }'; }
[ ! -d "$traces/hackbench" ] || check 'the figure of a busy trace is bounded' bounded

# The wait lasts 203.223433 ms: a tenth of that is shown before and behind it.
moment() {
	"$flightbox" timeline --pid 504 --at 99800000000 --format csv "$traces/tcp-delay-classic/trace" >"$tmp/pieces" &&
		numbered "$tmp/pieces" begin end tid kind syscall >"$tmp/lines" &&
		grep -q '^99711137075 99914360508 504 packet pselect6 ' "$tmp/lines" &&
		grep -q '^99690814732 ' "$tmp/lines" && tail -n 1 "$tmp/lines" | grep -q ' 99934682851 504 packet poll $'
}
check '--at shows what was under way then' moment

exit "$failed"
