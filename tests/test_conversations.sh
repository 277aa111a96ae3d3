#!/bin/sh
# SPDX-License-Identifier: MIT
# test_conversations.sh - the packets command against captures of the same packets, and against itself.
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
		echo "ok - conversations: $name"
	else
		echo "not ok - conversations: $name: $(tr '\n' ';' <"$tmp/why")"
		failed=1
	fi
}

# talk NAME ARGUMENT... - what was said in that trace, with its capture
talk() {
	name=$1
	shift
	"$flightbox" packets --pcap "$captures/$name.pcap" "$@" "$traces/$name/trace"
}

# rows TYPE FIELD... - of jsonl on standard input, the keys of those rows, as Python finds them
rows() {
	python3 -c '
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    if row["type"] != sys.argv[1]:
        continue
    cells = []
    for key in sys.argv[2:]:
        cell = row
        for part in key.split("."):
            cell = cell[part]
        cells.append("" if cell is None else str(cell))
    print("\t".join(cells))' "$@"
}

# ---- the founding cases: which packet it was, told by hand from tcpdump's output and the events

third_packet() { talk tcp-delay-trad | grep -q ' #3 .* \[\.\] 1 ack 1 -*>  wakes accept 978.5$'; }
check 'the accept waits for the third packet of the handshake' third_packet

corked() {
	talk splice-delay-splice --connection 50522 >"$tmp/out" &&
		grep -q ' #15  wakes read 428.0  <-* \[P\.\] 1:20043 ack 28  splice(5), cork 206.9$' "$tmp/out" &&
		grep -q ' #24  wakes read 416.2 .* cork 205.4$' "$tmp/out" &&
		grep -q ' #32  wakes read 420.4 .* cork 206.7$' "$tmp/out"
}
check 'what a splice left corked woke the reader 206.9 ms late' corked

nagle() {
	talk splice-delay-rw --connection 8791 >"$tmp/out" &&
		grep -q ' #22  delayed ACK 43.6  *\[\.\] 55 ack 20085 -*> *$' "$tmp/out" &&
		grep -q ' #23  wakes poll 42.9 .* write(4), Nagle 43.3$' "$tmp/out" &&
		grep -q ' #31  delayed ACK 43.4 ' "$tmp/out" && grep -q ' #32 .* Nagle 40.5$' "$tmp/out"
}
check "Nagle's algorithm waits for a delayed acknowledgement" nagle

one_ack() {
	talk blocking-write-ack --ladder 60 >"$tmp/out" &&
		grep -q ' #28  wakes write 407.4 ' "$tmp/out" && ! grep 'wakes write' "$tmp/out" | grep -vq ' #28 '
}
check 'of all acknowledgements one wakes the blocked write' one_ack

wrong_end() {
	"$flightbox" packets --connection 9999 "$traces/rpc-chain/trace" >"$tmp/out" 2>"$tmp/err"
	[ $? -eq 2 ] && grep -qx 'flightbox: --connection 9999: no connection has such an end' "$tmp/err"
}
check 'an end that nobody has is told' wrong_end

if ! command -v python3 >/dev/null; then
	echo 'ok - conversations: rows # SKIP no python3'
	exit $failed
fi

# ---- what tshark tells of the same packets: numbers, sequences, lengths, bytes and zero windows

# as_tshark NAME - all packets of the trace are those of the capture
as_tshark() {
	tshark -r "$captures/$1.pcap" -T fields -e frame.number -e tcp.seq -e tcp.ack -e tcp.len \
		-e tcp.window_size_value 2>/dev/null | sort -n >"$tmp/theirs"
	talk "$1" --ladder 1000 --top 1000 --format jsonl >"$tmp/rows" &&
		rows packet number seq ack len window <"$tmp/rows" |
		awk -F '\t' -v OFS='\t' '{ $3 = $3 == "" ? 0 : $3; print }' | sort -n >"$tmp/ours" &&
		[ -s "$tmp/ours" ] && diff "$tmp/ours" "$tmp/theirs"
}

# sums_as_tshark NAME - packets and bytes of each end of each connection
sums_as_tshark() {
	tshark -r "$captures/$1.pcap" -T fields -e ip.src -e tcp.srcport -e tcp.len 2>/dev/null |
		awk '{ n[$1 ":" $2 ]++; bytes[$1 ":" $2] += $3 }
			END { for (end in n) print end "\t" n[end] "\t" bytes[end] }' | sort >"$tmp/theirs"
	talk "$1" --top 1000 --format jsonl >"$tmp/rows" &&
		{
			rows connection left.address left.packets left.bytes <"$tmp/rows"
			rows connection right.address right.packets right.bytes <"$tmp/rows"
		} | awk -F '\t' '{ n[$1] += $2; bytes[$1] += $3 }
			END { for (end in n) print end "\t" n[end] "\t" bytes[end] }' | sort >"$tmp/ours" &&
		diff "$tmp/ours" "$tmp/theirs"
}

