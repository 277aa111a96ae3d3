#!/bin/sh
# SPDX-License-Identifier: MIT
# test_captures.sh - captures that are given or lie beside a trace: which are read, what is told of them.
# shellcheck disable=SC2317 # conditions are called by name
set -u
flightbox=$(realpath "${FLIGHTBOX:-build/flightbox}")
traces=$(realpath "${FB_TRACES:-build/traces}")
captures=$(realpath tests/captures)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# check NAME COMMAND... - the command succeeds
check() {
	name=$1
	shift
	if "$@" >"$tmp/why" 2>&1; then
		echo "ok - captures: $name"
	else
		echo "not ok - captures: $name: $(tr '\n' ';' <"$tmp/why")"
		failed=1
	fi
}

mkdir -p "$tmp/one"
cp -r "$traces/splice-delay-splice/trace" "$tmp/one/trace"
capture=$captures/splice-delay-splice.pcap

# blocking STATUS ARGUMENT... - into out and err
blocking() {
	wanted=$1
	shift
	"$flightbox" blocking --tid 212 "$@" "$tmp/one/trace" >"$tmp/out" 2>"$tmp/err"
	status=$?
	[ "$status" -eq "$wanted" ] || { echo "exit $status"; cat "$tmp/err"; return 1; }
}

# The packets of proxy's reads, as the founding figure tells them.
has_numbers() {
	grep -q '^14712660436 .* #15 8780>50522 \[P\.\] 1:20043 ack 28, cork$' "$tmp/out" &&
		grep -q '^15165221923 .* #24 8780>50522' "$tmp/out" &&
		grep -q '^15608284480 .* #32 8780>50522' "$tmp/out" &&
		grep -q "^Capture $1: 38 of 38 packets matched; its clock - the trace's +0.006 ms, spread 0.009 ms\$" "$tmp/out"
}

has_none() {
	grep -q '  8780>50522 \[P\.\] 1:20043 ack 28, cork$' "$tmp/out" && ! grep -q 'Capture\|#' "$tmp/out"
}

given() { blocking 0 --pcap "$capture" && has_numbers splice-delay-splice.pcap && [ ! -s "$tmp/err" ]; }
check 'one that is given is read, and numbers its packets' given

not_asked_for() { cp "$capture" "$tmp/one/lo.pcap" && blocking 0 && ! grep -q 'Packet\|Capture' "$tmp/out"; }
check 'one beside a trace of whose packets nobody asks is not read' not_asked_for

beside() { blocking 0 --packets && has_numbers lo.pcap; }
check 'one beside the trace is read with --packets' beside

below() {
	mv "$tmp/one/lo.pcap" "$tmp/one/trace/any.pcapng.gz"
	blocking 0 --packets && has_numbers any.pcapng.gz
}
check 'one in its directory too, whatever kind its name says it is' below

of_session() {
	mv "$tmp/one/trace/any.pcapng.gz" "$tmp/one/lo.pcap"
	"$flightbox" blocking --tid 212 --packets "$tmp/one/trace/kernel" >"$tmp/out" && has_numbers lo.pcap
}
check "one beside the session, too, that the trace is a part of" of_session

left_out() { blocking 0 --packets --no-pcap && has_none; }
check 'none is with --no-pcap' left_out

given_instead() {
	blocking 1 --pcap "$captures/rpc-chain.pcap" && has_wrong
}
has_wrong() {
	grep -q '8780>50522 \[P\.\] 1:20043 ack 28 (before the capture), cork$' "$tmp/out" &&
		grep -q '^Capture rpc-chain.pcap: 0 of 26 packets matched$' "$tmp/out" &&
		[ "$(cat "$tmp/err")" = "flightbox: $captures/rpc-chain.pcap: none of 26 packets is one of the trace's" ]
}
check "one that is given is read instead; another trace's matches nothing, and says so" given_instead

cut() {
	blocking 1 --pcap "$captures/splice-delay-splice-cut.pcap" &&
		grep -q ' #24 8780>50522' "$tmp/out" &&
		grep -q '8780>50522 \[P\.\] 40085:60127 ack 82 (after the capture), cork$' "$tmp/out" &&
		grep -q 'splice-delay-splice-cut.pcap: byte 2843, behind packet 24: truncated' "$tmp/err"
}
check 'a cut one says where, and what comes behind it' cut

bad() {
	blocking 0 --packets --no-pcap && cp "$tmp/out" "$tmp/without"
	head -c 4000 "$tmp/one/trace/kernel/metadata" >"$tmp/no.pcap"
	: >"$tmp/empty.pcap"
	blocking 1 --pcap "$tmp/no.pcap" --pcap "$tmp/empty.pcap" --pcap "$tmp/missing.pcap" &&
		cmp "$tmp/out" "$tmp/without" && [ "$(wc -l <"$tmp/err")" -eq 3 ] &&
		grep -q 'no.pcap: byte 0: expected a capture, found ' "$tmp/err" &&
		grep -q 'empty.pcap: byte 0: expected a capture, found the end$' "$tmp/err" &&
		grep -q 'missing.pcap: ' "$tmp/err"
}
check 'of what is none each is told, and the report is as without' bad

two() {
	blocking 1 --pcap "$captures/splice-delay-splice-cut.pcap" --pcap "$capture" --format jsonl &&
		[ "$(grep -c '^{"type":"capture",' "$tmp/out")" -eq 2 ] &&
		grep -q '"file":"[^"]*-cut.pcap","number":24,"captured":17951773604[0-9]*,"unnumbered":null' "$tmp/out" &&
		grep -q '"file":"[^"]*-splice.pcap","number":32,"captured":17951773608[0-9]*,"unnumbered":null' "$tmp/out"
}
check 'of two each has the packets that it has' two

step() {
	blocking 0 --pcap "$captures/splice-delay-splice-step-1s.pcap" &&
		grep -q '38 of 38 packets matched; .* then set to -1000' "$tmp/out"
}
check 'a clock that was set is told' step

# The packet by which the founding figure's poll ended, as tcpdump tells it, of a trace without network events.
without_events() {
	"$flightbox" blocking --pcap "$captures/variants-no-statedump.pcap" --tid 384 "$traces/variants-no-statedump/trace" >"$tmp/out" &&
		grep -q '^39292446117 .* #23 8791>58828 \[P\.\] 20085:40085 ack 55 (inferred)$' "$tmp/out" &&
		grep -q '^Capture variants-no-statedump.pcap: 32 packets of that time, 32 of them while softirq NET_RX ran; ' "$tmp/out"
}
check 'without network events it tells of packets alone' without_events

another_time() {
	"$flightbox" blocking --pcap "$capture" "$traces/variants-no-statedump/trace" >"$tmp/out" &&
		! grep -q '#' "$tmp/out" &&
		grep -q '^Capture splice-delay-splice.pcap: 38 packets of that time, 0 of them while softirq NET_RX ran: it is of another time or host, or its clock is wrong$' "$tmp/out"
}
check 'one of another time is told, and names nothing' another_time

spared() {
	cp "$capture" "$tmp/mine.pcap"
	! "$flightbox" blocking --pcap "$tmp/mine.pcap" -o "$tmp/mine.pcap" "$tmp/one/trace" 2>"$tmp/err" &&
		cmp "$capture" "$tmp/mine.pcap" && grep -q 'is read, and is not written over' "$tmp/err"
}
check 'no report takes its place' spared
exit $failed
