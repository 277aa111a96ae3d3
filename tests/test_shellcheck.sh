#!/bin/sh
# SPDX-License-Identifier: MIT
# test_shellcheck.sh - every shell script of the tree is clean under shellcheck.
set -u
cd "$(dirname "$0")/.." || exit 1

if ! command -v shellcheck >/dev/null; then
	echo "ok - shellcheck # SKIP it is not installed"
	exit 0
fi

failed=0
for script in scripts/* tests/scenario tests/*.sh .ci/run; do
	head -n 1 "$script" 2>/dev/null | grep -qE '^#!.*\b(ba|da)?sh$' || continue
	# 2329: what 2317 also is where shellcheck is older than 0.11, that a function is never called.
	if log=$(shellcheck -e SC2329 -f gcc "$script"); then
		echo "ok - shellcheck: $script"
	else
		echo "not ok - shellcheck: $script: $(echo "$log" | head -n 1)"
		failed=1
	fi
done
exit "$failed"