zero_windows() {
	talk blocking-write-ack --format jsonl | rows connection left.zero_windows right.zero_windows >"$tmp/out" &&
		grep -qx '0	0' "$tmp/out" &&
		"$flightbox" packets --format jsonl "$traces/blocking-write-slowreader/trace" |
		rows connection left.zero_windows right.zero_windows | grep -qx '0	4'
}
check 'an end that has no room says so four times' zero_windows

if command -v tshark >/dev/null; then
	for name in tcp-delay-trad splice-delay-splice splice-delay-rw blocking-write-ack hosts-rpc; do
		check "$name: tshark has the same packets" as_tshark "$name"
		check "$name: tshark has the same packets and bytes of each end" sums_as_tshark "$name"
	done
else
	echo 'ok - conversations: as tshark has them # SKIP no tshark'
fi

# ---- the other end on another host

# From the reference's bounds for ten exchanges, of which the true times lie between them: 52.0 to 57.5 ms the longest.
busy() {
	talk hosts-rpc --connection 9301 --ladder 100 >"$tmp/out" &&
		grep -q '^66120071962 .* < #70 \[P\.\] 1:2  *outside of this host, busy there 52.0 to 57.5 ms$' "$tmp/out" &&
		grep -q ' < #83 \[P\.\] 5:6 .* busy there 52.0 to 55.7 ms$' "$tmp/out" &&
		grep -q ' < #86 \[P\.\] 6:7 .* busy there 43.0 to 45.4 ms$' "$tmp/out" &&
		grep -q '^Tasks  *rpcclient (hosts) \[302\]  *another host$' "$tmp/out"
}
check 'how long another host was busy is told by its timestamps' busy

unknown() {
	"$flightbox" packets --connection 9301 --format jsonl "$traces/hosts-rpc/trace" >"$tmp/rows" &&
		rows connection right.busy.count right.answers.count right.bytes left.bytes <"$tmp/rows" >"$tmp/out" &&
		grep -qx '0	10	10	10' "$tmp/out"
}
check 'without its capture nobody knows' unknown

# ---- rows agree among themselves, and with the waits

adds_up() {
	for name in splice-delay-splice rpc-chain variants-all-contexts; do
		"$flightbox" packets --ladder 0 --format jsonl "$traces/$name/trace" | python3 -c '
import json, sys
seen = 0
for row in map(json.loads, sys.stdin):
    if row["type"] != "connection":
        continue
    seen += 1
    assert sum(row["parts"].values()) == row["asleep"] == sum(w["sum"] for w in row["waits"]), row
    for s in row["silences"]:
        assert sum(s["parts"].values()) in (0, s["end"] - s["begin"]), s
    spans = [s["end"] - s["begin"] for s in row["silences"]]
    assert spans == sorted(spans, reverse=True), spans
assert seen > 0' || return 1
	done
}
check 'parts add up to the waits, and to the silences' adds_up

# Each wait that a packet is named for is one of a connection.
as_blocking() {
	"$flightbox" blocking --packets --format jsonl "$traces/rpc-chain/trace" |
		python3 -c '
import json, sys
print(sum(r["asleep"] for r in map(json.loads, sys.stdin) if r["type"] == "blocking" and r["asleep"] is not None
	and r["packet"] and r["packet"]["match"] in ("exact", "inferred") and r["packet"]["protocol"] in ("tcp", "udp")
	and r["quality"] != "edge"))' >"$tmp/waits" &&
		"$flightbox" packets --format jsonl "$traces/rpc-chain/trace" | rows connection asleep |
		awk '{ sum += $1 } END { printf "%.0f\n", sum }' >"$tmp/sum" && cmp "$tmp/waits" "$tmp/sum"
}
check 'all waits for packets are those of connections' as_blocking

# The ladder is where it was asked for, as long as it was asked for.
around() {
	talk blocking-write-ack --at 13680000000 --ladder 20 --format jsonl | rows packet left >"$tmp/out" &&
		[ "$(wc -l <"$tmp/out")" -eq 20 ] &&
		talk blocking-write-ack --ladder 1000 --format jsonl | rows packet left | sort -n >"$tmp/all" &&
		offset=$(talk blocking-write-ack --format jsonl | python3 -c '
import json, sys
print(json.loads(sys.stdin.readline())["clock"]["offset"])') &&
		awk -v at="$((offset + 13680000000))" '$1 < at' "$tmp/all" | tail -n 10 >"$tmp/wanted" &&
		awk -v at="$((offset + 13680000000))" '$1 >= at' "$tmp/all" | head -n 10 >>"$tmp/wanted" &&
		sort -n "$tmp/out" | cmp - "$tmp/wanted"
}
check '--at shows as many packets before as behind' around

exit $failed
